package answer

import (
	"context"
	"slices"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Object is an ATT&CK object in a view: what groups, software, campaigns,
// mitigations, tactics and the means of detection have in common.
type Object struct {
	place  *Place
	object *kg.Object
}

// IsNode marks the type as a Node.
func (Object) IsNode() {}

func (o Object) ID() string {
	return kg.ObjectID(o.place.release(), o.object.Kind, o.object.ID).String()
}
func (o Object) AttackID() string              { return o.object.ID }
func (o Object) Name() string                  { return o.object.Name }
func (o Object) URL() string                   { return o.object.URL }
func (o Object) Aliases() []string             { return orEmpty(o.object.Aliases) }
func (o Object) Platforms() []string           { return orEmpty(o.object.Platforms) }
func (o Object) Status() model.TechniqueStatus { return statusOf(o.object.Status) }

func (o Object) Description(ctx context.Context) (*string, error) {
	full, err := o.place.Request.Snapshot.Objects(ctx, o.place.release(), o.object.Kind, []string{o.object.ID})
	if err != nil || full[o.object.ID] == nil {
		return nil, err
	}
	return optional(full[o.object.ID].Description), nil
}

// linked gives the ids at the other end of a link.
func (o Object) linked(link kg.LinkKind, backward bool) []string {
	return o.place.frame().Linked(link, o.object.ID, backward)
}

func (o Object) techniques(link kg.LinkKind) []*Technique {
	return o.place.techniquesNamed(o.linked(link, false))
}

// objects gives objects by id, leaving out what the release lacks.
func (p *Place) objects(kind kg.ObjectKind, ids []string) []Object {
	list := make([]Object, 0, len(ids))
	for _, id := range ids {
		if o := p.frame().Object(kind, id); o != nil {
			list = append(list, Object{place: p, object: o})
		}
	}
	return list
}

// active lists the active objects of a kind, by id.
func (p *Place) active(kind kg.ObjectKind) []Object {
	all := p.frame().Objects(kind)
	list := make([]Object, 0, len(all))
	for i := range all {
		if all[i].Status == kg.Active {
			list = append(list, Object{place: p, object: &all[i]})
		}
	}
	return list
}

func (p *Place) find(kind kg.ObjectKind, name string) (Object, bool) {
	o := p.frame().FindObject(kind, name)
	return Object{place: p, object: o}, o != nil
}

// Tactic is why an attacker does something.
type Tactic struct{ Object }

func (t *Tactic) ShortName() string { return t.object.ShortName }

func (t *Tactic) Techniques() []*Technique {
	i := slices.IndexFunc(t.place.frame().Tactics, func(o kg.Object) bool { return o.ID == t.object.ID })
	if i < 0 {
		return []*Technique{} // withdrawn, and no active technique has it
	}
	return t.place.techniquesAt(t.place.frame().TacticTechniques(i))
}

// Tactics lists the tactics of the release, in matrix order.
func (p *Place) Tactics() []*Tactic {
	list := make([]*Tactic, len(p.frame().Tactics))
	for i := range list {
		list[i] = &Tactic{Object{place: p, object: &p.frame().Tactics[i]}}
	}
	return list
}

// Group is a threat group.
type Group struct{ Object }

func asGroup(o Object) Group { return Group{o} }

func (g *Group) Techniques() []*Technique { return g.techniques(kg.GroupUsesTechnique) }

func (g *Group) Software() []*Software {
	return pointers(g.place.objects(kg.KindSoftware, g.linked(kg.GroupUsesSoftware, false)), asSoftware)
}

func (g *Group) Campaigns() []*Campaign {
	return pointers(g.place.objects(kg.KindCampaign, g.linked(kg.CampaignAttributedToGroup, true)), asCampaign)
}

// Coverage answers for what the group uses.
func (g *Group) Coverage(frameworks []string, stack *model.StackInput, filter *model.MappingFilter, rollUp *algebra.RollUp) (*Coverage, error) {
	return g.place.Coverage(Ask{Frameworks: frameworks, Stack: stack, Filter: filter, RollUp: rollUp, Scope: g.used()})
}

// Gaps answers for what the group uses.
func (g *Group) Gaps(frameworks []string, stack *model.StackInput, filter *model.MappingFilter, rollUp *algebra.RollUp, orderBy *model.GapOrder, first *int32, after *string) (*GapConnection, error) {
	return g.place.Gaps(Ask{Frameworks: frameworks, Stack: stack, Filter: filter, RollUp: rollUp, Scope: g.used()}, orderBy, first, after)
}

func (g *Group) used() *model.ScopeInput { return &model.ScopeInput{Groups: []string{g.object.ID}} }

// Group finds a group by id, name or alias, or gives nil.
func (p *Place) Group(name string) *Group {
	if o, ok := p.find(kg.KindGroup, name); ok {
		return &Group{o}
	}
	return nil
}

// Software is a piece of malware or a tool.
type Software struct{ Object }

func asSoftware(o Object) Software { return Software{o} }

func (s *Software) Type() string { return s.object.SoftwareType }

func (s *Software) Techniques() []*Technique { return s.techniques(kg.SoftwareUsesTechnique) }

func (s *Software) Groups() []*Group {
	return pointers(s.place.objects(kg.KindGroup, s.linked(kg.GroupUsesSoftware, true)), asGroup)
}

func (s *Software) Campaigns() []*Campaign {
	return pointers(s.place.objects(kg.KindCampaign, s.linked(kg.CampaignUsesSoftware, true)), asCampaign)
}

// Coverage answers for what the software uses.
func (s *Software) Coverage(frameworks []string, stack *model.StackInput, filter *model.MappingFilter, rollUp *algebra.RollUp) (*Coverage, error) {
	return s.place.Coverage(Ask{Frameworks: frameworks, Stack: stack, Filter: filter, RollUp: rollUp, Scope: s.used()})
}

// Gaps answers for what the software uses.
func (s *Software) Gaps(frameworks []string, stack *model.StackInput, filter *model.MappingFilter, rollUp *algebra.RollUp, orderBy *model.GapOrder, first *int32, after *string) (*GapConnection, error) {
	return s.place.Gaps(Ask{Frameworks: frameworks, Stack: stack, Filter: filter, RollUp: rollUp, Scope: s.used()}, orderBy, first, after)
}

func (s *Software) used() *model.ScopeInput {
	return &model.ScopeInput{Software: []string{s.object.ID}}
}

// Software finds software by id, name or alias, or gives nil.
func (p *Place) Software(name string) *Software {
	if o, ok := p.find(kg.KindSoftware, name); ok {
		return &Software{o}
	}
	return nil
}

// Campaign is an intrusion campaign.
type Campaign struct{ Object }

func asCampaign(o Object) Campaign { return Campaign{o} }

func (c *Campaign) FirstSeen() *string { return optional(c.object.FirstSeen) }
func (c *Campaign) LastSeen() *string  { return optional(c.object.LastSeen) }

func (c *Campaign) Techniques() []*Technique { return c.techniques(kg.CampaignUsesTechnique) }

func (c *Campaign) Software() []*Software {
	return pointers(c.place.objects(kg.KindSoftware, c.linked(kg.CampaignUsesSoftware, false)), asSoftware)
}

func (c *Campaign) Groups() []*Group {
	return pointers(c.place.objects(kg.KindGroup, c.linked(kg.CampaignAttributedToGroup, false)), asGroup)
}

// Coverage answers for what the campaign uses.
func (c *Campaign) Coverage(frameworks []string, stack *model.StackInput, filter *model.MappingFilter, rollUp *algebra.RollUp) (*Coverage, error) {
	return c.place.Coverage(Ask{Frameworks: frameworks, Stack: stack, Filter: filter, RollUp: rollUp, Scope: c.used()})
}

// Gaps answers for what the campaign uses.
func (c *Campaign) Gaps(frameworks []string, stack *model.StackInput, filter *model.MappingFilter, rollUp *algebra.RollUp, orderBy *model.GapOrder, first *int32, after *string) (*GapConnection, error) {
	return c.place.Gaps(Ask{Frameworks: frameworks, Stack: stack, Filter: filter, RollUp: rollUp, Scope: c.used()}, orderBy, first, after)
}

func (c *Campaign) used() *model.ScopeInput {
	return &model.ScopeInput{Campaigns: []string{c.object.ID}}
}

// Campaign finds a campaign by id, name or alias, or gives nil.
func (p *Place) Campaign(name string) *Campaign {
	if o, ok := p.find(kg.KindCampaign, name); ok {
		return &Campaign{o}
	}
	return nil
}

// Mitigation is ATT&CK's own mitigation.
type Mitigation struct{ Object }

func asMitigation(o Object) Mitigation { return Mitigation{o} }

func (m *Mitigation) Techniques() []*Technique { return m.techniques(kg.MitigationMitigatesTechnique) }

// Mitigation finds a mitigation by id or name, or gives nil.
func (p *Place) Mitigation(name string) *Mitigation {
	if o, ok := p.find(kg.KindMitigation, name); ok {
		return &Mitigation{o}
	}
	return nil
}

// DataComponent is something that a sensor records.
type DataComponent struct{ Object }

func asDataComponent(o Object) DataComponent { return DataComponent{o} }

func (d *DataComponent) DataSource() *string {
	for _, s := range d.place.objects(kg.KindDataSource, d.linked(kg.SourceHasComponent, true)) {
		return &s.object.Name
	}
	return nil
}

func (d *DataComponent) Techniques() []*Technique { return d.techniques(kg.ComponentDetectsTechnique) }

// DetectionStrategy is a way to detect a technique.
type DetectionStrategy struct{ Object }

func asDetectionStrategy(o Object) DetectionStrategy { return DetectionStrategy{o} }

func (d *DetectionStrategy) Techniques() []*Technique {
	return d.techniques(kg.StrategyDetectsTechnique)
}

func (d *DetectionStrategy) Analytics() []*Analytic {
	return pointers(d.place.objects(kg.KindAnalytic, d.linked(kg.StrategyHasAnalytic, false)), asAnalytic)
}

// Analytic is one platform's share of a detection strategy.
type Analytic struct{ Object }

func asAnalytic(o Object) Analytic { return Analytic{o} }

// The edges and pages of objects.
type (
	GroupEdge struct {
		Cursor string
		Node   *Group
	}
	SoftwareEdge struct {
		Cursor string
		Node   *Software
	}
	CampaignEdge struct {
		Cursor string
		Node   *Campaign
	}
	MitigationEdge struct {
		Cursor string
		Node   *Mitigation
	}
	GroupConnection    struct{ Connection[*Group, GroupEdge] }
	SoftwareConnection struct {
		Connection[*Software, SoftwareEdge]
	}
	CampaignConnection struct {
		Connection[*Campaign, CampaignEdge]
	}
	MitigationConnection struct {
		Connection[*Mitigation, MitigationEdge]
	}
)

func (p *Place) objectPage(kind kg.ObjectKind, first *int32, after *string) (page[Object], error) {
	return paginate(kind.String(), p.active(kind), func(o Object) string { return o.object.ID }, first, after)
}

// Groups pages through the active groups.
func (p *Place) Groups(first *int32, after *string) (*GroupConnection, error) {
	pg, err := p.objectPage(kg.KindGroup, first, after)
	if err != nil {
		return nil, err
	}
	return &GroupConnection{connect[GroupEdge](pg, asGroup)}, nil
}

// SoftwareList pages through the active software.
func (p *Place) SoftwareList(first *int32, after *string) (*SoftwareConnection, error) {
	pg, err := p.objectPage(kg.KindSoftware, first, after)
	if err != nil {
		return nil, err
	}
	return &SoftwareConnection{connect[SoftwareEdge](pg, asSoftware)}, nil
}

// Campaigns pages through the active campaigns.
func (p *Place) Campaigns(first *int32, after *string) (*CampaignConnection, error) {
	pg, err := p.objectPage(kg.KindCampaign, first, after)
	if err != nil {
		return nil, err
	}
	return &CampaignConnection{connect[CampaignEdge](pg, asCampaign)}, nil
}

// Mitigations pages through the active mitigations.
func (p *Place) Mitigations(first *int32, after *string) (*MitigationConnection, error) {
	pg, err := p.objectPage(kg.KindMitigation, first, after)
	if err != nil {
		return nil, err
	}
	return &MitigationConnection{connect[MitigationEdge](pg, asMitigation)}, nil
}
