package algebra

import (
	"cmp"
	"slices"

	"github.com/mapgraph/mapgraph/internal/budget"
)

// coverSearch is a branch and bound for a smallest cover.
type coverSearch struct {
	*coverProblem
	best   []int
	chosen []int
	out    []bool // candidates that the branch does without
	full   bool   // everything that weighs anything must be covered
	rest   []Bits // what is left, by how many are chosen
	gains  []float64

	most  int64 // units of work that it may take
	taken int64
	ended bool  // it took more
	err   error // why the request ended
}

// smallest improves on a cover until none smaller exists, or it has taken as
// much work as it may.
func (p *coverProblem) smallest(known []int, bound int, most int64) (best []int, proven bool, err error) {
	if len(known) == bound {
		return known, true, nil
	}
	s := &coverSearch{coverProblem: p, best: known, out: make([]bool, len(p.sets)), full: p.need >= p.total-almost*max(1, p.total), most: most}
	s.dropDominated()
	s.branch(p.universe.Clone(), 0)
	slices.Sort(s.best)
	return s.inGreedyOrder(s.best), !s.ended, s.err
}

// spend takes the work of looking at n words of sets, and tells whether to go on.
func (s *coverSearch) spend(n int) bool {
	units := int64(n/cellsAUnit) + 1
	s.taken += units
	if err := s.work.Spend(budget.Work, units); err != nil {
		s.err = err
	}
	s.ended = s.ended || s.taken > s.most || s.err != nil
	return !s.ended
}

// dropDominated leaves out candidates that another one covers whole: a smallest
// cover without them exists.
func (s *coverSearch) dropDominated() {
	for i, set := range s.sets {
		rarest := s.rarest(set)
		if !s.spend(len(set) * (2 + len(rarest))) {
			return
		}
		size := set.Count()
		for _, j := range rarest {
			if int(j) == i || s.out[j] || set.CountAnd(s.sets[j]) != size {
				continue
			}
			if size < s.sets[j].Count() || int(j) < i {
				s.out[i] = true
				break
			}
		}
	}
}

// rarest gives the candidates for the technique of a set that has the fewest:
// whatever covers the set is among them.
func (s *coverSearch) rarest(set Bits) []int32 {
	var fewest []int32
	for t := range set.All() {
		if fewest == nil || len(s.mappedBy[t]) < len(fewest) {
			fewest = s.mappedBy[t]
		}
	}
	return fewest
}

// branch looks for a cover of what is left that, with what is chosen, beats the
// best one known.
func (s *coverSearch) branch(left Bits, covered float64) {
	if s.ended {
		return
	}
	if s.enough(covered) {
		if len(s.chosen) < len(s.best) {
			s.best = slices.Clone(s.chosen)
		}
		return
	}
	if len(s.chosen)+s.bound(left, covered) >= len(s.best) || s.ended {
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
	if !s.spend(2 * len(s.sets) * len(left)) {
		return 0
	}
	s.gains = s.gains[:0]
	for i, set := range s.sets {
		if !s.out[i] {
			if g := s.gain(set, left); g > 0 {
				s.gains = append(s.gains, g)
			}
		}
	}
	slices.Sort(s.gains)
	sum, k := covered, 0
	for k < len(s.gains) && !s.enough(sum) {
		sum += s.gains[len(s.gains)-1-k]
		k++
	}
	if !s.enough(sum) {
		return len(s.best) // it cannot be done without those that are out
	}
	if s.full {
		packing, err := s.boundByPacking(left, s.out)
		if err != nil {
			s.ended, s.err = true, err
		}
		k = max(k, packing)
	}
	return k
}

// branchOnTechnique takes the technique that the fewest candidates map: one of
// them must be chosen. Each branch does without those that were tried before.
func (s *coverSearch) branchOnTechnique(left Bits, covered float64) {
	options := s.options(left)
	slices.SortStableFunc(options, func(a, b option) int { return cmp.Compare(b.gain, a.gain) })
	for _, o := range options {
		s.choose(o.candidate, left, covered)
		s.out[o.candidate] = true
	}
	for _, o := range options {
		s.out[o.candidate] = false
	}
}

// option is a candidate with what it adds.
type option struct {
	candidate int
	gain      float64
}

// options gives the candidates for the technique that has the fewest.
func (s *coverSearch) options(left Bits) []option {
	technique, fewest := -1, len(s.sets)+1
	for t := range left.All() {
		if s.weights[t] == 0 {
			continue
		}
		n := 0
		for _, i := range s.mappedBy[t] {
			if !s.out[i] {
				n++
			}
		}
		if n < fewest {
			technique, fewest = t, n
		}
		if fewest <= 1 {
			break
		}
	}
	if technique < 0 {
		return nil
	}
	options := make([]option, 0, fewest)
	for _, i := range s.mappedBy[technique] {
		if !s.out[i] {
			options = append(options, option{int(i), s.gain(s.sets[i], left)})
		}
	}
	return options
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
	depth := len(s.chosen)
	if depth == len(s.rest) {
		s.rest = append(s.rest, make(Bits, len(left)))
	}
	rest := s.rest[depth]
	copy(rest, left)
	rest.AndNot(s.sets[i])
	s.chosen = append(s.chosen, i)
	s.branch(rest, covered+s.gain(s.sets[i], left))
	s.chosen = s.chosen[:depth]
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
