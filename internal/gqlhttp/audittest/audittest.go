// Package audittest checks a GraphQL server against the audits of the GraphQL
// over HTTP specification that the npm package graphql-http holds.
package audittest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// RequireEnv, set to 1, makes it a failure if the audits cannot be run for want
// of Node or its packages.
const RequireEnv = "MAPGRAPH_REQUIRE_NODE"

// webDir, below the module's root, holds the script and its packages.
const webDir = "web"

// timeLimit is for all audits together, which take about a second.
const timeLimit = time.Minute

// audit is one line of what the script prints.
type audit struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Level  string `json:"level"` // MUST, SHOULD or MAY
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// Run audits the GraphQL endpoint at a URL, each audit as a test of its own.
// None may fail: not those that the specification makes optional either. Where
// Node or its packages are missing, it skips the test, or fails it if
// RequireEnv is set.
func Run(t *testing.T, url string) {
	t.Helper()
	node, dir, err := findAudit()
	if err != nil {
		if os.Getenv(RequireEnv) == "1" {
			t.Fatalf("%s=1, but %v", RequireEnv, err)
		}
		t.Skip(err)
	}
	audits, err := runAudits(t.Context(), node, dir, url)
	if err != nil {
		t.Fatal(err)
	}
	passed, total := map[string]int{}, map[string]int{}
	for _, a := range audits {
		total[a.Level]++
		if a.Status == "ok" {
			passed[a.Level]++
		}
		t.Run(a.ID, func(t *testing.T) {
			if a.Status != "ok" {
				t.Errorf("%s: %s: %s", a.Name, a.Status, a.Reason)
			}
		})
	}
	for _, level := range []string{"MUST", "SHOULD", "MAY"} {
		t.Logf("%s: %d of %d passed", level, passed[level], total[level])
		if total[level] == 0 {
			t.Errorf("no audit of level %s was run", level)
		}
	}
}

// findAudit gives the program and the folder that the audits run in.
func findAudit() (node, dir string, err error) {
	if node, err = exec.LookPath("node"); err != nil {
		return "", "", fmt.Errorf("node is not installed: %w", err)
	}
	root, err := moduleRoot()
	if err != nil {
		return "", "", err
	}
	dir = filepath.Join(root, webDir)
	if _, err = os.Stat(filepath.Join(dir, "node_modules", "graphql-http")); err != nil {
		return "", "", fmt.Errorf("the audits are not installed; run `npm ci` in %s", webDir)
	}
	return node, dir, nil
}

func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above %s", start)
		}
	}
}

func runAudits(ctx context.Context, node, dir, url string) ([]audit, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, filepath.Join("audit", "audit.mjs"), url)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("node audit.mjs %s: %w\n%s", url, err, stderr.Bytes())
	}
	var audits []audit
	for line := range bytes.Lines(out) {
		var a audit
		if err := json.Unmarshal(line, &a); err != nil {
			return nil, fmt.Errorf("audit.mjs printed %q: %w", line, err)
		}
		audits = append(audits, a)
	}
	return audits, nil
}
