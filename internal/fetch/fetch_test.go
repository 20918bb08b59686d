package fetch

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func blob(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// mirror serves files, and counts and records what it is asked.
type mirror struct {
	*httptest.Server
	mu     sync.Mutex
	ranges []string
	asked  map[string]int
	// answer, if set, may answer instead; try counts from 1.
	answer func(w http.ResponseWriter, r *http.Request, content []byte, try int) bool
}

func newMirror(t *testing.T, files map[string][]byte) (*mirror, []Item) {
	m := &mirror{asked: map[string]int{}}
	var items []Item
	for _, name := range slices.Sorted(maps.Keys(files)) {
		items = append(items, Item{Repository: "owner/repo", Commit: strings.Repeat("a", 40), Path: "src/" + name, Blob: blob(files[name]), SavedAs: "kept/" + name})
	}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Base(r.URL.Path)
		content, ok := files[name]
		if want := "/owner/repo/" + strings.Repeat("a", 40) + "/src/" + name; !ok || r.URL.Path != want {
			http.NotFound(w, r)
			return
		}
		m.mu.Lock()
		m.asked[name]++
		try := m.asked[name]
		m.ranges = append(m.ranges, r.Header.Get("Range"))
		m.mu.Unlock()
		if m.answer != nil && m.answer(w, r, content, try) {
			return
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(m.Close)
	return m, items
}

func (m *mirror) fetch(t *testing.T, dir string, items []Item) (Result, error) {
	t.Helper()
	client := NewClient()
	t.Cleanup(client.CloseIdleConnections)
	return Run(t.Context(), Options{Dir: dir, Mirror: m.URL, Items: items, Client: client, pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
}

func content(n int) []byte { return bytes.Repeat([]byte("0123456789abcdef"), n/16) }

func check(t *testing.T, dir, name string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, "kept", name))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(want))
	}
	if _, err := os.Stat(filepath.Join(dir, "kept", name+".part")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: a part is left", name)
	}
}

