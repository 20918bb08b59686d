package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
)

// defaultGrace is longer than a server lets a request take, unless told otherwise.
const defaultGrace = 35 * time.Second

func loadCommand() *cobra.Command {
	o := neo4j.LoadOptions{}
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Load mappings and ATT&CK into Neo4j",
		Long: `Reads the data folder, or the embedded facts edition where none is named, and writes it
into Neo4j beside what is there. Once all of it is written, servers answer from it, and
what was there before is removed. A load that fails or is killed changes nothing that is
served; the next one cleans up. Loading the same data again does nothing.`,
		Example: `  mapgraph load --neo4j neo4j://127.0.0.1:7687                # the embedded facts edition
  MAPGRAPH_NEO4J_PASSWORD=... mapgraph load --data data
  mapgraph load --data data --neo4j-password-file /run/secrets/neo4j`,
		Args: cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup, config.Neo4jGroup)
	cmd.Flags().BoolVar(&o.Force, "force", false, "load the data even if it is what is served")
	cmd.Flags().DurationVar(&o.Grace, "grace", defaultGrace, "how long servers may answer from the previous data before it is removed")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		return load(cmd.Context(), c, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

func load(ctx context.Context, c config.Config, o neo4j.LoadOptions, stdout, stderr io.Writer) error {
	ds, err := readDataset(ctx, c, stderr)
	if err != nil {
		return err
	}
	progress, done := loadProgress(stderr, o.Grace)
	o.Progress = progress
	loaded, err := neo4j.Load(ctx, neo4jOptions(c), ds, o)
	done()
	if err != nil && ctx.Err() != nil {
		_, _ = fmt.Fprintf(stderr, "mapgraph: the load was stopped; %s serves what it served before, and the next load removes what this one left\n", c.Neo4jURI)
	}
	if err != nil {
		return exit(exitUnreachable, err)
	}
	sayLoaded(stdout, c, ds, loaded)
	return nil
}

func sayLoaded(w io.Writer, c config.Config, ds *kg.Dataset, l neo4j.Loaded) {
	what := fmt.Sprintf("%d mapping sets and %d ATT&CK releases", len(ds.Sets), len(ds.Releases))
	if l.Already {
		_, _ = fmt.Fprintf(w, "mapgraph: %s already has these %s; nothing was written\n", c.Neo4jURI, what)
		return
	}
	_, _ = fmt.Fprintf(w, "mapgraph: loaded %s into %s: %d nodes and %d relationships in %s\n",
		what, c.Neo4jURI, l.Nodes, l.Relationships, l.Took.Round(100*time.Millisecond))
	if l.Removed > 0 {
		_, _ = fmt.Fprintf(w, "mapgraph: removed %d nodes of earlier data\n", l.Removed)
	}
}

// stageTexts say what a load is doing.
var stageTexts = map[neo4j.Stage]string{
	neo4j.Preparing: "preparing the database",
	neo4j.Writing:   "writing",
	neo4j.Waiting:   "the new data is served; servers finish what they began with the old",
	neo4j.Removing:  "removing the old data",
}

// loadProgress shows a load: a bar on a terminal, elsewhere a line for each stage.
func loadProgress(stderr io.Writer, grace time.Duration) (show func(neo4j.Progress), done func()) {
	var stage atomic.Value // of neo4j.Stage; the bar is drawn by a goroutine of its own
	stage.Store(neo4j.Stage(""))
	say := func(p neo4j.Progress) {
		if text := stageTexts[p.Stage]; p.Stage != stage.Swap(p.Stage) && text != "" {
			if p.Stage == neo4j.Waiting {
				text += fmt.Sprintf(" (%s)", grace)
			}
			_, _ = fmt.Fprintln(stderr, "mapgraph:", text)
		}
	}
	f, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return say, func() {}
	}
	bars := mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40))
	bar := bars.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return stageTexts[stage.Load().(neo4j.Stage)] + " " }), decor.CountersNoUnit("%d / %d")),
		mpb.AppendDecorators(decor.Percentage()))
	return func(p neo4j.Progress) {
			stage.Store(p.Stage)
			bar.SetTotal(int64(p.Total), false)
			bar.SetCurrent(int64(p.Done))
		}, func() {
			bar.SetTotal(-1, true)
			bars.Wait()
		}
}
