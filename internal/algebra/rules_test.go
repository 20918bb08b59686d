package algebra

import (
	"testing"
	"time"

	"github.com/mapgraph/mapgraph/internal/kg"
)

func TestFilterJudgesEachFieldByItself(t *testing.T) {
	scored := kg.Row{Category: kg.Detect, Value: kg.Partial}
	noValue := kg.Row{Category: kg.Detect}
	bare := kg.Row{}
	for _, c := range []struct {
		name                  string
		filter                Filter
		scored, noValue, bare bool
	}{
		{"nothing asked", Filter{}, true, true, true},
		{"its category", Filter{Categories: []kg.Category{kg.Detect}}, true, true, false},
		{"another category", Filter{Categories: []kg.Category{kg.Protect, kg.Respond}}, false, false, false},
		{"another category, unscored too", Filter{Categories: []kg.Category{kg.Protect}, IncludeUnscored: true}, false, false, true},
		{"a lower value", Filter{MinScore: kg.Minimal}, true, false, false},
		{"its value", Filter{MinScore: kg.Partial}, true, false, false},
		{"a higher value", Filter{MinScore: kg.Significant}, false, false, false},
		{"a higher value, unscored too", Filter{MinScore: kg.Significant, IncludeUnscored: true}, false, true, true},
		{"both, unscored too", Filter{Categories: []kg.Category{kg.Detect}, MinScore: kg.Partial, IncludeUnscored: true}, true, true, true},
	} {
		if c.filter.passes(scored.Category, scored.Value) != c.scored || c.filter.passes(noValue.Category, noValue.Value) != c.noValue || c.filter.passes(bare.Category, bare.Value) != c.bare {
			t.Errorf("%s: %v %v %v", c.name, c.filter.passes(scored.Category, scored.Value), c.filter.passes(noValue.Category, noValue.Value), c.filter.passes(bare.Category, bare.Value))
		}
	}
}

// silentView has sets of three ages that say nothing, in a view of 16.1.
func silentView() *View {
	now := release("16.1", kg.Technique{ID: "T1"}, kg.Technique{ID: "T2"}, kg.Technique{ID: "T3"})
	frames := map[string]*Frame{
		"16.1": NewFrame(now, nil),
		"15.1": NewFrame(release("15.1", kg.Technique{ID: "T1"}, kg.Technique{ID: "T3", Status: kg.Deprecated}), nil),
		"17.1": NewFrame(release("17.1", kg.Technique{ID: "T1"}, kg.Technique{ID: "T2", Status: kg.Revoked}), nil),
	}
	parts := ViewParts{
		Frame:     frames["16.1"],
		Framework: func(id string) kg.Framework { return kg.Framework{ID: id} },
		Own:       func(k kg.ReleaseKey) *Frame { return frames[k.Version] },
	}
	for framework, version := range map[string]string{"older": "15.1", "same": "16.1", "newer": "17.1", "unknown": "14.1"} {
		parts.Sets = append(parts.Sets, &kg.Set{Key: kg.SetKey{Framework: framework, Version: "1", AttackVersion: version, Domain: kg.Enterprise}})
	}
	return NewView(parts)
}

func TestReasonsOfSilence(t *testing.T) {
	v := silentView()
	want := map[string][3]Reason{
		"older":   {Silent, NewSinceMapping, NewSinceMapping},
		"same":    {Silent, Silent, Silent},
		"newer":   {Silent, RetiredBeforeMapping, RetiredBeforeMapping},
		"unknown": {UnknownReason, UnknownReason, UnknownReason},
		"none":    {UnknownReason, UnknownReason, UnknownReason},
	}
	for framework, reasons := range want {
		a := must(v.Assess(nil, Question{Frameworks: []string{framework}}))
		for i, reason := range reasons {
			if got := a.Columns[0].Cells[i]; got.State != Unassessed || got.Reason != reason {
				t.Errorf("%s, technique %d: %v %v, want %v", framework, i+1, got.State, got.Reason, reason)
			}
		}
	}
	for _, c := range []struct {
		frameworks []string
		want       [3]Reason
	}{
		{[]string{"unknown", "older"}, [3]Reason{Silent, NewSinceMapping, NewSinceMapping}},
		{[]string{"newer", "older"}, [3]Reason{Silent, NewSinceMapping, NewSinceMapping}},
		{[]string{"older", "same"}, [3]Reason{Silent, Silent, Silent}},
		{[]string{"none", "unknown"}, [3]Reason{UnknownReason, UnknownReason, UnknownReason}},
		{[]string{"unknown", "newer"}, [3]Reason{Silent, RetiredBeforeMapping, RetiredBeforeMapping}},
	} {
		a := must(v.Assess(nil, Question{Frameworks: c.frameworks}))
		for i, reason := range c.want {
			if got := a.Combined[i].Reason; got != reason {
				t.Errorf("%v, technique %d: %v, want the strongest, %v", c.frameworks, i+1, got, reason)
			}
		}
	}
}

