package hostile_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/test/hostile"
)

// limits are a tenth and less of the defaults, so that the requests end soon.
func limits() graph.Limits {
	l := graph.DefaultLimits
	l.Values, l.AnswerBytes, l.Work = 100_000, 1<<20, 5_000_000
	return l
}

type answer struct {
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
	Extensions struct {
		Cost map[string]map[string]float64
	}
}

// TestEveryRequestEndsWithinItsBudget asks what is hostile, and wants it
// answered or refused, with nothing used far beyond the limits.
func TestEveryRequestEndsWithinItsBudget(t *testing.T) {
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := graph.NewHandler(graph.Options{Store: memory.New(ds), Limits: limits(), Log: slog.New(slog.DiscardHandler)})
	requests := append(hostile.Written(), hostile.FanOuts(generated.NewExecutableSchema(generated.Config{}).Schema(), limits().Depth)...)
	if len(requests) < 40 {
		t.Fatalf("only %d requests", len(requests))
	}
	refused, counted := 0, 0
	for _, r := range requests {
		a, size := ask(t, h, r.Query)
		if len(a.Errors) > 0 {
			code, _ := a.Errors[0].Extensions["code"].(string)
			if code != "LIMIT_EXCEEDED" {
				t.Errorf("%s: %s %q\n%s", r.Name, code, a.Errors[0].Message, r.Query)
				continue
			}
			refused++
		}
		if size > int(limits().AnswerBytes)+1<<10 {
			t.Errorf("%s: an answer of %d bytes", r.Name, size)
		}
		if a.Extensions.Cost == nil {
			continue // refused at once
		}
		counted++
		for unit, most := range map[string]int64{"values": limits().Values, "work": limits().Work} {
			if used := a.Extensions.Cost["used"][unit]; used > 1.2*float64(most)+10_000 {
				t.Errorf("%s: %.0f of %s were used; the limit is %d", r.Name, used, unit, most)
			}
		}
	}
	t.Logf("%d requests, %d refused, %d of them or others after they began", len(requests), refused, counted)
	if refused < 20 || counted < 10 {
		t.Errorf("%d refused, %d counted", refused, counted)
	}
}

func ask(t *testing.T, h http.Handler, query string) (a answer, size int) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "extensions": map[string]any{"cost": true}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return a, w.Body.Len()
}
