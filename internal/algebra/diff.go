package algebra

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// DiffEntry is one (capability, technique, category) that two sets score
// differently, or that only one of them has.
type DiffEntry struct {
	Ref           kg.CapabilityRef
	AttackID      string
	Category      kg.Category
	Before, After []kg.Value // distinct, lowest first; without a value: NoValue; nil where the set lacks the entry
}

// Retitled is a capability whose title two sets give differently.
type Retitled struct {
	Ref           kg.CapabilityRef
	Before, After string
}

// MappingDiff says what changed from one mapping set to another.
type MappingDiff struct {
	Added, Removed, Rescored           []DiffEntry // by capability, technique, category (none last)
	CapabilitiesAdded                  []kg.CapabilityRef
	CapabilitiesRemoved                []kg.CapabilityRef
	CapabilitiesRetitled               []Retitled
	UnalignedRowsBefore, UnalignedRows int // mapped rows that have no place in the release, and take no part
}

type diffKey struct {
	capability string
	attackID   string
	category   kg.Category
}

// DiffMappings compares two sets of a framework that are aligned to the same
// release. Unless aligned, ids are compared as the rows write them, and every
// mapped row takes part.
func DiffMappings(w *budget.Budget, before, after *Body, aligned bool) (*MappingDiff, error) {
	if err := spend(w, (len(before.Set.Rows)+len(after.Set.Rows))*diffAUnits, 1); err != nil {
		return nil, err
	}
	d := &MappingDiff{}
	old, latest := before.values(aligned), after.values(aligned)
	if aligned {
		d.UnalignedRowsBefore, d.UnalignedRows = len(before.unaligned), len(after.unaligned)
	}
	framework := after.Framework.ID
	for k, values := range latest {
		e := DiffEntry{Ref: kg.CapabilityRef{Framework: framework, ID: k.capability}, AttackID: k.attackID, Category: k.category, After: values, Before: old[k]}
		switch {
		case e.Before == nil:
			d.Added = append(d.Added, e)
		case !slices.Equal(e.Before, e.After):
			d.Rescored = append(d.Rescored, e)
		}
	}
	for k, values := range old {
		if latest[k] == nil {
			d.Removed = append(d.Removed, DiffEntry{Ref: kg.CapabilityRef{Framework: framework, ID: k.capability}, AttackID: k.attackID, Category: k.category, Before: values})
		}
	}
	for _, list := range [][]DiffEntry{d.Added, d.Removed, d.Rescored} {
		sortEntries(list)
	}
	d.compareCapabilities(before, after)
	return d, nil
}

// diffAUnits is what it takes to compare a row.
const diffAUnits = 16

func sortEntries(list []DiffEntry) {
	keys := make(map[string]string, len(list))
	for i := range list {
		keys[list[i].Ref.ID] = kg.OrderKey(list[i].Ref.ID)
	}
	slices.SortFunc(list, func(a, b DiffEntry) int {
		return cmp.Or(
			strings.Compare(keys[a.Ref.ID], keys[b.Ref.ID]), strings.Compare(a.Ref.ID, b.Ref.ID),
			strings.Compare(a.AttackID, b.AttackID), cmp.Compare(a.Category.Rank(), b.Category.Rank()))
	})
}

// values gives the values of each (capability, technique, category).
func (b *Body) values(aligned bool) map[diffKey][]kg.Value {
	all := map[diffKey][]kg.Value{}
	add := func(r *kg.Row, attackID string) {
		k := diffKey{r.Capability, attackID, r.Category}
		if at, there := slices.BinarySearch(all[k], r.Value); !there {
			all[k] = slices.Insert(all[k], at, r.Value)
		}
	}
	if !aligned {
		for i := range b.Set.Rows {
			if r := &b.Set.Rows[i]; r.Class == kg.Mapped {
				add(r, r.AttackID)
			}
		}
		return all
	}
	for i := range b.entries {
		r := b.Row(i)
		add(r.Row(), b.view.Frame.Universe[r.Technique()].ID)
	}
	return all
}

