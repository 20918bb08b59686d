package algebra

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Body is what one framework says in a view: its set, aligned to the release.
type Body struct {
	Framework    kg.Framework
	Set          *kg.Set
	Capabilities []kg.SetCapability // of all rows, in order

	view       *View
	known      []*kg.Capability      // of each of Capabilities, across sets
	position   map[string]int32      // canonical id → Capabilities
	groups     map[string]int32      // capability group id of a row → its number
	entries    []entry               // MAPPED rows that have a place, by capability, technique, category, value (none last), row
	unaligned  []entry               // MAPPED rows that have none, in file order
	reasons    []kg.UnresolvedReason // of each of unaligned
	capStart   []int32               // entries of capability i are capStart[i] to capStart[i+1]
	techStart  []int32               // rowsByTech of technique i are techStart[i] to techStart[i+1]
	rowsByTech []int32               // indexes of entries
	declared   []int32               // per technique: 1 + index of the first NON_MAPPABLE_TECHNIQUE row in Set.Rows, or 0
	silence    []Reason              // per technique: why UNASSESSED, if it is
	mappers    []Mapper              // of all entries
	cells      func() []Cell         // per technique, where a question leaves out nothing
}

// Capability finds a capability of the set by canonical id.
func (b *Body) Capability(id string) (int, bool) {
	i, ok := b.position[id]
	return int(i), ok
}

// Known gives a capability of the body as all sets together have it, by its
// position in Capabilities; nil where the view was made without them.
func (b *Body) Known(capability int) *kg.Capability { return b.known[capability] }

// Rows is the number of MAPPED rows that have a place.
func (b *Body) Rows() int { return len(b.entries) }

// Row gives a row that has a place; they are by capability, technique, category,
// value (none last) and row.
func (b *Body) Row(i int) AlignedRow { return AlignedRow{Body: b, at: int32(i)} }

// Unaligned lists the MAPPED rows that have no place, in file order.
func (b *Body) Unaligned() []UnalignedRow {
	rows := make([]UnalignedRow, len(b.unaligned))
	for i := range rows {
		rows[i] = UnalignedRow{Body: b, Reason: b.reasons[i], at: int32(i)}
	}
	return rows
}

// technique rows as indexes into entries, in order.
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
	Sets       []*kg.Set                             // at most one of each framework
	Framework  func(id string) kg.Framework          // describes a framework
	Capability func(kg.CapabilityRef) *kg.Capability // gives a capability across sets; may be absent
	Own        func(k kg.ReleaseKey) *Frame          // the frame that a set was written for; nil where it is not loaded
	Priorities map[string]float64                    // Top ATT&CK Techniques scores, by technique id
}

// NewView aligns the sets to the frame's release.
func NewView(p ViewParts) *View {
	v := &View{Frame: p.Frame, byFramework: map[string]*Body{}, priorities: p.Priorities}
	for _, s := range p.Sets {
		b := newBody(v, p.Framework(s.Key.Framework), s, p.Own(s.Key.Release()))
		b.known = make([]*kg.Capability, len(b.Capabilities))
		for i := range b.known {
			if p.Capability != nil {
				b.known[i] = p.Capability(b.Capabilities[i].Ref)
			}
		}
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
		for t := range v.Frame.Universe {
			if b.techStart[t] < b.techStart[t+1] {
				bits.Add(t)
			}
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
			if c := b.entries[i].capability; c != last {
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
	b.mappers = b.allMappers()
	b.explainSilence(own)
	b.cells = sync.OnceValue(func() []Cell {
		s := b.sift(&Filter{}, nil)
		return b.assess(&s)
	})
	return b
}

// place aligns each row that speaks of a technique.
func (b *Body) place() {
	f := b.view.Frame
	b.declared = make([]int32, len(f.Universe))
	b.entries = make([]entry, 0, len(b.Set.Rows))
	b.groups = map[string]int32{}
	for i := range b.Set.Rows {
		r := &b.Set.Rows[i]
		if r.Class != kg.Mapped && r.Class != kg.NonMappableTechnique {
			continue
		}
		to, reason := f.Align(r.AttackID)
		switch {
		case r.Class != kg.Mapped:
			if t := f.position[to]; reason == 0 && b.declared[t] == 0 {
				b.declared[t] = int32(i) + 1
			}
		case reason != 0:
			b.unaligned = append(b.unaligned, b.entryOf(i, -1))
			b.reasons = append(b.reasons, reason)
		default:
			b.entries = append(b.entries, b.entryOf(i, int32(f.position[to])))
		}
	}
	b.entries = slices.Clip(b.entries)
	slices.SortFunc(b.entries, compareEntries)
}

// entryOf packs a MAPPED row of the set.
func (b *Body) entryOf(row int, technique int32) entry {
	r := &b.Set.Rows[row]
	group, known := b.groups[r.Group]
	if !known {
		group = int32(len(b.groups))
		b.groups[r.Group] = group
	}
	return entry{capability: b.position[r.Capability], technique: technique, said: pack(r, group), row: int32(row)}
}

func (b *Body) index() {
	b.capStart = make([]int32, len(b.Capabilities)+1)
	b.techStart = make([]int32, len(b.view.Frame.Universe)+1)
	for i := range b.entries {
		b.capStart[b.entries[i].capability+1]++
		b.techStart[b.entries[i].technique+1]++
	}
	for i := 1; i < len(b.capStart); i++ {
		b.capStart[i] += b.capStart[i-1]
	}
	for i := 1; i < len(b.techStart); i++ {
		b.techStart[i] += b.techStart[i-1]
	}
	b.rowsByTech = make([]int32, len(b.entries))
	next := slices.Clone(b.techStart)
	for i := range b.entries {
		t := b.entries[i].technique
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

// String names the view by its release and sets.
func (v *View) String() string {
	keys := make([]string, len(v.Bodies))
	for i, b := range v.Bodies {
		keys[i] = b.Set.Key.String()
	}
	return fmt.Sprintf("%s [%s]", v.Frame.Release.Key, strings.Join(keys, " "))
}
