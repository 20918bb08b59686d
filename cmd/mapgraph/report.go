package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/loader"
)

func importReportCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "import-report",
		Short: "Say, file by file, what a load reads, merges, lifts and refuses",
		Long: `Reads the data folder and reports, file by file, what was read, what was merged, which
technique ids were lifted or have no place, what is malformed, and which files were
refused and why. The exit code is 3 if a file was refused.`,
		Example: `  mapgraph import-report --data data
  mapgraph import-report --data data --format json | jq .totals`,
		Args: cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup)
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		write := loader.WriteReport
		switch format {
		case "text":
		case "json":
			write = loader.WriteReportJSON
		default:
			return exit(exitWrongUse, fmt.Errorf("--format %q: text or json is expected", format))
		}
		report, err := readReport(cmd, c)
		if err != nil {
			return err
		}
		if err := write(cmd.OutOrStdout(), report); err != nil {
			return err
		}
		if n := report.Refused(); n > 0 {
			return exit(exitBadInput, fmt.Errorf("%s refused; the report says why", count(n, "file was", "files were")))
		}
		return nil
	}
	return cmd
}

func readReport(cmd *cobra.Command, c config.Config) (*kg.ImportReport, error) {
	if c.Data == "" {
		ds, err := facts.Load()
		if err != nil {
			return nil, exit(exitBadInput, err)
		}
		return ds.Report, nil
	}
	opts, err := loaderOptions(c)
	if err != nil {
		return nil, err
	}
	done := showProgress(&opts, cmd.ErrOrStderr())
	start := time.Now()
	ds, err := loader.Load(cmd.Context(), c.Data, opts)
	took := time.Since(start)
	done()
	if err != nil && !errors.Is(err, loader.ErrRefused) {
		return nil, exit(exitBadInput, err)
	}
	sayEffort(cmd.ErrOrStderr(), ds, took)
	return ds.Report, nil
}

// sayEffort says what a load took. It is no part of the report, which is the
// same for the same files.
func sayEffort(w io.Writer, ds *kg.Dataset, took time.Duration) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	bytes := int64(0)
	for i := range ds.Report.Files {
		bytes += ds.Report.Files[i].Bytes
	}
	_, _ = fmt.Fprintf(w, "read %d files, %.1f MB, in %s; the data takes %.0f MB of memory, and reading it took %.0f MB from the system\n",
		len(ds.Report.Files), float64(bytes)/1e6, took.Round(time.Millisecond), float64(m.HeapAlloc)/1e6, float64(m.Sys)/1e6)
	runtime.KeepAlive(ds)
}
