package answer

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// analysis is an assessment of a scope, from which the answers are drawn.
type analysis struct {
	place      *Place
	question   algebra.Question
	asked      algebra.Scope // what scope was resolved from
	assessment *algebra.Assessment
	scope      algebra.Bits
	frameworks []*Framework // one for each column
}

func (p *Place) analyse(ask Ask) (*analysis, error) {
	q, err := p.question(ask)
	if err != nil {
		return nil, err
	}
	asked := scopeOf(ask.Scope)
	scope, err := asked.Resolve(p.View)
	if err != nil {
		return nil, err
	}
	assessment, err := p.View.Assess(p.work, q)
	if err != nil {
		return nil, err
	}
	a := &analysis{place: p, question: q, asked: asked, assessment: assessment, scope: scope}
	for _, c := range a.assessment.Columns {
		a.frameworks = append(a.frameworks, p.frameworkOf(c.Framework))
	}
	return a, nil
}

// cells gives what each framework says of a technique.
func (a *analysis) cells(technique int) []TechniqueCoverage {
	list := make([]TechniqueCoverage, len(a.frameworks))
	for i, c := range a.assessment.Columns {
		list[i] = TechniqueCoverage{Framework: a.frameworks[i], cell: &c.Cells[technique]}
	}
	return list
}

func (a *analysis) weights(technique int) *ThreatWeights {
	w := ThreatWeights(a.place.View.Weights(technique))
	return &w
}

// TechniqueCoverage is what one framework says of one technique.
type TechniqueCoverage struct {
	Framework *Framework
	cell      *algebra.Cell
}

func (t *TechniqueCoverage) State() algebra.State    { return t.cell.State }
func (t *TechniqueCoverage) Reason() *algebra.Reason { return reason(t.cell) }
func (t *TechniqueCoverage) CapabilityCount() int    { return int(t.cell.Capabilities) }
func (t *TechniqueCoverage) MappingCount() int       { return int(t.cell.Mappings) }
func (t *TechniqueCoverage) RolledUp() bool          { return t.cell.RolledUp }

func (t *TechniqueCoverage) Best() []BestScore {
	best := t.cell.Best()
	list := make([]BestScore, len(best))
	for i, b := range best {
		list[i] = BestScore{Category: b.Category}
		if b.Value != kg.NoValue {
			list[i].Value = &best[i].Value
		}
	}
	return list
}

// BestScore is the highest value of one category.
type BestScore struct {
	Category kg.Category
	Value    *kg.Value
}

func reason(c *algebra.Cell) *algebra.Reason {
	if c.State != algebra.Unassessed {
		return nil
	}
	return &c.Reason
}

// Coverage counts techniques by state.
type Coverage struct {
	algebra.Tally
	analysis *analysis
}

// Coverage answers Query.coverage.
func (p *Place) Coverage(ask Ask) (*Coverage, error) {
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	return a.coverage(), nil
}

func (a *analysis) coverage() *Coverage {
	return &Coverage{Tally: a.assessment.Total(a.scope), analysis: a}
}

func (c *Coverage) ByFramework() []*FrameworkCoverage {
	return pointers(c.analysis.assessment.Columns, func(col *algebra.Column) FrameworkCoverage {
		return FrameworkCoverage{Framework: c.analysis.place.frameworkOf(col.Framework), Tally: col.Tally(c.analysis.scope)}
	})
}

func (c *Coverage) ByTactic() []*TacticCoverage {
	tactics := c.analysis.place.Tactics()
	list := make([]*TacticCoverage, len(tactics))
	for i, t := range c.analysis.assessment.ByTactic(c.analysis.scope) {
		list[i] = &TacticCoverage{Tactic: tactics[i], Tally: t}
	}
	return list
}

func (c *Coverage) ByPlatform() []*PlatformCoverage {
	return pointers(c.analysis.assessment.ByPlatform(c.analysis.scope), func(t algebra.PlatformTally) PlatformCoverage {
		return PlatformCoverage{Platform: t.Platform, Tally: t.Tally}
	})
}

// FrameworkCoverage is one framework's coverage.
type FrameworkCoverage struct {
	Framework *Framework
	algebra.Tally
}

// TacticCoverage is one tactic's coverage.
type TacticCoverage struct {
	Tactic *Tactic
	algebra.Tally
}

// PlatformCoverage is one platform's coverage.
type PlatformCoverage struct {
	Platform string
	algebra.Tally
}

