package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

// invoke runs one command line.
func invoke(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodesAndMessages(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken")
	empty := filepath.Join(dir, "empty")
	for _, d := range []string{broken, empty} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(broken, "x.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"version", 0, "mapgraph dev"},
		{"", 0, "Additional Commands"},
		{"serve --help", 0, "MAPGRAPH_ADDR"},
		{"check-config --addr 127.0.0.1:9", 0, "127.0.0.1:9"},
		{"docs settings", 0, "| `--data` | `MAPGRAPH_DATA` |"},
		{"completion bash", 0, "mapgraph"},
		{"bogus", 2, `unknown command "bogus"`},
		{"serve --bogus", 2, "--bogus"},
		{"serve --addr nowhere", 2, "HOST:PORT"},
		{"serve --attack-version 3.1 --addr 127.0.0.1:0", 2, "no release of that version is loaded"},
		{"check-config --framework x=Y", 2, "ID=KIND:NAME"},
		{"import-report --format xml", 2, "text or json"},
		{"facts --out x", 2, "--data is missing"},
		{"fetch", 2, "--data is missing"},
		{"fetch --data " + empty + " --mirror ftp://x", 2, "OWNER/NAME/COMMIT/PATH"},
		{"fetch --data " + empty + " --mirror http://127.0.0.1:9", 4, "could not be reached"},
		{"serve --data " + filepath.Join(dir, "none"), 3, "mapgraph fetch"},
		{"serve --data " + empty, 3, "no mapping set"},
		{"serve --strict --data " + broken, 3, "x.json"},
		{"import-report --data " + broken, 3, "x.json: line 1"},
		{"import-report", 0, "nist_800_53/rev5@16.1/enterprise"},
	} {
		code, out, errs := invoke(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("mapgraph %s: exit %d, want %d with %q\n%s%s", c.args, code, c.code, c.says, out, errs)
		}
		if code != 0 && c.code != 3 && out != "" && !strings.HasPrefix(c.args, "fetch") {
			t.Errorf("mapgraph %s: an error belongs on standard error, not %q", c.args, out)
		}
	}
}

func TestImportReportOfTheCorpus(t *testing.T) {
	code, out, errs := invoke("import-report", "--data", corpus.Dir(t), "--format", "json")
	var report struct {
		Totals struct{ Rows, Mapped, ExactDuplicates int }
		Files  []struct{ Path, Kind string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
		t.Fatalf("exit %d, %v, %s", code, err, errs)
	}
	if report.Totals.Rows != 67363 || report.Totals.Mapped != 66094 || report.Totals.ExactDuplicates != 102 || len(report.Files) != 69 {
		t.Errorf("%+v, %d files", report.Totals, len(report.Files))
	}
}

func TestSettingsAreDocumented(t *testing.T) {
	_, out, _ := invoke("docs", "settings")
	text, err := os.ReadFile("../../docs/settings.md")
	if err != nil || string(text) != out {
		t.Errorf("docs/settings.md is not what `make generate` writes: %v", err)
	}
}

// lines is a writer that can be waited on.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.wrote <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *lines) find(re *regexp.Regexp) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := re.FindStringSubmatch(l.text.String()); m != nil {
		return m[1]
	}
	return ""
}

var address = regexp.MustCompile(`API at (http://\S+)`)

// TestServeAnswersAndStops builds the program, asks it, and tells it to stop.
func TestServeAnswersAndStops(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "mapgraph")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out := &lines{wrote: make(chan struct{}, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "serve", "--addr", "127.0.0.1:0", "--attack-version", "16.1")
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for out.find(address) == "" {
		select {
		case <-out.wrote:
		case <-ctx.Done():
			t.Fatal("it does not say where it serves")
		}
	}
	resp, err := http.Post(out.find(address), "application/json", strings.NewReader(`{"query":"{coverage(frameworks:[\"aws\"]){total mapped}}"}`))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if want := `{"data":{"coverage":{"total":656,"mapped":215}}}`; strings.TrimSpace(string(body)) != want {
		t.Errorf("%s, want %s", body, want)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}
