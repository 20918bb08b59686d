package algebra

import (
	"math"
	"sort"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Mapper is a capability with the techniques that it maps.
type Mapper struct {
	Ref        kg.CapabilityRef
	Techniques []int32 // positions in the universe, ascending, never empty
}

// Mappers lists the capabilities of a framework that map techniques of a scope
// under a filter, in order. The list is shared, and not to be changed.
func (v *View) Mappers(w *budget.Budget, framework string, filter *Filter, scope Bits) ([]Mapper, error) {
	b := v.byFramework[framework]
	s := b.sift(filter, nil)
	if s.nothing {
		return nil, nil
	}
	if s.everything && scope.Count() == len(v.Frame.Universe) {
		return b.mappers, nil
	}
	if err := spend(w, len(b.entries)+filter.size(), rowsAUnit); err != nil {
		return nil, err
	}
	return b.mappersWhere(func(e *entry) bool { return scope.Has(int(e.technique)) && s.keeps(e) }), nil
}

func (b *Body) allMappers() []Mapper { return b.mappersWhere(func(*entry) bool { return true }) }

// mappersWhere gives the capabilities and techniques of some of the rows.
func (b *Body) mappersWhere(keep func(*entry) bool) []Mapper {
	edges, capabilities := 0, 0
	b.eachEdge(keep, func(_ *entry, another bool) {
		edges++
		if another {
			capabilities++
		}
	})
	list := make([]Mapper, 0, capabilities)
	techniques := make([]int32, 0, edges)
	b.eachEdge(keep, func(e *entry, another bool) {
		if another {
			list = append(list, Mapper{Ref: b.Capabilities[e.capability].Ref, Techniques: techniques[len(techniques):]})
		}
		techniques = append(techniques, e.technique)
		m := &list[len(list)-1]
		m.Techniques = m.Techniques[:len(m.Techniques)+1]
	})
	return list
}

// eachEdge visits each pair of a capability and a technique once, in order, and
// says which of them begin another capability.
func (b *Body) eachEdge(keep func(*entry) bool, visit func(e *entry, another bool)) {
	capability, technique := int32(-1), int32(-1)
	for i := range b.entries {
		e := &b.entries[i]
		if e.capability == capability && e.technique == technique || !keep(e) {
			continue
		}
		visit(e, e.capability != capability)
		capability, technique = e.capability, e.technique
	}
}

// CapabilityPair is two capabilities that have techniques in common: inferred from the
// mappings of both, and claimed by nobody.
type CapabilityPair struct {
	From, To      *Mapper
	Shared        int     // techniques in common
	Jaccard       float64 // of the techniques of either, the share in common
	FromContained float64 // of From's techniques, the share in common
	ToContained   float64 // of To's techniques, the share in common
	Weighted      float64 // as Jaccard, each technique weighing as much as it tells the capabilities of both frameworks apart

	place Place
}

// Place is where the pair stands in the order that was asked for.
func (p *CapabilityPair) Place() Place { return p.place }

// Techniques lists what the pair has in common, by id.
func (p *CapabilityPair) Techniques() []int {
	list := make([]int, 0, p.Shared)
	merge(p.From.Techniques, p.To.Techniques, func(t int32, inA, inB bool) {
		if inA && inB {
			list = append(list, int(t))
		}
	})
	return list
}

// merge walks the union of two ascending lists in order.
func merge(a, b []int32, visit func(t int32, inA, inB bool)) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			visit(a[0], true, false)
			a = a[1:]
		case len(a) == 0 || b[0] < a[0]:
			visit(b[0], false, true)
			b = b[1:]
		default:
			visit(a[0], true, true)
			a, b = a[1:], b[1:]
		}
	}
}

// CrosswalkOrder is what pairs are ranked by. Every order but FromOrder is
// highest first; equals are ranked by Weighted, then Shared, then From, then To.
type CrosswalkOrder uint8

