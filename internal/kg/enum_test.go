package kg

import (
	"slices"
	"strings"
	"testing"
)

func testEnum[T ~uint8](t *testing.T, e Enum[T], last T) {
	t.Helper()
	values, names := e.Values(), e.Names()
	if len(values) != len(names) || values[len(values)-1] != last {
		t.Fatalf("%v are named %v; the last is %d", values, names, last)
	}
	for i, v := range values {
		if got, ok := e.Parse(strings.ToUpper(names[i])); !ok || got != v || e.Name(v) != names[i] {
			t.Errorf("%d is named %q, which is %d", v, e.Name(v), got)
		}
	}
	if got, ok := e.Parse("nothing"); ok || got != 0 {
		t.Errorf("nothing is %d", got)
	}
	if e.Name(last+1) != "" {
		t.Errorf("%d has the name %q", last+1, e.Name(last+1))
	}
	if slices.Sort(names); len(slices.Compact(names)) != len(values) {
		t.Errorf("a name stands twice in %v", names)
	}
}

func TestEnums(t *testing.T) {
	testEnum(t, DomainNames, ICS)
	testEnum(t, StatusNames, Revoked)
	testEnum(t, ObjectKindNames, KindAnalytic)
	testEnum(t, LinkKindNames, StrategyHasAnalytic)
	testEnum(t, FrameworkKindNames, IncidentTaxonomy)
	testEnum(t, ClassNames, Incomplete)
	testEnum(t, RelationNames, Other)
	testEnum(t, CategoryNames, Respond)
	testEnum(t, ValueNames, Significant)
	testEnum(t, EditionNames, Facts)
	testEnum(t, FileKindNames, UnknownFile)
	testEnum(t, UnresolvedReasonNames, UnresolvedUnknown)
	if NoValue.String() != "" || NoCategory.String() != "" || Relation(0).String() != "" || Domain(0).String() != "" {
		t.Error("none has a name")
	}
}
