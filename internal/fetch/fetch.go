package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

var (
	// ErrUnreachable says that a mirror could not be reached, or would not serve.
	ErrUnreachable = errors.New("the mirror could not be reached")
	// ErrCorrupt says that what a mirror serves is not what the list pins.
	ErrCorrupt = errors.New("not the published content")
)

// Options configure a fetch.
type Options struct {
	Dir      string
	Mirror   string // DefaultMirror if empty
	Parallel int    // files at once; 6 if 0
	Client   *http.Client
	Items    []Item // the pinned list if nil
	Reporter Reporter

	// pause waits before a retry; tests replace it.
	pause func(context.Context, time.Duration) error
	line  *line
}

// line remembers whether the mirror was ever reached, so that a machine that is
// off line is told so after one file's tries and not after those of all.
type line struct {
	reached atomic.Bool
	down    atomic.Pointer[error]
}

// Reporter is told how a fetch goes, from many goroutines.
type Reporter interface {
	// Start says how many files there are.
	Start(files int)
	// Begin says that a file is downloaded, from an offset on, of a size that is -1 if unknown.
	Begin(item Item, offset, size int64)
	// Advance says that more bytes of a file came.
	Advance(item Item, n int)
	// Done says how a file ended.
	Done(item Item, outcome Outcome, err error)
}

// Outcome is how a file ended.
type Outcome string

// The outcomes.
const (
	Downloaded Outcome = "downloaded"
	Kept       Outcome = "already there"
	Failed     Outcome = "failed"
)

// Result counts the outcomes.
type Result struct {
	Downloaded, Kept, Failed int
	Bytes                    int64 // downloaded
}

// Limits of one file and one attempt.
const (
	maxFileBytes = 256 << 20
	attempts     = 5
	stallTimeout = 30 * time.Second
)

// NewClient gives a client with limits on everything but the time that a steady
// download takes.
func NewClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 10 * time.Second
	t.ResponseHeaderTimeout = 20 * time.Second
	t.MaxIdleConnsPerHost = 16
	// A compressed answer could not be resumed by offset.
	t.DisableCompression = true
	return &http.Client{Transport: t, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return errors.New("more than 5 redirects")
		}
		if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
			return errors.New("redirected from https to http")
		}
		return nil
	}}
}

// Run downloads what is missing. Files that cannot be had do not stop the
// others: the error names them all, once for each reason.
func Run(ctx context.Context, o Options) (Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Result{}, err
	}
	unlock, err := lock(o.Dir)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	o.Reporter.Start(len(o.Items))

	var mu sync.Mutex
	var result Result
	failures := map[string][]string{}
	var kinds []error
	var g errgroup.Group
	g.SetLimit(o.Parallel)
	for _, item := range o.Items {
		g.Go(func() error {
			outcome, n, err := o.one(ctx, item)
			mu.Lock()
			defer mu.Unlock()
			result.Bytes += n
			switch outcome {
			case Downloaded:
				result.Downloaded++
			case Kept:
				result.Kept++
			case Failed:
				result.Failed++
				failures[reasonOf(err)] = append(failures[reasonOf(err)], item.SavedAs)
				kinds = append(kinds, err)
			}
			o.Reporter.Done(item, outcome, err)
			return nil
		})
	}
	_ = g.Wait() // the goroutines keep their errors
	if ctx.Err() != nil {
		return result, fmt.Errorf("stopped; what came is kept, and the same command goes on from there: %w", ctx.Err())
	}
	return result, summary(o, failures, kinds)
}

func (o Options) withDefaults() (Options, error) {
	if o.Mirror == "" {
		o.Mirror = DefaultMirror
	}
	if o.Parallel <= 0 {
		o.Parallel = 6
	}
	if o.Client == nil {
		o.Client = NewClient()
	}
	if o.Reporter == nil {
		o.Reporter = silent{}
	}
	if o.pause == nil {
		o.pause = pause
	}
	o.line = &line{}
	if o.Items == nil {
		items, err := Manifest()
		if err != nil {
			return o, err
		}
		o.Items = items
	}
	for _, item := range o.Items {
		if _, err := item.address(o.Mirror); err != nil {
			return o, err
		}
	}
	return o, os.MkdirAll(o.Dir, 0o755)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// one makes sure of one file.
func (o Options) one(ctx context.Context, item Item) (Outcome, int64, error) {
	target := filepath.Join(o.Dir, filepath.FromSlash(item.SavedAs))
	if blob, err := blobOf(target); err == nil && blob == item.Blob {
		return Kept, 0, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return Failed, 0, err
	}
	d := download{Options: o, item: item, target: target, part: target + ".part"}
	n, err := d.run(ctx)
	if err != nil {
		return Failed, n, err
	}
	return Downloaded, n, nil
}

// reasonOf gives what an error says apart from the file, so that one trouble is
// told once.
func reasonOf(err error) string {
	var network *net.OpError
	switch {
	case errors.As(err, &network):
		return network.Err.Error()
	case errors.Is(err, ErrCorrupt):
		return err.Error()
	}
	return strings.TrimSpace(err.Error())
}

func summary(o Options, failures map[string][]string, kinds []error) error {
	if len(failures) == 0 {
		return nil
	}
	kind := ErrCorrupt
	for _, err := range kinds {
		if errors.Is(err, ErrUnreachable) {
			kind = ErrUnreachable
		}
	}
	reasons := make([]string, 0, len(failures))
	for r := range failures {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	var b strings.Builder
	for _, r := range reasons {
		files := failures[r]
		slices.Sort(files)
		shown := files
		if len(shown) > 3 {
			shown = shown[:3]
		}
		fmt.Fprintf(&b, "\n  %s: %s", r, strings.Join(shown, ", "))
		if more := len(files) - len(shown); more > 0 {
			fmt.Fprintf(&b, " and %d more", more)
		}
	}
	advice := "Run the same command again to try the rest"
	if errors.Is(kind, ErrUnreachable) {
		advice = "Check the connection and the proxy (HTTPS_PROXY), or name a mirror with --mirror; the same command goes on from there"
	}
	return fmt.Errorf("%d of %d files from %s: %w%s\n%s", len(kinds), len(o.Items), o.Mirror, kind, b.String(), advice)
}

type silent struct{}

func (silent) Start(int)                 {}
func (silent) Begin(Item, int64, int64)  {}
func (silent) Advance(Item, int)         {}
func (silent) Done(Item, Outcome, error) {}
