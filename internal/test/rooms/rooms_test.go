// Package rooms holds the structure of the project: which room may import which,
// and that the map names them all.
package rooms

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/mapgraph/mapgraph"

// allowed lists the rooms of ours that a room may import. Everything below
// internal/test, tools and cmd may import what it likes.
var allowed = map[string][]string{
	"internal/kg":           {},
	"internal/algebra":      {"internal/budget", "internal/kg"},
	"internal/admit":        {},
	"internal/budget":       {},
	"internal/direct":       {"internal/budget"},
	"internal/search":       {},
	"internal/fetch":        {},
	"internal/reqid":        {},
	"internal/config":       {},
	"internal/plain":        {},
	"internal/yamldoc":      {},
	"internal/tabular":      {"internal/plain"},
	"web":                   {},
	"loader":                {"internal/algebra", "internal/kg", "internal/yamldoc"},
	"internal/facts":        {"internal/kg"},
	"internal/store":        {"internal/algebra", "internal/kg", "internal/search"},
	"internal/store/memory": {"internal/algebra", "internal/kg", "internal/search", "internal/store"},
	"internal/store/neo4j":  {"internal/algebra", "internal/kg", "internal/search", "internal/store"},
	"internal/gqlhttp":      {"internal/admit", "internal/budget", "internal/direct", "internal/reqid"},
	"internal/server":       {"internal/reqid"},
	"graph/model":           {"internal/algebra", "internal/kg"},
	"internal/export":       {"internal/algebra", "internal/kg", "internal/plain"},
	"internal/ask":          {},
	"internal/agents":       {"internal/ask"},
	"internal/stackfile":    {"internal/export", "internal/yamldoc"},
	"graph/answer":          {"graph/model", "internal/algebra", "internal/budget", "internal/export", "internal/kg", "internal/store"},
	"graph/generated":       {"graph/answer", "graph/model", "internal/algebra", "internal/direct", "internal/kg"},
	"graph":                 {"graph/answer", "graph/generated", "graph/model", "internal/admit", "internal/algebra", "internal/direct", "internal/gqlhttp", "internal/kg", "internal/store"},
}

// free are the places whose imports are not ruled.
var free = []string{"cmd/", "internal/test/", "internal/store/storetest", "internal/gqlhttp/", "tools"}

// room is a package of ours and what it imports of ours.
type room struct {
	name    string
	imports []string
}

func rooms(t *testing.T) []room {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []room
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		r := room{name: strings.TrimPrefix(fields[0], module+"/")}
		for _, imported := range fields[1:] {
			if inner, ours := strings.CutPrefix(imported, module+"/"); ours {
				r.imports = append(r.imports, inner)
			}
		}
		list = append(list, r)
	}
	return list
}

func isFree(name string) bool {
	return slices.ContainsFunc(free, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// TestImportsPointInward holds the direction of imports between the rooms.
func TestImportsPointInward(t *testing.T) {
	seen := 0
	for _, r := range rooms(t) {
		may, ruled := allowed[r.name]
		if !ruled {
			if !isFree(r.name) {
				t.Errorf("%s: say in this test what it may import", r.name)
			}
			continue
		}
		seen++
		for _, imported := range r.imports {
			if !slices.Contains(may, imported) {
				t.Errorf("%s imports %s", r.name, imported)
			}
		}
	}
	if seen != len(allowed) {
		t.Errorf("%d of %d rooms were found", seen, len(allowed))
	}
}

// TestTheMapNamesEveryRoom wants each package in the table of rooms, by itself
// or by the room that it is part of.
func TestTheMapNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile("../../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Rooms")
	table, _, _ = strings.Cut(table, "\n## ")
	list := rooms(t)
	if len(list) < 20 {
		t.Fatalf("only %d packages were found", len(list))
	}
	for _, r := range list {
		named := false
		for name := r.name; name != "." && !named; name = parent(name) {
			named = strings.Contains(table, "`"+name+"`")
		}
		if !named {
			t.Errorf("docs/architecture.md: the table of rooms lacks %s", r.name)
		}
	}
}

// parent is the room around a room; of those that only hold others there is none.
func parent(name string) string {
	i := strings.LastIndexByte(name, '/')
	if i < 0 || slices.Contains([]string{"internal", "internal/test"}, name[:i]) {
		return "."
	}
	return name[:i]
}
