package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func sizeOf(s string) int64 { return int64(len(s)) }

func value(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func never(t *testing.T) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		t.Error("what is kept was made again")
		return "", nil
	}
}

func get(t *testing.T, c *Cache[string, string], key string, load func(context.Context) (string, error)) string {
	t.Helper()
	v, err := c.Get(t.Context(), key, load)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPoolGivesUpWhatWasUsedLongestAgo, whichever cache it is in.
func TestPoolGivesUpWhatWasUsedLongestAgo(t *testing.T) {
	pool := NewPool(30)
	a, b := NewCache[string, string](pool, "a", sizeOf), NewCache[string, string](pool, "b", sizeOf)
	ten := strings.Repeat("x", 10)
	get(t, a, "1", value(ten))
	get(t, b, "1", value(ten))
	get(t, a, "2", value(ten))
	get(t, a, "1", never(t)) // used again: b's goes first
	get(t, b, "2", value(ten))
	for _, kept := range []struct {
		cache *Cache[string, string]
		key   string
	}{{a, "1"}, {a, "2"}, {b, "2"}} {
		get(t, kept.cache, kept.key, never(t))
	}
	if pool.Bytes() != 30 {
		t.Errorf("%d bytes", pool.Bytes())
	}
	made := false
	get(t, b, "1", func(context.Context) (string, error) { made = true; return ten, nil })
	if stats := pool.Stats(); !made || stats["b"].Evictions != 1 || stats["a"].Evictions != 1 || stats["a"].Bytes+stats["b"].Bytes != 30 ||
		stats["a"].Entries != 1 || stats["b"].Entries != 2 || stats["b"].Misses != 3 {
		t.Errorf("made again: %t, %+v", made, stats)
	}
}

// TestValuesLargerThanThePool are given, and not kept.
func TestValuesLargerThanThePool(t *testing.T) {
	pool := NewPool(5)
	c := NewCache[string, string](pool, "c", sizeOf)
	get(t, c, "small", value("abc"))
	if got := get(t, c, "large", value("abcdefgh")); got != "abcdefgh" {
		t.Errorf("%q", got)
	}
	if pool.Bytes() > 5 {
		t.Errorf("%d bytes are kept", pool.Bytes())
	}
}

func TestManyWhoAskWaitForOne(t *testing.T) {
	c := NewCache[string, string](NewPool(100), "c", sizeOf)
	var made atomic.Int32
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			v, err := c.Get(t.Context(), "k", func(context.Context) (string, error) {
				made.Add(1)
				<-begin
				return "v", nil
			})
			if v != "v" || err != nil {
				t.Errorf("%q, %v", v, err)
			}
		})
	}
	close(begin)
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

// TestAFillOutlivesWhoAsked: a request that gives up wastes nothing.
func TestAFillOutlivesWhoAsked(t *testing.T) {
	c := NewCache[string, string](NewPool(100), "c", sizeOf)
	ctx, giveUp := context.WithCancel(t.Context())
	asked, begin := make(chan struct{}), make(chan struct{})
	var inside error
	go func() {
		<-asked
		giveUp()
	}()
	_, err := c.Get(ctx, "k", func(ctx context.Context) (string, error) {
		close(asked)
		<-begin
		inside = ctx.Err()
		return "v", nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the one who gave up got %v", err)
	}
	close(begin)
	if got := get(t, c, "k", never(t)); got != "v" || inside != nil {
		t.Errorf("%q; the fill's context: %v", got, inside)
	}
}

func TestErrorsAreForgotten(t *testing.T) {
	c := NewCache[string, string](NewPool(100), "c", sizeOf)
	broken := errors.New("broken")
	if _, err := c.Get(t.Context(), "k", func(context.Context) (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if got := get(t, c, "k", value("v")); got != "v" {
		t.Errorf("%q", got)
	}
	if s := c.pool.Stats()["c"]; s.Failures != 1 || s.Entries != 1 {
		t.Errorf("%+v", s)
	}
}

// TestPanicsAreErrors for all who wait; the stack is logged once, and the next
// ask tries again.
func TestPanicsAreErrors(t *testing.T) {
	var log bytes.Buffer
	pool := NewPool(100)
	pool.log = slog.New(slog.NewTextHandler(&log, nil))
	c := NewCache[string, string](pool, "c", sizeOf)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			_, err := c.Get(t.Context(), "k", func(context.Context) (string, error) {
				<-begin
				panic("unforeseen")
			})
			if err == nil || !strings.Contains(err.Error(), "unforeseen") {
				t.Errorf("got %v", err)
			}
		})
	}
	close(begin)
	wg.Wait()
	if n := strings.Count(log.String(), "stack="); n < 1 || n > 5 || !strings.Contains(log.String(), "cache_test.go") {
		t.Errorf("logged %d times: %s", n, &log)
	}
	if got := get(t, c, "k", value("v")); got != "v" {
		t.Errorf("%q", got)
	}
}

// TestNestedFills need no turn of their own: there may be more of them than turns.
func TestNestedFills(t *testing.T) {
	pool := NewPool(1000)
	outer, inner := NewCache[string, string](pool, "outer", sizeOf), NewCache[string, string](pool, "inner", sizeOf)
	var wg sync.WaitGroup
	for i := range 4 * cap(pool.turns) {
		wg.Go(func() {
			key := fmt.Sprint(i)
			_, err := outer.Get(t.Context(), key, func(ctx context.Context) (string, error) { return inner.Get(ctx, key, value("v")) })
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestClear(t *testing.T) {
	pool := NewPool(100)
	c, other := NewCache[string, string](pool, "c", sizeOf), NewCache[string, string](pool, "c", sizeOf)
	get(t, c, "k", value("v"))
	get(t, other, "k", value("v"))
	c.Clear()
	if s := pool.Stats()["c"]; s.Entries != 1 || s.Bytes != 1 {
		t.Errorf("%+v", s)
	}
	get(t, c, "k", value("w"))
	get(t, other, "k", never(t))
}
