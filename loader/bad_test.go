package loader

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mapgraph/mapgraph/internal/kg"
)

const meta = `"metadata":{"mapping_framework":"aws","mapping_framework_version":"1","attack_version":"16.1","technology_domain":"enterprise","mapping_types":{"technique_scores":{"name":"technique_scores","description":""}},"capability_groups":{"g":"G"}}`

// mappingFile makes a mapping file of rows; the framework's version keeps its identity apart.
func mappingFile(version string, rows ...string) string {
	return `{` + strings.Replace(meta, `"mapping_framework_version":"1"`, `"mapping_framework_version":"`+version+`"`, 1) + `,"mapping_objects":[` + strings.Join(rows, ",") + `]}`
}

const goodRow = `{"capability_id":"c","capability_group":"g","attack_object_id":"T1001","mapping_type":"technique_scores","status":"complete"}`

func loadFiles(t *testing.T, files map[string]string, opts Options) *kg.Dataset {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ds, err := LoadFS(t.Context(), m, opts)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func report(t *testing.T, ds *kg.Dataset, path string) *kg.FileReport {
	t.Helper()
	for i := range ds.Report.Files {
		if ds.Report.Files[i].Path == path {
			return &ds.Report.Files[i]
		}
	}
	t.Fatalf("no report of %s", path)
	return nil
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBrokenFilesAreRefusedAndLoseNothingElse(t *testing.T) {
	good := mappingFile("1", goodRow)
	whole := zipped(t, mappingFile("9", goodRow))
	files := map[string]string{"good.json": good}
	broken := map[string]struct{ text, says string }{
		"cut.json":           {good[:len(good)-20], "ends in the middle"},
		"syntax.json":        {"{\n\"metadata\": {},\n\"mapping_objects\": [\n{\"a\": }\n]}", "line 4, row 1: not valid JSON"},
		"trailing.json":      {mappingFile("2", goodRow) + "{}", "follows"},
		"nometa.json":        {`{"mapping_objects":[` + goodRow + `]}`, "no usable metadata"},
		"halfmeta.json":      {`{"metadata":{"mapping_framework":"aws"},"mapping_objects":[]}`, "missing attack_version, mapping_framework_version, technology_domain"},
		"metatype.json":      {`{"metadata":7,"mapping_objects":[]}`, "expected an object, found a number"},
		"badid.json":         {strings.Replace(good, `"mapping_framework":"aws"`, `"mapping_framework":"a/b"`, 1), "an id has no blanks"},
		"empty.json":         {"", "the file is empty"},
		"text.json":          {"hello", "not valid JSON"},
		"twin.json":          {good, "good.json holds already"},
		"notgzip.json.gz":    {"plain", "not a gzip file"},
		"cutgzip.json.gz":    {whole[:len(whole)-15], ""},
		"bundle.json":        {`{"type":"bundle","objects":[{"type":"attack-pattern"}]}`, "name the file"},
		"bad.framework.yaml": {"id: x", "kind"},
	}
	for name, b := range broken {
		files[name] = b.text
	}
	ds := loadFiles(t, files, Options{})
	for name, b := range broken {
		r := report(t, ds, name)
		if r.Error == nil || !strings.Contains(r.Error.String(), b.says) {
			t.Errorf("%s: %v; want %q", name, r.Error, b.says)
		}
		if r.Rows != 0 || r.Set != nil {
			t.Errorf("%s: a refused file counts %d rows", name, r.Rows)
		}
	}
	if len(ds.Sets) != 1 || len(ds.Sets[0].Rows) != 1 || ds.Report.Refused() != len(broken) {
		t.Errorf("%d sets, %d refused of %d", len(ds.Sets), ds.Report.Refused(), len(broken))
	}
	m := fstest.MapFS{"good.json": {Data: []byte(good)}, "cut.json": {Data: []byte(good[:40])}}
	if ds, err := LoadFS(t.Context(), m, Options{Strict: true}); !errors.Is(err, ErrRefused) || ds.Report.Refused() != 1 {
		t.Errorf("strict: %v", err)
	}
	if _, err := LoadFS(t.Context(), fstest.MapFS{"notes.txt": {}}, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestOddRowsAreKeptAndNoted(t *testing.T) {
	rows := []string{
		goodRow,
		`{"capability_id":7,"attack_object_id":"T1001","status":"complete"}`,
		`"no object"`,
		`{"capability_id":"c","attack_object_id":"T1002","mapping_type":"technique_scores","score_category":"shout","score_value":"huge","references":"none"}`,
		`{"capability_id":"c","capability_id":"d","attack_object_id":"T1003","mapping_type":"technique_scores","novel":{"x":[1]}}`,
		"{\"capability_id\":\"c\",\"attack_object_id\":\"T1004\",\"comments\":\"a\xffb\",\"mapping_type\":\"technique_scores\",\"references\":[\"http://x\",5]}",
		`{"capability_id":" c ","capability_group":"g","attack_object_id":"T1001 ","mapping_type":"technique_scores","status":"complete","comments":null,"references":[]}`,
		`{"capability_id":"c","attack_object_id":"T1005","status":"non_mappable"}`,
	}
	ds := loadFiles(t, map[string]string{"f.json": "\xef\xbb\xbf" + mappingFile("1", rows...)}, Options{})
	r := report(t, ds, "f.json")
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	if want := (kg.RowCounts{Rows: 8, Mapped: 5, Incomplete: 3, ExactDuplicates: 1}); r.RowCounts != want {
		t.Errorf("%+v, want %+v", r.RowCounts, want)
	}
	if r.DuplicateKeys != 1 || r.UnknownKeys != 1 || r.InvalidUTF8 != 1 {
		t.Errorf("%d duplicate keys, %d unknown keys, %d invalid strings", r.DuplicateKeys, r.UnknownKeys, r.InvalidUTF8)
	}
	codes := map[string]int{}
	for _, n := range r.Notes {
		codes[n.Code] += n.Count
	}
	for code, want := range map[string]int{"FIELD_TYPE": 3, "ROW_TYPE": 1, "UNKNOWN_CATEGORY": 1, "UNKNOWN_VALUE": 1, "DUPLICATE_KEY": 1, "UNKNOWN_KEY": 1, "INCOMPLETE_ROW": 3} {
		if codes[code] != want {
			t.Errorf("%s: %d, want %d", code, codes[code], want)
		}
	}
	for _, row := range ds.Sets[0].Rows {
		if row.AttackID == "T1003" && row.Capability != "d" {
			t.Errorf("of two equal keys the last counts, not %q", row.Capability)
		}
		if row.AttackID == "T1004" && (row.Comments != "a\uFFFDb" || len(row.References) != 1) {
			t.Errorf("comments %q, references %v", row.Comments, row.References)
		}
	}
}

func TestRowsThatAreNoListAreNoted(t *testing.T) {
	ds := loadFiles(t, map[string]string{"f.json": `{` + meta + `,"mapping_objects":{"a":1}}`, "g.json": `{` + strings.Replace(meta, `"1"`, `"2"`, 1) + `}`}, Options{})
	for _, name := range []string{"f.json", "g.json"} {
		codes := ""
		for _, n := range report(t, ds, name).Notes {
			codes += n.Code + " "
		}
		if e := report(t, ds, name).Error; e != nil || !strings.Contains(codes, "NO_ROWS") {
			t.Errorf("%s: %v, %s", name, e, codes)
		}
	}
}

func TestMetadataBehindTheRows(t *testing.T) {
	text := `{"mapping_objects":[{"capability_id":"ac-02","attack_object_id":"T1001","mapping_type":"protects"}],` + strings.Replace(meta, `"aws"`, `"nist_800_53"`, 1) + `}`
	before := loadFiles(t, map[string]string{"f.json": text}, Options{}).Sets[0]
	after := loadFiles(t, map[string]string{"f.json": strings.Replace(mappingFile("1", `{"mapping_type":"protects","attack_object_id":"T1001","capability_id":"ac-02"}`), `"aws"`, `"nist_800_53"`, 1)}, Options{}).Sets[0]
	if before.Rows[0].Capability != "AC-2" || before.Rows[0].Relation != kg.Mitigates || before.Rows[0].ID != after.Rows[0].ID {
		t.Errorf("%+v\n%+v", before.Rows[0], after.Rows[0])
	}
}

func TestMappingIDsDoNotDependOnPosition(t *testing.T) {
	other := `{"capability_id":"z","attack_object_id":"T1009","mapping_type":"technique_scores"}`
	one := loadFiles(t, map[string]string{"f.json": mappingFile("1", goodRow)}, Options{}).Sets[0]
	two := loadFiles(t, map[string]string{"elsewhere/g.json": mappingFile("1", other, goodRow)}, Options{}).Sets[0]
	moved := loadFiles(t, map[string]string{"f.json": mappingFile("2", goodRow)}, Options{}).Sets[0]
	if one.Rows[0].ID != two.Rows[1].ID || one.Rows[0].ID == two.Rows[0].ID || one.Rows[0].ID == moved.Rows[0].ID {
		t.Error("an id is a hash of the set's identity and the row's content")
	}
}

func TestFrameworkOfOnesOwn(t *testing.T) {
	own := strings.Replace(mappingFile("1", goodRow), `"aws"`, `"acme"`, 1)
	described := loadFiles(t, map[string]string{"acme.json": own, "acme.framework.yaml": "id: acme\nname: Acme Controls\nkind: CLOUD_PLATFORM\n"}, Options{})
	if got := fmt.Sprint(described.Frameworks); got != fmt.Sprint([]kg.Framework{{ID: "acme", Name: "Acme Controls", Kind: kg.CloudPlatform}}) {
		t.Errorf("%s", got)
	}
	f, err := ParseFramework("acme=HARDWARE_PLATFORM:Acme")
	if err != nil {
		t.Fatal(err)
	}
	flagged := loadFiles(t, map[string]string{"acme.json": own, "framework.yaml": "id: acme\nname: x\nkind: CLOUD_PLATFORM\n"}, Options{Frameworks: []kg.Framework{f}})
	if flagged.Frameworks[0] != f {
		t.Errorf("%v", flagged.Frameworks)
	}
	bare := loadFiles(t, map[string]string{"acme.json": own}, Options{})
	if n := report(t, bare, "acme.json").Notes; len(n) != 1 || n[0].Code != "UNDESCRIBED_FRAMEWORK" || !strings.Contains(n[0].Message, "acme.framework.yaml") {
		// The release is not loaded either; that is a note of its own.
		found := false
		for _, note := range n {
			found = found || note.Code == "UNDESCRIBED_FRAMEWORK" && strings.Contains(note.Message, "acme.framework.yaml")
		}
		if !found {
			t.Errorf("%v", n)
		}
	}
	for _, bad := range []string{"", "x", "x=CLOUD", "=CLOUD_PLATFORM:n"} {
		if _, err := ParseFramework(bad); err == nil {
			t.Errorf("ParseFramework(%q) succeeded", bad)
		}
	}
}

func TestFrameworkFileHoldsOneDocument(t *testing.T) {
	const one = "id: acme\nname: Acme\nkind: CLOUD_PLATFORM\n"
	for text, refused := range map[string]bool{one: false, "---\n" + one: false, one + "---\nid: other\n": true, `{"id":"acme","name":"Acme","kind":"CLOUD_PLATFORM"} {}`: true, "": true} {
		ds := loadFiles(t, map[string]string{"set.json": mappingFile("1", goodRow), "framework.yaml": text}, Options{})
		if got := report(t, ds, "framework.yaml").Error; (got != nil) != refused {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// endless is a file of a prefix, then one byte over and over, then a suffix.
type endless struct {
	prefix, suffix string
	fill           byte
	size           int64
}

func (e endless) Open(string) (fs.File, error) {
	r := io.MultiReader(strings.NewReader(e.prefix), io.LimitReader(filler(e.fill), e.size), strings.NewReader(e.suffix))
	return &streamFile{r}, nil
}

type filler byte

func (f filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(f)
	}
	return len(p), nil
}

type streamFile struct{ io.Reader }

func (*streamFile) Close() error               { return nil }
func (*streamFile) Stat() (fs.FileInfo, error) { return streamInfo{}, nil }

type streamInfo struct{}

func (streamInfo) Name() string       { return "big.json" }
func (streamInfo) Size() int64        { return 1 << 30 }
func (streamInfo) Mode() fs.FileMode  { return 0o444 }
func (streamInfo) ModTime() time.Time { return time.Time{} }
func (streamInfo) IsDir() bool        { return false }
func (streamInfo) Sys() any           { return nil }

// oneFile is a folder with one file.
type oneFile struct{ endless }

func (o oneFile) ReadDir(string) ([]fs.DirEntry, error) {
	return []fs.DirEntry{fs.FileInfoToDirEntry(streamInfo{})}, nil
}

func (o oneFile) Stat(name string) (fs.FileInfo, error) {
	if name == "." {
		return fstest.MapFS{"x": {}}.Stat(".")
	}
	return streamInfo{}, nil
}

// TestHugeInputsTakeBoundedMemory reads values of a gigabyte, and nests a
// million deep.
func TestHugeInputsTakeBoundedMemory(t *testing.T) {
	const gigabyte = 1 << 30
	for name, e := range map[string]endless{
		"a string":      {prefix: `{` + meta + `,"mapping_objects":[{"comments":"`, fill: 'x', size: gigabyte, suffix: `"}]}`},
		"an unknown":    {prefix: `{"whatever":"`, fill: 'x', size: gigabyte, suffix: `"}`},
		"a key":         {prefix: `{"`, fill: 'k', size: gigabyte, suffix: `":1}`},
		"blanks":        {prefix: `{` + meta + `,"mapping_objects":[`, fill: ' ', size: gigabyte, suffix: `]}`},
		"deep arrays":   {prefix: `{` + meta + `,"mapping_objects":[{"x":`, fill: '[', size: 1 << 20, suffix: ``},
		"a STIX string": {prefix: `{"type":"bundle","objects":[{"type":"attack-pattern","name":"`, fill: 'x', size: gigabyte, suffix: `"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			ds, err := LoadFS(t.Context(), oneFile{e}, Options{})
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if r := ds.Report.Files[0]; r.Error == nil || r.Error.Reason == "" {
				t.Errorf("it is not refused: %+v", r)
			}
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 300<<20 {
				t.Errorf("%d MB were allocated in all", grown>>20)
			}
		})
	}
}

func TestGzipBombIsRefused(t *testing.T) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, _ = io.WriteString(w, `{`+meta+`,"mapping_objects":[`)
	for range 2000 {
		_, _ = io.WriteString(w, goodRow+","+strings.Repeat(" ", 1<<16))
	}
	_, _ = io.WriteString(w, goodRow+`]}`)
	_ = w.Close()
	ds := loadFiles(t, map[string]string{"bomb.json.gz": b.String()}, Options{Limits: Limits{FileBytes: 64 << 20}})
	if e := report(t, ds, "bomb.json.gz").Error; e == nil || !strings.Contains(e.Reason, "larger than the limit of 67108864 bytes") || e.Row == 0 {
		t.Errorf("%v", e)
	}
}

// TestManyValuesAreRefused reads small files of many values, whatever they are
// values of: each takes time.
func TestManyValuesAreRefused(t *testing.T) {
	many := func(unit string) string { return strings.Repeat(unit+",", 999) + unit }
	for name, text := range map[string]string{
		"rows":       mappingFile("1", many(`1`)),
		"keys":       mappingFile("1", `{`+many(`"k":0`)+`}`),
		"references": mappingFile("1", `{"references":[`+many(`"a"`)+`]}`),
		"skipped":    `{"metadata":{},"x":[` + many(`[]`) + `]}`,
		"sniffed":    `{"x":[` + many(`{}`) + `]}`,
		"objects":    `{"type":"bundle","objects":[` + many(`{}`) + `]}`,
		"priorities": `[` + many(`{"tid":"T1"}`) + `]`,
	} {
		ds := loadFiles(t, map[string]string{"f.json": text, "z.json.gz": zipped(t, text), "good.json": mappingFile("9", goodRow)}, Options{Limits: Limits{Values: 900}})
		for _, file := range []string{"f.json", "z.json.gz"} {
			if e := report(t, ds, file).Error; e == nil || !strings.Contains(e.Reason, "more values") {
				t.Errorf("%s, %s: %v", name, file, e)
			}
		}
		if len(ds.Sets) != 1 {
			t.Errorf("%s: %d sets", name, len(ds.Sets))
		}
	}
}

func TestRepairReferences(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want []string // URL, or "-" for none
	}{
		{[]string{" https://a.org/x ", "", "[]", "  "}, []string{"https://a.org/x"}},
		{[]string{"https://a.org https://b.org"}, []string{"https://a.org", "https://b.org"}},
		{[]string{"https://a.org/x; http://b.org/y"}, []string{"https://a.org/x", "http://b.org/y"}},
		{[]string{"Ref: https://a.org"}, []string{"https://a.org"}},
		{[]string{"'https://a.org"}, []string{"https://a.org"}},
		{[]string{`\thttps://a.org`}, []string{"https://a.org"}},
		{[]string{"chrome-extension://abc/https://a.org/f.pdf"}, []string{"https://a.org/f.pdf"}},
		{[]string{"https://web.archive.org/web/2020/http://a.org"}, []string{"https://web.archive.org/web/2020/http://a.org"}},
		{[]string{"https://a.org/#:~:text=one", "%20two", "three"}, []string{"https://a.org/#:~:text=one,%20two,three"}},
		{[]string{"https://a.org/#:~:text=one", "https://b.org", "stray"}, []string{"https://a.org/#:~:text=one", "https://b.org", "-"}},
		{[]string{"see the manual"}, []string{"-"}},
		{nil, nil},
	} {
		var got []string
		for _, r := range repairReferences(c.in) {
			if r.Raw == "" {
				t.Errorf("%q: the raw text is lost", c.in)
			}
			got = append(got, r.URL)
			if r.URL == "" {
				got[len(got)-1] = "-"
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzMappingSet(f *testing.F) {
	f.Add([]byte(mappingFile("1", goodRow, `{"references":["a","https://b; https://c"],"score_value":"partial"}`)))
	f.Add([]byte(`{"mapping_objects":[null,1,"x",[],{}],` + meta + `}`))
	f.Add([]byte(`{"metadata":{"mapping_types":[],"capability_groups":7},"mapping_objects":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		ds, err := LoadFS(t.Context(), fstest.MapFS{"f.json": {Data: text}}, Options{})
		if err != nil {
			return
		}
		r := &ds.Report.Files[0]
		if r.Rows != r.Mapped+r.NonMappableCapability+r.NonMappableTechnique+r.Incomplete {
			t.Fatalf("the classes do not sum: %+v", r.RowCounts)
		}
		for _, s := range ds.Sets {
			if len(s.Rows)+r.ExactDuplicates > r.Rows {
				t.Fatalf("%d rows and %d duplicates of %d", len(s.Rows), r.ExactDuplicates, r.Rows)
			}
		}
		if err := WriteReport(io.Discard, ds.Report); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzReferences(f *testing.F) {
	f.Add("https://a.org/#:~:text=x\nfragment\nhttps://b https://c")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range repairReferences(strings.Split(text, "\n")) {
			if r.URL != "" && !strings.HasPrefix(r.URL, "http://") && !strings.HasPrefix(r.URL, "https://") {
				t.Fatalf("%q gives %q", text, r.URL)
			}
		}
	})
}

// TestRowsThatLookAlikeHaveIDsOfTheirOwn: rows that differ only in what the graph
// does not keep are evidence all the same, the third as the second.
func TestRowsThatLookAlikeHaveIDsOfTheirOwn(t *testing.T) {
	row := func(score string) string {
		return strings.Replace(goodRow, `"status"`, `"related_score":"`+score+`","status"`, 1)
	}
	ds := loadFiles(t, map[string]string{"f.json": mappingFile("1", row("T1"), row("T2"), row("T3"), row("T1"))}, Options{})
	seen := map[kg.MappingID]bool{}
	for _, r := range ds.Sets[0].Rows {
		seen[r.ID] = true
	}
	if len(ds.Sets[0].Rows) != 3 || len(seen) != 3 {
		t.Errorf("%d rows, %d ids", len(ds.Sets[0].Rows), len(seen))
	}
}
