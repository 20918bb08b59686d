package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"

	"github.com/mapgraph/mapgraph/graph/answer"
	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/store"
)

// Limits bound what one request may ask for. Zero means no limit.
type Limits = gqlhttp.Limits

// DefaultLimits leave room for the widest questions that people ask: the whole
// matrix for every framework, or a page of a thousand mappings with all they hold.
var DefaultLimits = gqlhttp.DefaultLimits()

// Options configure a handler.
type Options struct {
	Store         store.Store
	AttackVersion string        // the ATT&CK version of default views; empty for the newest
	Limits        Limits        // see DefaultLimits
	Timeout       time.Duration // of one request; 0 for none
	Log           *slog.Logger  // slog.Default if nil
	// Observe, if set, is told of each request that was answered.
	Observe func(context.Context, gqlhttp.Observation)
}

// NewHandler makes the handler of the GraphQL endpoint.
func NewHandler(o Options) http.Handler {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}})
	return gqlhttp.New(schema, gqlhttp.Options{
		Limits:       o.Limits,
		Timeout:      o.Timeout,
		Cost:         operationCost,
		PresentError: presentError,
		Extensions:   []graphql.HandlerExtension{handler.OperationFunc(o.pinSnapshot)},
		Observe:      o.Observe,
		Log:          o.Log,
	})
}

// pinSnapshot lets a whole operation answer from one generation.
func (o Options) pinSnapshot(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	snapshot, err := o.Store.Snapshot(ctx)
	if err != nil {
		return gqlhttp.Failed(ctx, err)
	}
	return next(answer.WithRequest(ctx, &answer.Request{Snapshot: snapshot, AttackVersion: o.AttackVersion}))
}
