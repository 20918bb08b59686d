package answer

import (
	"context"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Capability is a capability in a view.
type Capability struct {
	place      *Place
	capability *kg.Capability
	in         *kg.SetCapability // as the view's set has it; nil where that lacks it
}

// named gives a capability that some loaded set has.
func (p *Place) named(ref kg.CapabilityRef) Capability {
	if b := p.View.Body(ref.Framework); b != nil {
		if i, ok := b.Capability(ref.ID); ok {
			return p.of(b, i)
		}
	}
	return Capability{place: p, capability: p.head().Capability(ref)}
}

// of gives a capability of a body.
func (p *Place) of(b *algebra.Body, capability int) Capability {
	return Capability{place: p, capability: b.Known(capability), in: &b.Capabilities[capability]}
}

// capability gives a capability that some loaded set has, by itself.
func (p *Place) capability(ref kg.CapabilityRef) *Capability {
	c := p.named(ref)
	return &c
}

func (p *Place) capabilities(refs []kg.CapabilityRef) []*Capability { return pointers(refs, p.named) }

// capabilitiesOf gives the capabilities of rows that are in order.
func (p *Place) capabilitiesOf(rows []algebra.AlignedRow) []*Capability {
	return pointers(algebra.DistinctCapabilities(rows), func(r algebra.AlignedRow) Capability {
		return p.of(r.Body, r.Capability())
	})
}

// Capability finds a capability by framework and any spelling of its id; nil
// where no loaded set has it.
func (p *Place) Capability(framework, id string) (*Capability, error) {
	f, err := p.Request.needFramework(framework)
	if err != nil {
		return nil, err
	}
	c := p.head().FindCapability(f.ID, id)
	if c == nil {
		return nil, nil
	}
	return p.capability(c.Ref), nil
}

// IsNode marks the type as a Node.
func (*Capability) IsNode() {}

func (c *Capability) ref() kg.CapabilityRef { return c.capability.Ref }
func (c *Capability) ID() string            { return c.ref().GlobalID().String() }
func (c *Capability) CapabilityID() string  { return c.capability.Spelled }
func (c *Capability) CanonicalID() string   { return c.ref().ID }
func (c *Capability) Framework() *Framework { return c.place.frameworkOf(c.ref().Framework) }
func (c *Capability) Baselines() []string   { return orEmpty(c.place.head().BaselinesOf(c.ref())) }

// Name prefers the view's set, then the newest set that titles the capability.
func (c *Capability) Name() *string {
	if c.in != nil && c.in.Title != "" {
		return &c.in.Title
	}
	if newest := c.capability.Newest(); newest.Title != "" {
		return &newest.Title
	}
	for _, in := range slices.Backward(c.capability.Sets) {
		if in.Title != "" {
			return &in.Title
		}
	}
	return nil
}

func (c *Capability) Description(ctx context.Context) (*string, error) {
	found, err := c.place.Request.Snapshot.Controls(ctx, c.catalogVersion(), []kg.CapabilityRef{c.ref()})
	if err != nil || found[c.ref()] == nil {
		return nil, err
	}
	return optional(found[c.ref()].Description), nil
}

// catalogVersion is the framework's version whose catalog describes the
// capability: that of the view's set if it has it, else the newest.
func (c *Capability) catalogVersion() string {
	if c.in != nil {
		return c.place.View.Body(c.ref().Framework).Set.Key.Version
	}
	return c.capability.Newest().Set.Version
}

func (c *Capability) CapabilityGroup(ctx context.Context) (*CapabilityGroup, error) {
	newest := c.capability.Newest()
	set, id := newest.Set, newest.Group
	if c.in != nil && c.in.Group != "" {
		set, id = c.place.View.Body(c.ref().Framework).Set.Key, c.in.Group
	}
	if id == "" {
		return nil, nil
	}
	sum := c.place.head().Set(set.String())
	group := &CapabilityGroup{ID: id, Name: id, CapabilityCount: c.place.head().GroupSize(set, id)}
	for _, g := range sum.Set.Groups {
		if g.ID == id && g.Title != "" {
			group.Name = g.Title
		}
	}
	return group, nil
}

func (c *Capability) Sets() []*MappingSet {
	list := make([]*MappingSet, len(c.capability.Sets))
	for i, in := range c.capability.Sets {
		list[i] = c.place.Request.set(in.Set)
	}
	return list
}

func (c *Capability) NonMappable(ctx context.Context, view *model.ViewInput) (*NonMappable, error) {
	p, err := c.place.or(ctx, view)
	if err != nil {
		return nil, err
	}
	there := p.capability(c.ref())
	if there.in == nil || there.in.Refused < 0 {
		return nil, nil
	}
	set := p.View.Body(c.ref().Framework).Set
	return p.declaration(set, &set.Rows[there.in.Refused]), nil
}

func (c *Capability) Mappings(ctx context.Context, view *model.ViewInput, filter *model.MappingFilter, first *int32, after *string) (*MappingConnection, error) {
	p, rows, err := c.rows(ctx, view, filter)
	if err != nil {
		return nil, err
	}
	return p.mappingPage(ctx, rows, first, after)
}

func (c *Capability) Techniques(ctx context.Context, view *model.ViewInput, filter *model.MappingFilter) ([]*Technique, error) {
	p, rows, err := c.rows(ctx, view, filter)
	if err != nil {
		return nil, err
	}
	var list []int
	for i, r := range rows {
		if t := r.Technique(); i == 0 || rows[i-1].Technique() != t {
			list = append(list, t)
		}
	}
	return p.techniquesPlaced(list), nil
}

// rows lists the capability's mappings in a view that pass a filter.
func (c *Capability) rows(ctx context.Context, view *model.ViewInput, in *model.MappingFilter) (*Place, []algebra.AlignedRow, error) {
	p, err := c.place.or(ctx, view)
	if err != nil {
		return nil, nil, err
	}
	f, err := p.Request.filter(in)
	if err != nil {
		return nil, nil, err
	}
	rows, err := p.View.CapabilityMappings(p.work, c.ref(), &f)
	return p, rows, err
}

// CapabilityEdge is an item of a CapabilityConnection.
type CapabilityEdge struct {
	Cursor string
	Node   *Capability
}

// CapabilityConnection is a page of capabilities.
type CapabilityConnection struct {
	Connection[*Capability, CapabilityEdge]
}

// Capabilities pages through the capabilities of a framework's set, or of all.
func (p *Place) Capabilities(framework *string, first *int32, after *string) (*CapabilityConnection, error) {
	only := ""
	if framework != nil {
		f, err := p.Request.needFramework(*framework)
		if err != nil {
			return nil, err
		}
		only = f.ID
	}
	return p.capabilityPage(only, first, after)
}

func (p *Place) capabilityPage(framework string, first *int32, after *string) (*CapabilityConnection, error) {
	type item struct {
		body       *algebra.Body
		capability int
	}
	var bodies []*algebra.Body
	total := 0
	for _, b := range p.View.Bodies {
		if framework == "" || b.Framework.ID == framework {
			bodies = append(bodies, b)
			total += len(b.Capabilities)
		}
	}
	at := func(i int) item {
		k := 0
		for ; i >= len(bodies[k].Capabilities); k++ {
			i -= len(bodies[k].Capabilities)
		}
		return item{bodies[k], i}
	}
	key := func(i item) string { return capabilityKey(i.body.Capabilities[i.capability].Ref) }
	pg, err := paginateList("capabilities", total, at, key, first, after)
	if err != nil {
		return nil, err
	}
	return &CapabilityConnection{connect[CapabilityEdge](pg, func(i item) Capability { return p.of(i.body, i.capability) })}, nil
}

// NonMappable is a declaration that nothing can be mapped.
type NonMappable struct {
	place *Place
	set   *kg.Set
	row   *kg.Row
}

func (p *Place) declaration(set *kg.Set, r *kg.Row) *NonMappable {
	return &NonMappable{place: p, set: set, row: r}
}

func (n *NonMappable) AttackID() *string       { return optional(n.row.AttackID) }
func (n *NonMappable) MappingSet() *MappingSet { return n.place.Request.set(n.set.Key) }
func (n *NonMappable) Source() *SourcePosition {
	return &SourcePosition{File: n.set.File, Row: n.row.Number}
}

func (n *NonMappable) Technique() *Technique {
	if n.row.AttackID == "" {
		return nil
	}
	if to, reason := n.place.frame().Align(n.row.AttackID); reason == 0 {
		return n.place.Technique(to)
	}
	return nil
}

func (n *NonMappable) Capability() *Capability {
	if n.row.Capability == "" {
		return nil
	}
	return n.place.capability(kg.CapabilityRef{Framework: n.set.Key.Framework, ID: n.row.Capability})
}

func (n *NonMappable) Comment(ctx context.Context) (*string, error) {
	found, err := n.place.Request.Snapshot.Declarations(ctx, n.set.Key, []int{n.row.Number})
	if err != nil || found[n.row.Number] == nil {
		return nil, err
	}
	return optional(found[n.row.Number].Comments), nil
}

// Vulnerability is an entry of CISA's KEV catalog, in a view.
type Vulnerability struct{ path }

// CVE is the entry's id.
func (v *Vulnerability) Cve() string { return v.capability.CapabilityID() }

func (v *Vulnerability) Techniques(relations []kg.Relation) ([]*VulnerabilityTechnique, error) {
	return v.techniques(relations)
}

// Vulnerability finds a KEV entry, or gives nil.
func (p *Place) Vulnerability(cve string) *Vulnerability {
	if c := p.head().FindCapability(kg.ExploitedVulnerabilities, strings.TrimSpace(cve)); c != nil {
		return &Vulnerability{path{p.capability(c.Ref)}}
	}
	return nil
}

// Incident is a VERIS attribute, in a view.
type Incident struct{ path }

// VerisID is the attribute's id.
func (i *Incident) VerisID() string { return i.capability.CapabilityID() }

func (i *Incident) Techniques() ([]*VulnerabilityTechnique, error) { return i.techniques(nil) }

// Incident finds a VERIS attribute, or gives nil.
func (p *Place) Incident(id string) *Incident {
	if c := p.head().FindCapability(kg.Incidents, id); c != nil {
		return &Incident{path{p.capability(c.Ref)}}
	}
	return nil
}

// path leads from a capability that is no defence to techniques and on to defences.
type path struct{ capability *Capability }

func (p *path) Capability() *Capability { return p.capability }

func (p *path) techniques(relations []kg.Relation) ([]*VulnerabilityTechnique, error) {
	place := p.capability.place
	rows, err := place.View.CapabilityMappings(place.work, p.capability.ref(), &algebra.Filter{Relations: relations})
	if err != nil {
		return nil, err
	}
	list := []*VulnerabilityTechnique{}
	for i, r := range rows {
		if i == 0 || rows[i-1].Technique() != r.Technique() {
			list = append(list, &VulnerabilityTechnique{place: place, position: r.Technique()})
		}
		t := list[len(list)-1]
		if !slices.Contains(t.relations, r.Relation()) {
			t.relations = append(t.relations, r.Relation())
		}
	}
	for _, t := range list {
		slices.Sort(t.relations)
	}
	return list, nil
}

// VulnerabilityTechnique is a technique that a vulnerability or an incident leads to.
type VulnerabilityTechnique struct {
	place     *Place
	position  int
	relations []kg.Relation
}

func (v *VulnerabilityTechnique) Technique() *Technique    { return v.place.techniqueAt(v.position) }
func (v *VulnerabilityTechnique) Relations() []kg.Relation { return v.relations }

func (v *VulnerabilityTechnique) Capabilities(frameworks []string) ([]*Capability, error) {
	only, err := v.place.Request.needFrameworks(frameworks)
	if err != nil {
		return nil, err
	}
	if len(only) == 0 {
		return []*Capability{}, nil
	}
	rows, err := v.place.View.TechniqueMappings(v.place.work, v.position, &algebra.Filter{Frameworks: only})
	if err != nil {
		return nil, err
	}
	return v.place.capabilitiesOf(rows), nil
}

func compareStrings(a, b string) int { return strings.Compare(a, b) }