// Matrix is the ATT&CK matrix with coverage.
type Matrix struct{ analysis *analysis }

// Matrix answers Query.matrix.
func (p *Place) Matrix(ask Ask) (*Matrix, error) {
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	return &Matrix{a}, nil
}

func (m *Matrix) Coverage() *Coverage { return m.analysis.coverage() }

func (m *Matrix) Tactics() []*MatrixTactic {
	tactics := m.analysis.place.Tactics()
	values, list := make([]MatrixTactic, len(tactics)), make([]*MatrixTactic, len(tactics))
	for i, cells := range m.analysis.place.frame().Matrix(m.analysis.scope) {
		values[i] = MatrixTactic{Tactic: tactics[i], Techniques: m.analysis.matrixCells(cells)}
		list[i] = &values[i]
	}
	return list
}

// MatrixTactic is one column of the matrix.
type MatrixTactic struct {
	Tactic     *Tactic
	Techniques []MatrixCell
}

// MatrixCell is one technique in one column.
type MatrixCell struct {
	analysis *analysis
	cell     algebra.MatrixCell
}

func (a *analysis) matrixCells(cells []algebra.MatrixCell) []MatrixCell {
	list := make([]MatrixCell, len(cells))
	for i, c := range cells {
		list[i] = MatrixCell{analysis: a, cell: c}
	}
	return list
}

func (c *MatrixCell) Technique() *Technique {
	return c.analysis.place.techniqueAt(c.cell.Technique)
}
func (c *MatrixCell) Coverage() []TechniqueCoverage { return c.analysis.cells(c.cell.Technique) }
func (c *MatrixCell) State() algebra.State {
	return c.analysis.assessment.Combined[c.cell.Technique].State
}
func (c *MatrixCell) Weights() *ThreatWeights     { return c.analysis.weights(c.cell.Technique) }
func (c *MatrixCell) Subtechniques() []MatrixCell { return c.analysis.matrixCells(c.cell.Children) }

// Overlap says which techniques frameworks map in common, apart and not at all.
type Overlap struct {
	analysis *analysis
	overlap  *algebra.Overlap
}

// Overlap answers Query.overlap.
func (p *Place) Overlap(ask Ask) (*Overlap, error) {
	ids, err := p.Request.needFrameworks(ask.Frameworks)
	if err != nil {
		return nil, err
	}
	if len(ids) < 2 {
		return nil, badInput("frameworks: an overlap needs at least 2 different frameworks")
	}
	if len(ids) > algebra.MaxOverlapFrameworks {
		return nil, &Error{Code: LimitExceeded, Message: "frameworks: an overlap takes at most 64"}
	}
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	o, err := a.assessment.Overlap(p.work, a.scope)
	if err != nil {
		return nil, err
	}
	return &Overlap{analysis: a, overlap: o}, nil
}

func (o *Overlap) Frameworks() []*Framework { return o.analysis.frameworks }
func (o *Overlap) Universe() int            { return o.analysis.scope.Count() }
func (o *Overlap) All() *OverlapRegion      { return &OverlapRegion{o.analysis, o.overlap.All} }
func (o *Overlap) None() *OverlapRegion     { return &OverlapRegion{o.analysis, o.overlap.None} }

func (o *Overlap) Regions() []*OverlapRegion {
	return pointers(o.overlap.Regions, func(r algebra.Region) OverlapRegion { return OverlapRegion{o.analysis, r} })
}

func (o *Overlap) Pairwise() []*PairwiseOverlap {
	return pointers(o.overlap.Pairs, func(p algebra.Pair) PairwiseOverlap {
		return PairwiseOverlap{A: o.analysis.frameworks[p.A], B: o.analysis.frameworks[p.B], Shared: p.Shared, Jaccard: p.Jaccard}
	})
}

// PairwiseOverlap is how far two frameworks agree.
type PairwiseOverlap struct {
	A, B    *Framework
	Shared  int
	Jaccard float64
}

// OverlapRegion is what exactly some of the frameworks map.
type OverlapRegion struct {
	analysis *analysis
	region   algebra.Region
}

func (r *OverlapRegion) TotalCount() int { return len(r.region.Techniques) }

func (r *OverlapRegion) Frameworks() []*Framework {
	list := make([]*Framework, len(r.region.Columns))
	for i, c := range r.region.Columns {
		list[i] = r.analysis.frameworks[c]
	}
	return list
}

