package main

import (
	"fmt"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

const runtime = "github.com/mapgraph/mapgraph/internal/direct"

// plugin is gqlgen's plugin that writes direct.go.
type plugin struct{}

// Name names the plugin.
func (plugin) Name() string { return "direct" }

// GenerateCode writes direct.go beside what gqlgen generates.
func (plugin) GenerateCode(data *codegen.Data) error {
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.Dir(), "direct.go"),
		Template:        "{{ .Source }}",
		Data:            &generator{Data: data, written: map[string]bool{}, scalars: map[string][]string{}},
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
	})
}

// generator writes the source. Types of others are named by way of
// templates.CurrentImports, which exists while a template is rendered.
type generator struct {
	*codegen.Data

	args    []string            // the fields that have arguments, as entries of a map
	parts   []string            // functions beside those of the types
	written map[string]bool     // which of them there are
	scalars map[string][]string // the Go types of a scalar, whose functions are numbered by it
}

// Source gives the text of the file, without its head.
func (g *generator) Source() string {
	lookup("context")
	d := lookup(runtime)
	var objects, abstracts, functions strings.Builder
	for _, o := range g.Objects {
		if !writable(o) {
			continue
		}
		fields, function := g.object(o)
		fmt.Fprintf(&objects, "{Name: %q, Satisfies: %sImplementors, Fields: %q},\n", o.Name, templates.LcFirst(o.Name), strings.Join(fields, " "))
		functions.WriteString(function)
	}
	for _, name := range slices.Sorted(maps.Keys(g.Interfaces)) {
		if strings.HasPrefix(name, "__") {
			continue
		}
		names, function := g.abstract(g.Interfaces[name])
		fmt.Fprintf(&abstracts, "{Name: %q, Objects: %q},\n", name, strings.Join(names, " "))
		functions.WriteString(function)
	}
	return fmt.Sprintf(`
// DirectSource gives package direct what it needs to answer queries.
func DirectSource(cfg Config) *%[1]s.Source {
	e := &executableSchema{SchemaData: cfg.Schema, Resolvers: cfg.Resolvers, Directives: cfg.Directives, ComplexityRoot: cfg.Complexity}
	ec := newExecutionContext(&graphql.OperationContext{}, e, nil)
	return &%[1]s.Source{
		Schema: e.Schema(),
		Objects: []%[1]s.Object{
			%[2]s
		},
		Abstracts: []%[1]s.Abstract{
			%[3]s
		},
		Query: direct%[4]s,
		Args: func(ctx context.Context, key string, raw map[string]any) (map[string]any, error) {
			return directArgs[key](ec, ctx, raw)
		},
	}
}

var directArgs = map[string]func(*executionContext, context.Context, map[string]any) (map[string]any, error){
	%[5]s
}

%[6]s
%[7]s`, d, objects.String(), abstracts.String(), g.QueryRoot.Name, strings.Join(g.args, "\n"), functions.String(), strings.Join(g.parts, "\n"))
}

// writable tells whether a type's values are Go values with fields or methods.
func writable(o *codegen.Object) bool {
	if strings.HasPrefix(o.Name, "__") || o.Stream || o.DisableConcurrency {
		return false
	}
	if o.Root {
		return true
	}
	_, isMap := o.Type.Underlying().(*types.Map)
	return !isMap && !types.IsInterface(o.Type)
}

// object gives the names of the fields that can be written, and the function
// that writes them. A field that cannot be keeps its number from the others.
func (g *generator) object(o *codegen.Object) (names []string, function string) {
	d := lookup(runtime)
	var cases strings.Builder
	for _, f := range o.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		code, ok := g.field(f)
		if !ok {
			continue
		}
		fmt.Fprintf(&cases, "case %d: // %s\n%s\n", len(names), f.Name, code)
		names = append(names, f.Name)
		if len(f.Args) > 0 {
			g.args = append(g.args, fmt.Sprintf("%q: (*executionContext).%s,", o.Name+"."+f.Name, f.ArgsFunc()))
		}
	}
	object := ""
	if !o.Root {
		object = ", obj " + typeName(o.Reference())
	}
	return names, fmt.Sprintf(`
func direct%[2]s(w *%[1]s.Writer, sel *%[1]s.Selection%[3]s) {
	w.Open(sel)
	for i := range sel.Fields {
		f := &sel.Fields[i]
		switch w.Key(f) {
		%[4]s}
	}
	w.Close()
}
`, d, o.Name, object, cases.String())
}

