package loader

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

func readCorpusOSCAL(tb testing.TB, name string) (*kg.Catalog, *kg.Baseline, *kg.FileReport) {
	tb.Helper()
	rep := &kg.FileReport{}
	catalog, baseline, err := readOSCAL(openFile(tb, filepath.Join(corpus.Dir(tb), "oscal", name)), rep)
	if err != nil {
		tb.Fatal(err)
	}
	if len(rep.Notes) != 0 {
		tb.Errorf("notes on a published document: %v", rep.Notes)
	}
	return catalog, baseline, rep
}

// The digests are those of a reader that shares no code with this one.
func TestOSCALCatalogCorpus(t *testing.T) {
	for _, want := range []struct {
		revision, version                                  string
		controls, enhancements, families, withdrawn, blank int
		digest                                             string
	}{
		{"rev4", "2015-01-22", 922, 666, 18, 96, 96, "10e02fb503fda8b3"},
		{"rev5", "5.0.1", 1189, 867, 20, 182, 180, "a3e8390c4d2bfca1"},
	} {
		t.Run(want.revision, func(t *testing.T) {
			c, baseline, rep := readCorpusOSCAL(t, "NIST_SP-800-53_"+want.revision+"_catalog-min.json")
			if baseline != nil {
				t.Error("a catalog was read as a baseline")
			}
			checkEqual(t, "framework", c.Framework+" "+c.FrameworkVersion+" "+c.Version, "nist_800_53 "+want.revision+" "+want.version)
			checkEqual(t, "objects", rep.Objects, want.controls)
			enhancements, withdrawn, blank, families, hash := 0, 0, 0, map[string]bool{}, sha256.New()
			for _, x := range c.Controls {
				if strings.Contains(x.ID, "(") {
					enhancements++
				}
				if x.Withdrawn {
					withdrawn++
				}
				if x.Description == "" {
					blank++
				}
				families[x.Family] = true
				_, _ = fmt.Fprintf(hash, "%s\t%s\t%s\t%s\t%t\t%s\n", x.ID, x.Title, x.Family, x.FamilyTitle, x.Withdrawn, x.Description)
			}
			checkEqual(t, "controls", len(c.Controls), want.controls)
			checkEqual(t, "enhancements", enhancements, want.enhancements)
			checkEqual(t, "families", len(families), want.families)
			checkEqual(t, "withdrawn", withdrawn, want.withdrawn)
			checkEqual(t, "without statement", blank, want.blank)
			checkEqual(t, "digest", fmt.Sprintf("%x", hash.Sum(nil))[:16], want.digest)
			checkCatalog(t, c)
		})
	}
}

func TestOSCALProfileCorpus(t *testing.T) {
	catalog, _, _ := readCorpusOSCAL(t, "NIST_SP-800-53_rev5_catalog-min.json")
	known := map[string]bool{}
	for _, x := range catalog.Controls {
		known[x.ID] = !x.Withdrawn
	}
	for name, want := range map[string]struct {
		controls int
		digest   string
	}{
		"LOW": {149, "a3e694b5d7717cfc"}, "MODERATE": {287, "2b7a101c0b59176f"}, "HIGH": {370, "066bd2ab3bd5c342"},
	} {
		t.Run(name, func(t *testing.T) {
			c, b, rep := readCorpusOSCAL(t, "NIST_SP-800-53_rev5_"+name+"-baseline_profile-min.json")
			if c != nil {
				t.Error("a profile was read as a catalog")
			}
			checkEqual(t, "baseline", b.Framework+" "+b.FrameworkVersion+" "+b.Name+" "+b.Version, "nist_800_53 rev5 "+name+" 5.1.1+u4")
			checkEqual(t, "objects", rep.Objects, want.controls)
			checkEqual(t, "digest", fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(b.Controls, "\n"))))[:16], want.digest)
			for _, id := range b.Controls {
				if !known[id] {
					t.Errorf("%s is no live control of the catalog", id)
				}
			}
		})
	}
}

