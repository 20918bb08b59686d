package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/loader"
)

// readDataset reads the data folder, or the embedded facts edition where none
// is named. Files that were refused are said on stderr.
func readDataset(ctx context.Context, c config.Config, stderr io.Writer) (*kg.Dataset, error) {
	if c.Data == "" {
		ds, err := facts.Load()
		return ds, exit(exitBadInput, err)
	}
	opts, err := loaderOptions(c)
	if err != nil {
		return nil, err
	}
	done := showProgress(&opts, stderr)
	ds, err := loader.Load(ctx, c.Data, opts)
	done()
	if errors.Is(err, loader.ErrRefused) {
		sayRefused(ds.Report, stderr)
		return nil, exit(exitBadInput, fmt.Errorf("%s refused; without --strict the rest is loaded", count(ds.Report.Refused(), "file was", "files were")))
	}
	if err != nil {
		return nil, exit(exitBadInput, err)
	}
	sayRefused(ds.Report, stderr)
	if len(ds.Sets) == 0 && len(ds.Releases) == 0 {
		return nil, exit(exitBadInput, loader.ErrNothing)
	}
	return ds, nil
}

// showProgress draws a bar on a terminal; elsewhere a load is quiet.
func showProgress(opts *loader.Options, stderr io.Writer) (done func()) {
	f, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}
	}
	bars := mpb.New(mpb.WithOutput(stderr), mpb.WithWidth(40))
	bar := bars.AddBar(0, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("reading "), decor.CountersKibiByte("% .1f / % .1f")),
		mpb.AppendDecorators(decor.Percentage()))
	opts.Progress = func(p loader.Progress) {
		bar.SetTotal(p.TotalBytes, false)
		bar.SetCurrent(p.Bytes)
	}
	return func() {
		bar.SetTotal(-1, true)
		bars.Wait()
	}
}

func sayRefused(r *kg.ImportReport, stderr io.Writer) {
	for i := range r.Files {
		if e := r.Files[i].Error; e != nil {
			_, _ = fmt.Fprintf(stderr, "mapgraph: refused %s: %s\n", r.Files[i].Path, e)
		}
	}
}
