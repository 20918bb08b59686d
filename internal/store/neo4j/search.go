package neo4j

import (
	"context"
	"fmt"
	"strings"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/search"
	"github.com/mapgraph/mapgraph/internal/store"
)

// Search asks the full-text index for candidates, and package search which of
// them match, and how well: every store gives the same hits in the same order.
// The one difference is typos, of which Lucene tries the 50 nearest words only.
func (s *Snapshot) Search(ctx context.Context, q store.SearchQuery) ([]store.SearchHit, error) {
	query, err := search.Parse(q.Text)
	if err != nil {
		return nil, &algebra.InputError{Message: "text: " + err.Error()}
	}
	view, err := s.View(ctx, q.View)
	if err != nil {
		return nil, err
	}
	plan := query.Plan()
	if len(plan) == 0 {
		return nil, ctx.Err()
	}
	records, err := read(ctx, s.client, "search", map[string]any{"query": s.lucene(plan, q)}, func(r record) (record, error) { return r.inner("node"), nil })
	if err == nil && len(records) == 0 {
		err = s.checkThere(ctx)
	}
	if err != nil {
		return nil, err
	}
	var docs []*search.Doc
	for _, r := range records {
		if doc := s.document(view, r); doc != nil {
			docs = append(docs, doc)
		}
	}
	return store.Hits(search.Rank(query, docs), query), nil
}

// document makes of a candidate what it is ranked as; nil where the view does
// not have it.
func (s *Snapshot) document(view *algebra.View, r record) *search.Doc {
	id := r.str("id")
	switch kind := r.str("kind"); {
	case r.str("mappingId") != "":
		mapping, err := kg.ParseMappingID(r.str("mappingId"))
		if _, reason := view.Frame.Align(r.str("attackId")); err != nil || reason != 0 {
			return nil
		}
		return store.MappingDocument(&kg.Row{ID: mapping, Comments: r.str("comments")})
	case r.str("framework") != "":
		if c := s.head.Capability(kg.CapabilityRef{Framework: r.str("framework"), ID: id}); c != nil {
			return store.CapabilityDocument(s.head, c)
		}
	case kind == techniqueKind:
		if t := view.Frame.Technique(id); t != nil {
			whole := *t
			whole.Description = r.str("description")
			return store.TechniqueDocument(view.Frame.Release, &whole)
		}
	case valueOf(kg.ObjectKindNames, kind) != 0:
		k := valueOf(kg.ObjectKindNames, kind)
		if o := view.Frame.Object(k, id); o != nil && listed(view.Frame, o) {
			whole := *o
			whole.Description = r.str("description")
			return store.ObjectDocument(view.Frame.Release.Key, &whole)
		}
	default:
		if f := s.head.Framework(id); f != nil {
			return store.FrameworkDocument(f)
		}
	}
	return nil
}

// listed tells whether the frame shows an object: some withdrawn tactics it does not.
func listed(f *algebra.Frame, o *kg.Object) bool {
	if o.Kind != kg.KindTactic {
		return true
	}
	for i := range f.Tactics {
		if f.Tactics[i].ID == o.ID {
			return true
		}
	}
	return false
}

var luceneFields = map[search.Part]string{search.InIDs: "searchIds", search.InNames: "searchNames", search.InTexts: "searchTexts"}

// lucene writes a plan, within what a view takes in, as Lucene's query parser
// reads it. Terms are letters and digits, and need no escapes.
func (s *Snapshot) lucene(plan search.Plan, q store.SearchQuery) string {
	scope := []string{s.scopes.common, s.scopes.releases[q.View.Release]}
	for _, k := range q.View.Sets {
		scope = append(scope, s.scopes.sets[k])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "+searchScope:(%s)", strings.Join(scope, " "))
	if len(q.Kinds) > 0 {
		tokens := make([]string, len(q.Kinds))
		for i, k := range q.Kinds {
			tokens[i] = searchKindToken(search.Kind(k))
		}
		fmt.Fprintf(&b, " +searchScope:(%s)", strings.Join(tokens, " "))
	}
	for _, clause := range plan {
		b.WriteString(" +(")
		for _, conjunction := range clause {
			b.WriteString(" (")
			for _, term := range conjunction {
				b.WriteString(" +" + luceneFields[term.Part] + ":" + term.Text)
				switch {
				case term.Prefix:
					b.WriteByte('*')
				case term.Edits > 0:
					fmt.Fprintf(&b, "~%d", term.Edits)
				}
			}
			b.WriteByte(')')
		}
		b.WriteByte(')')
	}
	return b.String()
}
