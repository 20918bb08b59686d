package algebra

import (
	"cmp"
	"math"
	"slices"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Mapper is a capability with the techniques that it maps.
type Mapper struct {
	Ref        kg.CapabilityRef
	Techniques []int32 // positions in the universe, ascending, never empty
}

// Mappers lists the capabilities of a framework that map techniques of a scope
// under a filter, in order.
func (v *View) Mappers(framework string, filter *Filter, scope Bits) []Mapper {
	b := v.byFramework[framework]
	if b == nil || !filter.keepsFramework(framework) {
		return nil
	}
	var list []Mapper
	last := int32(-1)
	for i := range b.Rows {
		r := &b.Rows[i]
		if !scope.Has(int(r.Technique)) || !filter.names(framework, r.Row) || !filter.passes(r.Row) {
			continue
		}
		if r.Capability != last {
			last = r.Capability
			list = append(list, Mapper{Ref: b.Capabilities[r.Capability].Ref})
		}
		m := &list[len(list)-1]
		if n := len(m.Techniques); n == 0 || m.Techniques[n-1] != r.Technique {
			m.Techniques = append(m.Techniques, r.Technique)
		}
	}
	return list
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

	from, to int32 // places in the order of each side
}

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

// Crosswalk gives the pairs of capabilities of two frameworks that have at least
// one technique of the scope in common, in the default order.
//
// A technique t weighs ln(N/df(t)): N is the number of capabilities of both
// frameworks that map anything, df(t) how many of them map t. A capability is
// never paired with itself.
func (v *View) Crosswalk(from, to string, filter *Filter, scope Bits) []CapabilityPair {
	left := v.Mappers(from, filter, scope)
	right := left
	sides := [][]Mapper{left}
	if from != to {
		right = v.Mappers(to, filter, scope)
		sides = append(sides, right)
	}
	weights := v.tellingWeights(sides)
	byTechnique := make([][]int32, len(v.Frame.Universe))
	for j := range right {
		for _, t := range right[j].Techniques {
			byTechnique[t] = append(byTechnique[t], int32(j))
		}
	}
	var pairs []CapabilityPair
	shared := make([]int, len(right))
	for i := range left {
		for _, t := range left[i].Techniques {
			for _, j := range byTechnique[t] {
				shared[j]++
			}
		}
		for j, n := range shared {
			if n > 0 && left[i].Ref != right[j].Ref {
				p := newPair(&left[i], &right[j], n, weights)
				p.from, p.to = int32(i), int32(j)
				pairs = append(pairs, p)
			}
			shared[j] = 0
		}
	}
	SortPairs(pairs, WeightedOrder)
	return pairs
}

// tellingWeights gives each technique the weight ln(N/df).
func (v *View) tellingWeights(sides [][]Mapper) []float64 {
	n := 0
	df := make([]int, len(v.Frame.Universe))
	for _, side := range sides {
		n += len(side)
		for i := range side {
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
	return weights
}

func newPair(from, to *Mapper, shared int, weights []float64) CapabilityPair {
	a, b := len(from.Techniques), len(to.Techniques)
	p := CapabilityPair{
		From: from, To: to, Shared: shared,
		Jaccard:       float64(shared) / float64(a+b-shared),
		FromContained: float64(shared) / float64(a),
		ToContained:   float64(shared) / float64(b),
	}
	var both, either float64
	merge(from.Techniques, to.Techniques, func(t int32, inA, inB bool) {
		either += weights[t]
		if inA && inB {
			both += weights[t]
		}
	})
	if either > 0 {
		p.Weighted = both / either
	}
	return p
}

// Rounded gives a share as it is compared: to 12 decimals, so that the last bits
// of a sum do not decide an order.
func Rounded(x float64) float64 { return math.Round(x*1e12) / 1e12 }

// Metric gives what an order ranks by; FromOrder ranks by nothing.
func (o CrosswalkOrder) Metric(p *CapabilityPair) float64 {
	switch o {
	case SharedOrder:
		return float64(p.Shared)
	case JaccardOrder:
		return Rounded(p.Jaccard)
	case FromContainedOrder:
		return Rounded(p.FromContained)
	case ToContainedOrder:
		return Rounded(p.ToContained)
	case FromOrder:
		return 0
	}
	return Rounded(p.Weighted)
}

// SortPairs ranks pairs of one crosswalk.
func SortPairs(pairs []CapabilityPair, by CrosswalkOrder) {
	slices.SortFunc(pairs, func(a, b CapabilityPair) int {
		return cmp.Or(
			cmp.Compare(by.Metric(&b), by.Metric(&a)),
			by.first(a.from, b.from),
			cmp.Compare(Rounded(b.Weighted), Rounded(a.Weighted)),
			cmp.Compare(b.Shared, a.Shared),
			cmp.Compare(a.from, b.from),
			cmp.Compare(a.to, b.to))
	})
}

// first compares by From where that comes before everything else.
func (o CrosswalkOrder) first(a, b int32) int {
	if o != FromOrder {
		return 0
	}
	return cmp.Compare(a, b)
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
func (v *View) Compare(a, b kg.CapabilityRef, filter *Filter) Comparison {
	left, right := v.scores(a, filter), v.scores(b, filter)
	c := Comparison{Both: []Compared{}, OnlyA: []int{}, OnlyB: []int{}}
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
	return c
}

// scored is what one capability scores, technique by technique.
type scored struct {
	techniques []int32
	cells      map[int32]*Cell
}

func (v *View) scores(ref kg.CapabilityRef, filter *Filter) scored {
	s := scored{cells: map[int32]*Cell{}}
	for _, r := range v.CapabilityMappings(ref, filter) {
		cell := s.cells[r.Technique]
		if cell == nil {
			cell = &Cell{}
			s.cells[r.Technique] = cell
			s.techniques = append(s.techniques, r.Technique)
		}
		if r.Category != kg.NoCategory {
			cell.best[r.Category] = max(cell.best[r.Category], 1+uint8(r.Value))
		}
	}
	return s
}