// abstract gives the types that a value can have, and the function that writes
// one of them.
func (g *generator) abstract(i *codegen.Interface) (names []string, function string) {
	d := lookup(runtime)
	var cases strings.Builder
	for _, impl := range i.Implementors {
		object := g.Objects.ByName(impl.Name)
		if object == nil || !writable(object) {
			continue
		}
		n := slices.Index(names, impl.Name)
		if n < 0 {
			n = len(names)
			names = append(names, impl.Name)
		}
		fmt.Fprintf(&cases, "case %s:\n", typeName(impl.Type))
		ref := ""
		if impl.TakeRef {
			ref = "&"
		}
		if impl.CanBeNil() {
			cases.WriteString("if obj == nil {\nreturn false\n}\n")
		}
		fmt.Fprintf(&cases, "direct%s(w, sel.Of[%d], %sobj)\n", impl.Name, n, ref)
	}
	return names, fmt.Sprintf(`
func direct%[2]s(w *%[1]s.Writer, sel *%[1]s.Selection, obj %[3]s) bool {
	switch obj := obj.(type) {
	case nil:
		return false
	%[4]sdefault:
		w.Unknown(obj)
	}
	return true
}
`, d, i.Name, typeName(i.Type), cases.String())
}

// field gives the code that writes a field's value.
func (g *generator) field(f *codegen.Field) (code string, ok bool) {
	if f.HasDirectives() || f.IsBatch() || f.HasHaser || f.IsMap() || f.Stream || f.TypeReference.IsRoot ||
		len(g.AllDirectives.LocationDirectives("FIELD")) > 0 || codegen.GetInlineArgsMetadata(f.Object.Name, f.Name) != nil {
		return "", false
	}
	for _, a := range f.Args {
		if len(a.ImplDirectives()) > 0 {
			return "", false
		}
	}
	if code, ok := g.batched(f); ok {
		return code, true
	}
	value := g.call(f)
	if f.VOkFunc {
		found, ok := g.write(f.TypeReference, "v")
		missing := "w.Null()"
		if f.TypeReference.GQL.NonNull {
			missing = "w.Missing()"
		}
		return fmt.Sprintf("if v, ok := %s; ok {\n%s\n} else {\n%s\n}", value, found, missing), ok
	}
	return g.write(f.TypeReference, value)
}

// call gives the expression of a field's value.
func (g *generator) call(f *codegen.Field) string {
	if f.IsVariable() && !f.IsResolver {
		return "obj." + f.GoFieldName
	}
	d := lookup(runtime)
	var args []string
	if f.IsResolver || f.MethodHasContext {
		args = append(args, "w.Context()")
	}
	if f.IsResolver && !f.Object.Root {
		args = append(args, "obj")
	}
	for i, a := range f.Args {
		args = append(args, fmt.Sprintf("%s.Arg[%s](w, f, %d)", d, typeName(a.TypeReference.GO), i))
	}
	receiver := "obj"
	if f.IsResolver {
		receiver = fmt.Sprintf("w.Root().(ResolverRoot).%s()", templates.UcFirst(f.Object.Name))
	}
	call := fmt.Sprintf("%s.%s(%s)", receiver, f.GoFieldName, strings.Join(args, ", "))
	if f.IsResolver || !f.NoErr && !f.VOkFunc {
		call = fmt.Sprintf("%s.Ok(%s)", d, call)
	}
	return call
}

// batched gives the code of a leaf for which the Go type has, beside
//
//	func (T) Field(context.Context) (V, error)
//
// a method that finds many at once, of which the receiver does not matter:
//
//	func (T) BatchField(context.Context, []T) ([]V, error)
func (g *generator) batched(f *codegen.Field) (code string, ok bool) {
	if f.IsResolver || !f.IsMethod() || !f.MethodHasContext || len(f.Args) > 0 || f.TypeReference.Definition.IsCompositeType() {
		return "", false
	}
	found, path, _ := types.LookupFieldOrMethod(f.Object.Reference(), true, nil, "Batch"+f.GoFieldName)
	method, isMethod := found.(*types.Func)
	if !isMethod || method.Signature().Params().Len() != 2 || method.Signature().Results().Len() != 2 {
		return "", false
	}
	list, isList := method.Signature().Params().At(1).Type().(*types.Slice)
	values, areValues := method.Signature().Results().At(0).Type().(*types.Slice)
	if !isList || !areValues || !types.Identical(values.Elem(), f.TypeReference.GO) {
		return "", false
	}
	write, ok := g.write(f.TypeReference, "v")
	if !ok {
		return "", false
	}
	d, item := lookup(runtime), embedded(f.Object.Type, path)
	if _, pointer := list.Elem().(*types.Pointer); pointer && len(path) > 1 {
		item = "&" + item
	}
	name := fmt.Sprintf("direct%s%sBatch", templates.ToGo(templates.TypeIdentifier(list.Elem())), f.GoFieldName)
	g.part(name, fmt.Sprintf(`
var %[1]s = %[2]s.NewBatch(
	func(ctx context.Context, list []%[3]s) ([]%[4]s, error) { return list[0].Batch%[5]s(ctx, list) },
	func(w *%[2]s.Writer, v %[4]s) { %[6]s },
)
`, name, d, typeName(list.Elem()), typeName(values.Elem()), f.GoFieldName, write))
	return fmt.Sprintf("%s.Later(w, %s, %s)", d, name, item), true
}

