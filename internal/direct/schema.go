package direct

import (
	"context"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Object is a type whose fields the generated code can write.
type Object struct {
	Name string
	// Satisfies are the type conditions of fragments that apply to it: its own
	// name, its interfaces, and the unions that it is in.
	Satisfies []string
	// Fields are the names of the fields, separated by spaces. The place of a
	// name is the field's number in the generated code; a field that is not
	// here is left to the executor.
	Fields string
}

// Abstract is an interface or a union.
type Abstract struct {
	Name string
	// Objects are the names of the types that a value can have, separated by
	// spaces. The place of a name is the type's number, see Selection.Of.
	Objects string
}

// Source is what the generated code knows of a schema.
type Source struct {
	Schema    *ast.Schema
	Objects   []Object
	Abstracts []Abstract
	// Query writes the root object.
	Query func(*Writer, *Selection)
	// Args reads the arguments of a field. The key is Type.field.
	Args func(ctx context.Context, key string, raw map[string]any) (map[string]any, error)
}

// schema is a Source, indexed.
type schema struct {
	*Source
	objects   map[string]*object
	abstracts map[string][]*object
}

type object struct {
	def       *ast.Definition
	satisfies []string
	numbers   map[string]int
}

func newSchema(src *Source) *schema {
	s := &schema{Source: src, objects: make(map[string]*object, len(src.Objects)), abstracts: make(map[string][]*object, len(src.Abstracts))}
	for _, o := range src.Objects {
		names := strings.Fields(o.Fields)
		numbers := make(map[string]int, len(names))
		for i, name := range names {
			numbers[name] = i
		}
		s.objects[o.Name] = &object{def: src.Schema.Types[o.Name], satisfies: o.Satisfies, numbers: numbers}
	}
	for _, a := range src.Abstracts {
		for name := range strings.FieldsSeq(a.Objects) {
			s.abstracts[a.Name] = append(s.abstracts[a.Name], s.objects[name])
		}
	}
	return s
}
