package neo4j

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// step is one kind of thing to write: its statement, and the rows for it, of
// which there are so many.
type step struct {
	statement string
	params    map[string]any // beside $rows
	size      int
	rows      iter.Seq[any]
	// nodes and relationships are how many the rows make: a row whose end was
	// not found must not be lost in silence.
	nodes, relationships int
}

// writer turns a dataset into steps.
type writer struct {
	g      string // key of the generation
	data   *kg.Dataset
	head   *kg.Head
	scopes scopes
	known  map[kg.ReleaseKey]map[string]bool // technique ids of each release
}

func newWriter(g string, ds *kg.Dataset, head *kg.Head) *writer {
	w := &writer{g: g, data: ds, head: head, known: map[kg.ReleaseKey]map[string]bool{}}
	for _, rel := range ds.Releases {
		ids := make(map[string]bool, len(rel.Techniques))
		for i := range rel.Techniques {
			ids[rel.Techniques[i].ID] = true
		}
		w.known[rel.Key] = ids
	}
	w.scopes = scopesOf(g, head)
	return w
}

// steps lists what to write, in an order in which every end of a relationship
// is there before it.
func (w *writer) steps() ([]step, error) {
	report, err := json.Marshal(w.data.Report)
	if err != nil {
		return nil, err
	}
	steps := []step{w.generation(string(report)), w.frameworks(), w.releases()}
	for _, rel := range w.data.Releases {
		steps = append(steps, w.objects(rel))
		steps = append(steps, w.links(rel)...)
	}
	steps = append(steps, w.sets(), w.capabilities())
	for _, set := range w.data.Sets {
		steps = append(steps, w.mappings(set), w.mapsTo(set))
	}
	steps = append(steps, w.controls()...)
	return append(steps, w.baselines(), w.priorities()), nil
}

// nodes is a step that makes a node of each item.
func nodes[T any](statement string, items []T, row func(i int, item *T) any) step {
	return step{statement: statement, size: len(items), nodes: len(items), rows: func(yield func(any) bool) {
		for i := range items {
			if !yield(row(i, &items[i])) {
				return
			}
		}
	}}
}

func (w *writer) generation(report string) step {
	p := properties{
		"key": w.g, "hash": w.data.Generation, "format": format, "edition": kg.EditionNames.Name(w.data.Edition), "report": report, "removed": false,
		"mappings": w.head.Mappings, "techniques": w.head.Techniques,
	}
	var catalogs []string
	for i := range w.data.Catalogs {
		catalogs = append(catalogs, w.data.Catalogs[i].Framework+" "+w.data.Catalogs[i].FrameworkVersion)
	}
	p.list("catalogs", catalogs)
	return nodes("create_generation", []properties{p}, func(_ int, p *properties) any { return map[string]any(*p) })
}

func (w *writer) frameworks() step {
	return nodes("create_frameworks", w.data.Frameworks, func(_ int, f *kg.Framework) any {
		p := frameworkProperties(w.g, f)
		p.searchable(w.scopes.common, store.FrameworkDocument(f))
		return map[string]any(p)
	})
}

func (w *writer) releases() step {
	return nodes("create_releases", w.head.Releases, func(_ int, r *kg.ReleaseSummary) any { return map[string]any(releaseProperties(w.g, r)) })
}

// labelled is a node whose label the statement does not know.
func labelled(label string, p properties) any {
	return map[string]any{"label": label, "properties": map[string]any(p)}
}

// objectsOf lists a release's objects by kind, tactics among them.
func objectsOf(rel *kg.Release) map[kg.ObjectKind][]kg.Object {
	all := maps.Clone(rel.Objects)
	if all == nil {
		all = map[kg.ObjectKind][]kg.Object{}
	}
	all[kg.KindTactic] = rel.Tactics
	return all
}

