package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/direct"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	"github.com/mapgraph/mapgraph/loader"
)

// TestWhatPeopleAskIsAnsweredDirectly asks the examples, the questions of the
// command line and of agents, and those of the explorer, of the published
// corpus: none is left to the executor, and the answers are the executor's.
func TestWhatPeopleAskIsAnsweredDirectly(t *testing.T) {
	ds, err := loader.Load(t.Context(), corpus.Dir(t), loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var reasons []direct.Reason
	o := graph.Options{
		Store: memory.New(ds), Log: slog.New(slog.DiscardHandler), Limits: graph.DefaultLimits,
		ObserveDirect: func(_ context.Context, r direct.Reason) { reasons = append(reasons, r) },
	}
	ways := bothWays{direct: graph.NewHandler(o)}
	o.ByExecutor = true
	ways.executor = graph.NewHandler(o)
	documents := knownDocuments(t)
	if len(documents) < 60 {
		t.Errorf("only %d documents were found", len(documents))
	}
	for name, q := range documents {
		if strings.Contains(q.text, "__type(") {
			continue // introspection is the executor's
		}
		t.Run(name, func(t *testing.T) {
			reasons = nil
			for range 2 { // the second time it is known
				if answer := ways.compare(t, q); bytes.HasPrefix(answer, []byte(`{"errors"`)) {
					t.Errorf("%s\n%.300s", q, answer)
				}
			}
			if len(reasons) != 2 || reasons[0] != "" || reasons[1] != "" {
				t.Errorf("%s\nleft to the executor: %q", q, reasons)
			}
		})
	}
}

// knownDocuments are the queries of the project, each with variables.
func knownDocuments(t *testing.T) map[string]richQuestion {
	t.Helper()
	root := "../../.."
	documents := map[string]richQuestion{}
	for _, pattern := range []string{"/examples/*.graphql", "/internal/ask/queries/*.graphql"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			documents[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = filled(t, string(text))
		}
	}
	for name, text := range explorerDocuments(t, root+"/web/src/explorer") {
		documents["explorer/"+name] = filled(t, text)
	}
	return documents
}

var (
	document = regexp.MustCompile("(?s)graphql\\(`(.*?)`")
	opening  = regexp.MustCompile(`^\s*(query|fragment) (\w+)`)
	spread   = regexp.MustCompile(`\.\.\.\s*([A-Z]\w*)`)
)

// explorerDocuments finds the queries in the explorer's sources, and puts the
// fragments that they use behind them.
func explorerDocuments(t *testing.T, dir string) map[string]string {
	t.Helper()
	queries, fragments := map[string]string{}, map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(filepath.Ext(path), ".ts") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range document.FindAllSubmatch(text, -1) {
			head := opening.FindSubmatch(found[1])
			if head == nil {
				t.Errorf("%s: a document that is neither query nor fragment", path)
				continue
			}
			into := map[string]map[string]string{"query": queries, "fragment": fragments}[string(head[1])]
			into[string(head[2])] = string(found[1])
		}
		return err
	})
	if err != nil || len(queries) < 20 {
		t.Fatalf("%d queries in %s: %v", len(queries), dir, err)
	}
	for name, text := range queries {
		used := map[string]bool{}
		for whole := ""; whole != text; {
			whole = text
			for _, s := range spread.FindAllStringSubmatch(text, -1) {
				if f := fragments[s[1]]; f != "" && !used[s[1]] {
					used[s[1]] = true
					text += f
				}
			}
		}
		queries[name] = text
	}
	return queries
}

// examples are values of variables by name, or by operation and name.
var examples = map[string]any{
	"id": "T1552.007", "attackId": "T1552.007", "FrameworkPage.id": "aws", "GraphNode.id": "technique:enterprise@16.1/T1552.007",
	"ActorPage.id": "G0016", "Group.attackId": "G0016", "CapabilityPage.id": "aws_config", "SimilarTo.id": "aws_config", "to": "azure", "from": "aws",
	"framework": "aws", "capabilityId": "aws_config", "frameworks": []string{"aws", "azure", "nist_800_53"},
	"AttackDiffPage.from": "16.1", "AttackDiffPage.to": "17.1", "AttackDiff.from": "16.1", "AttackDiff.to": "17.1",
	"MappingDiffPage.from": "nist_800_53/rev5@14.1/enterprise", "MappingDiffPage.to": "nist_800_53/rev5@16.1/enterprise",
	"MappingDiff.from": "nist_800_53/rev5@14.1/enterprise", "MappingDiff.to": "nist_800_53/rev5@16.1/enterprise",
	"cve": "CVE-2021-44228", "verisId": "action.hacking.variety.Exploit vuln", "text": "phishing", "name": "Query", "format": "COVERAGE_CSV",
	"first": 50, "group": true, "kev": true, "software": false, "campaign": false,
	"a": map[string]any{"framework": "aws", "capabilityId": "aws_config"}, "b": map[string]any{"framework": "azure", "capabilityId": "azure_policy"},
	"CompareStacks.a": map[string]any{"frameworks": []string{"aws"}}, "CompareStacks.b": map[string]any{"frameworks": []string{"azure"}},
}

// filled gives a document with a value for each variable that needs one.
func filled(t *testing.T, text string) richQuestion {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(schema(), text, nil)
	if errs != nil {
		t.Fatalf("%v\n%s", errs, text)
	}
	q := richQuestion{text, map[string]any{}}
	op := doc.Operations[0]
	for _, v := range op.VariableDefinitions {
		value, ok := examples[op.Name+"."+v.Variable]
		if !ok {
			value, ok = examples[v.Variable]
		}
		switch {
		case v.Type.NonNull && v.DefaultValue == nil && !ok:
			t.Errorf("%s: what is $%s of %s?", op.Name, v.Variable, v.Type)
		case v.Type.NonNull && v.DefaultValue == nil || ok && v.Type.NamedType != "Int" && v.Type.Elem == nil && schema().Types[v.Type.Name()].Kind == ast.Scalar:
			q.variables[v.Variable] = value
		}
	}
	if _, err := json.Marshal(q.variables); err != nil {
		t.Fatal(err)
	}
	return q
}
