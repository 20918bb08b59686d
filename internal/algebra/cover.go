package algebra

import (
	"container/heap"
	"math/bits"
	"slices"

	"github.com/mapgraph/mapgraph/internal/budget"
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

	mappedBy [][]int32 // by position: candidates, ascending
	plain    bool      // everything in the universe weighs 1
	work     *budget.Budget
}

// almost lets a share that differs in the last bits count as reached.
const almost = 1e-9

// Cover picks greedily: always the candidate that adds most, the first in order
// among equals.
func (v *View) Cover(w *budget.Budget, q CoverQuestion) (*Cover, error) {
	p, err := v.coverProblem(w, &q)
	if err != nil {
		return nil, err
	}
	return p.bounded(q.Budget)
}

// ExactWork is what looking for a smallest set may take, in units of work: a
// second and a half, or so. It is counted and not timed, so that a question has
// one answer.
const ExactWork = 100_000_000

// SmallestCover looks for a smallest set until it is proven or the work is more
// than that; the best set that was found is the answer. Where a budget does not
// let the target be reached, the answer is the greedy one.
func (v *View) SmallestCover(w *budget.Budget, q CoverQuestion, most int64) (*Cover, error) {
	p, err := v.coverProblem(w, &q)
	if err != nil {
		return nil, err
	}
	greedy, err := p.bounded(0)
	if err != nil {
		return nil, err
	}
	best, proven, err := p.smallest(p.indexes(greedy.Picks), greedy.LowerBound, most)
	if err != nil {
		return nil, err
	}
	if q.Budget > 0 && len(best) > q.Budget {
		return p.bounded(q.Budget)
	}
	c := p.cover(best)
	c.LowerBound, c.Proven = greedy.LowerBound, proven
	if proven {
		c.LowerBound = len(best)
	}
	return c, nil
}

