package diff

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
)

// roundTripLimit is how many queries a question may take of the database when
// nothing is kept but the default view: two for each set whose texts it wants,
// and a few.
const roundTripLimit = 24

// perView is how many more each item of a list may take that has a view of its
// own: the releases and the mapping sets, of which there are only so many.
const perView = 8

// rootArguments are what root fields need.
var rootArguments = map[string]string{
	"node": `id:"technique:enterprise@16.1/T1552.007"`, "nodes": `ids:["technique:enterprise@16.1/T1552.007","group:enterprise@18.1/G0016"]`,
	"framework": `id:"nist_800_53"`, "mappingSet": `id:"nist_800_53/rev5@16.1/enterprise"`, "technique": `attackId:"T1552"`, "group": `attackId:"G0016"`,
	"software": `attackId:"S0154"`, "campaign": `attackId:"C0024"`, "mitigation": `attackId:"M1032"`,
	"capability": `framework:"nist_800_53",capabilityId:"AC-2"`, "vulnerability": `cve:"CVE-2021-44228"`, "incident": `verisId:"action.hacking.variety.SQLi"`,
	"crosswalk": `from:"nist_800_53",to:"aws"`, "controlCover": `frameworks:["aws"]`,
	"mappingDiff": `from:"nist_800_53/rev5@16.1/enterprise",to:"nist_800_53/rev5@16.1/enterprise"`, "attackDiff": `from:"15.1",to:"16.1"`, "lift": `set:"aws/12.12.2024@16.1/enterprise",to:"16.1"`,
	"compareStacks":       `a:{frameworks:["aws"]},b:{frameworks:["gcp"]}`,
	"compareCapabilities": `a:{framework:"aws",capabilityId:"aws_shield"},b:{framework:"azure",capabilityId:"azure_ddos_protection"}`,
	"search":              `text:"account"`, "overlap": `frameworks:["aws","azure","gcp"]`,
	"export": `format:MAPPINGS_CSV`,
}

// pages writes questions with pages of n wherever there are pages, through nodes
// or through edges.
type pages struct {
	schema *ast.Schema
	n      int
	edges  bool
}

// questions asks a root field for all that its type has that is no list or
// object, and then for that and each list or object by itself.
func (p pages) questions(root *ast.FieldDefinition) map[string]string {
	list := map[string]string{}
	for _, nested := range append(p.nested(p.schema.Types[root.Type.Name()]), "") {
		p := p
		list[nested] = "{" + p.field(root, rootArguments[root.Name], nested) + "}"
	}
	return list
}

// itemOf gives the type of a connection's nodes, or the type itself.
func (p pages) itemOf(def *ast.Definition) *ast.Definition {
	if nodes := def.Fields.ForName("nodes"); nodes != nil && strings.HasSuffix(def.Name, "Connection") {
		return p.schema.Types[nodes.Type.Name()]
	}
	return def
}

func (p pages) nested(def *ast.Definition) []string {
	var names []string
	for _, f := range p.itemOf(def).Fields {
		if p.schema.Types[f.Type.Name()].IsCompositeType() && !strings.HasPrefix(f.Name, "__") && !needs(f) {
			names = append(names, f.Name)
		}
	}
	return names
}

func needs(f *ast.FieldDefinition) bool {
	return slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil })
}

// field asks for a field with all that is no list or object, and of those the
// ones named, with whatever they have that is none again.
func (p pages) field(f *ast.FieldDefinition, arguments, nested string) string {
	if f.Arguments.ForName("first") != nil {
		arguments = strings.TrimPrefix(arguments+fmt.Sprintf(",first:%d", p.n), ",")
	}
	text := f.Name
	if arguments != "" {
		text += "(" + arguments + ")"
	}
	def := p.schema.Types[f.Type.Name()]
	if !def.IsCompositeType() {
		return text
	}
	item := p.itemOf(def)
	fields := []string{"__typename"}
	for _, inner := range item.Fields {
		composite := p.schema.Types[inner.Type.Name()].IsCompositeType()
		if !strings.HasPrefix(inner.Name, "__") && !needs(inner) && (!composite || inner.Name == nested) {
			fields = append(fields, p.field(inner, "", ""))
		}
	}
	selection := "{" + strings.Join(fields, " ") + "}"
	switch {
	case item == def:
		return text + selection
	case p.edges:
		return text + "{edges{node" + selection + "}}"
	}
	return text + "{nodes" + selection + "}"
}

