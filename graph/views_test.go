package graph_test

import (
	"fmt"
	"testing"
)

// TestWhatSearchFindsKeepsTheView asks what hangs from hits of every kind, under
// a set that the view names: its mappings are that set's.
func TestWhatSearchFindsKeepsTheView(t *testing.T) {
	a := corpusAPI(t)
	const set = "nist_800_53/rev4@14.1/enterprise"
	const mappings = `mappings(filter:{frameworks:["nist_800_53"]},first:3){nodes{mappingSet{id} technique{attackId}}}`
	for kind, c := range map[string]struct{ text, fragment string }{
		"TECHNIQUE":  {"T1059", "Technique{" + mappings + "}"},
		"TACTIC":     {"TA0001", "Tactic{techniques{" + mappings + "}}"},
		"GROUP":      {"G0016", "Group{techniques{" + mappings + "}}"},
		"SOFTWARE":   {"S0154", "Software{techniques{" + mappings + "} groups{techniques{" + mappings + "}}}"},
		"CAMPAIGN":   {"C0024", "Campaign{techniques{" + mappings + "}}"},
		"MITIGATION": {"M1026", "Mitigation{techniques{" + mappings + "}}"},
		"CAPABILITY": {"AC-2", "Capability{" + mappings + "}"},
	} {
		query := fmt.Sprintf(`{search(text:%q,kinds:[%s],first:1,view:{attackVersion:"14.1",sets:[%q]}){nodes{node{... on %s}}}}`, c.text, kind, set, c.fragment)
		seen := 0
		walk(a.ask(t, query), func(field string, v any) {
			if field == "mappingSet" {
				seen++
				if id := at(v, "id"); id != "set:"+set {
					t.Errorf("%s: a mapping of %v", kind, id)
				}
			}
		})
		if seen == 0 {
			t.Errorf("%s: nothing was mapped: %s", kind, query)
		}
	}
	// The release that a technique is in is that of its view.
	query := fmt.Sprintf(`{technique(attackId:"T1059",view:{attackVersion:"14.1",sets:[%q]}){releases{release{version tactics{techniques{%s}}}}}}`, set, mappings)
	for _, r := range at(a.ask(t, query), "technique", "releases").([]any) {
		if at(r, "release", "version") != "14.1" {
			continue
		}
		walk(r, func(field string, v any) {
			if field == "mappingSet" && at(v, "id") != "set:"+set {
				t.Fatalf("of the release: a mapping of %v", at(v, "id"))
			}
		})
	}
}

// walk visits every field of an answer.
func walk(v any, visit func(field string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for field, inner := range v {
			visit(field, inner)
			walk(inner, visit)
		}
	case []any:
		for _, inner := range v {
			walk(inner, visit)
		}
	}
}
