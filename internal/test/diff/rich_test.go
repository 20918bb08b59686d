package diff

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// richAsker asks with all that the language has: aliases, named and inline
// fragments, @skip and @include, fields that come twice and are merged, and
// variables with values, defaults, null, or nothing.
type richAsker struct {
	*asker
	names     int
	declared  []string
	values    map[string]any
	fragments []string
}

// richQuestion is a document with its variables.
type richQuestion struct {
	text      string
	variables map[string]any
}

func (q richQuestion) String() string { return fmt.Sprintf("%s %v", q.text, q.variables) }

// question asks for one to three root fields.
func (a *asker) question() richQuestion {
	r := &richAsker{asker: a, values: map[string]any{}}
	query := a.schema.Query
	var fields []string
	for range 1 + a.IntN(3)*a.IntN(2) {
		root := query.Fields[a.IntN(len(query.Fields))]
		if !strings.HasPrefix(root.Name, "__") {
			fields = append(fields, r.field(query, root, 3+a.IntN(4), false))
		}
	}
	if len(fields) == 0 || a.IntN(8) == 0 {
		fields = append(fields, "__typename")
	}
	selection := r.scattered(query, fields)
	head := "query Q"
	if len(r.declared) > 0 {
		head += "(" + strings.Join(r.declared, " ") + ")"
	}
	if a.IntN(40) == 0 {
		selection = strings.Replace(selection, "{", "{__schema{queryType{name}} ", 1)
	}
	return richQuestion{head + selection + strings.Join(r.fragments, ""), r.values}
}

func (r *richAsker) name(prefix string) string {
	r.names++
	return fmt.Sprintf("%s%d", prefix, r.names)
}

// field asks for a field, now and then twice, so that it is merged. What has
// arguments has an alias, and so has what stands beside another type's fields.
func (r *richAsker) field(owner *ast.Definition, f *ast.FieldDefinition, depth int, apart bool) string {
	r.fields[owner.Name+"."+f.Name]++
	text := f.Name
	if apart || len(f.Arguments) > 0 || r.IntN(6) == 0 {
		text = r.name("a") + ":" + text + r.arguments(f.Arguments)
	}
	def := r.schema.Types[f.Type.Name()]
	if !def.IsCompositeType() {
		once := text + r.directive()
		if r.IntN(15) == 0 {
			once += " " + text + r.directive()
		}
		return once
	}
	once := text + r.directive() + r.selection(def, depth-1)
	if r.IntN(8) == 0 {
		once += " " + text + r.directive() + r.selection(def, min(depth-1, 2))
	}
	return once
}

func (r *richAsker) selection(def *ast.Definition, depth int) string {
	var fields []string
	if r.IntN(2) == 0 {
		fields = append(fields, "__typename")
	}
	if def.IsAbstractType() {
		for _, possible := range r.schema.GetPossibleTypes(def) {
			if depth > 0 && r.IntN(3) == 0 {
				fields = append(fields, "... on "+possible.Name+r.directive()+r.some(possible, depth, true))
			}
		}
	}
	return r.scattered(def, append(fields, r.some(def, depth, false)))
}

// some asks for some fields of a type.
func (r *richAsker) some(def *ast.Definition, depth int, apart bool) string {
	fields := []string{r.name("t") + ":__typename"}
	for _, f := range def.Fields {
		composite := r.schema.Types[f.Type.Name()].IsCompositeType()
		if strings.HasPrefix(f.Name, "__") || def.Name+"."+f.Name == unlike[0] {
			continue
		}
		if !composite && r.IntN(3) > 0 || composite && depth > 0 && (len(def.Fields) < 5 || r.IntN(4) == 0) {
			fields = append(fields, r.field(def, f, depth, apart))
		}
	}
	if !apart {
		return strings.Join(fields, " ")
	}
	return "{" + strings.Join(fields, " ") + "}"
}

