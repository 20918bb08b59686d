package gqlhttp

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceNumbers reads the numbers among a request's variables as graphql-js
// does: 1.0 and 1e2 are whole numbers, a text is none. The executor would read
// some of them otherwise, and not name what it refuses.
func coerceNumbers(schema *ast.Schema, doc *ast.QueryDocument, p *graphql.RawParams) *gqlerror.Error {
	op := doc.Operations.ForName(p.OperationName)
	if op == nil {
		return nil // the executor says so
	}
	for _, v := range op.VariableDefinitions {
		given, ok := p.Variables[v.Variable]
		if !ok {
			continue
		}
		c := coercion{schema, v.Variable}
		read, err := c.value(v.Type, given, ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)})
		if err != nil {
			return err
		}
		p.Variables[v.Variable] = read
	}
	return nil
}

// coercion reads the value of one variable. What is wrong with it in another
// way is left to the executor.
type coercion struct {
	schema   *ast.Schema
	variable string
}

func (c coercion) value(t *ast.Type, v any, at ast.Path) (any, *gqlerror.Error) {
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return c.value(t.Elem, v, at) // one value stands for a list of it
		}
		for i := range list {
			read, err := c.value(t.Elem, list[i], append(slices.Clip(at), ast.PathIndex(i)))
			if err != nil {
				return nil, err
			}
			list[i] = read
		}
		return list, nil
	}
	switch t.NamedType {
	case "Int":
		return c.number(v, at, "a whole number from -2147483648 to 2147483647", wholeNumber)
	case "Float":
		return c.number(v, at, "a number as large as 64 bits hold", anyNumber)
	}
	if fields, ok := v.(map[string]any); ok {
		return v, c.fields(c.schema.Types[t.NamedType], fields, at)
	}
	return v, nil
}

func (c coercion) fields(t *ast.Definition, given map[string]any, at ast.Path) *gqlerror.Error {
	if t == nil || t.Kind != ast.InputObject {
		return nil
	}
	for _, f := range t.Fields {
		if v, ok := given[f.Name]; ok {
			read, err := c.value(f.Type, v, append(slices.Clip(at), ast.PathName(f.Name)))
			if err != nil {
				return err
			}
			given[f.Name] = read
		}
	}
	return nil
}

// number reads a number; texts are refused, for the executor would take them.
func (c coercion) number(v any, at ast.Path, expected string, read func(json.Number) (json.Number, bool)) (any, *gqlerror.Error) {
	var written string
	switch v := v.(type) {
	case json.Number:
		if n, ok := read(v); ok {
			return n, nil
		}
		written = string(v)
	case string:
		written = strconv.Quote(v)
	default:
		return v, nil
	}
	err := gqlerror.ErrorPathf(at, "variable $%s%s: %s is not %s", c.variable, within(at), shortened(written), expected)
	err.Extensions = map[string]any{"code": CodeValidationFailed}
	return nil, err
}

// within says where in a variable a value is.
func within(at ast.Path) string {
	s := ""
	for _, step := range at[2:] {
		if i, ok := step.(ast.PathIndex); ok {
			s += fmt.Sprintf("[%d]", i)
		} else {
			s += fmt.Sprintf(".%v", step)
		}
	}
	return s
}

// shortened keeps an error short, however long the value that it names.
func shortened(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

func wholeNumber(n json.Number) (json.Number, bool) {
	f, err := n.Float64()
	if err != nil || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return "", false
	}
	return json.Number(strconv.Itoa(int(f))), true
}

func anyNumber(n json.Number) (json.Number, bool) {
	_, err := n.Float64()
	return n, err == nil
}
