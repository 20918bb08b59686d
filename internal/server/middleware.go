package server

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"

	"github.com/mapgraph/mapgraph/internal/reqid"
)

// compressFrom is the size from which answers are compressed.
const compressFrom = 2 << 10

// middleware is what every request passes, outermost first.
func (s *Server) middleware(next http.Handler) http.Handler {
	g := newGuard(s.opts.Addr, s.opts.AllowedHosts, s.opts.CORSOrigins, true)
	return s.outer(g.protect(s.drain.counted(compressed(s.recovered(next)))))
}

// sideHandler is what serves metrics and profiles. No page of another origin
// has anything to do there, and no link leads there.
func (s *Server) sideHandler() http.Handler {
	g := newGuard(onThisMachine(s.opts.MetricsAddr), s.opts.AllowedHosts, nil, false)
	return s.outer(g.protect(s.recovered(s.sideRoutes())))
}

// outer names, logs and secures requests whether they are answered or refused.
func (s *Server) outer(next http.Handler) http.Handler {
	return reqid.Middleware(s.logged(secured(next)))
}

// compressed compresses for clients that accept it. What is compressed already
// passes as it is.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap(next)
}

// crossOrigin lets pages of the named origins ask. Without any, browsers keep
// other pages out. Credentials are never allowed: the server has no use for them.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	if len(s.opts.CORSOrigins) == 0 {
		return next // package cors would take an empty list for every origin
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.opts.CORSOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Accept", "Content-Type", reqid.Header},
		ExposedHeaders: []string{reqid.Header},
		MaxAge:         600,
	}).Handler(next)
}

// closedPolicy is for answers that are no pages.
const closedPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secured sets the headers that keep browsers from making more of an answer
// than it is. Pages set a policy of their own.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", closedPolicy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// recovered answers for a handler that panics. An answer that has begun is cut
// off instead, so that nobody takes it for whole.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer func() {
			v := recover()
			switch v {
			case nil:
				return
			case http.ErrAbortHandler:
				panic(v)
			}
			id := reqid.From(r.Context())
			s.opts.Log.LogAttrs(r.Context(), slog.LevelError, "panic in a handler",
				slog.Any("panic", v), slog.String("request_id", id), slog.String("stack", string(debug.Stack())))
			if rec.status != 0 {
				panic(http.ErrAbortHandler)
			}
			for _, name := range []string{"Content-Length", "Content-Encoding", "Etag"} {
				w.Header().Del(name) // they were meant for another answer
			}
			writeError(w, r, http.StatusInternalServerError, "internal error; the server's log has the details under request id "+id)
		}()
		next.ServeHTTP(rec, r)
	})
}

// logged writes a line for each request. Probes, which come every few seconds,
// are logged only when debugging.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			remote, _, _ := net.SplitHostPort(r.RemoteAddr)
			s.opts.Log.LogAttrs(r.Context(), levelOf(r.URL.Path, rec.status), "request",
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", rec.status),
				slog.Int64("bytes", rec.bytes), slog.Duration("duration", time.Since(start)),
				slog.String("remote", remote), slog.String("request_id", reqid.From(r.Context())))
		}()
		next.ServeHTTP(rec, r)
		if rec.status == 0 {
			rec.status = http.StatusOK // a handler that writes nothing says that all is well
		}
	})
}

func levelOf(path string, status int) slog.Level {
	switch {
	case path == "/healthz" || path == "/readyz":
		return slog.LevelDebug
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case status >= http.StatusBadRequest:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer begins
	bytes  int64
}

// WriteHeader notes the status, other than one that only announces another.
func (r *recorder) WriteHeader(code int) {
	if r.status == 0 && code >= http.StatusOK {
		r.status = code
	}
	r.ResponseWriter.WriteHeader(code)
}

// Write counts the bytes.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// slogErrors logs what the metrics page cannot show.
type slogErrors struct{ log *slog.Logger }

// Println logs an error.
func (l slogErrors) Println(v ...any) { l.log.Error("metrics", "error", fmt.Sprint(v...)) }
