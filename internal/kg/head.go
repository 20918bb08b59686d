package kg

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Head says what a dataset holds, without the bulk: releases, frameworks, sets
// and capabilities, but no rows, relationships or texts. It is immutable.
type Head struct {
	Generation   string
	LoadedAt     time.Time
	Edition      Edition
	Releases     []ReleaseSummary // by key
	Frameworks   []Framework      // by id
	Sets         []SetSummary     // by key
	Capabilities []Capability     // by framework, then order key
	Mappings     int              // rows of class MAPPED in all sets
	Techniques   int              // distinct active technique ids of all releases
	Baselines    []Baseline
	Priorities   map[string]float64 // Top ATT&CK Techniques scores, by technique id

	releases     map[ReleaseKey]*ReleaseSummary
	frameworks   map[string]*Framework
	sets         map[string]*SetSummary
	capabilities map[CapabilityRef]*Capability
	folded       map[CapabilityRef]string // upper-case → canonical id, where lookups take any case
	baselines    map[CapabilityRef][]string
	groups       map[groupIn]int // capabilities of each
	followed     *sync.Map       // see Once
}

// groupIn is a capability group of a set.
type groupIn struct {
	set SetKey
	id  string
}

// Capability is a capability across all sets.
type Capability struct {
	Ref     CapabilityRef
	Spelled string         // the id as the newest set writes it
	Sets    []CapabilityIn // the sets that have it, by key
}

// CapabilityIn is how one set gives a capability.
type CapabilityIn struct {
	Set   SetKey
	Title string
	Group string
}

// NewHead indexes what a head lists. It sets no field of its own but the indexes.
func NewHead(h Head) *Head {
	h.releases = make(map[ReleaseKey]*ReleaseSummary, len(h.Releases))
	for i := range h.Releases {
		h.releases[h.Releases[i].Key] = &h.Releases[i]
	}
	h.frameworks = make(map[string]*Framework, len(h.Frameworks))
	for i := range h.Frameworks {
		h.frameworks[h.Frameworks[i].ID] = &h.Frameworks[i]
	}
	h.sets = make(map[string]*SetSummary, len(h.Sets))
	for i := range h.Sets {
		h.sets[h.Sets[i].Set.Key.String()] = &h.Sets[i]
	}
	h.capabilities = make(map[CapabilityRef]*Capability, len(h.Capabilities))
	h.folded = map[CapabilityRef]string{}
	h.groups = map[groupIn]int{}
	h.followed = &sync.Map{}
	for i := range h.Capabilities {
		ref := h.Capabilities[i].Ref
		h.capabilities[ref] = &h.Capabilities[i]
		if TraitsOf(ref.Framework).Spelling == AsWrittenCased {
			h.folded[upperCase(ref)] = ref.ID
		}
		for _, in := range h.Capabilities[i].Sets {
			h.groups[groupIn{in.Set, in.Group}]++
		}
	}
	h.baselines = map[CapabilityRef][]string{}
	for _, b := range h.Baselines {
		for _, id := range b.Controls {
			ref := CapabilityRef{Framework: b.Framework, ID: id}
			if !slices.Contains(h.baselines[ref], b.Name) {
				h.baselines[ref] = append(h.baselines[ref], b.Name)
			}
		}
	}
	for ref, names := range h.baselines {
		known := TraitsOf(ref.Framework).Baselines
		slices.SortFunc(names, func(a, b string) int { return cmp.Compare(slices.Index(known, a), slices.Index(known, b)) })
	}
	return &h
}

// upperCase gives a capability's name in upper case.
func upperCase(ref CapabilityRef) CapabilityRef {
	return CapabilityRef{Framework: ref.Framework, ID: strings.ToUpper(ref.ID)}
}

// HeadOf summarises a dataset.
func HeadOf(ds *Dataset, loadedAt time.Time) *Head {
	h := Head{
		Generation: ds.Generation, LoadedAt: loadedAt, Edition: ds.Edition, Frameworks: ds.Frameworks,
		Baselines: ds.Baselines, Priorities: make(map[string]float64, len(ds.Priorities)),
	}
	for _, p := range ds.Priorities {
		h.Priorities[p.AttackID] = p.Cumulative
	}
	active := map[string]bool{}
	for _, rel := range ds.Releases {
		h.Releases = append(h.Releases, summariseRelease(rel, active))
	}
	h.Techniques = len(active)
	bySet := make([][]SetCapability, len(ds.Sets))
	for i, s := range ds.Sets {
		bySet[i] = CapabilitiesOf(s)
		sum := summariseSet(s, len(bySet[i]))
		h.Sets = append(h.Sets, sum)
		h.Mappings += sum.Mappings
	}
	h.Capabilities = joinCapabilities(ds.Sets, bySet)
	return NewHead(h)
}

