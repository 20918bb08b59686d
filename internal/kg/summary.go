package kg

import (
	"cmp"
	"slices"
	"strings"
)

// SetSummary is a mapping set's metadata and size.
type SetSummary struct {
	Set          *Set // its Rows may be absent
	Capabilities int  // distinct capabilities on rows of any class
	Mappings     int  // MAPPED rows, exact duplicates once
	Techniques   int  // distinct technique ids on MAPPED rows, as written
}

// ReleaseSummary is an ATT&CK release's key and size.
type ReleaseSummary struct {
	Key           ReleaseKey
	Techniques    int // active, sub-techniques included
	SubTechniques int // active
	Tactics       int
	Groups        int // active
	Software      int // active
	Campaigns     int // active
	Mitigations   int // active
}

// SetCapability is a capability as one set gives it.
type SetCapability struct {
	Ref     CapabilityRef
	Spelled string // the most frequent spelling, MAPPED rows first; ties by bytes
	Title   string // the most frequent title of all rows; ties by bytes
	Group   string // the most frequent group id of all rows; ties by bytes
	Mapped  int    // MAPPED rows
	Refused int    // index of the first NON_MAPPABLE_CAPABILITY row in Set.Rows, or -1
}

// CapabilitiesOf lists a set's capabilities, those of all its rows, in order.
func CapabilitiesOf(s *Set) []SetCapability {
	type tally struct {
		mapped, other, titles, groups map[string]int
		rows, refused                 int
	}
	byID := map[string]*tally{}
	count := func(m *map[string]int, key string) {
		if key == "" {
			return
		}
		if *m == nil {
			*m = map[string]int{}
		}
		(*m)[key]++
	}
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Capability == "" {
			continue
		}
		t := byID[r.Capability]
		if t == nil {
			t = &tally{refused: -1}
			byID[r.Capability] = t
		}
		if r.Class == Mapped {
			count(&t.mapped, r.Spelled)
			t.rows++
		} else {
			count(&t.other, r.Spelled)
		}
		if r.Class == NonMappableCapability && t.refused < 0 {
			t.refused = i
		}
		count(&t.titles, r.Title)
		count(&t.groups, r.Group)
	}
	list := make([]SetCapability, 0, len(byID))
	for id, t := range byID {
		spelled := mostFrequent(t.mapped)
		if spelled == "" {
			spelled = mostFrequent(t.other)
		}
		list = append(list, SetCapability{
			Ref: CapabilityRef{Framework: s.Key.Framework, ID: id}, Spelled: spelled,
			Title: mostFrequent(t.titles), Group: mostFrequent(t.groups), Mapped: t.rows, Refused: t.refused,
		})
	}
	sortByOrderKey(list, func(c *SetCapability) string { return c.Ref.ID })
	return list
}

// sortByOrderKey sorts by order key, then by bytes, computing each key once.
func sortByOrderKey[T any](list []T, id func(*T) string) {
	type keyed struct {
		key string
		v   T
	}
	ks := make([]keyed, len(list))
	for i := range list {
		ks[i] = keyed{OrderKey(id(&list[i])), list[i]}
	}
	slices.SortFunc(ks, func(a, b keyed) int {
		return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(id(&a.v), id(&b.v)))
	})
	for i := range ks {
		list[i] = ks[i].v
	}
}

func mostFrequent(counts map[string]int) string {
	best, n := "", 0
	for s, c := range counts {
		if c > n || c == n && s < best {
			best, n = s, c
		}
	}
	return best
}
