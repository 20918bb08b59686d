package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var builtPages = fstest.MapFS{
	"explorer/index.html":             {Data: []byte("<!doctype html><title>explorer</title>")},
	"playground/index.html":           {Data: []byte("<!doctype html><title>playground</title>" + strings.Repeat(" ", 4000))},
	"playground/favicon.svg":          {Data: []byte("<svg/>")},
	"assets/main-DiwrgTda.js":         {Data: []byte("export {}")},
	"assets/main-DiwrgTda.js.map":     {Data: []byte("{}")},
	"assets/style-B1_x-9aZ.css":       {Data: []byte("a{}")},
	"assets/font.woff2":               {Data: []byte("font")},
	"playground/assets/w-abcdefgh.js": {Data: []byte("1")},
}

// options of a server without a log whose GraphQL endpoint says its method.
func options() Options {
	return Options{
		Addr: "127.0.0.1:0", Version: "v1.2.3", ShutdownTimeout: 10 * time.Second,
		Assets: builtPages, Placeholder: []byte("<p>not built</p>"),
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method) }),
		Log:     slog.New(slog.DiscardHandler),
	}
}

func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRoutes(t *testing.T) {
	h := New(options()).Handler()
	for _, c := range []struct {
		method, path, accept string
		status               int
		says                 string
	}{
		{"GET", "/graphql", "", 200, "GET"},
		{"POST", "/graphql", "", 200, "POST"},
		{"OPTIONS", "/graphql", "", 200, "OPTIONS"},
		{"GET", "/healthz", "", 200, `{"status":"ok"}`},
		{"GET", "/readyz", "", 200, `{"status":"ready"}`},
		{"GET", "/version", "", 200, `"version":"v1.2.3"`},
		{"GET", "/", "", 200, "/playground"},
		{"GET", "/", "*/*", 200, "mapgraph\n"},
		{"GET", "/", "application/json", 200, `"/graphql":`},
		{"GET", "/", "text/html,*/*", 200, "<title>explorer"},
		{"GET", "/matrix", "text/html", 200, "<title>explorer"},
		{"GET", "/technique/T1552.007", "", 200, "<title>explorer"},
		{"GET", "/capability/veris/action.hacking.variety.SQLi", "", 200, "<title>explorer"},
		{"GET", "/technique/", "text/html", 404, "there is nothing at this path"},
		{"POST", "/matrix", "", 405, `{"error":`},
		{"GET", "/playground", "", 200, "<title>playground"},
		{"GET", "/playground/", "", 301, ""},
		{"GET", "/playground/favicon.svg", "", 200, "<svg/>"},
		{"GET", "/assets/main-DiwrgTda.js", "", 200, "export"},
		{"GET", "/playground/nothing.js", "", 404, `{"error":`},
		{"GET", "/assets/", "", 404, `{"error":`},
		{"GET", "/assets/../server.go", "", 307, ""},
		{"GET", "/nothing", "", 404, `{"error":`},
		{"GET", "/nothing", "text/html", 404, "there is nothing at this path"},
		{"GET", "/graphql/", "", 404, `{"error":`},
		{"POST", "/healthz", "", 405, `{"error":`},
		{"DELETE", "/playground", "", 405, `{"error":`},
		{"GET", "/metrics", "", 404, ""},
		{"GET", "/debug/pprof/", "", 404, ""},
	} {
		w := ask(h, c.method, c.path, "Accept", c.accept)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s (%s): got %d %.200s; want %d saying %q", c.method, c.path, c.accept, w.Code, w.Body, c.status, c.says)
		}
		if w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s: no request id", c.method, c.path)
		}
		if c.status == 405 && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow %q", c.method, c.path, w.Header().Get("Allow"))
		}
	}
}

