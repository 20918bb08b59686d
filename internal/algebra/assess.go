package algebra

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// State is what a framework, or several, say of a technique. Lower is better.
type State uint8

// The states, best first. MappedState never means that the technique is
// prevented: only that somebody tied a capability to it.
const (
	MappedState State = iota + 1
	BelowThreshold
	NonMappable
	Unassessed
)

// Reason says why a technique is Unassessed. Lower is stronger.
type Reason uint8

// The reasons, strongest first; NoReason goes with every other state.
const (
	NoReason             Reason = iota
	Silent                      // the set's own release has the technique, and the set says nothing
	NewSinceMapping             // the set is older than the technique
	RetiredBeforeMapping        // the set is newer than the view, and its release no longer has the technique
	UnknownReason               // the set's own release is not loaded, or the framework has no set in the domain
)

// RollUp says how states move between a technique and its sub-techniques.
type RollUp uint8

// The roll-ups. None chains: each looks at the states before roll-up.
const (
	NoRollUp RollUp = iota
	ParentIfAnyChild
	ParentIfAllChildren
	ChildrenOfMappedParent
)

// Best is the highest value among a cell's mappings of one category.
type Best struct {
	Category kg.Category
	Value    kg.Value // NoValue where the mappings of the category have none
}

// Cell is what one framework says of one technique under a filter.
type Cell struct {
	State        State
	Reason       Reason
	RolledUp     bool     // State is MAPPED through roll-up only
	Capabilities int32    // distinct capabilities behind the mappings that pass
	Mappings     int32    // mappings that pass
	best         [4]uint8 // by category: 0 none, else 1 + Value
}

// Best gives the highest value per category, in category order.
func (c *Cell) Best() []Best {
	list := []Best{}
	for _, cat := range kg.Categories {
		if b := c.best[cat]; b > 0 {
			list = append(list, Best{Category: cat, Value: kg.Value(b - 1)})
		}
	}
	return list
}

// Stack is a set of owned capabilities: whole frameworks, and single ones.
// Own makes one of what people say.
type Stack struct {
	Frameworks   []string
	Capabilities []kg.CapabilityRef
	Techniques   []string // ATT&CK ids of what is covered by means that no framework lists: MAPPED, whatever the filter
}

// Question asks what some frameworks, or a stack, say of the universe.
type Question struct {
	Frameworks []string // each speaks for itself; the best state counts
	Stack      *Stack   // if set, Frameworks join it, and all speak as one body
	Filter     Filter
	RollUp     RollUp
}

// Column is what one framework says of every technique.
type Column struct {
	Framework string
	Body      *Body  // nil where the framework has no set in the view
	Cells     []Cell // by position in the universe; shared, not to be changed

	owned Bits // capabilities that take part; nil for all
	sieve sieve
}

// Assessment is the answer to a Question, technique by technique.
type Assessment struct {
	View     *View
	Columns  []*Column // the frameworks asked about, in order; a stack's by framework id
	Combined []Cell    // by position: State, Reason and RolledUp over all columns
	Own      Bits      // what the stack covers by means that no framework lists
	filter   Filter
}

// Filter gives the filter of the question.
func (a *Assessment) Filter() *Filter { return &a.filter }

// Assess answers a question about every technique of the view's universe.
func (v *View) Assess(w *budget.Budget, q Question) (*Assessment, error) {
	a := &Assessment{View: v, filter: q.Filter, Own: NewBits(len(v.Frame.Universe))}
	if q.Stack != nil {
		a.Own = v.Frame.placed(q.Stack.Techniques)
	}
	var err error
	if a.Columns, err = v.columns(w, q, &a.filter); err != nil {
		return nil, err
	}
	for _, c := range a.Columns {
		if err := c.fill(w, v); err != nil {
			return nil, err
		}
	}
	if err := spend(w, (len(a.Columns)+1)*len(v.Frame.Universe), cellsAUnit); err != nil {
		return nil, err
	}
	if q.Stack != nil {
		a.combine()
		a.Combined = v.rollUp(q.RollUp, a.Combined)
	}
	for _, c := range a.Columns {
		c.Cells = v.rollUp(q.RollUp, c.Cells)
	}
	if q.Stack == nil {
		a.combine()
	}
	return a, nil
}

