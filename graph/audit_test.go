package graph_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// TestGraphQLOverHTTP runs every audit of the GraphQL over HTTP specification
// that the npm package graphql-http holds: what is a MUST, a SHOULD and a MAY.
// Without Node or the packages of web/ it is skipped, unless
// MAPGRAPH_REQUIRE_NODE is 1.
func TestGraphQLOverHTTP(t *testing.T) {
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("../web/node_modules/graphql-http")
	}
	if err != nil {
		if os.Getenv("MAPGRAPH_REQUIRE_NODE") == "1" {
			t.Fatalf("the audits cannot be run: %v", err)
		}
		t.Skipf("the audits need Node and `npm ci` in web/: %v", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", factsAPI(t).handler)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	out, err := exec.CommandContext(t.Context(), node, "../web/audit/audit.mjs", srv.URL+"/graphql").Output()
	if err != nil {
		t.Fatal(err)
	}
	passed := map[string]int{}
	for line := range bytes.Lines(out) {
		var a struct{ ID, Name, Level, Status, Reason string }
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if a.Status != "ok" {
			t.Errorf("%s %s: %s %s", a.ID, a.Name, a.Status, a.Reason)
			continue
		}
		passed[a.Level]++
	}
	t.Logf("passed: %v", passed)
	if passed["MUST"] < 10 || passed["SHOULD"] < 10 {
		t.Errorf("too few audits were run: %v", passed)
	}
}
