package algebra

import (
	"cmp"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// entry is a MAPPED row as analyses look at it, in sixteen bytes without a
// pointer; its texts are in the set.
type entry struct {
	capability int32 // position in Body.Capabilities
	technique  int32 // position in the view's universe; -1 where the row has no place in it
	said       said
	row        int32 // index in Set.Rows
}

// said packs what a row says of its pair: value, category and relation, and the
// number of its capability group in the body.
type said uint32

const (
	valueBits, categoryBits, relationBits = 2, 2, 4

	relationAt = valueBits + categoryBits
	groupAt    = relationAt + relationBits
)

// These do not compile once a constant needs more bits than it has.
const (
	_ = uint(1<<valueBits - 1 - kg.Significant)
	_ = uint(1<<categoryBits - 1 - kg.Respond)
	_ = uint(1<<relationBits - 1 - kg.Other)
)

func pack(r *kg.Row, group int32) said {
	return said(r.Value) | said(r.Category)<<valueBits | said(r.Relation)<<relationAt | said(group)<<groupAt
}

func (s said) value() kg.Value       { return kg.Value(s & (1<<valueBits - 1)) }
func (s said) category() kg.Category { return kg.Category(s >> valueBits & (1<<categoryBits - 1)) }
func (s said) relation() kg.Relation { return kg.Relation(s >> relationAt & (1<<relationBits - 1)) }
func (s said) group() int            { return int(s >> groupAt) }

// score is value and category as one number below 16.
func (s said) score() uint { return uint(s & (1<<relationAt - 1)) }

// compareEntries is the order of mappings within a body.
func compareEntries(x, y entry) int {
	return cmp.Or(
		cmp.Compare(x.capability, y.capability),
		cmp.Compare(x.technique, y.technique),
		compareScores(x, y))
}

// compareScores orders rows of one pair: by category, value (none last) and row.
func compareScores(x, y entry) int {
	return cmp.Or(
		cmp.Compare(x.said.category().Rank(), y.said.category().Rank()),
		cmp.Compare(y.said.value(), x.said.value()),
		cmp.Compare(x.row, y.row))
}

// AlignedRow is a MAPPED row placed in a view. It is a handle of two words, made
// when it is asked for.
type AlignedRow struct {
	Body *Body
	at   int32 // in Body.entries
}

func (r AlignedRow) entry() *entry { return &r.Body.entries[r.at] }

// Row gives the row as the set has it.
func (r AlignedRow) Row() *kg.Row { return &r.Body.Set.Rows[r.entry().row] }

// Capability is the position of the row's capability in Body.Capabilities.
func (r AlignedRow) Capability() int { return int(r.entry().capability) }

// Technique is the position of the row's technique in the view's universe.
func (r AlignedRow) Technique() int { return int(r.entry().technique) }

// Relation is what the row says that the capability does.
func (r AlignedRow) Relation() kg.Relation { return r.entry().said.relation() }

// Ref names the row's capability.
func (r AlignedRow) Ref() kg.CapabilityRef { return r.Body.Capabilities[r.Capability()].Ref }

// AlignedFrom is the technique id as the row writes it where the view lifted
// it to a successor; empty otherwise.
func (r AlignedRow) AlignedFrom() string {
	written := r.Row().AttackID
	if written == r.Body.view.Frame.Universe[r.Technique()].ID {
		return ""
	}
	return written
}

// UnalignedRow is a row whose technique has no place in the view.
type UnalignedRow struct {
	Body   *Body
	Reason kg.UnresolvedReason
	at     int32 // in Body.unaligned
}

// Row gives the row as the set has it.
func (r UnalignedRow) Row() *kg.Row { return &r.Body.Set.Rows[r.Body.unaligned[r.at].row] }

// sieve is what a filter, and what is owned, leave of one body's rows: made
// ready once for a question, so that a row costs a few operations on integers.
type sieve struct {
	everything   bool   // every row is there, and passes
	nothing      bool   // no row is there
	relations    uint16 // that are there, a bit for each
	scores       uint16 // that pass, a bit for each
	capabilities Bits   // that are there; nil for all
	groups       Bits   // that are there, by number; nil for all
}

// sift makes a filter ready for the body. Owned are the capabilities that take
// part; nil is all of them.
func (b *Body) sift(f *Filter, owned Bits) sieve {
	if b == nil || !f.keepsFramework(b.Framework.ID) {
		return sieve{nothing: true}
	}
	s := sieve{relations: ^uint16(0), scores: ^uint16(0), capabilities: owned, everything: f.keepsAllRows() && owned == nil}
	if len(f.Relations) > 0 {
		s.relations = 0
		for _, r := range f.Relations {
			s.relations |= 1 << r
		}
	}
	if len(f.Categories) > 0 || f.MinScore != kg.NoValue {
		s.scores = 0
		for score := range said(1 << relationAt) {
			if f.passes(score.category(), score.value()) {
				s.scores |= 1 << score
			}
		}
	}
	if len(f.Groups) > 0 {
		s.groups = NewBits(len(b.groups))
		for _, g := range f.Groups {
			if i, ok := b.groups[g]; ok {
				s.groups.Add(int(i))
			}
		}
	}
	if len(f.Capabilities) > 0 {
		named := NewBits(len(b.Capabilities))
		for _, ref := range f.Capabilities {
			if i, ok := b.position[ref.ID]; ok && ref.Framework == b.Framework.ID {
				named.Add(int(i))
			}
		}
		if owned != nil {
			named.And(owned)
		}
		s.capabilities = named
	}
	return s
}

// there tells whether a row is there at all.
func (s *sieve) there(e *entry) bool {
	return s.everything || !s.nothing && s.relations>>e.said.relation()&1 != 0 &&
		(s.capabilities == nil || s.capabilities.Has(int(e.capability))) &&
		(s.groups == nil || s.groups.Has(e.said.group()))
}

// passes tells whether a row that is there counts.
func (s *sieve) passes(e *entry) bool { return s.scores>>e.said.score()&1 != 0 }

// keeps tells whether a row is there and counts.
func (s *sieve) keeps(e *entry) bool { return s.everything || s.there(e) && s.passes(e) }

// What fits into a unit of work, which is about fifteen nanoseconds of a
// processor, as measured by BenchmarkWork.
const (
	rowsAUnit  = 6
	cellsAUnit = 8
)

// spend takes the work of looking at n things, of which a unit has so many.
func spend(w *budget.Budget, n, aUnit int) error {
	return w.Spend(budget.Work, int64(n/aUnit)+1)
}
