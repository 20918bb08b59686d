package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// quotedJSON gives a text as JSON writes it; control characters are escaped.
func quotedJSON(text string) string {
	var b strings.Builder
	for _, c := range text {
		fmt.Fprintf(&b, "\\u%04x", c)
	}
	return `"` + b.String() + `"`
}

func notesOf(r *kg.FileReport, code string) []kg.Note {
	var found []kg.Note
	for _, n := range r.Notes {
		if n.Code == code {
			found = append(found, n)
		}
	}
	return found
}

func TestUnfitIDsOfRowsAreAbsent(t *testing.T) {
	long := strings.Repeat("x", maxID+1)
	for name, id := range map[string]string{
		"long": long, "line break": "a\nb", "control": "a\u009bb", "separator": "a\u2028b", "override": "a\u202eb",
	} {
		row := func(capability, technique string) string {
			return fmt.Sprintf(`{"capability_id":%s,"attack_object_id":%s,"mapping_type":"technique_scores"}`, quotedJSON(capability), quotedJSON(technique))
		}
		ds := loadFiles(t, map[string]string{"f.json": mappingFile("1", row(id, "T1001"), row("c", id), row("c", "T1001"), row(id, "T1001"))}, Options{})
		r := report(t, ds, "f.json")
		if want := (kg.RowCounts{Rows: 4, Mapped: 1, Incomplete: 3, ExactDuplicates: 1}); r.RowCounts != want {
			t.Errorf("%s: %+v, want %+v", name, r.RowCounts, want)
		}
		if n := notesOf(r, "UNFIT_ID"); len(n) != 2 || n[0].Count+n[1].Count != 3 {
			t.Errorf("%s: %+v", name, n)
		}
		for _, s := range ds.Sets[0].Rows {
			if s.Spelled != "" && s.Spelled != "c" || s.AttackID != "" && s.AttackID != "T1001" {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
	ds := loadFiles(t, map[string]string{"f.json": mappingFile("1", fmt.Sprintf(`{"capability_id":%q,"attack_object_id":"T1","mapping_type":"technique_scores"}`, long[1:]))}, Options{})
	if r := report(t, ds, "f.json"); r.Mapped != 1 || len(notesOf(r, "UNFIT_ID")) != 0 {
		t.Errorf("an id as long as the bound: %+v", r)
	}
}

func TestLongTextsOfRowsAreCut(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n/2+1) }
	references := make([]string, maxItems+2)
	for i := range references {
		references[i] = fmt.Sprintf(`"https://example.org/%d"`, i)
	}
	references[1] = `"https://example.org/` + strings.Repeat("x", maxURL) + `"`
	ds := loadFiles(t, map[string]string{"f.json": mappingFile("1", fmt.Sprintf(
		`{"capability_id":"c","attack_object_id":"T1001","mapping_type":"technique_scores","capability_description":%q,"attack_object_name":%q,"comments":%q,"references":[%s]}`,
		long(1<<20), long(maxName), long(maxText), strings.Join(references, ",")))}, Options{})
	r, row := report(t, ds, "f.json"), ds.Sets[0].Rows[0]
	if len(row.Title) != maxName || len(row.SourceLabel) != maxName || len(row.Comments) != maxText || !utf8.ValidString(row.Title) {
		t.Errorf("title %d, label %d, comments %d bytes", len(row.Title), len(row.SourceLabel), len(row.Comments))
	}
	if len(row.References) != maxItems || row.References[1].URL != "https://example.org/2" {
		t.Errorf("%d references, the second %q", len(row.References), row.References[1].URL)
	}
	for code, want := range map[string]int{"NAME_CUT": 2, "TEXT_CUT": 1, "URL_TOO_LONG": 1, "LIST_CUT": 1} {
		if got := len(notesOf(r, code)); got != want {
			t.Errorf("%d notes %s, want %d: %+v", got, code, want, r.Notes)
		}
	}
}

func TestUnfitMetadata(t *testing.T) {
	good := mappingFile("1", goodRow)
	for name, text := range map[string]string{
		"framework": strings.Replace(good, `"aws"`, `"`+strings.Repeat("a", maxID+1)+`"`, 1),
		"version":   strings.Replace(good, `"mapping_framework_version":"1"`, `"mapping_framework_version":"1\u20282"`, 1),
		"attack":    strings.Replace(good, `"16.1"`, `"`+strings.Repeat("1", maxID+1)+`"`, 1),
	} {
		e := report(t, loadFiles(t, map[string]string{"f.json": text}, Options{}), "f.json").Error
		if e == nil || !strings.Contains(e.Reason, "at most 256 bytes") || len(e.Reason) > 300 {
			t.Errorf("%s: %v", name, e)
		}
	}
	long := strings.Repeat("x", 1<<16)
	ds := loadFiles(t, map[string]string{"f.json": strings.Replace(good, `"capability_groups":{`, `"author":"`+long+`","capability_groups":{"`+long+`":"H","h":"`+long+`",`, 1)}, Options{})
	set, r := ds.Sets[0], report(t, ds, "f.json")
	if len(set.Author) != maxName || len(set.Groups) != 2 || len(set.Groups[1].Title) != maxName || len(notesOf(r, "UNFIT_ID")) != 1 || len(notesOf(r, "NAME_CUT")) != 2 {
		t.Errorf("author %d, groups %d, notes %+v", len(set.Author), len(set.Groups), r.Notes)
	}
}

func TestUnfitFrameworks(t *testing.T) {
	for name, text := range map[string]string{
		"long id":    "id: " + strings.Repeat("a", maxID+1) + "\nkind: CLOUD_PLATFORM\n",
		"line break": "id: \"a\\nb\"\nkind: CLOUD_PLATFORM\n",
		"slash":      "id: a/b\nkind: CLOUD_PLATFORM\n",
		"long name":  "id: a\nname: " + strings.Repeat("a", maxName+1) + "\nkind: CLOUD_PLATFORM\n",
	} {
		e := report(t, loadFiles(t, map[string]string{"framework.yaml": text, "f.json": mappingFile("1", goodRow)}, Options{}), "framework.yaml").Error
		if e == nil || !strings.Contains(e.Reason, "at most") {
			t.Errorf("%s: %v", name, e)
		}
	}
	if _, err := ParseFramework("a b=CLOUD_PLATFORM"); err == nil {
		t.Error("an id with a blank is taken from a flag")
	}
}

func TestUnfitObjectsOfAttack(t *testing.T) {
	long := strings.Repeat("n", 1<<17)
	aliases := []string{"Band", long}
	for i := range maxItems {
		aliases = append(aliases, fmt.Sprint("alias ", i))
	}
	rel, rep := readBundle(t,
		attackPattern("T1").with(stix{"name": long, "description": long, "x_mitre_platforms": []string{"Linux", "a\nb"}}),
		attackPattern("T2\nX"),
		stix{"type": "intrusion-set", "id": "intrusion-set--1", "name": "G", "aliases": aliases,
			"external_references": []stix{{"source_name": "mitre-attack", "external_id": "G1", "url": "https://" + long}}},
	)
	x := rel.Techniques[0]
	if len(rel.Techniques) != 1 || len(x.Name) != maxName || len(x.Description) != maxText || len(x.Platforms) != 1 {
		t.Errorf("%d techniques, name %d, description %d, platforms %v", len(rel.Techniques), len(x.Name), len(x.Description), x.Platforms)
	}
	g := rel.Objects[kg.KindGroup][0]
	if len(g.Aliases) != maxItems || len(g.Aliases[1]) != maxName || g.URL != "" {
		t.Errorf("%d aliases, the second of %d bytes, address of %d", len(g.Aliases), len(g.Aliases[1]), len(g.URL))
	}
	for _, code := range []string{"LIST_CUT", "MISSING_ATTACK_ID", "NAME_CUT", "TEXT_CUT", "UNFIT_ID", "URL_TOO_LONG"} {
		if len(notesOf(rep, code)) == 0 {
			t.Errorf("no note %s: %+v", code, rep.Notes)
		}
	}
}

func TestLookAlikesAreNotedAndStayTwo(t *testing.T) {
	of := func(framework, version string) string {
		return strings.Replace(mappingFile(version, goodRow), `"aws"`, `"`+framework+`"`, 1)
	}
	for name, pair := range map[string][2]string{
		"case":        {"aws", "AWS"},
		"normal form": {"caf\u00e9", "cafe\u0301"},
		"full width":  {"aws", "ａｗｓ"},
		"Cyrillic":    {"aws", "аws"},
		"invisible":   {"aws", "aw\u200bs"},
	} {
		ds := loadFiles(t, map[string]string{"a.json": of(pair[0], "1"), "b.json": of(pair[1], "2"), "c.json": of(pair[0], "3")}, Options{})
		if len(ds.Frameworks) != 2 {
			t.Errorf("%s: %d frameworks", name, len(ds.Frameworks))
		}
		if n := notesOf(report(t, ds, "b.json"), "LOOK_ALIKE"); len(n) != 1 || !strings.Contains(n[0].Message, "two frameworks") {
			t.Errorf("%s: %+v", name, n)
		}
		for _, file := range []string{"a.json", "c.json"} {
			if n := notesOf(report(t, ds, file), "LOOK_ALIKE"); len(n) != 0 {
				t.Errorf("%s: %s: %+v", name, file, n)
			}
		}
	}
	row := func(capability string) string {
		return fmt.Sprintf(`{"capability_id":%q,"attack_object_id":"T1001","mapping_type":"technique_scores"}`, capability)
	}
	ds := loadFiles(t, map[string]string{"a.json": mappingFile("1", row("Shield"), row("WAF")), "b.json": mappingFile("2", row("shield"), row("waf2"))}, Options{})
	n := notesOf(report(t, ds, "b.json"), "LOOK_ALIKE")
	if len(n) != 1 || n[0].Count != 1 || !strings.Contains(n[0].Message, "two capabilities") || len(kg.HeadOf(ds, time.Time{}).Capabilities) != 4 {
		t.Errorf("%+v", n)
	}
}

// TestErrorsQuoteNothing gives files that are something else than they are named
// for: a password file, say. An error tells where, and nothing of what is there.
func TestErrorsQuoteNothing(t *testing.T) {
	const secret = "ZQZQZQZ"
	for name, text := range map[string]string{
		"a.framework.yaml": "id: [\n" + secret + ": x: y",
		"b.framework.yaml": "id: x\nkind:\n  - " + secret + "\n",
		"c.framework.yaml": secret,
		"d.framework.yaml": "id: &a *" + secret,
		"e.framework.yaml": secret + ": 1\n" + secret + ": 2\nid: {" + secret + ": 3}",
		"f.json":           secret,
		"g.json":           `{"metadata":{"x":` + secret + `}}`,
		"h.json":           `{"metadata":{"x":"\` + secret + `"}}`,
		"i.json":           `{"metadata":{"x":"y"` + secret + `}}`,
		"j.json":           `{"metadata":tru` + secret + `}`,
		"k.json":           `{"metadata":{"x":"\u12` + secret + `"}}`,
	} {
		e := report(t, loadFiles(t, map[string]string{name: text, "good.json": mappingFile("1", goodRow)}, Options{}), name).Error
		if e == nil {
			t.Errorf("%s is not refused", name)
			continue
		}
		if strings.ContainsAny(e.String(), secret) {
			t.Errorf("%s: %q", name, e)
		}
	}
	e := report(t, loadFiles(t, map[string]string{"a.framework.yaml": "id: x\nkind:\n  - y\n", "good.json": mappingFile("1", goodRow)}, Options{}), "a.framework.yaml").Error
	if e.Line != 3 && e.Line != 2 {
		t.Errorf("no line: %+v", e)
	}
}

func TestLinksThatLeadOutAreNotFollowed(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "out.json"), mappingFile("1", goodRow))
	write(filepath.Join(outside, "passwd"), "root:x:0:0")
	write(filepath.Join(dir, ".within.json"), mappingFile("2", goodRow))
	link(filepath.Join(outside, "out.json"), "absolute.json")
	relative, err := filepath.Rel(dir, filepath.Join(outside, "passwd"))
	if err != nil {
		t.Fatal(err)
	}
	link(relative, "x.framework.yaml")
	link(".within.json", "within.json")
	link(outside, "folder")
	ds, err := Load(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(ds.Sets) != 1 || ds.Sets[0].File != "within.json" {
		t.Errorf("%d sets", len(ds.Sets))
	}
	for _, name := range []string{"absolute.json", "x.framework.yaml", "folder"} {
		r := report(t, ds, name)
		if n := notesOf(r, "NOT_READ"); len(n) != 1 || !strings.Contains(n[0].Message, "leads out of the data folder") || r.Error != nil || r.Bytes != 0 {
			t.Errorf("%s: %+v, %v", name, n, r.Error)
		}
	}
}
