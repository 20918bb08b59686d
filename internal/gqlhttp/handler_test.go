package gqlhttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
)

// newHandler serves the sample service, without a log.
func newHandler(o gqlhttp.Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return gqlhttp.New(&sample{}, o)
}

type answer struct {
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string           `json:"message"`
		Path       []any            `json:"path"`
		Locations  []map[string]int `json:"locations"`
		Extensions map[string]any   `json:"extensions"`
	} `json:"errors"`
}

func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

func ask(t *testing.T, h http.Handler, r *http.Request) (*httptest.ResponseRecorder, answer) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var a answer
	if w.Body.Len() > 0 && w.Header().Get("Content-Encoding") == "" {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("the answer is no JSON: %v: %s", err, w.Body)
		}
	}
	return w, a
}

// post makes a request of a JSON body.
func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", jsonType)
	return r
}

// query makes a request of a document.
func query(document string) *http.Request {
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		panic(err)
	}
	return post(string(body))
}

func with(r *http.Request, header, value string) *http.Request {
	r.Header.Set(header, value)
	return r
}

func get(values ...string) *http.Request {
	q := url.Values{}
	for i := 0; i < len(values); i += 2 {
		q.Add(values[i], values[i+1])
	}
	return httptest.NewRequest(http.MethodGet, "/graphql?"+q.Encode(), nil)
}

func TestNegotiation(t *testing.T) {
	h := newHandler(gqlhttp.Options{})
	for _, c := range []struct{ accept, want string }{
		{"", jsonType},
		{"*/*", jsonType},
		{"application/*", jsonType},
		{jsonType, jsonType},
		{responseType, responseType},
		{"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", responseType},
		{"application/json, application/graphql-response+json", jsonType},
		{"application/json;q=0.5, application/graphql-response+json;q=0.6", responseType},
		{"application/json, text/plain, */*", jsonType},
		{"application/graphql-response+json, */*", responseType},
		{"application/json;q=0, */*", responseType},
		{"application/json;q=0.1, */*;q=0.5", responseType},
		{"text/html,application/xhtml+xml,*/*;q=0.8", jsonType},
		{"APPLICATION/JSON", jsonType},
		{"nonsense, application/json", jsonType},
		{"text/html", ""},
		{"application/json;q=0", ""},
		{"*/*;q=0", ""},
		{"application/json;q=two", ""},
		{"application/json; charset=latin1", ""},
	} {
		t.Run(c.accept, func(t *testing.T) {
			w, a := ask(t, h, with(query("{__typename}"), "Accept", c.accept))
			if c.want == "" {
				if w.Code != http.StatusNotAcceptable || a.code() != "BAD_USER_INPUT" {
					t.Fatalf("got %d %s, want 406", w.Code, w.Body)
				}
				return
			}
			if got := w.Header().Get("Content-Type"); w.Code != 200 || got != c.want+"; charset=utf-8" {
				t.Fatalf("got %d %s, want %s", w.Code, got, c.want)
			}
			if !slices.Contains(w.Header().Values("Vary"), "Accept") {
				t.Error("Vary lacks Accept")
			}
		})
	}
}

