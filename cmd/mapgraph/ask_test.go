package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/store/memory"
)

// stackFile writes a stack file into a folder of the test.
func stackFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stack.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const smallStack = "baselines: [LOW]\nlicences: [E3]\ncapabilities: {aws: [amazon_guardduty]}\n"

func TestQuestions(t *testing.T) {
	stack := stackFile(t, smallStack)
	for _, c := range []struct {
		args string
		code int
		says []string // each on stdout, or on stderr where the code is not 0
	}{
		{"gaps aws --attack-version 16.1 --group apt29", 0, []string{"31 of 66 techniques (47.0 %) are mapped by AWS", "T1105", "the mappings are silent"}},
		{"gaps aws --attack-version 16.1 --group apt29 --limit 2", 0, []string{"T1204.002"}},
		{"gaps --stack " + stack + " --attack-version 16.1 --tactic TA0001 --order kev --min-score partial --include-unscored --roll-up parent_if_any_child", 0, []string{"techniques"}},
		{"overlap aws azure gcp --attack-version 16.1", 0, []string{"131 are mapped by all and 166 by none", "215  1.00"}},
		{"overlap aws azure --attack-version 16.1 --category detect --techniques", 0, []string{"T1003.001"}},
		{"crosswalk nist_800_53 aws --from cp-10 --limit 1", 0, []string{"aws_cloudendure_disaster_recovery", "and 7 more"}},
		{"cover nist_800_53 --attack-version 16.1 --exact", 0, []string{"with 13 of", "that is proven"}},
		{"cover aws --owned x", 2, []string{"--owned"}},
		{"cover aws --stack " + stack + " --budget 1 --weight groups", 0, []string{"Left uncovered"}},
		{"diff 16.1 18.1", 0, []string{"Added: 36", "T1027.015"}},
		{"diff aws/12.12.2024@16.1/enterprise aws/12.12.2024@16.1/enterprise", 0, []string{"0 mappings added, 0 removed, 0 rescored"}},
		{"technique t1552/007 aws", 0, []string{"T1552.007 Container API", "aws_config", "protect partial"}},
		{"technique T9999", 2, []string{"no technique T9999"}},
		{"compare " + stack + " " + stack, 0, []string{"Mapped before"}},
		{"query {frameworks{frameworkId}} --format table", 0, []string{"frameworkId", "nist_800_53"}},
		{"query query($id:String!){technique(attackId:$id){name}} --var id=T1003", 0, []string{`"name": "OS Credential Dumping"`}},
		{"query {nothing}", 2, []string{"nothing"}},
		{"query nowhere.graphql", 2, []string{"nowhere.graphql"}},
		{"query {frameworks{frameworkId}} --variables 1", 2, []string{"a JSON object is expected"}},
		{"export coverage-csv aws", 0, []string{"technique,name,tactics"}},
		{"export pdf aws", 2, []string{`no format "pdf"`, "navigator-gaps"}},
		{"export unified aws azure", 2, []string{"2 files to write"}},
		{"export oscal aws", 2, []string{"nist_800_53"}},
		{"gaps awss", 2, []string{`"awss" is not loaded; loaded are aws`, `did you mean "aws"?`}},
		{"gaps aws --grop APT29", 2, []string{"unknown flag: --grop", `did you mean "--group"?`}},
		{"gaps aws --group cozybear", 2, []string{`did you mean "Cozy Bear"?`}},
		{"gaps aws --tactic impakt", 2, []string{`did you mean "impact"?`}},
		{"gaps aws --technique T1552.07", 2, []string{`did you mean "T1552.007"?`}},
		{"gaps --order fame", 2, []string{"groups, software, kev"}},
		{"gaps --group nobody", 2, []string{`group "nobody"`}},
		{"gaps --stack nowhere.yaml", 3, []string{"nowhere.yaml"}},
		{"gaps --stack " + stackFile(t, "services: [x]"), 3, []string{"line 1, column 1: there is no field services in a stack file"}},
		{"gaps --stack " + stackFile(t, "baselines: [LOWEST]"), 2, []string{"it has HIGH, LOW, MODERATE"}},
		{"gaps --server http://127.0.0.1:1", 4, []string{"no answer"}},
		{"gaps --server http://127.0.0.1:1 --data x", 2, []string{"name one of them"}},
		{"gaps --server nowhere", 2, []string{"a URL such as"}},
		{"gaps --data " + t.TempDir(), 3, []string{"no mapping set"}},
		{"overlap aws", 2, []string{"at least 2"}},
		{"gaps --help", 0, []string{"Examples:", "--min-score", "Where the answer comes from:", "MAPGRAPH_SERVER"}},
	} {
		code, stdout, stderr := invoke(splitArgs(c.args)...)
		out := stdout
		if c.code != 0 {
			out = stderr
		}
		for _, says := range c.says {
			if code != c.code || !strings.Contains(out, says) {
				t.Errorf("mapgraph %s: %d, want %d and %q\n%.800s\n%s", c.args, code, c.code, says, stdout, stderr)
			}
		}
		if c.code != 0 && stdout != "" {
			t.Errorf("mapgraph %s: results beside an error: %.200s", c.args, stdout)
		}
	}
}

