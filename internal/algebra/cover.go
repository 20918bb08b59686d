package algebra

import (
	"cmp"
	"context"
	"slices"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// ThreatWeight is what a technique weighs.
type ThreatWeight uint8

// The weights: 1 each, or as Weights has them.
const (
	EqualWeight ThreatWeight = iota
	GroupsWeight
	SoftwareWeight
	KevWeight
	TopTechniquesWeight
)

// CoverQuestion asks for few capabilities that map much.
type CoverQuestion struct {
	Frameworks []string // whose capabilities may be picked
	Owned      *Stack   // what covers without being picked; nil for nothing
	Filter     Filter   // of the candidates' mappings, and of the owned ones
	Scope      Bits
	Weight     ThreatWeight
	Target     float64 // the share of the weight that is enough, above 0 and at most 1
	Budget     int     // at most so many picks; 0 for as many as it takes
}

// Pick is a capability of a cover.
type Pick struct {
	Ref        kg.CapabilityRef
	Gain       float64 // the weight that it adds
	Techniques []int   // what it adds, by id
	Covered    int     // techniques covered so far
	Ratio      float64 // share of the weight covered so far
}

// Cover is a set of capabilities that together map what was asked.
type Cover struct {
	Universe   Bits // techniques of the scope that a candidate maps and nothing owned covers
	Uncovered  Bits // what is left of it
	Candidates int  // capabilities that map any of it
	Picks      []Pick
	LowerBound int  // no set of fewer capabilities covers as much weight as the picks had to
	Proven     bool // there is no smaller set
}

// coverProblem is a question in numbers: sets over a universe with weights.
type coverProblem struct {
	refs     []kg.CapabilityRef
	sets     []Bits // of each candidate, within the universe
	universe Bits
	weights  []float64 // by position
	total    float64
	need     float64 // weight that is enough
}

// almost lets a share that differs in the last bits count as reached.
const almost = 1e-9

// Cover picks greedily: always the candidate that adds most, the first in order
// among equals.
func (v *View) Cover(q CoverQuestion) Cover {
	return v.coverProblem(&q).bounded(q.Budget)
}

// SmallestCover looks for a smallest set until it is proven or the context is
// done; the best set that was found is the answer. Where a budget does not let
// the target be reached, the answer is the greedy one.
func (v *View) SmallestCover(ctx context.Context, q CoverQuestion) Cover {
	p := v.coverProblem(&q)
	c := p.bounded(0)
	bound := c.LowerBound
	best, proven := p.smallest(ctx, p.indexes(c.Picks), bound)
	if q.Budget > 0 && len(best) > q.Budget {
		return p.bounded(q.Budget)
	}
	c = p.cover(best)
	c.LowerBound, c.Proven = bound, proven
	if proven {
		c.LowerBound = len(best)
	}
	return c
}

func (v *View) coverProblem(q *CoverQuestion) *coverProblem {
	n := len(v.Frame.Universe)
	covered := NewBits(n)
	if q.Owned != nil {
		a := v.Assess(Question{Stack: q.Owned, Filter: q.Filter})
		for t := range a.Combined {
			if a.Combined[t].State == MappedState {
				covered.Add(t)
			}
		}
	}
	p := &coverProblem{universe: NewBits(n), weights: make([]float64, n)}
	for _, fw := range q.Frameworks {
		for _, m := range v.Mappers(fw, &q.Filter, q.Scope) {
			set := NewBits(n)
			for _, t := range m.Techniques {
				if !covered.Has(int(t)) {
					set.Add(int(t))
				}
			}
			if set.Count() > 0 { // what is owned adds nothing, and is no candidate
				p.refs, p.sets = append(p.refs, m.Ref), append(p.sets, set)
				p.universe.Or(set)
			}
		}
	}
	p.sort()
	for t := range p.universe.All() {
		p.weights[t] = v.threatWeight(q.Weight, t)
		p.total += p.weights[t]
	}
	p.need = p.total * q.Target
	return p
}

// sort puts the candidates in the order that decides between equals.
func (p *coverProblem) sort() {
	order := make([]int, len(p.refs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return p.refs[a].Compare(p.refs[b]) })
	refs, sets := make([]kg.CapabilityRef, len(order)), make([]Bits, len(order))
	for i, o := range order {
		refs[i], sets[i] = p.refs[o], p.sets[o]
	}
	p.refs, p.sets = refs, sets
}

func (v *View) threatWeight(by ThreatWeight, technique int) float64 {
	w := v.Weights(technique)
	switch by {
	case GroupsWeight:
		return float64(w.Groups)
	case SoftwareWeight:
		return float64(w.Software)
	case KevWeight:
		return float64(w.Kev)
	case TopTechniquesWeight:
		if w.TopTechniques == nil {
			return 0
		}
		return *w.TopTechniques
	}
	return 1
}

// weigh sums the weights of a set, in technique order.
func (p *coverProblem) weigh(set Bits) float64 {
	sum := 0.0
	for t := range set.All() {
		sum += p.weights[t]
	}
	return sum
}

// gain is the weight of what a set has in common with what is left.
func (p *coverProblem) gain(set, left Bits) float64 {
	common := set.Clone()
	common.And(left)
	return p.weigh(common)
}

func (p *coverProblem) enough(covered float64) bool { return covered >= p.need-almost*max(1, p.total) }

// bounded is the greedy cover, with how far it can be off.
func (p *coverProblem) bounded(budget int) Cover {
	c := p.greedy(budget)
	c.LowerBound = p.lowerBound(&c)
	c.Proven = c.LowerBound == len(c.Picks)
	return c
}

func (p *coverProblem) greedy(budget int) Cover {
	var picks []int
	left, covered := p.universe.Clone(), 0.0
	for !p.enough(covered) && (budget == 0 || len(picks) < budget) {
		best, most := -1, 0.0
		for i, set := range p.sets {
			if g := p.gain(set, left); g > most {
				best, most = i, g
			}
		}
		if best < 0 {
			break
		}
		picks = append(picks, best)
		covered += most
		left.AndNot(p.sets[best])
	}
	return p.cover(picks)
}

// cover tells what picks add, in their order.
func (p *coverProblem) cover(picks []int) Cover {
	c := Cover{Universe: p.universe, Uncovered: p.universe.Clone(), Candidates: len(p.sets), Picks: []Pick{}}
	covered, weight := 0, 0.0
	for _, i := range picks {
		added := p.sets[i].Clone()
		added.And(c.Uncovered)
		pick := Pick{Ref: p.refs[i], Gain: p.weigh(added), Techniques: slices.Collect(added.All())}
		covered += len(pick.Techniques)
		weight += pick.Gain
		pick.Covered, pick.Ratio = covered, share(weight, p.total)
		c.Uncovered.AndNot(added)
		c.Picks = append(c.Picks, pick)
	}
	return c
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 1
	}
	return min(1, part/whole)
}