func (w *writer) objects(rel *kg.Release) step {
	objects := objectsOf(rel)
	n := len(rel.Techniques)
	for _, list := range objects {
		n += len(list)
	}
	scope := w.scopes.releases[rel.Key]
	return step{statement: "create_objects", size: n, nodes: n, rows: func(yield func(any) bool) {
		for i := range rel.Techniques {
			t := &rel.Techniques[i]
			p := techniqueProperties(w.g, rel.Key, t)
			p.searchable(scope, store.TechniqueDocument(rel, t))
			if !yield(labelled(techniqueLabel, p)) {
				return
			}
		}
		for _, kind := range kg.ObjectKinds {
			for i := range objects[kind] {
				o := &objects[kind][i]
				p := objectProperties(w.g, rel.Key, o, i)
				if store.SearchableObjects[kind] != 0 {
					p.searchable(scope, store.ObjectDocument(rel.Key, o))
				}
				if !yield(labelled(labels[kind], p)) {
					return
				}
			}
		}
	}}
}

// edges are relationships of one type, gathered by where they begin.
type edges struct {
	relationship string
	from         []string
	to           map[string][]string
	n            int
}

func (e *edges) add(from, to string) {
	if e.to == nil {
		e.to = map[string][]string{}
	}
	if e.to[from] == nil {
		e.from = append(e.from, from)
	}
	e.to[from] = append(e.to[from], to)
	e.n++
}

func (e *edges) step() step {
	return step{statement: "create_links", params: map[string]any{"type": e.relationship}, size: len(e.from), relationships: e.n,
		rows: func(yield func(any) bool) {
			for _, from := range e.from {
				if !yield(map[string]any{"from": from, "to": e.to[from]}) {
					return
				}
			}
		}}
}

// links draws what ATT&CK says of its objects: what the release links, and what
// its techniques and objects say of themselves.
func (w *writer) links(rel *kg.Release) []step {
	byType := map[string]*edges{}
	of := func(relationship string) *edges {
		if byType[relationship] == nil {
			byType[relationship] = &edges{relationship: relationship}
		}
		return byType[relationship]
	}
	key := func(kind, id string) string { return objectKey(w.g, kind, rel.Key, id) }
	for _, kind := range kg.LinkKinds {
		shape := shapeOf(kind)
		for _, l := range rel.Links[kind] {
			of(shape.relationship).add(key(shape.from, l.From), key(shape.to, l.To))
		}
	}
	tactics := map[string]string{}
	for i := range rel.Tactics {
		tactics[rel.Tactics[i].ShortName] = rel.Tactics[i].ID
	}
	known := w.known[rel.Key]
	for i := range rel.Techniques {
		t := &rel.Techniques[i]
		from := key(techniqueKind, t.ID)
		for _, name := range t.Tactics {
			if id, ok := tactics[name]; ok {
				of("IN_TACTIC").add(from, key(kg.KindTactic.String(), id))
			}
		}
		if known[t.Parent] {
			of("SUBTECHNIQUE_OF").add(from, key(techniqueKind, t.Parent))
		}
		if known[t.RevokedBy] {
			of("REVOKED_BY").add(from, key(techniqueKind, t.RevokedBy))
		}
	}
	var steps []step
	for _, relationship := range slices.Sorted(maps.Keys(byType)) {
		steps = append(steps, byType[relationship].step())
	}
	return steps
}

func (w *writer) sets() step {
	s := nodes("create_sets", w.head.Sets, func(_ int, sum *kg.SetSummary) any {
		k := sum.Set.Key
		return map[string]any{"framework": frameworkKey(w.g, k.Framework), "release": releaseKey(w.g, k.Release()), "properties": map[string]any(setProperties(w.g, sum))}
	})
	s.relationships = len(w.head.Sets)
	for i := range w.head.Sets {
		if w.known[w.head.Sets[i].Set.Key.Release()] != nil {
			s.relationships++
		}
	}
	return s
}

func (w *writer) capabilities() step {
	s := nodes("create_capabilities", w.head.Capabilities, func(i int, c *kg.Capability) any {
		p := properties{
			"key": capabilityKey(w.g, c.Ref), "framework": c.Ref.Framework, "id": c.Ref.ID, "spelled": c.Spelled,
			"name": c.Newest().Title, "position": i,
		}
		p.searchable(w.scopes.common, store.CapabilityDocument(w.head, c))
		sets := make([]any, len(c.Sets))
		for j, in := range c.Sets {
			sets[j] = map[string]any{"key": setKey(w.g, in.Set), "title": in.Title, "group": in.Group}
		}
		return map[string]any{"framework": frameworkKey(w.g, c.Ref.Framework), "properties": map[string]any(p), "sets": sets}
	})
	s.relationships = len(w.head.Capabilities)
	for i := range w.head.Capabilities {
		s.relationships += len(w.head.Capabilities[i].Sets)
	}
	return s
}

