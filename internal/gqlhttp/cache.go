package gqlhttp

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

// queryCacheBytes bounds the texts of the documents that are kept parsed. What
// a document takes in memory is proportional to its text, some thirty times it.
const queryCacheBytes = 1 << 20

// queryCache keeps the documents that were used last. It is bounded by the
// length of their texts: a bound on their number would let clients fill the
// memory with long ones.
type queryCache struct {
	mu    sync.Mutex
	most  int
	bytes int
	lru   *simplelru.LRU[string, *ast.QueryDocument]
}

var _ graphql.Cache[*ast.QueryDocument] = (*queryCache)(nil)

func newQueryCache(most int) *queryCache {
	c := &queryCache{most: most}
	evicted := func(text string, _ *ast.QueryDocument) { c.bytes -= len(text) }
	var err error
	if c.lru, err = simplelru.NewLRU(most, evicted); err != nil {
		panic(err) // most is a constant above 0
	}
	return c
}

// Get finds a document that was parsed before.
func (c *queryCache) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Get(text)
}

// Add keeps a document, unless it alone would take much of the cache.
func (c *queryCache) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	if len(text) > c.most/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.lru.Contains(text) {
		c.bytes += len(text)
	}
	c.lru.Add(text, doc)
	for c.bytes > c.most {
		c.lru.RemoveOldest()
	}
}
