// Package storetest is the suite that every store must pass. It states what the
// contract in package store promises, as tests, and knows no store by name.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// Open gives a store that serves a dataset; it is closed by the suite.
type Open func(t *testing.T, ds *kg.Dataset) store.Store

// Run runs the whole suite against a store that holds the dataset.
func Run(t *testing.T, open Open, ds *kg.Dataset) {
	t.Helper()
	st := open(t, ds)
	t.Cleanup(func() {
		if err := st.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s, err := st.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, store.Snapshot, *kg.Dataset){
		"head": testHead, "report": testReport, "views": testViews, "unknown views": testUnknownViews,
		"techniques": testTechniques, "objects": testObjects, "mappings": testMappings, "declarations": testDeclarations,
		"controls": testControls, "search": testSearch, "cancelled": testCancelled, "concurrent": testConcurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, s, ds) })
	}
}

func testHead(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	h := s.Head()
	if h.Generation != ds.Generation || h.Edition != ds.Edition || h.LoadedAt.IsZero() {
		t.Errorf("generation %q, edition %d, loaded at %s", h.Generation, h.Edition, h.LoadedAt)
	}
	if len(h.Releases) != len(ds.Releases) || len(h.Sets) != len(ds.Sets) || len(h.Frameworks) != len(ds.Frameworks) {
		t.Fatalf("%d releases, %d sets, %d frameworks", len(h.Releases), len(h.Sets), len(h.Frameworks))
	}
	for i, set := range ds.Sets {
		if h.Sets[i].Set.Key != set.Key {
			t.Errorf("set %d is %s, want %s", i, h.Sets[i].Set.Key, set.Key)
		}
		capabilities := kg.CapabilitiesOf(set)
		if h.Sets[i].Capabilities != len(capabilities) {
			t.Errorf("%s: %d capabilities, want %d", set.Key, h.Sets[i].Capabilities, len(capabilities))
		}
		for _, c := range capabilities {
			if got := h.Capability(c.Ref); got == nil || !slices.ContainsFunc(got.Sets, func(in kg.CapabilityIn) bool { return in.Set == set.Key && in.Title == c.Title && in.Group == c.Group }) {
				t.Fatalf("%s: capability %s is not in the head as the set has it", set.Key, c.Ref)
			}
		}
	}
	if !slices.IsSortedFunc(h.Capabilities, func(a, b kg.Capability) int { return a.Ref.Compare(b.Ref) }) {
		t.Error("capabilities are out of order")
	}
}

func testReport(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	got, err := s.Report(t.Context())
	if err != nil || got.Totals() != ds.Report.Totals() || len(got.Files) != len(ds.Report.Files) {
		t.Errorf("%+v, %v", got, err)
	}
}

// views lists the view of every release, and some with named sets.
func views(h *kg.Head) []store.ViewKey {
	var keys []store.ViewKey
	for i := range h.Releases {
		keys = append(keys, store.DefaultView(h, h.Releases[i].Key, nil))
	}
	for i := range h.Sets {
		k := h.Sets[i].Set.Key
		if newest, ok := h.NewestRelease(k.Domain); ok {
			keys = append(keys, store.DefaultView(h, newest, []kg.SetKey{k}))
		}
	}
	return keys
}

