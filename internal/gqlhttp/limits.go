package gqlhttp

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// Limits bound what one request may ask for. Zero means no limit.
type Limits struct {
	BodyBytes          int64 // of a POST request
	Tokens             int   // of a document's text
	Depth              int   // of nested fields
	IntrospectionDepth int   // of nested fields below __schema and __type
	Aliases            int   // fields under another name, each use of a fragment counted
	Values             int64 // of an answer: counted while it is written, and estimated before
	AnswerBytes        int64 // of an answer, counted while it is written
	Work               int64 // steps that resolvers take from the request's budget
}

// DefaultLimits leave room for the widest questions that people ask, and for
// the introspection that query editors make.
func DefaultLimits() Limits {
	return Limits{BodyBytes: 1 << 20, Tokens: 10_000, Depth: 16, IntrospectionDepth: 24, Aliases: 64,
		Values: 2_000_000, AnswerBytes: 16 << 20, Work: 200_000_000}
}

// maxFields bounds the fields of an operation once its fragments are written
// out, whatever the limits say: fragments within fragments can stand for
// exponentially many, and the estimate of cost looks at each.
const maxFields = 100_000

// limitError says which limit a request passes, to people and to programs.
func limitError(limit, what string, actual, most int64) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    fmt.Sprintf("%s is %d; the limit is %d", what, actual, most),
		Extensions: map[string]any{"code": CodeLimitExceeded, "limit": limit, "actual": actual, "max": most},
	}
}

// maxRepeats bounds the fields and spreads of a document that come again in the
// same selection. They add nothing to an answer, but validation compares each
// with each: ten thousand would keep it busy for seconds.
const maxRepeats = 200

// admission looks at a document before it is validated, and at its variables
// before the executor reads them.
type admission struct {
	schema *ast.Schema
	tokens int
	cache  *queryCache
}

var _ graphql.OperationParameterMutator = admission{}

// ExtensionName names the extension.
func (admission) ExtensionName() string { return "Admission" }

// Validate accepts any schema.
func (admission) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters measures a document that is not known already, and
// reads the numbers among the variables.
func (a admission) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	doc, known := a.cache.Get(ctx, p.Query)
	if !known {
		var err *gqlerror.Error
		if doc, err = a.measured(p.Query); err != nil {
			return err
		}
	}
	if doc == nil {
		return nil
	}
	return coerceNumbers(a.schema, doc, p)
}

// measured parses a document within the limits. It gives none for what cannot
// be parsed, and leaves it to the executor to say what is wrong.
func (a admission) measured(text string) (*ast.QueryDocument, *gqlerror.Error) {
	if a.tokens > 0 && len(text) > a.tokens {
		if n := countTokens(text); n > a.tokens {
			return nil, limitError("tokens", "the document's number of tokens", int64(n), int64(a.tokens))
		}
	}
	if doc, err := parser.ParseQuery(&ast.Source{Input: text}); err == nil {
		if n := countRepeats(doc); n > maxRepeats {
			return nil, limitError("repeated fields", "the document's number of repeated fields", int64(n), maxRepeats)
		}
		return doc, nil
	}
	return nil, nil
}

// countRepeats counts what comes again in the selection that it is in. Inline
// fragments are part of the selection around them.
func countRepeats(doc *ast.QueryDocument) int {
	n := 0
	for _, op := range doc.Operations {
		n += repeats(op.SelectionSet, map[string]bool{})
	}
	for _, f := range doc.Fragments {
		n += repeats(f.SelectionSet, map[string]bool{})
	}
	return n
}

func repeats(set ast.SelectionSet, seen map[string]bool) int {
	n := 0
	again := func(name string) {
		if seen[name] {
			n++
		}
		seen[name] = true
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			again(s.Alias)
			n += repeats(s.SelectionSet, map[string]bool{})
		case *ast.InlineFragment:
			n += repeats(s.SelectionSet, seen)
		case *ast.FragmentSpread:
			again("..." + s.Name)
		}
	}
	return n
}

// countTokens counts as the parser does: without comments, up to the first
// error, of which the parser will tell.
func countTokens(text string) int {
	lex := lexer.New(&ast.Source{Input: text})
	for n := 0; ; {
		token, err := lex.ReadToken()
		switch {
		case err != nil || token.Kind == lexer.EOF:
			return n
		case token.Kind != lexer.Comment:
			n++
		}
	}
}