// TestExplorerPaths holds the server's list of the explorer's views against the
// explorer's own.
func TestExplorerPaths(t *testing.T) {
	source, err := os.ReadFile("../../web/src/explorer/App.tsx")
	if err != nil {
		t.Fatal(err)
	}
	var own []string // besides "/"
	for _, m := range regexp.MustCompile(`<Route path="(/[^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(m[1], "{$1}")
		own = append(own, strings.Replace(path, "/*", "/{id...}", 1))
	}
	if !slices.Equal(own, explorerPaths) {
		t.Errorf("the explorer has %v, the server %v", own, explorerPaths)
	}
}

func TestHead(t *testing.T) {
	srv := httptest.NewServer(New(options()).Handler())
	defer srv.Close()
	for _, path := range []string{"/healthz", "/readyz", "/version", "/", "/playground", "/assets/main-DiwrgTda.js"} {
		resp, err := srv.Client().Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || len(body) > 0 || resp.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %d %q %v %v", path, resp.StatusCode, body, resp.Header, err)
		}
	}
}

func TestReadiness(t *testing.T) {
	var l lines
	var why error
	o := options()
	o.Log = logTo(&l)
	o.Ready = func(context.Context) error { return why }
	s := New(o)
	for _, err := range []error{nil, errors.New("192.0.2.7:7687 refuses"), errors.New("192.0.2.7:7687 refuses"), errors.New("it is empty"), nil, nil} {
		why = err
		w := ask(s.Handler(), "GET", "/readyz")
		want := http.StatusOK
		if err != nil {
			want = http.StatusServiceUnavailable
		}
		if w.Code != want || strings.Contains(w.Body.String(), "192.0.2.7") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
		if w := ask(s.Handler(), "GET", "/healthz"); w.Code != 200 {
			t.Errorf("not ready, but alive: %d", w.Code)
		}
	}
	var logged []any
	for _, r := range l.records(t) {
		if r["msg"] != "request" {
			logged = append(logged, r["msg"], r["error"])
		}
	}
	if want := []any{"not ready", "192.0.2.7:7687 refuses", "not ready", "it is empty", "ready again", nil}; !slices.Equal(logged, want) {
		t.Errorf("logged %v, want %v", logged, want)
	}
	s.opts.Ready = nil
	s.unready.Store(true)
	if w := ask(s.Handler(), "GET", "/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), "stopping") {
		t.Errorf("stopping: %d %s", w.Code, w.Body)
	}
}

func TestHeadersOfPages(t *testing.T) {
	h := New(options()).Handler()
	const forever, always = "public, max-age=31536000, immutable", "no-cache"
	for path, want := range map[string]struct{ cache, contentType string }{
		"/playground":                      {always, "text/html; charset=utf-8"},
		"/playground/favicon.svg":          {always, "image/svg+xml"},
		"/assets/main-DiwrgTda.js":         {forever, "text/javascript; charset=utf-8"},
		"/assets/main-DiwrgTda.js.map":     {forever, "application/json"},
		"/assets/style-B1_x-9aZ.css":       {forever, "text/css; charset=utf-8"},
		"/assets/font.woff2":               {always, "font/woff2"},
		"/playground/assets/w-abcdefgh.js": {forever, "text/javascript; charset=utf-8"},
	} {
		w := ask(h, "GET", path)
		header := w.Header()
		if header.Get("Cache-Control") != want.cache || header.Get("Content-Type") != want.contentType {
			t.Errorf("%s: %q %q", path, header.Get("Cache-Control"), header.Get("Content-Type"))
		}
		policy := header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'self'", "script-src 'self';", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, rule) {
				t.Errorf("%s: the policy lacks %s: %s", path, rule, policy)
			}
		}
		if strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy is loose: %s", path, policy)
		}
		tag := header.Get("Etag")
		if (tag == "") != (want.cache == forever) {
			t.Errorf("%s: Etag %q", path, tag)
		}
		if tag != "" {
			if again := ask(h, "GET", path, "If-None-Match", tag); again.Code != 304 || again.Body.Len() > 0 {
				t.Errorf("%s: unchanged, but answered %d", path, again.Code)
			}
		}
	}
	for _, path := range []string{"/graphql", "/healthz", "/nothing", "/playground"} {
		header := ask(h, "GET", path).Header()
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" || header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", path, header)
		}
	}
	if got := ask(h, "GET", "/graphql").Header().Get("Content-Security-Policy"); got != closedPolicy {
		t.Errorf("policy of an answer that is no page: %q", got)
	}
}

func TestPolicyOfTheOwner(t *testing.T) {
	o := options()
	o.PagePolicy = "default-src 'self'"
	if got := ask(New(o).Handler(), "GET", "/playground").Header().Get("Content-Security-Policy"); got != o.PagePolicy {
		t.Errorf("got %q", got)
	}
}

func TestPlaceholder(t *testing.T) {
	o := options()
	o.Assets = nil
	h := New(o).Handler()
	w := ask(h, "GET", "/playground")
	if w.Code != 200 || w.Body.String() != "<p>not built</p>" || w.Header().Get("Content-Security-Policy") != placeholderPolicy {
		t.Errorf("got %d %s %v", w.Code, w.Body, w.Header())
	}
	if w := ask(h, "GET", "/assets/main-DiwrgTda.js"); w.Code != 404 {
		t.Errorf("assets that were not built: %d", w.Code)
	}
}

func TestCompression(t *testing.T) {
	o := options()
	large := strings.Repeat("large ", 2000)
	o.GraphQL = compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, large) }))
	h := New(o).Handler()
	for path, want := range map[string]string{"/playground": string(builtPages["playground/index.html"].Data), "/graphql": large} {
		w := ask(h, "GET", path, "Accept-Encoding", "gzip")
		if got := w.Header().Values("Content-Encoding"); len(got) != 1 || got[0] != "gzip" {
			t.Fatalf("%s: Content-Encoding %q", path, got)
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != want {
			t.Errorf("%s: compressed more than once, or wrongly: %d bytes, %v", path, len(got), err)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	const app, other = "https://app.example.org", "https://evil.example.org"
	for _, c := range []struct {
		name    string
		allowed []string
		origin  string
		want    string // Access-Control-Allow-Origin
	}{
		{"none allowed", nil, app, ""},
		{"allowed", []string{app}, app, app},
		{"another", []string{app}, other, ""},
		{"a suffix", []string{app}, app + ".evil.com", ""},
		{"another scheme", []string{app}, "http://app.example.org", ""},
		{"null", []string{app}, "null", ""},
		{"any", []string{"*"}, other, "*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options()
			o.CORSOrigins = c.allowed
			h := New(o).Handler()
			plain := ask(h, "POST", "/graphql", "Origin", c.origin)
			before := ask(h, "OPTIONS", "/graphql", "Origin", c.origin,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
			for _, w := range []*httptest.ResponseRecorder{plain, before} {
				if got := w.Header().Get("Access-Control-Allow-Origin"); got != c.want {
					t.Errorf("allowed origin %q, want %q", got, c.want)
				}
				if w.Header().Get("Access-Control-Allow-Credentials") != "" {
					t.Error("credentials are allowed")
				}
			}
			if c.want == "" {
				if plain.Code != 403 || before.Code != 403 {
					t.Errorf("POST: %d, preflight: %d", plain.Code, before.Code)
				}
				return
			}
			if plain.Code != 200 {
				t.Errorf("POST: %d", plain.Code)
			}
			if before.Code != 204 || before.Header().Get("Access-Control-Allow-Methods") != "POST" || before.Header().Get("Access-Control-Allow-Headers") != "content-type" {
				t.Errorf("preflight: %d %v", before.Code, before.Header())
			}
			if !strings.EqualFold(plain.Header().Get("Access-Control-Expose-Headers"), "X-Request-Id") {
				t.Errorf("exposed: %q", plain.Header().Get("Access-Control-Expose-Headers"))
			}
		})
	}
}

// lines keeps a log for a test to read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) records(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []map[string]any
	for line := range bytes.Lines(l.text.Bytes()) {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func logTo(l *lines) *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestAccessLog(t *testing.T) {
	var l lines
	o := options()
	o.Log = logTo(&l)
	o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusGatewayTimeout)
		_, _ = io.WriteString(w, "late")
	})
	srv := httptest.NewServer(New(o).Handler())
	for _, c := range []struct{ method, path string }{{"POST", "/graphql?query=secret"}, {"GET", "/healthz"}, {"GET", "/nothing"}, {"GET", "/playground"}} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, srv.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Request-Id", "req-7")
		resp, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	srv.Close()
	want := []struct {
		level, path string
		status      float64
	}{{"ERROR", "/graphql", 504}, {"DEBUG", "/healthz", 200}, {"WARN", "/nothing", 404}, {"INFO", "/playground", 200}}
	got := l.records(t)
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i, w := range want {
		if got[i]["level"] != w.level || got[i]["path"] != w.path || got[i]["status"] != w.status || got[i]["duration"] == nil || got[i]["remote"] != "127.0.0.1" {
			t.Errorf("got %v, want %v", got[i], w)
		}
	}
	if got[0]["request_id"] != "req-7" || got[0]["bytes"] != 4.0 || got[0]["method"] != "POST" {
		t.Errorf("got %v", got[0])
	}
}

func TestPanic(t *testing.T) {
	var l lines
	o := options()
	o.Log = logTo(&l)
	o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, strings.Repeat("begun", 5000))
		}
		w.Header().Set("Content-Length", "999")
		panic("s3cret")
	})
	srv := httptest.NewServer(New(o).Handler())
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL + "/graphql")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if id := resp.Header.Get("X-Request-Id"); err != nil || resp.StatusCode != 500 || !strings.Contains(string(body), id) || strings.Contains(string(body), "s3cret") {
		t.Errorf("got %d %s %v", resp.StatusCode, body, err)
	}
	// An answer that has begun is cut off.
	resp, err = srv.Client().Post(srv.URL+"/graphql", "application/json", nil)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("half an answer looks whole")
	}
	srv.Close()
	stacks := 0
	for _, r := range l.records(t) {
		if r["panic"] == "s3cret" && strings.Contains(r["stack"].(string), "server_test.go") {
			stacks++
		}
	}
	if stacks != 2 {
		t.Errorf("%d panics are logged with their stacks, want 2", stacks)
	}
}

func TestConnectionLimits(t *testing.T) {
	s := New(options())
	srv := s.httpServer(t.Context(), s.handler, 30*time.Second)
	if srv.ReadHeaderTimeout != 5*time.Second || srv.ReadTimeout != 30*time.Second || srv.WriteTimeout != 90*time.Second ||
		srv.IdleTimeout != 2*time.Minute || srv.MaxHeaderBytes != 64<<10 {
		t.Errorf("got %+v", srv)
	}
	if srv := s.httpServer(t.Context(), s.handler, 0); srv.WriteTimeout == 0 {
		t.Error("an answer may take forever")
	}
}

// start runs a server; the function that it gives stops it and says how it ended.
func start(t *testing.T, o Options) (s *Server, stop func() error) {
	t.Helper()
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(cancel)
	return s, func() error {
		cancel()
		return <-ended
	}
}

func TestRequestUnderWayIsAnswered(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	o := options()
	o.GraphQL = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-begun:
			return // asked again, before the server had heard that it should stop
		default:
			close(begun)
		}
		<-release
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "whole")
		}
	})
	s, stop := start(t, o)
	answered := make(chan string, 1)
	go func() {
		body, err := fetch("http://" + s.Addr() + "/graphql")
		if err != nil {
			body = err.Error()
		}
		answered <- body
	}()
	<-begun
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	says(t, s, "/readyz", "the server is stopping")
	says(t, s, "/graphql", "the server is stopping")
	says(t, s, "/healthz", "ok")
	select {
	case err := <-ended:
		t.Fatalf("ended with a request under way: %v", err)
	default:
	}
	close(release)
	if got := <-answered; got != "whole" {
		t.Errorf("answered %q", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// says asks a path until the answer says something: it must come to that.
func says(t *testing.T, s *Server, path, something string) {
	t.Helper()
	for {
		body, err := fetch("http://" + s.Addr() + path)
		switch {
		case err != nil:
			t.Fatalf("%s: %v", path, err)
		case strings.Contains(body, something):
			return
		}
	}
}

// Within the drain delay the server answers as before, only that it is not ready.
func TestDrainDelay(t *testing.T) {
	o := options()
	o.DrainDelay = time.Hour
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan time.Time)
	s.after = func(d time.Duration) <-chan time.Time {
		if d != time.Hour {
			t.Errorf("the delay is %s", d)
		}
		return over
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	says(t, s, "/readyz", "ready")
	cancel()
	says(t, s, "/readyz", "the server is stopping")
	for range 3 {
		if body, err := fetch("http://" + s.Addr() + "/graphql"); err != nil || body != "GET" {
			t.Errorf("within the delay: %q, %v", body, err)
		}
	}
	close(over)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.Addr()); err == nil {
		t.Error("the address is still open")
	}
}

func fetch(url string) (string, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return string(body), err
}

func TestRequestThatTakesTooLongIsCutOff(t *testing.T) {
	begun, toldToStop := make(chan struct{}), make(chan struct{})
	o := options()
	o.ShutdownTimeout = time.Millisecond
	o.GraphQL = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(toldToStop)
	})
	s, stop := start(t, o)
	answered := make(chan error, 1)
	go func() {
		_, err := fetch("http://" + s.Addr() + "/graphql")
		answered <- err
	}()
	<-begun
	if err := stop(); err == nil || !strings.Contains(err.Error(), "cut off after 1ms") {
		t.Errorf("ended with %v", err)
	}
	<-toldToStop
	if err := <-answered; err == nil {
		t.Error("the request that was cut off was answered")
	}
}

func TestMetricsHaveTheirOwnAddress(t *testing.T) {
	o := options()
	o.MetricsAddr = ":0"
	o.Metrics = prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "things_total", Help: "Things."})
	o.Metrics.MustRegister(counter)
	counter.Inc()
	s, stop := start(t, o)
	if !strings.HasPrefix(s.MetricsAddr(), "127.0.0.1:") {
		t.Errorf("metrics are at %s; without a host they are on this machine only", s.MetricsAddr())
	}
	for path, says := range map[string]string{"/metrics": "things_total 1", "/debug/pprof/": "goroutine", "/debug/pprof/cmdline": "server"} {
		if body, err := fetch("http://" + s.MetricsAddr() + path); err != nil || !strings.Contains(body, says) {
			t.Errorf("%s: %.200s %v", path, body, err)
		}
	}
	if body, err := fetch("http://" + s.Addr() + "/metrics"); err != nil || strings.Contains(body, "things_total") {
		t.Errorf("metrics are public: %.200s %v", body, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if s, stop := start(t, options()); s.MetricsAddr() != "" || stop() != nil {
		t.Error("metrics are on without an address")
	}
}

func TestAddressThatCannotBeHad(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, c := range []struct {
		addr, metrics string
		says          []string
	}{
		{taken.Addr().String(), "", []string{taken.Addr().String(), "taken by another program", "--addr or MAPGRAPH_ADDR"}},
		{"127.0.0.1:0", taken.Addr().String(), []string{"taken by another program", "--metrics-addr or MAPGRAPH_METRICS_ADDR"}},
		{"192.0.2.1:0", "", []string{"no address of this machine", "--addr"}},
		{"nonsense", "", []string{"cannot listen at nonsense", "--addr"}},
	} {
		o := options()
		o.Addr, o.MetricsAddr = c.addr, c.metrics
		_, err := Listen(o)
		if err == nil {
			t.Fatalf("%v: no error", c)
		}
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%q lacks %q", err, says)
			}
		}
		if listen, ok := errors.AsType[*ListenError](err); !ok || listen.Err == nil {
			t.Errorf("%T", err)
		}
		if err := New(o).Run(t.Context()); err == nil {
			t.Error("Run serves without an address")
		}
	}
}

// What connects before the server runs is answered once it does.
func TestListenBeforeRun(t *testing.T) {
	s, err := Listen(options())
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, "200") {
		t.Errorf("%q %v", line, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServingThatFailsEndsRun(t *testing.T) {
	s, err := Listen(options())
	if err != nil {
		t.Fatal(err)
	}
	_ = s.main.Close()
	if err := s.Run(t.Context()); err == nil {
		t.Error("a server without a listener runs")
	}
}