const metadata5 = `"metadata": {"title": " NIST Special Publication 800-53 Revision 5.1.1: Controls ", "version": "5.1.1"}`

func readOSCALText(tb testing.TB, doc string) (*kg.Catalog, *kg.Baseline, *kg.FileReport) {
	tb.Helper()
	rep := &kg.FileReport{}
	catalog, baseline, err := readOSCAL(openText(tb, "oscal.json", doc), rep)
	if err != nil {
		tb.Fatal(err)
	}
	if catalog != nil {
		checkCatalog(tb, catalog)
	}
	return catalog, baseline, rep
}

func TestOSCALStatements(t *testing.T) {
	tests := map[string]struct {
		control string // members of a control beside its id
		want    string
		notes   string
	}{
		"prose":                 {`"parts": [{"name": "guidance", "prose": "no"}, {"name": "statement", "prose": " one \n  line "}]`, "one line", ""},
		"none":                  {`"title": "Withdrawn"`, "", ""},
		"items":                 {`"parts": [{"name": "statement", "prose": "Do:", "parts": [{"name": "item", "props": [{"name": "sort-id", "value": "x"}, {"name": "label", "value": "a."}], "prose": "this;", "parts": [{"name": "item", "props": [{"name": "label", "value": "1."}], "prose": "first"}]}, {"name": "item", "prose": "that"}, {"name": "item", "props": [{"name": "label", "value": "c."}]}]}]`, "Do:\na. this;\n  1. first\nthat\nc.", ""},
		"two statements":        {`"parts": [{"name": "statement", "prose": "one"}, {"name": "statement", "prose": "two"}]`, "one\ntwo", ""},
		"assignment":            {`"params": [{"id": "p", "label": "organization-defined time"}], "parts": [{"name": "statement", "prose": "within {{ insert: param, p }}."}]`, "within [Assignment: organization-defined time].", ""},
		"older insert":          {`"params": [{"id": "ac-2_prm_1", "label": "time"}], "parts": [{"name": "statement", "prose": "within {{ ac-2_prm_1 }} or {{ac-2_prm_1}}"}]`, "within [Assignment: time] or [Assignment: time]", ""},
		"selection":             {`"params": [{"id": "p", "select": {"how-many": "one", "choice": ["a", " b "]}}], "parts": [{"name": "statement", "prose": "{{ insert: param, p }}"}]`, "[Selection: a; b]", ""},
		"selection of several":  {`"params": [{"id": "q", "label": "time"}, {"id": "p", "select": {"how-many": "one-or-more", "choice": ["a", "every {{ insert: param, q }}"]}}], "parts": [{"name": "statement", "prose": "{{ insert: param, p }}"}]`, "[Selection (one or more): a; every [Assignment: time]]", ""},
		"unlabelled":            {`"params": [{"id": "p"}], "parts": [{"name": "statement", "prose": "{{ insert: param, p }}"}]`, "[Assignment: p]", ""},
		"unknown":               {`"parts": [{"name": "statement", "prose": "{{ insert: param, p }} {{ open"}]`, "[Assignment: p] {{ open", "UNKNOWN_PARAMETER:1"},
		"inserts that turn":     {`"params": [{"id": "p", "select": {"choice": ["{{ insert: param, p }}"]}}], "parts": [{"name": "statement", "prose": "{{ insert: param, p }}"}]`, "[Selection: [Selection: [Selection: [Selection: [Assignment: p]]]]]", "NESTED_TOO_DEEP:1"},
		"Markdown":              {`"parts": [{"name": "statement", "prose": "**Bold**, [AC-1](#ac-1) and [b] (c)"}]`, "Bold, AC-1 and [b] (c)", ""},
		"inserts within labels": {`"params": [{"id": "q", "label": "day"}, {"id": "p", "label": "each {{ insert: param, q }}"}], "parts": [{"name": "statement", "prose": "{{ insert: param, p }}"}]`, "[Assignment: each [Assignment: day]]", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, _, rep := readOSCALText(t, `{"catalog": {`+metadata5+`, "controls": [{"id": "ac-1", `+test.control+`}]}}`)
			checkEqual(t, "statement", c.Controls[0].Description, test.want)
			checkEqual(t, "notes", noteCodes(rep), test.notes)
		})
	}
}

