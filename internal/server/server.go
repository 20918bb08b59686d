// Package server is the HTTP server around the GraphQL endpoint.
package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/cors"
	"golang.org/x/sync/errgroup"

	"github.com/mapgraph/mapgraph/internal/reqid"
)

// Options configure a server.
type Options struct {
	Addr            string
	MetricsAddr     string // metrics and profiles; empty for none
	CORSOrigins     []string
	ShutdownTimeout time.Duration
	GraphQL         http.Handler
	Assets          fs.FS                       // built web assets, or nil
	Placeholder     []byte                      // the playground's page where there are no assets
	Ready           func(context.Context) error // why requests cannot be answered now, or nil
	Version         string
	Metrics         *prometheus.Registry
	Log             *slog.Logger
}

// Server listens; Run serves.
type Server struct {
	opts     Options
	main     net.Listener
	side     net.Listener
	handlers http.Handler
}

// The time limits of a connection. Bodies are small and answers are made in
// memory, so a client that needs longer is stuck or hostile.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Listen takes the addresses, so that "ready" is said only of a port that is ours.
func Listen(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Server{opts: o}
	var err error
	if s.main, err = listen(o.Addr, "--addr"); err != nil {
		return nil, err
	}
	if o.MetricsAddr != "" {
		if s.side, err = listen(o.MetricsAddr, "--metrics-addr"); err != nil {
			_ = s.main.Close()
			return nil, err
		}
	}
	s.handlers = s.middleware(s.routes())
	return s, nil
}

func listen(addr, flag string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken by another program; choose another address with %s, such as 127.0.0.1:0 for any free port", addr, flag)
	}
	return l, err
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.main.Addr().String() }

// MetricsAddr is where metrics are, or nothing.
func (s *Server) MetricsAddr() string {
	if s.side == nil {
		return ""
	}
	return s.side.Addr().String()
}

// Handler gives what the server serves.
func (s *Server) Handler() http.Handler { return s.handlers }

// Run serves until the context is done, then lets requests under way finish
// within the shutdown timeout.
func (s *Server) Run(ctx context.Context) error {
	servers := []*http.Server{s.httpServer(s.handlers)}
	listeners := []net.Listener{s.main}
	if s.side != nil {
		servers = append(servers, s.httpServer(s.sideRoutes()))
		listeners = append(listeners, s.side)
	}
	g, ctx := errgroup.WithContext(ctx)
	for i, srv := range servers {
		g.Go(func() error {
			if err := srv.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		g.Go(func() error {
			<-ctx.Done()
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.ShutdownTimeout)
			defer cancel()
			if err := srv.Shutdown(stop); err != nil {
				_ = srv.Close()
				return fmt.Errorf("requests under way were cut off after %s: %w", s.opts.ShutdownTimeout, err)
			}
			return nil
		})
	}
	return g.Wait()
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug),
	}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.opts.GraphQL)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, status{"ok", ""}) })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, BuildInfo(s.opts.Version)) })
	s.pages(mux)
	return mux
}

type status struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.opts.Ready != nil {
		if err := s.opts.Ready(r.Context()); err != nil {
			writeJSON(w, http.StatusServiceUnavailable, status{"unavailable", err.Error()})
			return
		}
	}
	writeJSON(w, http.StatusOK, status{"ready", ""})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

// Build says what a program was built from.
type Build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
}

// BuildInfo reads what the toolchain put into the program.
func BuildInfo(version string) Build {
	b := Build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = info.GoVersion
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}

// middleware is what every request passes, outermost first.
func (s *Server) middleware(next http.Handler) http.Handler {
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024))
	if err != nil {
		panic(err) // only wrong options fail
	}
	next = compress(next)
	if len(s.opts.CORSOrigins) > 0 {
		next = cors.New(cors.Options{
			AllowedOrigins: s.opts.CORSOrigins,
			AllowedMethods: []string{http.MethodGet, http.MethodPost},
			AllowedHeaders: []string{"Content-Type", "Accept", reqid.Header},
			ExposedHeaders: []string{reqid.Header},
			MaxAge:         600,
		}).Handler(next)
	}
	return reqid.Middleware(s.logged(s.recovered(next)))
}

func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				s.opts.Log.ErrorContext(r.Context(), "panic in a handler", "panic", v, "request_id", reqid.From(r.Context()), "stack", string(debug.Stack()))
				writeJSON(w, http.StatusInternalServerError, status{"error", "internal error; request id " + reqid.From(r.Context())})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// logged writes a line for each request; health checks only when debugging.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		level := slog.LevelInfo
		switch {
		case rec.status >= http.StatusInternalServerError:
			level = slog.LevelError
		case strings.HasSuffix(r.URL.Path, "z"):
			level = slog.LevelDebug
		}
		s.opts.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", rec.status,
			"bytes", rec.bytes, "took", time.Since(start), "request_id", reqid.From(r.Context()))
	})
}

type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(code int) {
	r.status = code
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// sideRoutes serves what only operators should see.
func (s *Server) sideRoutes() http.Handler {
	mux := http.NewServeMux()
	if s.opts.Metrics != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(s.opts.Metrics, promhttp.HandlerOpts{}))
	}
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