// AssessOne answers a question about one technique of the universe, column by
// column, without roll-up.
func (v *View) AssessOne(w *budget.Budget, q Question, technique int) ([]Cell, error) {
	cols, err := v.columns(w, q, &q.Filter)
	if err != nil {
		return nil, err
	}
	cells := make([]Cell, len(cols))
	for i, c := range cols {
		if c.Body != nil {
			if err := spend(w, len(c.Body.techniqueRows(technique)), rowsAUnit); err != nil {
				return nil, err
			}
		}
		cells[i] = c.cell(technique)
	}
	return cells, nil
}

// columns makes an empty column for each framework that speaks.
func (v *View) columns(w *budget.Budget, q Question, filter *Filter) ([]*Column, error) {
	var cols []*Column
	add := func(fw string, owned Bits) {
		b := v.byFramework[fw]
		cols = append(cols, &Column{Framework: fw, Body: b, owned: owned, sieve: b.sift(filter, owned)})
	}
	if q.Stack == nil {
		if err := spend(w, (1+filter.size())*len(q.Frameworks), 1); err != nil {
			return nil, err
		}
		for _, fw := range q.Frameworks {
			add(fw, nil)
		}
		return cols, nil
	}
	whole := map[string]bool{}
	single := map[string][]string{}
	for _, fw := range slices.Concat(q.Frameworks, q.Stack.Frameworks) {
		whole[fw] = true
	}
	for _, ref := range q.Stack.Capabilities {
		single[ref.Framework] = append(single[ref.Framework], ref.ID)
	}
	named := len(q.Stack.Capabilities)
	if err := spend(w, named+(1+filter.size())*(len(whole)+len(single)), 1); err != nil {
		return nil, err
	}
	for fw := range whole {
		add(fw, nil)
	}
	for fw, ids := range single {
		if !whole[fw] {
			add(fw, v.byFramework[fw].choose(ids))
		}
	}
	slices.SortFunc(cols, func(a, b *Column) int { return strings.Compare(a.Framework, b.Framework) })
	return cols, nil
}

// choose gives the positions of the capabilities that are named; never nil.
func (b *Body) choose(ids []string) Bits {
	if b == nil {
		return Bits{}
	}
	bits := NewBits(len(b.Capabilities))
	for _, id := range ids {
		if i, ok := b.position[id]; ok {
			bits.Add(int(i))
		}
	}
	return bits
}

// fill works out every cell before roll-up.
func (c *Column) fill(w *budget.Budget, v *View) error {
	if c.Body == nil {
		c.Cells = slices.Repeat([]Cell{unknownCell}, len(v.Frame.Universe))
		return nil
	}
	if c.sieve.everything {
		c.Cells = c.Body.cells()
		return nil
	}
	if err := spend(w, len(c.Body.entries), rowsAUnit); err != nil {
		return err
	}
	c.Cells = c.Body.assess(&c.sieve)
	return nil
}

// unknownCell is what a framework without a set in the view says.
var unknownCell = Cell{State: Unassessed, Reason: UnknownReason}

// assess works out what the rows that a sieve keeps say of every technique.
func (b *Body) assess(s *sieve) []Cell {
	cells := make([]Cell, len(b.view.Frame.Universe))
	for t := range cells {
		cells[t] = b.cell(t, s)
	}
	return cells
}

// cell works out one cell before roll-up.
func (c *Column) cell(technique int) Cell {
	switch {
	case c.Body == nil:
		return unknownCell
	case c.sieve.everything:
		return c.Body.cells()[technique]
	}
	return c.Body.cell(technique, &c.sieve)
}

func (b *Body) cell(technique int, s *sieve) Cell {
	cell := Cell{State: Unassessed}
	last := int32(-1)
	for _, i := range b.techniqueRows(technique) {
		e := &b.entries[i]
		if !s.there(e) {
			continue
		}
		if !s.passes(e) {
			cell.State = min(cell.State, BelowThreshold)
			continue
		}
		cell.State = MappedState
		cell.Mappings++
		if e.capability != last {
			cell.Capabilities++
			last = e.capability
		}
		cell.score(e.said)
	}
	if cell.State == Unassessed {
		if b.declared[technique] > 0 {
			cell.State = NonMappable
		} else {
			cell.Reason = b.silence[technique]
		}
	}
	return cell
}

// score counts a row's value among those of its category.
func (c *Cell) score(s said) {
	if category := s.category(); category != kg.NoCategory {
		c.best[category] = max(c.best[category], 1+uint8(s.value()))
	}
}