// operationLimits refuses operations that pass a limit, before they run.
type operationLimits struct {
	limits   Limits
	estimate func(context.Context, *graphql.OperationContext) Estimate
}

var _ graphql.OperationContextMutator = operationLimits{}

func newOperationLimits(es graphql.ExecutableSchema, o Options) operationLimits {
	l := operationLimits{limits: o.Limits, estimate: o.Estimate}
	if l.estimate == nil {
		l.estimate = func(ctx context.Context, op *graphql.OperationContext) Estimate {
			n := int64(complexity.Calculate(ctx, es, op.Operation, op.Variables))
			return Estimate{Least: n, Likely: n}
		}
	}
	return l
}

// ExtensionName names the extension, and its value in an operation's statistics.
func (operationLimits) ExtensionName() string { return "OperationLimits" }

// Validate accepts any schema.
func (operationLimits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext measures the operation, and only then estimates it.
func (l operationLimits) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	x := measure(op.Operation.SelectionSet)
	for _, check := range []struct {
		limit, what  string
		actual, most int
	}{
		{"fields", "the operation's number of fields, with fragments written out,", x.fields, maxFields},
		{"depth", "the operation's depth", x.depth, l.limits.Depth},
		{"introspection depth", "the operation's depth of introspection", x.introspection, l.limits.IntrospectionDepth},
		{"aliases", "the operation's number of aliases", x.aliases, l.limits.Aliases},
	} {
		if check.most > 0 && check.actual > check.most {
			return limitError(check.limit, check.what, int64(check.actual), int64(check.most))
		}
	}
	estimate := l.estimate(ctx, op)
	op.Stats.SetExtension(l.ExtensionName(), estimate)
	if most := l.limits.Values; most > 0 && estimate.Least > most {
		return limitError("values", "the least number of values that the answer is thought to have", estimate.Least, most)
	}
	return nil
}

// estimateOf is what was estimated for an operation, if anything.
func estimateOf(op *graphql.OperationContext) Estimate {
	estimate, _ := op.Stats.GetExtension(operationLimits{}.ExtensionName()).(Estimate)
	return estimate
}

// extent is how large a selection is, with its fragments written out.
type extent struct {
	fields        int
	depth         int // of fields outside of introspection
	introspection int // of fields below __schema and __type, these included
	aliases       int
}

// endless is the extent of a fragment that contains itself. Validation refuses
// these; a limit does so again.
var endless = extent{math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32}

// measure finds the extent of a selection in one visit of each fragment. It
// takes every @skip and @include to include.
func measure(set ast.SelectionSet) extent {
	return (&measurer{known: map[*ast.FragmentDefinition]extent{}}).selection(set)
}

type measurer struct {
	known map[*ast.FragmentDefinition]extent
}

func (m *measurer) selection(set ast.SelectionSet) extent {
	var sum extent
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			sum = sum.beside(m.field(s))
		case *ast.InlineFragment:
			sum = sum.beside(m.selection(s.SelectionSet))
		case *ast.FragmentSpread:
			sum = sum.beside(m.fragment(s.Definition))
		}
	}
	return sum
}

func (m *measurer) fragment(f *ast.FragmentDefinition) extent {
	if f == nil {
		return extent{}
	}
	x, known := m.known[f]
	if !known {
		m.known[f] = endless
		x = m.selection(f.SelectionSet)
		m.known[f] = x
	}
	return x
}

func (m *measurer) field(f *ast.Field) extent {
	x := m.selection(f.SelectionSet)
	x.fields = capped(x.fields + 1)
	if f.Alias != f.Name {
		x.aliases = capped(x.aliases + 1)
	}
	if len(f.SelectionSet) > 0 && strings.HasPrefix(f.Name, "__") {
		x.introspection = capped(max(x.introspection, x.depth) + 1)
		x.depth = 0
		return x
	}
	x.depth = capped(x.depth + 1)
	return x
}

// beside is the extent of two selections on one level.
func (x extent) beside(y extent) extent {
	return extent{
		fields:        capped(x.fields + y.fields),
		depth:         max(x.depth, y.depth),
		introspection: max(x.introspection, y.introspection),
		aliases:       capped(x.aliases + y.aliases),
	}
}

func capped(n int) int { return min(n, math.MaxInt32) }
