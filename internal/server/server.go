// Package server is the HTTP server around the GraphQL endpoint: its pages, its
// health, and how it starts and stops.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options configure a server.
type Options struct {
	// Addr is where to listen, HOST:PORT; port 0 for any that is free.
	Addr string
	// MetricsAddr is where metrics and profiles are; empty for nowhere. Without
	// a host it is on this machine only, for profiles tell of the inside.
	MetricsAddr string
	// CORSOrigins are the origins whose pages may ask from a browser; `*` for
	// any. None is ever sent credentials.
	CORSOrigins []string
	// AllowedHosts are the names that the server answers to, besides those of
	// this machine: hosts without port, or AnyHost. If empty, an address beyond
	// this machine also answers to names that no page can own.
	AllowedHosts []string
	// RequestTimeout is how long the GraphQL handler takes at most; the
	// connection allows for it. 0 if it may take long.
	RequestTimeout time.Duration
	// DrainDelay is how long the server goes on as before, other than saying
	// that it is not ready, once it is told to stop.
	DrainDelay time.Duration
	// ShutdownTimeout is how long requests under way may take after that.
	ShutdownTimeout time.Duration
	// GraphQL answers /graphql.
	GraphQL http.Handler
	// Assets are the built web pages by their paths, or nil if there are none.
	Assets fs.FS
	// Placeholder is the page that stands for the playground without assets.
	Placeholder []byte
	// PagePolicy is the content security policy of the built pages; if empty,
	// one that lets them use what the program holds and nothing else.
	PagePolicy string
	// Ready says why requests cannot be answered now, or nil if they can. The
	// reason is logged; whoever asks learns only that it is so.
	Ready func(context.Context) error
	// Version is what this build calls itself.
	Version string
	// Metrics are shown at MetricsAddr.
	Metrics *prometheus.Registry
	// Log takes a line for each request; slog.Default if nil.
	Log *slog.Logger
}

// Server answers HTTP. It is made by New, takes its addresses in Listen, and
// answers in Run.
type Server struct {
	opts    Options
	handler http.Handler
	main    net.Listener
	side    net.Listener
	unready atomic.Bool // it was told to stop
	drain   *drain
	reason  reasons
	after   func(time.Duration) <-chan time.Time
}

// New makes a server.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.PagePolicy == "" {
		o.PagePolicy = pagePolicy
	}
	s := &Server{opts: o, drain: newDrain(), after: time.After}
	s.handler = s.middleware(s.routes())
	return s
}

// Listen makes a server that has its addresses.
func Listen(o Options) (*Server, error) {
	s := New(o)
	if err := s.Listen(); err != nil {
		return nil, err
	}
	return s, nil
}

// Listen takes the addresses, so that "ready" is said only of a port that is
// ours. What connects meanwhile waits for Run.
func (s *Server) Listen() error {
	var err error
	if s.main, err = listen(s.opts.Addr, "addr"); err != nil {
		return err
	}
	if len(s.opts.AllowedHosts) == 0 && !isLoopbackAddr(s.opts.Addr) {
		s.opts.Log.Warn("listening beyond this machine; names with a dot are refused until --allowed-host names them", "addr", s.Addr())
	}
	if s.opts.MetricsAddr == "" {
		return nil
	}
	if s.side, err = listen(onThisMachine(s.opts.MetricsAddr), "metrics-addr"); err != nil {
		_ = s.main.Close()
		return err
	}
	return nil
}

// onThisMachine completes an address that names no host.
func onThisMachine(addr string) string {
	if strings.HasPrefix(addr, ":") {
		return "127.0.0.1" + addr
	}
	return addr
}

func listen(addr, setting string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, &ListenError{Addr: addr, Setting: setting, Err: err}
	}
	return l, nil
}

// ListenError says that an address cannot be had.
type ListenError struct {
	Addr    string
	Setting string // the setting that gave it, by the name of its flag
	Err     error
}

// Error says why, and what to do.
func (e *ListenError) Error() string {
	environment := "MAPGRAPH_" + strings.ToUpper(strings.ReplaceAll(e.Setting, "-", "_"))
	choose := fmt.Sprintf("choose another address with --%s or %s", e.Setting, environment)
	switch {
	case errors.Is(e.Err, syscall.EADDRINUSE):
		return fmt.Sprintf("%s is taken by another program; stop it, or %s, such as 127.0.0.1:0 for any free port", e.Addr, choose)
	case errors.Is(e.Err, syscall.EACCES):
		return fmt.Sprintf("%s needs more rights than this program has; %s, with a port above 1023", e.Addr, choose)
	case errors.Is(e.Err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("%s is no address of this machine; %s", e.Addr, choose)
	}
	return fmt.Sprintf("cannot listen at %s: %v; %s", e.Addr, e.Err, choose)
}

// Unwrap gives the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// Addr is where the server listens, once it does.
func (s *Server) Addr() string { return address(s.main) }

// MetricsAddr is where metrics are, or nothing.
func (s *Server) MetricsAddr() string { return address(s.side) }

func address(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// Handler gives what the server serves.
func (s *Server) Handler() http.Handler { return s.handler }

// The time limits of a connection. Requests are small, so a client that needs
// longer to send one is stuck or hostile.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10

	// sendTime is for sending an answer once it is there.
	sendTime = time.Minute
	// longAnswer is for answers whose making has no limit of its own, such as
	// a profile.
	longAnswer = 10 * time.Minute
)

// httpServer makes a server whose requests live in a context.
func (s *Server) httpServer(ctx context.Context, h http.Handler, answer time.Duration) *http.Server {
	if answer <= 0 {
		answer = longAnswer
	}
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      answer + sendTime,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug),
	}
}

// Run serves until the context is done, then says that it is not ready, serves
// on for the drain delay, and lets requests under way finish within the shutdown
// timeout. An error says that they did not, or that serving failed. Probes are
// answered until the last request is, and metrics too.
func (s *Server) Run(ctx context.Context) error {
	if s.main == nil {
		if err := s.Listen(); err != nil {
			return err
		}
	}
	requests, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	var serving sync.WaitGroup
	failed := make(chan error, 2)
	serve := func(srv *http.Server, l net.Listener) {
		serving.Go(func() {
			if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}

	main := s.httpServer(requests, s.handler, s.opts.RequestTimeout)
	side := s.httpServer(requests, s.sideHandler(), longAnswer)
	serve(main, s.main)
	if s.side != nil {
		serve(side, s.side)
	}
	var err error
	select {
	case <-ctx.Done():
		s.unready.Store(true)
		if s.opts.DrainDelay > 0 {
			select {
			case <-s.after(s.opts.DrainDelay):
			case err = <-failed:
			}
		}
	case err = <-failed:
	}
	err = errors.Join(err, s.stop(main, giveUp), side.Close())
	serving.Wait()
	return err
}

// stop lets requests under way finish, and gives up those that take too long.
// The address stays open meanwhile, so that probes learn what goes on.
func (s *Server) stop(srv *http.Server, giveUp context.CancelFunc) error {
	s.unready.Store(true)
	s.drain.close()
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.ShutdownTimeout)
	defer cancel()
	select {
	case <-s.drain.idle:
	case <-ctx.Done():
	}
	if err := srv.Shutdown(ctx); err == nil {
		return nil
	}
	giveUp()
	_ = srv.Close()
	return fmt.Errorf("requests under way were cut off after %s", s.opts.ShutdownTimeout)
}
