package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// request asks under a name, as a browser or another client would.
func request(h http.Handler, method, path, host string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// wantRefusal wants an answer that says in JSON what to do.
func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, says string) {
	t.Helper()
	var body struct{ Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != status || !strings.Contains(body.Error, says) {
		t.Errorf("got %d %s, want %d saying %q", w.Code, w.Body, status, says)
	}
}

func TestHosts(t *testing.T) {
	const anywhere, machine = "0.0.0.0:8080", "127.0.0.1:8080"
	for _, c := range []struct {
		addr    string
		allowed []string
		yes, no []string
	}{
		{machine, nil,
			[]string{"127.0.0.1:8080", "127.0.0.1", "localhost:8080", "LOCALHOST", "localhost.", "[::1]:8080", "[::1]", "127.9.9.9:1", "127.0.0.1.", "[::ffff:127.0.0.1]:8080", ""},
			[]string{"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "mapgraph", "192.0.2.1:8080", "[2001:db8::1]", "0.0.0.0:8080", "[::]", "localhost:8080:1", "127.0.0.1@evil.example"}},
		{"localhost:8080", nil, []string{"localhost", "127.0.0.1"}, []string{"evil.example", "192.0.2.1"}},
		{"[::1]:8080", nil, []string{"localhost", "[::1]"}, []string{"evil.example", "192.0.2.1"}},
		{machine, []string{"Mapgraph.example.org"}, []string{"mapgraph.example.org", "mapgraph.example.org:443", "localhost"}, []string{"evil.example", "other.example.org", "example.org"}},
		{machine, []string{"*"}, []string{"evil.example"}, nil},
		{anywhere, nil, []string{"localhost", "127.0.0.1:8080", "192.0.2.1:8080", "[2001:db8::1]:8080", "mapgraph", "mapgraph:8080"}, []string{"evil.example", "mapgraph.example.org:8080", "192.0.2.1.evil.example"}},
		{":8080", nil, []string{"localhost", "192.0.2.1"}, []string{"evil.example"}},
		{anywhere, []string{"mapgraph.example.org", "2001:db8::1"}, []string{"mapgraph.example.org", "localhost:8080", "192.0.2.1", "[2001:db8::1]:1"}, []string{"evil.example", "mapgraph", "www.mapgraph.example.org"}},
	} {
		o := options()
		o.Addr, o.AllowedHosts = c.addr, c.allowed
		h := New(o).Handler()
		for _, host := range c.yes {
			for _, path := range []string{"/graphql", "/matrix", "/version"} {
				if w := request(h, "GET", path, host); w.Code != 200 {
					t.Errorf("%s %v: %s of %q is answered %d %s", c.addr, c.allowed, path, host, w.Code, w.Body)
				}
			}
		}
		for _, host := range c.no {
			for _, path := range []string{"/graphql", "/matrix", "/version", "/nothing", "/"} {
				w := request(h, "GET", path, host, "Accept", "text/html", "Sec-Fetch-Site", "same-origin")
				wantRefusal(t, w, http.StatusMisdirectedRequest, "--allowed-host")
			}
			for _, path := range probes {
				if w := request(h, "GET", path, host); w.Code != 200 {
					t.Errorf("%s: a probe under the name %q is answered %d", c.addr, host, w.Code)
				}
			}
		}
	}
}

func TestPagesOfOthers(t *testing.T) {
	const own, app, evil = "127.0.0.1:8080", "https://app.example.org", "https://evil.example"
	site := func(site, mode, dest, origin string) []string {
		h := []string{"Sec-Fetch-Site", site, "Sec-Fetch-Mode", mode, "Sec-Fetch-Dest", dest}
		if origin != "" {
			h = append(h, "Origin", origin)
		}
		return h
	}
	for _, c := range []struct {
		name         string
		cors         []string
		method, path string
		headers      []string
		allowed      bool
	}{
		{"no browser", nil, "POST", "/graphql", nil, true},
		{"typed", nil, "GET", "/graphql", site("none", "navigate", "document", ""), true},
		{"own page", nil, "POST", "/graphql", site("same-origin", "cors", "empty", "http://"+own), true},
		{"own page behind a proxy that changes the name", nil, "POST", "/graphql", site("same-origin", "cors", "empty", "https://mapgraph.example.org"), true},
		{"own page of an old browser", nil, "POST", "/graphql", []string{"Origin", "http://" + own}, true},
		{"foreign page of an old browser", nil, "POST", "/graphql", []string{"Origin", evil}, false},
		{"another port, old browser", nil, "POST", "/graphql", []string{"Origin", "http://127.0.0.1:9"}, false},
		{"sandboxed page, old browser", nil, "POST", "/graphql", []string{"Origin", "null"}, false},
		{"image", nil, "GET", "/graphql", site("cross-site", "no-cors", "image", ""), false},
		{"image from another port", nil, "GET", "/graphql", site("same-site", "no-cors", "image", ""), false},
		{"image of a page", nil, "GET", "/matrix", site("cross-site", "no-cors", "image", ""), false},
		{"image of a probe", nil, "GET", "/readyz", site("cross-site", "no-cors", "image", ""), false},
		{"script", nil, "GET", "/assets/main-DiwrgTda.js", site("cross-site", "no-cors", "script", ""), false},
		{"fetch", nil, "POST", "/graphql", site("cross-site", "cors", "empty", evil), false},
		{"preflight", nil, "OPTIONS", "/graphql", site("cross-site", "cors", "empty", evil), false},
		{"form", nil, "POST", "/graphql", site("cross-site", "navigate", "document", evil), false},
		{"form to a page", nil, "POST", "/matrix", site("cross-site", "navigate", "document", evil), false},
		{"link to an answer", nil, "GET", "/graphql", site("cross-site", "navigate", "document", ""), false},
		{"link to a page", nil, "GET", "/technique/T1552.007", site("cross-site", "navigate", "document", ""), true},
		{"link to the explorer", nil, "GET", "/", site("same-site", "navigate", "document", ""), true},
		{"frame", nil, "GET", "/matrix", site("cross-site", "navigate", "iframe", ""), false},
		{"fetch of an allowed page", []string{app}, "POST", "/graphql", site("cross-site", "cors", "empty", app), true},
		{"preflight of an allowed page", []string{app}, "OPTIONS", "/graphql", site("cross-site", "cors", "empty", app), true},
		{"fetch of another page", []string{app}, "POST", "/graphql", site("cross-site", "cors", "empty", evil), false},
		{"image, where some are allowed", []string{app}, "GET", "/graphql", site("cross-site", "no-cors", "image", ""), false},
		{"anything, where all are allowed", []string{"*"}, "GET", "/graphql", site("cross-site", "no-cors", "image", ""), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options()
			o.CORSOrigins = c.cors
			w := request(New(o).Handler(), c.method, c.path, own, c.headers...)
			if !c.allowed {
				wantRefusal(t, w, http.StatusForbidden, "--cors-origin")
			} else if w.Code >= 400 && w.Code != http.StatusMethodNotAllowed {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

// Metrics and profiles are as protected as the rest, and no link leads there.
func TestMetricsAreGuarded(t *testing.T) {
	o := options()
	o.MetricsAddr, o.Metrics, o.CORSOrigins = ":9090", prometheus.NewRegistry(), []string{"*"}
	h := New(o).sideHandler()
	for _, path := range []string{"/metrics", "/debug/pprof/cmdline"} {
		if w := request(h, "GET", path, "127.0.0.1:9090"); w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		wantRefusal(t, request(h, "GET", path, "evil.example:9090"), http.StatusMisdirectedRequest, "--allowed-host")
		for _, mode := range []string{"navigate", "no-cors"} {
			w := request(h, "GET", path, "127.0.0.1:9090", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", mode, "Sec-Fetch-Dest", "document")
			if w.Code != http.StatusForbidden {
				t.Errorf("%s, %s: %d %s", path, mode, w.Code, w.Body)
			}
		}
	}
}

// A server that is open to others without names for itself says so.
func TestOpenServerIsAnnounced(t *testing.T) {
	for addr, said := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		var l lines
		o := options()
		o.Addr, o.Log = addr, logTo(&l)
		s, err := Listen(o)
		if err != nil {
			t.Fatal(err)
		}
		_ = s.main.Close()
		if strings.Contains(l.text.String(), "--allowed-host") != said {
			t.Errorf("%s: %s", addr, &l.text)
		}
	}
}
