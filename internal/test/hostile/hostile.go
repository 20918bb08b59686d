// Package hostile makes requests that ask for far more than anybody may have:
// what the limits of a server are held against.
package hostile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Request is a hostile GraphQL request.
type Request struct {
	Name  string
	Query string
}

// step is a field that leads from one thing to many, or to a page of many.
type step struct {
	from, to string // types
	open     string // what stands before the selection of to
	shut     string // and behind it
	name     string
}

// FanOuts walks the schema: for each two lists that lead from a type to another
// and back, a request that goes there and back as deep as the limit allows.
func FanOuts(schema *ast.Schema, depth int) []Request {
	steps := listSteps(schema)
	ways := roots(steps)
	var list []Request
	for _, there := range steps {
		for _, back := range steps {
			if there.from == "Query" || back.from != there.to || back.to != there.from {
				continue
			}
			root, ok := ways[there.from]
			if !ok {
				continue
			}
			list = append(list, Request{Name: root.name + "/" + there.name + "/" + back.name, Query: nest(root, there, back, depth)})
		}
	}
	slices.SortFunc(list, func(a, b Request) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func nest(root, there, back step, depth int) string {
	open, shut := "{"+root.open, root.shut+"}"
	used := 1 + strings.Count(root.open, "{")
	for i := 0; ; i++ {
		s := []step{there, back}[i%2]
		if used += strings.Count(s.open, "{"); used >= depth {
			break
		}
		open, shut = open+s.open, s.shut+shut
	}
	return open + "__typename" + shut
}

// listSteps finds the fields that give many things of a type that has fields.
func listSteps(schema *ast.Schema) []step {
	var steps []step
	for _, t := range schema.Types {
		if t.Kind != ast.Object || strings.HasPrefix(t.Name, "__") || strings.HasSuffix(t.Name, "Connection") || strings.HasSuffix(t.Name, "Edge") {
			continue
		}
		for _, f := range t.Fields {
			if s, ok := listStep(schema, t, f); ok {
				steps = append(steps, s)
			}
		}
	}
	return steps
}

func listStep(schema *ast.Schema, t *ast.Definition, f *ast.FieldDefinition) (step, bool) {
	args, ok := arguments(f)
	if !ok || strings.HasPrefix(f.Name, "__") {
		return step{}, false
	}
	s := step{from: t.Name, name: t.Name + "." + f.Name, open: f.Name + args + "{", shut: "}"}
	target := schema.Types[f.Type.Name()]
	if nodes := target.Fields.ForName("nodes"); strings.HasSuffix(target.Name, "Connection") && nodes != nil {
		s.to, s.open, s.shut = nodes.Type.Name(), s.open+"nodes{", "}}"
	} else if f.Type.Elem != nil || t.Name == "Mapping" || strings.HasPrefix(target.Name, "Crosswalk") {
		s.to = target.Name // lists, and what leads on from what lists hold
	}
	to := schema.Types[s.to]
	return s, to != nil && (to.Kind == ast.Object || to.Kind == ast.Interface)
}

// arguments fills in what a field needs, and asks for the largest page.
func arguments(f *ast.FieldDefinition) (string, bool) {
	var args []string
	for _, a := range f.Arguments {
		switch {
		case a.Name == "first":
			args = append(args, "first:1000")
		case !a.Type.NonNull || a.DefaultValue != nil:
		case a.Name == "to" || a.Name == "framework" || a.Name == "from":
			args = append(args, a.Name+`:"nist_800_53"`)
		case a.Name == "frameworks":
			args = append(args, `frameworks:["nist_800_53","aws","azure","gcp"]`)
		default:
			return "", false
		}
	}
	if len(args) == 0 {
		return "", true
	}
	return "(" + strings.Join(args, ",") + ")", true
}

// roots finds, for each type, a short way to many things of it.
func roots(steps []step) map[string]step {
	ways := map[string]step{}
	for _, s := range steps {
		if _, known := ways[s.to]; s.from == "Query" && !known {
			ways[s.to] = s
		}
	}
	for range 3 {
		for _, s := range steps {
			first, known := ways[s.from]
			if _, done := ways[s.to]; known && !done {
				ways[s.to] = step{name: first.name + "/" + s.name, to: s.to, open: first.open + s.open, shut: s.shut + first.shut}
			}
		}
	}
	return ways
}

// Written are requests that were thought of by hand.
func Written() []Request {
	aliases := func(n int, field string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "a%d:%s ", i, field)
		}
		return "{" + b.String() + "}"
	}
	all := `["nist_800_53","cri_profile","csa_ccm","aws","azure","gcp","m365","intel-vpro","kev","veris"]`
	return []Request{
		{"techniques, capabilities, techniques", `{techniques(first:1000){nodes{capabilities{techniques{description}}}}}`},
		{"two hops from one technique", `{technique(attackId:"T1059"){capabilities{techniques{capabilities{techniques{description}}}}}}`},
		{"smallest covers of all frameworks", `{controlCover(frameworks:` + all + `,method:EXACT){picks{capability{id}}}}`},
		{"sixty-four smallest covers", aliases(64, `controlCover(frameworks:`+all+`,method:EXACT){picks{capability{id}}}`)},
		{"similar under a list", `{capabilities(first:1000){nodes{similar(to:"nist_800_53",first:1000){shared techniques{attackId}}}}}`},
		{"similar under similar", `{capabilities(framework:"nist_800_53",first:1000){nodes{similar(to:"cri_profile",first:100){to{similar(to:"nist_800_53",first:100){jaccard}}}}}}`},
		{"sixty-four matrices", aliases(64, `matrix(frameworks:`+all+`){tactics{techniques{coverage{capabilityCount best{value}} subtechniques{coverage{capabilityCount}}}}}`)},
		{"sixty-four crosswalks", aliases(64, `crosswalk(from:"nist_800_53",to:"cri_profile",first:1000){nodes{techniques{attackId}}}`)},
		{"sixty-four reports", aliases(64, `export(frameworks:`+all+`,format:STIX){content}`)},
		{"sixty-four layers", aliases(64, `navigatorLayer(frameworks:`+all+`)`)},
		{"overlap with evidence", `{overlap(frameworks:` + all + `){regions{techniques(first:1000){nodes{byFramework{mappings{technique{mappings(first:1000){nodes{comments references{url}}}}}}}}}}}`},
		{"searches of every release", `{attackReleases{version} ` + strings.TrimPrefix(aliases(30, `search(text:"a",first:1000){nodes{snippet node{... on Technique{capabilities{techniques{id}}}}}}`), "{")},
		{"mappings of mappings", `{mappings(first:1000){nodes{technique{mappings(first:1000){nodes{technique{mappings(first:1000){nodes{comments}}}}}}}}}`},
		{"what groups miss", `{groups(first:1000){nodes{gaps(first:1000){nodes{technique{groups{gaps(first:1000){totalCount}}}}}}}}`},
		{"coverage of everything used", `{softwareList(first:1000){nodes{coverage{byTactic{mapped} byPlatform{mapped}} groups{coverage{mapped} software{coverage{mapped}}}}}}`},
		{"every set in full", `{mappingSets{mappings(first:1000){nodes{capability{sets{mappings(first:1000){nodes{comments}}}}}}}}`},
		{"releases of techniques", `{attackReleases{id} techniques(first:1000){nodes{releases{release{id version techniqueCount}} subtechniques{releases{name}}}}}`},
	}
}
