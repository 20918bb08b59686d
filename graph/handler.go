package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/graph/node"
	"github.com/mapgraph/mapgraph/internal/store"
)

// queryCacheSize bounds the parsed queries that are kept.
const queryCacheSize = 1000

// Options configure a handler.
type Options struct {
	Store         store.Store
	AttackVersion string        // the ATT&CK version of default views; empty for the newest
	Limits        Limits        // see DefaultLimits
	Timeout       time.Duration // of one request; 0 for none
	Log           *slog.Logger  // slog.Default if nil
	// Observe, if set, is told of each operation that was answered.
	Observe func(operation string, failed bool, took time.Duration)
}

// NewHandler makes the handler of the GraphQL endpoint.
func NewHandler(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}})
	srv := handler.New(schema)
	srv.AddTransport(transport{bodyBytes: o.Limits.BodyBytes})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	srv.SetParserTokenLimit(o.Limits.Tokens)
	srv.Use(extension.Introspection{})
	srv.Use(limiter{schema: schema.Schema(), limits: o.Limits})
	p := &presenter{log: o.Log}
	srv.SetErrorPresenter(p.present)
	srv.SetRecoverFunc(p.recoverPanic)
	srv.AroundOperations(o.pinSnapshot(p))
	return o.timed(srv)
}

// pinSnapshot lets a whole operation answer from one generation.
func (o Options) pinSnapshot(p *presenter) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		snapshot, err := o.Store.Snapshot(ctx)
		if err != nil {
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{p.present(ctx, err)}})
		}
		ctx = node.WithRequest(ctx, &node.Request{Snapshot: snapshot, AttackVersion: o.AttackVersion})
		start := time.Now()
		respond := next(ctx)
		return func(ctx context.Context) *graphql.Response {
			r := respond(ctx)
			if o.Observe != nil {
				o.Observe(graphql.GetOperationContext(ctx).OperationName, r == nil || len(r.Errors) > 0, time.Since(start))
			}
			return r
		}
	}
}

func (o Options) timed(next http.Handler) http.Handler {
	if o.Timeout <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), o.Timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
