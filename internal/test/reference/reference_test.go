package reference_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/test/reference"
	"github.com/mapgraph/mapgraph/loader"
)

var worlds = flag.Int("worlds", 600, "how many random worlds are held against the reference")

// TestAgainstTheReference loads random worlds from files, asks a question of
// every kind over HTTP, and wants what the reference works out by the rules.
func TestAgainstTheReference(t *testing.T) {
	asked, errors, failed := map[string]int{}, 0, 0
	for seed := range uint64(*worlds) {
		w := reference.Random(seed)
		h, err := serve(t, w)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, w)
		}
		d := reference.Read(w)
		for _, q := range reference.Ask(seed, w, d) {
			asked[q.Kind]++
			got, code := ask(t, h, q)
			if code != "" {
				errors++
			}
			if err := q.Check(d, got, code); err != nil {
				report(t, seed, w, q, err)
				if failed++; failed == 5 {
					t.FailNow()
				}
			}
		}
	}
	total := 0
	for _, n := range asked {
		total += n
	}
	t.Logf("%d questions of %d kinds, %d of them errors by the rules", total, len(asked), errors)
	if *worlds >= 100 && (len(asked) < 25 || errors > total/3) {
		t.Errorf("%d kinds, %d errors of %d", len(asked), errors, total)
	}
}

// report shows a small world in which the answer is still wrong.
func report(t *testing.T, seed uint64, w *reference.World, q *reference.Question, first error) {
	t.Helper()
	small := reference.Shrunk(w, func(w *reference.World) bool { return wrong(t, w, q) != nil })
	err := wrong(t, small, q)
	if err == nil {
		err = first
	}
	t.Errorf("seed %d, %s: %v\n%s\n%s", seed, q.Kind, err, q, small)
}

// wrong tells what is wrong with the answer to a question about a world, where
// the world can be loaded.
func wrong(t *testing.T, w *reference.World, q *reference.Question) (err error) {
	defer func() {
		if recover() != nil {
			err = nil // too small for the question
		}
	}()
	h, err := serve(t, w)
	if err != nil {
		return nil //nolint:nilerr // no world of its own
	}
	got, code := ask(t, h, q)
	return q.Check(reference.Read(w), got, code)
}

func serve(t *testing.T, w *reference.World) (http.Handler, error) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range w.Folder() {
		folder[name] = &fstest.MapFile{Data: text}
	}
	ds, err := loader.LoadFS(t.Context(), folder, loader.Options{Strict: true})
	if err != nil {
		return nil, err
	}
	return graph.NewHandler(graph.Options{Store: memory.New(ds), Log: slog.New(slog.DiscardHandler)}), nil
}

// ask gives the answer to a question, a connection with all its pages put
// together, or the code of its error.
func ask(t *testing.T, h http.Handler, q *reference.Question) (answer any, code string) {
	t.Helper()
	variables := q.Variables()
	var whole map[string]any
	seen := map[any]bool{}
	for page := 0; ; page++ {
		answer, code = post(t, h, q.Query(), variables)
		next, isList := answer.(map[string]any)
		if code != "" || !q.Paged() || !isList {
			return answer, code
		}
		info := next["pageInfo"].(map[string]any)
		nodes, edges := next["nodes"].([]any), next["edges"].([]any)
		if len(nodes) != len(edges) || len(nodes) > q.Page || info["hasPreviousPage"] != (page > 0) {
			t.Errorf("%s: page %d has %d nodes, %d edges, and says %v", q, page, len(nodes), len(edges), info)
		}
		for _, n := range nodes {
			if id := n.(map[string]any)["unique"]; id != nil {
				if seen[id] {
					t.Errorf("%s: %v comes twice", q, id)
				}
				seen[id] = true
				delete(n.(map[string]any), "unique")
			}
		}
		if whole == nil {
			whole = next
		} else {
			whole["nodes"] = append(whole["nodes"].([]any), nodes...)
		}
		if info["hasNextPage"] != true {
			delete(whole, "pageInfo")
			delete(whole, "edges")
			return whole, ""
		}
		if len(edges) == 0 || info["endCursor"] != edges[len(edges)-1].(map[string]any)["cursor"] {
			t.Fatalf("%s: page %d ends with %v of %v", q, page, info, edges)
		}
		variables["after"] = info["endCursor"]
	}
}

func post(t *testing.T, h http.Handler, query string, variables map[string]any) (answer any, code string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out struct {
		Data   map[string]any
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if len(out.Errors) > 0 {
		if code = out.Errors[0].Extensions.Code; code == "GRAPHQL_VALIDATION_FAILED" || code == "INTERNAL" {
			t.Fatalf("%s\n%v: %s", query, variables, fmt.Sprint(out.Errors))
		}
		return nil, code
	}
	if set, ok := out.Data["set"].(map[string]any); ok {
		return set["answer"], ""
	}
	return out.Data["answer"], ""
}
