package loader

import (
	"crypto/sha256"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

// The digest is that of a reader that shares no code with this one.
func TestPrioritiesCorpus(t *testing.T) {
	rep := &kg.FileReport{}
	list, err := readPriorities(openFile(t, filepath.Join(corpus.Dir(t), "priority", "top-attack-techniques.json")), rep)
	if err != nil {
		t.Fatal(err)
	}
	checkEqual(t, "entries", len(list), 625)
	checkEqual(t, "objects", rep.Objects, 625)
	checkEqual(t, "notes", noteCodes(rep), "")
	checkSorted(t, "entries", list, func(p kg.Priority) string { return p.AttackID })
	hash, scores := sha256.New(), map[string]float64{}
	for _, p := range list {
		_, _ = fmt.Fprintf(hash, "%s %s\n", p.AttackID, strconv.FormatFloat(p.Cumulative, 'f', -1, 64))
		scores[p.AttackID] = p.Cumulative
	}
	checkEqual(t, "digest", fmt.Sprintf("%x", hash.Sum(nil))[:16], "5bc498531df6f9fd")
	checkEqual(t, "T1059", scores["T1059"], 2.914285904761905)
	checkEqual(t, "T1552.007", scores["T1552.007"], 0.14285714285714285)
}

func TestPriorities(t *testing.T) {
	rep := &kg.FileReport{}
	list, err := readPriorities(openText(t, "top.json", `[
		{"tid": "T2", "cumulative_score": 0.5, "name": "Two", "subtechniques": [{"tid": "T9", "cumulative_score": 9}]},
		{"cumulative_score": 1, "tid": " t1/001 "},
		{"tid": "T3"}, {"tid": "T4", "cumulative_score": null}, {"tid": "T5", "cumulative_score": "1"}, {"tid": "T6", "cumulative_score": 1e999},
		{"tid": "T2", "cumulative_score": 0.5}, {"tid": "T2", "cumulative_score": 0.75},
		{"cumulative_score": 1}, {"tid": 7, "cumulative_score": 1}, null, [], "T8"
	]`), rep)
	if err != nil {
		t.Fatal(err)
	}
	if want := []kg.Priority{{AttackID: "T1.001", Cumulative: 1}, {AttackID: "T2", Cumulative: 0.5}}; !reflect.DeepEqual(list, want) {
		t.Errorf("list = %v", list)
	}
	checkEqual(t, "objects", rep.Objects, 13)
	checkEqual(t, "notes", noteCodes(rep), "CONFLICTING_SCORE:1 MALFORMED_OBJECT:3 MALFORMED_VALUE:3 MISSING_ATTACK_ID:2 MISSING_SCORE:4 REPEATED_TECHNIQUE:1")
}

func TestPrioritiesRefused(t *testing.T) {
	for _, doc := range []string{`{}`, ``, `[`, `[{"tid": "T1"`, `[{"tid": "T1"}`, `[{]`} {
		if list, err := readPriorities(openText(t, "top.json", doc), &kg.FileReport{}); err == nil || list != nil {
			t.Errorf("%q was read as %v", doc, list)
		}
	}
	if list, err := readPriorities(openText(t, "top.json", `[]`), &kg.FileReport{}); err != nil || list == nil || len(list) != 0 {
		t.Errorf("an empty list was read as %v, error %v", list, err)
	}
}

func FuzzPriorities(f *testing.F) {
	f.Add(`[{"tid": "T1", "cumulative_score": 0.5}, {"tid": "t1/001", "cumulative_score": -1e3}]`)
	f.Add(`[{"tid": "T1", "cumulative_score": 1}, {"tid": "T1", "cumulative_score": 1}, {"tid": "T1", "cumulative_score": 2}, null]`)
	f.Add(`[{"\u0074id": "T\u00e91", "x": {"a": ["\\\"", "}"]}, "cumulative_score": 1e-400}]`)
	f.Fuzz(func(t *testing.T, doc string) {
		rep := &kg.FileReport{}
		list, err := readPriorities(openText(t, "top.json", doc), rep)
		if (err == nil) != (list != nil) {
			t.Fatalf("read %v, error %v", list, err)
		}
		if err != nil {
			return
		}
		checkNotes(t, rep)
		checkSorted(t, "entries", list, func(p kg.Priority) string { return p.AttackID })
		for _, p := range list {
			if p.AttackID == "" || strings.TrimSpace(p.AttackID) != p.AttackID || math.IsInf(p.Cumulative, 0) {
				t.Errorf("entry %+v", p)
			}
		}
	})
}