func (r *OverlapRegion) Techniques(first *int32, after *string) (*OverlapTechniqueConnection, error) {
	key := func(i int) string { return r.analysis.place.frame().Universe[i].ID }
	pg, err := paginate("overlap", r.region.Techniques, key, first, after)
	if err != nil {
		return nil, err
	}
	return &OverlapTechniqueConnection{connect[OverlapTechniqueEdge](pg, func(i int) OverlapTechnique {
		return OverlapTechnique{region: r, position: i}
	})}, nil
}

// OverlapTechnique is a technique of a region, with what is behind it.
type OverlapTechnique struct {
	region   *OverlapRegion
	position int
}

func (t *OverlapTechnique) Technique() *Technique {
	return t.region.analysis.place.techniqueAt(t.position)
}

func (t *OverlapTechnique) ByFramework() []*FrameworkCapabilities {
	a := t.region.analysis
	return pointers(t.region.region.Columns, func(c int) FrameworkCapabilities {
		col := a.assessment.Columns[c]
		return FrameworkCapabilities{
			Framework: a.frameworks[c], RolledUp: col.Cells[t.position].RolledUp,
			place: a.place, column: col, position: t.position,
		}
	})
}

// FrameworkCapabilities is what one framework has on a technique.
type FrameworkCapabilities struct {
	Framework *Framework
	RolledUp  bool
	place     *Place
	column    *algebra.Column
	position  int // of the technique
}

func (f *FrameworkCapabilities) Capabilities() []*Capability {
	return pointers(f.column.Capabilities(f.position), func(i int) Capability { return f.place.of(f.column.Body, i) })
}

func (f *FrameworkCapabilities) Mappings(ctx context.Context) ([]*Mapping, error) {
	list := pointers(f.column.Rows(f.position), f.place.mapping)
	return list, f.place.withTexts(ctx, list)
}

// OverlapTechniqueEdge is an item of an OverlapTechniqueConnection.
type OverlapTechniqueEdge struct {
	Cursor string
	Node   *OverlapTechnique
}

// OverlapTechniqueConnection is a page of a region's techniques.
type OverlapTechniqueConnection struct {
	Connection[*OverlapTechnique, OverlapTechniqueEdge]
}

// Gap is a technique that nothing asked about maps.
type Gap struct {
	analysis *analysis
	position int
}

func (g *Gap) cell() *algebra.Cell              { return &g.analysis.assessment.Combined[g.position] }
func (g *Gap) Technique() *Technique            { return g.analysis.place.techniqueAt(g.position) }
func (g *Gap) State() algebra.State             { return g.cell().State }
func (g *Gap) Reason() *algebra.Reason          { return reason(g.cell()) }
func (g *Gap) Weights() *ThreatWeights          { return g.analysis.weights(g.position) }
func (g *Gap) ByFramework() []TechniqueCoverage { return g.analysis.cells(g.position) }

func (g *Gap) Comment(ctx context.Context) (*string, error) {
	if g.cell().State != algebra.NonMappable {
		return nil, nil
	}
	set, row := g.analysis.assessment.Declared(g.position)
	if row == nil {
		return nil, nil
	}
	return g.analysis.place.declaration(set, row).Comment(ctx)
}

// GapEdge is an item of a GapConnection.
type GapEdge struct {
	Cursor string
	Node   *Gap
}

// GapConnection is a page of gaps with the coverage that they are the rest of.
type GapConnection struct {
	Connection[*Gap, GapEdge]
	analysis *analysis
}

func (c *GapConnection) Coverage() *Coverage { return c.analysis.coverage() }

// Unaligned lists the mappings of the frameworks asked about that have no place.
func (c *GapConnection) Unaligned(ctx context.Context) ([]*UnalignedMapping, error) {
	list := []*UnalignedMapping{}
	var mappings []*Mapping
	for _, col := range c.analysis.assessment.Columns {
		for _, r := range col.Unaligned() {
			m := c.analysis.place.unaligned(r)
			mappings = append(mappings, &m)
			list = append(list, &UnalignedMapping{Mapping: &m, Reason: r.Reason})
		}
	}
	return list, c.analysis.place.withTexts(ctx, mappings)
}

// UnalignedMapping is a row that has no place in the view.
type UnalignedMapping struct {
	Mapping *Mapping
	Reason  kg.UnresolvedReason
}

func (u *UnalignedMapping) AttackID() string { return u.Mapping.row.AttackID }

