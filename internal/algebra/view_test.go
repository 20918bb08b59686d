package algebra

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
)

func set(framework, version, attack string, d kg.Domain) kg.SetSummary {
	return kg.SetSummary{Set: &kg.Set{Key: kg.SetKey{Framework: framework, Version: version, AttackVersion: attack, Domain: d}}}
}

func TestChooseSets(t *testing.T) {
	all := []kg.SetSummary{
		set("nist", "rev4", "8.2", kg.Enterprise), set("nist", "rev5", "8.2", kg.Enterprise),
		set("nist", "rev4", "14.1", kg.Enterprise), set("nist", "rev5", "14.1", kg.Enterprise),
		set("nist", "rev5", "16.1", kg.Enterprise), set("csa", "4.1", "17.1", kg.Enterprise),
		set("csa", "5.0", "18.1", kg.Enterprise), set("kev", "02/13/2025", "15.1", kg.Mobile),
	}
	for _, c := range []struct {
		version string
		named   []kg.SetKey
		want    []string
	}{
		{"16.1", nil, []string{"csa/4.1@17.1/enterprise", "nist/rev5@16.1/enterprise"}},
		{"15.1", nil, []string{"csa/4.1@17.1/enterprise", "nist/rev5@14.1/enterprise"}},
		{"9.0", nil, []string{"csa/4.1@17.1/enterprise", "nist/rev5@8.2/enterprise"}},
		{"8.1", nil, []string{"csa/4.1@17.1/enterprise", "nist/rev5@8.2/enterprise"}},
		{"18.1", nil, []string{"csa/5.0@18.1/enterprise", "nist/rev5@16.1/enterprise"}},
		{"18.1-beta", nil, []string{"csa/4.1@17.1/enterprise", "nist/rev5@16.1/enterprise"}},
		{"16.1", []kg.SetKey{{Framework: "nist", Version: "rev4", AttackVersion: "8.2", Domain: kg.Enterprise}}, []string{"csa/4.1@17.1/enterprise", "nist/rev4@8.2/enterprise"}},
	} {
		var got []string
		for _, k := range ChooseSets(all, kg.ReleaseKey{Domain: kg.Enterprise, Version: c.version}, c.named) {
			got = append(got, k.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("view %s: %v, want %v", c.version, got, c.want)
		}
	}
}

func release(version string, techniques ...kg.Technique) *kg.Release {
	return &kg.Release{Key: kg.ReleaseKey{Domain: kg.Enterprise, Version: version}, Techniques: techniques}
}

func TestAlign(t *testing.T) {
	target := release("16.1",
		kg.Technique{ID: "T1"}, kg.Technique{ID: "T2", Status: kg.Revoked, RevokedBy: "T3"}, kg.Technique{ID: "T3", Status: kg.Revoked, RevokedBy: "T1"},
		kg.Technique{ID: "T4", Status: kg.Deprecated}, kg.Technique{ID: "T5", Status: kg.Revoked, RevokedBy: "T4"}, kg.Technique{ID: "T6", Status: kg.Revoked},
		kg.Technique{ID: "T7", Status: kg.Revoked, RevokedBy: "T8"}, kg.Technique{ID: "T8", Status: kg.Revoked, RevokedBy: "T7"},
	)
	mobile := release("16.1", kg.Technique{ID: "T9"}, kg.Technique{ID: "T1"})
	mobile.Key.Domain = kg.Mobile
	older := release("15.1", kg.Technique{ID: "T10"})
	a := NewAligner(target, []*kg.Release{target, mobile, older})
	for _, c := range []struct {
		id, to string
		reason kg.UnresolvedReason
	}{
		{"T1", "T1", 0}, {"T2", "T1", 0}, {"T3", "T1", 0},
		{"T4", "", kg.UnresolvedDeprecated}, {"T5", "", kg.UnresolvedRevoked}, {"T6", "", kg.UnresolvedRevoked},
		{"T7", "", kg.UnresolvedRevoked}, {"T9", "", kg.UnresolvedOtherDomain}, {"T10", "", kg.UnresolvedUnknown},
	} {
		if to, reason := a.Align(c.id); to != c.to || reason != c.reason {
			t.Errorf("Align(%s) = %q, %d; want %q, %d", c.id, to, reason, c.to, c.reason)
		}
	}
}

// TestALongChainOfSuccessorsTakesNoLonger follows a chain from each of its
// members: one by one, that would take forever.
func TestALongChainOfSuccessorsTakesNoLonger(t *testing.T) {
	const n = 200_000
	rel := release("1.0")
	for i := range n {
		rel.Techniques = append(rel.Techniques, kg.Technique{ID: fmt.Sprintf("T%07d", i), Status: kg.Revoked, RevokedBy: fmt.Sprintf("T%07d", i+1)})
	}
	last := fmt.Sprintf("T%07d", n)
	rel.Techniques = append(rel.Techniques, kg.Technique{ID: last})
	a := NewAligner(rel, nil)
	for i := range n {
		if to, reason := a.Align(rel.Techniques[i].ID); to != last || reason != 0 {
			t.Fatalf("%s ends in %q, %d", rel.Techniques[i].ID, to, reason)
		}
	}
}

func TestLiftCountsRowsOfEveryClass(t *testing.T) {
	target := release("19.0",
		kg.Technique{ID: "T1"}, kg.Technique{ID: "T2", Status: kg.Revoked, RevokedBy: "T1"}, kg.Technique{ID: "T3", Status: kg.Revoked, RevokedBy: "T1"},
		kg.Technique{ID: "T4", Status: kg.Deprecated}, kg.Technique{ID: "T5", Status: kg.Revoked})
	rows := []kg.Row{
		{Class: kg.Mapped, Capability: "c", AttackID: "T1"}, {Class: kg.NonMappableTechnique, AttackID: "T3"},
		{Class: kg.Mapped, Capability: "c", AttackID: "T2"}, {Class: kg.NonMappableTechnique, AttackID: "T2"}, {Class: kg.Incomplete, AttackID: "T2"},
		{Class: kg.NonMappableCapability}, {Class: kg.NonMappableTechnique, AttackID: "T4"}, {Class: kg.Mapped, Capability: "c", AttackID: "T4"}, {Class: kg.Incomplete, AttackID: "T5"},
	}
	set := &kg.Set{Key: kg.SetKey{Framework: "aa", Version: "1", AttackVersion: "18.0", Domain: kg.Enterprise}, Rows: rows}
	view := NewView(ViewParts{
		Frame: NewFrame(target, nil), Sets: []*kg.Set{set},
		Framework: func(id string) kg.Framework { return kg.Framework{ID: id} }, Own: func(kg.ReleaseKey) *Frame { return nil },
	})
	lifted, unresolved, err := view.Bodies[0].Lift(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []kg.LiftedID{{From: "T2", To: "T1", Rows: 3}, {From: "T3", To: "T1", Rows: 1}}; !slices.Equal(lifted, want) {
		t.Errorf("lifted %v, want %v", lifted, want)
	}
	if want := []kg.UnresolvedID{{From: "T4", Reason: kg.UnresolvedDeprecated, Rows: 2}, {From: "T5", Reason: kg.UnresolvedRevoked, Rows: 1}}; !slices.Equal(unresolved, want) {
		t.Errorf("unresolved %v, want %v", unresolved, want)
	}
}

// world is a random view, small enough to check by hand.
type world struct {
	view *View
	rng  *rand.Rand
}

// newWorld makes a release of techniques with sub-techniques, and sets of a few
// frameworks, some written for a release that lacks some of the techniques.
func newWorld(seed uint64) *world {
	rng := rand.New(rand.NewPCG(seed, 1))
	rel := release("16.1")
	rel.Tactics = []kg.Object{{Kind: kg.KindTactic, ID: "TA1", ShortName: "one", Name: "One"}, {Kind: kg.KindTactic, ID: "TA2", ShortName: "two", Name: "Two"}}
	older := release("15.1")
	add := func(id, parent string) {
		t := kg.Technique{ID: id, Parent: parent, Name: fmt.Sprintf("n%d", rng.IntN(9)), Tactics: []string{"one", "two"}[:1+rng.IntN(2)], Platforms: []string{"Linux", "Windows"}[rng.IntN(2):]}
		if rng.IntN(12) == 0 {
			t.Status = kg.Deprecated
		}
		rel.Techniques = append(rel.Techniques, t)
		if rng.IntN(4) > 0 {
			t.Status = kg.Active
			older.Techniques = append(older.Techniques, t)
		}
	}
	for i := range 3 + rng.IntN(8) {
		id := fmt.Sprintf("T%04d", 1000+i)
		add(id, "")
		for j := range rng.IntN(4) {
			add(fmt.Sprintf("%s.%03d", id, j+1), id)
		}
	}
	rel.Objects = map[kg.ObjectKind][]kg.Object{kg.KindGroup: {{Kind: kg.KindGroup, ID: "G0001", Name: "Bear", Aliases: []string{"Ursa"}}}}
	rel.Links = map[kg.LinkKind][]kg.Link{}
	for _, t := range rel.Techniques {
		if t.Status == kg.Active && rng.IntN(2) == 0 {
			rel.Links[kg.GroupUsesTechnique] = append(rel.Links[kg.GroupUsesTechnique], kg.Link{From: "G0001", To: t.ID})
		}
	}
	frames := map[kg.ReleaseKey]*Frame{rel.Key: NewFrame(rel, nil), older.Key: NewFrame(older, nil)}
	parts := ViewParts{
		Frame:     frames[rel.Key],
		Framework: func(id string) kg.Framework { return kg.Framework{ID: id} },
		Own:       func(k kg.ReleaseKey) *Frame { return frames[k] },
	}
	for i, fw := range []string{"aa", "bb", "cc", "kev"} {
		parts.Sets = append(parts.Sets, randomSet(rng, fw, []string{"16.1", "15.1", "14.1"}[(i+int(seed))%3], rel))
	}
	return &world{NewView(parts), rng}
}

func randomSet(rng *rand.Rand, framework, attack string, rel *kg.Release) *kg.Set {
	s := &kg.Set{Key: kg.SetKey{Framework: framework, Version: "1", AttackVersion: attack, Domain: kg.Enterprise}}
	for n := range rng.IntN(40) {
		t := rel.Techniques[rng.IntN(len(rel.Techniques))]
		r := kg.Row{Number: n + 1, Class: kg.Mapped, AttackID: t.ID, Capability: fmt.Sprintf("C-%d", rng.IntN(12)), Relation: kg.Relation(1 + rng.IntN(3)), Group: []string{"g", "h"}[rng.IntN(2)]}
		r.Spelled = r.Capability
		if rng.IntN(3) > 0 {
			r.Category, r.Value = kg.Category(1+rng.IntN(3)), kg.Value(rng.IntN(4))
		}
		if rng.IntN(10) == 0 {
			r.Class, r.Capability, r.Spelled = kg.NonMappableTechnique, "", ""
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

func (w *world) filter() Filter {
	var f Filter
	if w.rng.IntN(2) == 0 {
		f.Categories = []kg.Category{kg.Category(1 + w.rng.IntN(3))}
	}
	if w.rng.IntN(2) == 0 {
		f.MinScore = kg.Value(1 + w.rng.IntN(3))
	}
	if w.rng.IntN(3) == 0 {
		f.Relations = []kg.Relation{kg.Relation(1 + w.rng.IntN(3))}
	}
	if w.rng.IntN(4) == 0 {
		f.Groups = []string{"g"}
	}
	if w.rng.IntN(4) == 0 {
		f.Capabilities = []kg.CapabilityRef{{Framework: "aa", ID: "C-1"}, {Framework: "bb", ID: "C-2"}}
	}
	f.IncludeUnscored = w.rng.IntN(2) == 0
	return f
}

// must gives a result that cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// naiveNames tells whether the filter chooses a row of a framework.
func naiveNames(f *Filter, framework string, r *kg.Row) bool {
	return (len(f.Relations) == 0 || slices.Contains(f.Relations, r.Relation)) &&
		(len(f.Groups) == 0 || slices.Contains(f.Groups, r.Group)) &&
		(len(f.Capabilities) == 0 || slices.Contains(f.Capabilities, kg.CapabilityRef{Framework: framework, ID: r.Capability}))
}

// naiveState works out a state from the rows, one rule after the other.
func naiveState(v *View, framework string, owned func(string) bool, f *Filter, technique int) (State, Reason) {
	b := v.Body(framework)
	if b == nil {
		return Unassessed, UnknownReason
	}
	there, declared := false, false
	for i := range b.Set.Rows {
		r := &b.Set.Rows[i]
		to, reason := v.Frame.Align(r.AttackID)
		if reason != 0 || to != v.Frame.Universe[technique].ID {
			continue
		}
		switch {
		case r.Class == kg.NonMappableTechnique:
			declared = true
		case !owned(r.Capability) || !naiveNames(f, framework, r):
		case f.passes(r.Category, r.Value):
			return MappedState, NoReason
		default:
			there = true
		}
	}
	switch {
	case there:
		return BelowThreshold, NoReason
	case declared:
		return NonMappable, NoReason
	}
	return Unassessed, b.silence[technique]
}

func TestAssessAgreesWithTheRules(t *testing.T) {
	all := func(string) bool { return true }
	for seed := range uint64(300) {
		w := newWorld(seed)
		q := Question{Frameworks: []string{"aa", "bb", "cc", "zz"}, Filter: w.filter()}
		a := must(w.view.Assess(nil, q))
		scope := AllBits(len(w.view.Frame.Universe))
		for _, col := range a.Columns {
			for i := range scope.All() {
				state, reason := naiveState(w.view, col.Framework, all, &q.Filter, i)
				if got := col.Cells[i]; got.State != state || got.Reason != reason {
					t.Fatalf("seed %d, %s, technique %d: %v %v, want %v %v", seed, col.Framework, i, got.State, got.Reason, state, reason)
				}
			}
		}
		if sum := a.Total(scope); sum.Mapped+sum.BelowThreshold+sum.NonMappable+sum.Unassessed != sum.Total || sum.Total != len(w.view.Frame.Universe) {
			t.Fatalf("seed %d: the states do not partition the universe: %+v", seed, sum)
		}
		if gaps := a.Gaps(scope); len(gaps)+a.Total(scope).Mapped != a.Total(scope).Total {
			t.Fatalf("seed %d: gaps and mapped techniques are not the universe", seed)
		}
	}
}

func TestOverlapPartitionsAndIsSymmetric(t *testing.T) {
	for seed := range uint64(200) {
		w := newWorld(seed)
		scope := AllBits(len(w.view.Frame.Universe))
		f := w.filter()
		o := must(must(w.view.Assess(nil, Question{Frameworks: []string{"aa", "bb", "cc"}, Filter: f})).Overlap(nil, scope))
		total := len(o.None.Techniques)
		for i, r := range o.Regions {
			total += len(r.Techniques)
			if len(r.Techniques) == 0 || len(r.Columns) == 0 {
				t.Fatalf("seed %d: empty region %v", seed, r)
			}
			if i > 0 && (len(o.Regions[i-1].Techniques) < len(r.Techniques) ||
				len(o.Regions[i-1].Techniques) == len(r.Techniques) && slices.Compare(o.Regions[i-1].Columns, r.Columns) >= 0) {
				t.Fatalf("seed %d: regions out of order", seed)
			}
		}
		if total != scope.Count() {
			t.Fatalf("seed %d: regions hold %d of %d techniques", seed, total, scope.Count())
		}
		for _, p := range o.Pairs {
			if q := o.Pairs[p.B*3+p.A]; q.Shared != p.Shared || q.Jaccard != p.Jaccard {
				t.Fatalf("seed %d: pair %v is not symmetric: %v", seed, p, q)
			}
		}
		turned := must(must(w.view.Assess(nil, Question{Frameworks: []string{"cc", "aa", "bb"}, Filter: f})).Overlap(nil, scope))
		if !slices.Equal(turned.All.Techniques, o.All.Techniques) || !slices.Equal(turned.None.Techniques, o.None.Techniques) {
			t.Fatalf("seed %d: the order of frameworks changes what all or none map", seed)
		}
	}
}

func TestMoreMappingsNeverOpenAGap(t *testing.T) {
	for seed := range uint64(200) {
		w := newWorld(seed)
		scope := AllBits(len(w.view.Frame.Universe))
		for _, how := range []RollUp{NoRollUp, ParentIfAnyChild, ParentIfAllChildren, ChildrenOfMappedParent} {
			small := must(w.view.Assess(nil, Question{Stack: &Stack{Capabilities: []kg.CapabilityRef{{Framework: "aa", ID: "C-1"}, {Framework: "bb", ID: "C-3"}}}, RollUp: how}))
			large := must(w.view.Assess(nil, Question{Stack: &Stack{Frameworks: []string{"bb"}, Capabilities: []kg.CapabilityRef{{Framework: "aa", ID: "C-1"}, {Framework: "aa", ID: "C-2"}}}, RollUp: how}))
			for _, gap := range large.Gaps(scope) {
				if small.Combined[gap].State == MappedState {
					t.Fatalf("seed %d, roll-up %d: technique %d is mapped by less and not by more", seed, how, gap)
				}
			}
		}
	}
}

func TestRollUpDoesNotChainAndIsMarked(t *testing.T) {
	for seed := range uint64(200) {
		w := newWorld(seed)
		plain := must(w.view.Assess(nil, Question{Frameworks: []string{"aa"}}))
		f := w.view.Frame
		for _, how := range []RollUp{ParentIfAnyChild, ParentIfAllChildren, ChildrenOfMappedParent} {
			rolled := must(w.view.Assess(nil, Question{Frameworks: []string{"aa"}, RollUp: how}))
			for i := range f.Universe {
				before, after := plain.Columns[0].Cells[i], rolled.Columns[0].Cells[i]
				want := before.State == MappedState
				mapped := 0
				for _, c := range f.children[i] {
					if plain.Columns[0].Cells[c].State == MappedState {
						mapped++
					}
				}
				switch how {
				case ParentIfAnyChild:
					want = want || mapped > 0
				case ParentIfAllChildren:
					want = want || mapped > 0 && mapped == len(f.children[i])
				case ChildrenOfMappedParent:
					want = want || f.parent[i] >= 0 && plain.Columns[0].Cells[f.parent[i]].State == MappedState
				}
				if (after.State == MappedState) != want || after.RolledUp != (want && before.State != MappedState) {
					t.Fatalf("seed %d, roll-up %d, technique %d: %+v after %+v", seed, how, i, after, before)
				}
			}
		}
	}
}

func TestMappingsAreOrderedAndComplete(t *testing.T) {
	for seed := range uint64(100) {
		w := newWorld(seed)
		scope := AllBits(len(w.view.Frame.Universe))
		f := w.filter()
		rows := must(w.view.Mappings(nil, &f, scope, Stretch{First: math.MaxInt})).Rows
		byTechnique, byCapability := 0, 0
		for i := range scope.All() {
			byTechnique += len(must(w.view.TechniqueMappings(nil, i, &f)))
		}
		for _, b := range w.view.Bodies {
			for i := range b.Capabilities {
				byCapability += len(must(w.view.CapabilityMappings(nil, b.Capabilities[i].Ref, &f)))
			}
		}
		if byTechnique != len(rows) || byCapability != len(rows) {
			t.Fatalf("seed %d: %d rows, %d by technique, %d by capability", seed, len(rows), byTechnique, byCapability)
		}
		for i := 1; i < len(rows); i++ {
			a, b := rows[i-1], rows[i]
			if c := a.Ref().Compare(b.Ref()); c > 0 || c == 0 && a.Technique() > b.Technique() {
				t.Fatalf("seed %d: rows out of order", seed)
			}
		}
	}
}

func TestScope(t *testing.T) {
	w := newWorld(3)
	v := w.view
	count := func(s Scope) int {
		t.Helper()
		b, err := s.Resolve(v)
		if err != nil {
			t.Fatal(err)
		}
		return b.Count()
	}
	n := len(v.Frame.Universe)
	if got := count(Scope{}); got != n {
		t.Errorf("no scope keeps %d of %d", got, n)
	}
	if a, b := count(Scope{Level: TechniquesOnly}), count(Scope{Level: SubTechniquesOnly}); a+b != n {
		t.Errorf("levels keep %d + %d of %d", a, b, n)
	}
	if a, b, c := count(Scope{Tactics: []string{"ONE"}}), count(Scope{Tactics: []string{"ta1"}}), count(Scope{Tactics: []string{"one", "TA1"}}); a != b || b != c {
		t.Errorf("spellings of one tactic keep %d, %d, %d", a, b, c)
	}
	if a, b := count(Scope{Groups: []string{"ursa"}}), count(Scope{Groups: []string{"G0001"}}); a != b || a == 0 {
		t.Errorf("an alias keeps %d, the id %d", a, b)
	}
	if got := count(Scope{KevOnly: true}); got != v.MappedBy("kev").Count() {
		t.Errorf("kevOnly keeps %d", got)
	}
	for _, bad := range []Scope{
		{Techniques: []string{"T9999"}}, {Tactics: []string{"three"}}, {Platforms: []string{"BeOS"}},
		{Groups: []string{"Cat"}}, {Software: []string{"S1"}}, {Campaigns: []string{"C1"}},
	} {
		var input *InputError
		if _, err := bad.Resolve(v); !errors.As(err, &input) {
			t.Errorf("scope %+v: %v", bad, err)
		}
	}
}

func TestMatrixShowsEachTechniqueOfATacticOnce(t *testing.T) {
	for seed := range uint64(100) {
		w := newWorld(seed)
		f := w.view.Frame
		scope := NewBits(len(f.Universe))
		for i := range f.Universe {
			if w.rng.IntN(3) > 0 {
				scope.Add(i)
			}
		}
		for j, cells := range f.Matrix(scope) {
			want := f.TacticTechniques(j).Clone()
			want.And(scope)
			got := NewBits(len(f.Universe))
			n := 0
			for _, c := range cells {
				got.Add(c.Technique)
				n++
				for _, child := range c.Children {
					got.Add(child.Technique)
					n++
				}
			}
			if !slices.Equal(got, want) || n != want.Count() {
				t.Fatalf("seed %d, tactic %d: %d cells for %d techniques", seed, j, n, want.Count())
			}
		}
	}
}

func TestCapabilitiesOfPrefersMappedRowsAndFrequency(t *testing.T) {
	s := &kg.Set{Key: kg.SetKey{Framework: "f"}, Rows: []kg.Row{
		{Class: kg.NonMappableCapability, Capability: "c-1", Spelled: "C-1", Title: "Odd"},
		{Class: kg.NonMappableCapability, Capability: "c-1", Spelled: "C-1", Title: "Odd"},
		{Class: kg.Mapped, Capability: "c-1", Spelled: "c-1", Title: "Usual", Group: "g"},
		{Class: kg.Mapped, Capability: "c-10", Spelled: "c-10", Title: "B"},
		{Class: kg.Mapped, Capability: "c-10", Spelled: "c-10", Title: "A"},
		{Class: kg.Mapped, Capability: "c-2", Spelled: "c-2"},
	}}
	got := kg.CapabilitiesOf(s)
	if len(got) != 3 || got[0].Ref.ID != "c-1" || got[1].Ref.ID != "c-2" || got[2].Ref.ID != "c-10" {
		t.Fatalf("capabilities %+v", got)
	}
	if got[0].Spelled != "c-1" || got[0].Title != "Odd" || got[0].Refused != 0 || got[0].Mapped != 1 || got[2].Title != "A" {
		t.Errorf("capabilities %+v", got)
	}
}