func TestFetchAndFetchAgain(t *testing.T) {
	files := map[string][]byte{"a.json": content(1 << 16), "b.json": []byte("{}"), "empty": {}}
	m, items := newMirror(t, files)
	dir := t.TempDir()
	r, err := m.fetch(t, dir, items)
	if err != nil || r.Downloaded != 3 || r.Bytes != 1<<16+2 {
		t.Fatalf("%+v, %v", r, err)
	}
	for name, want := range files {
		check(t, dir, name, want)
	}
	asked := len(m.ranges)
	r, err = m.fetch(t, dir, items)
	if err != nil || r.Kept != 3 || len(m.ranges) != asked {
		t.Errorf("again: %+v, %v, %d requests", r, err, len(m.ranges)-asked)
	}
	if err := os.WriteFile(filepath.Join(dir, "kept", "b.json"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err = m.fetch(t, dir, items); err != nil || r.Downloaded != 1 || r.Kept != 2 {
		t.Errorf("after a change: %+v, %v", r, err)
	}
	check(t, dir, "b.json", files["b.json"])
}

func TestCutOffDownloadGoesOn(t *testing.T) {
	whole := content(1 << 20)
	m, items := newMirror(t, map[string][]byte{"big": whole})
	m.answer = func(w http.ResponseWriter, _ *http.Request, content []byte, try int) bool {
		if try > 1 {
			return false
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:len(content)/3])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	dir := t.TempDir()
	r, err := m.fetch(t, dir, items)
	if err != nil || r.Downloaded != 1 || r.Bytes != int64(len(whole)) {
		t.Fatalf("%+v, %v", r, err)
	}
	check(t, dir, "big", whole)
	if want := []string{"", fmt.Sprintf("bytes=%d-", len(whole)/3)}; !slices.Equal(m.ranges, want) {
		t.Errorf("ranges %q, want %q", m.ranges, want)
	}
}

func TestServerWithoutRangesStartsAnew(t *testing.T) {
	whole := content(1 << 16)
	m, items := newMirror(t, map[string][]byte{"f": whole})
	m.answer = func(w http.ResponseWriter, _ *http.Request, content []byte, _ int) bool {
		_, _ = w.Write(content)
		return true
	}
	dir := t.TempDir()
	writePart(t, dir, "f", whole[:100])
	if _, err := m.fetch(t, dir, items); err != nil {
		t.Fatal(err)
	}
	check(t, dir, "f", whole)
}

func writePart(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "kept"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kept", name+".part"), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBadPartIsThrownAwayAndFetchedAnew(t *testing.T) {
	whole := content(1 << 16)
	for name, part := range map[string][]byte{"other content": []byte("something else"), "whole and right": whole, "too long": append(slices.Clone(whole), "more"...)} {
		t.Run(name, func(t *testing.T) {
			m, items := newMirror(t, map[string][]byte{"f": whole})
			dir := t.TempDir()
			writePart(t, dir, "f", part)
			if _, err := m.fetch(t, dir, items); err != nil {
				t.Fatal(err)
			}
			check(t, dir, "f", whole)
		})
	}
}

func TestCorruptContentIsRefusedAndTheRestArrives(t *testing.T) {
	good := content(1 << 12)
	m, items := newMirror(t, map[string][]byte{"bad": content(1 << 12), "good": good})
	m.answer = func(w http.ResponseWriter, r *http.Request, content []byte, _ int) bool {
		if filepath.Base(r.URL.Path) != "bad" {
			return false
		}
		bent := slices.Clone(content)
		bent[17] ^= 1
		_, _ = w.Write(bent)
		return true
	}
	dir := t.TempDir()
	r, err := m.fetch(t, dir, items)
	if !errors.Is(err, ErrCorrupt) || r.Failed != 1 || r.Downloaded != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, says := range []string{"kept/bad", items[0].Blob, "git blob"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %v", says, err)
		}
	}
	check(t, dir, "good", good)
	if _, err := os.Stat(filepath.Join(dir, "kept", "bad")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the corrupt file has its name")
	}
	if m.asked["bad"] != 2 {
		t.Errorf("the corrupt file was asked for %d times, want once more from the beginning", m.asked["bad"])
	}
}

func TestAnswersThatAreNoFile(t *testing.T) {
	for _, c := range []struct {
		status, asked int
	}{{404, 1}, {403, 1}, {500, attempts}, {429, attempts}} {
		m, items := newMirror(t, map[string][]byte{"f": content(64)})
		m.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte, _ int) bool {
			w.WriteHeader(c.status)
			return true
		}
		_, err := m.fetch(t, t.TempDir(), items)
		if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), strconv.Itoa(c.status)) || m.asked["f"] != c.asked {
			t.Errorf("%d: asked %d times, want %d: %v", c.status, m.asked["f"], c.asked, err)
		}
	}
	m, items := newMirror(t, map[string][]byte{"f": content(64)})
	m.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte, try int) bool {
		if try < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return try < 3
	}
	if _, err := m.fetch(t, t.TempDir(), items); err != nil {
		t.Errorf("a mirror that recovers: %v", err)
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	if d := backoff(1, &statusError{429, 7 * time.Second}); d != 7*time.Second {
		t.Errorf("waits %s", d)
	}
	if d := backoff(1, &statusError{429, time.Hour}); d != time.Minute {
		t.Errorf("waits %s", d)
	}
	for try := 1; try < 6; try++ {
		if d := backoff(try, nil); d < 125*time.Millisecond<<(try-1) || d > 375*time.Millisecond<<(try-1) {
			t.Errorf("try %d waits %s", try, d)
		}
	}
}

func TestOffLineIsSaidOnce(t *testing.T) {
	m, items := newMirror(t, map[string][]byte{"a": content(64), "b": content(64), "c": content(64), "d": content(64), "e": content(64)})
	m.Close()
	_, err := m.fetch(t, t.TempDir(), items)
	if !errors.Is(err, ErrUnreachable) || strings.Count(err.Error(), "refused") != 1 || !strings.Contains(err.Error(), "and 2 more") || !strings.Contains(err.Error(), "--mirror") {
		t.Errorf("off line: %v", err)
	}
}

func TestRedirectFromHTTPSIsRefused(t *testing.T) {
	plain, items := newMirror(t, map[string][]byte{"f": content(64)})
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusFound)
	}))
	defer secure.Close()
	client := secure.Client()
	client.CheckRedirect = NewClient().CheckRedirect
	defer client.CloseIdleConnections()
	_, err := Run(t.Context(), Options{Dir: t.TempDir(), Mirror: secure.URL, Items: items, Client: client, pause: func(context.Context, time.Duration) error { return nil }})
	if err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("%v", err)
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	m, items := newMirror(t, map[string][]byte{"f": content(64)})
	m.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte, _ int) bool {
		w.Header().Set("Content-Length", strconv.Itoa(maxFileBytes+1))
		w.WriteHeader(http.StatusOK)
		return true
	}
	if _, err := m.fetch(t, t.TempDir(), items); !errors.Is(err, ErrCorrupt) || m.asked["f"] != 1 {
		t.Errorf("asked %d times: %v", m.asked["f"], err)
	}
}