func TestDisplayedIDComesFromTheNewestSet(t *testing.T) {
	row := func(class kg.Class, spelled string) kg.Row {
		return kg.Row{Class: class, Capability: "c-1", Spelled: spelled, AttackID: "T1"}
	}
	set := func(version, attack string, d kg.Domain, rows ...kg.Row) *kg.Set {
		return &kg.Set{Key: kg.SetKey{Framework: "f", Version: version, AttackVersion: attack, Domain: d}, Rows: rows}
	}
	for name, c := range map[string]struct {
		sets []*kg.Set
		want string
	}{
		"ATT&CK first":           {[]*kg.Set{set("9", "15.1", kg.Enterprise, row(kg.Mapped, "a")), set("1", "16.1", kg.Enterprise, row(kg.Mapped, "b"))}, "b"},
		"then the version":       {[]*kg.Set{set("2", "16.1", kg.Enterprise, row(kg.Mapped, "a")), set("10", "16.1", kg.Enterprise, row(kg.Mapped, "b"))}, "b"},
		"then the domain":        {[]*kg.Set{set("1", "16.1", kg.Enterprise, row(kg.Mapped, "a")), set("1", "16.1", kg.Mobile, row(kg.Mapped, "b")), set("1", "16.1", kg.ICS, row(kg.Mapped, "c"))}, "a"},
		"mapped rows first":      {[]*kg.Set{set("1", "16.1", kg.Enterprise, row(kg.NonMappableCapability, "a"), row(kg.NonMappableCapability, "a"), row(kg.Mapped, "b"))}, "b"},
		"then the most frequent": {[]*kg.Set{set("1", "16.1", kg.Enterprise, row(kg.Mapped, "a"), row(kg.Mapped, "b"), row(kg.Mapped, "b"))}, "b"},
		"then by bytes":          {[]*kg.Set{set("1", "16.1", kg.Enterprise, row(kg.Mapped, "b"), row(kg.Mapped, "a"))}, "a"},
	} {
		h := kg.HeadOf(&kg.Dataset{Sets: c.sets, Report: &kg.ImportReport{}}, time.Time{})
		if got := h.FindCapability("f", " c-1 "); got == nil || got.Spelled != c.want {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

func TestStackSpeaksAsOneBody(t *testing.T) {
	rel := release("16.1", kg.Technique{ID: "T1"}, kg.Technique{ID: "T1.001", Parent: "T1"}, kg.Technique{ID: "T1.002", Parent: "T1"}, kg.Technique{ID: "T2"}, kg.Technique{ID: "T3"})
	frame := NewFrame(rel, nil)
	mapped := func(capability, technique string) kg.Row {
		return kg.Row{Class: kg.Mapped, Capability: capability, AttackID: technique}
	}
	v := NewView(ViewParts{
		Frame: frame, Framework: func(id string) kg.Framework { return kg.Framework{ID: id} }, Own: func(kg.ReleaseKey) *Frame { return frame },
		Sets: []*kg.Set{
			{Key: kg.SetKey{Framework: "a", Version: "1", AttackVersion: "16.1", Domain: kg.Enterprise}, Rows: []kg.Row{mapped("x", "T1.001"), mapped("y", "T2"), {Class: kg.NonMappableTechnique, AttackID: "T3"}}},
			{Key: kg.SetKey{Framework: "b", Version: "1", AttackVersion: "16.1", Domain: kg.Enterprise}, Rows: []kg.Row{mapped("z", "T1.002")}},
		},
	})
	stack := &Stack{Capabilities: []kg.CapabilityRef{{Framework: "a", ID: "x"}, {Framework: "b", ID: "z"}}}
	got := must(v.Assess(nil, Question{Stack: stack, RollUp: ParentIfAllChildren})).Combined
	want := []Cell{
		{State: MappedState, RolledUp: true}, {State: MappedState}, {State: MappedState},
		{State: Unassessed, Reason: Silent}, // y is not owned
		{State: NonMappable},                // declared by a framework of which something is owned
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: %+v, want %+v", frame.Universe[i].ID, got[i], want[i])
		}
	}
	apart := must(v.Assess(nil, Question{Frameworks: []string{"a", "b"}, RollUp: ParentIfAllChildren})).Combined
	if apart[0].State == MappedState {
		t.Error("frameworks that are asked side by side roll up each by itself")
	}
}

// TestRolledUpOverAll: what one framework maps by itself is not rolled up,
// whatever the others say.
func TestRolledUpOverAll(t *testing.T) {
	parent, child := kg.Technique{ID: "T1"}, kg.Technique{ID: "T1.001", Parent: "T1"}
	frame := NewFrame(release("1", parent, child), nil)
	set := func(framework, technique string) *kg.Set {
		return &kg.Set{Key: kg.SetKey{Framework: framework, Version: "1", AttackVersion: "1", Domain: kg.Enterprise}, Rows: []kg.Row{{Class: kg.Mapped, Number: 1, Capability: "c", AttackID: technique}}}
	}
	v := NewView(ViewParts{
		Frame: frame, Sets: []*kg.Set{set("a", "T1"), set("b", "T1.001")},
		Framework: func(id string) kg.Framework { return kg.Framework{ID: id} }, Own: func(kg.ReleaseKey) *Frame { return frame },
	})
	for _, frameworks := range [][]string{{"a", "b"}, {"b", "a"}} {
		a := must(v.Assess(nil, Question{Frameworks: frameworks, RollUp: ParentIfAnyChild}))
		if got := a.Combined[0]; got.State != MappedState || got.RolledUp {
			t.Errorf("%v: %+v", frameworks, got)
		}
	}
	if got := must(v.Assess(nil, Question{Frameworks: []string{"b"}, RollUp: ParentIfAnyChild})).Combined[0]; !got.RolledUp {
		t.Errorf("b alone: %+v", got)
	}
}
