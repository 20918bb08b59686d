package answer

import (
	"context"
	"slices"

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

// techniquesPlaced gives the techniques at positions of the universe.
func (p *Place) techniquesPlaced(positions []int) []*Technique {
	list := make([]*Technique, len(positions))
	for i, t := range positions {
		list[i] = p.techniqueAt(t)
	}
	return list
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
	pairs, err := p.pairs(ask)
	if err != nil {
		return nil, err
	}
	by := algebra.WeightedOrder
	if ask.OrderBy != nil {
		by = *ask.OrderBy
	}
	if by != algebra.WeightedOrder {
		algebra.SortPairs(pairs, by)
	}
	key := func(c algebra.CapabilityPair) string {
		from := capabilityKey(c.From.Ref)
		rest := descending(algebra.Rounded(c.Weighted)) + descending(float64(c.Shared)) + from + capabilityKey(c.To.Ref)
		if by == algebra.FromOrder {
			return from + rest
		}
		return descending(by.Metric(&c)) + rest
	}
	pg, err := paginate("crosswalk/"+string(rune('0'+by)), pairs, key, first, after)
	if err != nil {
		return nil, err
	}
	return &CrosswalkConnection{connect[CrosswalkEdge](pg, p.pair)}, nil
}

func (p *Place) pair(c algebra.CapabilityPair) *CrosswalkPair {
	return &CrosswalkPair{CapabilityPair: c, place: p}
}

// pairs gives a crosswalk's pairs in the default order.
func (p *Place) pairs(ask CrosswalkAsk) ([]algebra.CapabilityPair, error) {
	from, err := p.Request.needFramework(ask.From)
	if err != nil {
		return nil, err
	}
	to, err := p.Request.needFramework(ask.To)
	if err != nil {
		return nil, err
	}
	filter, err := p.Request.filter(ask.Filter)
	if err != nil {
		return nil, err
	}
	scope, err := p.scope(ask.Scope)
	if err != nil {
		return nil, err
	}
	keep, err := p.pairFilter(from.ID, ask)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(p.View.Crosswalk(from.ID, to.ID, &filter, scope), func(c algebra.CapabilityPair) bool { return !keep(&c) }), nil
}

// pairFilter tells which pairs the arguments leave.
func (p *Place) pairFilter(from string, ask CrosswalkAsk) (func(*algebra.CapabilityPair) bool, error) {
	switch {
	case ask.MinShared != nil && *ask.MinShared < 1:
		return nil, badInput("minShared: %d is below 1", *ask.MinShared)
	case ask.MinWeighted != nil && (*ask.MinWeighted < 0 || *ask.MinWeighted > 1):
		return nil, badInput("minWeighted: %v is not between 0 and 1", *ask.MinWeighted)
	}
	only := map[kg.CapabilityRef]bool{}
	for _, id := range ask.FromCapabilities {
		refs, err := p.Request.capabilityRefs("fromCapabilities", []*model.CapabilityRef{{Framework: from, CapabilityID: id}})
		if err != nil {
			return nil, err
		}
		only[refs[0]] = true
	}
	return func(c *algebra.CapabilityPair) bool {
		return (ask.MinShared == nil || c.Shared >= int(*ask.MinShared)) &&
			(ask.MinWeighted == nil || algebra.Rounded(c.Weighted) >= algebra.Rounded(*ask.MinWeighted)) &&
			(len(only) == 0 || only[c.From.Ref])
	}, nil
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
	comparison algebra.Comparison
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
	c := &CapabilityComparison{
		A: p.capability(left[0]), B: p.capability(right[0]), place: p,
		comparison: p.View.Compare(left[0], right[0], &filter),
	}
	everything := algebra.AllBits(len(p.frame().Universe))
	for _, pair := range p.View.Crosswalk(left[0].Framework, right[0].Framework, &filter, everything) {
		if pair.From.Ref == left[0] && pair.To.Ref == right[0] {
			c.pair = p.pair(pair)
		}
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
	list := make([]*ComparedTechnique, len(c.comparison.Both))
	for i := range c.comparison.Both {
		list[i] = &ComparedTechnique{place: c.place, compared: &c.comparison.Both[i]}
	}
	return list
}

// ComparedTechnique is a technique that both capabilities map.
type ComparedTechnique struct {
	place    *Place
	compared *algebra.Compared
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