func (p *coverProblem) indexes(picks []Pick) []int {
	list := make([]int, len(picks))
	for i := range picks {
		list[i] = slices.Index(p.refs, picks[i].Ref)
	}
	return list
}

// lowerBound proves that no fewer capabilities cover as much weight as the picks
// do, or as was asked, whichever is less.
func (p *coverProblem) lowerBound(c *Cover) int {
	reached := 0.0
	for i := range c.Picks {
		reached += c.Picks[i].Gain
	}
	need := min(p.need, reached)
	if need <= almost {
		return 0
	}
	bound := p.boundByGains(c, need)
	if reached >= p.total-almost*max(1, p.total) && p.need >= p.total-almost*max(1, p.total) {
		bound = max(bound, p.boundByPacking(p.universe, nil))
	}
	return min(bound, len(c.Picks))
}

// boundByGains: whatever k capabilities cover beyond the first picks is at most
// the sum of the k largest gains after those picks, so k has to be large enough
// for each number of first picks.
func (p *coverProblem) boundByGains(c *Cover, need float64) int {
	left, covered, bound := p.universe.Clone(), 0.0, 0
	for stage := 0; ; stage++ {
		gains := make([]float64, len(p.sets))
		for i, set := range p.sets {
			gains[i] = p.gain(set, left)
		}
		slices.SortFunc(gains, func(a, b float64) int { return cmp.Compare(b, a) })
		sum, k := covered, 0
		for k < len(gains) && sum < need-almost*max(1, p.total) {
			sum += gains[k]
			k++
		}
		bound = max(bound, k)
		if stage == len(c.Picks) {
			return bound
		}
		for _, t := range c.Picks[stage].Techniques {
			left.Remove(t)
		}
		covered += c.Picks[stage].Gain
	}
}

// boundByPacking finds techniques no two of which one candidate maps: each needs
// a capability of its own. Techniques that weigh nothing need none. Candidates
// that are out may not be counted on.
func (p *coverProblem) boundByPacking(left Bits, out []bool) int {
	type element struct{ technique, candidates int }
	var elements []element
	for t := range left.All() {
		if p.weights[t] == 0 {
			continue
		}
		n := 0
		for i, set := range p.sets {
			if (out == nil || !out[i]) && set.Has(t) {
				n++
			}
		}
		elements = append(elements, element{t, n})
	}
	slices.SortFunc(elements, func(a, b element) int {
		return cmp.Or(cmp.Compare(a.candidates, b.candidates), cmp.Compare(a.technique, b.technique))
	})
	bound, open := 0, left.Clone()
	for _, e := range elements {
		if !open.Has(e.technique) {
			continue
		}
		bound++
		for i, set := range p.sets {
			if (out == nil || !out[i]) && set.Has(e.technique) {
				open.AndNot(set)
			}
		}
		open.Remove(e.technique)
	}
	return bound
}