func (d *MappingDiff) compareCapabilities(before, after *Body) {
	for i := range after.Capabilities {
		c := &after.Capabilities[i]
		at, known := before.position[c.Ref.ID]
		if !known {
			d.CapabilitiesAdded = append(d.CapabilitiesAdded, c.Ref)
			continue
		}
		if old := before.Capabilities[at].Title; old != "" && c.Title != "" && old != c.Title {
			d.CapabilitiesRetitled = append(d.CapabilitiesRetitled, Retitled{Ref: c.Ref, Before: old, After: c.Title})
		}
	}
	for i := range before.Capabilities {
		ref := before.Capabilities[i].Ref
		if _, still := after.position[ref.ID]; !still {
			d.CapabilitiesRemoved = append(d.CapabilitiesRemoved, ref)
		}
	}
}

// Lift says what aligning a set to the view's release changes: the ids that are
// replaced by a successor, and those that have no place.
func (b *Body) Lift(w *budget.Budget) (lifted []kg.LiftedID, unresolved []kg.UnresolvedID, err error) {
	if err := spend(w, len(b.Set.Rows), 1); err != nil {
		return nil, nil, err
	}
	lifted, unresolved = LiftRows(b.Set.Rows, b.view.Frame.aligner)
	return lifted, unresolved, nil
}

// LiftRows says which technique ids of rows a release replaces, and which it has
// no place for, by id. Rows of every class count, those too that only declare a
// technique non-mappable.
func LiftRows(rows []kg.Row, release *Aligner) (lifted []kg.LiftedID, unresolved []kg.UnresolvedID) {
	lifted, unresolved = []kg.LiftedID{}, []kg.UnresolvedID{}
	counts := map[string]int{}
	for i := range rows {
		if id := rows[i].AttackID; id != "" {
			counts[id]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		switch to, reason := release.Align(id); {
		case reason != 0:
			unresolved = append(unresolved, kg.UnresolvedID{From: id, Reason: reason, Rows: counts[id]})
		case to != id:
			lifted = append(lifted, kg.LiftedID{From: id, To: to, Rows: counts[id]})
		}
	}
	return lifted, unresolved
}

// AttackDiff says what changed from one ATT&CK release of a domain to another.
// Every list is by technique id.
type AttackDiff struct {
	Added      []string // active after, and not before
	Revoked    []RevokedTechnique
	Deprecated []string // active before, and deprecated after
	Removed    []string // active before, and not known after
	Renamed    []Changed[string]
	Tactics    []Changed[[]string] // ids of the tactics, in byte order
	Parents    []Changed[string]   // id of the technique that it is a sub-technique of; empty for none
}

// RevokedTechnique is a technique that was active before and is revoked after.
type RevokedTechnique struct {
	ID        string
	Successor string // active after; empty where there is none
}

// Changed is what a technique, active before and after, had and has.
type Changed[T any] struct {
	ID            string
	Before, After T
}

// DiffAttack compares two releases.
func DiffAttack(before, after *Frame) AttackDiff {
	var d AttackDiff
	for _, t := range after.Universe {
		if _, was := before.position[t.ID]; !was {
			d.Added = append(d.Added, t.ID)
		}
	}
	for _, old := range before.Universe {
		now := after.techniques[old.ID]
		switch {
		case now == nil:
			d.Removed = append(d.Removed, old.ID)
		case now.Status == kg.Revoked:
			successor, _ := after.Align(old.ID)
			d.Revoked = append(d.Revoked, RevokedTechnique{ID: old.ID, Successor: successor})
		case now.Status == kg.Deprecated:
			d.Deprecated = append(d.Deprecated, old.ID)
		default:
			d.compare(before, after, old, now)
		}
	}
	return d
}

// compare looks at a technique that is active in both releases.
func (d *AttackDiff) compare(before, after *Frame, old, now *kg.Technique) {
	if old.Name != now.Name {
		d.Renamed = append(d.Renamed, Changed[string]{old.ID, old.Name, now.Name})
	}
	if was, is := before.tacticIDs(old), after.tacticIDs(now); !slices.Equal(was, is) {
		d.Tactics = append(d.Tactics, Changed[[]string]{old.ID, was, is})
	}
	if old.Parent != now.Parent {
		d.Parents = append(d.Parents, Changed[string]{old.ID, old.Parent, now.Parent})
	}
}

// tacticIDs gives the ids of a technique's tactics: short names change between
// releases, ids do not.
func (f *Frame) tacticIDs(t *kg.Technique) []string {
	ids := []string{}
	for _, o := range f.TacticsOf(t) {
		ids = append(ids, o.ID)
	}
	slices.Sort(ids)
	return ids
}
