package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sync"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/fetch"
)

func fetchCommand() *cobra.Command {
	var mirror string
	var parallel int
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Download the published corpus",
		Long: `Downloads the mapping sets, ATT&CK releases, OSCAL catalogs and priorities that mapgraph is
tested on, about 330 MB, each file at a pinned commit and checked against its git blob id.
What is there already is kept, and what was cut off goes on where it stopped.`,
		Example: `  mapgraph fetch --data data
  mapgraph fetch --data data --mirror https://mirror.example.org/github-raw   # files at OWNER/NAME/COMMIT/PATH`,
		Args: cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup)
	cmd.Flags().StringVar(&mirror, "mirror", fetch.DefaultMirror, "address that serves files at OWNER/NAME/COMMIT/PATH")
	cmd.Flags().IntVar(&parallel, "parallel", 6, "files to download at once")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if c.Data == "" {
			return exit(exitWrongUse, errors.New("--data is missing: the folder to download into"))
		}
		reporter, done := newFetchReporter(cmd.ErrOrStderr())
		result, err := fetch.Run(cmd.Context(), fetch.Options{Dir: c.Data, Mirror: mirror, Parallel: parallel, Reporter: reporter})
		done()
		_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s downloaded (%.1f MB), %d already there, %d failed\n",
			count(result.Downloaded, "file", "files"), float64(result.Bytes)/1e6, result.Kept, result.Failed)
		switch {
		case errors.Is(err, fetch.ErrUnreachable):
			return exit(exitUnreachable, err)
		case errors.Is(err, fetch.ErrCorrupt):
			return exit(exitBadInput, err)
		}
		return err
	}
	return cmd
}

// newFetchReporter draws bars on a terminal and writes lines elsewhere.
func newFetchReporter(w io.Writer) (r fetch.Reporter, done func()) {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		bars := &barReporter{bars: mpb.New(mpb.WithOutput(w), mpb.WithWidth(30)), files: map[string]*mpb.Bar{}}
		return bars, bars.wait
	}
	return &lineReporter{w: w}, func() {}
}

// lineReporter writes a line for each file that is done.
type lineReporter struct {
	w           io.Writer
	mu          sync.Mutex
	done, total int
}

func (r *lineReporter) Start(files int)                { r.total = files }
func (r *lineReporter) Begin(fetch.Item, int64, int64) {}
func (r *lineReporter) Advance(fetch.Item, int)        {}
func (r *lineReporter) Done(i fetch.Item, o fetch.Outcome, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	_, _ = fmt.Fprintf(r.w, "[%d/%d] %s: %s\n", r.done, r.total, i.SavedAs, o)
}

// barReporter draws a bar for all files, and one for each that is under way.
type barReporter struct {
	bars  *mpb.Progress
	mu    sync.Mutex
	all   *mpb.Bar
	files map[string]*mpb.Bar
}

func (r *barReporter) Start(files int) {
	r.all = r.bars.AddBar(int64(files), mpb.BarPriority(1<<20),
		mpb.PrependDecorators(decor.Name("files "), decor.CountersNoUnit("%d / %d")))
}

func (r *barReporter) Begin(i fetch.Item, offset, size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.files[i.SavedAs]; old != nil {
		old.Abort(true)
	}
	bar := r.bars.AddBar(max(size, 0), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(path.Base(i.SavedAs)+" ", decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f")))
	bar.SetCurrent(offset)
	r.files[i.SavedAs] = bar
}

func (r *barReporter) Advance(i fetch.Item, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[i.SavedAs].IncrBy(n)
}

func (r *barReporter) Done(i fetch.Item, _ fetch.Outcome, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if bar := r.files[i.SavedAs]; bar != nil {
		bar.Abort(true)
	}
	r.all.Increment()
}

func (r *barReporter) wait() {
	if r.all != nil {
		r.all.Abort(false) // a fetch that was stopped never fills it
	}
	r.bars.Wait()
}
