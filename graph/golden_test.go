package graph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// editions runs a test on the facts edition and on the published corpus: both
// must give the same answers.
func editions(t *testing.T, test func(t *testing.T, a api)) {
	t.Run("facts", func(t *testing.T) { test(t, factsAPI(t)) })
	t.Run("corpus", func(t *testing.T) { test(t, corpusAPI(t)) })
}

func TestCoverageOfEachFramework(t *testing.T) {
	want := map[string][4]int{ // mapped, declared non-mappable, unassessed; set's ATT&CK version × 10
		"aws": {215, 0, 441, 161}, "azure": {411, 0, 245, 161}, "gcp": {290, 0, 366, 161}, "m365": {218, 0, 438, 161},
		"nist_800_53": {469, 96, 91, 161}, "cri_profile": {430, 0, 226, 161}, "csa_ccm": {209, 0, 447, 171},
		"intel-vpro": {158, 0, 498, 151}, "kev": {155, 0, 501, 161}, "veris": {541, 0, 115, 161},
	}
	editions(t, func(t *testing.T, a api) {
		for fw, w := range want {
			data := a.ask(t, fmt.Sprintf(`{coverage(frameworks:[%q],view:{attackVersion:"16.1"}){total mapped nonMappable unassessed belowThreshold}
				framework(id:%q){setFor(view:{attackVersion:"16.1"}){attackVersion}}}`, fw, fw))
			c := at(data, "coverage")
			got := [4]int{number(c, "mapped"), number(c, "nonMappable"), number(c, "unassessed")}
			fmt.Sscanf(strings.Replace(at(data, "framework", "setFor", "attackVersion").(string), ".", "", 1), "%d", &got[3])
			if got != w || number(c, "total") != 656 || number(c, "belowThreshold") != 0 {
				t.Errorf("%s: %v, want %v", fw, got, w)
			}
		}
	})
}

func TestOverlapOfTheClouds(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		for _, c := range []struct {
			frameworks, filter string
			all, none          int
		}{
			{`"aws","azure","gcp"`, `{}`, 131, 166},
			{`"aws","azure","gcp","m365"`, `{}`, -1, 139},
			{`"aws","azure","gcp"`, `{categories:[PROTECT]}`, 71, 656 - 277},
			{`"aws","azure","gcp"`, `{categories:[DETECT]}`, 38, 656 - 433},
			{`"aws","azure","gcp"`, `{categories:[RESPOND]}`, 4, 656 - 27},
			{`"nist_800_53","cri_profile","aws","azure","gcp","m365"`, `{}`, -1, 63},
		} {
			data := a.ask(t, fmt.Sprintf(`{overlap(frameworks:[%s],filter:%s,view:{attackVersion:"16.1"}){all{totalCount} none{totalCount}}}`, c.frameworks, c.filter))
			all, none := number(data, "overlap", "all", "totalCount"), number(data, "overlap", "none", "totalCount")
			if none != c.none || c.all >= 0 && all != c.all {
				t.Errorf("%s %s: all %d, none %d; want %d, %d", c.frameworks, c.filter, all, none, c.all, c.none)
			}
		}
	})
}

