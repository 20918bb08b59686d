package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/server"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/web"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the GraphQL API and the playground",
		Example: `  mapgraph serve                                   # the embedded facts edition
  mapgraph serve --data data --attack-version 16.1
  MAPGRAPH_ADDR=127.0.0.1:9000 mapgraph serve`,
		Args: cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup, config.ServeGroup, config.LogGroup)
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
	ds, err := readDataset(ctx, c, stderr)
	if err != nil {
		return err
	}
	if err := checkAttackVersion(ds, c.AttackVersion); err != nil {
		return exit(exitWrongUse, err)
	}
	st := memory.New(ds)
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var assets fs.FS
	if web.Built() {
		assets = web.Assets()
	}
	srv, err := server.Listen(server.Options{
		Addr: c.Addr, MetricsAddr: c.MetricsAddr, CORSOrigins: c.CORSOrigins, ShutdownTimeout: c.ShutdownTimeout, RequestTimeout: c.RequestTimeout,
		GraphQL: graph.NewHandler(graph.Options{
			Store: st, AttackVersion: c.AttackVersion, Timeout: c.RequestTimeout, Log: log,
			Limits:  graph.Limits{BodyBytes: c.MaxBody, Tokens: c.MaxTokens, Depth: c.MaxDepth, IntrospectionDepth: graph.DefaultLimits.IntrospectionDepth, Aliases: c.MaxAliases, Cost: c.MaxCost},
			Observe: gqlhttp.NewMetrics(metrics).Observe,
		}),
		Assets: assets, Placeholder: web.Placeholder(), Version: version, Metrics: metrics, Log: log,
		Ready: st.Ready,
	})
	if err != nil {
		return exit(exitUnreachable, err)
	}
	announce(stdout, srv, ds, time.Since(start))
	err = srv.Run(ctx)
	if closeErr := st.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	return exit(exitUnreachable, err)
}

// announce says where to go, and what is there.
func announce(w io.Writer, srv *server.Server, ds *kg.Dataset, took time.Duration) {
	_, _ = fmt.Fprintf(w, "mapgraph: playground at http://%s/playground, API at http://%s/graphql\n", srv.Addr(), srv.Addr())
	what := "the embedded facts edition (no descriptions, no comments; `mapgraph fetch --data DIR` gets them)"
	if ds.Edition == kg.Full {
		what = fmt.Sprintf("%d mapping sets and %d ATT&CK releases", len(ds.Sets), len(ds.Releases))
	}
	_, _ = fmt.Fprintf(w, "mapgraph: serving %s, ready in %s\n", what, took.Round(time.Millisecond))
	if srv.MetricsAddr() != "" {
		_, _ = fmt.Fprintf(w, "mapgraph: metrics at http://%s/metrics\n", srv.MetricsAddr())
	}
}

func checkAttackVersion(ds *kg.Dataset, v string) error {
	if v == "" {
		return nil
	}
	var loaded []string
	for _, r := range ds.Releases {
		if r.Key.Version == v {
			return nil
		}
		loaded = append(loaded, r.Key.String())
	}
	return fmt.Errorf("--attack-version %s: no release of that version is loaded; loaded are %v", v, loaded)
}
