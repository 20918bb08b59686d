package ask

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// TestQueriesAreValid holds every question against the schema.
func TestQueriesAreValid(t *testing.T) {
	text, err := os.ReadFile("../../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	if len(Queries()) < 15 {
		t.Errorf("only %v", Queries())
	}
	for _, name := range Queries() {
		if _, errs := gqlparser.LoadQueryWithRules(schema, Query(name), rules.NewDefaultRules()); len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

func TestDo(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		status       int
		code         string // of an Error
		unreachable  bool
	}{
		{name: "data", answer: `{"data":{"a":1}}`, status: 200},
		{name: "an error", answer: `{"errors":[{"message":"no such thing","extensions":{"code":"NOT_FOUND"}}],"data":null}`, status: 200, code: "NOT_FOUND"},
		{name: "data beside an error", answer: `{"errors":[{"message":"x","extensions":{"code":"TIMEOUT"}}],"data":{"a":1}}`, status: 200, code: "TIMEOUT"},
		{name: "a page that is no API", answer: `<html>`, status: 200, unreachable: true},
		{name: "JSON that is no answer", answer: `{}`, status: 404, unreachable: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/graphql" || r.Method != http.MethodPost {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			})
			server := httptest.NewServer(h)
			defer server.Close()
			for place, api := range map[string]*API{"local": Local(h), "remote": Remote(server.URL), "endpoint": Remote(server.URL + "/graphql")} {
				var out struct{ A int }
				err := api.Do(t.Context(), "{a}", nil, &out)
				var e *Error
				switch {
				case c.unreachable != errors.Is(err, ErrUnreachable), (c.code != "") != errors.As(err, &e), e != nil && e.Code != c.code:
					t.Errorf("%s: %v", place, err)
				case err == nil && out.A != 1:
					t.Errorf("%s: %+v", place, out)
				}
			}
		})
	}
}

// A server that refuses to answer under a name says what to do.
func TestRefusedBeforeGraphQL(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMisdirectedRequest)
		_, _ = w.Write([]byte(`{"error":"start it with --allowed-host"}`))
	})
	if err := Local(h).Do(t.Context(), "{a}", nil, nil); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "--allowed-host") {
		t.Error(err)
	}
}

func TestNobodyIsThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if err := Remote(server.URL).Do(t.Context(), "{a}", nil, nil); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Local(http.NotFoundHandler()).Do(ctx, "{a}", nil, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
