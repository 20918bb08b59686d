package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// places are the paths that a person may want to know of.
var places = []struct{ Path, Meaning string }{
	{"/", "the explorer, in a browser"},
	{"/graphql", "the GraphQL API, by POST or GET"},
	{"/playground", "a query editor"},
	{"/healthz", "whether the process is alive"},
	{"/readyz", "whether it can answer"},
	{"/version", "which build it is"},
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.crossOrigin(s.opts.GraphQL))
	mux.Handle("/healthz", read(health))
	mux.Handle("/readyz", read(s.ready))
	mux.Handle("/version", read(s.version))
	mux.Handle("/{$}", read(s.index))
	s.pages(mux)
	mux.HandleFunc("/", notFound)
	return mux
}

// read lets only methods pass that change nothing.
func read(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			writeError(w, r, http.StatusMethodNotAllowed, "use GET, not "+r.Method)
			return
		}
		h(w, r)
	}
}

// status is what health and readiness answer.
type status struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

func health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, status{Status: "ok"})
}

// ready tells probes whether to send requests here. Why it is not ready is for
// the operator, and in the log.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.unready.Load() {
		writeJSON(w, http.StatusServiceUnavailable, status{"unavailable", "the server is stopping"})
		return
	}
	if s.opts.Ready != nil {
		err := s.opts.Ready(r.Context())
		s.reason.note(s.opts.Log, err)
		if err != nil {
			writeJSON(w, http.StatusServiceUnavailable, status{"unavailable", "the store cannot answer yet; the server's log says why"})
			return
		}
	}
	writeJSON(w, http.StatusOK, status{Status: "ready"})
}

// reasons logs why the server is not ready, when that changes: probes come
// every few seconds.
type reasons struct {
	mu   sync.Mutex
	last string
}

func (r *reasons) note(log *slog.Logger, err error) {
	why := ""
	if err != nil {
		why = err.Error()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch why {
	case r.last:
		return
	case "":
		log.Info("ready again")
	default:
		log.Warn("not ready", "error", why)
	}
	r.last = why
}

func (s *Server) version(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, BuildInfo(s.opts.Version))
}

// index gives browsers the explorer, and tells programs what there is.
func (s *Server) index(w http.ResponseWriter, r *http.Request) {
	accept := r.Header.Get("Accept")
	w.Header().Add("Vary", "Accept")
	switch {
	case strings.Contains(accept, "text/html"):
		s.page(w, r, explorer)
	case strings.Contains(accept, "application/json"):
		paths := map[string]string{}
		for _, p := range places {
			paths[p.Path] = p.Meaning
		}
		writeJSON(w, http.StatusOK, map[string]any{"name": "mapgraph", "paths": paths})
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = fmt.Fprintln(w, "mapgraph")
		for _, p := range places {
			_, _ = fmt.Fprintf(w, "  %-12s %s\n", p.Path, p.Meaning)
		}
	}
}

func notFound(w http.ResponseWriter, r *http.Request) {
	writeError(w, r, http.StatusNotFound, "there is nothing at this path; / says what there is")
}

// writeError answers people in text and programs in JSON.
func writeError(w http.ResponseWriter, r *http.Request, code int, message string) {
	w.Header().Add("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "text/") {
		http.Error(w, message, code)
		return
	}
	writeJSON(w, code, problem(message))
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

// sideRoutes serves what only operators should see.
func (s *Server) sideRoutes() http.Handler {
	mux := http.NewServeMux()
	if s.opts.Metrics != nil {
		mux.Handle("/metrics", promhttp.HandlerFor(s.opts.Metrics, promhttp.HandlerOpts{ErrorLog: slogErrors{s.opts.Log}}))
	}
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
