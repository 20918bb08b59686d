package algebra

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// AlignedRow is a MAPPED row placed in a view.
type AlignedRow struct {
	*kg.Row
	Body       *Body
	Capability int32 // position in Body.Capabilities
	Technique  int32 // position in the view's universe
}

// Ref names the row's capability.
func (r *AlignedRow) Ref() kg.CapabilityRef { return r.Body.Capabilities[r.Capability].Ref }

// AlignedFrom is the technique id as the row writes it where the view lifted
// it to a successor; empty otherwise.
func (r *AlignedRow) AlignedFrom() string {
	if r.AttackID == r.Body.view.Frame.Universe[r.Technique].ID {
		return ""
	}
	return r.AttackID
}

// UnalignedRow is a row whose technique has no place in the view.
type UnalignedRow struct {
	*kg.Row
	Body   *Body
	Reason kg.UnresolvedReason
}

// Body is what one framework says in a view: its set, aligned to the release.
type Body struct {
	Framework    kg.Framework
	Set          *kg.Set
	Capabilities []kg.SetCapability // of all rows, in order
	Rows         []AlignedRow       // MAPPED rows that have a place, by capability, technique, category, value (none last), row
	Unaligned    []UnalignedRow     // MAPPED rows that have none, in file order

	view       *View
	position   map[string]int32 // canonical id → Capabilities
	capStart   []int32          // Rows of capability i are capStart[i] to capStart[i+1]
	techStart  []int32          // rowsByTech of technique i are techStart[i] to techStart[i+1]
	rowsByTech []int32          // indexes of Rows
	declared   []int32          // per technique: 1 + index of the first NON_MAPPABLE_TECHNIQUE row in Set.Rows, or 0
	silence    []Reason         // per technique: why UNASSESSED, if it is
}

// Capability finds a capability of the set by canonical id.
func (b *Body) Capability(id string) (int, bool) {
	i, ok := b.position[id]
	return int(i), ok
}

// CapabilityRows gives the rows of a capability, in order.
func (b *Body) CapabilityRows(capability int) []AlignedRow {
	return b.Rows[b.capStart[capability]:b.capStart[capability+1]]
}

// technique rows as indexes into Rows, in order.
func (b *Body) techniqueRows(technique int) []int32 {
	return b.rowsByTech[b.techStart[technique]:b.techStart[technique+1]]
}

// Declared gives the row that declares a technique non-mappable, or nil.
func (b *Body) Declared(technique int) *kg.Row {
	if i := b.declared[technique]; i > 0 {
		return &b.Set.Rows[i-1]
	}
	return nil
}

// View is a release with the sets that stand for the frameworks in it, each
// aligned to the release: what every analysis runs in. It is immutable.
type View struct {
	Frame  *Frame
	Bodies []*Body // by framework id

	byFramework map[string]*Body
	kev         []int32 // per technique: distinct vulnerabilities of the kev set
	priorities  map[string]float64
}

// ViewParts is what a view is made of.
type ViewParts struct {
	Frame      *Frame
	Sets       []*kg.Set                    // at most one of each framework
	Framework  func(id string) kg.Framework // describes a framework
	Own        func(k kg.ReleaseKey) *Frame // the frame that a set was written for; nil where it is not loaded
	Priorities map[string]float64           // Top ATT&CK Techniques scores, by technique id
}

// NewView aligns the sets to the frame's release.
func NewView(p ViewParts) *View {
	v := &View{Frame: p.Frame, byFramework: map[string]*Body{}, priorities: p.Priorities}
	for _, s := range p.Sets {
		b := newBody(v, p.Framework(s.Key.Framework), s, p.Own(s.Key.Release()))
		v.Bodies = append(v.Bodies, b)
		v.byFramework[s.Key.Framework] = b
	}
	slices.SortFunc(v.Bodies, func(a, b *Body) int { return strings.Compare(a.Framework.ID, b.Framework.ID) })
	v.countVulnerabilities()
	return v
}

// Body gives what a framework says in the view, or nil where it has no set.
func (v *View) Body(framework string) *Body { return v.byFramework[framework] }

// MappedBy gives the techniques that a framework's set maps, whatever the score.
func (v *View) MappedBy(framework string) Bits {
	bits := NewBits(len(v.Frame.Universe))
	if b := v.byFramework[framework]; b != nil {
		for i := range b.Rows {
			bits.Add(int(b.Rows[i].Technique))
		}
	}
	return bits
}

func (v *View) countVulnerabilities() {
	v.kev = make([]int32, len(v.Frame.Universe))
	b := v.byFramework[kg.ExploitedVulnerabilities]
	if b == nil {
		return
	}
	for t := range v.kev {
		last := int32(-1)
		for _, i := range b.techniqueRows(t) {
			if c := b.Rows[i].Capability; c != last {
				v.kev[t]++
				last = c
			}
		}
	}
}

// Weights says how much a technique is used and prized by attackers.
type Weights struct {
	Groups        int      // active groups that use it directly
	Software      int      // active malware and tools that use it directly
	Kev           int      // vulnerabilities of the view's kev set that map to it
	TopTechniques *float64 // its cumulative score in the Top ATT&CK Techniques list; nil where it has none
}

// Weights gives the threat weights of a technique of the universe.
func (v *View) Weights(technique int) Weights {
	w := Weights{Groups: int(v.Frame.groups[technique]), Software: int(v.Frame.software[technique]), Kev: int(v.kev[technique])}
	if score, ok := v.priorities[v.Frame.Universe[technique].ID]; ok {
		w.TopTechniques = &score
	}
	return w
}

