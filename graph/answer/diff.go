package answer

import (
	"context"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// MappingDiff is what changed from one mapping set to another.
type MappingDiff struct {
	From, To *MappingSet
	place    *Place // of the newer set, in the release that both are aligned to
	diff     *algebra.MappingDiff
}

// MappingDiff answers Query.mappingDiff.
func (r *Request) MappingDiff(ctx context.Context, from, to string, align *bool) (*MappingDiff, error) {
	before, err := r.needSet(from)
	if err != nil {
		return nil, err
	}
	after, err := r.needSet(to)
	if err != nil {
		return nil, err
	}
	a, b := before.Set.Key, after.Set.Key
	if a.Framework != b.Framework || a.Domain != b.Domain {
		return nil, badInput("from, to: %s and %s are not of one framework and domain", a, b)
	}
	old, err := r.alone(ctx, a, b.Release())
	if err != nil {
		return nil, err
	}
	latest, err := r.alone(ctx, b, b.Release())
	if err != nil {
		return nil, err
	}
	diff, err := algebra.DiffMappings(latest.work, old.View.Body(a.Framework), latest.View.Body(b.Framework), align == nil || *align)
	if err != nil {
		return nil, err
	}
	return &MappingDiff{From: r.set(a), To: r.set(b), place: latest, diff: diff}, nil
}

// alone gives the view of a release in which one set speaks, and no other.
func (r *Request) alone(ctx context.Context, set kg.SetKey, release kg.ReleaseKey) (*Place, error) {
	if r.head().Release(release) == nil {
		return nil, notFound("ATT&CK %s, for which %s is asked, is not loaded; loaded are %s", release, set, r.loadedVersions(release.Domain))
	}
	return r.atKey(ctx, store.ViewKey{Release: release, Sets: []kg.SetKey{set}})
}

func (m *MappingDiff) AttackVersion() string { return m.place.release().Version }
func (m *MappingDiff) AddedCount() int       { return len(m.diff.Added) }
func (m *MappingDiff) RemovedCount() int     { return len(m.diff.Removed) }
func (m *MappingDiff) RescoredCount() int    { return len(m.diff.Rescored) }
func (m *MappingDiff) UnalignedFrom() int    { return m.diff.UnalignedRowsBefore }
func (m *MappingDiff) UnalignedTo() int      { return m.diff.UnalignedRows }

func (m *MappingDiff) Added(first *int32, after *string) (*DiffConnection, error) {
	return m.page("added", m.diff.Added, first, after)
}

func (m *MappingDiff) Removed(first *int32, after *string) (*DiffConnection, error) {
	return m.page("removed", m.diff.Removed, first, after)
}

func (m *MappingDiff) Rescored(first *int32, after *string) (*DiffConnection, error) {
	return m.page("rescored", m.diff.Rescored, first, after)
}

func (m *MappingDiff) page(name string, entries []algebra.DiffEntry, first *int32, after *string) (*DiffConnection, error) {
	key := func(e algebra.DiffEntry) string {
		return mappingKey(e.Ref, e.AttackID, &kg.Row{Category: e.Category})
	}
	pg, err := paginate("diff/"+name, entries, key, first, after)
	if err != nil {
		return nil, err
	}
	return &DiffConnection{connect[DiffEdge](pg, func(e algebra.DiffEntry) DiffEntry { return DiffEntry{entry: e, place: m.place} })}, nil
}

func (m *MappingDiff) CapabilitiesAdded() []*Capability {
	return m.place.capabilities(m.diff.CapabilitiesAdded)
}

func (m *MappingDiff) CapabilitiesRemoved() []*Capability {
	return m.place.capabilities(m.diff.CapabilitiesRemoved)
}

func (m *MappingDiff) CapabilitiesRetitled() []*RetitledCapability {
	list := make([]*RetitledCapability, len(m.diff.CapabilitiesRetitled))
	for i, c := range m.diff.CapabilitiesRetitled {
		list[i] = &RetitledCapability{Capability: m.place.capability(c.Ref), Before: c.Before, After: c.After}
	}
	return list
}

// RetitledCapability is a capability whose title changed.
type RetitledCapability struct {
	Capability    *Capability
	Before, After string
}

// DiffEntry is a (capability, technique, category) that changed.
type DiffEntry struct {
	entry algebra.DiffEntry
	place *Place
}

func (d *DiffEntry) Capability() *Capability { return d.place.capability(d.entry.Ref) }
func (d *DiffEntry) AttackID() string        { return d.entry.AttackID }
func (d *DiffEntry) Technique() *Technique   { return d.place.Technique(d.entry.AttackID) }
func (d *DiffEntry) Before() []kg.Value      { return valuesOf(d.entry.Before) }
func (d *DiffEntry) After() []kg.Value       { return valuesOf(d.entry.After) }

func (d *DiffEntry) Category() *kg.Category {
	if d.entry.Category == kg.NoCategory {
		return nil
	}
	return &d.entry.Category
}

// valuesOf leaves out that there is none.
func valuesOf(values []kg.Value) []kg.Value {
	list := []kg.Value{}
	for _, v := range values {
		if v != kg.NoValue {
			list = append(list, v)
		}
	}
	return list
}

// DiffEdge is an item of a DiffConnection.
type DiffEdge struct {
	Cursor string
	Node   *DiffEntry
}

// DiffConnection is a page of changed entries.
type DiffConnection struct {
	Connection[*DiffEntry, DiffEdge]
}

// AttackDiff is what changed from one ATT&CK release to another.
type AttackDiff struct {
	before, after *Place
	diff          algebra.AttackDiff
}

// AttackDiff answers Query.attackDiff.
func (r *Request) AttackDiff(ctx context.Context, domain *kg.Domain, from, to string) (*AttackDiff, error) {
	before, err := r.At(ctx, &model.ViewInput{Domain: domain, AttackVersion: &from})
	if err != nil {
		return nil, err
	}
	after, err := r.At(ctx, &model.ViewInput{Domain: domain, AttackVersion: &to})
	if err != nil {
		return nil, err
	}
	return &AttackDiff{before: before, after: after, diff: algebra.DiffAttack(before.frame(), after.frame())}, nil
}

func (a *AttackDiff) From() *AttackRelease { return a.before.attackRelease(a.before.release()) }
func (a *AttackDiff) To() *AttackRelease   { return a.after.attackRelease(a.after.release()) }

func (a *AttackDiff) Added() []*Technique      { return a.after.techniquesNamed(a.diff.Added) }
func (a *AttackDiff) Deprecated() []*Technique { return a.after.techniquesNamed(a.diff.Deprecated) }
func (a *AttackDiff) Removed() []*Technique    { return a.before.techniquesNamed(a.diff.Removed) }

func (a *AttackDiff) Revoked() []*RevokedTechnique {
	list := make([]*RevokedTechnique, len(a.diff.Revoked))
	for i, r := range a.diff.Revoked {
		list[i] = &RevokedTechnique{Technique: a.after.Technique(r.ID)}
		if r.Successor != "" {
			list[i].Successor = a.after.Technique(r.Successor)
		}
	}
	return list
}

// RevokedTechnique is a technique that was revoked.
type RevokedTechnique struct {
	Technique *Technique
	Successor *Technique
}

func (a *AttackDiff) Renamed() []*RenamedTechnique {
	list := make([]*RenamedTechnique, len(a.diff.Renamed))
	for i, c := range a.diff.Renamed {
		list[i] = &RenamedTechnique{Technique: a.after.Technique(c.ID), Before: c.Before, After: c.After}
	}
	return list
}

// RenamedTechnique is a technique whose name changed.
type RenamedTechnique struct {
	Technique     *Technique
	Before, After string
}

func (a *AttackDiff) TacticsChanged() []*MovedTechnique {
	list := make([]*MovedTechnique, len(a.diff.Tactics))
	for i, c := range a.diff.Tactics {
		list[i] = &MovedTechnique{Technique: a.after.Technique(c.ID), Before: c.Before, After: c.After}
	}
	return list
}

func (a *AttackDiff) Reparented() []*MovedTechnique {
	list := make([]*MovedTechnique, len(a.diff.Parents))
	for i, c := range a.diff.Parents {
		list[i] = &MovedTechnique{Technique: a.after.Technique(c.ID), Before: one(c.Before), After: one(c.After)}
	}
	return list
}

// one gives a list of the text, or none if it is empty.
func one(text string) []string {
	if text == "" {
		return []string{}
	}
	return []string{text}
}

// MovedTechnique is a technique that belongs elsewhere than before.
type MovedTechnique struct {
	Technique     *Technique
	Before, After []string
}

// Lift is what aligning a set to a release changes.
type Lift struct {
	Set        *MappingSet
	To         string
	Lifted     []kg.LiftedID
	Unresolved []kg.UnresolvedID
}

// Lift answers Query.lift.
func (r *Request) Lift(ctx context.Context, set, to string) (*Lift, error) {
	sum, err := r.needSet(set)
	if err != nil {
		return nil, err
	}
	key := sum.Set.Key
	release, err := r.chooseRelease(key.Domain, &to)
	if err != nil {
		return nil, err
	}
	p, err := r.alone(ctx, key, release)
	if err != nil {
		return nil, err
	}
	lifted, unresolved, err := p.View.Body(key.Framework).Lift(p.work)
	if err != nil {
		return nil, err
	}
	return &Lift{Set: r.set(key), To: release.Version, Lifted: orNone(lifted), Unresolved: orNone(unresolved)}, nil
}