func TestOSCALCatalog(t *testing.T) {
	c, _, rep := readOSCALText(t, `{"uuid": 1, "catalog": {"groups": [
		{"controls": [
			{"id": "ac-10", "title": " Ten "},
			{"id": "ac-02", "props": [{"name": "status", "value": "Withdrawn"}], "params": [{"id": "p", "label": "outer"}],
			 "controls": [{"id": "ac-2.10"}, {"id": "ac-2.1", "parts": [{"name": "statement", "prose": "{{ insert: param, p }}"}]}]},
			{"id": "ac-2", "title": "again"},
			{"id": 5}, 7, {"title": "no id"}
		 ], "id": "ac", "title": "Access Control",
		 "groups": [{"id": "zz", "title": "Inner", "controls": [{"id": "zz-1"}]}]}
	], "controls": [{"id": "xx-1"}], "back-matter": {"resources": []}, `+metadata5+`}}`)
	var got []string
	for _, x := range c.Controls {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%t|%s", x.ID, x.Title, x.Family, x.FamilyTitle, x.Withdrawn, x.Description))
	}
	want := []string{
		"AC-2||AC|Access Control|true|",
		"AC-2(1)||AC|Access Control|false|[Assignment: outer]",
		"AC-2(10)||AC|Access Control|false|",
		"AC-10|Ten|AC|Access Control|false|",
		"XX-1||||false|",
		"ZZ-1||ZZ|Inner|false|",
	}
	if !slices.Equal(got, want) {
		t.Errorf("controls:\n%s", strings.Join(got, "\n"))
	}
	checkEqual(t, "version", c.FrameworkVersion+" "+c.Version, "rev5 5.1.1")
	checkEqual(t, "objects", rep.Objects, 6)
	checkEqual(t, "notes", noteCodes(rep), "MALFORMED_CONTROL:2 MISSING_CONTROL_ID:1 REPEATED_CONTROL:1")
}

func TestOSCALProfile(t *testing.T) {
	title := func(s string) string {
		return `"metadata": {"title": "NIST SP 800-53 Rev. 4 ` + s + `", "version": "1"}`
	}
	tests := map[string]struct {
		members string
		want    string
		notes   string
	}{
		"with ids":      {title("LOW IMPACT BASELINE") + `, "imports": [{"include-controls": [{"with-ids": ["ac-10", "ac-2.1", "AC-02"]}, {"with-ids": ["ac-2"]}]}, {"include-controls": [{"with-ids": ["ac-1"]}]}]`, "LOW rev4 AC-1 AC-2 AC-2(1) AC-10", ""},
		"id selectors":  {`"imports": [{"include": {"id-selectors": [{"control-id": "ac-1"}, {"control-id": "ac-2.1"}]}}], ` + title("Moderate Baseline"), "MODERATE rev4 AC-1 AC-2(1)", ""},
		"calls":         {title("high-impact baseline") + `, "imports": [{"include": {"calls": [{"control-id": "ac-1"}, {"control-id": "ac-2"}]}}]`, "HIGH rev4 AC-1 AC-2", ""},
		"exclusions":    {title("PRIVACY BASELINE") + `, "imports": [{"include-controls": [{"with-ids": ["ac-1", "ac-2"]}], "exclude-controls": [{"with-ids": ["ac-1"]}]}]`, "PRIVACY rev4 AC-2", ""},
		"no name":       {title("overlay") + `, "imports": [{"include-controls": [{"with-ids": ["ac-1"]}]}]`, "NIST SP 800-53 Rev. 4 overlay rev4 AC-1", ""},
		"what it lacks": {title("LOW BASELINE") + `, "imports": [{"include-all": {}}, {"include-controls": [{"with-ids": ["ac-1"], "with-child-controls": "yes"}, {"matching": [{"pattern": "ac-*"}]}]}]`, "LOW rev4 AC-1", "UNRESOLVED_SELECTION:3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, b, rep := readOSCALText(t, `{"profile": {`+test.members+`}}`)
			checkEqual(t, "baseline", b.Name+" "+b.FrameworkVersion+" "+strings.Join(b.Controls, " "), test.want)
			checkEqual(t, "notes", noteCodes(rep), test.notes)
		})
	}
}

