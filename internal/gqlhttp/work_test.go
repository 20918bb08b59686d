package gqlhttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
)

// TestAnswersAreBoundedInBytes: what is too long is not sent in part.
func TestAnswersAreBoundedInBytes(t *testing.T) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.Limits{AnswerBytes: 1000}})
	if w, a := ask(t, h, query("{text(bytes:900)}")); w.Code != 200 || len(a.Errors) > 0 {
		t.Fatalf("within: %d %s", w.Code, w.Body)
	}
	w, a := ask(t, h, query("{text(bytes:1000)}"))
	if w.Code != 200 || a.code() != "LIMIT_EXCEEDED" || a.Errors[0].Extensions["limit"] != "bytes" || strings.Contains(w.Body.String(), "xxx") {
		t.Errorf("beyond: %d %.200s", w.Code, w.Body)
	}
	if !strings.Contains(a.Errors[0].Message, "more than 1000 bytes") || !strings.Contains(a.Errors[0].Message, "Ask for less") {
		t.Errorf("it says %q", a.Errors[0].Message)
	}
}

// TestWhoWaitsTooLongComesAgain fills the gate with a request that waits.
func TestWhoWaitsTooLongComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waiting := make(chan struct{})
		gate := admit.New(admit.Options{Small: 1, Large: 1, Waiting: 9, WaitingPerUser: 9, Patience: 3 * time.Second})
		h := gqlhttp.New(&sample{waiting: waiting}, gqlhttp.Options{Gate: gate})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := query("{wait}").WithContext(ctx)
			ask(t, h, r)
		}()
		<-waiting
		for _, media := range []string{jsonType, responseType} {
			start := time.Now()
			w, a := ask(t, h, with(query("{__typename}"), "Accept", media))
			if w.Code != http.StatusServiceUnavailable || a.code() != "UNAVAILABLE" || w.Header().Get("Retry-After") != "3" || time.Since(start) != 3*time.Second {
				t.Errorf("%s: %d %v %s", media, w.Code, w.Header(), w.Body)
			}
		}
		cancel()
		<-done
		if w, _ := ask(t, h, query("{__typename}")); w.Code != 200 {
			t.Errorf("with the gate free: %d %s", w.Code, w.Body)
		}
		if load := gate.Load(); load != (admit.Load{}) {
			t.Errorf("left in the gate: %+v", load)
		}
	})
}

// TestWhoIsTurnedAwayIsLogged: a server that has too much to do is at fault.
func TestWhoIsTurnedAwayIsLogged(t *testing.T) {
	gate := admit.New(admit.Options{Small: 1, Large: 1}) // nobody may wait
	inside, err := gate.Enter(t.Context(), "other", 1, false)
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Leave()
	var log bytes.Buffer
	h := newHandler(gqlhttp.Options{Gate: gate, Log: slog.New(slog.NewTextHandler(&log, nil))})
	w, a := ask(t, h, with(query("{__typename}"), "X-Request-Id", "req-1"))
	if w.Code != http.StatusServiceUnavailable || a.code() != "UNAVAILABLE" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "code=UNAVAILABLE") || !strings.Contains(got, "request_id=req-1") {
		t.Errorf("logged %s", got)
	}
}

// TestLargeRequestsBeginAmongTheLarge keeps the place of the large ones taken.
func TestLargeRequestsBeginAmongTheLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := admit.New(admit.Options{Small: 1, Large: 1, Waiting: 9, WaitingPerUser: 9, Patience: time.Second})
		took := time.Hour
		h := newHandler(gqlhttp.Options{Gate: gate, Estimate: func(context.Context, *graphql.OperationContext) gqlhttp.Estimate {
			return gqlhttp.Estimate{Time: took}
		}})
		large, err := gate.Enter(t.Context(), "other", 1, true)
		if err != nil {
			t.Fatal(err)
		}
		defer large.Leave()
		if w, _ := ask(t, h, query("{__typename}")); w.Code != http.StatusServiceUnavailable {
			t.Errorf("a large one: %d", w.Code)
		}
		took = time.Millisecond
		if w, _ := ask(t, h, query("{__typename}")); w.Code != http.StatusOK {
			t.Errorf("a small one: %d", w.Code)
		}
	})
}

func TestCostOnDemand(t *testing.T) {
	h := newHandler(gqlhttp.Options{
		Limits:   gqlhttp.Limits{AnswerBytes: 5000},
		Estimate: func(context.Context, *graphql.OperationContext) gqlhttp.Estimate { return gqlhttp.Estimate{Likely: 7} },
	})
	w, _ := ask(t, h, post(`{"query":"{text(bytes:100)}","extensions":{"cost":true}}`))
	var a struct {
		Extensions struct {
			Cost map[string]map[string]float64
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	cost := a.Extensions.Cost
	if cost["estimated"]["values"] != 7 || cost["used"]["bytes"] != 111 || cost["limits"]["bytes"] != 5000 {
		t.Errorf("%s", w.Body)
	}
	if w, _ = ask(t, h, query("{text(bytes:100)}")); strings.Contains(w.Body.String(), "extensions") {
		t.Errorf("not asked for: %s", w.Body)
	}
}

// TestTags lets a client keep the answer to a GET until the data changes.
func TestTags(t *testing.T) {
	version := "one"
	ran := 0
	h := newHandler(gqlhttp.Options{
		Version: func(context.Context) string { return version },
		Estimate: func(context.Context, *graphql.OperationContext) gqlhttp.Estimate {
			ran++
			return gqlhttp.Estimate{}
		},
	})
	get := func(url, known string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		if known != "" {
			r.Header.Set("If-None-Match", known)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const url = "/graphql?query=%7Btext(bytes%3A10)%7D"
	first := get(url, "")
	tag := first.Header().Get("ETag")
	if first.Code != 200 || !strings.HasPrefix(tag, `W/"`) || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	before := ran
	for _, known := range []string{tag, "*", `"other", ` + tag, strings.TrimPrefix(tag, "W/")} {
		if w := get(url, known); w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
			t.Errorf("%s: %d %s", known, w.Code, w.Body)
		}
	}
	if ran != before {
		t.Error("what is known was worked out again")
	}
	for name, other := range map[string]string{"another query": "/graphql?query=%7Btext(bytes%3A11)%7D", "a variable": url + "&variables=%7B%22a%22%3A1%7D"} {
		if w := get(other, tag); w.Code != 200 || w.Header().Get("ETag") == tag {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	version = "two"
	if w := get(url, tag); w.Code != 200 || w.Header().Get("ETag") == tag {
		t.Errorf("with other data: %d %v", w.Code, w.Header())
	}
	if w := get("/graphql?query=%7Bfail(how%3ADOMAIN)%7D", ""); w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("an answer with errors: %v", w.Header())
	}
	if w, _ := ask(t, h, query("{text(bytes:10)}")); w.Header().Get("ETag") != "" {
		t.Errorf("a POST: %v", w.Header())
	}
}
