package kg

import (
	"slices"
	"testing"
)

func TestNear(t *testing.T) {
	known := []string{"aws", "azure", "nist_800_53", "APT29", "Cozy Bear", "T1552.007"}
	for word, want := range map[string]string{
		"asw": "", "aws": "aws", "AZURE ": "azure", "azur": "azure", "nist_80053": "nist_800_53", "apt28": "APT29",
		"cozybear": "Cozy Bear", "T1552.07": "T1552.007", "": "", "zz": "", "something else": "",
	} {
		if got := Near(word, slices.Values(known)); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := DidYouMean("azur", slices.Values(known)); got != `; did you mean "azure"?` {
		t.Errorf("%q", got)
	}
	if got := DidYouMean("zzz", slices.Values(known)); got != "" {
		t.Errorf("%q", got)
	}
}
