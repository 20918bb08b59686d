package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mapgraph/mapgraph/internal/test/corpus"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
)

// program builds the program; what is killed must be a process of its own.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mapgraph")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// neo4jProgram runs the program's commands against a server.
type neo4jProgram struct {
	path   string
	server *testneo4j.Server
}

func TestMain(m *testing.M) { os.Exit(testneo4j.Main(m)) }

func (p neo4jProgram) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, append(args, "--neo4j", p.server.URI)...)
	cmd.Env = append(os.Environ(), "MAPGRAPH_NEO4J_PASSWORD="+testneo4j.Password)
	return cmd
}

func (p neo4jProgram) load(t *testing.T, args ...string) string {
	t.Helper()
	out, err := p.command(t.Context(), append([]string{"load"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("load %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// loadUntil loads, and kills the load once it has said a line, or after a delay
// from there. It tells whether the load was still alive.
func (p neo4jProgram) loadUntil(t *testing.T, said string, delay time.Duration, args ...string) bool {
	t.Helper()
	cmd := p.command(t.Context(), append([]string{"load"}, args...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.Contains(lines.Text(), said) {
			<-time.After(delay)
			_ = cmd.Process.Kill()
		}
	}
	return cmd.Wait() != nil
}

// serve runs a server on a free port and gives its address.
func (p neo4jProgram) serve(t *testing.T) string {
	t.Helper()
	cmd := p.command(t.Context(), "serve", "--store", "neo4j", "--addr", "127.0.0.1:0", "--log-level", "error")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return m[1]
		}
	}
	t.Fatal("it does not say where it serves")
	return ""
}

// hammer asks a server the same question until it is told to stop.
type hammer struct {
	url     string
	stop    chan struct{}
	done    sync.WaitGroup
	mu      sync.Mutex
	answers map[string]string // generation → answer
	order   []string          // generations as they came
	faults  []string
}

const hammerQuery = `{dataset{generation counts{mappings techniques}} search(text:"account",first:3){totalCount nodes{node{id}}}
	mappings(first:20,filter:{frameworks:["aws"]}){totalCount nodes{id comments author references{url} technique{id name description}}}
	technique(attackId:"T1078"){description groups{name description} releases{name status}}}`

func startHammer(url string) *hammer {
	h := &hammer{url: url, stop: make(chan struct{}), answers: map[string]string{}}
	for range 4 {
		h.done.Go(func() {
			for {
				select {
				case <-h.stop:
					return
				default:
					h.ask()
				}
			}
		})
	}
	return h
}

func (h *hammer) ask() {
	body, _ := json.Marshal(map[string]string{"query": hammerQuery})
	resp, err := http.Post(h.url, "application/json", bytes.NewReader(body)) //nolint:noctx // it is short, and local
	var text []byte
	if err == nil {
		text, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	var answer struct {
		Data struct {
			Dataset struct{ Generation string }
		}
	}
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	g := answer.Data.Dataset.Generation
	h.mu.Lock()
	defer h.mu.Unlock()
	switch known, ok := h.answers[g]; {
	case err != nil || g == "" || bytes.Contains(text, []byte(`"errors"`)):
		h.faults = append(h.faults, fmt.Sprintf("%v %.300s", err, text))
	case !ok:
		h.answers[g] = string(text)
		h.order = append(h.order, g)
	case known != string(text):
		h.faults = append(h.faults, fmt.Sprintf("%s answers otherwise:\n%.600s\n%.600s", g, known, text))
	}
}

func (h *hammer) end(t *testing.T) {
	t.Helper()
	close(h.stop)
	h.done.Wait()
	for i, f := range h.faults {
		if i < 5 {
			t.Error(f)
		}
	}
	if len(h.faults) > 5 {
		t.Errorf("and %d faults more", len(h.faults)-5)
	}
}

// part copies a part of the corpus, which makes other data than the facts edition.
func part(t *testing.T) string {
	t.Helper()
	corpus, dir := corpus.Dir(t), t.TempDir()
	for _, pattern := range []string{"mappings/aws/*/*/*/*.json", "attack/enterprise-attack-16.1.json*"} {
		files, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// TestLoadsThatAreKilled kills loads at several points while a server answers:
// the old data is served, whole, until the new is there, whole, and nothing of
// what was killed is left.
func TestLoadsThatAreKilled(t *testing.T) {
	data := part(t)
	p := neo4jProgram{program(t), testneo4j.Start(t, testneo4j.Versions[1])}
	p.load(t)
	h := startHammer(p.serve(t))
	for _, point := range []struct {
		said  string
		delay time.Duration
	}{{"preparing", 0}, {"writing", 0}, {"writing", 300 * time.Millisecond}, {"writing", time.Second}} {
		if !p.loadUntil(t, point.said, point.delay, "--data", data) {
			t.Errorf("the load had ended %s after %q", point.delay, point.said)
		}
	}
	if len(h.order) > 1 {
		t.Error("a load that was killed is served")
	}
	p.load(t, "--data", data, "--grace", "5s")
	if !p.loadUntil(t, "servers finish", time.Second) {
		t.Error("the load had ended before it could be killed")
	}
	p.load(t, "--data", data, "--grace", "5s")
	if out := p.load(t, "--data", data); !strings.Contains(out, "nothing was written") {
		t.Errorf("the same data again: %s", out)
	}
	h.end(t)
	if len(h.answers) != 2 {
		t.Errorf("%d generations were answered from, want 2", len(h.answers))
	}
}

// TestSecretsStaySecret looks for the password wherever a load could show it.
func TestSecretsStaySecret(t *testing.T) {
	p := neo4jProgram{program(t), testneo4j.Shared(t, testneo4j.Versions[0])}
	cmd := p.command(t.Context(), "load")
	cmd.Env = append(os.Environ(), "MAPGRAPH_NEO4J_PASSWORD=wrong-and-secret")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "password is wrong") || strings.Contains(string(out), "wrong-and-secret") {
		t.Errorf("%v: %s", err, out)
	}
	if code := cmd.ProcessState.ExitCode(); code != exitUnreachable {
		t.Errorf("exit code %d", code)
	}
}
