package graph

import (
	"context"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/graph/answer"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/store"
)

// costModel estimates what an operation takes before it runs, from how long the
// lists of the served generation are. What it says decides only which requests
// are hopeless, and which begin among the large ones: what a request may use is
// counted while it runs.
type costModel struct {
	store         store.Store
	attackVersion string
	known         atomic.Pointer[generationFans]
}

type generationFans struct {
	generation string
	fans       answer.Fans
}

// fieldTime is about what a value of an answer takes, with its bytes.
const fieldTime = 60 * time.Nanosecond

// estimate works out the cost of an operation. It is asked only of operations
// whose number of fields is bounded. Introspection is free.
func (m *costModel) estimate(ctx context.Context, op *graphql.OperationContext) gqlhttp.Estimate {
	e := estimator{variables: op.Variables, fans: m.fans(ctx)}
	likely := e.selection(op.Operation.SelectionSet)
	e.least = true
	least := e.selection(op.Operation.SelectionSet)
	return gqlhttp.Estimate{
		Least: capped(least.fields), Likely: capped(likely.fields),
		Time: time.Duration(capped(likely.fields*float64(fieldTime) + likely.work)),
	}
}

func capped(x float64) int64 { return int64(min(x, math.MaxInt64/2)) }

// fans gives the lengths of the served generation's lists, counted once. While
// there is no data, every list has its usual length.
func (m *costModel) fans(ctx context.Context) answer.Fans {
	if m.store == nil {
		return nil
	}
	snapshot, err := m.store.Snapshot(ctx)
	if err != nil {
		return nil
	}
	generation := snapshot.Head().Generation
	if known := m.known.Load(); known != nil && known.generation == generation {
		return known.fans
	}
	fans, err := (&answer.Request{Snapshot: snapshot, AttackVersion: m.attackVersion}).Statistics(ctx)
	if err != nil {
		return nil
	}
	m.known.Store(&generationFans{generation, fans})
	return fans
}

// usualLength is about how long the lists are that no statistic counts.
var usualLength = map[string]float64{
	"ImportReport.files": 80, "Matrix.tactics": 14, "MatrixTactic.techniques": 47, "MatrixCell.coverage": 8, "MatrixCell.subtechniques": 3,
	"MappingSet.nonMappableTechniques": 100, "MappingSet.nonMappableCapabilities": 100,
	"GapConnection.unaligned": 100, "Gap.byFramework": 8,
	"Overlap.regions":  3, // regions share the universe out
	"Overlap.pairwise": 30, "OverlapRegion.techniques": 100, "FrameworkCapabilities.capabilities": 4, "FrameworkCapabilities.mappings": 6,
	"AttackDiff.added": 60, "AttackDiff.revoked": 30, "AttackDiff.renamed": 60, "AttackDiff.tacticsChanged": 60,
	"MappingDiff.capabilitiesAdded": 50, "MappingDiff.capabilitiesRemoved": 50, "MappingDiff.capabilitiesRetitled": 50,
	"MappingDiff.added": 1000, "MappingDiff.removed": 1000, "MappingDiff.rescored": 100,
	"StackComparison.gained": 100, "StackComparison.lost": 100,
	"ControlCover.picks": 25, "CoverPick.techniques": 40, "ControlCover.uncovered": 50,
	"Query.crosswalk": 1000, "CrosswalkPair.techniques": 6, "Capability.similar": 50, "Query.search": 200,
	"Technique.releases": 20, "Technique.coverage": 8,
	// Without statistics:
	"Query.techniques": 656, "Query.gaps": 656, "Query.mappings": 15_000, "Query.capabilities": 1500, "Query.mappingSets": 40, "Query.attackReleases": 30,
	"Technique.mappings": 40, "Technique.capabilities": 30, "Technique.groups": 20, "Technique.software": 40,
	"Capability.techniques": 60, "Capability.mappings": 100, "Group.techniques": 40, "Software.techniques": 30, "Tactic.techniques": 60,
}

// otherLength is the length of the lists that nothing is known of.
const otherLength = 8

