// Package diff asks two stores the same questions: whatever the data and the
// query, the answers must be the same bytes.
package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
	"github.com/mapgraph/mapgraph/internal/test/world"
	"github.com/mapgraph/mapgraph/loader"
)

func TestMain(m *testing.M) { os.Exit(testneo4j.Main(m)) }

// endpoint is the GraphQL endpoint over a store, without limits.
func endpoint(t *testing.T, st store.Store) http.Handler {
	t.Helper()
	t.Cleanup(func() { _ = st.Close(context.Background()) })
	return graph.NewHandler(graph.Options{Store: st, Log: slog.New(slog.DiscardHandler)})
}

// inNeo4j loads a dataset and gives the endpoint over it.
func inNeo4j(t *testing.T, s *testneo4j.Server, ds *kg.Dataset, observe func(string)) http.Handler {
	t.Helper()
	o := neo4j.Options{URI: s.URI, User: testneo4j.User, Password: testneo4j.Password, Database: testneo4j.Database}
	if _, err := neo4j.Load(t.Context(), o, ds, neo4j.LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	o.Observe = observe
	st, err := neo4j.Open(o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return endpoint(t, st)
}

func post(h http.Handler, query string) []byte {
	body, _ := json.Marshal(map[string]string{"query": query})
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.Bytes()
}

func schema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }

// same asks both and wants the same bytes; it gives the answer.
func same(t *testing.T, a, b http.Handler, query string) []byte {
	t.Helper()
	got, want := post(b, query), post(a, query)
	if !bytes.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		from := max(0, at-200)
		t.Errorf("%s\nmemory: %.500s\nneo4j:  %.500s", query, want[from:], got[from:])
	}
	if bytes.Contains(want, []byte(`"INTERNAL"`)) {
		t.Errorf("%s\n%s", query, want)
	}
	return want
}

// TestAwkwardIDs pages through data whose ids hold zero bytes and other
// separators: the stores agree on each page.
func TestAwkwardIDs(t *testing.T) {
	server := testneo4j.Shared(t, testneo4j.Versions[0])
	ds := world.Awkward(1).Dataset
	a, b := endpoint(t, memory.New(ds)), inNeo4j(t, server, ds, nil)
	for _, list := range []string{"capabilities", "mappings", "techniques"} {
		after, seen, total := "", 0, -1
		for seen != total {
			query := fmt.Sprintf(`{%s(first:9%s){nodes{id} totalCount pageInfo{endCursor}}}`, list, after)
			var answer struct {
				Data map[string]struct {
					Nodes      []any
					TotalCount int
					PageInfo   struct{ EndCursor string }
				}
			}
			if err := json.Unmarshal(same(t, a, b, query), &answer); err != nil {
				t.Fatal(err)
			}
			page := answer.Data[list]
			if len(page.Nodes) == 0 {
				t.Fatalf("%s end after %d of %d", list, seen, page.TotalCount)
			}
			seen, total = seen+len(page.Nodes), page.TotalCount
			after = fmt.Sprintf(",after:%q", page.PageInfo.EndCursor)
		}
	}
}

// TestRandomQuestions asks random questions of random data.
func TestRandomQuestions(t *testing.T) {
	const datasets, questions = 4, 12 // of each root field
	for _, version := range testneo4j.Versions {
		t.Run(version, func(t *testing.T) {
			server := testneo4j.Shared(t, version)
			asked := map[string]int{}
			for seed := range uint64(datasets) {
				w := world.New(seed)
				a, b := endpoint(t, memory.New(w.Dataset)), inNeo4j(t, server, w.Dataset, nil)
				ask := newAsker(seed, schema(), w)
				same(t, a, b, "{dataset"+ask.all(ask.schema.Types["Dataset"], 3)+"}")
				for range questions {
					for _, root := range ask.schema.Query.Fields {
						if strings.HasPrefix(root.Name, "__") {
							continue
						}
						var answer any
						if err := json.Unmarshal(same(t, a, b, ask.query(root)), &answer); err != nil {
							t.Fatal(err)
						}
						ask.learn(answer)
					}
				}
				for f, n := range ask.fields {
					asked[f] += n
				}
			}
			everyField(t, asked)
		})
	}
}

// everyField makes sure that the random questions reach the whole schema.
func everyField(t *testing.T, asked map[string]int) {
	t.Helper()
	for _, def := range schema().Types {
		if def.Kind != ast.Object || strings.HasPrefix(def.Name, "__") {
			continue
		}
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			if asked[name] == 0 && !strings.HasPrefix(f.Name, "__") && name != "Dataset.loadedAt" {
				t.Errorf("%s was never asked for", name)
			}
		}
	}
}

// TestCorpusQuestions asks the examples, and the widest questions, of the corpus.
func TestCorpusQuestions(t *testing.T) {
	ds, err := loader.Load(t.Context(), corpus.Dir(t), loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := endpoint(t, memory.New(ds))
	for _, version := range testneo4j.Versions {
		t.Run(version, func(t *testing.T) {
			server := testneo4j.Shared(t, version)
			b := inNeo4j(t, server, ds, nil)
			for _, query := range corpusQuestions(t) {
				if answer := same(t, a, b, query); bytes.HasPrefix(answer, []byte(`{"errors"`)) {
					t.Errorf("%s\n%.300s", query, answer)
				}
			}
			checkDocumented(t, server, a)
			checkManyIDs(t, server, a)
		})
	}
}

func corpusQuestions(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../../examples/*.graphql")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	var queries []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		queries = append(queries, string(text))
	}
	const cell = `{framework{id} state reason capabilityCount mappingCount best{category value} rolledUp}`
	for _, view := range []string{`{attackVersion:"16.1"}`, `{attackVersion:"18.1"}`, `{domain:MOBILE,attackVersion:"16.1"}`, `{domain:ICS,attackVersion:"18.1"}`} {
		for _, query := range []string{
			`{gaps(view:%s,first:1000,orderBy:TOP_TECHNIQUES){totalCount unaligned{attackId reason mapping{id comments}} nodes{comment technique{id description releases{status name}} byFramework` + cell + ` weights{groups software kev topTechniques}}}}`,
			`{matrix(view:%s,rollUp:PARENT_IF_ANY_CHILD){tactics{tactic{id name description} techniques{technique{id} state coverage` + cell + `}}}}`,
			`{mappings(view:%s,first:1000){totalCount nodes{id comments references{url raw} author status sourceLabel technique{id} capability{id name description baselines} source{row}} pageInfo{endCursor}}}`,
			`{groups(view:%s,first:300){nodes{id description aliases techniques{id} software{id description}}}}`,
			`{techniques(view:%s,first:1000){nodes{id description dataComponents{name dataSource description} detectionStrategies{name analytics{name description}} mitigations{name description}}}}`,
		} {
			queries = append(queries, fmt.Sprintf(query, view))
		}
	}
	for _, text := range []string{"cozy bear", "ac-2", "AC-2(1)", "ac-02.12", "T1552/007", "T1552.987", "credential", "kubernetes secret", "powershel", "log4j", `"valid accounts"`, "phish", "a", "the cloud account"} {
		queries = append(queries, fmt.Sprintf(`{search(text:%q,first:1000){totalCount nodes{score field snippet matches{start end} node{id}}}}`, text))
	}
	return append(queries, `{search(text:"APT29",kinds:[GROUP],first:1,view:{attackVersion:"14.1",sets:["nist_800_53/rev4@14.1/enterprise"]}){nodes{node{... on Group{techniques{mappings(filter:{frameworks:["nist_800_53"]},first:3){nodes{id mappingSet{id}}}}}}}}}`)
}
