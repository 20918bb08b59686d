package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/plain"
	"github.com/mapgraph/mapgraph/loader"
)

// version is set when a release is built.
var version = "dev"

// The exit codes.
const (
	exitCheckFailed = 1
	exitWrongUse    = 2
	exitBadInput    = 3
	exitUnreachable = 4
)

// exitError gives an error its exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func exit(code int, err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code, err}
}

// run runs one command line and gives its exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal has begun an orderly end, a second one ends at once.
	context.AfterFunc(ctx, stop)

	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "mapgraph:", plain.Text(err.Error()))
	var coded *exitError
	switch {
	case errors.As(err, &coded):
		return coded.code
	case errors.Is(err, context.Canceled):
		return exitCheckFailed
	}
	return exitWrongUse
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "mapgraph",
		Short: "Security-control mappings to MITRE ATT&CK, as a graph to query",
		Long: `mapgraph loads the published mappings of security capabilities (NIST SP 800-53, cloud
services, CISA KEV and others) to MITRE ATT&CK techniques, and answers through GraphQL:
which of our controls bear on the techniques that attackers use, where our clouds
overlap, and what nothing covers.`,
		Example: `  mapgraph serve                         # the embedded facts edition, at http://127.0.0.1:8080
  mapgraph gaps aws azure --group APT29  # what APT29 uses and neither cloud maps
  mapgraph check --stack stack.yaml --min-coverage 0.7
  mapgraph fetch --data data             # download the published corpus
  mapgraph serve --data data             # serve it, with descriptions and comments
  mapgraph import-report --data data     # what was read, and what is odd about it
  mapgraph load --data data              # into Neo4j, for mapgraph serve --store neo4j`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(nearestFlag)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddGroup(&cobra.Group{ID: "ask", Title: "Questions:"}, &cobra.Group{ID: "run", Title: "Server and data:"})
	for _, c := range []*cobra.Command{techniqueCommand(), overlapCommand(), gapsCommand(), crosswalkCommand(), coverCommand(), diffCommand(), compareCommand(), checkCommand(), exportCommand(), queryCommand()} {
		c.GroupID = "ask"
		root.AddCommand(c)
	}
	for _, c := range []*cobra.Command{serveCommand(), mcpCommand(), fetchCommand(), loadCommand(), importReportCommand()} {
		c.GroupID = "run"
		root.AddCommand(c)
	}
	root.AddCommand(healthcheckCommand(), factsCommand(), checkConfigCommand(), versionCommand(), docsCommand())
	return root
}

// nearestFlag says which flag may have been meant by one that there is not.
func nearestFlag(cmd *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	return fmt.Errorf("%w%s", err, kg.DidYouMean("--"+name, slices.Values(known)))
}

// count says how many, in the singular for one.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// settings loads the configuration of a command, and warns of environment
// names that look like settings and are none.
func settings(l *config.Loader, log io.Writer) (config.Config, []config.Effective, error) {
	c, all, err := l.Load(config.OSLookup)
	if unknown := config.Unknown(os.Environ()); err == nil && len(unknown) > 0 {
		_, _ = fmt.Fprintln(log, "mapgraph: no such setting:", strings.Join(unknown, ", "))
	}
	return c, all, exit(exitWrongUse, err)
}

func newLogger(c config.Config, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// loaderOptions turns settings into a load's options.
func loaderOptions(c config.Config) (loader.Options, error) {
	o := loader.Options{Strict: c.Strict}
	for _, text := range c.Frameworks {
		f, err := loader.ParseFramework(text)
		if err != nil {
			return o, exit(exitWrongUse, err)
		}
		o.Frameworks = append(o.Frameworks, f)
	}
	return o, nil
}
