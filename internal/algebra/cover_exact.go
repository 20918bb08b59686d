package algebra

import (
	"cmp"
	"context"
	"slices"
)

// search is a branch and bound for a smallest cover.
type coverSearch struct {
	*coverProblem
	ctx    context.Context
	best   []int
	chosen []int
	out    []bool // candidates that the branch does without
	steps  int
	ended  bool // the time was up
	full   bool // everything that weighs anything must be covered
}

// checkEvery is how many steps pass between looks at the clock.
const checkEvery = 256

// smallest improves on a cover until none smaller exists, or the time is up.
func (p *coverProblem) smallest(ctx context.Context, known []int, bound int) (best []int, proven bool) {
	s := &coverSearch{coverProblem: p, ctx: ctx, best: known, out: make([]bool, len(p.sets)), full: p.need >= p.total-almost*max(1, p.total)}
	if len(known) == bound {
		return known, true
	}
	s.dropDominated()
	s.branch(p.universe.Clone(), 0)
	slices.Sort(s.best)
	return s.inGreedyOrder(s.best), !s.ended
}

// dropDominated leaves out candidates that another one covers whole: a smallest
// cover without them exists.
func (s *coverSearch) dropDominated() {
	for i := range s.sets {
		for j := range s.sets {
			if i == j || s.out[j] || s.sets[i].CountAnd(s.sets[j]) != s.sets[i].Count() {
				continue
			}
			if s.sets[i].Count() < s.sets[j].Count() || j < i {
				s.out[i] = true
				break
			}
		}
	}
}

// branch looks for a cover of what is left that, with what is chosen, beats the
// best one known.
func (s *coverSearch) branch(left Bits, covered float64) {
	if s.steps++; s.steps%checkEvery == 0 && s.ctx.Err() != nil {
		s.ended = true
	}
	if s.ended {
		return
	}
	if s.enough(covered) {
		if len(s.chosen) < len(s.best) {
			s.best = slices.Clone(s.chosen)
		}
		return
	}
	if len(s.chosen)+s.bound(left, covered) >= len(s.best) {
		return
	}
	if s.full {
		s.branchOnTechnique(left, covered)
		return
	}
	s.branchOnCandidate(left, covered)
}

// bound proves that at least so many more are needed.
func (s *coverSearch) bound(left Bits, covered float64) int {
	var gains []float64
	for i, set := range s.sets {
		if !s.out[i] {
			if g := s.gain(set, left); g > 0 {
				gains = append(gains, g)
			}
		}
	}
	slices.SortFunc(gains, func(a, b float64) int { return cmp.Compare(b, a) })
	sum, k := covered, 0
	for k < len(gains) && !s.enough(sum) {
		sum += gains[k]
		k++
	}
	if !s.enough(sum) {
		return len(s.best) // it cannot be done without those that are out
	}
	if s.full {
		k = max(k, s.boundByPacking(left, s.out))
	}
	return k
}

// branchOnTechnique takes the technique that the fewest candidates map: one of
// them must be chosen. Each branch does without those that were tried before.
func (s *coverSearch) branchOnTechnique(left Bits, covered float64) {
	var options []int
	for t := range left.All() {
		if s.weights[t] == 0 {
			continue
		}
		var mapped []int
		for i, set := range s.sets {
			if !s.out[i] && set.Has(t) {
				mapped = append(mapped, i)
			}
		}
		if options == nil || len(mapped) < len(options) {
			options = mapped
		}
		if len(options) <= 1 {
			break
		}
	}
	slices.SortStableFunc(options, func(a, b int) int { return cmp.Compare(s.gain(s.sets[b], left), s.gain(s.sets[a], left)) })
	for _, i := range options {
		s.choose(i, left, covered)
		s.out[i] = true
	}
	for _, i := range options {
		s.out[i] = false
	}
}

// branchOnCandidate takes the candidate that adds most, and then does without it.
func (s *coverSearch) branchOnCandidate(left Bits, covered float64) {
	best, most := -1, 0.0
	for i, set := range s.sets {
		if !s.out[i] {
			if g := s.gain(set, left); g > most {
				best, most = i, g
			}
		}
	}
	if best < 0 {
		return
	}
	s.choose(best, left, covered)
	s.out[best] = true
	s.branch(left, covered)
	s.out[best] = false
}

func (s *coverSearch) choose(i int, left Bits, covered float64) {
	rest := left.Clone()
	rest.AndNot(s.sets[i])
	s.chosen = append(s.chosen, i)
	s.branch(rest, covered+s.gain(s.sets[i], left))
	s.chosen = s.chosen[:len(s.chosen)-1]
}

// inGreedyOrder lists picks so that each adds as much as it can after those
// before it.
func (s *coverSearch) inGreedyOrder(picks []int) []int {
	left, rest := s.universe.Clone(), slices.Clone(picks)
	ordered := make([]int, 0, len(picks))
	for len(rest) > 0 {
		at, most := 0, -1.0
		for k, i := range rest {
			if g := s.gain(s.sets[i], left); g > most {
				at, most = k, g
			}
		}
		ordered = append(ordered, rest[at])
		left.AndNot(s.sets[rest[at]])
		rest = slices.Delete(rest, at, at+1)
	}
	return ordered
}
