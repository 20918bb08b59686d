package memory

import (
	"context"

	"github.com/mapgraph/mapgraph/internal/store"
)

type searcher struct{ s *Snapshot }

func newSearcher(s *Snapshot) *searcher { return &searcher{s} }

func (s *searcher) find(ctx context.Context, q store.SearchQuery) ([]store.SearchHit, error) {
	return nil, ctx.Err()
}
