package store

import (
	"container/list"
	"context"
	"sync"
)

// Cache makes values on demand and keeps those used last. However many ask for
// a value at once, it is made once; a failure is told to those who wait and then
// forgotten.
type Cache[K comparable, V any] struct {
	limit   int
	mu      sync.Mutex
	entries map[K]*list.Element // of *cacheEntry[K, V]
	recent  *list.List          // most recent first
}

type cacheEntry[K comparable, V any] struct {
	key   K
	done  chan struct{}
	value V
	err   error
}

// NewCache makes a cache of at most limit values; 0 is no limit.
func NewCache[K comparable, V any](limit int) *Cache[K, V] {
	return &Cache[K, V]{limit: limit, entries: map[K]*list.Element{}, recent: list.New()}
}

// Get gives a value, made by load if it is not there. The load goes on when a
// caller gives up: others may be waiting for it.
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	e, mine := c.entry(key)
	if mine {
		go c.fill(context.WithoutCancel(ctx), e, load)
	}
	select {
	case <-e.done:
		return e.value, e.err
	default:
	}
	select {
	case <-e.done:
		return e.value, e.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// entry finds the entry of a key, or makes one, which the caller must fill.
func (c *Cache[K, V]) entry(key K) (e *cacheEntry[K, V], made bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.entries[key]; ok {
		c.recent.MoveToFront(at)
		return at.Value.(*cacheEntry[K, V]), false
	}
	e = &cacheEntry[K, V]{key: key, done: make(chan struct{})}
	c.entries[key] = c.recent.PushFront(e)
	for c.limit > 0 && c.recent.Len() > c.limit {
		c.forget(c.recent.Back())
	}
	return e, true
}

func (c *Cache[K, V]) fill(ctx context.Context, e *cacheEntry[K, V], load func(context.Context) (V, error)) {
	e.value, e.err = load(ctx)
	if e.err != nil {
		c.mu.Lock()
		if at, ok := c.entries[e.key]; ok && at.Value == e {
			c.forget(at)
		}
		c.mu.Unlock()
	}
	close(e.done)
}

func (c *Cache[K, V]) forget(at *list.Element) {
	c.recent.Remove(at)
	delete(c.entries, at.Value.(*cacheEntry[K, V]).key)
}