// Gaps answers Query.gaps.
func (p *Place) Gaps(ask Ask, order *model.GapOrder, first *int32, after *string) (*GapConnection, error) {
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	by := model.GapOrderAttackID
	if order != nil {
		by = *order
	}
	list := a.assessment.Gaps(a.scope)
	key := a.gapKey(by)
	if by != model.GapOrderAttackID {
		keys := make(map[int]string, len(list))
		for _, i := range list {
			keys[i] = key(i)
		}
		slices.SortFunc(list, func(x, y int) int { return compareStrings(keys[x], keys[y]) })
	}
	pg, err := paginate("gaps/"+string(by), list, key, first, after)
	if err != nil {
		return nil, err
	}
	node := func(i int) Gap { return Gap{analysis: a, position: i} }
	return &GapConnection{Connection: connect[GapEdge](pg, node), analysis: a}, nil
}

// gapKey gives the key by which gaps sort in an order.
func (a *analysis) gapKey(by model.GapOrder) func(int) string {
	return func(i int) string {
		t := a.place.frame().Universe[i]
		w := a.place.View.Weights(i)
		switch by {
		case model.GapOrderName:
			return sortKey(t.Name, t.ID)
		case model.GapOrderGroups:
			return descending(float64(w.Groups)) + t.ID
		case model.GapOrderSoftware:
			return descending(float64(w.Software)) + t.ID
		case model.GapOrderKev:
			return descending(float64(w.Kev)) + t.ID
		case model.GapOrderTopTechniques:
			if w.TopTechniques == nil {
				return "\xff\xff\xff\xff\xff\xff\xff\xff" + t.ID
			}
			return descending(*w.TopTechniques) + t.ID
		}
		return t.ID
	}
}

// descending gives eight bytes that sort numbers from the highest to the lowest.
func descending(x float64) string {
	bits := math.Float64bits(x)
	if bits>>63 == 0 {
		bits |= 1 << 63
	} else {
		bits = ^bits
	}
	return string(binary.BigEndian.AppendUint64(nil, ^bits))
}

// ascended is the inverse of descending.
func ascended(key string) float64 {
	bits := ^binary.BigEndian.Uint64([]byte(key))
	if bits>>63 == 1 {
		bits &^= 1 << 63
	} else {
		bits = ^bits
	}
	return math.Float64frombits(bits)
}

// Mappings answers Query.mappings.
func (p *Place) Mappings(ctx context.Context, filter *model.MappingFilter, scope *model.ScopeInput, first *int32, after *string) (*MappingConnection, error) {
	f, err := p.Request.filter(filter)
	if err != nil {
		return nil, err
	}
	keep, err := p.scope(scope)
	if err != nil {
		return nil, err
	}
	w, err := openWindow("mappings", first, after)
	if err != nil {
		return nil, err
	}
	part := algebra.Stretch{First: w.first}
	if w.after != nil {
		part.After = func(r algebra.AlignedRow) bool { return p.rowKey(r) > *w.after }
	}
	rows, err := p.View.Mappings(p.work, &f, keep, part)
	if err != nil {
		return nil, err
	}
	return p.connectMappings(ctx, cut(w, rows.Rows, rows.Before, rows.Total, p.rowKey))
}

// StackComparison is what becomes of coverage if one stack takes another's place.
type StackComparison struct{ a, b *analysis }

// CompareStacks answers Query.compareStacks.
func (p *Place) CompareStacks(a, b model.StackInput, filter *model.MappingFilter, scope *model.ScopeInput) (*StackComparison, error) {
	before, err := p.analyse(Ask{Stack: &a, Filter: filter, Scope: scope})
	if err != nil {
		return nil, err
	}
	after, err := p.analyse(Ask{Stack: &b, Filter: filter, Scope: scope})
	if err != nil {
		return nil, err
	}
	return &StackComparison{before, after}, nil
}

func (s *StackComparison) A() *Coverage { return s.a.coverage() }
func (s *StackComparison) B() *Coverage { return s.b.coverage() }

func (s *StackComparison) Gained() []*Technique { return s.b.mappedBeyond(s.a) }
func (s *StackComparison) Lost() []*Technique   { return s.a.mappedBeyond(s.b) }

// mappedBeyond lists the techniques of the scope that are mapped here and not there.
func (a *analysis) mappedBeyond(there *analysis) []*Technique {
	var list []int
	for i := range a.scope.All() {
		if a.assessment.Combined[i].State == algebra.MappedState && there.assessment.Combined[i].State != algebra.MappedState {
			list = append(list, i)
		}
	}
	return a.place.techniquesPlaced(list)
}