// combine takes the best state of the columns, and the strongest reason.
func (a *Assessment) combine() {
	a.Combined = make([]Cell, len(a.View.Frame.Universe))
	for t := range a.Combined {
		out := Cell{State: Unassessed, Reason: UnknownReason}
		if a.Own.Has(t) {
			out = Cell{State: MappedState}
		}
		for _, c := range a.Columns {
			in := &c.Cells[t]
			switch {
			case in.State < out.State:
				out = Cell{State: in.State, Reason: in.Reason, RolledUp: in.RolledUp}
			case in.State > out.State:
			case in.State == Unassessed:
				out.Reason = min(out.Reason, in.Reason)
			case in.State == MappedState:
				out.RolledUp = out.RolledUp && in.RolledUp
			}
		}
		a.Combined[t] = out
	}
}

// rollUp marks techniques MAPPED through their family, by the states before it.
func (v *View) rollUp(how RollUp, cells []Cell) []Cell {
	if how == NoRollUp {
		return cells
	}
	var reached []int
	mapped := func(i int32) bool { return cells[i].State == MappedState }
	for t := range cells {
		if cells[t].State == MappedState {
			continue
		}
		children := v.Frame.children[t]
		var hit bool
		switch how {
		case ParentIfAnyChild:
			hit = slices.ContainsFunc(children, mapped)
		case ParentIfAllChildren:
			hit = len(children) > 0 && !slices.ContainsFunc(children, func(i int32) bool { return !mapped(i) })
		case ChildrenOfMappedParent:
			hit = v.Frame.parent[t] >= 0 && mapped(v.Frame.parent[t])
		}
		if hit {
			reached = append(reached, t)
		}
	}
	rolled := slices.Clone(cells)
	for _, t := range reached {
		rolled[t].State, rolled[t].Reason, rolled[t].RolledUp = MappedState, NoReason, true
	}
	return rolled
}

// Unaligned lists the mappings that are there for the column and have no place
// in the view, in file order.
func (c *Column) Unaligned() []UnalignedRow {
	if c.Body == nil {
		return nil
	}
	var rows []UnalignedRow
	for i := range c.Body.unaligned {
		if c.sieve.there(&c.Body.unaligned[i]) {
			rows = append(rows, UnalignedRow{Body: c.Body, Reason: c.Body.reasons[i], at: int32(i)})
		}
	}
	return rows
}

// Rows lists the column's mappings on a technique that pass, in order.
func (c *Column) Rows(technique int) []AlignedRow {
	if c.Body == nil {
		return nil
	}
	return c.Body.keptOn(technique, &c.sieve, nil)
}

// Capabilities lists the capabilities behind the column's mappings on a technique
// that pass, by their positions in the body, ascending.
func (c *Column) Capabilities(technique int) []int {
	if c.Body == nil {
		return nil
	}
	list := make([]int, 0, c.Cells[technique].Capabilities)
	for _, i := range c.Body.techniqueRows(technique) {
		e := &c.Body.entries[i]
		if c.sieve.keeps(e) && (len(list) == 0 || list[len(list)-1] != int(e.capability)) {
			list = append(list, int(e.capability))
		}
	}
	return list
}

// Refs names the capabilities behind the column's mappings on a technique that
// pass, in order.
func (c *Column) Refs(technique int) []kg.CapabilityRef {
	positions := c.Capabilities(technique)
	refs := make([]kg.CapabilityRef, len(positions))
	for i, p := range positions {
		refs[i] = c.Body.Capabilities[p].Ref
	}
	return refs
}

// Evidence lists the mappings behind the answer on a scope: those that pass, of
// each column, by capability, technique, category, value and row.
func (a *Assessment) Evidence(w *budget.Budget, scope Bits) ([]AlignedRow, error) {
	var rows []AlignedRow
	for _, c := range a.Columns {
		if c.Body == nil {
			continue
		}
		if err := spend(w, len(c.Body.entries), 1); err != nil {
			return nil, err
		}
		for i := range c.Body.entries {
			if e := &c.Body.entries[i]; scope.Has(int(e.technique)) && c.sieve.keeps(e) {
				rows = append(rows, AlignedRow{Body: c.Body, at: int32(i)})
			}
		}
	}
	return rows, nil
}