// What is no GraphQL request is refused in terms of HTTP, under either media
// type, and always with a GraphQL error.
func TestRefusals(t *testing.T) {
	h := newHandler(gqlhttp.Options{})
	method := func(m string) *http.Request { return httptest.NewRequest(m, "/graphql", nil) }
	for _, c := range []struct {
		name    string
		request *http.Request
		status  int
		says    string
		header  [2]string
	}{
		{"no body", post(""), 400, "the body is empty", [2]string{}},
		{"blank body", post(" \n"), 400, "the body is empty", [2]string{}},
		{"no JSON", post(`{"query":`), 400, "the body is no JSON object: ", [2]string{}},
		{"two values", post(`{"query":"{__typename}"} {}`), 400, "the body is no JSON object: ", [2]string{}},
		{"no object", post(`"{__typename}"`), 400, "the body is no JSON object", [2]string{}},
		{"null", post(`null`), 400, "query: missing", [2]string{}},
		{"batch", post(`[{"query":"{__typename}"}]`), 400, "batches are not supported", [2]string{}},
		{"member twice", post(`{"query":"{__typename}","query":"{a}"}`), 400, "duplicate", [2]string{}},
		{"no UTF-8", post("{\"query\":\"{echo(text:\\\"\xff\\\")}\"}"), 400, "UTF-8", [2]string{}},
		{"no query", post(`{"qeury":"{__typename}"}`), 400, "query: missing", [2]string{}},
		{"blank query", post(`{"query":" "}`), 400, "query: missing", [2]string{}},
		{"query of wrong type", post(`{"query":1}`), 400, "query: has the wrong type; a string is expected", [2]string{}},
		{"operationName of wrong type", post(`{"query":"{a}","operationName":[]}`), 400, "operationName: has the wrong type; a string or null is expected", [2]string{}},
		{"variables of wrong type", post(`{"query":"{a}","variables":"{}"}`), 400, "variables: has the wrong type; an object or null", [2]string{}},
		{"extensions of wrong type", post(`{"query":"{a}","extensions":1}`), 400, "extensions: has the wrong type; an object or null", [2]string{}},
		{"no content type", with(query("{__typename}"), "Content-Type", ""), 415, "must be application/json", [2]string{"Accept-Post", jsonType}},
		{"other content type", with(query("{__typename}"), "Content-Type", "text/plain"), 415, `it is "text/plain"`, [2]string{"Accept-Post", jsonType}},
		{"other charset", with(query("{__typename}"), "Content-Type", "application/json; charset=utf-16"), 415, "charset must be utf-8", [2]string{}},
		{"compressed", with(query("{__typename}"), "Content-Encoding", "gzip"), 415, "must not be compressed", [2]string{"Accept-Encoding", "identity"}},
		{"GET without query", get(), 400, "query: missing", [2]string{}},
		{"GET with query twice", get("query", "{a}", "query", "{b}"), 400, "query: given 2 times", [2]string{}},
		{"GET with bad variables", get("query", "{a}", "variables", "[1]"), 400, "variables: one JSON object is expected", [2]string{}},
		{"GET with a second value", get("query", "{a}", "variables", "{} {}"), 400, "variables: one JSON object is expected", [2]string{}},
		{"GET with trailing text", get("query", "{a}", "variables", "{}garbage"), 400, "variables: one JSON object is expected", [2]string{}},
		{"GET with a closing brace", get("query", "{a}", "variables", "{}}garbage"), 400, "variables: one JSON object is expected", [2]string{}},
		{"GET with trailing text in extensions", get("query", "{a}", "extensions", "{}]"), 400, "extensions: one JSON object is expected", [2]string{}},
		{"GET with a member twice", get("query", "{a}", "variables", `{"a":1,"a":2}`), 400, "variables: one JSON object is expected", [2]string{}},
		{"GET with no UTF-8", get("query", "{a}", "variables", "{\"a\":\"\xff\"}"), 400, "variables: one JSON object is expected", [2]string{}},
		{"GET of a mutation", get("query", "mutation {touch}"), 405, "must be a POST", [2]string{"Allow", "POST"}},
		{"GET with a bad escape", httptest.NewRequest(http.MethodGet, "/graphql?query=%zz", nil), 400, "malformed", [2]string{}},
		{"subscription", query("subscription {tick}"), 400, "subscriptions are not supported", [2]string{}},
		{"PUT", method(http.MethodPut), 405, "not PUT", [2]string{"Allow", "GET, HEAD, OPTIONS, POST"}},
		{"DELETE", method(http.MethodDelete), 405, "not DELETE", [2]string{"Allow", "GET, HEAD, OPTIONS, POST"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, media := range []string{jsonType, responseType} {
				body, err := io.ReadAll(c.request.Body)
				if err != nil {
					t.Fatal(err)
				}
				c.request.Body = io.NopCloser(bytes.NewReader(body))
				again := c.request.Clone(t.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				w, a := ask(t, h, with(again, "Accept", media))
				if w.Code != c.status || a.code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, c.says) {
					t.Errorf("%s: got %d %s; want %d saying %q", media, w.Code, w.Body, c.status, c.says)
				}
				if name := c.header[0]; name != "" && w.Header().Get(name) != c.header[1] {
					t.Errorf("%s: %q, want %q", name, w.Header().Get(name), c.header[1])
				}
				if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, media) {
					t.Errorf("Content-Type %q", got)
				}
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.DefaultLimits()})
	for _, c := range []struct {
		name    string
		request *http.Request
		want    string
	}{
		{"POST", query(`{echo(text:"<a&b>")}`), `{"data":{"echo":"<a&b>"}}`},
		{"charset", with(query(`{echo(text:"🏃")}`), "Content-Type", "application/json; charset=UTF-8"), `{"data":{"echo":"🏃"}}`},
		{"variables", post(`{"query":"query($n:Int,$t:String){echo(value:$n,text:$t)}","variables":{"n":2147483647,"t":"x"}}`), `{"data":{"echo":"2147483647 x"}}`},
		{"null members", post(`{"query":"{echo(value:1)}","variables":null,"operationName":null,"extensions":null}`), `{"data":{"echo":"1"}}`},
		{"unknown members", post(`{"query":"{echo(value:1)}","id":7}`), `{"data":{"echo":"1"}}`},
		{"operationName", post(`{"query":"query A{echo(value:1)} query B{echo(value:2)}","operationName":"B"}`), `{"data":{"echo":"2"}}`},
		{"mutation", query(`mutation {touch}`), `{"data":{"touch":true}}`},
		{"GET", get("query", "query($n:Int){echo(value:$n)}", "variables", `{"n":3}`), `{"data":{"echo":"3"}}`},
		{"GET with null variables", get("query", "{echo(value:1)}", "variables", `null`), `{"data":{"echo":"1"}}`},
		{"GET with operationName", get("query", "query A{echo(value:1)} query B{echo(value:2)}", "operationName", "A"), `{"data":{"echo":"1"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := ask(t, h, c.request)
			if w.Code != 200 || w.Body.String() != c.want {
				t.Errorf("got %d %s, want %s", w.Code, w.Body, c.want)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
}

// A request that GraphQL refuses has status 200 under application/json and one
// that fits under the other type, and never data.
func TestRequestErrors(t *testing.T) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.DefaultLimits()})
	for _, c := range []struct{ name, body, code, says string }{
		{"syntax", `{"query":"{"}`, "GRAPHQL_PARSE_FAILED", "Expected Name"},
		{"unknown field", `{"query":"{nothing}"}`, "GRAPHQL_VALIDATION_FAILED", "Cannot query field"},
		{"no operation", `{"query":"fragment F on Query {__typename}"}`, "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"unnamed of several", `{"query":"query A{__typename} query B{__typename}"}`, "GRAPHQL_VALIDATION_FAILED", "say which with operationName"},
		{"unknown operation", `{"query":"query A{__typename}","operationName":"C"}`, "GRAPHQL_VALIDATION_FAILED", "operation C not found"},
		{"variable of wrong type", `{"query":"query($n:Int){echo(value:$n)}","variables":{"n":"x"}}`, "GRAPHQL_VALIDATION_FAILED", `variable $n: "x" is not a whole number`},
		{"variable missing", `{"query":"query($n:Int!){echo(value:$n)}"}`, "GRAPHQL_VALIDATION_FAILED", "must be defined"},
		{"deferred", `{"query":"{...@defer{__typename}}"}`, "GRAPHQL_VALIDATION_FAILED", "@defer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for media, status := range map[string]int{jsonType: 200, responseType: 400} {
				w, a := ask(t, h, with(post(c.body), "Accept", media))
				if w.Code != status || a.code() != c.code || !strings.Contains(a.Errors[0].Message, c.says) {
					t.Errorf("%s: got %d %s; want %d %s saying %q", media, w.Code, w.Body, status, c.code, c.says)
				}
				if strings.Contains(w.Body.String(), `"data"`) {
					t.Errorf("data in %s", w.Body)
				}
			}
		})
	}
}

// Numbers in variables are read as graphql-js does, and what is refused is
// named as it was sent.
func TestNumbersInVariables(t *testing.T) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.DefaultLimits()})
	for _, c := range []struct{ kind, argument, value, want string }{
		{"Int", "value", `1.0`, "1"},
		{"Int", "value", `1e2`, "100"},
		{"Int", "value", `-0.0`, "0"},
		{"Int", "value", `20e-1`, "2"},
		{"Int", "value", `-2147483648`, "-2147483648"},
		{"Int", "value", `null`, ""},
		{"Int", "value", `1e400`, "!variable $v: 1e400 is not a whole number from -2147483648 to 2147483647"},
		{"Int", "value", `1.5`, "!variable $v: 1.5 is not a whole number"},
		{"Int", "value", `2147483648`, "!variable $v: 2147483648 is not a whole number"},
		{"Int", "value", `99999999999999999999`, "!variable $v: 99999999999999999999 is not a whole number"},
		{"Int", "value", `"5"`, `!variable $v: "5" is not a whole number`},
		{"Int", "value", `true`, "!cannot use bool as Int"},
		{"Int", "value", "1." + strings.Repeat("0", 100) + "1", "1"}, // as near as 64 bits come
		{"Int", "value", strings.Repeat("9", 100), "!variable $v: " + strings.Repeat("9", 60) + "… is not"},
		{"Float", "ratio", `1`, "1"},
		{"Float", "ratio", `0.25`, "0.25"},
		{"Float", "ratio", `1e400`, "!variable $v: 1e400 is not a number as large as 64 bits hold"},
		{"Float", "ratio", `"0.25"`, `!variable $v: "0.25" is not a number`},
		{"Input", "in", `{"sizes":[1.0,2e0]}`, "map[sizes:[1 2]]"},
		{"Input", "in", `{"sizes":3.0}`, "map[sizes:[3]]"},
		{"Input", "in", `{"inner":{"inner":{"sizes":[1,1.5]}}}`, "!variable $v.inner.inner.sizes[1]: 1.5 is not a whole number"},
		{"Input", "in", `{"nothing":1.0}`, "!unknown field"},
		{"Nothing", "value", `1.0`, "!Unknown type"},
	} {
		t.Run(c.kind+" "+c.value, func(t *testing.T) {
			body := `{"query":"query($v:` + c.kind + `){echo(` + c.argument + `:$v)}","variables":{"v":` + c.value + `}}`
			for range 2 { // the second time the document is known
				w, a := ask(t, h, post(body))
				if says, refused := strings.CutPrefix(c.want, "!"); refused {
					if a.code() != "GRAPHQL_VALIDATION_FAILED" || !strings.Contains(a.Errors[0].Message, says) {
						t.Errorf("got %s; want it to say %q", w.Body, says)
					}
				} else if a.Data["echo"] != c.want {
					t.Errorf("got %s, want %s", w.Body, c.want)
				}
			}
		})
	}
}

func TestMethods(t *testing.T) {
	srv := httptest.NewServer(newHandler(gqlhttp.Options{}))
	defer srv.Close()
	for _, c := range []struct {
		method, query string
		status        int
		header, value string
	}{
		{http.MethodHead, "{__typename}", 200, "Content-Type", "application/json; charset=utf-8"},
		{http.MethodHead, "mutation{touch}", 405, "Allow", "POST"},
		{http.MethodOptions, "", 204, "Allow", "GET, HEAD, OPTIONS, POST"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, srv.URL+"?query="+url.QueryEscape(c.query), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.status || resp.Header.Get(c.header) != c.value || len(body) > 0 {
			t.Errorf("%s %s: %d %q %q", c.method, c.query, resp.StatusCode, resp.Header.Get(c.header), body)
		}
	}
}

func presentDomain(_ context.Context, err error) *gqlerror.Error {
	switch {
	case errors.Is(err, errDomain):
		return &gqlerror.Error{Message: "not this", Extensions: map[string]any{"code": "BAD_USER_INPUT"}}
	case errors.Is(err, errStore):
		return &gqlerror.Error{Message: "try again", Extensions: map[string]any{"code": "UNAVAILABLE"}}
	}
	return nil
}

func TestFieldErrors(t *testing.T) {
	for _, c := range []struct {
		document, code, says string
		logged               bool
	}{
		{`{fail(how:DOMAIN)}`, "BAD_USER_INPUT", "not this", false},
		{`{fail(how:CODED)}`, "NOT_FOUND", "no such release", false},
		{`{fail(how:STORE)}`, "UNAVAILABLE", "try again", true},
		{`{fail(how:UNKNOWN)}`, "INTERNAL", "request id req-1", true},
		{`{fail(how:PANIC)}`, "INTERNAL", "request id req-1", true},
		{`{failAll(how:PANIC)}`, "INTERNAL", "request id req-1", true},
		{`{echo(size:12)}`, "BAD_USER_INPUT", "argument size: sizes are odd", false},
	} {
		t.Run(c.document, func(t *testing.T) {
			var log bytes.Buffer
			h := newHandler(gqlhttp.Options{PresentError: presentDomain, Log: slog.New(slog.NewTextHandler(&log, nil))})
			r := with(query(c.document), "X-Request-Id", "req-1")
			w, a := ask(t, h, with(r, "Accept", responseType))
			if w.Code != 200 || a.code() != c.code || !strings.Contains(a.Errors[0].Message, c.says) {
				t.Fatalf("got %d %s; want %s saying %q", w.Code, w.Body, c.code, c.says)
			}
			if !strings.Contains(w.Body.String(), `"data":`) {
				t.Error("an executed operation has data, if only null")
			}
			if strings.Contains(w.Body.String(), secretDetail) || strings.Contains(w.Body.String(), ".go") {
				t.Errorf("the answer tells of the inside: %s", w.Body)
			}
			if got := len(a.Errors[0].Path); got != 1 {
				t.Errorf("path %v", a.Errors[0].Path)
			}
			if got := a.Errors[0].Locations; len(got) != 1 || got[0]["column"] != 2 {
				t.Errorf("locations %v", got)
			}
			if got := log.String(); c.logged != strings.Contains(got, secretDetail) || c.logged != strings.Contains(got, "request_id=req-1") {
				t.Errorf("log: %s", got)
			}
			if strings.Contains(c.document, "PANIC") && !strings.Contains(log.String(), "gqlhttp_test.fail(") {
				t.Errorf("the log lacks the stack of the panic: %s", &log)
			}
		})
	}
}

// What the server is to blame for is in the log once, with its cause, however
// many fields it took.
func TestFaultsAreLoggedOnce(t *testing.T) {
	for _, c := range []struct {
		name, document string
		want           []string // "code: cause" of each line
	}{
		{"the client's", `{fail(how:DOMAIN) b:fail(how:CODED) c:echo(size:2)}`, nil},
		{"one cause", `{fail(how:STORE) b:fail(how:STORE) items(first:9){name} c:fail(how:STORE)}`, []string{"UNAVAILABLE: the store is gone: " + secretDetail}},
		{"two causes", `{fail(how:STORE) b:fail(how:UNKNOWN) c:fail(how:DOMAIN)}`,
			[]string{"INTERNAL: cannot read " + secretDetail, "UNAVAILABLE: the store is gone: " + secretDetail}},
		{"a panic has its own line", `{fail(how:PANIC)}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			h := newHandler(gqlhttp.Options{PresentError: presentDomain, Log: slog.New(slog.NewJSONHandler(&log, nil))})
			ask(t, h, with(query(c.document), "X-Request-Id", "req-1"))
			var got []string
			for line := range bytes.Lines(log.Bytes()) {
				var r map[string]any
				if err := json.Unmarshal(line, &r); err != nil {
					t.Fatal(err)
				}
				if r["level"] != "ERROR" || r["request_id"] != "req-1" {
					t.Errorf("%s", line)
				}
				if code, ok := r["code"]; ok {
					got = append(got, fmt.Sprintf("%s: %s", code, r["error"]))
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("logged %q, want %q", got, c.want)
			}
		})
	}
}

// Causes without end have an end in the log.
func TestLoggedFaultsAreBounded(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(gqlhttp.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Extensions: []graphql.HandlerExtension{manyFaults{}}})
	ask(t, h, query("{__typename}"))
	if got := bytes.Count(log.Bytes(), []byte("\n")); got != 11 || !strings.Contains(log.String(), "causes=1000") {
		t.Errorf("%d lines: %s", got, &log)
	}
}