// splitArgs parts a command line at its blanks.
func splitArgs(line string) []string { return strings.Fields(line) }

// TestListsAreWhole pages through more than a page holds.
func TestListsAreWhole(t *testing.T) {
	var all struct {
		Crosswalk struct {
			TotalCount int
			Nodes      []struct{ From, To struct{ CapabilityID string } }
		}
	}
	decode := func(args ...string) {
		code, stdout, stderr := invoke(args...)
		all.Crosswalk.Nodes = nil
		if code != 0 || json.Unmarshal([]byte(stdout), &all) != nil {
			t.Fatalf("%v: %d %s", args, code, stderr)
		}
	}
	decode("crosswalk", "nist_800_53", "cri_profile", "--limit", "0", "--format", "json")
	seen := map[string]bool{}
	for _, n := range all.Crosswalk.Nodes {
		seen[n.From.CapabilityID+" "+n.To.CapabilityID] = true
	}
	if all.Crosswalk.TotalCount < 2001 || len(seen) != all.Crosswalk.TotalCount || len(all.Crosswalk.Nodes) != len(seen) {
		t.Errorf("%d pairs, %d different, of %d", len(all.Crosswalk.Nodes), len(seen), all.Crosswalk.TotalCount)
	}
	decode("crosswalk", "nist_800_53", "cri_profile", "--limit", "1500", "--format", "json")
	if len(all.Crosswalk.Nodes) != 1500 {
		t.Errorf("%d pairs, want 1500", len(all.Crosswalk.Nodes))
	}
	if _, _, stderr := invoke("crosswalk", "nist_800_53", "cri_profile", "--limit", "3"); !strings.Contains(stderr, "3 of") {
		t.Errorf("a list that is cut does not say so: %s", stderr)
	}
}

func TestCheck(t *testing.T) {
	stack := stackFile(t, smallStack)
	base := []string{"check", "--stack", stack, "--attack-version", "16.1", "--group", "G0016"}
	for _, c := range []struct {
		args string
		code int
		says string // on stderr
	}{
		{"--min-coverage 0.5", 0, ""},
		{"--min-coverage 0.5 --max-gaps 100", 0, ""},
		{"--min-coverage 0.95", 1, "and 95.0 % are required"},
		{"--max-gaps 3", 1, "at most 3 may be"},
		{"", 1, "100.0 % are required"},
		{"--min-coverage 70", 2, "from 0 to 1"},
		{"--min-coverage -0.5", 2, "from 0 to 1"},
		{"--platform Containers --tactic reconnaissance", 1, "the scope has no techniques"},
		{"--min-coverage 0.5 --format yaml", 2, "text, json, sarif, junit"},
	} {
		if code, _, stderr := invoke(append(base[:len(base):len(base)], strings.Fields(c.args)...)...); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("check %s: %d %s, want %d %s", c.args, code, stderr, c.code, c.says)
		}
	}
}

// TestCheckFormats reads what checks write, passed and failed, and wants each gap
// once.
func TestCheckFormats(t *testing.T) {
	stack := stackFile(t, smallStack)
	for _, required := range []string{"0.5", "1"} {
		ask := []string{"check", "--stack", stack, "--attack-version", "16.1", "--group", "G0016", "--min-coverage", required}
		failed := required == "1"
		_, text, _ := invoke(append(ask, "--format", "json")...)
		var doc struct {
			Passed        bool
			Total, Mapped int
			Gaps          []struct{ AttackID string }
		}
		if err := json.Unmarshal([]byte(text), &doc); err != nil || doc.Passed == failed || len(doc.Gaps) != doc.Total-doc.Mapped || len(doc.Gaps) == 0 {
			t.Fatalf("%v %+v", err, doc)
		}
		file := filepath.Join(t.TempDir(), "check.sarif")
		if _, stdout, _ := invoke(append(ask, "--format", "sarif", "--out", file)...); stdout != "" {
			t.Error("--out leaves nothing for standard output")
		}
		checkSARIF(t, file, stack, failed, len(doc.Gaps))
		_, text, _ = invoke(append(ask, "--format", "junit")...)
		var suites struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
		}
		want := []int{len(doc.Gaps) + 1, 0, len(doc.Gaps)}
		if failed {
			want = []int{len(doc.Gaps) + 1, len(doc.Gaps) + 1, 0}
		}
		if err := xml.Unmarshal([]byte(text), &suites); err != nil || suites.Tests != want[0] || suites.Failures != want[1] || suites.Skipped != want[2] {
			t.Errorf("%v %+v, want %v", err, suites, want)
		}
	}
}

func checkSARIF(t *testing.T, file, stack string, failed bool, gaps int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if report, err := sarif.FromBytes(text); err != nil || report.Validate() != nil {
		t.Errorf("not SARIF: %v %v", err, report.Validate())
	}
	var doc struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID, Level string
				Locations     []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil || doc.Version != "2.1.0" || len(doc.Runs[0].Results) != gaps || len(doc.Runs[0].Tool.Driver.Rules) != gaps {
		t.Fatalf("%v\n%.500s", err, text)
	}
	level := map[bool]string{true: "error", false: "note"}[failed]
	for _, r := range doc.Runs[0].Results {
		if r.Level != level || r.Locations[0].PhysicalLocation.ArtifactLocation.URI != stack {
			t.Fatalf("%+v", r)
		}
	}
}

