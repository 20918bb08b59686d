package algebra

import (
	"cmp"
	"slices"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// ChooseSets gives, for each framework that has a set in the release's domain,
// the set that stands for it in a view of the release, by framework id. A set
// that the caller names stands for its framework.
//
// The order of preference: written for exactly that release;
// else for the newest older one; else for the oldest newer one; among those the
// newest framework version.
func ChooseSets(all []kg.SetSummary, release kg.ReleaseKey, named []kg.SetKey) []kg.SetKey {
	chosen := map[string]kg.SetKey{}
	for _, k := range named {
		chosen[k.Framework] = k
	}
	best := map[string]candidate{}
	version := kg.VersionKey(release.Version)
	for i := range all {
		k := all[i].Set.Key
		if k.Domain != release.Domain {
			continue
		}
		c := newCandidate(k, version)
		if old, ok := best[k.Framework]; !ok || c.compare(old) > 0 {
			best[k.Framework] = c
		}
	}
	for fw, c := range best {
		if _, ok := chosen[fw]; !ok {
			chosen[fw] = c.key
		}
	}
	keys := make([]kg.SetKey, 0, len(chosen))
	for _, k := range chosen {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, kg.SetKey.Compare)
	return keys
}

// candidate is a set that may stand for its framework, with the keys of its versions.
type candidate struct {
	key             kg.SetKey
	fit             fit
	attack, version string
}

// fit says how a set's ATT&CK release relates to a view's, worst first.
type fit uint8

const (
	newer fit = iota
	older
	exact
)

func newCandidate(k kg.SetKey, view string) candidate {
	c := candidate{key: k, attack: kg.VersionKey(k.AttackVersion), version: kg.VersionKey(k.Version)}
	switch {
	case c.attack == view:
		c.fit = exact
	case c.attack < view:
		c.fit = older
	}
	return c
}

// compare tells whether c stands better for the framework than o, or worse.
func (c candidate) compare(o candidate) int {
	age := cmp.Compare(c.attack, o.attack)
	if c.fit == newer {
		age = -age
	}
	return cmp.Or(cmp.Compare(c.fit, o.fit), age, cmp.Compare(c.version, o.version))
}