func testViews(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	sets := map[kg.SetKey]*kg.Set{}
	for _, set := range ds.Sets {
		sets[set.Key] = set
	}
	for _, key := range views(s.Head()) {
		v, err := s.View(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if v.Frame.Release.Key != key.Release || len(v.Bodies) != len(key.Sets) {
			t.Fatalf("%s: %s", key, v)
		}
		for _, b := range v.Bodies {
			mapped := 0
			for i := range sets[b.Set.Key].Rows {
				if sets[b.Set.Key].Rows[i].Class == kg.Mapped {
					mapped++
				}
			}
			if b.Rows()+len(b.Unaligned()) != mapped {
				t.Errorf("%s, %s: %d rows placed and %d not, of %d", key, b.Set.Key, b.Rows(), len(b.Unaligned()), mapped)
			}
			testLift(t, v.Frame, b, sets[b.Set.Key])
		}
		again, err := s.View(t.Context(), key)
		if err != nil || again.String() != v.String() {
			t.Errorf("%s: the second time %v, %v", key, again, err)
		}
	}
}

// testLift holds a lift to the set's rows, whatever they say of the technique
// that they name.
func testLift(t *testing.T, frame *algebra.Frame, b *algebra.Body, set *kg.Set) {
	t.Helper()
	rows := map[string]int{}
	for i := range set.Rows {
		id := set.Rows[i].AttackID
		if to, _ := frame.Align(id); id != "" && to != id {
			rows[id]++
		}
	}
	lifted, unresolved, err := b.Lift(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, l := range lifted {
		got[l.From] += l.Rows
	}
	for _, u := range unresolved {
		got[u.From] += u.Rows
	}
	if !maps.Equal(got, rows) {
		t.Errorf("%s in %s: the lift counts %v, want %v", set.Key, frame.Release.Key, got, rows)
	}
}

func testUnknownViews(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	known := ds.Releases[0].Key
	for _, key := range []store.ViewKey{
		{Release: kg.ReleaseKey{Domain: kg.Enterprise, Version: "0.1"}},
		{Release: known, Sets: []kg.SetKey{{Framework: "none", Version: "1", AttackVersion: known.Version, Domain: known.Domain}}},
	} {
		if v, err := s.View(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, %v", key, v, err)
		}
	}
	if _, err := s.Techniques(t.Context(), kg.ReleaseKey{Domain: kg.Mobile, Version: "0.1"}, []string{"T1001"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("techniques of an unknown release: %v", err)
	}
	if _, err := s.Objects(t.Context(), kg.ReleaseKey{Domain: kg.Mobile, Version: "0.1"}, kg.KindGroup, nil); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("objects of an unknown release: %v", err)
	}
}

func testTechniques(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	for _, rel := range ds.Releases {
		ids := []string{"T0000", ""}
		for i := range rel.Techniques {
			ids = append(ids, rel.Techniques[i].ID)
		}
		ids = append(ids, ids...)
		got, err := s.Techniques(t.Context(), rel.Key, ids)
		if err != nil || len(got) != len(rel.Techniques) {
			t.Fatalf("%s: %d techniques, %v; want %d", rel.Key, len(got), err, len(rel.Techniques))
		}
		for i := range rel.Techniques {
			if want, have := &rel.Techniques[i], got[rel.Techniques[i].ID]; fmt.Sprintf("%+v", *want) != fmt.Sprintf("%+v", *have) {
				t.Fatalf("%s: %+v, want %+v", rel.Key, have, want)
			}
		}
	}
}

func testObjects(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	for _, rel := range ds.Releases {
		for kind, list := range rel.Objects {
			ids := []string{"X0000"}
			for i := range list {
				ids = append(ids, list[i].ID)
			}
			got, err := s.Objects(t.Context(), rel.Key, kind, ids)
			if err != nil || len(got) != len(list) {
				t.Fatalf("%s: %d of kind %s, %v; want %d", rel.Key, len(got), kind, err, len(list))
			}
			for i := range list {
				if have := got[list[i].ID]; fmt.Sprintf("%+v", list[i]) != fmt.Sprintf("%+v", *have) {
					t.Fatalf("%s: %+v, want %+v", rel.Key, have, list[i])
				}
			}
		}
	}
}

func testMappings(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	for _, set := range ds.Sets {
		ids := []kg.MappingID{{}}
		want := map[kg.MappingID]*kg.Row{}
		for i := range set.Rows {
			ids = append(ids, set.Rows[i].ID)
			if set.Rows[i].Class == kg.Mapped {
				want[set.Rows[i].ID] = &set.Rows[i]
			}
		}
		got, err := s.Mappings(t.Context(), ids)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d mappings, %v; want %d", set.Key, len(got), err, len(want))
		}
		for id, r := range want {
			if have := got[id]; have.Set.Key != set.Key || fmt.Sprintf("%+v", *have.Row) != fmt.Sprintf("%+v", *r) {
				t.Fatalf("%s: %+v, want %+v", set.Key, have.Row, r)
			}
		}
	}
}

func testDeclarations(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	for _, set := range ds.Sets {
		var numbers []int
		for i := range set.Rows {
			numbers = append(numbers, set.Rows[i].Number)
		}
		got, err := s.Declarations(t.Context(), set.Key, append(numbers, 0, -1, 1<<30))
		if err != nil || len(got) != len(set.Rows) {
			t.Fatalf("%s: %d rows, %v; want %d", set.Key, len(got), err, len(set.Rows))
		}
		for i := range set.Rows {
			if have := got[set.Rows[i].Number]; have.ID != set.Rows[i].ID || have.Comments != set.Rows[i].Comments {
				t.Fatalf("%s: %+v, want %+v", set.Key, have, set.Rows[i])
			}
		}
	}
}

func testControls(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	none := kg.CapabilityRef{Framework: "none", ID: "X-1"}
	for i := range ds.Catalogs {
		c := &ds.Catalogs[i]
		refs := []kg.CapabilityRef{none}
		for j := range c.Controls {
			refs = append(refs, kg.CapabilityRef{Framework: c.Framework, ID: c.Controls[j].ID})
		}
		got, err := s.Controls(t.Context(), c.FrameworkVersion, refs)
		if err != nil || len(got) != len(c.Controls) {
			t.Fatalf("%s %s: %d controls, %v; want %d", c.Framework, c.FrameworkVersion, len(got), err, len(c.Controls))
		}
		for j := range c.Controls {
			if have := got[refs[j+1]]; *have != c.Controls[j] {
				t.Fatalf("%+v, want %+v", have, c.Controls[j])
			}
		}
	}
	if got, err := s.Controls(t.Context(), "", []kg.CapabilityRef{none}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func testSearch(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	key := views(s.Head())[0]
	find := func(text string, kinds ...store.SearchKind) []store.SearchHit {
		t.Helper()
		hits, err := s.Search(t.Context(), store.SearchQuery{Text: text, Kinds: kinds, View: key})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for i := 1; i < len(hits); i++ {
			if hits[i-1].Score < hits[i].Score || hits[i-1].Score == hits[i].Score && hits[i-1].Order >= hits[i].Order {
				t.Fatalf("%q: hits %d and %d are out of order", text, i-1, i)
			}
		}
		return hits
	}
	rel := s.Head().Releases[0].Key
	for _, r := range ds.Releases {
		if r.Key != rel {
			continue
		}
		for i := range min(len(r.Techniques), 50) {
			id := r.Techniques[i].ID
			for _, spelling := range []string{id, strings.ToLower(id), strings.ReplaceAll(id, ".", "/")} {
				if hits := find(spelling, store.SearchTechnique); len(hits) == 0 || hits[0].NodeID != "technique:"+rel.String()+"/"+id {
					t.Errorf("%q does not find %s first: %+v", spelling, id, hits)
				}
			}
			if i >= 3 {
				continue // it is the same for all
			}
			for _, missing := range []string{id + "(987)", strings.ToLower(id) + "/987", id + ".987 (a)"} {
				if hits := find(missing); len(hits) == 0 || hits[0].NodeID != "technique:"+rel.String()+"/"+id || hits[0].Field != "base" {
					t.Errorf("%q, which is nowhere, does not lead to %s: %+v", missing, id, hits)
				}
			}
		}
	}
	c := s.Head().Capabilities[0]
	if hits := find(c.Spelled, store.SearchCapability); len(hits) == 0 || hits[0].NodeID != "capability:"+c.Ref.String() || hits[0].Field != "id" {
		t.Errorf("%q does not find %s: %+v", c.Spelled, c.Ref, hits)
	}
	if hits := find("zzzzqqqq"); len(hits) != 0 {
		t.Errorf("nonsense finds %+v", hits)
	}
	if _, err := s.Search(t.Context(), store.SearchQuery{Text: strings.Repeat("word ", 1000), View: key}); !errors.As(err, new(*algebra.InputError)) {
		t.Errorf("too long a query: %v", err)
	}
}

func testCancelled(t *testing.T, s store.Snapshot, ds *kg.Dataset) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"report":     func() error { _, err := s.Report(ctx); return err },
		"techniques": func() error { _, err := s.Techniques(ctx, ds.Releases[0].Key, []string{"T1001"}); return err },
		"objects": func() error {
			_, err := s.Objects(ctx, ds.Releases[0].Key, kg.KindGroup, []string{"G0001"})
			return err
		},
		"mappings": func() error { _, err := s.Mappings(ctx, []kg.MappingID{{}}); return err },
		"controls": func() error { _, err := s.Controls(ctx, "", nil); return err },
		"search": func() error {
			_, err := s.Search(ctx, store.SearchQuery{Text: "x", View: views(s.Head())[0]})
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the context is done: %v", name, err)
		}
	}
}

func testConcurrent(t *testing.T, s store.Snapshot, _ *kg.Dataset) {
	keys := views(s.Head())
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			key := keys[i%len(keys)]
			if _, err := s.View(t.Context(), key); err != nil {
				t.Error(err)
			}
			if _, err := s.Search(t.Context(), store.SearchQuery{Text: "account", View: key}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