func TestStopKeepsWhatCame(t *testing.T) {
	m, items := newMirror(t, map[string][]byte{"f": content(1 << 20)})
	ctx, cancel := context.WithCancel(t.Context())
	m.answer = func(w http.ResponseWriter, r *http.Request, content []byte, _ int) bool {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:1<<19])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
	dir := t.TempDir()
	client := NewClient()
	defer client.CloseIdleConnections()
	_, err := Run(ctx, Options{Dir: dir, Mirror: m.URL, Items: items, Client: client, Reporter: stopper{after: 1 << 19, stop: cancel, seen: new(int)}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "kept", "f.part")); err != nil || info.Size() != 1<<19 {
		t.Errorf("the part: %v, %v", info, err)
	}
}

// stopper cancels once enough bytes came.
type stopper struct {
	silent
	after int
	stop  func()
	seen  *int
}

func (s stopper) Advance(_ Item, n int) {
	if *s.seen += n; *s.seen >= s.after {
		s.stop()
	}
}

func TestTwoFetchesDoNotMeet(t *testing.T) {
	m, items := newMirror(t, map[string][]byte{"f": content(64)})
	dir := t.TempDir()
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.fetch(t, dir, items); err == nil || !strings.Contains(err.Error(), "another fetch") {
		t.Errorf("%v", err)
	}
	unlock()
	if _, err := m.fetch(t, dir, items); err != nil {
		t.Errorf("after the other is done: %v", err)
	}
	old := time.Now().Add(-2 * staleLock)
	if err := os.WriteFile(filepath.Join(dir, ".fetch.lock"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, ".fetch.lock"), old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := m.fetch(t, dir, items); err != nil {
		t.Errorf("past a lock that a killed fetch left: %v", err)
	}
}

func TestMirrorIsChecked(t *testing.T) {
	for _, bad := range []string{"ftp://x", "nope", "http://"} {
		if _, err := Run(t.Context(), Options{Dir: t.TempDir(), Mirror: bad}); !errors.Is(err, errMirror) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestManifestPinsTheCorpus(t *testing.T) {
	items, err := Manifest()
	if err != nil || len(items) != 69 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	dir := corpus.Dir(t)
	checked := 0
	for _, item := range items {
		if strings.HasPrefix(item.SavedAs, "attack/") {
			continue // a corpus may hold the releases compressed
		}
		got, err := blobOf(filepath.Join(dir, filepath.FromSlash(item.SavedAs)))
		if err != nil || got != item.Blob {
			t.Errorf("%s: %s, %v; want %s", item.SavedAs, got, err, item.Blob)
		}
		checked++
	}
	if checked != 39 {
		t.Errorf("%d files checked", checked)
	}
}

func TestManifestRefusesWhatIsUnsafe(t *testing.T) {
	hash := strings.Repeat("0", 40)
	row := func(path, saved string) string {
		return header + "\n" + strings.Join([]string{"o/r", hash, path, hash, saved}, "\t") + "\n"
	}
	if _, err := parseManifest(row("a/b.json", "a/b.json")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "x\n", row("a", "../a"), row("a", "/etc/passwd"), row("a", "a/../../b"), row("a", `a\b`), row("a", "c:x"), row("a", ""), row("", "a"),
		row("a", "a") + "o/r\t" + hash + "\tb\t" + hash + "\ta\n", header + "\no\t" + hash + "\ta\t" + hash + "\ta", header + "\no/r\tzz\ta\t" + hash + "\ta", header + "\no/r",
	} {
		if items, err := parseManifest(bad); err == nil {
			t.Errorf("%q: %v", bad, items)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(upstream)
	f.Add(header + "\no/r\t" + strings.Repeat("0", 40) + "\ta\t" + strings.Repeat("0", 40) + "\t../a")
	f.Fuzz(func(t *testing.T, text string) {
		items, err := parseManifest(text)
		if err != nil {
			return
		}
		root := filepath.Clean("/data")
		for _, i := range items {
			if p := filepath.Join(root, filepath.FromSlash(i.SavedAs)); !strings.HasPrefix(p, root+string(filepath.Separator)) {
				t.Fatalf("%q leaves the folder", i.SavedAs)
			}
			if _, err := i.address(DefaultMirror); err != nil {
				t.Fatal(err)
			}
		}
	})
}
