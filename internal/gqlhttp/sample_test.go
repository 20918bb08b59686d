package gqlhttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// sampleSchema has one of everything that the edge has to cope with.
var sampleSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
type Query {
  items(first: Int = 10): [Item!]!
  thing: Thing
  echo(value: Int, text: String, size: Odd, ratio: Float, in: Input): String
  fail(how: Failure!): String
  failAll(how: Failure!): String!
  wait: String
  text(bytes: Int!): String!
}
type Mutation { touch: Boolean! }
type Subscription { tick: Int! }
type Item { name: String! items(first: Int = 10): [Item!]! parent: Item }
type Box { name: String! }
union Thing = Item | Box
input Input { sizes: [Int!] inner: Input }
scalar Odd
enum Failure { DOMAIN UNKNOWN PANIC CODED NULL STORE }
`})

// errDomain and errStore are errors that the service's presenter knows.
var (
	errDomain = errors.New("the domain says no")
	errStore  = errors.New("the store is gone")
)

// secretDetail is in errors that nobody foresaw; no client may see it.
const secretDetail = "s3cret-table-name"

// sample answers the schema, in the way of the executor that gqlgen generates.
type sample struct {
	waiting chan<- struct{} // if set, is sent a value each time a `wait` field begins to wait
}

// Schema gives the schema.
func (*sample) Schema() *ast.Schema { return sampleSchema }

// Complexity lets a list cost its length.
func (*sample) Complexity(_ context.Context, _, field string, child int, args map[string]any) (int, bool) {
	if field != "items" {
		return 0, false
	}
	n, err := graphql.UnmarshalInt(args["first"])
	return 1 + n*child, err == nil
}

// Exec answers one operation.
func (s *sample) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	return func(ctx context.Context) *graphql.Response {
		root := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation"}[oc.Operation.Operation]
		var data bytes.Buffer
		s.object(graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: root}), oc, root, oc.Operation.SelectionSet, object{}).MarshalGQL(&data)
		return &graphql.Response{Data: data.Bytes()}
	}
}

// object is a value with fields; a field that it does not hold is resolved.
type object map[string]any

func (s *sample) object(ctx context.Context, oc *graphql.OperationContext, kind string, selected ast.SelectionSet, o object) graphql.Marshaler {
	fields := graphql.CollectFields(oc, selected, []string{kind})
	out := graphql.NewFieldSet(fields)
	for i, f := range fields {
		switch f.Name {
		case "__typename":
			out.Values[i] = graphql.MarshalString(kind)
			continue
		case "__schema", "__type": // of which only the limits are tried here
			out.Values[i] = graphql.Null
			continue
		}
		required := f.Definition.Type.NonNull
		out.ResolveConcurrently(oc, nil, i, true, required, func(ctx context.Context) graphql.Marshaler {
			return graphql.ResolveField(ctx, oc, f, s.arguments(oc, kind), func(ctx context.Context) (any, error) {
				if held, ok := o[f.Name]; ok {
					return held, nil
				}
				return s.resolve(ctx, f.Name, graphql.GetFieldContext(ctx).Args)
			}, nil, func(ctx context.Context, selected ast.SelectionSet, v any) graphql.Marshaler {
				return s.value(ctx, oc, f.Definition.Type, selected, v)
			}, true, required)
		})
	}
	out.Dispatch(ctx)
	if out.Invalids > 0 {
		return graphql.Null
	}
	return out
}

// arguments prepares a field: what cannot be read is an error at the argument.
func (s *sample) arguments(oc *graphql.OperationContext, kind string) func(context.Context, graphql.CollectedField) (*graphql.FieldContext, error) {
	return func(ctx context.Context, f graphql.CollectedField) (*graphql.FieldContext, error) {
		fc := &graphql.FieldContext{Object: kind, Field: f, IsResolver: true, Args: f.ArgumentMap(oc.Variables)}
		ctx = graphql.WithFieldContext(ctx, fc)
		_, err := graphql.ProcessArgField(ctx, fc.Args, "size", func(ctx context.Context, v any) (int, error) {
			n, err := graphql.UnmarshalInt(v)
			if err == nil && n%2 == 0 {
				err = errors.New("sizes are odd")
			}
			return n, graphql.ErrorOnPath(ctx, err)
		})
		if err != nil {
			oc.Error(ctx, err)
		}
		return fc, err
	}
}

func (s *sample) value(ctx context.Context, oc *graphql.OperationContext, t *ast.Type, selected ast.SelectionSet, v any) graphql.Marshaler {
	switch v := v.(type) {
	case []object:
		list := make(graphql.Array, len(v))
		for i := range v {
			ctx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i})
			list[i] = s.object(ctx, oc, t.Elem.NamedType, selected, v[i])
		}
		return list
	case object:
		return s.object(ctx, oc, v["kind"].(string), selected, v)
	case bool:
		return graphql.MarshalBoolean(v)
	}
	return graphql.MarshalString(v.(string))
}

func (s *sample) resolve(ctx context.Context, field string, args map[string]any) (any, error) {
	switch field {
	case "items":
		n, err := graphql.UnmarshalInt(args["first"])
		items := make([]object, n)
		for i := range items {
			items[i] = object{"kind": "Item", "name": fmt.Sprint("item ", i), "parent": nil}
		}
		return items, err
	case "thing":
		return object{"kind": "Box", "name": "box"}, nil
	case "echo":
		return echo(args), nil
	case "fail", "failAll":
		return nil, fail(args["how"].(string))
	case "wait":
		if s.waiting != nil {
			s.waiting <- struct{}{}
		}
		<-ctx.Done()
		return nil, fmt.Errorf("gave up: %w", ctx.Err())
	case "text":
		n, err := graphql.UnmarshalInt(args["bytes"])
		return strings.Repeat("x", n), err
	case "touch":
		return true, nil
	}
	return nil, fmt.Errorf("the schema has no field %q", field)
}

// echo gives back the arguments, in the order of the schema.
func echo(args map[string]any) string {
	var out []string
	for _, name := range []string{"value", "text", "ratio", "in"} {
		if v := args[name]; v != nil {
			out = append(out, fmt.Sprint(v))
		}
	}
	return strings.Join(out, " ")
}

func fail(how string) error {
	switch how {
	case "DOMAIN":
		return fmt.Errorf("%w to this", errDomain)
	case "STORE":
		return fmt.Errorf("%w: %s", errStore, secretDetail)
	case "PANIC":
		panic(secretDetail)
	case "CODED":
		return &gqlerror.Error{Message: "no such release", Extensions: map[string]any{"code": "NOT_FOUND"}}
	case "NULL":
		return nil
	}
	return errors.New("cannot read " + secretDetail)
}
