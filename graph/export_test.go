package graph_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/loader"
)

// export asks for documents, by file name.
func (a api) export(tb testing.TB, format, arguments string) map[string]string {
	tb.Helper()
	data := a.ask(tb, fmt.Sprintf(`{export(format:%s,%s){fileName mediaType content}}`, format, arguments))
	docs := map[string]string{}
	for _, d := range at(data, "export").([]any) {
		docs[at(d, "fileName").(string)] = at(d, "content").(string)
	}
	return docs
}

// only gives the one document of an export.
func (a api) only(tb testing.TB, format, arguments string) string {
	tb.Helper()
	docs := a.export(tb, format, arguments)
	if len(docs) != 1 {
		tb.Fatalf("%d documents", len(docs))
	}
	for _, content := range docs {
		return content
	}
	return ""
}

// reload loads documents as a data folder.
func reload(tb testing.TB, docs map[string]string) *kg.Dataset {
	tb.Helper()
	dir := tb.TempDir()
	for name, content := range docs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	ds, err := loader.Load(tb.Context(), dir, loader.Options{Strict: true})
	if err != nil {
		tb.Fatal(err)
	}
	return ds
}

// TestUnifiedRoundTrip loads what every published set exports, and wants the
// same set: metadata, ids, evidence, all but the file and the row numbers.
func TestUnifiedRoundTrip(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		before, err := factsOnce()
		if t.Name() == "TestUnifiedRoundTrip/corpus" {
			before, err = corpusOnce()
		}
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, s := range before.Sets {
			docs := a.export(t, "UNIFIED_JSON", fmt.Sprintf(`frameworks:[%q],view:{domain:%s,sets:[%q]}`, s.Key.Framework, strings.ToUpper(s.Key.Domain.String()), s.Key))
			after := reload(t, docs)
			if len(after.Sets) != 1 {
				t.Fatalf("%s: %d sets", s.Key, len(after.Sets))
			}
			rows += len(s.Rows)
			sameSet(t, s, after.Sets[0], before.Edition == kg.Facts)
		}
		if t.Name() == "TestUnifiedRoundTrip/corpus" && (len(before.Sets) != 33 || rows < 67_000) {
			t.Errorf("%d sets, %d rows", len(before.Sets), rows)
		}
	})
}

// sameSet compares sets. What the facts edition keeps has no texts, so ids that
// were made of them cannot come back.
func sameSet(t *testing.T, want, got *kg.Set, facts bool) {
	t.Helper()
	w, g := *want, *got
	w.File, g.File = "", ""
	w.Rows, g.Rows = bare(want.Rows, facts), bare(got.Rows, facts)
	if len(w.Types) == 0 {
		w.Types = g.Types[:0]
	}
	if len(w.Groups) == 0 {
		w.Groups = g.Groups[:0]
	}
	for i := range min(len(w.Rows), len(g.Rows)) {
		if !reflect.DeepEqual(w.Rows[i], g.Rows[i]) {
			t.Errorf("%s: row %d\n%+v\n%+v", want.Key, want.Rows[i].Number, w.Rows[i], g.Rows[i])
			return
		}
	}
	if !reflect.DeepEqual(w, g) {
		w.Rows, g.Rows = nil, nil
		t.Errorf("%s: %d rows became %d\n%+v\n%+v", want.Key, len(want.Rows), len(got.Rows), w, g)
	}
}

func bare(rows []kg.Row, facts bool) []kg.Row {
	list := slices.Clone(rows)
	for i := range list {
		list[i].Number = 0
		if len(list[i].References) == 0 {
			list[i].References = nil
		}
		if facts {
			list[i].ID = kg.MappingID{}
		}
	}
	return list
}

// TestRowsThatDifferInWhatIsNotKept are two pieces of evidence before an export,
// and after it.
func TestRowsThatDifferInWhatIsNotKept(t *testing.T) {
	const meta = `"metadata":{"mapping_framework":"acme","mapping_framework_version":"1","attack_version":"16.1","technology_domain":"enterprise","mapping_types":{},"capability_groups":{}}`
	row := func(related string) string {
		return `{"capability_id":"a","attack_object_id":"T1001","mapping_type":"protects","references":[],"related_score":"` + related + `"}`
	}
	before := reload(t, map[string]string{"a.json": `{` + meta + `,"mapping_objects":[` + row("T1") + `,` + row("T2") + `,` + row("T3") + `]}`,
		"enterprise-attack-16.1.json": `{"type":"bundle","id":"bundle--1","objects":[{"type":"x-mitre-collection","x_mitre_version":"16.1","name":"Enterprise ATT&CK"},
			{"type":"attack-pattern","id":"attack-pattern--1","name":"x","x_mitre_domains":["enterprise-attack"],"external_references":[{"source_name":"mitre-attack","external_id":"T1001"}]}]}`})
	if len(before.Sets[0].Rows) != 3 {
		t.Fatal("the rows differ")
	}
	after := reload(t, newAPI(before).export(t, "UNIFIED_JSON", `frameworks:["acme"]`))
	sameSet(t, before.Sets[0], after.Sets[0], false)
}

