package direct

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxPlanFields bounds the fields of a plan. Fragments within fragments can
// stand for exponentially many.
const maxPlanFields = 20_000

// Selection is what to write of an object, or of each of the types that a value
// can have.
type Selection struct {
	Fields []Field
	// Of are the selections by type, for interfaces and unions.
	Of []*Selection
}

// Field is one thing to write of an object.
type Field struct {
	Sel    *Selection // of what is in it; nil for leaves
	key    string     // as it is written, with the comma before it
	number int        // see Object.Fields; negative where the key says it all
	slot   int        // of arguments that depend on variables, or negative
	args   []any      // the other arguments
}

// plan says how to answer an operation. It is shared by requests, and never changes.
type plan struct {
	sel    *Selection
	slots  []slot
	fields int
	reason Reason // why there is no plan, if there is none
}

// slot is a field whose arguments are read anew for each request.
type slot struct {
	field *ast.Field
	key   string
}

// compiler makes a plan. It collects fields with the executor's own function, so
// that fragments and merged fields come out in its order.
type compiler struct {
	*schema
	op    *graphql.OperationContext
	plan  *plan
	known map[place]*Selection
	slots map[slot]int
}

// place is a field in one type of object. What is below it is the same wherever
// a fragment puts it, unless other fields are merged into it.
type place struct {
	field *ast.Field
	def   *ast.Definition
}

// compile makes the plan of an operation, given which @skip and @include hold.
func (s *schema) compile(doc *ast.QueryDocument, op *ast.OperationDefinition, conditions map[string]any) (p *plan) {
	c := &compiler{
		schema: s,
		op:     &graphql.OperationContext{Doc: doc, Operation: op, Variables: conditions},
		plan:   &plan{},
		known:  map[place]*Selection{},
		slots:  map[slot]int{},
	}
	defer func() {
		if v := recover(); v != nil {
			p = &plan{reason: reasonOf(v).Reason}
		}
	}()
	c.plan.sel = c.object(s.objects[s.Schema.Query.Name], op.SelectionSet)
	return c.plan
}

func (c *compiler) object(o *object, set ast.SelectionSet) *Selection {
	if o == nil {
		fallback(Unsupported, nil)
	}
	collected := graphql.CollectFields(c.op, set, o.satisfies)
	if c.plan.fields += len(collected); c.plan.fields > maxPlanFields {
		fallback(TooLarge, nil)
	}
	sel := &Selection{Fields: make([]Field, len(collected))}
	for i, f := range collected {
		if slices.ContainsFunc(collected[:i], func(g graphql.CollectedField) bool { return g.Alias == f.Alias }) {
			fallback(Collision, f.Alias)
		}
		sel.Fields[i] = c.field(o, f)
		if i > 0 {
			sel.Fields[i].key = "," + sel.Fields[i].key
		}
	}
	return sel
}

func (c *compiler) field(o *object, f graphql.CollectedField) Field {
	out := Field{key: `"` + f.Alias + `":`, number: -1, slot: -1}
	number, ours := o.numbers[f.Name]
	switch {
	case f.Name == "__typename":
		out.key += `"` + o.def.Name + `"`
		return out
	case strings.HasPrefix(f.Name, "__"):
		fallback(Introspection, nil)
	case !ours:
		fallback(Unsupported, o.def.Name+"."+f.Name)
	}
	out.number = number
	if len(f.Definition.Arguments) > 0 {
		c.arguments(&out, slot{f.Field, o.def.Name + "." + f.Name})
	}
	// An object may say more precisely than its interface what a field is.
	if inner := c.Schema.Types[o.def.Fields.ForName(f.Name).Type.Name()]; inner.IsCompositeType() {
		out.Sel = c.composite(inner, f)
	}
	return out
}

func (c *compiler) composite(def *ast.Definition, f graphql.CollectedField) *Selection {
	at := place{f.Field, def}
	alone := len(f.Selections) == len(f.SelectionSet)
	if known := c.known[at]; alone && known != nil {
		return known
	}
	var sel *Selection
	if def.IsAbstractType() {
		sel = &Selection{}
		for _, o := range c.abstracts[def.Name] {
			sel.Of = append(sel.Of, c.object(o, f.Selections))
		}
	} else {
		sel = c.object(c.objects[def.Name], f.Selections)
	}
	if alone {
		c.known[at] = sel
	}
	return sel
}

// arguments reads what is constant, and sees to it that the rest is read later.
func (c *compiler) arguments(out *Field, s slot) {
	if !slices.ContainsFunc(s.field.Arguments, func(a *ast.Argument) bool { return varies(a.Value) }) {
		args, err := c.readArgs(context.Background(), s, nil)
		if err != nil {
			fallback(BadArgument, err)
		}
		out.args = args
		return
	}
	n, ok := c.slots[s]
	if !ok {
		n = len(c.plan.slots)
		c.slots[s] = n
		c.plan.slots = append(c.plan.slots, s)
	}
	out.slot = n
}

// varies tells whether a value depends on variables.
func varies(v *ast.Value) bool {
	if v.Kind == ast.Variable {
		return true
	}
	return slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return varies(c.Value) })
}

// readArgs gives the arguments of a field in the order of the schema.
func (s *schema) readArgs(ctx context.Context, at slot, variables map[string]any) ([]any, error) {
	values, err := s.Args(ctx, at.key, at.field.ArgumentMap(variables))
	if err != nil {
		return nil, err
	}
	defs := at.field.Definition.Arguments
	list := make([]any, len(defs))
	for i, d := range defs {
		list[i] = values[d.Name]
	}
	return list, nil
}

// reasonOf says what a panic meant.
func reasonOf(v any) *FallbackError {
	if f, ok := v.(*FallbackError); ok {
		return f
	}
	return &FallbackError{Panicked, v}
}

// conditions finds the variables that @skip and @include ask in an operation.
// It gives a reason where there is a directive of another kind.
func conditions(op *ast.OperationDefinition) (list []*ast.Value, reason Reason) {
	if len(op.Directives) > 0 {
		return nil, Directive
	}
	f := conditionFinder{seen: map[*ast.FragmentDefinition]bool{}}
	f.selection(op.SelectionSet)
	return f.list, f.reason
}

type conditionFinder struct {
	list   []*ast.Value
	reason Reason
	seen   map[*ast.FragmentDefinition]bool
}

func (f *conditionFinder) selection(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			f.directives(s.Directives)
			f.selection(s.SelectionSet)
		case *ast.InlineFragment:
			f.directives(s.Directives)
			f.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			f.directives(s.Directives)
			if s.Definition != nil && !f.seen[s.Definition] {
				f.seen[s.Definition] = true
				f.directives(s.Definition.Directives)
				f.selection(s.Definition.SelectionSet)
			}
		}
	}
}

func (f *conditionFinder) directives(list ast.DirectiveList) {
	for _, d := range list {
		if d.Name != "skip" && d.Name != "include" {
			f.reason = Directive
			continue
		}
		v := d.Arguments.ForName("if").Value
		known := slices.ContainsFunc(f.list, func(w *ast.Value) bool { return w.Raw == v.Raw })
		if v.Kind == ast.Variable && !known {
			f.list = append(f.list, v)
		}
	}
}
