package export

import (
	"encoding/json"
	"testing"
)

// TestFormulasAreGuarded, whatever way a spreadsheet is told to run a text.
func TestFormulasAreGuarded(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"} {
		if got := unformula(s); got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"", "a=1", " =1", "1-2", "é"} {
		if got := unformula(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// TestScoresOfLayers: what has a score of 0, or none, or is disabled, is not owned.
func TestScoresOfLayers(t *testing.T) {
	var layer any
	if err := json.Unmarshal([]byte(`{"techniques":[
		{"techniqueID":"T1","score":0},{"techniqueID":"T2","score":1},{"techniqueID":"T3"},{"techniqueID":"T4","score":-1},
		{"techniqueID":"T5","score":5,"enabled":false},{"techniqueID":"T6","score":0.5,"enabled":true}]}`), &layer); err != nil {
		t.Fatal(err)
	}
	owned, err := ParseLayer(layer)
	if err != nil || len(owned.Techniques) != 2 || owned.Techniques[0] != "T2" || owned.Techniques[1] != "T6" {
		t.Errorf("%+v, %v", owned, err)
	}
}
