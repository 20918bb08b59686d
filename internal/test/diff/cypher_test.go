package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
)

var question = regexp.MustCompile("(?s)### ([^\n]*)\n.*?```cypher\n(.*?)```")

// documented gives the Cypher queries of the documentation, by their headings.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/neo4j.md")
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	for _, m := range question.FindAllStringSubmatch(string(text), -1) {
		queries[m[1]] = m[2]
	}
	if len(queries) != 10 {
		t.Fatalf("%d documented queries, want 10", len(queries))
	}
	return queries
}

// checkDocumented runs the documented queries on the corpus, and holds those
// that the API can answer too against it.
func checkDocumented(t *testing.T, s *testneo4j.Server, api http.Handler) {
	t.Helper()
	d, err := driver.NewDriverWithContext(s.URI, driver.BasicAuth(testneo4j.User, testneo4j.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close(context.Background()) }()
	answers := map[string][]*driver.Record{}
	for title, query := range documented(t) {
		result, err := driver.ExecuteQuery(t.Context(), d, query, nil, driver.EagerResultTransformer, driver.ExecuteQueryWithDatabase(testneo4j.Database))
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		if len(result.Records) == 0 {
			t.Errorf("%s: no rows", title)
		}
		for _, n := range result.Summary.Notifications() {
			t.Errorf("%s: %s", title, n.Description())
		}
		answers[title] = result.Records
	}
	view := `view:{attackVersion:"16.1"}`
	for title, same := range map[string]struct{ column, graphql, path string }{
		"How far do the clouds overlap?":                  {"techniques", `{a:overlap(frameworks:["aws","azure","gcp"],` + view + `){all{totalCount}}}`, "a all totalCount"},
		"What does a control bear on?":                    {"id", `{capability(framework:"nist_800_53",capabilityId:"AC-2"){techniques(` + view + `){attackId}}}`, "capability techniques attackId"},
		"What does NIST say cannot be mapped?":            {"id", `{mappingSet(id:"nist_800_53/rev5@16.1/enterprise"){nonMappableTechniques{attackId}}}`, "mappingSet nonMappableTechniques attackId"},
		"What does a group use that no AWS service maps?": {"id", `{gaps(frameworks:["aws"],scope:{groups:["G0016"]},first:1000,` + view + `){nodes{technique{attackId}}}}`, "gaps nodes technique attackId"},
	} {
		var got []string
		for _, r := range answers[title] {
			v, _ := r.Get(same.column)
			got = append(got, fmt.Sprint(v))
		}
		var answer struct{ Data any }
		if err := json.Unmarshal(post(api, same.graphql), &answer); err != nil {
			t.Fatal(err)
		}
		if want := leaves(answer.Data, strings.Fields(same.path)); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s\nCypher:  %v\nGraphQL: %v", title, got, want)
		}
	}
	clouds := strings.Fields("T1001 T1007 T1091 T1134.001 T1185 T1553.005 T1560.001 T1573.001 T1584.005 T1588.001 T1588.006 T1598.002 T1608.001 T1653")
	if n := len(answers["Which known exploited vulnerabilities lead to techniques that no cloud maps?"]); n != len(clouds) {
		t.Errorf("%d techniques of known exploited vulnerabilities that no cloud maps, want %d", n, len(clouds))
	}
}

// leaves gives what stands at a path, through lists.
func leaves(v any, path []string) []string {
	if list, ok := v.([]any); ok {
		var all []string
		for _, item := range list {
			all = append(all, leaves(item, path)...)
		}
		return all
	}
	if len(path) == 0 {
		return []string{fmt.Sprint(v)}
	}
	m, _ := v.(map[string]any)
	return leaves(m[path[0]], path[1:])
}
