// Package gqlhttp serves an executable schema over HTTP, as the GraphQL over
// HTTP specification says.
//
// It knows nothing of what the schema is about: the owner says what errors of
// the domain mean, and what an operation costs.
package gqlhttp

import (
	"compress/gzip"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/klauspost/compress/gzhttp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/direct"
	"github.com/mapgraph/mapgraph/internal/reqid"
)

// compressFrom is the size from which an answer is compressed: less fits a
// packet or two as it is.
const compressFrom = 2 << 10

// Options configure a handler. The zero value serves without limits.
type Options struct {
	// Limits bound a request; see DefaultLimits.
	Limits Limits
	// Timeout is how long a request may take, from its first byte read by the
	// handler to its answer; 0 for as long as it likes. Resolvers are told
	// through their context.
	Timeout time.Duration
	// Estimate says what an operation is thought to take. If nil, the schema's
	// complexity functions count its values.
	Estimate func(context.Context, *graphql.OperationContext) Estimate
	// Gate decides which requests run and which wait; nil lets all run.
	Gate *admit.Gate
	// Outbox bounds the answers that are on their way; nil for no bound.
	Outbox *admit.Outbox
	// Client names the client of a request, by which Gate shares; its address if nil.
	Client func(*http.Request) string
	// PresentError says what a client may know of an error of the domain, with
	// its code; nil for an error that it does not know, which becomes INTERNAL.
	// Path and locations are filled in where they are left out.
	PresentError func(context.Context, error) *gqlerror.Error
	// Prepare, if set, puts into an operation's context what its resolvers need.
	Prepare func(context.Context) (context.Context, error)
	// Direct is the schema given to New, if it answers directly: a request that
	// came before is then answered without gqlgen's handler.
	Direct *direct.Executor
	// Extensions are used after the handler's own, in this order.
	Extensions []graphql.HandlerExtension
	// HideSchema refuses introspection.
	HideSchema bool
	// Version names the data and the program that answer: equal requests of one
	// version have equal answers, so that browsers and proxies may keep those of
	// GET. If nil, or where it gives nothing, nobody may.
	Version func(context.Context) string
	// Observe, if set, is told of every request that was answered. It is called
	// by many goroutines.
	Observe func(context.Context, Observation)
	// Log takes panics, the causes of errors of the server's own making, and at
	// level debug every operation; slog.Default if nil.
	Log *slog.Logger
}

// New makes the handler of a GraphQL endpoint. Its requests have a RequestID,
// which the answer names in the header X-Request-Id.
func New(es graphql.ExecutableSchema, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	es = withoutDefer(es)
	p := &presenter{domain: o.PresentError, log: o.Log}
	e := &edge{
		limits: o.Limits, timeout: o.Timeout, gate: o.Gate, outbox: o.Outbox, client: o.Client, version: o.Version,
		prepare: o.Prepare, direct: o.Direct,
		present: p, observe: o.Observe, log: o.Log,
	}
	if e.client == nil {
		e.client = clientAddress
	}
	if e.prepare == nil {
		e.prepare = func(ctx context.Context) (context.Context, error) { return ctx, nil }
	}
	if e.direct != nil {
		e.known = newKnownRequests(knownBytes)
	}
	if e.outbox == nil {
		e.outbox = admit.NewOutbox(0)
	}

	srv := handler.New(es)
	srv.AddTransport(getTransport{e})
	srv.AddTransport(postTransport{e})
	srv.AddTransport(optionsTransport{})
	srv.AddTransport(otherMethods{e})
	cache := newQueryCache(queryCacheBytes)
	srv.SetQueryCache(cache)
	srv.SetErrorPresenter(p.present)
	srv.SetRecoverFunc(p.recovered)
	if !o.HideSchema {
		srv.Use(extension.Introspection{})
	}
	srv.Use(admission{schema: es.Schema(), tokens: o.Limits.Tokens, cache: cache})
	srv.Use(newOperationLimits(es, o))
	srv.Use(countedFields{})
	for _, x := range o.Extensions {
		srv.Use(x)
	}
	return identified(compressed(srv))
}

// RequestID is the id under which the log has a request, or nothing outside of one.
func RequestID(ctx context.Context) string { return reqid.From(ctx) }

// identified gives an id to requests that have none yet.
func identified(next http.Handler) http.Handler {
	fresh := reqid.Middleware(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if RequestID(r.Context()) == "" {
			fresh.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// compressed compresses large answers for clients that accept it. Answers
// repeat themselves so much that the fastest level does most of the work.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.CompressionLevel(gzip.BestSpeed))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap(next)
}

// deferless is a schema that does not know the directive @defer.
type deferless struct {
	graphql.ExecutableSchema
	schema *ast.Schema
}

func (d deferless) Schema() *ast.Schema { return d.schema }

// withoutDefer takes @defer from the schema that requests are validated
// against. An answer is one JSON document, so what is deferred would be lost.
func withoutDefer(es graphql.ExecutableSchema) graphql.ExecutableSchema {
	schema := *es.Schema()
	schema.Directives = make(map[string]*ast.DirectiveDefinition, len(schema.Directives))
	for name, definition := range es.Schema().Directives {
		if name != "defer" {
			schema.Directives[name] = definition
		}
	}
	return deferless{es, &schema}
}
