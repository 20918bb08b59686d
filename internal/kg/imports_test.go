package kg_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsPointInward holds the direction of imports between the rooms.
func TestImportsPointInward(t *testing.T) {
	const module = "github.com/mapgraph/mapgraph/"
	allowed := map[string][]string{
		"internal/kg":           {},
		"internal/search":       {},
		"internal/fetch":        {},
		"internal/reqid":        {},
		"internal/config":       {},
		"internal/test/corpus":  {},
		"web":                   {},
		"loader":                {"internal/kg"},
		"internal/facts":        {"internal/kg"},
		"internal/store":        {"internal/kg", "internal/search"},
		"internal/store/memory": {"internal/kg", "internal/search", "internal/store"},
		"internal/store/neo4j":  {"internal/kg", "internal/search", "internal/store"},
		"internal/gqlhttp":      {"internal/reqid"},
		"internal/server":       {"internal/reqid"},
		"graph/model":           {"internal/kg"},
		"internal/export":       {"internal/kg"},
		"internal/ask":          {},
		"internal/agents":       {"internal/ask"},
		"internal/stackfile":    {"internal/export"},
		"internal/tabular":      {},
		"graph/answer":          {"internal/export", "graph/model", "internal/kg", "internal/store"},
		"graph/generated":       {"graph/model", "graph/answer", "internal/kg"},
		"graph":                 {"graph/generated", "graph/model", "graph/answer", "internal/gqlhttp", "internal/kg", "internal/store"},
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		room := strings.TrimPrefix(fields[0], module)
		may, ruled := allowed[room]
		if !ruled {
			continue
		}
		seen++
		for _, imported := range fields[1:] {
			if inner, ours := strings.CutPrefix(imported, module); ours && !slices.Contains(may, inner) {
				t.Errorf("%s imports %s", room, inner)
			}
		}
	}
	if seen != len(allowed) {
		t.Errorf("%d of %d rooms were found", seen, len(allowed))
	}
}
