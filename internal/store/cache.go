package store

import (
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// DefaultCacheBytes is a pool for the views that people ask for and the search
// indexes of some of them.
const DefaultCacheBytes = 128 << 20

// fillTime is the longest that a value may take to be made.
const fillTime = 2 * time.Minute

// Pool bounds what caches keep, all together, in bytes: what was used longest
// ago goes first, whichever cache it is in. It is safe for use by many goroutines.
type Pool struct {
	limit int64
	log   *slog.Logger
	turns chan struct{} // of those who make values

	mu     sync.Mutex
	bytes  int64
	recent *list.List // of *entry, the most recently used first
	kinds  map[string]*KindStats
}

// KindStats are the figures of the caches of one kind.
type KindStats struct {
	Entries   int           // values that are kept
	Bytes     int64         // about what they take
	Hits      int64         // asks for a value that was there, or was being made
	Misses    int64         // asks for which a value had to be made
	Evictions int64         // values given up for others
	Failures  int64         // values that could not be made
	FillTime  time.Duration // that making values took
}

// NewPool makes a pool of so many bytes.
func NewPool(limit int64) *Pool {
	return &Pool{
		limit: limit, log: slog.Default(), turns: make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
		recent: list.New(), kinds: map[string]*KindStats{},
	}
}

// Stats gives the figures of each kind of cache.
func (p *Pool) Stats() map[string]KindStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]KindStats, len(p.kinds))
	for kind, s := range p.kinds {
		all[kind] = *s
	}
	return all
}

// Bytes is about what all that is kept takes.
func (p *Pool) Bytes() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// Limit is how much may be kept.
func (p *Pool) Limit() int64 { return p.limit }

// entry is a value of a cache, made or in the making.
type entry struct {
	stats  *KindStats
	size   int64
	at     *list.Element // in the pool's order; nil while it is made, and once it is given up
	remove func()        // takes it out of its cache
}

// keep counts a value that was made, and gives up what is too much.
func (p *Pool) keep(e *entry, size int64) {
	e.size, e.at = size, p.recent.PushFront(e)
	e.stats.Entries++
	e.stats.Bytes += size
	p.bytes += size
	for p.bytes > p.limit && p.recent.Len() > 0 {
		last := p.recent.Back().Value.(*entry)
		last.stats.Evictions++
		p.drop(last)
		last.remove()
	}
}

func (p *Pool) drop(e *entry) {
	p.recent.Remove(e.at)
	e.at = nil
	e.stats.Entries--
	e.stats.Bytes -= e.size
	p.bytes -= e.size
}

// Cache makes values on demand and keeps those used last, within a pool. However
// many ask for a value at once, it is made once; a failure is told to those who
// wait and then forgotten. A value larger than the pool is given to those who
// wait, and not kept.
type Cache[K comparable, V any] struct {
	pool    *Pool
	stats   *KindStats
	size    func(V) int64
	entries map[K]*cacheEntry[K, V] // under the pool's lock
}

type cacheEntry[K comparable, V any] struct {
	entry
	key   K
	done  chan struct{}
	value V
	err   error
}

// NewCache makes a cache in a pool. Kind names it in the pool's figures; size is
// about how many bytes a value takes.
func NewCache[K comparable, V any](pool *Pool, kind string, size func(V) int64) *Cache[K, V] {
	pool.mu.Lock()
	defer pool.mu.Unlock()
	if pool.kinds[kind] == nil {
		pool.kinds[kind] = &KindStats{}
	}
	return &Cache[K, V]{pool: pool, stats: pool.kinds[kind], size: size, entries: map[K]*cacheEntry[K, V]{}}
}

// Get gives a value, made by load if it is not there.
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	if v, ok := c.known(key); ok {
		return v, nil
	}
	found, err := c.GetAll(ctx, []K{key}, func(ctx context.Context, _ []K) (map[K]V, error) {
		v, err := load(ctx)
		return map[K]V{key: v}, err
	})
	return found[key], err
}

// known gives a value that is there, made.
func (c *Cache[K, V]) known(key K) (v V, ok bool) {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	e := c.entries[key]
	if e == nil || e.at == nil {
		return v, false
	}
	c.stats.Hits++
	c.pool.recent.MoveToFront(e.at)
	return e.value, true
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

// Clear forgets everything that was made.
func (c *Cache[K, V]) Clear() {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	for e := range maps.Values(maps.Clone(c.entries)) {
		if e.at != nil {
			c.pool.drop(&e.entry)
			delete(c.entries, e.key)
		}
	}
}

// lookup finds the entries of keys; those that it had to make must be filled.
func (c *Cache[K, V]) lookup(keys []K) (all, made []*cacheEntry[K, V]) {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	for _, key := range keys {
		e := c.entries[key]
		if e == nil {
			e = &cacheEntry[K, V]{key: key, done: make(chan struct{})}
			e.stats = c.stats
			e.remove = func() { delete(c.entries, key) }
			c.entries[key] = e
			made = append(made, e)
			c.stats.Misses++
		} else {
			c.stats.Hits++
			if e.at != nil {
				c.pool.recent.MoveToFront(e.at)
			}
		}
		all = append(all, e)
	}
	return all, made
}

// filling is in the context of those who make values: what they need in turn
// waits for no turn.
type filling struct{}

func (c *Cache[K, V]) fill(ctx context.Context, entries []*cacheEntry[K, V], load func(context.Context, []K) (map[K]V, error)) {
	if ctx.Value(filling{}) == nil {
		c.pool.turns <- struct{}{}
		defer func() { <-c.pool.turns }()
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, filling{}, true), fillTime)
	defer cancel()
	keys := make([]K, len(entries))
	for i, e := range entries {
		keys[i] = e.key
	}
	start := time.Now()
	values, err := guarded(c.pool.log, func() (map[K]V, error) { return load(ctx, keys) })
	sizes := make([]int64, len(entries))
	for i, e := range entries {
		if e.value, e.err = values[e.key], err; err == nil && c.size != nil {
			sizes[i] = c.size(e.value)
		}
	}
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	c.stats.FillTime += time.Since(start)
	for i, e := range entries {
		if err != nil {
			c.stats.Failures++
			delete(c.entries, e.key)
		} else {
			c.pool.keep(&e.entry, sizes[i])
		}
		close(e.done)
	}
}

// guarded turns a panic into an error, and logs where it was: what makes values
// runs in a goroutine of its own, in which a panic would end the program.
func guarded[V any](log *slog.Logger, f func() (V, error)) (v V, err error) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("panic while something was prepared", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic while something was prepared: %v", r)
		}
	}()
	return f()
}