// TestRoundTrips counts the queries that a question takes, for long pages, on a
// store that has fetched nothing but the default view.
func TestRoundTrips(t *testing.T) {
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	server := testneo4j.Shared(t, testneo4j.Versions[1])
	options := neo4j.Options{URI: server.URI, User: testneo4j.User, Password: testneo4j.Password, Database: testneo4j.Database}
	if _, err := neo4j.Load(t.Context(), options, ds, neo4j.LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	schema := schema()
	limits := map[string]int64{}
	for _, root := range schema.Query.Fields {
		limits[root.Name] = roundTripLimit
	}
	limits["attackReleases"] += perView * int64(len(ds.Releases))
	limits["mappingSets"] += perView * int64(len(ds.Sets))
	for _, root := range schema.Query.Fields {
		if strings.HasPrefix(root.Name, "__") {
			continue
		}
		t.Run(root.Name, func(t *testing.T) {
			nodes, edges := pages{schema, 60, false}, pages{schema, 60, true}
			for nested := range nodes.questions(root) {
				counts := [2]int64{}
				for i, p := range []pages{nodes, edges} {
					question := p.questions(root)[nested]
					counts[i] = countRoundTrips(t, options, question)
					if counts[i] > limits[root.Name] {
						t.Errorf("%d queries for %s", counts[i], question)
					}
				}
				t.Logf("%s %q: %d queries through nodes, %d through edges", root.Name, nested, counts[0], counts[1])
			}
		})
	}
}

func countRoundTrips(t *testing.T, o neo4j.Options, question string) int64 {
	t.Helper()
	var n atomic.Int64
	o.Observe = func(query string) {
		if query != "current" { // asked by the watch, not by the question
			n.Add(1)
		}
	}
	st, err := neo4j.Open(o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close(t.Context()) }()
	h := graph.NewHandler(graph.Options{Store: st, Log: slog.New(slog.DiscardHandler)})
	post(h, "{tactics{id}}")
	n.Store(0)
	var answer struct{ Errors []any }
	if err := json.Unmarshal(post(h, question), &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%s\n%v %v", question, answer.Errors, err)
	}
	return n.Load()
}

// checkManyIDs counts the queries of questions that name a hundred things each,
// in a database that holds the corpus.
func checkManyIDs(t *testing.T, server *testneo4j.Server, memory http.Handler) {
	t.Helper()
	options := neo4j.Options{URI: server.URI, User: testneo4j.User, Password: testneo4j.Password, Database: testneo4j.Database}
	ids := func(query string) (ids []string) {
		var answer struct {
			Data struct {
				List struct{ Nodes []struct{ ID string } }
			}
		}
		if err := json.Unmarshal(post(memory, query), &answer); err != nil {
			t.Fatal(err)
		}
		for _, n := range answer.Data.List.Nodes {
			ids = append(ids, n.ID)
		}
		return ids
	}
	const texts = `{id ... on Mapping{comments technique{description} capability{description}} ... on Technique{description} ... on Capability{description} ... on Group{description}}`
	var all []string
	for _, list := range []string{"mappings", "techniques", "capabilities", "groups"} {
		found := ids("{list:" + list + "(first:100){nodes{id}}}")
		if len(found) != 100 {
			t.Fatalf("%d %s", len(found), list)
		}
		all = append(all, found...)
	}
	quoted, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for name, question := range map[string]string{
		"node":   fmt.Sprintf("{node(id:%q)%s}", all[0], texts),
		"nodes":  fmt.Sprintf("{nodes(ids:%s)%s}", quoted, texts),
		"search": `{search(text:"access",first:400){nodes{node` + texts + `}}}`,
		"hits":   `{search(text:"access",kinds:[MAPPING],first:400){nodes{node` + texts + `}}}`,
	} {
		n := countRoundTrips(t, options, question)
		t.Logf("%s: %d queries", name, n)
		if n > roundTripLimit {
			t.Errorf("%s: %d queries", name, n)
		}
	}
}
