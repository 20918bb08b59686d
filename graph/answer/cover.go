package answer

import (
	"context"
	"encoding/json"
	"runtime"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/store"
)

// exactWorkers are as many smallest covers as are looked for at once, so that they
// leave processors to others.
var exactWorkers = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))

// ControlCover is few capabilities that map much.
type ControlCover struct {
	place *Place
	cover *algebra.Cover
}

// CoverAsk is what a control cover is asked for.
type CoverAsk struct {
	Frameworks []string
	Owned      *model.StackInput
	Filter     *model.MappingFilter
	Scope      *model.ScopeInput
	Weight     *algebra.ThreatWeight
	Target     *float64
	Budget     *int32
	Method     *model.CoverMethod
}

// ControlCover answers Query.controlCover.
func (p *Place) ControlCover(ctx context.Context, ask CoverAsk) (*ControlCover, error) {
	q, err := p.coverQuestion(ask)
	if err != nil {
		return nil, err
	}
	if ask.Method == nil || *ask.Method == model.CoverMethodGreedy {
		c, err := p.View.Cover(p.work, q)
		return &ControlCover{place: p, cover: c}, err
	}
	c, err := p.smallest(ctx, q)
	return &ControlCover{place: p, cover: c}, err
}

// Covers keeps smallest covers: of one question about one view of one generation
// there is one answer.
type Covers = store.Cache[string, *algebra.Cover]

// NewCovers makes room for smallest covers in a pool.
func NewCovers(pool *store.Pool) *Covers {
	return store.NewCache[string](pool, "cover", (*algebra.Cover).Size)
}

// smallest gives a smallest cover that is kept, or looks for it on behalf of all
// who ask. Who made it be looked for pays for the work.
func (p *Place) smallest(ctx context.Context, q algebra.CoverQuestion) (*algebra.Cover, error) {
	if p.Request.Covers == nil {
		return p.View.SmallestCover(p.work, q, algebra.ExactWork)
	}
	question, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	left := budget.Limits{}
	if most := p.work.Limit(budget.Work); most > 0 {
		left[budget.Work] = max(1, most-p.work.Used(budget.Work))
	}
	var used int64
	key := p.head().Generation + " " + p.Key.String() + " " + string(question)
	c, err := p.Request.Covers.Get(ctx, key, func(ctx context.Context) (*algebra.Cover, error) {
		select {
		case exactWorkers <- struct{}{}:
			defer func() { <-exactWorkers }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		work := budget.New(ctx, left)
		c, err := p.View.SmallestCover(work, q, algebra.ExactWork)
		used = work.Used(budget.Work)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	return c, p.work.Spend(budget.Work, used)
}

func (p *Place) coverQuestion(ask CoverAsk) (algebra.CoverQuestion, error) {
	q := algebra.CoverQuestion{Target: 1}
	var err error
	if q.Frameworks, err = p.Request.needFrameworks(ask.Frameworks); err != nil {
		return q, err
	}
	if q.Owned, err = p.stack(ask.Owned); err != nil {
		return q, err
	}
	if q.Filter, err = p.Request.filter(ask.Filter); err != nil {
		return q, err
	}
	if q.Scope, err = p.scope(ask.Scope); err != nil {
		return q, err
	}
	if ask.Weight != nil {
		q.Weight = *ask.Weight
	}
	if ask.Target != nil {
		q.Target = *ask.Target
	}
	if ask.Budget != nil {
		q.Budget = int(*ask.Budget)
	}
	switch {
	case len(q.Frameworks) == 0:
		return q, badInput("frameworks: name at least one whose capabilities may be picked")
	case !(q.Target > 0 && q.Target <= 1):
		return q, badInput("target: %v is not above 0 and at most 1", q.Target)
	case ask.Budget != nil && q.Budget < 1:
		return q, badInput("budget: %d is below 1", q.Budget)
	}
	return q, nil
}

func (c *ControlCover) Total() int      { return c.cover.Universe.Count() }
func (c *ControlCover) Covered() int    { return c.cover.Universe.Count() - c.cover.Uncovered.Count() }
func (c *ControlCover) Candidates() int { return c.cover.Candidates }
func (c *ControlCover) LowerBound() int { return c.cover.LowerBound }
func (c *ControlCover) Proven() bool    { return c.cover.Proven }

func (c *ControlCover) Uncovered() []*Technique { return c.place.techniquesAt(c.cover.Uncovered) }

func (c *ControlCover) Picks() []*CoverPick {
	values, list := make([]CoverPick, len(c.cover.Picks)), make([]*CoverPick, len(c.cover.Picks))
	for i := range c.cover.Picks {
		values[i] = CoverPick{Pick: &c.cover.Picks[i], place: c.place}
		list[i] = &values[i]
	}
	return list
}

// CoverPick is a capability of a control cover.
type CoverPick struct {
	*algebra.Pick
	place *Place
}

func (c *CoverPick) Capability() *Capability  { return c.place.capability(c.Ref) }
func (c *CoverPick) Techniques() []*Technique { return c.place.techniquesPlaced(c.Pick.Techniques) }
