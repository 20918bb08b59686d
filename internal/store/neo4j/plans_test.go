package neo4j_test

import (
	"slices"
	"strings"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/mapgraph/mapgraph/internal/store/neo4j"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
)

// dear are operators that look at everything, or pair everything with everything.
var dear = []string{"AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "CartesianProduct", "DirectedAllRelationshipsScan", "NodeIndexScan", "NodeUniqueIndexScan"}

// cheap are statements for which looking at everything is right: there is one
// node of its label for each generation.
var cheap = []string{"generations"}

// TestPlans has the server explain every statement: an index must serve.
func TestPlans(t *testing.T) {
	onBoth(t, func(t *testing.T, s *testneo4j.Server) {
		loadInto(t, options(s), factsEdition(t))
		d, err := driver.NewDriverWithContext(s.URI, driver.BasicAuth(testneo4j.User, testneo4j.Password, ""))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close(t.Context()) }()
		params := map[string]any{
			"key": "k", "keys": []string{"k"}, "prefix": "k/", "release": "k", "releases": []string{"k"}, "kind": "group", "set": "k", "sets": []string{"k"},
			"number": 1, "numbers": []int{1}, "query": "searchNames:a", "rows": []any{}, "type": "USES", "limit": 1, "owner": "o", "by": "b", "lease": 1, "step": 1,
		}
		for name, text := range neo4j.Statements {
			if name == "schema" || name == "await_indexes" {
				continue
			}
			for _, label := range neo4j.DataLabels {
				result, err := driver.ExecuteQuery(t.Context(), d, "EXPLAIN "+strings.ReplaceAll(text, "LABEL", label), params, driver.EagerResultTransformer, driver.ExecuteQueryWithDatabase(testneo4j.Database))
				if err != nil {
					t.Errorf("%s: %v", name, err)
					break
				}
				if found := dearIn(result.Summary.Plan()); len(found) > 0 && !slices.Contains(cheap, name) {
					t.Errorf("%s: %v", name, found)
				}
				if !strings.Contains(text, "LABEL") {
					break
				}
			}
		}
	})
}

// dearIn gives the dear operators of a plan. To pair one node, found by its key,
// with another one is not dear.
func dearIn(p driver.Plan) []string {
	var found []string
	if name := operator(p); slices.Contains(dear, name) && (name != "CartesianProduct" || !pairsSingles(p)) {
		found = append(found, name)
	}
	for _, c := range p.Children() {
		found = append(found, dearIn(c)...)
	}
	return found
}

func pairsSingles(p driver.Plan) bool {
	if name := operator(p); name != "CartesianProduct" {
		return strings.HasPrefix(name, "NodeUniqueIndexSeek")
	}
	return !slices.ContainsFunc(p.Children(), func(c driver.Plan) bool { return !pairsSingles(c) })
}

func operator(p driver.Plan) string {
	name, _, _ := strings.Cut(p.Operator(), "@")
	return name
}