// manyFaults answers with a thousand different causes.
type manyFaults struct{}

func (manyFaults) ExtensionName() string                   { return "ManyFaults" }
func (manyFaults) Validate(graphql.ExecutableSchema) error { return nil }

func (manyFaults) InterceptOperation(context.Context, graphql.OperationHandler) graphql.ResponseHandler {
	r := &graphql.Response{}
	for i := range 1000 {
		r.Errors = append(r.Errors, &gqlerror.Error{Message: fmt.Sprint(i), Extensions: map[string]any{"code": "INTERNAL"}})
	}
	return graphql.OneShot(r)
}

// Fields are answered in goroutines of their own, where a presenter that panics
// would end the process.
func TestPanicInThePresenter(t *testing.T) {
	var log bytes.Buffer
	panics := func(context.Context, error) *gqlerror.Error { panic(secretDetail) }
	h := newHandler(gqlhttp.Options{PresentError: panics, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, a := ask(t, h, query(`{fail(how:DOMAIN) b:fail(how:PANIC) c:echo(text:"whole")}`))
	if a.code() != "INTERNAL" || len(a.Errors) != 2 || a.Data["c"] != "whole" {
		t.Errorf("got %+v", a)
	}
	if !strings.Contains(log.String(), secretDetail) || strings.Contains(fmt.Sprint(a), secretDetail) {
		t.Errorf("answered %+v, logged %s", a, &log)
	}
}

// A panic outside of resolvers is answered in the same way.
func TestPanicInTheEdge(t *testing.T) {
	var log bytes.Buffer
	h := newHandler(gqlhttp.Options{
		Limits:   gqlhttp.DefaultLimits(),
		Estimate: func(context.Context, *graphql.OperationContext) gqlhttp.Estimate { panic(secretDetail) },
		Log:      slog.New(slog.NewTextHandler(&log, nil)),
	})
	for media, status := range map[string]int{jsonType: 200, responseType: 500} {
		w, a := ask(t, h, with(query("{__typename}"), "Accept", media))
		if w.Code != status || a.code() != "INTERNAL" || strings.Contains(w.Body.String(), secretDetail) {
			t.Errorf("%s: got %d %s", media, w.Code, w.Body)
		}
	}
	if !strings.Contains(log.String(), secretDetail) {
		t.Error("the panic is not logged")
	}
}

// An operation that an extension answers with an error has no data, and a
// status that fits its code.
func TestOperationErrors(t *testing.T) {
	for code, status := range map[string]int{"UNAVAILABLE": 503, "TIMEOUT": 504, "INTERNAL": 500, "NOT_FOUND": 400} {
		h := newHandler(gqlhttp.Options{Extensions: []graphql.HandlerExtension{refuseAll(code)}})
		for media, want := range map[string]int{jsonType: 200, responseType: status} {
			w, a := ask(t, h, with(query("{__typename}"), "Accept", media))
			if w.Code != want || a.code() != code || strings.Contains(w.Body.String(), `"data"`) {
				t.Errorf("%s %s: got %d %s, want %d", code, media, w.Code, w.Body, want)
			}
		}
	}
}

// An operation that cannot be prepared fails with an error presented like one of a field.
func TestPrepareFails(t *testing.T) {
	for _, c := range []struct {
		err    error
		code   string
		status int
	}{
		{fmt.Errorf("%w: really", errDomain), "BAD_USER_INPUT", 400},
		{errors.New(secretDetail), "INTERNAL", 500},
	} {
		h := newHandler(gqlhttp.Options{PresentError: presentDomain, Prepare: func(ctx context.Context) (context.Context, error) { return ctx, c.err }})
		w, a := ask(t, h, with(query("{__typename}"), "Accept", responseType))
		if w.Code != c.status || a.code() != c.code || strings.Contains(w.Body.String(), secretDetail) {
			t.Errorf("%v: got %d %s", c.err, w.Code, w.Body)
		}
	}
}

type refuseAll string

func (refuseAll) ExtensionName() string                   { return "RefuseAll" }
func (refuseAll) Validate(graphql.ExecutableSchema) error { return nil }

func (code refuseAll) InterceptOperation(context.Context, graphql.OperationHandler) graphql.ResponseHandler {
	err := &gqlerror.Error{Message: "no", Extensions: map[string]any{"code": string(code)}}
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{err}})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen gqlhttp.Observation
		h := newHandler(gqlhttp.Options{Timeout: 3 * time.Second, Observe: func(_ context.Context, o gqlhttp.Observation) { seen = o }})
		start := time.Now()
		w, a := ask(t, h, with(query("{wait echo(value:1)}"), "Accept", responseType))
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("answered after %s", took)
		}
		if w.Code != 200 || a.code() != "TIMEOUT" || a.Data["echo"] != "1" {
			t.Errorf("got %d %s; want what was found, and an error", w.Code, w.Body)
		}
		if seen.Code != "TIMEOUT" || seen.Duration != 3*time.Second {
			t.Errorf("observed %+v", seen)
		}
	})
}