// Chosen lists the rows of the column's set, of every class and in file order,
// that the question and a scope leave: mappings that pass, and declarations. A
// row without a place in the view is left only by the scope that is the whole
// universe.
func (c *Column) Chosen(w *budget.Budget, scope Bits) ([]*kg.Row, error) {
	if c.Body == nil || c.sieve.nothing {
		return nil, nil
	}
	if err := spend(w, len(c.Body.Set.Rows)*alignAUnits, 1); err != nil {
		return nil, err
	}
	f := c.Body.view.Frame
	whole := scope.Count() == len(f.Universe)
	var rows []*kg.Row
	for i := range c.Body.Set.Rows {
		r := &c.Body.Set.Rows[i]
		if c.chosen(r) && (whole || f.within(scope, r.AttackID)) {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// alignAUnits is what it takes to place a row by its text.
const alignAUnits = 4

// within tells whether an ATT&CK id stands for a technique of a scope.
func (f *Frame) within(scope Bits, id string) bool {
	to, reason := f.Align(id)
	return id != "" && reason == 0 && scope.Has(f.position[to])
}

func (c *Column) chosen(r *kg.Row) bool {
	b, owned := c.Body, c.owned
	if r.Capability != "" && owned != nil && !owned.Has(int(b.position[r.Capability])) {
		return false
	}
	if r.Class != kg.Mapped {
		return true
	}
	e := entry{capability: b.position[r.Capability], said: pack(r, b.groups[r.Group])}
	return c.sieve.keeps(&e)
}

// Declared gives the first declaration, in column order, that a technique is
// non-mappable, and the set that makes it; nil where there is none.
func (a *Assessment) Declared(technique int) (*kg.Set, *kg.Row) {
	for _, c := range a.Columns {
		if c.Body != nil {
			if r := c.Body.Declared(technique); r != nil {
				return c.Body.Set, r
			}
		}
	}
	return nil, nil
}

// Tally counts techniques by state; Total is their sum.
type Tally struct{ Total, Mapped, BelowThreshold, NonMappable, Unassessed int }

// Ratio is Mapped/Total, 0 where Total is 0. It is not rounded.
func (t Tally) Ratio() float64 {
	if t.Total == 0 {
		return 0
	}
	return float64(t.Mapped) / float64(t.Total)
}

func (t *Tally) add(s State) {
	t.Total++
	switch s {
	case MappedState:
		t.Mapped++
	case BelowThreshold:
		t.BelowThreshold++
	case NonMappable:
		t.NonMappable++
	case Unassessed:
		t.Unassessed++
	}
}

func tally(cells []Cell, scope Bits) (t Tally) {
	for i := range scope.All() {
		t.add(cells[i].State)
	}
	return t
}

// Total counts the combined states of a scope.
func (a *Assessment) Total(scope Bits) Tally { return tally(a.Combined, scope) }

// Tally counts the states of one column over a scope.
func (c *Column) Tally(scope Bits) Tally { return tally(c.Cells, scope) }

// ByTactic counts the combined states of a scope for each tactic of the
// release, in matrix order. A technique counts in each of its tactics.
func (a *Assessment) ByTactic(scope Bits) []Tally {
	list := make([]Tally, len(a.View.Frame.tactics))
	part := NewBits(len(a.View.Frame.Universe))
	for i, tactic := range a.View.Frame.tactics {
		copy(part, tactic)
		part.And(scope)
		list[i] = a.Total(part)
	}
	return list
}

// PlatformTally counts the states of one platform's techniques.
type PlatformTally struct {
	Platform string
	Tally
}

// ByPlatform counts the combined states of a scope for each platform that
// occurs in it, by platform name. A technique counts for each of its platforms.
func (a *Assessment) ByPlatform(scope Bits) []PlatformTally {
	counts := map[string]*Tally{}
	for i := range scope.All() {
		for _, p := range a.View.Frame.Universe[i].Platforms {
			if counts[p] == nil {
				counts[p] = &Tally{}
			}
			counts[p].add(a.Combined[i].State)
		}
	}
	list := make([]PlatformTally, 0, len(counts))
	for p, t := range counts {
		list = append(list, PlatformTally{Platform: p, Tally: *t})
	}
	slices.SortFunc(list, func(x, y PlatformTally) int { return strings.Compare(x.Platform, y.Platform) })
	return list
}

// Gaps lists the techniques of a scope whose combined state is not MAPPED.
func (a *Assessment) Gaps(scope Bits) []int { return slices.Collect(a.Unmapped(scope).All()) }

// Unmapped gives the part of a scope whose combined state is not MAPPED.
func (a *Assessment) Unmapped(scope Bits) Bits {
	left := scope.Clone()
	for i := range scope.All() {
		if a.Combined[i].State == MappedState {
			left.Remove(i)
		}
	}
	return left
}

// Region is a part of a scope that exactly some of the columns map.
type Region struct {
	Columns    []int // positions in Assessment.Columns, ascending
	Techniques []int // positions in the universe, ascending
}

// Pair is how far two columns agree on what they map.
type Pair struct {
	A, B    int // positions in Assessment.Columns
	Shared  int
	Jaccard float64 // shared / union; 0 where both are empty
}

// Overlap splits a scope by which of the columns map a technique.
type Overlap struct {
	All     Region   // mapped by every column
	None    Region   // mapped by none
	Regions []Region // what occurs, without None: largest first, ties by Columns
	Pairs   []Pair   // every column against every column, row by row
}

// MaxOverlapFrameworks bounds the columns of an overlap.
const MaxOverlapFrameworks = 64

// Overlap splits a scope. The assessment must have at most MaxOverlapFrameworks columns.
func (a *Assessment) Overlap(w *budget.Budget, scope Bits) (*Overlap, error) {
	universe, columns := len(a.View.Frame.Universe), len(a.Columns)
	if err := spend(w, columns*(universe+columns*len(scope)), cellsAUnit); err != nil {
		return nil, err
	}
	mapped := make([]Bits, columns)
	signatures := make([]uint64, universe)
	for j, c := range a.Columns {
		mapped[j] = c.mapped(scope)
		for i := range mapped[j].All() {
			signatures[i] |= 1 << j
		}
	}
	bySignature := map[uint64][]int{}
	for i := range scope.All() {
		bySignature[signatures[i]] = append(bySignature[signatures[i]], i)
	}
	full := ^uint64(0) >> (64 - columns)
	o := &Overlap{All: region(full, bySignature[full]), None: region(0, bySignature[0])}
	for sig, list := range bySignature {
		if sig != 0 {
			o.Regions = append(o.Regions, region(sig, list))
		}
	}
	slices.SortFunc(o.Regions, func(x, y Region) int {
		return cmp.Or(cmp.Compare(len(y.Techniques), len(x.Techniques)), slices.Compare(x.Columns, y.Columns))
	})
	o.Pairs = make([]Pair, 0, columns*columns)
	for i := range mapped {
		for j := range mapped {
			o.Pairs = append(o.Pairs, pair(i, j, mapped[i], mapped[j]))
		}
	}
	return o, nil
}

// mapped gives the part of a scope that the column maps.
func (c *Column) mapped(scope Bits) Bits {
	part := NewBits(len(c.Cells))
	for i := range scope.All() {
		if c.Cells[i].State == MappedState {
			part.Add(i)
		}
	}
	return part
}

func region(signature uint64, techniques []int) Region {
	r := Region{Columns: make([]int, 0, bits.OnesCount64(signature)), Techniques: techniques}
	for ; signature != 0; signature &= signature - 1 {
		r.Columns = append(r.Columns, bits.TrailingZeros64(signature))
	}
	return r
}

func pair(i, j int, a, b Bits) Pair {
	p := Pair{A: i, B: j, Shared: a.CountAnd(b)}
	if union := a.Count() + b.Count() - p.Shared; union > 0 {
		p.Jaccard = float64(p.Shared) / float64(union)
	}
	return p
}

// MatrixCell is a technique within a tactic of the matrix.
type MatrixCell struct {
	Technique int // position in the universe
	Children  []MatrixCell
}

// Matrix lays a scope out: for each tactic of the release, in matrix order, its
// techniques by name, then id, with their sub-techniques inside by name. A
// sub-technique whose parent is not in the tactic or the scope stands by itself.
func (f *Frame) Matrix(scope Bits) [][]MatrixCell {
	columns := make([][]MatrixCell, len(f.tactics))
	for j, tactic := range f.tactics {
		here := tactic.Clone()
		here.And(scope)
		columns[j] = make([]MatrixCell, 0, here.Count())
		for _, i := range f.byName {
			if !here.Has(int(i)) {
				continue
			}
			if p := f.parent[i]; p >= 0 && here.Has(int(p)) {
				continue
			}
			cell := MatrixCell{Technique: int(i), Children: []MatrixCell{}}
			for _, c := range f.childrenByName[i] {
				if here.Has(int(c)) {
					cell.Children = append(cell.Children, MatrixCell{Technique: int(c)})
				}
			}
			columns[j] = append(columns[j], cell)
		}
	}
	return columns
}
