package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mapgraph/mapgraph/graph/answer"
	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/direct"
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
	Gate          *admit.Gate   // decides which requests run and which wait; nil lets all run
	Outbox        *admit.Outbox // bounds the answers that are on their way; nil for no bound
	Cache         *store.Pool   // keeps answers that take long; nil keeps none
	Log           *slog.Logger  // slog.Default if nil
	// ByExecutor answers everything with gqlgen's executor, nothing directly.
	// The answers are the same; tests compare them.
	ByExecutor bool
	// Observe, if set, is told of each request that was answered.
	Observe func(context.Context, gqlhttp.Observation)
	// ObserveDirect, if set, is told of each query that was executed: why it was
	// left to gqlgen's executor, or nothing.
	ObserveDirect func(context.Context, direct.Reason)

	covers *answer.Covers
}

// NewHandler makes the handler of the GraphQL endpoint.
func NewHandler(o Options) http.Handler {
	model := &costModel{store: o.Store, attackVersion: o.AttackVersion}
	config := generated.Config{Resolvers: &Resolver{}}
	schema := generated.NewExecutableSchema(config)
	var writer *direct.Executor
	if !o.ByExecutor {
		writer = direct.New(schema, generated.DirectSource(config), direct.Options{Root: config.Resolvers, Observe: o.ObserveDirect})
		schema = writer
	}
	if o.Cache != nil {
		o.covers = answer.NewCovers(o.Cache)
	}
	return gqlhttp.New(schema, gqlhttp.Options{
		Limits:       o.Limits,
		Timeout:      o.Timeout,
		Estimate:     model.estimate,
		Version:      o.version,
		Gate:         o.Gate,
		Outbox:       o.Outbox,
		PresentError: presentError,
		Prepare:      o.pinSnapshot,
		Direct:       writer,
		Observe:      o.Observe,
		Log:          o.Log,
	})
}

// pinSnapshot lets a whole operation answer from one generation.
func (o Options) pinSnapshot(ctx context.Context) (context.Context, error) {
	snapshot, err := o.Store.Snapshot(ctx)
	if err != nil {
		return ctx, err
	}
	return answer.WithRequest(ctx, &answer.Request{Snapshot: snapshot, AttackVersion: o.AttackVersion, Covers: o.covers}), nil
}

// version names the generation that answers, as this program reads it.
func (o Options) version(ctx context.Context) string {
	snapshot, err := o.Store.Snapshot(ctx)
	if err != nil {
		return ""
	}
	head := snapshot.Head()
	return fmt.Sprint(build(), head.Generation, head.LoadedAt.UnixNano(), o.AttackVersion)
}

// build names the program: the revision that it was built from, or else when it
// was started.
var build = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		revision, modified := "", false
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
		if revision != "" && !modified {
			return revision
		}
	}
	return time.Now().String()
})