// work is what fields take beside the values that they write, in nanoseconds:
// medians on the published corpus, rounded up.
var work = map[string]float64{
	"Query.export": 100e6, "Query.navigatorLayer": 2e6, "Query.search": 2e6,
	"Query.matrix": 1e6, "Query.gaps": 0.2e6, "Query.coverage": 0.2e6, "Query.overlap": 0.1e6,
	"Query.crosswalk": 0.5e6, "Capability.similar": 0.2e6, "Query.compareStacks": 0.4e6,
	"Query.controlCover": 5e6, "Query.mappingDiff": 5e6, "Query.attackDiff": 1e6, "Query.lift": 2e6,
	"Group.coverage": 0.2e6, "Software.coverage": 0.2e6, "Campaign.coverage": 0.2e6,
	"Group.gaps": 0.2e6, "Software.gaps": 0.2e6, "Campaign.gaps": 0.2e6,
}

// exactWork is what a smallest cover takes that is not easy.
const exactWork = 500e6

// taken is what a selection takes for one thing.
type taken struct{ fields, work float64 }

func (t *taken) add(o taken, times float64) {
	t.fields += o.fields * times
	t.work += o.work * times
}

// estimator works out the cost of selections.
type estimator struct {
	variables map[string]any
	fans      answer.Fans
	least     bool
	depth     int // of lists around the selection
}

func (e *estimator) selection(set ast.SelectionSet) taken {
	var sum taken
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !strings.HasPrefix(s.Name, "__") {
				sum.add(e.field(s), 1)
			}
		case *ast.InlineFragment:
			sum.add(e.selection(s.SelectionSet), 1)
		case *ast.FragmentSpread:
			sum.add(e.selection(s.Definition.SelectionSet), 1)
		}
	}
	return sum
}

func (e *estimator) field(f *ast.Field) taken {
	var sum taken
	sum.fields = 1
	if f.Definition == nil || f.ObjectDefinition == nil {
		return sum
	}
	name := f.ObjectDefinition.Name + "." + f.Name
	sum.work = work[name]
	if f.Name == "controlCover" && f.ArgumentMap(e.variables)["method"] == "EXACT" {
		sum.work = exactWork
	}
	length, many := e.length(f, name)
	if many {
		e.depth++
		defer func() { e.depth-- }()
	}
	sum.add(e.selection(f.SelectionSet), length)
	return sum
}

// length estimates how many values a field has; many tells whether it has many
// by nature. A connection's lists are counted with the connection.
func (e *estimator) length(f *ast.Field, name string) (n float64, many bool) {
	isPage := f.Definition.Arguments.ForName("first") != nil
	isList := f.Definition.Type.Elem != nil
	if !isPage && (!isList || (f.Name == "nodes" || f.Name == "edges") && f.ObjectDefinition.Name != "Query") {
		return 1, false
	}
	n = e.usual(name)
	args := f.ArgumentMap(e.variables)
	if name == "Query.nodes" {
		ids, _ := args["ids"].([]any)
		return float64(len(ids)), true
	}
	if e.least && narrowed(args) {
		n = min(n, 1)
	}
	if isPage {
		n = min(n, first(args))
	}
	return n, true
}

// usual is how long a list is thought to be: of a thing that a list led to, by
// how long the list is for things that are met there.
func (e *estimator) usual(name string) float64 {
	if fan, ok := e.fans[name]; ok {
		if e.depth > 0 && !e.least {
			return fan.Reached
		}
		return fan.Mean
	}
	if n, ok := usualLength[name]; ok {
		return n
	}
	return otherLength
}

// narrowed tells whether arguments may leave next to nothing of a list.
func narrowed(args map[string]any) bool {
	for _, name := range []string{"scope", "filter", "frameworks", "framework", "relations", "fromCapabilities", "minShared", "minWeighted", "after"} {
		if args[name] != nil {
			return true
		}
	}
	return false
}

func first(args map[string]any) float64 {
	switch n := args["first"].(type) {
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
