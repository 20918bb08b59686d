package graph_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	"github.com/mapgraph/mapgraph/loader"
)

// api is a GraphQL endpoint over one dataset.
type api struct{ handler http.Handler }

func newAPI(ds *kg.Dataset) api {
	return api{graph.NewHandler(graph.Options{Store: memory.New(ds), Limits: graph.DefaultLimits, Log: slog.New(slog.DiscardHandler)})}
}

var (
	factsOnce  = sync.OnceValues(facts.Load)
	corpusOnce = sync.OnceValues(func() (*kg.Dataset, error) {
		return loader.Load(context.Background(), corpusDir, loader.Options{})
	})
	corpusDir string
)

func factsAPI(tb testing.TB) api {
	tb.Helper()
	ds, err := factsOnce()
	if err != nil {
		tb.Fatal(err)
	}
	return newAPI(ds)
}

func corpusAPI(tb testing.TB) api {
	tb.Helper()
	corpusDir = corpus.Dir(tb)
	ds, err := corpusOnce()
	if err != nil {
		tb.Fatal(err)
	}
	return newAPI(ds)
}

// answer is a decoded response; extra digs into data.
type answer struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
	raw    string
	status int
}

func (a api) post(query string, variables map[string]any) answer {
	body, _ := json.Marshal(map[string]any{"query": query, "variables": variables})
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	raw, _ := io.ReadAll(w.Result().Body)
	out := answer{raw: string(raw), status: w.Code}
	_ = json.Unmarshal(raw, &out)
	return out
}

// ask fails the test on any error.
func (a api) ask(tb testing.TB, query string) map[string]any {
	tb.Helper()
	out := a.post(query, nil)
	if len(out.Errors) > 0 || out.Data == nil {
		tb.Fatalf("%s\n%s", query, out.raw)
	}
	return out.Data
}

// at digs into decoded JSON by keys and indexes.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func number(v any, path ...any) int { return int(at(v, path...).(float64)) }

func code(a answer) string {
	if len(a.Errors) == 0 {
		return ""
	}
	c, _ := a.Errors[0].Extensions["code"].(string)
	return c
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