// embedded gives the part of obj that a method found by way of a path belongs to.
func embedded(t types.Type, path []int) string {
	expression := "obj"
	for _, i := range path[:len(path)-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		field := t.Underlying().(*types.Struct).Field(i)
		expression += "." + field.Name()
		t = field.Type()
	}
	return expression
}

// write gives the code that writes a value of a type.
func (g *generator) write(ref *config.TypeReference, v string) (code string, ok bool) {
	switch {
	case ref.IsPtrToSlice() || ref.IsPtrToIntf() || ref.IsPtrToPtr():
		return "", false
	case ref.IsSlice():
		code, ok = g.list(ref, v)
		if ok && !ref.GQL.NonNull {
			inner, _ := g.list(ref, "v")
			code = fmt.Sprintf("if v := %s; v == nil {\nw.Null()\n} else {\n%s\n}", v, inner)
		}
		return code, ok
	case ref.Definition.IsCompositeType():
		return g.composite(ref, v)
	}
	return g.leaf(ref, v)
}

// composite gives the code that writes an object.
func (g *generator) composite(ref *config.TypeReference, v string) (code string, ok bool) {
	d, name := lookup(runtime), "direct"+ref.Definition.Name
	need := "Opt"
	if ref.Definition.IsAbstractType() {
		need = "OptAny"
	}
	if ref.GQL.NonNull {
		need = strings.TrimPrefix(need, "Opt")
		if need == "" {
			need = "Need"
		}
	}
	if ref.Definition.IsAbstractType() {
		return fmt.Sprintf("%s.%s(w, f.Sel, %s, %s)", d, need, v, name), g.Interfaces[ref.Definition.Name] != nil
	}
	if object := g.Objects.ByName(ref.Definition.Name); object == nil || !writable(object) {
		return "", false
	}
	if ref.IsPtr() {
		return fmt.Sprintf("%s.%s(w, f.Sel, %s, %s)", d, need, v, name), true
	}
	if !strings.Contains(v, "(") {
		return fmt.Sprintf("%s(w, f.Sel, &%s)", name, v), true
	}
	return fmt.Sprintf("v := %s\n%s(w, f.Sel, &v)", v, name), true
}

// list gives the code that writes a list that is not null.
func (g *generator) list(ref *config.TypeReference, v string) (code string, ok bool) {
	d, elem := lookup(runtime), ref.Elem()
	composite := elem.Definition.IsCompositeType()
	switch {
	case composite && elem.IsSlice(), composite && elem.Definition.IsAbstractType(), composite && elem.IsPtr() && !elem.GQL.NonNull, elem.IsSlice():
		helper, ok := g.element(elem)
		return fmt.Sprintf("%s.Each(w, f.Sel, %s, %s)", d, v, helper), ok
	case composite:
		function := "Values"
		if elem.IsPtr() {
			function = "List"
		}
		object := g.Objects.ByName(elem.Definition.Name)
		return fmt.Sprintf("%s.%s(w, f.Sel, %s, direct%s)", d, function, v, elem.Definition.Name), object != nil && writable(object)
	case elem.IsPtr() || elem.IsNilable():
		helper, ok := g.element(elem)
		return fmt.Sprintf("%s.Each(w, f.Sel, %s, %s)", d, v, helper), ok
	}
	return fmt.Sprintf("%s.Leaves(w, %s, %s)", d, v, g.scalar(elem)), true
}

// element makes the function that writes the elements of a list, where it takes
// more than a plain one.
func (g *generator) element(ref *config.TypeReference) (name string, ok bool) {
	name = "directElement" + ref.UniquenessKey()
	code, ok := g.write(ref, "v")
	code = strings.ReplaceAll(code, "f.Sel", "sel")
	d := lookup(runtime)
	g.part(name, fmt.Sprintf("func %s(w *%s.Writer, sel *%s.Selection, v %s) {\n%s\n}\n", name, d, d, typeName(ref.GO), code))
	return name, ok
}

// part keeps a function beside those of the types, once.
func (g *generator) part(name, code string) {
	if !g.written[name] {
		g.written[name] = true
		g.parts = append(g.parts, code)
	}
}

