package search

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func ExampleQuery_Plan() {
	q, _ := Parse("AC-02 dumps")
	field := map[Part]string{InIDs: "ids", InNames: "names", InTexts: "texts"}
	for _, clause := range q.Plan()[1:] {
		for _, conjunction := range clause {
			for _, t := range conjunction {
				fmt.Print("+", field[t.Part], ":", t.Text)
				switch {
				case t.Prefix:
					fmt.Print("*")
				case t.Edits > 0:
					fmt.Print("~", t.Edits)
				}
			}
			fmt.Println()
		}
	}
	// Output:
	// +ids:dumps*
	// +names:dump*
	// +names:dumps~1
	// +texts:dump
	// +texts:d+texts:umps
	// +texts:du+texts:mps
	// +texts:dum+texts:ps
	// +texts:dumps*
	// +ids:ac2dumps*
	// +ids:ac02dumps*
	// +names:ac02dump*
	// +texts:ac02dumps*
}

func TestTermsOf(t *testing.T) {
	got := TermsOf(&Doc{
		IDs:   []string{"AC-02"},
		Names: []string{"PowerShell 7", "", strings.Repeat("Ab", 40)},
		Texts: []Text{{"description", "One word or one more"}, {"comments", "Word"}},
	})
	want := Terms{
		IDs:   []string{"02", "2", "ac02", "ac2"},
		Names: []string{"7", "powershell", "powershell7", "shell7"},
		Texts: []string{"more", "one", "or", "word"},
	}
	// The long name has an edge at each capital, and its keys are cut.
	long := 0
	var names []string
	for _, n := range got.Names {
		if strings.HasPrefix(n, "ab") {
			long++
			if len(n) > maxKey {
				t.Errorf("key of %d bytes", len(n))
			}
			continue
		}
		names = append(names, n)
	}
	if got.Names = names; !reflect.DeepEqual(got, want) || long == 0 {
		t.Errorf("got %+v and %d long keys, want %+v", got, long, want)
	}
}

// TestPlanIsBounded takes the queries with the most spellings.
func TestPlanIsBounded(t *testing.T) {
	word := func(n int) string { return strings.Repeat("policies", 8)[:n] }
	queries := []string{
		strings.Repeat("policies ", MaxWords),
		strings.Repeat("cases ", MaxWords),
		strings.Repeat(word(31)+" ", maxSplit),
		strings.Repeat(word(32)+" ", maxSplit),
		strings.Repeat("ies0ases-", maxSplit*4-1) + "cases",
		strings.Repeat("a1b2c3d4e5f6 ", 31),
		strings.Repeat("cases-cases 01 ", 10),
		strings.Repeat("a-b-c-d ", maxSplit),
		strings.Repeat("1a ", MaxWords),
	}
	for _, text := range queries {
		q := mustParse(t, text)
		n := 0
		for _, clause := range q.Plan() {
			for _, conjunction := range clause {
				n += len(conjunction)
			}
		}
		if n > 1000 {
			t.Errorf("%q: %d terms", text, n)
		}
	}
}