// A request whose time is over before it runs has no data.
func TestTimeoutBeforeExecution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(gqlhttp.Options{
			Timeout: time.Second,
			Limits:  gqlhttp.DefaultLimits(),
			Estimate: func(ctx context.Context, _ *graphql.OperationContext) gqlhttp.Estimate {
				<-ctx.Done()
				return gqlhttp.Estimate{}
			},
		})
		for media, status := range map[string]int{jsonType: 200, responseType: 504} {
			w, a := ask(t, h, with(query("{__typename}"), "Accept", media))
			if w.Code != status || a.code() != "TIMEOUT" {
				t.Errorf("%s: got %d %s", media, w.Code, w.Body)
			}
		}
	})
}

func TestClientGone(t *testing.T) {
	var seen gqlhttp.Observation
	waiting := make(chan struct{}, 1)
	h := gqlhttp.New(&sample{waiting: waiting}, gqlhttp.Options{
		Log:     slog.New(slog.DiscardHandler),
		Observe: func(_ context.Context, o gqlhttp.Observation) { seen = o },
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-waiting
		cancel()
	}()
	_, a := ask(t, h, query("{wait}").WithContext(ctx))
	if a.code() != "UNAVAILABLE" || seen.Code != "CANCELED" {
		t.Errorf("answered %v, observed %+v", a, seen)
	}
}

func TestRequestID(t *testing.T) {
	var inside string
	h := newHandler(gqlhttp.Options{Observe: func(ctx context.Context, _ gqlhttp.Observation) { inside = gqlhttp.RequestID(ctx) }})
	for _, c := range []struct {
		sent string
		kept bool
	}{{"abc-1.2_3", true}, {"", false}, {"a b", false}, {"x\"y", false}, {strings.Repeat("a", 65), false}} {
		w, _ := ask(t, h, with(query("{__typename}"), "X-Request-Id", c.sent))
		got := w.Header().Get("X-Request-Id")
		if got == "" || got != inside || (got == c.sent) != c.kept {
			t.Errorf("sent %q: header %q, context %q", c.sent, got, inside)
		}
	}
}

// nested writes a selection of `items` within each other, innermost `name`.
func nested(depth int) string {
	return strings.Repeat("items{", depth-1) + "name" + strings.Repeat("}", depth-1)
}

// names writes so many tokens, all of different fields.
func names(tokens int) string {
	var b strings.Builder
	for i := range tokens / 3 {
		fmt.Fprintf(&b, "n%d:__typename ", i)
	}
	return b.String() + strings.Repeat("__typename ", tokens%3)
}

// bomb writes fragments of which each uses the next twice.
func bomb(fragments int) string {
	var b strings.Builder
	b.WriteString("{items(first:1){...F0}}")
	for i := range fragments {
		fmt.Fprintf(&b, " fragment F%d on Item {a:parent{...F%d} b:parent{...F%d}}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Item {name}", fragments)
	return b.String()
}

func TestLimits(t *testing.T) {
	limits := gqlhttp.Limits{Tokens: 300, Depth: 5, IntrospectionDepth: 5, Aliases: 4, Values: 1000}
	for _, c := range []struct{ name, document, limit, says string }{
		{"tokens within", "{" + names(298) + "}", "", ""},
		{"tokens", "{" + names(299) + "}", "tokens", "is 301; the limit is 300"},
		{"comments are no tokens", "{x:__typename}" + strings.Repeat("\n# a comment", 400), "", ""},
		{"depth within", "{" + strings.Replace(nested(5), "items{", "items(first:0){", 1) + "}", "", ""},
		{"depth", "{" + nested(6) + "}", "depth", "is 6; the limit is 5"},
		{"depth through fragments", "{...A} fragment A on Query {items{...B}} fragment B on Item {" + nested(5) + "}", "depth", "is 6; the limit is 5"},
		{"depth through inline fragments", "{thing{... on Item{" + nested(5) + "}}}", "depth", "is 6; the limit is 5"},
		{"introspection within", "{__schema{types{fields{type{name}}}}}", "", ""},
		{"introspection", "{__schema{types{fields{type{ofType{name}}}}}}", "introspection depth", "is 6; the limit is 5"},
		{"introspection through fragments", "{__schema{types{fields{type{...T}}}}} fragment T on __Type {ofType{name}}", "introspection depth", "is 6; the limit is 5"},
		{"introspection in a fragment", "{...Q} fragment Q on Query {__schema{types{fields{type{ofType{name}}}}}}", "introspection depth", "is 6; the limit is 5"},
		{"aliases within", "{a:__typename b:__typename c:__typename d:__typename}", "", ""},
		{"aliases", "{a:__typename b:__typename c:__typename d:__typename e:__typename}", "aliases", "is 5; the limit is 4"},
		{"same name is no alias", "{__typename:__typename a:__typename b:__typename c:__typename d:__typename}", "", ""},
		{"aliases through fragments", "{...A thing{...B}} fragment A on Query {a:__typename b:__typename thing{...B}} fragment B on Box {c:name d:name}", "aliases", "is 6; the limit is 4"},
		{"values within", "{items(first:999){name}}", "", ""},
		{"values", "{items(first:1000){name}}", "values", "is 1001; the limit is 1000"},
		{"values by variables", "query($n:Int=100){items(first:$n){items(first:$n){name}}}", "values", "is 10101; the limit is 1000"},
		{"fields through fragments", bomb(20), "fields", "the limit is 100000"},
		{"repeats within", "{" + strings.Repeat("__typename ", 201) + "}", "", ""},
		{"repeats", "{" + strings.Repeat("__typename ", 202) + "}", "repeated fields", "is 201; the limit is 200"},
		{"repeats in inline fragments", "{a:__typename" + strings.Repeat("... {a:__typename}", 50) + strings.Repeat("...F ", 80) + "} fragment F on Query {thing{" + strings.Repeat("__typename ", 80) + "}}", "repeated fields", "is 208"},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := limits
			if c.limit == "fields" || c.limit == "repeated fields" {
				limits = gqlhttp.Limits{} // these hold whatever the limits are
			}
			if strings.HasPrefix(c.name, "tokens") {
				limits.Aliases = 0
			}
			h := newHandler(gqlhttp.Options{Limits: limits})
			for media, status := range map[string]int{jsonType: 200, responseType: 400} {
				w, a := ask(t, h, with(query(c.document), "Accept", media))
				if c.limit == "" {
					if w.Code != 200 || len(a.Errors) > 0 {
						t.Errorf("got %d %s", w.Code, w.Body)
					}
					continue
				}
				if w.Code != status || a.code() != "LIMIT_EXCEEDED" || !strings.Contains(a.Errors[0].Message, c.says) {
					t.Fatalf("%s: got %d %s; want it to say %q", media, w.Code, w.Body, c.says)
				}
				if got := a.Errors[0].Extensions["limit"]; got != c.limit {
					t.Errorf("limit %v, want %s", got, c.limit)
				}
				if a.Errors[0].Extensions["actual"].(float64) <= a.Errors[0].Extensions["max"].(float64) {
					t.Errorf("extensions %v", a.Errors[0].Extensions)
				}
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.Limits{BodyBytes: 40}})
	body := `{"query":"{__typename}"}`
	fill := func(n int) string { return body + strings.Repeat(" ", n-len(body)) }
	unannounced := func(text string) *http.Request {
		r := post(text)
		r.ContentLength = -1
		return r
	}
	for _, c := range []struct {
		request *http.Request
		says    string
	}{
		{post(fill(40)), ""},
		{unannounced(fill(40)), ""},
		{post(fill(50)), "is 50; the limit is 40"},
		{unannounced(fill(50)), "the limit is 40"},
	} {
		for _, media := range []string{jsonType, responseType} {
			r := c.request.Clone(t.Context())
			text, err := io.ReadAll(c.request.Body)
			if err != nil {
				t.Fatal(err)
			}
			c.request.Body, r.Body = io.NopCloser(bytes.NewReader(text)), io.NopCloser(bytes.NewReader(text))
			w, a := ask(t, h, with(r, "Accept", media))
			if c.says == "" {
				if w.Code != 200 || len(a.Errors) > 0 {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
				continue
			}
			if w.Code != 413 || a.code() != "LIMIT_EXCEEDED" || !strings.Contains(a.Errors[0].Message, c.says) {
				t.Errorf("got %d %s; want 413 saying %q", w.Code, w.Body, c.says)
			}
			if w.Header().Get("Connection") != "close" {
				t.Error("the connection stays open for the rest of the body")
			}
		}
	}
}

// Query editors begin with introspection, which nests deeper than questions do.
func TestIntrospection(t *testing.T) {
	product := generated.NewExecutableSchema(generated.Config{})
	h := gqlhttp.New(product, gqlhttp.Options{Limits: gqlhttp.DefaultLimits()})
	_, a := ask(t, h, query(introspection.Query))
	if len(a.Errors) > 0 || a.Data["__schema"] == nil {
		t.Errorf("got %v", a.Errors)
	}
	h = gqlhttp.New(product, gqlhttp.Options{HideSchema: true})
	if _, a := ask(t, h, query("{__schema{types{name}}}")); len(a.Errors) == 0 {
		t.Error("the hidden schema is shown")
	}
}

// Documents that are cheap to send are cheap to refuse, or to answer.
func TestHostileDocuments(t *testing.T) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.DefaultLimits()})
	for name, document := range map[string]string{
		"fragments of fragments": bomb(700),
		"fragment cycle":         "{...A} fragment A on Query {...B} fragment B on Query {...A}",
		"one field many times":   "{" + strings.Repeat("__typename ", 9990) + "}",
		"many names":             "{" + names(9990) + "}",
		"unknown names":          "{" + unknownNames(9990) + "}",
		"fields in many fields":  "{" + strings.Repeat("items{"+names(45)+"}", 200) + "}",
		"many fragments":         manyFragments(450),
		"many variables":         manyVariables(1200),
		"open braces":            strings.Repeat("{a", 4900),
		"open lists":             "{echo(text:" + strings.Repeat("[", 9000),
		"many operations":        strings.Repeat("query A{__typename}", 1900),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			w, _ := ask(t, h, query(document))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %s", took)
			} else {
				t.Logf("took %s: %.120s", took, w.Body)
			}
		})
	}
}

func unknownNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "item%d ", i)
	}
	return b.String()
}

func manyFragments(n int) string {
	var spreads, fragments strings.Builder
	for i := range n {
		fmt.Fprintf(&spreads, "...F%d ", i)
		fmt.Fprintf(&fragments, " fragment F%d on Query {%s}", i, names(12))
	}
	return "{" + spreads.String() + "}" + fragments.String()
}

func manyVariables(n int) string {
	var variables, uses strings.Builder
	for i := range n {
		fmt.Fprintf(&variables, "$v%d:Int ", i)
		fmt.Fprintf(&uses, "a%d:echo(value:$v%[1]d)", i)
	}
	return "query(" + variables.String() + "){" + uses.String() + "}"
}

func TestCompression(t *testing.T) {
	h := newHandler(gqlhttp.Options{})
	want := `{"data":{"text":"` + strings.Repeat("x", 5000) + `"}}`
	for accept, open := range map[string]func(io.Reader) (io.Reader, error){
		"":     nil,
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) {
			d, err := zstd.NewReader(r)
			if err != nil {
				return nil, err
			}
			t.Cleanup(d.Close)
			return d, nil
		},
	} {
		w, _ := ask(t, h, with(query("{text(bytes:5000)}"), "Accept-Encoding", accept))
		if got := w.Header().Get("Content-Encoding"); got != accept {
			t.Fatalf("Content-Encoding %q, want %q", got, accept)
		}
		body := io.Reader(w.Body)
		if open != nil {
			var err error
			if body, err = open(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != want {
			t.Errorf("%s: %v, %d bytes", accept, err, len(got))
		}
		if !slices.Contains(w.Header().Values("Vary"), "Accept-Encoding") {
			t.Error("Vary lacks Accept-Encoding")
		}
		if small, _ := ask(t, h, with(query("{__typename}"), "Accept-Encoding", accept)); small.Header().Get("Content-Encoding") != "" {
			t.Error("a small answer is compressed")
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := newHandler(gqlhttp.Options{Observe: gqlhttp.NewMetrics(reg).Observe, Extensions: []graphql.HandlerExtension{customCode{}}})
	for i := range 50 {
		ask(t, h, query(fmt.Sprintf("query N%d {__typename}", i)))
	}
	ask(t, h, query("mutation {touch}"))
	ask(t, h, query("{"))
	ask(t, h, query("{fail(how:PANIC)}"))
	ask(t, h, post("["))
	ask(t, h, query("query Custom{__typename}"))

	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			labels := ""
			for _, l := range m.Label {
				labels += " " + l.GetValue()
			}
			switch {
			case m.Counter != nil:
				got[f.GetName()+labels] = m.Counter.GetValue()
			case m.Histogram != nil:
				got[f.GetName()+labels] = float64(m.Histogram.GetSampleCount())
			}
		}
	}
	want := map[string]float64{
		"mapgraph_graphql_requests_total OK query":                  50,
		"mapgraph_graphql_requests_total OTHER query":               1,
		"mapgraph_graphql_requests_total INTERNAL query":            1,
		"mapgraph_graphql_requests_total OK mutation":               1,
		"mapgraph_graphql_requests_total GRAPHQL_PARSE_FAILED none": 1,
		"mapgraph_graphql_requests_total BAD_USER_INPUT none":       1,
		"mapgraph_graphql_request_duration_seconds query":           52,
		"mapgraph_graphql_request_duration_seconds mutation":        1,
		"mapgraph_graphql_request_duration_seconds none":            2,
		"mapgraph_graphql_response_bytes":                           55,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// customCode answers one operation with a code that is on no list.
type customCode struct{}

func (customCode) ExtensionName() string                   { return "CustomCode" }
func (customCode) Validate(graphql.ExecutableSchema) error { return nil }

func (customCode) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Operation.Name == "Custom" {
		return refuseAll("WHATEVER").InterceptOperation(ctx, next)
	}
	return next(ctx)
}

func TestObservation(t *testing.T) {
	var seen gqlhttp.Observation
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.DefaultLimits(), Observe: func(_ context.Context, o gqlhttp.Observation) { seen = o }})
	w, _ := ask(t, h, query("query Things {items(first:3){name}}"))
	seen.Duration = 0
	want := gqlhttp.Observation{Operation: "query", Name: "Things", Code: "OK", Status: 200, Cost: 4, Bytes: w.Body.Len()}
	if seen != want {
		t.Errorf("got %+v, want %+v", seen, want)
	}
}

func BenchmarkSmallQuery(b *testing.B) {
	h := newHandler(gqlhttp.Options{Limits: gqlhttp.DefaultLimits()})
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, post(`{"query":"{items(first:3){name items(first:3){name}}}"}`))
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