func TestUnifiedOfAPart(t *testing.T) {
	a := factsAPI(t)
	docs := a.export(t, "UNIFIED_JSON", `frameworks:["aws","nist_800_53"],view:{attackVersion:"16.1"},scope:{groups:["G0016"]},filter:{minScore:PARTIAL,includeUnscored:true}`)
	if names := slices.Sorted(maps.Keys(docs)); !slices.Equal(names, []string{"aws_12.12.2024_attack-16.1_enterprise.json", "nist_800_53_rev5_attack-16.1_enterprise.json"}) {
		t.Fatal(names)
	}
	ds := reload(t, docs)
	data := a.ask(t, `{mappings(view:{attackVersion:"16.1"},scope:{groups:["G0016"]},filter:{frameworks:["aws","nist_800_53"],minScore:PARTIAL,includeUnscored:true}){totalCount}}`)
	mapped := 0
	for _, s := range ds.Sets {
		for i := range s.Rows {
			if s.Rows[i].Class == kg.Mapped {
				mapped++
			}
		}
	}
	if mapped == 0 || mapped != number(data, "mappings", "totalCount") {
		t.Errorf("%d mappings, want %v", mapped, data)
	}
	if !strings.Contains(docs["aws_12.12.2024_attack-16.1_enterprise.json"], `"scope": "used by G0016 APT29"`) {
		t.Error("the file does not say its scope")
	}
}

func TestCSV(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		const ask = `stack:{baselines:[{name:"low"}],licences:[{tier:"E3"}]},view:{attackVersion:"16.1"}`
		coverage := at(a.ask(t, `{coverage(`+ask+`){total mapped}}`), "coverage")
		all, gaps := parseCSV(t, a.only(t, "COVERAGE_CSV", ask)), parseCSV(t, a.only(t, "GAPS_CSV", ask))
		mapped := 0
		for _, line := range all {
			if line["state"] == "MAPPED" {
				mapped++
			}
		}
		if len(all) != 656 || mapped != number(coverage, "mapped") || len(gaps) != 656-mapped {
			t.Errorf("%d lines, %d mapped, %d gaps, want %v", len(all), mapped, len(gaps), coverage)
		}
		mappings := parseCSV(t, a.only(t, "MAPPINGS_CSV", `frameworks:["aws","azure"],view:{attackVersion:"16.1"}`))
		want := number(a.ask(t, `{mappings(view:{attackVersion:"16.1"},filter:{frameworks:["aws","azure"]}){totalCount}}`), "mappings", "totalCount")
		if len(mappings) != want {
			t.Errorf("%d mappings, want %d", len(mappings), want)
		}
		for _, m := range mappings {
			for column, text := range m {
				if text != "" && strings.ContainsAny(text[:1], "=+-@") {
					t.Fatalf("%s of %s is a formula: %q", column, m["mapping_id"], text)
				}
			}
		}
	})
}

func parseCSV(t *testing.T, text string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, line := range lines[1:] {
		m := map[string]string{}
		for i, name := range lines[0] {
			m[name] = line[i]
		}
		list = append(list, m)
	}
	return list
}

// mapped gives the techniques that a question maps.
func (a api) mapped(t *testing.T, arguments string) []string {
	t.Helper()
	var ids []string
	for _, line := range parseCSV(t, a.only(t, "COVERAGE_CSV", arguments)) {
		if line["state"] == "MAPPED" {
			ids = append(ids, line["technique"])
		}
	}
	return ids
}