// The orders.
const (
	WeightedOrder CrosswalkOrder = iota
	SharedOrder
	JaccardOrder
	FromContainedOrder
	ToContainedOrder
	FromOrder
)

// CrosswalkQuestion asks for pairs of capabilities of two frameworks.
type CrosswalkQuestion struct {
	From, To    string
	Filter      Filter
	Scope       Bits
	Only        []kg.CapabilityRef // of the pairs of these From only; empty for all
	MinShared   int                // pairs with at least so many techniques in common
	MinWeighted float64            // pairs that are weighted at least so high, to 12 decimals
	By          CrosswalkOrder
	First       int    // at most so many of them
	After       *Place // behind this one; nil for from the beginning
}

// Place is where a pair stands in a crosswalk. The capabilities need not be
// there any more.
type Place struct {
	Metric   float64 // what the order ranks by
	Weighted float64 // to 12 decimals
	Shared   int
	From, To kg.CapabilityRef
}

// Crosswalk is a part of the pairs of two frameworks.
type Crosswalk struct {
	Pairs  []CapabilityPair
	Before int // pairs that come before
	Total  int // all pairs
}

// Rounded gives a share as it is compared: to 12 decimals, so that the last bits
// of a sum do not decide an order.
func Rounded(x float64) float64 { return math.Round(x*1e12) / 1e12 }

// Crosswalk gives pairs of capabilities of two frameworks that have at least
// one technique of the scope in common.
//
// A technique t weighs ln(N/df(t)): N is the number of capabilities of both
// frameworks that map anything, df(t) how many of them map t. A capability is
// never paired with itself.
//
// Capabilities that map the same are looked at once, pairs are counted and not
// kept, and only the wanted part is: so it takes memory for that and for the
// capabilities.
func (v *View) Crosswalk(w *budget.Budget, q CrosswalkQuestion) (*Crosswalk, error) {
	x, err := v.crossing(w, &q)
	if err != nil {
		return nil, err
	}
	return x.rank(w)
}

// Pair gives what two capabilities have in common under a filter; nil where that
// is nothing, or they are one.
func (v *View) Pair(w *budget.Budget, a, b kg.CapabilityRef, filter *Filter) (*CapabilityPair, error) {
	q := CrosswalkQuestion{From: a.Framework, To: b.Framework, Filter: *filter, Scope: AllBits(len(v.Frame.Universe))}
	x, err := v.crossing(w, &q)
	if err != nil {
		return nil, err
	}
	i, inLeft := x.left.find(a)
	j, inRight := x.right.find(b)
	if !inLeft || !inRight || a == b {
		return nil, nil
	}
	from, to := &x.left.mappers[i], &x.right.mappers[j]
	shared, both := 0, 0.0
	merge(from.Techniques, to.Techniques, func(t int32, inA, inB bool) {
		if inA && inB {
			shared++
			both += x.weights[t]
		}
	})
	if shared == 0 {
		return nil, nil
	}
	pair := x.pair(from, to, shared, both)
	return &pair, nil
}

// crossing is a crosswalk being worked out.
type crossing struct {
	q           *CrosswalkQuestion
	left, right side
	weights     []float64 // of each technique
	same        bool      // both sides are one framework
}

// side is the capabilities of one framework, those that map the same together.
type side struct {
	mappers []Mapper
	classes []class
}

// class is capabilities that map the same.
type class struct {
	techniques []int32
	members    []int32 // in side.mappers, ascending
	weight     float64 // of all techniques
}

func (s *side) find(ref kg.CapabilityRef) (int, bool) {
	return sort.Find(len(s.mappers), func(i int) int { return ref.Compare(s.mappers[i].Ref) })
}

