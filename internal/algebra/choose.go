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
	best := map[string]kg.SetKey{}
	for i := range all {
		k := all[i].Set.Key
		if k.Domain != release.Domain {
			continue
		}
		if old, ok := best[k.Framework]; !ok || preferSet(k, old, release.Version) {
			best[k.Framework] = k
		}
	}
	for fw, k := range best {
		if _, ok := chosen[fw]; !ok {
			chosen[fw] = k
		}
	}
	keys := make([]kg.SetKey, 0, len(chosen))
	for _, k := range chosen {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, kg.SetKey.Compare)
	return keys
}

// preferSet tells whether a stands better than b for a view of a version.
func preferSet(a, b kg.SetKey, version string) bool {
	const exact, older, newer = 0, 1, 2
	class := func(k kg.SetKey) int {
		switch c := kg.CompareVersions(k.AttackVersion, version); {
		case c == 0:
			return exact
		case c < 0:
			return older
		}
		return newer
	}
	ca, cb := class(a), class(b)
	if ca != cb {
		return ca < cb
	}
	age := kg.CompareVersions(a.AttackVersion, b.AttackVersion)
	if ca == newer {
		age = -age
	}
	return cmp.Or(age, kg.CompareFrameworkVersions(a.Version, b.Version)) > 0
}