// TestLayerAsStack reads layers back: ours as the capabilities behind them,
// others as techniques.
func TestLayerAsStack(t *testing.T) {
	a := factsAPI(t)
	const view = `,view:{attackVersion:"16.1"}`
	stack := `stack:{licences:[{tier:"E5"}],capabilityGroups:[{framework:"nist_800_53",group:"ac"}],techniques:["T1010"]}` + view
	want := a.mapped(t, stack)
	layer := a.only(t, "NAVIGATOR_COVERAGE", stack)
	var decoded map[string]any
	if err := json.Unmarshal([]byte(layer), &decoded); err != nil {
		t.Fatal(err)
	}
	ask := `query($l:JSON){coverage(stack:{layer:$l}` + view + `){mapped} controlCover(frameworks:["aws"],owned:{layer:$l}` + view + `){total}}`
	got := a.post(ask, map[string]any{"l": decoded})
	if len(got.Errors) > 0 || number(got.Data, "coverage", "mapped") != len(want) || !slices.Contains(want, "T1010") {
		t.Errorf("%s, want %d mapped", got.raw, len(want))
	}
	decoded["metadata"] = []any{} // as if another program had written it
	foreign := a.post(ask, map[string]any{"l": decoded})
	if len(foreign.Errors) > 0 || number(foreign.Data, "coverage", "mapped") != len(want) ||
		number(foreign.Data, "controlCover", "total") != number(got.Data, "controlCover", "total") {
		t.Errorf("%s, want %d mapped", foreign.raw, len(want))
	}
	for _, c := range []struct{ layer, message string }{
		{`{techniques:[{techniqueID:"T9999",score:1}]}`, "T9999"},
		{`{techniques:[{score:1}]}`, "entry 1"},
		{`{}`, "no techniques"},
		{`"a text"`, "not a Navigator layer"},
	} {
		refused := a.post(`{coverage(stack:{layer:`+c.layer+`}){mapped}}`, nil)
		if code(refused) != "BAD_USER_INPUT" || !strings.Contains(refused.raw, c.message) {
			t.Errorf("%s: %s", c.layer, refused.raw)
		}
	}
	none := a.ask(t, `{coverage(stack:{layer:{techniques:[{techniqueID:"T1010",score:3,enabled:false},{techniqueID:"T1003"}]}}){mapped total}}`)
	if number(none, "coverage", "mapped") != 0 {
		t.Error("what is disabled or has no score is not covered")
	}
}

// TestOSCALProfileIsABaseline loads the controls that bear on a group as a
// baseline, and asks about it.
func TestOSCALProfileIsABaseline(t *testing.T) {
	a := factsAPI(t)
	const ask = `frameworks:["nist_800_53"],view:{attackVersion:"16.1"},scope:{groups:["G0016"]}`
	profile := a.only(t, "OSCAL_PROFILE", ask)
	docs := a.export(t, "UNIFIED_JSON", ask)
	docs["profile.json"] = profile
	baseline := reload(t, docs).Baselines[0]
	ds, err := factsOnce()
	if err != nil {
		t.Fatal(err)
	}
	with := *ds
	with.Baselines = append(slices.Clone(ds.Baselines), baseline)
	got := newAPI(&with).mapped(t, fmt.Sprintf(`stack:{baselines:[{name:%q}]},view:{attackVersion:"16.1"},scope:{groups:["G0016"]}`, baseline.Name))
	if want := a.mapped(t, ask); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%d techniques, want %d", len(got), len(want))
	}
	if refused := a.post(`{export(format:OSCAL_PROFILE,frameworks:["aws"]){content}}`, nil); code(refused) != "BAD_USER_INPUT" {
		t.Error(refused.raw)
	}
}