func TestKevTechniquesThatNoCloudMaps(t *testing.T) {
	want := strings.Fields("T1001 T1007 T1091 T1134.001 T1185 T1553.005 T1560.001 T1573.001 T1584.005 T1588.001 T1588.006 T1598.002 T1608.001 T1653")
	editions(t, func(t *testing.T, a api) {
		data := a.ask(t, `{gaps(frameworks:["aws","azure","gcp"],scope:{kevOnly:true},view:{attackVersion:"16.1"}){nodes{technique{attackId}}}}`)
		var got []string
		for _, n := range at(data, "gaps", "nodes").([]any) {
			got = append(got, at(n, "technique", "attackId").(string))
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
	})
}

func TestTechniquePage(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		data := a.ask(t, `{technique(attackId:"T1552/007",view:{attackVersion:"16.1"}){mappings(first:100){totalCount nodes{capability{framework{frameworkId}}}}}}`)
		got := map[string]int{}
		for _, n := range at(data, "technique", "mappings", "nodes").([]any) {
			got[at(n, "capability", "framework", "frameworkId").(string)]++
		}
		want := map[string]int{"cri_profile": 11, "nist_800_53": 14, "veris": 1, "azure": 5, "gcp": 4, "aws": 1, "m365": 1, "csa_ccm": 4}
		if fmt.Sprint(got) != fmt.Sprint(want) || number(data, "technique", "mappings", "totalCount") != 41 {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAlignment(t *testing.T) {
	editions(t, func(t *testing.T, a api) {
		data := a.ask(t, `{
			aws: mappings(view:{attackVersion:"16.1"},filter:{frameworks:["aws"]},scope:{techniques:["T1053.002"]}){nodes{alignedFrom}}
			csa: gaps(view:{attackVersion:"16.1"},frameworks:["csa_ccm"],first:0){unaligned{attackId reason mapping{id technique{status}}}}
			nist: gaps(view:{attackVersion:"16.1"},frameworks:["nist_800_53"],first:0){unaligned{attackId reason}}
		}`)
		if from := at(data, "aws", "nodes", 0, "alignedFrom"); from != "T1053.001" {
			t.Errorf("AWS's row on T1053.002 comes from %v", from)
		}
		csa := at(data, "csa", "unaligned").([]any)
		if len(csa) != 8 || at(csa[0], "reason") != "UNKNOWN" || at(csa[0], "mapping", "technique", "status") != "UNKNOWN" {
			t.Errorf("CSA CCM leaves %v", csa)
		}
		if nist := at(data, "nist", "unaligned"); fmt.Sprint(nist) != "[map[attackId:T1521.003 reason:OTHER_DOMAIN]]" {
			t.Errorf("NIST leaves %v", nist)
		}
	})
}

func TestCorpusHasTextsAndFactsHaveNone(t *testing.T) {
	query := `{technique(attackId:"T1552.007",view:{attackVersion:"16.1"}){description mappings(filter:{frameworks:["aws"]}){nodes{comments references{url}}}}
		capability(framework:"nist_800_53",capabilityId:"AC-2"){description} dataset{edition}}`
	full, bare := corpusAPI(t).ask(t, query), factsAPI(t).ask(t, query)
	for _, path := range [][]any{{"technique", "description"}, {"technique", "mappings", "nodes", 0, "comments"}, {"capability", "description"}} {
		if at(full, path...) == nil || at(bare, path...) != nil {
			t.Errorf("%v: corpus %v, facts %v", path, at(full, path...), at(bare, path...))
		}
	}
	if at(full, "dataset", "edition") != "FULL" || at(bare, "dataset", "edition") != "FACTS" {
		t.Error("editions are mixed up")
	}
}

// TestEditionsAgree asks both editions the same questions in the views whose
// sets both have, and wants the same bytes.
func TestEditionsAgree(t *testing.T) {
	full, bare := corpusAPI(t), factsAPI(t)
	const cell = `{framework{id} state reason capabilityCount mappingCount best{category value} rolledUp}`
	for _, view := range []string{`{attackVersion:"16.1"}`, `{attackVersion:"18.1"}`, `{attackVersion:"17.1"}`, `{domain:MOBILE,attackVersion:"16.1"}`, `{domain:ICS,attackVersion:"18.1"}`} {
		for _, query := range []string{
			`{gaps(view:%s,first:1000,orderBy:TOP_TECHNIQUES){totalCount coverage{mapped byTactic{tactic{id} mapped} byPlatform{platform mapped}} nodes{technique{id name url platforms tactics{name} parent{id}} byFramework` + cell + ` weights{groups software kev topTechniques}}}}`,
			`{matrix(view:%s,frameworks:["nist_800_53","veris","kev"],rollUp:PARENT_IF_ALL_CHILDREN){tactics{tactic{id name} techniques{technique{id} state coverage` + cell + ` subtechniques{technique{id} state}}}}}`,
			`{mappings(view:%s,first:1000,filter:{minScore:PARTIAL}){totalCount nodes{id technique{id} capability{id capabilityId} relation scoreCategory scoreValue alignedFrom references{url} source{row} mappingSet{id}} pageInfo{endCursor hasNextPage}}}`,
			`{overlap(view:%s,frameworks:["nist_800_53","veris"]){regions{totalCount techniques(first:100){nodes{technique{id} byFramework{capabilities{id} mappings{id}}}}}}}`,
			`{groups(view:%s,first:200){nodes{id name aliases techniques{id} software{id} campaigns{id}}}}`,
		} {
			query = fmt.Sprintf(query, view)
			a, b := full.post(query, nil), bare.post(query, nil)
			if a.raw != b.raw || len(a.Errors) > 0 {
				t.Errorf("%s\ncorpus %.300s\nfacts  %.300s", query, a.raw, b.raw)
			}
		}
	}
}

func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*.graphql")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	editions(t, func(t *testing.T, a api) {
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			out := a.post(string(text), nil)
			if len(out.Errors) > 0 {
				t.Errorf("%s: %s", f, out.raw)
			}
			for name, v := range out.Data {
				if v == nil {
					t.Errorf("%s: %s is null", f, name)
				}
			}
		}
	})
}
