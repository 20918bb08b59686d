package algebra

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// randomCover is a cover problem small enough to try every set.
func randomCover(rng *rand.Rand) *coverProblem {
	elements, candidates := 1+rng.IntN(14), 1+rng.IntN(9)
	p := &coverProblem{universe: NewBits(elements), weights: make([]float64, elements)}
	for i := range candidates {
		set := NewBits(elements)
		for t := range elements {
			if rng.IntN(4) == 0 {
				set.Add(t)
			}
		}
		if set.Count() > 0 {
			p.refs = append(p.refs, kg.CapabilityRef{Framework: "f", ID: fmt.Sprint(i)})
			p.sets = append(p.sets, set)
			p.universe.Or(set)
		}
	}
	weighted := rng.IntN(2) == 0
	for t := range p.universe.All() {
		p.weights[t] = 1
		if weighted {
			p.weights[t] = float64(rng.IntN(4))
		}
		p.total += p.weights[t]
	}
	p.need = p.total * []float64{1, 1, 0.5, 0.8}[rng.IntN(4)]
	p.index()
	return p
}

// fewest tries every set of candidates.
func (p *coverProblem) fewest() int {
	best := math.MaxInt
	for chosen := range 1 << len(p.sets) {
		covered := NewBits(len(p.weights))
		for i, set := range p.sets {
			if chosen>>i&1 == 1 {
				covered.Or(set)
			}
		}
		if p.enough(p.weigh(covered)) {
			best = min(best, bits.OnesCount(uint(chosen)))
		}
	}
	return best
}

func TestCoverBounds(t *testing.T) {
	for seed := range uint64(3000) {
		p := randomCover(rand.New(rand.NewPCG(seed, 3)))
		c := must(p.greedy(0))
		bound, fewest := must(p.lowerBound(c)), p.fewest()
		if bound > fewest || fewest > len(c.Picks) {
			t.Fatalf("seed %d: bound %d, smallest %d, greedy %d", seed, bound, fewest, len(c.Picks))
		}
		best, proven, err := p.smallest(p.indexes(c.Picks), bound, ExactWork)
		if len(best) != fewest || !proven || err != nil {
			t.Fatalf("seed %d: found %d (proven %v), smallest %d", seed, len(best), proven, fewest)
		}
		covered := NewBits(len(p.weights))
		for _, i := range best {
			covered.Or(p.sets[i])
		}
		if !p.enough(p.weigh(covered)) {
			t.Fatalf("seed %d: %v is no cover", seed, best)
		}
		for budget := 1; budget < len(c.Picks); budget++ {
			short := must(p.greedy(budget))
			if bound := must(p.lowerBound(short)); len(short.Picks) != budget || bound > budget {
				t.Fatalf("seed %d: budget %d gives %d picks, bound %d", seed, budget, len(short.Picks), bound)
			}
		}
	}
}

func TestGreedyGainsFall(t *testing.T) {
	for seed := range uint64(500) {
		p := randomCover(rand.New(rand.NewPCG(seed, 4)))
		last := math.Inf(1)
		for _, pick := range must(p.greedy(0)).Picks {
			if pick.Gain > last+almost || pick.Gain <= 0 {
				t.Fatalf("seed %d: a gain of %v after %v", seed, pick.Gain, last)
			}
			last = pick.Gain
		}
	}
}

func TestASearchThatIsCutShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	p := &coverProblem{universe: AllBits(300), weights: make([]float64, 300)}
	for i := range 120 {
		set := NewBits(300)
		for range 12 {
			set.Add(rng.IntN(300))
		}
		p.refs, p.sets = append(p.refs, kg.CapabilityRef{Framework: "f", ID: fmt.Sprint(i)}), append(p.sets, set)
	}
	p.universe = NewBits(300)
	for _, set := range p.sets {
		p.universe.Or(set)
	}
	for e := range p.universe.All() {
		p.weights[e] = 1
		p.total++
	}
	p.need = p.total
	p.index()
	c := must(p.greedy(0))
	if best, proven, err := p.smallest(p.indexes(c.Picks), 1, 10_000); proven || len(best) > len(c.Picks) || err != nil {
		t.Errorf("%d picks, proven %v, %v", len(best), proven, err)
	}
	p.work = budget.New(t.Context(), budget.Limits{budget.Work: 10_000})
	var over *budget.ExceededError
	if _, _, err := p.smallest(p.indexes(c.Picks), 1, ExactWork); !errors.As(err, &over) {
		t.Errorf("a request that may not go on: %v", err)
	}
	if used := p.work.Used(budget.Work); used > 20_000 {
		t.Errorf("it went on for %d steps", used)
	}
}

// TestCrosswalkByHand holds the crosswalk against its definition.
func TestCrosswalkByHand(t *testing.T) {
	for seed := range uint64(60) {
		w := newWorld(seed)
		for _, a := range w.view.Bodies {
			for _, b := range w.view.Bodies {
				from, to := a.Framework.ID, b.Framework.ID
				pairs := w.crosswalk(from, to)
				w.checkPairs(t, from, to, pairs)
				mirrored := w.crosswalk(to, from)
				if len(mirrored) != len(pairs) {
					t.Fatalf("seed %d: %d pairs, and %d the other way", seed, len(pairs), len(mirrored))
				}
			}
		}
	}
}

// crosswalk gives all pairs of two frameworks.
func (w *world) crosswalk(from, to string) []CapabilityPair {
	x := must(w.view.Crosswalk(nil, CrosswalkQuestion{From: from, To: to, Scope: AllBits(len(w.view.Frame.Universe)), First: math.MaxInt}))
	return x.Pairs
}

func (w *world) techniqueSet(ref kg.CapabilityRef) map[int32]bool {
	set := map[int32]bool{}
	for _, r := range must(w.view.CapabilityMappings(nil, ref, &Filter{})) {
		set[int32(r.Technique())] = true
	}
	return set
}

func (w *world) checkPairs(t *testing.T, from, to string, pairs []CapabilityPair) {
	t.Helper()
	sets := map[kg.CapabilityRef]map[int32]bool{}
	for _, fw := range []string{from, to} {
		for _, c := range w.view.Body(fw).Capabilities {
			if set := w.techniqueSet(c.Ref); len(set) > 0 {
				sets[c.Ref] = set
			}
		}
	}
	weight := func(technique int32) float64 {
		df := 0
		for _, set := range sets {
			if set[technique] {
				df++
			}
		}
		return math.Log(float64(len(sets)) / float64(df))
	}
	for _, p := range pairs {
		a, b := sets[p.From.Ref], sets[p.To.Ref]
		shared, both, either := 0, 0.0, 0.0
		for technique := range int32(len(w.view.Frame.Universe)) {
			if a[technique] || b[technique] {
				either += weight(technique)
			}
			if a[technique] && b[technique] {
				shared++
				both += weight(technique)
			}
		}
		want := 0.0
		if either > 0 {
			want = both / either
		}
		if p.Shared != shared || shared == 0 || math.Abs(p.Weighted-want) > 1e-12 || p.From.Ref == p.To.Ref ||
			math.Abs(p.Jaccard-float64(shared)/float64(len(a)+len(b)-shared)) > 1e-12 || len(p.Techniques()) != shared {
			t.Fatalf("%s %s: %+v, want shared %d, weighted %v", p.From.Ref, p.To.Ref, p, shared, want)
		}
	}
	if !slices.IsSortedFunc(pairs, func(a, b CapabilityPair) int {
		switch x, y := Rounded(a.Weighted), Rounded(b.Weighted); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return b.Shared - a.Shared
	}) {
		t.Error("pairs are out of order")
	}
}