func TestStacksAsPeopleSayThem(t *testing.T) {
	a := factsAPI(t)
	size := func(stack string) int {
		return len(a.mapped(t, `stack:{`+stack+`},view:{attackVersion:"16.1"}`))
	}
	low, moderate, high := size(`baselines:[{name:"LOW"}]`), size(`baselines:[{name:"Moderate"}]`), size(`baselines:[{name:"HIGH"}]`)
	if low <= 0 || low >= moderate || moderate > high {
		t.Errorf("LOW %d, MODERATE %d, HIGH %d", low, moderate, high)
	}
	whole := size(`frameworks:["m365"]`)
	if e3, e5 := size(`licences:[{tier:"E3"}]`), size(`licences:[{tier:"e5"}]`); e3 <= 0 || e3 >= e5 || e5 != whole {
		t.Errorf("E3 %d, E5 %d, all %d", e3, e5, whole)
	}
	if eop, all := size(`capabilityGroups:[{framework:"m365",group:"EOP"}]`), whole; eop <= 0 || eop >= all {
		t.Errorf("EOP %d of %d", eop, all)
	}
	if n := size(`techniques:["t1003","T1086"]`); n != 2 {
		t.Errorf("T1086 is T1059.001 now; %d techniques", n)
	}
	for stack, message := range map[string]string{
		`baselines:[{name:"LOWEST"}]`:                         "it has HIGH, LOW, MODERATE",
		`licences:[{tier:"E4"}]`:                              "it has E3, E5",
		`licences:[{framework:"aws",tier:"E3"}]`:              "nothing is loaded of aws that has a licence tier",
		`capabilityGroups:[{framework:"m365",group:"teams"}]`: "eop",
		`techniques:["T0000","T1003"]`:                        "T0000",
	} {
		refused := a.post(`{coverage(stack:{`+stack+`}){mapped}}`, nil)
		if code(refused) != "BAD_USER_INPUT" || !strings.Contains(refused.raw, message) {
			t.Errorf("%s: %s", stack, refused.raw)
		}
	}
}

// TestCoverageOfWhoUses asks a group, software and a campaign for themselves,
// and wants what the scope gives.
func TestCoverageOfWhoUses(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		for _, c := range []struct{ field, id, scope string }{{"group", "G0016", "groups"}, {"software", "S0154", "software"}, {"campaign", "C0024", "campaigns"}} {
			const ask = `stack:{licences:[{tier:"E3"}],frameworks:["aws"]},filter:{categories:[PROTECT]},rollUp:PARENT_IF_ANY_CHILD`
			data := a.ask(t, fmt.Sprintf(`{
				own:%s(attackId:%q,view:{attackVersion:"16.1"}){coverage(%s){total mapped} gaps(%s,orderBy:GROUPS){totalCount nodes{technique{attackId}}}}
				coverage(%s,view:{attackVersion:"16.1"},scope:{%s:[%q]}){total mapped}
				gaps(%s,view:{attackVersion:"16.1"},scope:{%s:[%q]},orderBy:GROUPS){totalCount nodes{technique{attackId}}}}`,
				c.field, c.id, ask, ask, ask, c.scope, c.id, ask, c.scope, c.id))
			if !reflect.DeepEqual(at(data, "own", "coverage"), data["coverage"]) || !reflect.DeepEqual(at(data, "own", "gaps"), data["gaps"]) || number(data, "coverage", "mapped") == 0 {
				t.Errorf("%s: %v", c.field, data)
			}
		}
	})
}

func TestGapReport(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		const ask = `frameworks:["aws"],view:{attackVersion:"16.1"},scope:{groups:["G0016"]}`
		gaps := a.ask(t, `{gaps(`+ask+`,first:1000){totalCount coverage{mapped total} nodes{technique{attackId}}}}`)
		headline := fmt.Sprintf("%d of %d techniques", number(gaps, "gaps", "coverage", "mapped"), number(gaps, "gaps", "coverage", "total"))
		for _, format := range []string{"GAP_REPORT_HTML", "GAP_REPORT_MARKDOWN"} {
			report := a.only(t, format, ask)
			if !strings.Contains(report, headline) || !strings.Contains(report, "does not mean that the technique is prevented") || !strings.Contains(report, "used by G0016 APT29") {
				t.Errorf("%s:\n%.3000s", format, report)
			}
			for _, g := range at(gaps, "gaps", "nodes").([]any) {
				if id := at(g, "technique", "attackId").(string); !strings.Contains(report, id) {
					t.Errorf("%s leaves out %s", format, id)
				}
			}
		}
	})
}

// TestExportsAreTheSame holds equal questions to equal bytes.
func TestExportsAreTheSame(t *testing.T) {
	for _, format := range strings.Fields("NAVIGATOR_COVERAGE NAVIGATOR_GAPS COVERAGE_CSV GAPS_CSV MAPPINGS_CSV UNIFIED_JSON STIX OSCAL_PROFILE GAP_REPORT_MARKDOWN GAP_REPORT_HTML") {
		const ask = `frameworks:["nist_800_53","kev","veris"],scope:{tactics:["initial-access"]}`
		if first, second := factsAPI(t).export(t, format, ask), factsAPI(t).export(t, format, ask); !maps.Equal(first, second) || len(first) == 0 {
			t.Errorf("%s differs from one server to the next", format)
		}
	}
}