func (v *View) coverProblem(w *budget.Budget, q *CoverQuestion) (*coverProblem, error) {
	n := len(v.Frame.Universe)
	covered := NewBits(n)
	if q.Owned != nil {
		a, err := v.Assess(w, Question{Stack: q.Owned, Filter: q.Filter})
		if err != nil {
			return nil, err
		}
		for t := range a.Combined {
			if a.Combined[t].State == MappedState {
				covered.Add(t)
			}
		}
	}
	p := &coverProblem{universe: NewBits(n), weights: make([]float64, n), work: w}
	for _, fw := range q.Frameworks {
		mappers, err := v.Mappers(w, fw, &q.Filter, q.Scope)
		if err != nil {
			return nil, err
		}
		if err := spend(w, len(mappers)*coverAUnits, 1); err != nil {
			return nil, err
		}
		for _, m := range mappers {
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
	p.index()
	return p, nil
}

// coverAUnits is what it takes to prepare a candidate.
const coverAUnits = 32

// index prepares what is worked out from the sets and weights.
func (p *coverProblem) index() {
	p.mappedBy = make([][]int32, len(p.weights))
	for i, set := range p.sets {
		for t := range set.All() {
			p.mappedBy[t] = append(p.mappedBy[t], int32(i))
		}
	}
	p.plain = true
	for t := range p.universe.All() {
		p.plain = p.plain && p.weights[t] == 1
	}
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
func (p *coverProblem) weigh(set Bits) float64 { return p.gain(set, set) }

// gain is the weight of what a set has in common with what is left, summed in
// technique order.
func (p *coverProblem) gain(set, left Bits) float64 {
	if p.plain {
		return float64(set.CountAnd(left))
	}
	sum := 0.0
	for i, word := range set {
		for common := word & left[i]; common != 0; common &= common - 1 {
			sum += p.weights[i*64+bits.TrailingZeros64(common)]
		}
	}
	return sum
}

// spendGains takes the work of working out the gains of n candidates.
func (p *coverProblem) spendGains(n int) error { return spend(p.work, n*len(p.universe), cellsAUnit) }

func (p *coverProblem) enough(covered float64) bool { return covered >= p.need-almost*max(1, p.total) }

// bounded is the greedy cover, with how far it can be off.
func (p *coverProblem) bounded(budget int) (*Cover, error) {
	c, err := p.greedy(budget)
	if err != nil {
		return nil, err
	}
	c.LowerBound, err = p.lowerBound(c)
	c.Proven = c.LowerBound == len(c.Picks)
	return c, err
}

// hopeful is a candidate with a gain that it cannot exceed, since gains only fall.
type hopeful struct {
	candidate int
	gain      float64
	picks     int // when the gain was worked out
}

// greedy works out the gain of a candidate anew only when its last one is the
// largest: most are never looked at again.
func (p *coverProblem) greedy(budget int) (*Cover, error) {
	var picks []int
	left, covered := p.universe.Clone(), 0.0
	if err := p.spendGains(len(p.sets)); err != nil {
		return nil, err
	}
	queue := make(hopefuls, len(p.sets))
	for i, set := range p.sets {
		queue[i] = hopeful{candidate: i, gain: p.gain(set, left)}
	}
	heap.Init(&queue)
	for !p.enough(covered) && (budget == 0 || len(picks) < budget) && len(queue) > 0 && queue[0].gain > 0 {
		first := &queue[0]
		if first.picks == len(picks) {
			picks = append(picks, first.candidate)
			covered += first.gain
			left.AndNot(p.sets[first.candidate])
			heap.Pop(&queue)
			continue
		}
		if err := p.spendGains(1); err != nil {
			return nil, err
		}
		first.gain, first.picks = p.gain(p.sets[first.candidate], left), len(picks)
		heap.Fix(&queue, 0)
	}
	return p.cover(picks), nil
}

// hopefuls is a heap: the largest gain first, and the first in order among equals.
type hopefuls []hopeful

func (h hopefuls) Len() int      { return len(h) }
func (h hopefuls) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h hopefuls) Less(i, j int) bool {
	if h[i].gain != h[j].gain {
		return h[i].gain > h[j].gain
	}
	return h[i].candidate < h[j].candidate
}

// Push is there for heap.Interface; nothing is pushed.
func (h *hopefuls) Push(any) {}

// Pop takes the last one off.
func (h *hopefuls) Pop() any {
	*h = (*h)[:len(*h)-1]
	return nil
}

// cover tells what picks add, in their order.
func (p *coverProblem) cover(picks []int) *Cover {
	c := &Cover{Universe: p.universe, Uncovered: p.universe.Clone(), Candidates: len(p.sets), Picks: []Pick{}}
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
		list[i], _ = slices.BinarySearchFunc(p.refs, picks[i].Ref, kg.CapabilityRef.Compare)
	}
	return list
}

// lowerBound proves that no fewer capabilities cover as much weight as the picks
// do, or as was asked, whichever is less.
func (p *coverProblem) lowerBound(c *Cover) (int, error) {
	reached := 0.0
	for i := range c.Picks {
		reached += c.Picks[i].Gain
	}
	need := min(p.need, reached)
	if need <= almost {
		return 0, nil
	}
	bound, err := p.boundByGains(c, need)
	if err != nil {
		return 0, err
	}
	if reached >= p.total-almost*max(1, p.total) && p.need >= p.total-almost*max(1, p.total) {
		packing, err := p.boundByPacking(p.universe, make([]bool, len(p.sets)))
		if err != nil {
			return 0, err
		}
		bound = max(bound, packing)
	}
	return min(bound, len(c.Picks)), nil
}

// boundByGains: whatever k capabilities cover beyond the first picks is at most
// the sum of the k largest gains after those picks, so k has to be large enough
// for each number of first picks.
func (p *coverProblem) boundByGains(c *Cover, need float64) (int, error) {
	left, covered, bound := p.universe.Clone(), 0.0, 0
	gains := make([]float64, len(p.sets))
	for stage := 0; ; stage++ {
		if err := p.spendGains(2 * len(p.sets)); err != nil {
			return 0, err
		}
		for i, set := range p.sets {
			gains[i] = p.gain(set, left)
		}
		slices.Sort(gains)
		sum, k := covered, 0
		for k < len(gains) && sum < need-almost*max(1, p.total) {
			sum += gains[len(gains)-1-k]
			k++
		}
		bound = max(bound, k)
		if stage == len(c.Picks) {
			return bound, nil
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
func (p *coverProblem) boundByPacking(left Bits, out []bool) (int, error) {
	looked := 0
	var elements []uint64 // how many candidates, then which technique
	for t := range left.All() {
		if p.weights[t] == 0 {
			continue
		}
		n := uint64(0)
		for _, i := range p.mappedBy[t] {
			if !out[i] {
				n++
			}
		}
		looked += 4 + len(p.mappedBy[t])
		elements = append(elements, n<<32|uint64(t))
	}
	slices.Sort(elements)
	bound, open := 0, left.Clone()
	for _, e := range elements {
		t := int(e & (1<<32 - 1))
		if !open.Has(t) {
			continue
		}
		bound++
		for _, i := range p.mappedBy[t] {
			if !out[i] {
				open.AndNot(p.sets[i])
				looked += len(open)
			}
		}
		open.Remove(t)
	}
	return bound, spend(p.work, looked, cellsAUnit)
}
