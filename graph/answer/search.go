package answer

import (
	"context"
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// SearchHit is something that search found.
type SearchHit struct {
	Node    Node
	hit     store.SearchHit
	snippet string
	matches []TextSpan
}

func (h *SearchHit) Score() float64      { return h.hit.Score }
func (h *SearchHit) Field() string       { return h.hit.Field }
func (h *SearchHit) Snippet() *string    { return optional(h.snippet) }
func (h *SearchHit) Matches() []TextSpan { return orNone(h.matches) }

// TextSpan is a part of a text, counted in code points.
type TextSpan struct{ Start, End int }

// SearchEdge is an item of a SearchConnection.
type SearchEdge struct {
	Cursor string
	Node   *SearchHit
}

// SearchConnection is a page of search hits.
type SearchConnection struct {
	Connection[*SearchHit, SearchEdge]
}

var searchKinds = map[model.SearchKind]store.SearchKind{
	model.SearchKindTechnique:  store.SearchTechnique,
	model.SearchKindTactic:     store.SearchTactic,
	model.SearchKindGroup:      store.SearchGroup,
	model.SearchKindSoftware:   store.SearchSoftware,
	model.SearchKindCampaign:   store.SearchCampaign,
	model.SearchKindMitigation: store.SearchMitigation,
	model.SearchKindCapability: store.SearchCapability,
	model.SearchKindFramework:  store.SearchFramework,
	model.SearchKindMapping:    store.SearchMapping,
}

// Search answers Query.search.
func (p *Place) Search(ctx context.Context, text string, kinds []model.SearchKind, first *int32, after *string) (*SearchConnection, error) {
	if strings.TrimSpace(text) == "" {
		return nil, badInput("text: say what to look for")
	}
	q := store.SearchQuery{Text: text, View: p.Key}
	for _, k := range kinds {
		q.Kinds = append(q.Kinds, searchKinds[k])
	}
	hits, err := p.Request.Snapshot.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	key := func(h store.SearchHit) string { return descending(h.Score) + h.Order }
	pg, err := paginate("search", hits, key, first, after)
	if err != nil {
		return nil, err
	}
	c := &SearchConnection{connect[SearchEdge](pg, func(h store.SearchHit) SearchHit { return SearchHit{hit: h} })}
	named := make([]kg.GlobalID, len(c.Nodes))
	for i, h := range c.Nodes {
		named[i], _ = kg.ParseGlobalID(h.hit.NodeID)
	}
	f, err := p.Request.find(ctx, named)
	if err != nil {
		return nil, err
	}
	for i, h := range c.Nodes {
		if h.Node, err = p.hitNode(f, named[i]); err != nil {
			return nil, err
		}
		text, spans := h.hit.Snippet()
		h.snippet = text
		for _, s := range spans {
			h.matches = append(h.matches, TextSpan{Start: s[0], End: s[1]})
		}
	}
	return c, nil
}

// hitNode gives a hit in the view that was searched.
func (p *Place) hitNode(f *finder, id kg.GlobalID) (Node, error) {
	switch id.Kind {
	case kg.FrameworkNode, kg.CapabilityNode:
		return p.frameworkNode(id)
	case kg.MappingNode:
		if m, ok := f.stored(id.ID); ok {
			return p.storedMapping(m), nil
		}
		return nil, nil
	}
	return p.attackNode(id), nil
}
