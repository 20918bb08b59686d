package memory_test

import (
	"runtime"
	"testing"

	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
)

// TestSizesAreAboutRight holds what the caches think that values take against
// what the heap grows by.
func TestSizesAreAboutRight(t *testing.T) {
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	pool := store.NewPool(1 << 30)
	st := memory.NewIn(pool, ds)
	s, err := st.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, step := range []struct {
		name string
		ask  func(store.ViewKey) error
	}{
		{"views and releases", func(k store.ViewKey) error { _, err := s.View(t.Context(), k); return err }},
		{"indexes", func(k store.ViewKey) error {
			_, err := s.Search(t.Context(), store.SearchQuery{Text: "account", View: k})
			return err
		}},
	} {
		before, counted := heap(), pool.Bytes()
		for _, r := range s.Head().Releases {
			if r.Key.Domain == kg.Enterprise {
				if err := step.ask(store.DefaultView(s.Head(), r.Key, nil)); err != nil {
					t.Fatal(err)
				}
			}
		}
		grown, counted := heap()-before, pool.Bytes()-counted
		t.Logf("%s: %d bytes are counted, the heap grew by %d", step.name, counted, grown)
		if counted < grown/2 || counted > grown*2 {
			t.Errorf("%s: %d bytes are counted, and the heap grew by %d", step.name, counted, grown)
		}
	}
	runtime.KeepAlive(st)
}
