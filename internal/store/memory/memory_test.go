package memory_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/store/storetest"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	"github.com/mapgraph/mapgraph/loader"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(_ *testing.T, ds *kg.Dataset) store.Store { return memory.New(ds) }

func TestStore(t *testing.T) {
	t.Run("facts", func(t *testing.T) {
		ds, err := facts.Load()
		if err != nil {
			t.Fatal(err)
		}
		storetest.Run(t, open, ds)
	})
	t.Run("corpus", func(t *testing.T) {
		ds, err := loader.Load(t.Context(), corpus.Dir(t), loader.Options{})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Run(t, open, ds)
	})
}

func TestASnapshotKeepsItsGeneration(t *testing.T) {
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	st := memory.New(ds)
	before, err := st.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next := *ds
	next.Generation = "next"
	st.Replace(&next)
	after, err := st.Snapshot(t.Context())
	if err != nil || after.Head().Generation != "next" || before.Head().Generation != ds.Generation {
		t.Errorf("before %q, after %q, %v", before.Head().Generation, after.Head().Generation, err)
	}
	if err := st.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Snapshot(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after Close: %v", err)
	}
}
