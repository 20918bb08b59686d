package graph

import (
	"context"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/graph/answer"
)

// operationCost estimates how many fields an answer will have: each field
// counts one, times the length of the lists that it is in. A connection is as
// long as its `first`, any other list as listLength says. Introspection is free.
//
// It is asked only of operations whose number of fields is bounded.
func operationCost(_ context.Context, op *graphql.OperationContext) int {
	e := estimate{variables: op.Variables}
	return int(min(e.selection(op.Operation.SelectionSet), math.MaxInt32))
}

// estimate works out the cost of selections.
type estimate struct{ variables map[string]any }

func (e estimate) selection(set ast.SelectionSet) float64 {
	sum := 0.0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !strings.HasPrefix(s.Name, "__") {
				sum += 1 + heavy[s.Name] + e.length(s)*e.selection(s.SelectionSet)
			}
		case *ast.InlineFragment:
			sum += e.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			sum += e.selection(s.Definition.SelectionSet)
		}
	}
	return sum
}

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
	"AttackDiff.added": 60, "AttackDiff.revoked": 30, "AttackDiff.renamed": 60, "AttackDiff.tacticsChanged": 60,
	"MappingDiff.capabilitiesAdded": 50, "MappingDiff.capabilitiesRemoved": 50, "MappingDiff.capabilitiesRetitled": 50,
	"StackComparison.gained": 100, "StackComparison.lost": 100,
	"ControlCover.picks": 25, "CoverPick.techniques": 40, "ControlCover.uncovered": 50, "CrosswalkPair.techniques": 15,
}

// heavy is what root fields cost beside their fields: a document of megabytes is
// one field.
var heavy = map[string]float64{"export": 1_000_000, "navigatorLayer": 5_000}

// length estimates how many values a field has.
func (e estimate) length(f *ast.Field) float64 {
	if f.Definition == nil {
		return 1
	}
	if f.Definition.Arguments.ForName("first") != nil {
		return e.first(f)
	}
	if f.Definition.Type.Elem == nil || f.Name == "nodes" && f.ObjectDefinition.Name != "Query" || f.Name == "edges" {
		return 1 // a connection's lists are counted with its `first`
	}
	if n, ok := listLength[f.ObjectDefinition.Name+"."+f.Name]; ok {
		if f.Name == "nodes" {
			if ids, ok := f.ArgumentMap(e.variables)["ids"].([]any); ok {
				return float64(len(ids))
			}
		}
		return n
	}
	return 8
}

func (e estimate) first(f *ast.Field) float64 {
	switch n := f.ArgumentMap(e.variables)["first"].(type) {
	case int64:
		return max(float64(n), 0)
	case int:
		return max(float64(n), 0)
	case interface{ Int64() (int64, error) }:
		if v, err := n.Int64(); err == nil {
			return max(float64(v), 0)
		}
	}
	return answer.DefaultPage
}