func summariseRelease(rel *Release, active map[string]bool) ReleaseSummary {
	sum := ReleaseSummary{Key: rel.Key}
	for i := range rel.Tactics {
		if rel.Tactics[i].Status == Active {
			sum.Tactics++
		}
	}
	for i := range rel.Techniques {
		t := &rel.Techniques[i]
		if t.Status != Active {
			continue
		}
		active[t.ID] = true
		sum.Techniques++
		if t.Parent != "" {
			sum.SubTechniques++
		}
	}
	for kind, n := range map[ObjectKind]*int{KindGroup: &sum.Groups, KindSoftware: &sum.Software, KindCampaign: &sum.Campaigns, KindMitigation: &sum.Mitigations} {
		for i := range rel.Objects[kind] {
			if rel.Objects[kind][i].Status == Active {
				*n++
			}
		}
	}
	return sum
}

func summariseSet(s *Set, capabilities int) SetSummary {
	techniques := map[string]bool{}
	mappings := 0
	for i := range s.Rows {
		if s.Rows[i].Class == Mapped {
			mappings++
			techniques[s.Rows[i].AttackID] = true
		}
	}
	return SetSummary{Set: s, Capabilities: capabilities, Mappings: mappings, Techniques: len(techniques)}
}

// joinCapabilities puts together what the sets, which are in key order, say of
// each capability.
func joinCapabilities(sets []*Set, bySet [][]SetCapability) []Capability {
	type entry struct {
		capability Capability
		display    SetKey
	}
	joined := map[CapabilityRef]*entry{}
	for i, s := range sets {
		for _, c := range bySet[i] {
			e := joined[c.Ref]
			if e == nil {
				e = &entry{capability: Capability{Ref: c.Ref}}
				joined[c.Ref] = e
			}
			e.capability.Sets = append(e.capability.Sets, CapabilityIn{Set: s.Key, Title: c.Title, Group: c.Group})
			if e.capability.Spelled == "" || newerDisplay(s.Key, e.display) {
				e.capability.Spelled, e.display = c.Spelled, s.Key
			}
		}
	}
	list := make([]Capability, 0, len(joined))
	for _, e := range joined {
		list = append(list, e.capability)
	}
	sortByOrderKey(list, func(c *Capability) string { return c.Ref.ID })
	slices.SortStableFunc(list, func(a, b Capability) int { return strings.Compare(a.Ref.Framework, b.Ref.Framework) })
	return list
}

// newerDisplay tells whether set a decides how a capability is shown rather
// than b: the newest ATT&CK release, then framework version, then the domain
// that is listed first.
func newerDisplay(a, b SetKey) bool {
	return cmp.Or(CompareVersions(a.AttackVersion, b.AttackVersion),
		CompareVersions(a.Version, b.Version),
		cmp.Compare(b.Domain, a.Domain)) > 0
}

// Newest gives how the newest set has the capability, by the rule that chooses
// the displayed id.
func (c *Capability) Newest() CapabilityIn {
	best := c.Sets[0]
	for _, in := range c.Sets[1:] {
		if newerDisplay(in.Set, best.Set) {
			best = in
		}
	}
	return best
}

// Once gives what follows from the head alone, worked out when it is first asked
// for. Keys are of a type of the caller's own; there must be few of them.
func (h *Head) Once(key any, work func() any) any {
	if v, ok := h.followed.Load(key); ok {
		return v
	}
	v, _ := h.followed.LoadOrStore(key, work())
	return v
}

// Release finds a release's summary, or nil.
func (h *Head) Release(k ReleaseKey) *ReleaseSummary { return h.releases[k] }

// Framework finds a framework, or nil.
func (h *Head) Framework(id string) *Framework { return h.frameworks[id] }

// Set finds a set by SetKey.String, or nil.
func (h *Head) Set(id string) *SetSummary { return h.sets[id] }

// Capability finds a capability by canonical id, or nil.
func (h *Head) Capability(ref CapabilityRef) *Capability { return h.capabilities[ref] }

// FindCapability finds a capability by any spelling of its id that lookups
// take, or nil.
func (h *Head) FindCapability(framework, id string) *Capability {
	ref := CapabilityRef{Framework: framework, ID: CanonicalCapabilityID(framework, id)}
	if known, ok := h.folded[upperCase(ref)]; ok {
		ref.ID = known
	}
	return h.capabilities[ref]
}

// GroupSize is how many capabilities a set files under a capability group.
func (h *Head) GroupSize(set SetKey, id string) int { return h.groups[groupIn{set, id}] }

// BaselinesOf lists the names of the baselines that ask for a capability, LOW first.
func (h *Head) BaselinesOf(ref CapabilityRef) []string { return h.baselines[ref] }

// NewestRelease gives the newest loaded release of a domain; ok is false where
// there is none.
func (h *Head) NewestRelease(d Domain) (key ReleaseKey, ok bool) {
	for i := range h.Releases {
		if k := h.Releases[i].Key; k.Domain == d && (!ok || key.Compare(k) < 0) {
			key, ok = k, true
		}
	}
	return key, ok
}

// Defences lists the ids of the frameworks that count as coverage unless
// others are named, in order.
func (h *Head) Defences() []string {
	ids := []string{}
	for i := range h.Frameworks {
		if h.Frameworks[i].Kind.Defends() {
			ids = append(ids, h.Frameworks[i].ID)
		}
	}
	return ids
}
