package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/test/world"
)

var directQuestions = flag.Int("direct-questions", 3000, "how many random questions are asked of both executors")

// faulty is a store that fails for some of what it is asked, always the same.
type faulty struct {
	store.Store
	every uint32 // one of so many questions fails; 0 for none
}

type faultySnapshot struct {
	store.Snapshot
	every uint32
}

func (f faulty) Snapshot(ctx context.Context) (store.Snapshot, error) {
	s, err := f.Store.Snapshot(ctx)
	return faultySnapshot{s, f.every}, err
}

var errFaulty = errors.New("faulty")

// fails fails for some keys, and panics for some of these.
func (f faultySnapshot) fails(key string) error {
	if f.every == 0 {
		return nil
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	switch n := h.Sum32() % (2 * f.every); n {
	case 0:
		return errFaulty
	case 1:
		panic("faulty: " + key)
	}
	return nil
}

func (f faultySnapshot) Techniques(ctx context.Context, release kg.ReleaseKey, ids []string) (map[string]*kg.Technique, error) {
	for _, id := range ids {
		if err := f.fails(id); err != nil {
			return nil, err
		}
	}
	return f.Snapshot.Techniques(ctx, release, ids)
}

func (f faultySnapshot) Objects(ctx context.Context, release kg.ReleaseKey, kind kg.ObjectKind, ids []string) (map[string]*kg.Object, error) {
	for _, id := range ids {
		if err := f.fails(id); err != nil {
			return nil, err
		}
	}
	return f.Snapshot.Objects(ctx, release, kind, ids)
}

func (f faultySnapshot) Mappings(ctx context.Context, ids []kg.MappingID) (map[kg.MappingID]store.Mapping, error) {
	for _, id := range ids {
		if err := f.fails(id.String()); err != nil {
			return nil, err
		}
	}
	return f.Snapshot.Mappings(ctx, ids)
}

func (f faultySnapshot) Controls(ctx context.Context, version string, refs []kg.CapabilityRef) (map[kg.CapabilityRef]*kg.Control, error) {
	for _, r := range refs {
		if err := f.fails(r.Framework + r.ID); err != nil {
			return nil, err
		}
	}
	return f.Snapshot.Controls(ctx, version, refs)
}

// bothWays are one store's endpoints: one that writes directly, and one that
// leaves everything to gqlgen's executor.
type bothWays struct{ direct, executor http.Handler }

func both(st store.Store) bothWays {
	o := graph.Options{Store: st, Log: slog.New(slog.DiscardHandler)}
	direct := graph.NewHandler(o)
	o.ByExecutor = true
	return bothWays{direct, graph.NewHandler(o)}
}

// requestID keeps the ids of requests, which errors may name, from differing.
const requestID = "the-same-request"

func ask(ctx context.Context, h http.Handler, q richQuestion) []byte {
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": q.variables})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Request-Id", requestID)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.Bytes()
}

// compare wants the same bytes both ways, and gives them.
func (b bothWays) compare(t *testing.T, q richQuestion) []byte {
	t.Helper()
	want, got := ask(t.Context(), b.executor, q), ask(t.Context(), b.direct, q)
	if !bytes.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		from := max(0, at-200)
		t.Fatalf("%s\nexecutor: %.500s\ndirect:   %.500s", q, want[from:], got[from:])
	}
	return want
}

// TestDirectAnswersAreTheExecutors asks random questions in all that the language
// has, of a store that fails now and then.
func TestDirectAnswersAreTheExecutors(t *testing.T) {
	const each = 500 // questions of one world
	var asked, plainAnswers atomic.Int64
	for seed := range uint64(*directQuestions/each + 1) {
		w := world.New(seed)
		ways := both(faulty{memory.New(w.Dataset), uint32(seed%3) * 20})
		ask := newAsker(seed, schema(), w)
		for range each {
			answer := ways.compare(t, ask.question())
			asked.Add(1)
			if !bytes.HasPrefix(answer, []byte(`{"errors"`)) {
				plainAnswers.Add(1)
			}
			var decoded any
			if err := json.Unmarshal(answer, &decoded); err != nil {
				t.Fatal(err)
			}
			ask.learn(decoded)
		}
	}
	t.Logf("%d questions, %d of them without an error", asked.Load(), plainAnswers.Load())
	if plainAnswers.Load() < asked.Load()/4 {
		t.Errorf("only %d of %d questions had plain answers", plainAnswers.Load(), asked.Load())
	}
}
