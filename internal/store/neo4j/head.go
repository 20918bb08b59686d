package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// headReader reads a generation's head, query by query, until one fails.
type headReader struct {
	client *client
	prefix string
	err    error
}

func readAll[T any](ctx context.Context, h *headReader, query string, value func(record) (T, error)) []T {
	if h.err != nil {
		return nil
	}
	var list []T
	list, h.err = read(ctx, h.client, query, map[string]any{"prefix": h.prefix}, value)
	return list
}

// readHead reads what a generation holds, without the bulk, and which versions
// of which framework have a catalog.
func readHead(ctx context.Context, c *client, generation string) (*kg.Head, map[string][]string, error) {
	found, err := read(ctx, c, "generation", map[string]any{"key": generation}, func(r record) (record, error) { return r.inner("generation"), nil })
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, fmt.Errorf("%w: the generation %s was removed while it was read", store.ErrUnavailable, generation)
	}
	g := found[0]
	if got := g.num("format"); got != format {
		return nil, nil, fmt.Errorf("%w: the graph was written by another version of mapgraph (format %d, not %d); load it again", store.ErrUnavailable, got, format)
	}
	loadedAt, _ := g["loadedAt"].(time.Time)
	head := kg.Head{
		Generation: g.str("hash"), LoadedAt: loadedAt.UTC(), Edition: valueOf(kg.EditionNames, g.str("edition")),
		Mappings: g.num("mappings"), Techniques: g.num("techniques"), Priorities: map[string]float64{},
	}
	h := &headReader{client: c, prefix: generation + "/"}
	head.Releases = readAll(ctx, h, "releases", func(r record) (kg.ReleaseSummary, error) { return r.inner("release").releaseSummary() })
	head.Frameworks = readAll(ctx, h, "frameworks", func(r record) (kg.Framework, error) { return r.inner("framework").framework(), nil })
	head.Sets = readAll(ctx, h, "sets", func(r record) (kg.SetSummary, error) { return r.inner("set").setSummary() })
	head.Baselines = inPlace(readAll(ctx, h, "baselines", func(r record) (placed[kg.Baseline], error) {
		return placed[kg.Baseline]{r.inner("baseline").num("position"), r.inner("baseline").baseline()}, nil
	}))
	for _, p := range readAll(ctx, h, "priorities", func(r record) (kg.Priority, error) {
		return kg.Priority{AttackID: r.str("id"), Cumulative: r.float("cumulative")}, nil
	}) {
		head.Priorities[p.AttackID] = p.Cumulative
	}
	sortHead(&head)
	if head.Capabilities = readCapabilities(ctx, h, head.Sets); h.err != nil {
		return nil, nil, h.err
	}
	catalogs := map[string][]string{}
	for _, name := range g.strs("catalogs") {
		framework, version, _ := strings.Cut(name, " ")
		catalogs[framework] = append(catalogs[framework], version)
	}
	return kg.NewHead(head), catalogs, nil
}

func sortHead(h *kg.Head) {
	slices.SortFunc(h.Releases, func(a, b kg.ReleaseSummary) int { return a.Key.Compare(b.Key) })
	slices.SortFunc(h.Frameworks, func(a, b kg.Framework) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(h.Sets, func(a, b kg.SetSummary) int { return a.Set.Key.Compare(b.Set.Key) })
}

// readCapabilities reads the capabilities with the sets that have them.
func readCapabilities(ctx context.Context, h *headReader, sets []kg.SetSummary) []kg.Capability {
	keys := make(map[string]kg.SetKey, len(sets))
	for _, s := range sets {
		keys[s.Set.Key.String()] = s.Set.Key
	}
	return inPlace(readAll(ctx, h, "capabilities", func(r record) (placed[kg.Capability], error) {
		c := kg.Capability{Ref: kg.CapabilityRef{Framework: r.str("framework"), ID: r.str("id")}, Spelled: r.str("spelled")}
		for _, in := range r.inners("sets") {
			c.Sets = append(c.Sets, kg.CapabilityIn{Set: keys[in.str("set")], Title: in.str("title"), Group: in.str("group")})
		}
		slices.SortFunc(c.Sets, func(a, b kg.CapabilityIn) int { return a.Set.Compare(b.Set) })
		return placed[kg.Capability]{r.num("position"), c}, nil
	}))
}

// placed is a value with its place in a list.
type placed[T any] struct {
	position int
	value    T
}

// inPlace gives the values in their order.
func inPlace[T any](list []placed[T]) []T {
	slices.SortFunc(list, func(a, b placed[T]) int { return cmp.Compare(a.position, b.position) })
	values := make([]T, len(list))
	for i := range list {
		values[i] = list[i].value
	}
	return values
}
