package graph

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/graph/node"
)

// Limits bound what one request may ask for. Zero means no limit.
type Limits struct {
	BodyBytes int64 // of a request
	Tokens    int   // of a query's text
	Depth     int   // of nested fields
	Aliases   int   // fields under another name, each use of a fragment counted
	Cost      int   // see operationCost
}

// DefaultLimits leave room for the widest questions that people ask: the whole
// matrix for every framework, or a page of a thousand mappings with all they hold.
var DefaultLimits = Limits{BodyBytes: 1 << 20, Tokens: 10_000, Depth: 16, Aliases: 64, Cost: 5_000_000}

// introspectionDepth bounds introspection, which nests deeper than questions do.
const introspectionDepth = 24

// limiter refuses operations that pass a limit, before they run.
type limiter struct {
	schema *ast.Schema
	limits Limits
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = limiter{}

func (limiter) ExtensionName() string                   { return "Limits" }
func (limiter) Validate(graphql.ExecutableSchema) error { return nil }

func (l limiter) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	m := measure{schema: l.schema, variables: op.Variables}
	m.walk(op.Operation.SelectionSet, 1, 0)
	for _, over := range []struct {
		what      string
		is, limit int
	}{
		{"depth", m.depth, l.limits.Depth},
		{"introspection depth", m.introspectionDepth, introspectionDepth},
		{"number of aliases", m.aliases, l.limits.Aliases},
		{"cost", clampInt(operationCost(&m, op.Operation.SelectionSet)), l.limits.Cost},
	} {
		if over.limit > 0 && over.is > over.limit {
			return codedError(node.LimitExceeded, fmt.Sprintf("the query's %s is %d; the limit is %d", over.what, over.is, over.limit))
		}
	}
	return nil
}

// measure walks an operation as it will be executed: fragments where they are
// used. Validation has ruled out fragments that contain themselves.
type measure struct {
	schema                             *ast.Schema
	variables                          map[string]any
	depth, introspectionDepth, aliases int
	fields                             int
}

// maxFields bounds the walk itself: fragments within fragments can stand for
// exponentially many fields.
const maxFields = 100_000

func (m *measure) walk(set ast.SelectionSet, depth, introspection int) {
	for _, s := range set {
		if m.fields++; m.fields > maxFields {
			m.depth = math.MaxInt32
			return
		}
		switch s := s.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				m.aliases++
			}
			if introspection > 0 || strings.HasPrefix(s.Name, "__") {
				m.introspectionDepth = max(m.introspectionDepth, introspection+1)
				m.walk(s.SelectionSet, depth, introspection+1)
				continue
			}
			m.depth = max(m.depth, depth)
			m.walk(s.SelectionSet, depth+1, 0)
		case *ast.InlineFragment:
			m.walk(s.SelectionSet, depth, introspection)
		case *ast.FragmentSpread:
			m.walk(s.Definition.SelectionSet, depth, introspection)
		}
	}
}

// operationCost estimates how many fields an answer will have: each field
// counts one, times the length of the lists that it is in. A connection is as
// long as its `first`, any other list as listLength says. Introspection is free.
func operationCost(m *measure, set ast.SelectionSet) float64 {
	if m.fields > maxFields {
		return math.Inf(1)
	}
	sum := 0.0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !strings.HasPrefix(s.Name, "__") {
				sum += 1 + m.length(s)*operationCost(m, s.SelectionSet)
			}
		case *ast.InlineFragment:
			sum += operationCost(m, s.SelectionSet)
		case *ast.FragmentSpread:
			sum += operationCost(m, s.Definition.SelectionSet)
		}
	}
	return sum
}

func clampInt(x float64) int { return int(min(x, math.MaxInt32)) }

// listLength is about how long the lists without `first` get that are longer
// than a handful.
var listLength = map[string]float64{
	"Query.nodes": 1000, "Query.mappingSets": 40, "Query.attackReleases": 30, "Query.tactics": 14,
	"Dataset.releases": 30, "Dataset.sets": 40, "ImportReport.files": 80,
	"Matrix.tactics": 14, "MatrixTactic.techniques": 20, "MatrixCell.coverage": 8, "MatrixCell.subtechniques": 3,
	"Tactic.techniques": 60, "Group.techniques": 40, "Software.techniques": 30, "Campaign.techniques": 30, "Mitigation.techniques": 60,
	"Capability.techniques": 60, "Technique.groups": 20, "Technique.software": 40,
	"MappingSet.nonMappableTechniques": 100, "MappingSet.nonMappableCapabilities": 150,
	"GapConnection.unaligned": 100, "Overlap.regions": 3, // regions share the universe out
	"Overlap.pairwise":  30,
	"Coverage.byTactic": 14, "Coverage.byPlatform": 15,
}

// length estimates how many values a field has.
func (m *measure) length(f *ast.Field) float64 {
	if f.Definition == nil {
		return 1
	}
	if f.Definition.Arguments.ForName("first") != nil {
		return m.first(f)
	}
	if f.Definition.Type.Elem == nil || f.Name == "nodes" && f.ObjectDefinition.Name != "Query" || f.Name == "edges" {
		return 1 // a connection's lists are counted with its `first`
	}
	if n, ok := listLength[f.ObjectDefinition.Name+"."+f.Name]; ok {
		if f.Name == "nodes" {
			if ids, ok := f.ArgumentMap(m.variables)["ids"].([]any); ok {
				return float64(len(ids))
			}
		}
		return n
	}
	return 8
}

func (m *measure) first(f *ast.Field) float64 {
	switch n := f.ArgumentMap(m.variables)["first"].(type) {
	case int64:
		return max(float64(n), 0)
	case int:
		return max(float64(n), 0)
	case interface{ Int64() (int64, error) }:
		if v, err := n.Int64(); err == nil {
			return max(float64(v), 0)
		}
	}
	return node.DefaultPage
}