func (v *View) crossing(w *budget.Budget, q *CrosswalkQuestion) (*crossing, error) {
	x := &crossing{q: q, same: q.From == q.To}
	var err error
	if x.left.mappers, err = v.Mappers(w, q.From, &q.Filter, q.Scope); err != nil {
		return nil, err
	}
	x.right.mappers = x.left.mappers
	sides := [][]Mapper{x.left.mappers}
	if !x.same {
		if x.right.mappers, err = v.Mappers(w, q.To, &q.Filter, q.Scope); err != nil {
			return nil, err
		}
		sides = append(sides, x.right.mappers)
	}
	x.weights, err = v.tellingWeights(w, sides)
	return x, err
}

// tellingWeights gives each technique the weight ln(N/df).
func (v *View) tellingWeights(w *budget.Budget, sides [][]Mapper) ([]float64, error) {
	n, edges := 0, 0
	df := make([]int, len(v.Frame.Universe))
	for _, side := range sides {
		n += len(side)
		for i := range side {
			edges += len(side[i].Techniques)
			for _, t := range side[i].Techniques {
				df[t]++
			}
		}
	}
	weights := make([]float64, len(df))
	for t, d := range df {
		if d > 0 {
			weights[t] = math.Log(float64(n) / float64(d))
		}
	}
	return weights, spend(w, edges+len(df), rowsAUnit)
}

// classify puts the capabilities of a side that map the same together: all, or
// some if any are named.
func (s *side) classify(only []kg.CapabilityRef, weigh func(*Mapper) float64) {
	known := map[string]int{}
	var key []byte
	add := func(i int) {
		m := &s.mappers[i]
		key = key[:0]
		for _, t := range m.Techniques {
			key = append(key, byte(t), byte(t>>8), byte(t>>16), byte(t>>24))
		}
		c, ok := known[string(key)]
		if !ok {
			c = len(s.classes)
			known[string(key)] = c
			s.classes = append(s.classes, class{techniques: m.Techniques, weight: weigh(m)})
		}
		s.classes[c].members = append(s.classes[c].members, int32(i))
	}
	if len(only) == 0 {
		for i := range s.mappers {
			add(i)
		}
		return
	}
	named := NewBits(len(s.mappers))
	for _, ref := range only {
		if i, ok := s.find(ref); ok {
			named.Add(i)
		}
	}
	for i := range named.All() {
		add(i)
	}
}

func (x *crossing) weigh(m *Mapper) float64 {
	sum := 0.0
	for _, t := range m.Techniques {
		sum += x.weights[t]
	}
	return sum
}

// What it takes, in units of work, to put a capability with those that map the
// same, and to rank a pair that was found.
const (
	classifyAUnits = 8
	pairsAUnit     = 1
)

// rank finds the pairs and keeps the best of them.
func (x *crossing) rank(w *budget.Budget) (*Crosswalk, error) {
	if err := spend(w, (len(x.left.mappers)+len(x.right.mappers)+len(x.q.Only))*classifyAUnits, 1); err != nil {
		return nil, err
	}
	x.left.classify(x.q.Only, x.weigh)
	x.right.classify(nil, x.weigh)
	byTechnique := make([][]int32, len(x.weights))
	for j := range x.right.classes {
		for _, t := range x.right.classes[j].techniques {
			byTechnique[t] = append(byTechnique[t], int32(j))
		}
	}
	best := newBest(x)
	shared := make([]int32, len(x.right.classes))
	both := make([]float64, len(x.right.classes))
	var touched []int32
	for i := range x.left.classes {
		meetings := 0
		for _, t := range x.left.classes[i].techniques {
			meetings += len(byTechnique[t])
			for _, j := range byTechnique[t] {
				if shared[j] == 0 {
					touched = append(touched, j)
				}
				shared[j]++
				both[j] += x.weights[t]
			}
		}
		if err := spend(w, meetings, rowsAUnit); err != nil {
			return nil, err
		}
		if err := spend(w, len(touched), pairsAUnit); err != nil {
			return nil, err
		}
		for _, j := range touched {
			if err := best.add(w, &x.left.classes[i], &x.right.classes[j], shared[j], both[j]); err != nil {
				return nil, err
			}
			shared[j], both[j] = 0, 0
		}
		touched = touched[:0]
	}
	return best.page(), nil
}