func newBody(v *View, fw kg.Framework, s *kg.Set, own *Frame) *Body {
	b := &Body{Framework: fw, Set: s, Capabilities: kg.CapabilitiesOf(s), view: v}
	b.position = make(map[string]int32, len(b.Capabilities))
	for i := range b.Capabilities {
		b.position[b.Capabilities[i].Ref.ID] = int32(i)
	}
	b.place()
	b.index()
	b.explainSilence(own)
	return b
}

// place aligns each row that speaks of a technique.
func (b *Body) place() {
	f := b.view.Frame
	b.declared = make([]int32, len(f.Universe))
	b.Rows = make([]AlignedRow, 0, len(b.Set.Rows))
	for i := range b.Set.Rows {
		r := &b.Set.Rows[i]
		if r.Class != kg.Mapped && r.Class != kg.NonMappableTechnique {
			continue
		}
		to, reason := f.Align(r.AttackID)
		if reason != 0 && r.Class == kg.Mapped {
			b.Unaligned = append(b.Unaligned, UnalignedRow{Row: r, Body: b, Reason: reason})
		}
		if reason != 0 {
			continue
		}
		t := f.position[to]
		switch {
		case r.Class == kg.Mapped:
			b.Rows = append(b.Rows, AlignedRow{Row: r, Body: b, Capability: b.position[r.Capability], Technique: int32(t)})
		case b.declared[t] == 0:
			b.declared[t] = int32(i) + 1
		}
	}
	slices.SortFunc(b.Rows, func(x, y AlignedRow) int {
		return cmp.Or(
			cmp.Compare(x.Capability, y.Capability),
			cmp.Compare(x.Technique, y.Technique),
			cmp.Compare(x.Category.Rank(), y.Category.Rank()),
			cmp.Compare(y.Value, x.Value),
			cmp.Compare(x.Number, y.Number))
	})
}

func (b *Body) index() {
	b.capStart = make([]int32, len(b.Capabilities)+1)
	b.techStart = make([]int32, len(b.view.Frame.Universe)+1)
	for i := range b.Rows {
		b.capStart[b.Rows[i].Capability+1]++
		b.techStart[b.Rows[i].Technique+1]++
	}
	for i := 1; i < len(b.capStart); i++ {
		b.capStart[i] += b.capStart[i-1]
	}
	for i := 1; i < len(b.techStart); i++ {
		b.techStart[i] += b.techStart[i-1]
	}
	b.rowsByTech = make([]int32, len(b.Rows))
	next := slices.Clone(b.techStart)
	for i := range b.Rows {
		t := b.Rows[i].Technique
		b.rowsByTech[next[t]] = int32(i)
		next[t]++
	}
}

// explainSilence works out, for each technique, why the set would be silent
// about it: nobody could map a technique that the set's own release lacks.
func (b *Body) explainSilence(own *Frame) {
	f := b.view.Frame
	b.silence = make([]Reason, len(f.Universe))
	absent := NewSinceMapping
	if kg.CompareVersions(b.Set.Key.AttackVersion, f.Release.Key.Version) > 0 {
		absent = RetiredBeforeMapping
	}
	for i, t := range f.Universe {
		switch own {
		case nil:
			b.silence[i] = UnknownReason
		case f:
			b.silence[i] = Silent
		default:
			b.silence[i] = absent
			if _, ok := own.position[t.ID]; ok {
				b.silence[i] = Silent
			}
		}
	}
}

// Mappings lists the rows of the view that pass a filter, on techniques of a
// scope: by capability, technique, category, value (none last), row.
func (v *View) Mappings(filter *Filter, scope Bits) []*AlignedRow {
	var rows []*AlignedRow
	for _, b := range v.Bodies {
		if !filter.keepsFramework(b.Framework.ID) {
			continue
		}
		for i := range b.Rows {
			r := &b.Rows[i]
			if scope.Has(int(r.Technique)) && filter.names(b.Framework.ID, r.Row) && filter.passes(r.Row) {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// TechniqueMappings lists the rows on one technique that pass a filter, in the
// order of Mappings.
func (v *View) TechniqueMappings(technique int, filter *Filter) []*AlignedRow {
	var rows []*AlignedRow
	for _, b := range v.Bodies {
		if !filter.keepsFramework(b.Framework.ID) {
			continue
		}
		for _, i := range b.techniqueRows(technique) {
			r := &b.Rows[i]
			if filter.names(b.Framework.ID, r.Row) && filter.passes(r.Row) {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// CapabilityMappings lists the rows of one capability that pass a filter, in
// the order of Mappings.
func (v *View) CapabilityMappings(ref kg.CapabilityRef, filter *Filter) []*AlignedRow {
	b := v.byFramework[ref.Framework]
	if b == nil || !filter.keepsFramework(ref.Framework) {
		return nil
	}
	c, ok := b.Capability(ref.ID)
	if !ok {
		return nil
	}
	var rows []*AlignedRow
	for i := b.capStart[c]; i < b.capStart[c+1]; i++ {
		if r := &b.Rows[i]; filter.names(ref.Framework, r.Row) && filter.passes(r.Row) {
			rows = append(rows, r)
		}
	}
	return rows
}

// String names the view by its release and sets.
func (v *View) String() string {
	keys := make([]string, len(v.Bodies))
	for i, b := range v.Bodies {
		keys[i] = b.Set.Key.String()
	}
	return fmt.Sprintf("%s [%s]", v.Frame.Release.Key, strings.Join(keys, " "))
}
