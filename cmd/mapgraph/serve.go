package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/server"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/web"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the explorer, the GraphQL API and the playground",
		Example: `  mapgraph serve                                   # the embedded facts edition
  mapgraph serve --data data --attack-version 16.1
  mapgraph serve --store neo4j --neo4j neo4j://db.example.org   # what mapgraph load wrote
  MAPGRAPH_ADDR=127.0.0.1:9000 mapgraph serve`,
		Args: cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup, config.AnswerGroup, config.Neo4jGroup, config.LimitGroup, config.ServeGroup, config.LogGroup)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		return serve(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

func serve(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	log := newLogger(c, stderr)
	start := time.Now()
	shared := figures{pool: store.NewPool(c.CacheSize), gate: gateOf(c), outbox: admit.NewOutbox(c.MaxUnread)}
	st, err := openStore(ctx, c, shared.pool, log, stderr)
	if err != nil {
		return err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), shared)
	var assets fs.FS
	if web.Built() {
		assets = web.Assets()
	}
	requests := gqlhttp.NewMetrics(metrics)
	srv, err := server.Listen(server.Options{
		Addr: c.Addr, MetricsAddr: c.MetricsAddr, CORSOrigins: c.CORSOrigins, AllowedHosts: c.AllowedHosts, DrainDelay: c.DrainDelay, ShutdownTimeout: c.ShutdownTimeout, RequestTimeout: c.RequestTimeout,
		GraphQL: graph.NewHandler(graph.Options{
			Store: st, AttackVersion: c.AttackVersion, Timeout: c.RequestTimeout, Log: log,
			Limits: limitsOf(c), Gate: shared.gate, Outbox: shared.outbox, Cache: shared.pool,
			Observe: requests.Observe, ObserveDirect: requests.ObserveDirect,
		}),
		Assets: assets, Placeholder: web.Placeholder(), Version: version, Metrics: metrics, Log: log,
		Ready: st.Ready,
	})
	if err != nil {
		return exit(exitUnreachable, err)
	}
	announce(ctx, stdout, srv, st, c, start)
	err = srv.Run(ctx)
	if closeErr := st.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	return exit(exitUnreachable, err)
}

func limitsOf(c config.Config) graph.Limits {
	return graph.Limits{
		BodyBytes: c.MaxBody, Tokens: c.MaxTokens, Depth: c.MaxDepth, IntrospectionDepth: graph.DefaultLimits.IntrospectionDepth, Aliases: c.MaxAliases,
		Values: c.MaxValues, AnswerBytes: c.MaxAnswer, Work: c.MaxWork,
	}
}

// gateOf shares the machine's processors among the clients.
func gateOf(c config.Config) *admit.Gate {
	o := admit.DefaultOptions(runtime.GOMAXPROCS(0))
	o.Patience = c.MaxWait
	if c.LargeRequests > 0 {
		o.Large = c.LargeRequests
	}
	return admit.New(o)
}

// announce says where to go, and what is there.
func announce(ctx context.Context, w io.Writer, srv *server.Server, st store.Store, c config.Config, start time.Time) {
	if web.Built() {
		_, _ = fmt.Fprintf(w, "mapgraph: explorer at http://%s/, playground at http://%s/playground\n", srv.Addr(), srv.Addr())
	}
	_, _ = fmt.Fprintf(w, "mapgraph: API at http://%s/graphql\n", srv.Addr())
	if srv.MetricsAddr() != "" {
		_, _ = fmt.Fprintf(w, "mapgraph: metrics at http://%s/metrics\n", srv.MetricsAddr())
	}
	snap, err := st.Snapshot(ctx)
	if err != nil {
		_, _ = fmt.Fprintf(w, "mapgraph: not ready yet, and trying on: %v\n", err)
		return
	}
	head := snap.Head()
	what := "the embedded facts edition (no descriptions, no comments; `mapgraph fetch --data DIR` gets them)"
	if head.Edition == kg.Full {
		what = fmt.Sprintf("%d mapping sets and %d ATT&CK releases", len(head.Sets), len(head.Releases))
	}
	if c.Store == config.Neo4j {
		what += " from " + c.Neo4jURI
	}
	_, _ = fmt.Fprintf(w, "mapgraph: serving %s, ready in %s\n", what, time.Since(start).Round(time.Millisecond))
}