func (w *writer) mappings(set *kg.Set) step {
	scope := w.scopes.sets[set.Key]
	s := nodes("create_mappings", set.Rows, func(_ int, r *kg.Row) any {
		p := rowProperties(w.g, set.Key, r)
		if r.Class == kg.Mapped && r.Comments != "" {
			p.searchable(scope, store.MappingDocument(r))
		}
		return map[string]any(p)
	})
	s.params = map[string]any{"set": setKey(w.g, set.Key)}
	s.relationships = len(set.Rows)
	return s
}

// mapsTo draws the mapped rows whose technique the set's own release has, of
// whatever status: what a view lifts or leaves out is the view's business.
func (w *writer) mapsTo(set *kg.Set) step {
	known := w.known[set.Key.Release()]
	drawn := func(r *kg.Row) bool { return r.Class == kg.Mapped && known[r.AttackID] }
	n := 0
	for i := range set.Rows {
		if drawn(&set.Rows[i]) {
			n++
		}
	}
	return step{statement: "create_maps_to", size: n, relationships: 3 * n, rows: func(yield func(any) bool) {
		for i := range set.Rows {
			r := &set.Rows[i]
			if drawn(r) && !yield(w.mapping(set.Key, r)) {
				return
			}
		}
	}}
}

func (w *writer) mapping(set kg.SetKey, r *kg.Row) any {
	p := properties{"mapping": r.ID.String(), "set": set.String(), "relation": kg.RelationNames.Name(r.Relation)}
	p.text("type", r.TypeID)
	p.text("category", kg.CategoryNames.Name(r.Category))
	p.text("value", kg.ValueNames.Name(r.Value))
	return map[string]any{
		"mapping":    mappingKey(w.g, r.ID),
		"capability": capabilityKey(w.g, kg.CapabilityRef{Framework: set.Framework, ID: r.Capability}),
		"technique":  objectKey(w.g, techniqueKind, set.Release(), r.AttackID),
		"properties": map[string]any(p),
	}
}

func (w *writer) controls() []step {
	var steps []step
	for i := range w.data.Catalogs {
		catalog := &w.data.Catalogs[i]
		steps = append(steps, nodes("create_controls", catalog.Controls, func(_ int, c *kg.Control) any { return map[string]any(controlProperties(w.g, catalog, c)) }))
		var described []any
		for j := range catalog.Controls {
			ref := kg.CapabilityRef{Framework: catalog.Framework, ID: catalog.Controls[j].ID}
			if w.head.Capability(ref) != nil {
				described = append(described, map[string]any{
					"control":    controlKey(w.g, catalog.Framework, catalog.FrameworkVersion, ref.ID),
					"capability": capabilityKey(w.g, ref),
				})
			}
		}
		steps = append(steps, step{statement: "describe_controls", size: len(described), relationships: len(described), rows: slices.Values(described)})
	}
	return steps
}

func (w *writer) baselines() step {
	requires := func(b *kg.Baseline) []string {
		keys := []string{}
		for _, id := range b.Controls {
			if ref := (kg.CapabilityRef{Framework: b.Framework, ID: id}); w.head.Capability(ref) != nil {
				keys = append(keys, capabilityKey(w.g, ref))
			}
		}
		return keys
	}
	s := nodes("create_baselines", w.data.Baselines, func(i int, b *kg.Baseline) any {
		return map[string]any{"properties": map[string]any(baselineProperties(w.g, b, i)), "requires": requires(b)}
	})
	for i := range w.data.Baselines {
		s.relationships += len(requires(&w.data.Baselines[i]))
	}
	return s
}

func (w *writer) priorities() step {
	return nodes("create_priorities", w.data.Priorities, func(_ int, p *kg.Priority) any {
		return map[string]any{"key": w.g + "/priority:" + p.AttackID, "id": p.AttackID, "cumulative": p.Cumulative}
	})
}