// scattered puts some of a type's fields into fragments.
func (r *richAsker) scattered(def *ast.Definition, fields []string) string {
	var out []string
	for _, f := range fields {
		switch r.IntN(14) {
		case 0:
			out = append(out, "..."+r.directive()+"{"+f+"}")
		case 1:
			out = append(out, "... on "+r.condition(def)+r.directive()+"{__typename}", f)
		case 2:
			out = append(out, "... on "+def.Name+r.directive()+"{"+f+"}")
		case 3, 4:
			name := r.name("F")
			r.fragments = append(r.fragments, " fragment "+name+" on "+def.Name+"{"+f+"}")
			out = append(out, "..."+name+r.directive())
			if r.IntN(3) == 0 {
				out = append(out, "..."+name)
			}
		default:
			out = append(out, f)
		}
	}
	return "{" + strings.Join(out, " ") + "}"
}

// condition gives a type condition that can hold for a type.
func (r *richAsker) condition(def *ast.Definition) string {
	if len(def.Interfaces) > 0 && r.IntN(2) == 0 {
		return def.Interfaces[0]
	}
	if def.IsAbstractType() {
		possible := r.schema.GetPossibleTypes(def)
		return possible[r.IntN(len(possible))].Name
	}
	return def.Name
}

// directive gives @skip or @include, or mostly nothing.
func (r *richAsker) directive() string {
	name := []string{"skip", "include"}[r.IntN(2)]
	often := name == "include"
	switch r.IntN(40) {
	case 0:
		return fmt.Sprintf("@%s(if:%v)", name, often == (r.IntN(4) > 0))
	case 1:
		v := r.name("v")
		r.declared = append(r.declared, "$"+v+":Boolean!")
		r.values[v] = often == (r.IntN(4) > 0)
		return fmt.Sprintf("@%s(if:$%s)", name, v)
	case 2:
		v := r.name("v")
		r.declared = append(r.declared, fmt.Sprintf("$%s:Boolean=%v", v, often))
		switch r.IntN(12) {
		case 0:
			r.values[v] = nil
		case 1, 2, 3:
			r.values[v] = often
		}
		return fmt.Sprintf("@%s(if:$%s)", name, v)
	}
	return ""
}

func (r *richAsker) arguments(defs ast.ArgumentDefinitionList) string {
	var args []string
	for _, d := range defs {
		often := 2
		if d.Name == "after" {
			often = 12 // most cursors are of another list
		}
		if d.Type.NonNull && d.DefaultValue == nil || r.IntN(often) == 0 {
			args = append(args, d.Name+":"+r.argument(d))
		}
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ",") + ")"
}

// argument gives a value, or a variable that has one.
func (r *richAsker) argument(d *ast.ArgumentDefinition) string {
	literal := r.value(d.Name, d.Type, 2)
	if !d.Type.NonNull && r.IntN(30) == 0 {
		literal = "null"
	}
	if r.IntN(3) > 0 {
		return r.partly(literal)
	}
	v := r.name("v")
	declared := "$" + v + ":" + d.Type.String()
	switch {
	case d.Type.NonNull:
		r.values[v] = plain(literal)
	case r.IntN(3) == 0:
		declared += "=" + literal
		if r.IntN(2) == 0 {
			r.values[v] = plain(r.value(d.Name, d.Type, 2))
		}
	case r.IntN(4) > 0:
		r.values[v] = plain(literal)
	case r.IntN(2) == 0:
		r.values[v] = nil
	}
	r.declared = append(r.declared, declared)
	return "$" + v
}

// partly puts variables into the fields of an input for some of the texts in it.
func (r *richAsker) partly(literal string) string {
	at := strings.Index(literal, `frameworks:["`)
	if at < 0 || r.IntN(2) == 0 {
		return literal
	}
	begin := at + len("frameworks:[")
	end := begin + 1 + strings.Index(literal[begin+1:], `"`) + 1
	v := r.name("v")
	r.declared = append(r.declared, "$"+v+":ID!")
	r.values[v] = plain(literal[begin:end])
	return literal[:begin] + "$" + v + literal[end:]
}

// plain gives the value of a literal as JSON has it.
func plain(literal string) any {
	doc, err := parser.ParseQuery(&ast.Source{Input: "{f(a:" + literal + ")}"})
	if err != nil {
		panic(err)
	}
	v, err := doc.Operations[0].SelectionSet[0].(*ast.Field).Arguments[0].Value.Value(nil)
	if err != nil {
		panic(err)
	}
	return v
}
