package memory

import (
	"context"
	"sync"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/search"
	"github.com/mapgraph/mapgraph/internal/store"
)

// indexLimit bounds the search indexes that a snapshot keeps, one for each view
// that was searched.
const indexLimit = 8

// searcher makes the index of a view when it is first searched.
type searcher struct {
	snapshot *Snapshot

	mu      sync.Mutex
	indexes map[string]func() (*search.Index, error)
	order   []string // of indexes, oldest first
}

func newSearcher(s *Snapshot) *searcher {
	return &searcher{snapshot: s, indexes: map[string]func() (*search.Index, error){}}
}

func (s *searcher) index(key store.ViewKey) (*search.Index, error) {
	name := key.String()
	s.mu.Lock()
	build, ok := s.indexes[name]
	if !ok {
		build = sync.OnceValues(func() (*search.Index, error) {
			view, err := s.snapshot.View(context.Background(), key)
			if err != nil {
				return nil, err
			}
			return search.NewIndex(store.Documents(s.snapshot.head, view)), nil
		})
		s.indexes[name] = build
		s.order = append(s.order, name)
		if len(s.order) > indexLimit {
			delete(s.indexes, s.order[0])
			s.order = s.order[1:]
		}
	}
	s.mu.Unlock()
	return build()
}

func (s *searcher) find(ctx context.Context, q store.SearchQuery) ([]store.SearchHit, error) {
	query, err := search.Parse(q.Text)
	if err != nil {
		return nil, &algebra.InputError{Message: "text: " + err.Error()}
	}
	index, err := s.index(q.View)
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
