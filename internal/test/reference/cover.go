package reference

import (
	"fmt"
	"math/bits"
	"slices"
)

// cover is the problem of a control cover.
type cover struct {
	view       *View
	candidates []mapper // that map something of what is to be covered, in the order that decides ties
	universe   []string
	total      float64
	need       float64
	budget     int
	weights    map[string]float64
}

func newCover(d *Data, q *Question) *cover {
	v := d.view(q.View)
	frameworks := d.needFrameworks(q.Frameworks)
	f := d.filter(q.Filter)
	scope := v.scope(q.Scope)
	covered := map[string]bool{}
	if q.Stack != nil {
		owned := assess(v, nil, q.Stack, q.Filter, nil, "")
		for t, c := range owned.combined {
			covered[t] = c.State == "MAPPED"
		}
	}
	if len(frameworks) == 0 {
		fail("BAD_USER_INPUT", "no framework")
	}
	c := &cover{view: v, weights: map[string]float64{}}
	slices.Sort(frameworks)
	for _, framework := range frameworks {
		for _, m := range v.mappers(framework, f, scope) {
			m.techniques = slices.DeleteFunc(m.techniques, func(t string) bool { return covered[t] })
			if len(m.techniques) > 0 {
				c.candidates = append(c.candidates, m)
				c.universe = append(c.universe, m.techniques...)
			}
		}
	}
	slices.Sort(c.universe)
	c.universe = slices.Compact(c.universe)
	for _, t := range c.universe {
		c.weights[t] = 1
		if q.Weight != "" {
			name := map[string]string{"GROUPS": "groups", "SOFTWARE": "software", "KEV": "kev", "TOP_TECHNIQUES": "topTechniques"}[q.Weight]
			c.weights[t] = max(0, number(v.weights(t)[name]))
		}
		c.total += c.weights[t]
	}
	c.need = c.total
	if q.Target != nil {
		c.need = c.total * *q.Target
	}
	if q.Budget != nil {
		c.budget = *q.Budget
	}
	return c
}

const hair = 1e-9

func (c *cover) weigh(techniques []string) float64 {
	sum := 0.0
	for _, t := range techniques {
		sum += c.weights[t]
	}
	return sum
}

// adds lists what a candidate adds to what is covered.
func (c *cover) adds(m mapper, covered map[string]bool) []string {
	var out []string
	for _, t := range m.techniques {
		if !covered[t] {
			out = append(out, t)
		}
	}
	return out
}

// greedy gives the picks in order: always the candidate that adds most, the
// first in order among equals.
func (c *cover) greedy() []int {
	var picks []int
	covered := map[string]bool{}
	reached := 0.0
	for reached < c.need-hair && (c.budget == 0 || len(picks) < c.budget) {
		pick, most := -1, 0.0
		for i, m := range c.candidates {
			if gain := c.weigh(c.adds(m, covered)); gain > most+hair {
				pick, most = i, gain
			}
		}
		if pick < 0 {
			break
		}
		picks = append(picks, pick)
		reached += most
		for _, t := range c.candidates[pick].techniques {
			covered[t] = true
		}
	}
	return picks
}

// smallest tries every set of candidates, and gives the size of the smallest
// one that covers a weight.
func (c *cover) smallest(need float64) int {
	found := len(c.candidates)
	for set := range uint(1) << len(c.candidates) {
		if n := bits.OnesCount(set); n < found {
			covered := map[string]bool{}
			weight := 0.0
			for i, m := range c.candidates {
				if set&(1<<i) != 0 {
					for _, t := range m.techniques {
						if !covered[t] {
							covered[t] = true
							weight += c.weights[t]
						}
					}
				}
			}
			if weight >= need-hair {
				found = n
			}
		}
	}
	return found
}

// json tells what picks add, in their order.
func (c *cover) json(picks []int) obj {
	covered := map[string]bool{}
	weight := 0.0
	out := list{}
	for _, i := range picks {
		added := c.adds(c.candidates[i], covered)
		slices.Sort(added)
		for _, t := range added {
			covered[t] = true
		}
		weight += c.weigh(added)
		share := 1.0
		if c.total > 0 {
			share = weight / c.total
		}
		out = append(out, obj{"capability": capabilityID(c.candidates[i].ref), "gain": c.weigh(added), "covered": len(covered), "ratio": share, "techniques": c.view.techniqueIDs(added)})
	}
	var left []string
	for _, t := range c.universe {
		if !covered[t] {
			left = append(left, t)
		}
	}
	return obj{"picks": out, "covered": len(covered), "total": len(c.universe), "candidates": len(c.candidates), "uncovered": c.view.techniqueIDs(left)}
}

func greedyCover(d *Data, q *Question) any {
	c := newCover(d, q)
	return c.json(c.greedy())
}

// takeBound takes the lower bound and whether it is proven out of an answer.
func takeBound(got any) (bound int, proven bool) {
	answer, _ := got.(obj)
	b, _ := answer["lowerBound"].(float64)
	proven, _ = answer["proven"].(bool)
	delete(answer, "lowerBound")
	delete(answer, "proven")
	return int(b), proven
}

// mostTried bounds the candidates of which every set is tried.
const mostTried = 14

// checkGreedy holds the bound of a greedy cover: proven means smallest.
func checkGreedy(d *Data, q *Question, got any) error {
	c := newCover(d, q)
	bound, proven := takeBound(got)
	picks := c.greedy()
	if len(c.candidates) > mostTried {
		return nil
	}
	// What the picks reached, or were asked to, whichever is less.
	covered := map[string]bool{}
	for _, i := range picks {
		for _, t := range c.candidates[i].techniques {
			covered[t] = true
		}
	}
	least := c.smallest(min(c.need, c.weigh(sorted(covered))))
	switch {
	case bound > least:
		return fmt.Errorf("lowerBound is %d, and %d capabilities do", bound, least)
	case proven && len(picks) != least:
		return fmt.Errorf("%d picks are said to be smallest, and %d do", len(picks), least)
	}
	return nil
}

// checkExact wants a smallest cover, whichever of them it is.
func checkExact(d *Data, q *Question, got any) error {
	c := newCover(d, q)
	if len(c.candidates) > mostTried {
		return nil
	}
	least := c.smallest(c.need)
	if c.budget > 0 && least > c.budget { // then the answer is the greedy one
		if err := checkGreedy(d, q, got); err != nil {
			return err
		}
		return same("answer", c.json(c.greedy()), got)
	}
	bound, proven := takeBound(got)
	if bound != least || !proven {
		return fmt.Errorf("lowerBound %d, proven %v; the smallest set has %d", bound, proven, least)
	}
	answer, _ := got.(obj)
	picks, _ := answer["picks"].([]any)
	var taken []int
	for _, p := range picks {
		for i, m := range c.candidates {
			if compactEqual(p.(obj)["capability"], capabilityID(m.ref)) {
				taken = append(taken, i)
			}
		}
	}
	if len(taken) != least || len(picks) != least {
		return fmt.Errorf("%d picks, and %d do", len(picks), least)
	}
	if reached := c.reached(taken); reached < c.need-hair {
		return fmt.Errorf("the picks reach %v of %v", reached, c.need)
	}
	return same("answer", c.json(taken), got)
}

func (c *cover) reached(picks []int) float64 {
	covered := map[string]bool{}
	for _, i := range picks {
		for _, t := range c.candidates[i].techniques {
			covered[t] = true
		}
	}
	return c.weigh(sorted(covered))
}

func compactEqual(a, b any) bool { return string(compact(a)) == string(compact(b)) }
