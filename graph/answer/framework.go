package answer

import (
	"context"
	"slices"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Framework is a body of capabilities, in a view.
type Framework struct {
	place     *Place
	framework *kg.Framework
}

// Framework gives a framework by short or global id, or nil.
func (p *Place) Framework(id string) *Framework {
	f := p.Request.findFramework(id)
	if f == nil {
		return nil
	}
	return p.frameworkOf(f.ID)
}

// Frameworks lists the loaded frameworks of some kinds, or all.
func (p *Place) Frameworks(kinds []kg.FrameworkKind) []*Framework {
	list := []*Framework{}
	for i := range p.head().Frameworks {
		f := &p.head().Frameworks[i]
		if len(kinds) == 0 || slices.Contains(kinds, f.Kind) {
			list = append(list, p.frameworkOf(f.ID))
		}
	}
	return list
}

// IsNode marks the type as a Node.
func (*Framework) IsNode() {}

func (f *Framework) ID() string             { return kg.FrameworkID(f.framework.ID).String() }
func (f *Framework) FrameworkID() string    { return f.framework.ID }
func (f *Framework) Name() string           { return f.framework.Name }
func (f *Framework) Kind() kg.FrameworkKind { return f.framework.Kind }

func (f *Framework) Sets() []*MappingSet {
	return f.place.Request.sets(func(k kg.SetKey) bool { return k.Framework == f.framework.ID })
}

func (f *Framework) SetFor(ctx context.Context, view *model.ViewInput) (*MappingSet, error) {
	p, err := f.place.or(ctx, view)
	if err != nil {
		return nil, err
	}
	b := p.View.Body(f.framework.ID)
	if b == nil {
		return nil, nil
	}
	return p.Request.set(b.Set.Key), nil
}

func (f *Framework) Capabilities(ctx context.Context, view *model.ViewInput, first *int32, after *string) (*CapabilityConnection, error) {
	p, err := f.place.or(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.capabilityPage(f.framework.ID, first, after)
}

func (f *Framework) Groups(ctx context.Context, view *model.ViewInput) ([]*CapabilityGroup, error) {
	p, err := f.place.or(ctx, view)
	if err != nil {
		return nil, err
	}
	b := p.View.Body(f.framework.ID)
	if b == nil {
		return []*CapabilityGroup{}, nil
	}
	counts := map[string]int{}
	for i := range b.Capabilities {
		counts[b.Capabilities[i].Group]++
	}
	return pointers(b.Set.Groups, func(g kg.CapabilityGroup) CapabilityGroup {
		return CapabilityGroup{ID: g.ID, Name: g.Title, CapabilityCount: counts[g.ID]}
	}), nil
}

// CapabilityGroup is a family, category or product.
type CapabilityGroup struct {
	ID              string
	Name            string
	CapabilityCount int
}

// MappingSet is one mapping file.
type MappingSet struct {
	request *Request
	summary *kg.SetSummary
}

// sets lists the loaded sets that keep allows.
func (r *Request) sets(keep func(kg.SetKey) bool) []*MappingSet {
	list := []*MappingSet{}
	for i := range r.head().Sets {
		if s := &r.head().Sets[i]; keep(s.Set.Key) {
			list = append(list, &MappingSet{request: r, summary: s})
		}
	}
	return list
}

// set gives a loaded set.
func (r *Request) set(k kg.SetKey) *MappingSet {
	return &MappingSet{request: r, summary: r.head().Set(k.String())}
}

// MappingSet gives a set by short or global id, or nil.
func (r *Request) MappingSet(id string) *MappingSet {
	if s := r.findSet(id); s != nil {
		return &MappingSet{request: r, summary: s}
	}
	return nil
}

// MappingSets lists the loaded sets of a framework and a domain.
func (r *Request) MappingSets(framework *string, domain *kg.Domain) ([]*MappingSet, error) {
	var only string
	if framework != nil {
		f, err := r.needFramework(*framework)
		if err != nil {
			return nil, err
		}
		only = f.ID
	}
	return r.sets(func(k kg.SetKey) bool {
		return (only == "" || k.Framework == only) && (domain == nil || k.Domain == *domain)
	}), nil
}

// IsNode marks the type as a Node.
func (*MappingSet) IsNode() {}

func (m *MappingSet) key() kg.SetKey           { return m.summary.Set.Key }
func (m *MappingSet) ID() string               { return m.key().GlobalID().String() }
func (m *MappingSet) FrameworkVersion() string { return m.key().Version }
func (m *MappingSet) AttackVersion() string    { return m.key().AttackVersion }
func (m *MappingSet) Domain() kg.Domain        { return m.key().Domain }
func (m *MappingSet) MappingVersion() *string  { return optional(m.summary.Set.MappingVersion) }
func (m *MappingSet) Created() *string         { return optional(m.summary.Set.Created) }
func (m *MappingSet) Updated() *string         { return optional(m.summary.Set.Updated) }
func (m *MappingSet) Author() *string          { return optional(m.summary.Set.Author) }
func (m *MappingSet) Contact() *string         { return optional(m.summary.Set.Contact) }
func (m *MappingSet) Organization() *string    { return optional(m.summary.Set.Organization) }
func (m *MappingSet) File() string             { return m.summary.Set.File }
func (m *MappingSet) CapabilityCount() int     { return m.summary.Capabilities }
func (m *MappingSet) MappingCount() int        { return m.summary.Mappings }
func (m *MappingSet) TechniqueCount() int      { return m.summary.Techniques }

func (m *MappingSet) MappingTypes() []*MappingType {
	return pointers(m.summary.Set.Types, mappingType)
}

func (m *MappingSet) Framework(ctx context.Context) (*Framework, error) {
	p, err := m.at(ctx)
	if err != nil {
		return nil, err
	}
	return p.frameworkOf(m.key().Framework), nil
}

// at gives the view in which the set speaks for its framework: that of the
// release that it was written for, or of the domain's newest one where that is
// not loaded.
func (m *MappingSet) at(ctx context.Context) (*Place, error) {
	release := m.key().Release()
	if m.request.head().Release(release) == nil {
		newest, ok := m.request.head().NewestRelease(release.Domain)
		if !ok {
			return nil, notFound("no ATT&CK release of the domain %s is loaded", release.Domain)
		}
		release = newest
	}
	in := &model.ViewInput{Domain: &release.Domain, AttackVersion: &release.Version, Sets: []string{m.key().String()}}
	return m.request.At(ctx, in)
}

func (m *MappingSet) Capabilities(ctx context.Context, first *int32, after *string) (*CapabilityConnection, error) {
	p, err := m.at(ctx)
	if err != nil {
		return nil, err
	}
	return p.capabilityPage(m.key().Framework, first, after)
}

// Mappings lists every mapping of the set, those without a place in its
// release included, in one order.
func (m *MappingSet) Mappings(ctx context.Context, first *int32, after *string) (*MappingConnection, error) {
	p, err := m.at(ctx)
	if err != nil {
		return nil, err
	}
	w, err := openWindow("mappings", first, after)
	if err != nil {
		return nil, err
	}
	b := p.View.Body(m.key().Framework)
	rows, err := b.Everything(p.work, w.first, func(attackID string, r *kg.Row) bool {
		return w.after == nil || mappingKey(kg.CapabilityRef{Framework: b.Framework.ID, ID: r.Capability}, attackID, r) > *w.after
	})
	if err != nil {
		return nil, err
	}
	key := func(r algebra.SetRow) string {
		return mappingKey(kg.CapabilityRef{Framework: b.Framework.ID, ID: r.Row.Capability}, r.AttackID, r.Row)
	}
	pg := cut(w, rows.Rows, rows.Before, rows.Total, key)
	c := &MappingConnection{connect[MappingEdge](pg, func(r algebra.SetRow) Mapping {
		return Mapping{place: p, set: b.Set, row: r.Row, ref: kg.CapabilityRef{Framework: b.Framework.ID, ID: r.Row.Capability}, position: r.Technique}
	})}
	return c, p.withTexts(ctx, c.Nodes)
}

func (m *MappingSet) NonMappableTechniques(ctx context.Context) ([]*NonMappable, error) {
	return m.declarations(ctx, kg.NonMappableTechnique, func(r *kg.Row) string { return r.AttackID })
}

func (m *MappingSet) NonMappableCapabilities(ctx context.Context) ([]*NonMappable, error) {
	return m.declarations(ctx, kg.NonMappableCapability, func(r *kg.Row) string { return kg.OrderKey(r.Capability) })
}

func (m *MappingSet) declarations(ctx context.Context, class kg.Class, key func(*kg.Row) string) ([]*NonMappable, error) {
	p, err := m.at(ctx)
	if err != nil {
		return nil, err
	}
	set := p.View.Body(m.key().Framework).Set
	var rows []*kg.Row
	for i := range set.Rows {
		if set.Rows[i].Class == class {
			rows = append(rows, &set.Rows[i])
		}
	}
	slices.SortStableFunc(rows, func(a, b *kg.Row) int { return compareStrings(key(a), key(b)) })
	return pointers(rows, func(r *kg.Row) NonMappable { return NonMappable{place: p, set: set, row: r} }), nil
}