func TestOSCALRefused(t *testing.T) {
	for name, test := range map[string]struct{ doc, reason string }{
		"something else":    {`{"system-security-plan": {}}`, "neither an OSCAL catalog nor"},
		"no object":         {`[]`, "expected an object"},
		"other framework":   {`{"catalog": {"metadata": {"title": "ISO 27002"}, "controls": [{"id": "a-1"}]}}`, "not that of NIST SP 800-53"},
		"no revision":       {`{"catalog": {"metadata": {"title": "NIST SP 800-53"}, "controls": [{"id": "a-1"}]}}`, "which revision"},
		"no metadata":       {`{"catalog": {"controls": [{"id": "a-1"}]}}`, "the title"},
		"damaged metadata":  {`{"catalog": {"metadata": {"title": []}}}`, "expected what OSCAL gives at /title, found an array"},
		"no controls":       {`{"catalog": {` + metadata5 + `, "groups": []}}`, "no controls"},
		"groups of groups":  {`{"catalog": {` + metadata5 + strings.Repeat(`, "groups": [{"id": "a"`, 20) + strings.Repeat(`}]`, 20) + `}}`, "groups nest more than 16 deep"},
		"empty profile":     {`{"profile": {` + metadata5 + `, "imports": [{"include-all": {}}]}}`, "names no controls"},
		"damaged profile":   {`{"profile": {` + metadata5 + `, "imports": [{"include-controls": 5}]}}`, "expected what OSCAL gives"},
		"both":              {`{"catalog": {` + metadata5 + `, "controls": [{"id": "ac-1"}]}, "profile": {}}`, "more than one"},
		"cut":               {`{"catalog": {` + metadata5 + `, "controls": [{"id": "ac-1"`, ""},
		"cut between items": {`{"catalog": {` + metadata5 + `, "controls": [{"id": "ac-1"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, b, err := readOSCAL(openText(t, "oscal.json", test.doc), &kg.FileReport{})
			if c != nil || b != nil || err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("read %v and %v, error %v", c, b, err)
			}
		})
	}
}

func TestOSCALNesting(t *testing.T) {
	const deep = 1000
	c, _, rep := readOSCALText(t, `{"catalog": {`+metadata5+`, "controls": [
		{"id": "ac-1"`+strings.Repeat(`, "controls": [{"id": "ac-2"`, deep)+strings.Repeat(`}]`, deep)+`},
		{"id": "ac-3", "parts": [{"name": "statement", "prose": "x"`+strings.Repeat(`, "parts": [{"prose": "x"`, deep)+strings.Repeat(`}]`, deep)+`}]}]}}`)
	checkEqual(t, "controls", len(c.Controls), 3)
	checkEqual(t, "lines", strings.Count(c.Controls[2].Description, "\n"), maxNesting)
	checkEqual(t, "notes", noteCodes(rep), "NESTED_TOO_DEEP:2 REPEATED_CONTROL:14")
}

// A few parameters that insert each other twice would fill any memory.
func TestOSCALStatementBound(t *testing.T) {
	var params []string
	for i := range 30 {
		params = append(params, fmt.Sprintf(`{"id": "p%d", "select": {"choice": [%q]}}`, i, strings.Repeat(fmt.Sprintf("é{{ p%d }}", i+1), 100)))
	}
	c, _, rep := readOSCALText(t, `{"catalog": {`+metadata5+`, "controls": [{"id": "ac-1", "params": [`+strings.Join(params, ",")+`],
		"parts": [{"name": "statement", "prose": "{{ p0 }} {{ p1 }}"}, {"name": "statement", "prose": "more"}]}]}}`)
	if n := len(c.Controls[0].Description); n > maxStatement || n < maxStatement-4 {
		t.Errorf("the statement has %d bytes", n)
	}
	checkEqual(t, "notes", noteCodes(rep), "NESTED_TOO_DEEP:1 STATEMENT_CUT:1")
}

func FuzzOSCAL(f *testing.F) {
	f.Add(`{"catalog": {` + metadata5 + `, "groups": [{"id": "ac", "title": "Access", "controls": [{"id": "ac-2", "title": "T", "props": [{"name": "status", "value": "withdrawn"}],
		"params": [{"id": "p", "select": {"how-many": "one-or-more", "choice": ["{{ insert: param, p }}", "a"]}}, {"id": "q", "label": "x {{ p }}"}],
		"parts": [{"name": "statement", "prose": "**a** [b](#c) {{ insert: param, p }}{{ q }}", "parts": [{"props": [{"name": "label", "value": "a."}], "prose": "b"}]}],
		"controls": [{"id": "ac-2.1"}]}]}]}}`)
	f.Add(`{"profile": {` + metadata5 + `, "imports": [{"include-controls": [{"with-ids": ["ac-1", "ac-2.1"]}], "exclude-controls": [{"control-id": "ac-1"}]}]}}`)
	f.Add(`{"profile": {"metadata": {"title": "800-53 rev 5 LOW baseline"}, "imports": [{"include": {"calls": [{"control-id": "ac-1"}], "id-selectors": []}}]}}`)
	f.Fuzz(func(t *testing.T, doc string) {
		read := func() (*kg.Catalog, *kg.Baseline, *kg.FileReport) {
			rep := &kg.FileReport{}
			c, b, err := readOSCAL(openText(t, "oscal.json", doc), rep)
			if found := (c != nil) != (b != nil); found == (err != nil) {
				t.Fatalf("read %v and %v, error %v", c, b, err)
			}
			return c, b, rep
		}
		c, b, rep := read()
		if c != nil {
			checkCatalog(t, c)
		}
		if b != nil {
			checkSorted(t, "baseline", b.Controls, kg.OrderKey)
		}
		c2, b2, rep2 := read()
		if !reflect.DeepEqual(c, c2) || !reflect.DeepEqual(b, b2) || !reflect.DeepEqual(rep, rep2) {
			t.Error("a second reading differs")
		}
	})
}

func BenchmarkOSCAL(b *testing.B) {
	file := filepath.Join(corpus.Dir(b), "oscal", "NIST_SP-800-53_rev5_catalog-min.json")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := readOSCAL(openFile(b, file), &kg.FileReport{}); err != nil {
			b.Fatal(err)
		}
	}
}

// checkCatalog checks what every catalog promises.
func checkCatalog(tb testing.TB, c *kg.Catalog) {
	tb.Helper()
	for i, x := range c.Controls {
		if x.ID == "" || x.ID != kg.CanonicalCapabilityID(kg.OSCALFramework.ID, x.ID) || len(x.Description) > maxStatement {
			tb.Errorf("control %q with a statement of %d bytes", x.ID, len(x.Description))
		}
		if i > 0 && compareControls(c.Controls[i-1].ID, x.ID) >= 0 {
			tb.Errorf("%s before %s", c.Controls[i-1].ID, x.ID)
		}
	}
}