// leaf gives the code that writes a scalar or an enum.
func (g *generator) leaf(ref *config.TypeReference, v string) (code string, ok bool) {
	d := lookup(runtime)
	switch {
	case ref.IsPtr():
		function := "OptLeaf"
		if ref.GQL.NonNull {
			function = "Leaf"
		}
		return fmt.Sprintf("%s.%s(w, %s, %s)", d, function, v, g.scalar(ref.Elem())), true
	case ref.IsNilable():
		missing := "w.Null()"
		if ref.GQL.NonNull {
			missing = "w.Missing()"
		}
		return fmt.Sprintf("if v := %s; v == nil {\n%s\n} else {\n%s\n}", v, missing, called(g.scalar(ref), "v")), true
	}
	return called(g.scalar(ref), v), true
}

// called gives the call of a scalar's function.
func called(function, v string) string {
	if method, ok := strings.CutPrefix(function, "(*"+lookup(runtime)+".Writer)."); ok {
		return fmt.Sprintf("w.%s(%s)", method, v)
	}
	return fmt.Sprintf("%s(w, %s)", function, v)
}

// methods are the writer's own functions for gqlgen's, by the Go types that they
// take.
var methods = map[string]string{
	"MarshalString string":        "String",
	"MarshalID string":            "String",
	"MarshalInt int":              "Int",
	"MarshalInt32 int32":          "Int32",
	"MarshalInt64 int64":          "Int64",
	"MarshalBoolean bool":         "Bool",
	"MarshalFloatContext float64": "Float",
}

// scalar gives the function that writes a scalar or an enum that is not null.
func (g *generator) scalar(ref *config.TypeReference) string {
	d := lookup(runtime)
	if ref.Marshaler != nil && !ref.HasEnumValues() && ref.Marshaler.Pkg().Path() == "github.com/99designs/gqlgen/graphql" {
		if method := methods[ref.Marshaler.Name()+" "+ref.GO.String()]; method != "" {
			return "(*" + d + ".Writer)." + method
		}
	}
	name := g.scalarName(ref)
	switch {
	case ref.HasEnumValues() && ref.Marshaler.Name() == "MarshalString":
		g.part(name, g.constants(name, ref))
	case ref.IsMarshaler && ref.Definition.Kind == ast.Enum && !ref.IsContext && isString(ref.GO):
		var values []string
		for _, v := range ref.Definition.EnumValues {
			values = append(values, strconv.Quote(v.Name))
		}
		g.part(name, fmt.Sprintf("var %s = %s.Rendered[%s](%s)\n", name, d, typeName(ref.GO), strings.Join(values, ", ")))
	default:
		g.part(name, fmt.Sprintf("func %s(w *%s.Writer, v %s) {\n%s\n}\n", name, d, typeName(ref.GO), g.marshal(ref)))
	}
	return name
}

// scalarName names the function of a scalar, after its type in the schema; those
// of further Go types have numbers.
func (g *generator) scalarName(ref *config.TypeReference) string {
	known := g.scalars[ref.Definition.Name]
	n := slices.Index(known, ref.GO.String())
	if n < 0 {
		n = len(known)
		g.scalars[ref.Definition.Name] = append(known, ref.GO.String())
	}
	if n == 0 {
		return "direct" + ref.Definition.Name
	}
	return fmt.Sprintf("direct%s%d", ref.Definition.Name, n+1)
}

// constants makes the function that writes an enum bound to Go constants.
func (g *generator) constants(name string, ref *config.TypeReference) string {
	var cases strings.Builder
	for _, v := range ref.EnumValues {
		fmt.Fprintf(&cases, "case %s:\nw.Name(%q)\n", objectName(v.Object), v.Definition.Name)
	}
	return fmt.Sprintf("func %s(w *%s.Writer, v %s) {\nswitch v {\n%sdefault:\nw.Name(\"\")\n}\n}\n", name, lookup(runtime), typeName(ref.GO), cases.String())
}

// marshal gives the code that lets gqlgen's marshaler write a value.
func (g *generator) marshal(ref *config.TypeReference) string {
	value := "v"
	if ref.Marshaler != nil {
		switch {
		case ref.HasEnumValues():
			value = fmt.Sprintf("%s[v]", ref.EnumMarshalVar(g.Config.UseFunctionSyntaxForExecutionContext))
		case ref.CastType != nil:
			value = fmt.Sprintf("%s(v)", typeName(ref.CastType))
		}
		value = fmt.Sprintf("%s(%s)", objectName(ref.Marshaler), value)
	}
	method := "Marshal"
	switch {
	case ref.IsContext:
		method = "MarshalContext"
	case ref.GQL.NonNull:
		method = "MarshalNonNull"
	}
	return fmt.Sprintf("w.%s(%s)", method, value)
}

func isString(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.String
}

func lookup(path string) string { return templates.CurrentImports.Lookup(path) }

func typeName(t types.Type) string { return templates.CurrentImports.LookupType(t) }

func objectName(o types.Object) string {
	if pkg := lookup(o.Pkg().Path()); pkg != "" {
		return pkg + "." + o.Name()
	}
	return o.Name()
}
