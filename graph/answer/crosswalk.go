package answer

import (
	"context"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// CrosswalkPair is two capabilities that map techniques in common.
type CrosswalkPair struct {
	algebra.CapabilityPair
	place *Place
}

func (c *CrosswalkPair) From() *Capability { return c.place.capability(c.CapabilityPair.From.Ref) }
func (c *CrosswalkPair) To() *Capability   { return c.place.capability(c.CapabilityPair.To.Ref) }

func (c *CrosswalkPair) Techniques() []*Technique {
	return c.place.techniquesPlaced(c.CapabilityPair.Techniques())
}

// CrosswalkEdge is an item of a CrosswalkConnection.
type CrosswalkEdge struct {
	Cursor string
	Node   *CrosswalkPair
}

// CrosswalkConnection is a page of a crosswalk.
type CrosswalkConnection struct {
	Connection[*CrosswalkPair, CrosswalkEdge]
}

// CrosswalkAsk is what a crosswalk is asked for.
type CrosswalkAsk struct {
	From, To         string
	Filter           *model.MappingFilter
	Scope            *model.ScopeInput
	MinShared        *int32
	MinWeighted      *float64
	FromCapabilities []string
	OrderBy          *algebra.CrosswalkOrder
}

// Crosswalk answers Query.crosswalk.
func (p *Place) Crosswalk(ask CrosswalkAsk, first *int32, after *string) (*CrosswalkConnection, error) {
	q, err := p.crosswalkQuestion(ask)
	if err != nil {
		return nil, err
	}
	w, err := openWindow("crosswalk/"+string(rune('0'+q.By)), first, after)
	if err != nil {
		return nil, err
	}
	q.First = w.first
	if w.after != nil {
		if q.After, err = openPairKey(q.By, *w.after); err != nil {
			return nil, err
		}
	}
	x, err := p.View.Crosswalk(p.work, q)
	if err != nil {
		return nil, err
	}
	key := func(c algebra.CapabilityPair) string { return pairKey(q.By, c.Place()) }
	pg := cut(w, x.Pairs, x.Before, x.Total, key)
	return &CrosswalkConnection{connect[CrosswalkEdge](pg, p.pair)}, nil
}

// pairKey gives the place of a pair in an order.
func pairKey(by algebra.CrosswalkOrder, at algebra.Place) string {
	from := capabilityKey(at.From)
	rest := descending(at.Weighted) + descending(float64(at.Shared)) + from + capabilityKey(at.To)
	if by == algebra.FromOrder {
		return from + rest
	}
	return descending(at.Metric) + rest
}

// openPairKey is the inverse of pairKey.
func openPairKey(by algebra.CrosswalkOrder, key string) (*algebra.Place, error) {
	const number, parts = 8, 3 // bytes of a number, parts of a capability
	at := &algebra.Place{}
	var ok bool
	if by == algebra.FromOrder {
		_, key, ok = splitKey(key, parts)
	} else if ok = len(key) > number; ok {
		at.Metric, key = ascended(key[:number]), key[number:]
	}
	if !ok || len(key) < 2*number {
		return nil, refuseCursor("not a place in a crosswalk")
	}
	at.Weighted, at.Shared = ascended(key[:number]), int(ascended(key[number:2*number]))
	ends, rest, ok := splitKey(key[2*number:], 2*parts)
	if !ok || rest != "" {
		return nil, refuseCursor("not a place in a crosswalk")
	}
	at.From = kg.CapabilityRef{Framework: ends[0], ID: ends[2]}
	at.To = kg.CapabilityRef{Framework: ends[3], ID: ends[5]}
	return at, nil
}

func (p *Place) pair(c algebra.CapabilityPair) CrosswalkPair {
	return CrosswalkPair{CapabilityPair: c, place: p}
}

func (p *Place) crosswalkQuestion(ask CrosswalkAsk) (algebra.CrosswalkQuestion, error) {
	var q algebra.CrosswalkQuestion
	from, err := p.Request.needFramework(ask.From)
	if err != nil {
		return q, err
	}
	to, err := p.Request.needFramework(ask.To)
	if err != nil {
		return q, err
	}
	q.From, q.To = from.ID, to.ID
	if q.Filter, err = p.Request.filter(ask.Filter); err != nil {
		return q, err
	}
	if q.Scope, err = p.scope(ask.Scope); err != nil {
		return q, err
	}
	if ask.OrderBy != nil {
		q.By = *ask.OrderBy
	}
	switch {
	case ask.MinShared != nil && *ask.MinShared < 1:
		return q, badInput("minShared: %d is below 1", *ask.MinShared)
	case ask.MinWeighted != nil && (*ask.MinWeighted < 0 || *ask.MinWeighted > 1):
		return q, badInput("minWeighted: %v is not between 0 and 1", *ask.MinWeighted)
	}
	if ask.MinShared != nil {
		q.MinShared = int(*ask.MinShared)
	}
	if ask.MinWeighted != nil {
		q.MinWeighted = *ask.MinWeighted
	}
	for _, id := range ask.FromCapabilities {
		refs, err := p.Request.capabilityRefs("fromCapabilities", []*model.CapabilityRef{{Framework: from.ID, CapabilityID: id}})
		if err != nil {
			return q, err
		}
		q.Only = append(q.Only, refs[0])
	}
	return q, nil
}

// Similar lists the capabilities of a framework that map most alike.
func (c *Capability) Similar(ctx context.Context, to string, view *model.ViewInput, first *int32) ([]*CrosswalkPair, error) {
	p, err := c.place.or(ctx, view)
	if err != nil {
		return nil, err
	}
	page, err := p.Crosswalk(CrosswalkAsk{From: c.ref().Framework, To: to, FromCapabilities: []string{c.ref().ID}}, first, nil)
	if err != nil {
		return nil, err
	}
	return page.Nodes, nil
}

// CapabilityComparison is two capabilities side by side.
type CapabilityComparison struct {
	A, B       *Capability
	place      *Place
	comparison *algebra.Comparison
	pair       *CrosswalkPair
}

// CompareCapabilities answers Query.compareCapabilities.
func (p *Place) CompareCapabilities(a, b model.CapabilityRef, in *model.MappingFilter) (*CapabilityComparison, error) {
	left, err := p.Request.capabilityRefs("a", []*model.CapabilityRef{&a})
	if err != nil {
		return nil, err
	}
	right, err := p.Request.capabilityRefs("b", []*model.CapabilityRef{&b})
	if err != nil {
		return nil, err
	}
	filter, err := p.Request.filter(in)
	if err != nil {
		return nil, err
	}
	comparison, err := p.View.Compare(p.work, left[0], right[0], &filter)
	if err != nil {
		return nil, err
	}
	c := &CapabilityComparison{A: p.capability(left[0]), B: p.capability(right[0]), place: p, comparison: comparison}
	pair, err := p.View.Pair(p.work, left[0], right[0], &filter)
	if err != nil {
		return nil, err
	}
	if pair != nil {
		c.pair = &CrosswalkPair{CapabilityPair: *pair, place: p}
	}
	return c, nil
}

func (c *CapabilityComparison) Pair() *CrosswalkPair { return c.pair }

func (c *CapabilityComparison) OnlyA() []*Technique {
	return c.place.techniquesPlaced(c.comparison.OnlyA)
}

func (c *CapabilityComparison) OnlyB() []*Technique {
	return c.place.techniquesPlaced(c.comparison.OnlyB)
}

func (c *CapabilityComparison) Both() []*ComparedTechnique {
	return pointers(c.comparison.Both, func(both algebra.Compared) ComparedTechnique {
		return ComparedTechnique{place: c.place, compared: both}
	})
}

// ComparedTechnique is a technique that both capabilities map.
type ComparedTechnique struct {
	place    *Place
	compared algebra.Compared
}

func (c *ComparedTechnique) Technique() *Technique { return c.place.techniqueAt(c.compared.Technique) }

func (c *ComparedTechnique) Scores() []*ComparedScore {
	list := []*ComparedScore{}
	for _, category := range kg.Categories {
		a, inA := scoreOf(c.compared.A, category)
		b, inB := scoreOf(c.compared.B, category)
		if !inA && !inB {
			continue
		}
		score := &ComparedScore{Category: category, A: a, B: b}
		if a != nil && b != nil {
			steps := int(*a) - int(*b)
			score.Difference = &steps
		}
		list = append(list, score)
	}
	return list
}

// scoreOf gives the best value of a category; nil where it has none.
func scoreOf(best []algebra.Best, category kg.Category) (value *kg.Value, there bool) {
	for i := range best {
		if best[i].Category != category {
			continue
		}
		if best[i].Value == kg.NoValue {
			return nil, true
		}
		return &best[i].Value, true
	}
	return nil, false
}

// ComparedScore is one category's best score of each of two capabilities.
type ComparedScore struct {
	Category   kg.Category
	A, B       *kg.Value
	Difference *int
}
