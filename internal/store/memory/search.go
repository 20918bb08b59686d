package memory

import (
	"context"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/search"
	"github.com/mapgraph/mapgraph/internal/store"
)

// searcher makes the index of a view when it is first searched.
type searcher struct {
	snapshot *Snapshot
	indexes  *store.Cache[string, *search.Index]
}

func newSearcher(s *Snapshot, pool *store.Pool) *searcher {
	return &searcher{snapshot: s, indexes: store.NewCache[string](pool, "index", (*search.Index).Size)}
}

func (s *searcher) index(ctx context.Context, key store.ViewKey) (*search.Index, error) {
	return s.indexes.Get(ctx, key.String(), func(ctx context.Context) (*search.Index, error) {
		view, err := s.snapshot.View(ctx, key)
		if err != nil {
			return nil, err
		}
		return search.NewIndex(store.Documents(s.snapshot.head, view)), nil
	})
}

func (s *searcher) find(ctx context.Context, q store.SearchQuery) ([]store.SearchHit, error) {
	query, err := search.Parse(q.Text)
	if err != nil {
		return nil, &algebra.InputError{Message: "text: " + err.Error()}
	}
	index, err := s.index(ctx, q.View)
	if err != nil {
		return nil, err
	}
	kinds := make([]search.Kind, len(q.Kinds))
	for i, k := range q.Kinds {
		kinds[i] = search.Kind(k)
	}
	found := index.Search(query, kinds...)
	return store.Hits(found, query), ctx.Err()
}
