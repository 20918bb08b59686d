package fetch

import (
	"context"
	"crypto/sha1" //nolint:gosec // git names its objects so
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"time"
)

// download gets one file. What came is kept beside the target, so that a
// download that was cut off goes on where it stopped.
type download struct {
	Options
	item         Item
	target, part string
	restarted    bool // a whole download had the wrong content before
}

// run tries until the file is there, or trying again is of no use.
func (d *download) run(ctx context.Context) (int64, error) {
	var total int64
	var err error
	for try := range attempts {
		if down := d.line.down.Load(); down != nil {
			return total, *down
		}
		if try > 0 {
			if d.pause(ctx, backoff(try, err)) != nil {
				break
			}
		}
		var n int64
		n, err = d.attempt(ctx)
		total += n
		if err == nil {
			return total, nil
		}
		if ctx.Err() != nil || !worthRetrying(err) {
			break
		}
	}
	if ctx.Err() != nil {
		return total, ctx.Err()
	}
	if !d.line.reached.Load() && errors.Is(err, ErrUnreachable) {
		d.line.down.Store(&err)
	}
	return total, err
}

// statusError is an answer other than the file.
type statusError struct {
	status     int
	retryAfter time.Duration
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%v: it answered %d %s", ErrUnreachable, e.status, http.StatusText(e.status))
}
func (e *statusError) Unwrap() error { return ErrUnreachable }

// finalError is one that the same request would meet again.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }
func (e *finalError) Unwrap() error { return e.err }

func worthRetrying(err error) bool {
	if final := (*finalError)(nil); errors.As(err, &final) {
		return false
	}
	if status := (*statusError)(nil); errors.As(err, &status) {
		return status.status == http.StatusTooManyRequests || status.status == http.StatusRequestTimeout || status.status >= 500
	}
	return true
}

// backoff doubles from a quarter of a second, with jitter, unless the mirror
// says how long to wait.
func backoff(try int, err error) time.Duration {
	if status := (*statusError)(nil); errors.As(err, &status) && status.retryAfter > 0 {
		return min(status.retryAfter, time.Minute)
	}
	d := 250 * time.Millisecond << (try - 1)
	return d/2 + rand.N(d) //nolint:gosec // jitter needs no secrecy
}

// attempt makes one request and, once everything is there, puts it in place.
func (d *download) attempt(ctx context.Context) (int64, error) {
	have := int64(0)
	if info, err := os.Stat(d.part); err == nil {
		have = info.Size()
	}
	n, err := d.receive(ctx, have)
	if err != nil {
		return n, err
	}
	return n, d.place()
}

func (d *download) receive(ctx context.Context, have int64) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, err := d.request(ctx, have)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	switch resp.StatusCode {
	case http.StatusOK:
		have = 0
	case http.StatusPartialContent:
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	case http.StatusRequestedRangeNotSatisfiable:
		// All of it is there already, or it is not ours: the hash will tell.
		return 0, nil
	default:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return 0, &statusError{resp.StatusCode, time.Duration(seconds) * time.Second}
	}
	size := resp.ContentLength
	if size >= 0 {
		size += have
	}
	if size > maxFileBytes {
		return 0, &finalError{fmt.Errorf("%w: larger than %d bytes", ErrCorrupt, maxFileBytes)}
	}
	d.Reporter.Begin(d.item, have, size)
	f, err := os.OpenFile(d.part, flags, 0o644)
	if err != nil {
		return 0, &finalError{err}
	}
	n, err := d.copy(f, resp.Body, have, cancel)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errStalled) {
		err = cause
	}
	return n, err
}

var errStalled = fmt.Errorf("%w: it sent nothing for %s", ErrUnreachable, stallTimeout)

func (d *download) request(ctx context.Context, have int64) (*http.Response, error) {
	address, err := d.item.address(d.Mirror)
	if err != nil {
		return nil, &finalError{err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &finalError{err}
	}
	r.Header.Set("User-Agent", "mapgraph-fetch")
	if have > 0 {
		// No If-Range is needed: the commit pins the content, and the hash proves it.
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := d.Client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	d.line.reached.Store(true)
	return resp, nil
}

// copy writes what comes, and gives up on a mirror that sends nothing for long.
func (d *download) copy(f *os.File, body io.Reader, have int64, cancel context.CancelCauseFunc) (int64, error) {
	stall := time.AfterFunc(stallTimeout, func() { cancel(errStalled) })
	defer stall.Stop()
	buf := make([]byte, 128<<10)
	total := int64(0)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			stall.Reset(stallTimeout)
			if have+total+int64(n) > maxFileBytes {
				_ = os.Remove(d.part)
				return total, &finalError{fmt.Errorf("%w: larger than %d bytes", ErrCorrupt, maxFileBytes)}
			}
			if _, err := f.Write(buf[:n]); err != nil {
				return total, &finalError{err}
			}
			total += int64(n)
			d.Reporter.Advance(d.item, n)
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, fmt.Errorf("%w: cut off: %w", ErrUnreachable, err)
		}
	}
}

// place checks what came and gives it its name. Wrong content is thrown away,
// and fetched anew from the beginning once: a part of an older download could
// have been at fault.
func (d *download) place() error {
	blob, err := blobOf(d.part)
	if err != nil {
		return err
	}
	if blob == d.item.Blob {
		if err := syncFile(d.part); err != nil {
			return &finalError{err}
		}
		return os.Rename(d.part, d.target)
	}
	if err := os.Remove(d.part); err != nil {
		return &finalError{err}
	}
	err = fmt.Errorf("%s: %w: git blob %s, expected %s", d.item.SavedAs, ErrCorrupt, blob, d.item.Blob)
	if d.restarted {
		return &finalError{err}
	}
	d.restarted = true
	return err
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// blobOf gives a file's git blob id.
func blobOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	h := sha1.New() //nolint:gosec // git names its objects so
	_, _ = fmt.Fprintf(h, "blob %d\x00", info.Size())
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
