package graph_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// TestEnumsAreThoseOfTheSchema holds the tables of enumerations to the schema.
func TestEnumsAreThoseOfTheSchema(t *testing.T) {
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"Domain": kg.DomainNames.Names(), "FrameworkKind": kg.FrameworkKindNames.Names(), "Relation": kg.RelationNames.Names(),
		"ScoreCategory": kg.CategoryNames.Names(), "ScoreValue": kg.ValueNames.Names(), "Edition": kg.EditionNames.Names(),
		"FileKind": kg.FileKindNames.Names(), "UnresolvedReason": kg.UnresolvedReasonNames.Names(),
		"CoverageState": algebra.StateNames.Names(), "GapReason": algebra.ReasonNames.Names(), "RollUp": algebra.RollUpNames.Names(),
	} {
		var got []string
		for _, v := range schema.Types[name].EnumValues {
			got = append(got, v.Name)
		}
		for i := range want {
			want[i] = strings.ToUpper(want[i])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v in the schema, and %v here", name, got, want)
		}
	}
}