// measure is what two sets of techniques have in common, in numbers. All weights
// are summed in one order: so where one set has all that the other has, nothing
// is lost by rounding.
type measure struct {
	shared, from, to           int // techniques
	both, fromWeight, toWeight float64
}

func (m *measure) weighted() float64 {
	either := m.fromWeight + m.toWeight - m.both
	switch m.shared {
	case m.from:
		either = m.toWeight
	case m.to:
		either = m.fromWeight
	}
	if either > 0 {
		return m.both / either
	}
	return 0
}

func (m *measure) jaccard() float64       { return float64(m.shared) / float64(m.from+m.to-m.shared) }
func (m *measure) fromContained() float64 { return float64(m.shared) / float64(m.from) }
func (m *measure) toContained() float64   { return float64(m.shared) / float64(m.to) }

// metric gives what an order ranks by; FromOrder ranks by nothing.
func (m *measure) metric(by CrosswalkOrder) float64 {
	switch by {
	case SharedOrder:
		return float64(m.shared)
	case JaccardOrder:
		return Rounded(m.jaccard())
	case FromContainedOrder:
		return Rounded(m.fromContained())
	case ToContainedOrder:
		return Rounded(m.toContained())
	case FromOrder:
		return 0
	}
	return Rounded(m.weighted())
}

// pair measures two capabilities that have techniques in common.
func (x *crossing) pair(from, to *Mapper, shared int, both float64) CapabilityPair {
	m := measure{shared, len(from.Techniques), len(to.Techniques), both, x.weigh(from), x.weigh(to)}
	return CapabilityPair{
		From: from, To: to, Shared: shared, Jaccard: m.jaccard(),
		FromContained: m.fromContained(), ToContained: m.toContained(), Weighted: m.weighted(),
		place: Place{Metric: m.metric(x.q.By), Weighted: Rounded(m.weighted()), Shared: shared, From: from.Ref, To: to.Ref},
	}
}

// Comparison says how far two capabilities map the same.
type Comparison struct {
	Both         []Compared // by technique
	OnlyA, OnlyB []int      // techniques, by id
}

// Compared is a technique that both capabilities map.
type Compared struct {
	Technique int
	A, B      []Best // what each scores, by category
}

// Compare sets the mappings of two capabilities, under a filter, side by side.
func (v *View) Compare(w *budget.Budget, a, b kg.CapabilityRef, filter *Filter) (*Comparison, error) {
	left, err := v.scores(w, a, filter)
	if err != nil {
		return nil, err
	}
	right, err := v.scores(w, b, filter)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Both: []Compared{}, OnlyA: []int{}, OnlyB: []int{}}
	merge(left.techniques, right.techniques, func(t int32, inA, inB bool) {
		switch {
		case inA && inB:
			c.Both = append(c.Both, Compared{Technique: int(t), A: left.cells[t].Best(), B: right.cells[t].Best()})
		case inA:
			c.OnlyA = append(c.OnlyA, int(t))
		default:
			c.OnlyB = append(c.OnlyB, int(t))
		}
	})
	return c, nil
}

// scored is what one capability scores, technique by technique.
type scored struct {
	techniques []int32
	cells      map[int32]*Cell
}

func (v *View) scores(w *budget.Budget, ref kg.CapabilityRef, filter *Filter) (scored, error) {
	s := scored{cells: map[int32]*Cell{}}
	rows, err := v.CapabilityMappings(w, ref, filter)
	for _, r := range rows {
		e := r.entry()
		cell := s.cells[e.technique]
		if cell == nil {
			cell = &Cell{}
			s.cells[e.technique] = cell
			s.techniques = append(s.techniques, e.technique)
		}
		cell.score(e.said)
	}
	return s, err
}