// TestAskingAServer gives the same bytes as asking in this process.
func TestAskingAServer(t *testing.T) {
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(graph.NewHandler(graph.Options{Store: memory.New(ds), Limits: graph.DefaultLimits}))
	defer server.Close()
	stack := stackFile(t, smallStack)
	for _, args := range []string{
		"gaps --stack " + stack, "overlap aws azure gcp --format json", "crosswalk nist_800_53 gcp --limit 0", "technique T1078",
		"cover nist_800_53 --group G0016", "diff 16.1 18.1", "export mappings-csv aws", "query {dataset{generation}}",
		"export html --stack " + stack,
	} {
		_, here, _ := invoke(splitArgs(args)...)
		code, there, stderr := invoke(append(splitArgs(args), "--server", server.URL)...)
		if code != 0 || here != there || here == "" {
			t.Errorf("%s: %d %s\n%.300s\n%.300s", args, code, stderr, here, there)
		}
	}
}

// TestExportFiles writes files that do not exist yet, into folders that do not.
func TestExportFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder") + "/"
	code, stdout, stderr := invoke("export", "unified", "aws", "kev", "--out", dir)
	files, _ := filepath.Glob(dir + "*.json")
	if code != 0 || stdout != "" || len(files) != 2 || !strings.Contains(stderr, "wrote") {
		t.Fatalf("%d %s %s %v", code, stdout, stderr, files)
	}
	file := filepath.Join(t.TempDir(), "gaps.csv")
	if code, _, stderr := invoke("export", "gaps-csv", "aws", "--out", file); code != 0 {
		t.Fatal(stderr)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if lines, err := csv.NewReader(f).ReadAll(); err != nil || len(lines) < 100 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

// TestAnswersDrawnAsTables draws lists, nested lists, and what is no list.
func TestAnswersDrawnAsTables(t *testing.T) {
	const query = `{technique(attackId:"T1552.007",view:{attackVersion:"16.1"}){attackId parent{name} tactics{name} platforms mappings(first:2,filter:{frameworks:["gcp"]}){totalCount edges{node{scoreValue capability{capabilityId}}}}}}`
	code, stdout, stderr := invoke("query", query, "--format", "table")
	const want = `field                          value
technique.attackId             T1552.007
technique.parent.name          Unsecured Credentials
technique.platforms            Containers
technique.mappings.totalCount  4

technique.tactics
name
Credential Access

technique.mappings
scoreValue  capability.capabilityId
PARTIAL     confidential_vm
PARTIAL     gke_enterprise
`
	if code != 0 || stdout != want {
		t.Errorf("%d %s\n%s", code, stderr, stdout)
	}
}

// Variables are one JSON object; null is one without members.
func TestQueryVariables(t *testing.T) {
	const query = "query($id: String!) { technique(attackId: $id) { attackId } }"
	for _, c := range []struct {
		variables string
		code      int
		says      string
	}{
		{`{}`, 0, "T1003"},
		{`null`, 0, "T1003"},
		{`{}garbage`, 2, "a JSON object is expected"},
		{`{}}`, 2, "a JSON object is expected"},
		{`{} {}`, 2, "a JSON object is expected"},
		{`[]`, 2, "a JSON object is expected"},
	} {
		code, stdout, stderr := invoke("query", query, "--variables", c.variables, "--var", "id=T1003")
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%s: %d %s%s", c.variables, code, stdout, stderr)
		}
	}
}

func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"__complete overlap aws ":      "azure\tAzure",
		"__complete export ":           "navigator-gaps",
		"__complete gaps --min-score ": "significant",
		"__complete gaps --order ":     "top-techniques",
		"__complete ":                  "technique",
	} {
		if _, stdout, _ := invoke(append(strings.Fields(args), "")...); !strings.Contains(stdout, want) {
			t.Errorf("%s: %s", args, stdout)
		}
	}
}

// TestTerminalsAreNotSteered writes a document for a person and for a file.
func TestTerminalsAreNotSteered(t *testing.T) {
	docs := []document{{FileName: "a.csv", Content: "a\x1b]0;title\x07,\u202eb\u009b\n"}}
	var out, stderr strings.Builder
	if err := writeDocuments(docs, "", &out, &stderr); err != nil || out.String() != docs[0].Content {
		t.Errorf("a file gets %q: %v", out.String(), err)
	}
	defer func(was func(io.Writer) bool) { isTerminal = was }(isTerminal)
	isTerminal = func(io.Writer) bool { return true }
	out.Reset()
	if err := writeDocuments(docs, "", &out, &stderr); err != nil || strings.ContainsAny(out.String(), "\x1b\x07\u202e\u009b") || !strings.Contains(out.String(), `\u202eb`) {
		t.Errorf("a terminal gets %q: %v", out.String(), err)
	}
}
