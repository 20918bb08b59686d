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

// Get gives a value, made by load if it is not there.
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	found, err := c.GetAll(ctx, []K{key}, func(ctx context.Context, _ []K) (map[K]V, error) {
		v, err := load(ctx)
		return map[K]V{key: v}, err
	})
	return found[key], err
}

// GetAll gives values, of which those that are not there are made by one load.
// The load goes on when a caller gives up: others may be waiting for it.
func (c *Cache[K, V]) GetAll(ctx context.Context, keys []K, load func(ctx context.Context, missing []K) (map[K]V, error)) (map[K]V, error) {
	entries, missing := c.lookup(keys)
	if len(missing) > 0 {
		go c.fill(context.WithoutCancel(ctx), missing, load)
	}
	found := make(map[K]V, len(entries))
	for _, e := range entries {
		select {
		case <-e.done: // even if the caller has given up: it costs nothing
		default:
			select {
			case <-e.done:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if e.err != nil {
			return nil, e.err
		}
		found[e.key] = e.value
	}
	return found, nil
}

// lookup finds the entries of keys; those that it had to make must be filled.
func (c *Cache[K, V]) lookup(keys []K) (all, made []*cacheEntry[K, V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		if at, ok := c.entries[key]; ok {
			c.recent.MoveToFront(at)
			all = append(all, at.Value.(*cacheEntry[K, V]))
			continue
		}
		e := &cacheEntry[K, V]{key: key, done: make(chan struct{})}
		c.entries[key] = c.recent.PushFront(e)
		all, made = append(all, e), append(made, e)
	}
	for c.limit > 0 && c.recent.Len() > c.limit {
		c.forget(c.recent.Back())
	}
	return all, made
}

func (c *Cache[K, V]) fill(ctx context.Context, entries []*cacheEntry[K, V], load func(context.Context, []K) (map[K]V, error)) {
	keys := make([]K, len(entries))
	for i, e := range entries {
		keys[i] = e.key
	}
	values, err := load(ctx, keys)
	for _, e := range entries {
		if e.value, e.err = values[e.key], err; err != nil {
			c.mu.Lock()
			if at, ok := c.entries[e.key]; ok && at.Value == e {
				c.forget(at)
			}
			c.mu.Unlock()
		}
		close(e.done)
	}
}

func (c *Cache[K, V]) forget(at *list.Element) {
	c.recent.Remove(at)
	delete(c.entries, at.Value.(*cacheEntry[K, V]).key)
}
