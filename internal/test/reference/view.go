package reference

import (
	"cmp"
	"slices"
	"strings"
)

// View is a release with the set that stands for each framework in it.
type View struct {
	*Data
	Release *Known
	Sets    map[string]*Set // by framework

	placed map[*Row]string   // rows that name a technique: where they stand in the release
	lost   map[*Row]string   // and those that have no place: why
	on     map[string][]*Row // MAPPED rows by the technique that they stand on, in order
}

func domainOf(enum string) string { return strings.ToLower(cmp.Or(enum, "ENTERPRISE")) }

// newest gives the newest loaded release of a domain.
func (d *Data) newest(domain string) *Known {
	var found *Known
	for _, k := range d.Releases {
		if k.Domain == domain && (found == nil || olderFirst(found.Version, k.Version) < 0) {
			found = k
		}
	}
	return found
}

func (d *Data) needRelease(domain, version string) *Known {
	k := d.release(domain, version)
	if version == "" {
		k = d.newest(domain)
	}
	if k == nil {
		fail("NOT_FOUND", "release %s %s", domain, version)
	}
	return k
}

func (d *Data) needSet(id string) *Set {
	for _, s := range d.Sets {
		if s.ID() == strings.TrimPrefix(id, "set:") {
			return s
		}
	}
	fail("NOT_FOUND", "set %s", id)
	return nil
}

func (d *Data) needFramework(id string) *Framework {
	for i := range d.Frameworks {
		if d.Frameworks[i].ID == strings.TrimPrefix(id, "framework:") {
			return &d.Frameworks[i]
		}
	}
	fail("NOT_FOUND", "framework %s", id)
	return nil
}

// needFrameworks gives ids each once, in the order given.
func (d *Data) needFrameworks(ids []string) []string {
	var out []string
	for _, id := range ids {
		if f := d.needFramework(id); !slices.Contains(out, f.ID) {
			out = append(out, f.ID)
		}
	}
	return out
}

// view gives the view that an argument names.
func (d *Data) view(in *ViewInput) *View {
	if in == nil {
		in = &ViewInput{}
	}
	release := d.needRelease(domainOf(in.Domain), in.AttackVersion)
	named := map[string]*Set{}
	for _, id := range in.Sets {
		s := d.needSet(id)
		if s.Domain != release.Domain || named[s.Framework] != nil && named[s.Framework] != s {
			fail("BAD_USER_INPUT", "set %s", id)
		}
		named[s.Framework] = s
	}
	chosen := map[string]*Set{}
	for _, f := range d.Frameworks {
		if s := cmp.Or(named[f.ID], d.choose(f.ID, release)); s != nil {
			chosen[f.ID] = s
		}
	}
	return d.viewOf(release, chosen)
}

// choose gives the set that stands for a framework: one written for exactly the
// release, else for the newest older one, else for the oldest newer one; of
// those the newest framework version.
func (d *Data) choose(framework string, release *Known) *Set {
	var exact, older, newer []*Set
	for _, s := range d.Sets {
		if s.Framework != framework || s.Domain != release.Domain {
			continue
		}
		switch c := olderFirst(s.Attack, release.Version); {
		case c == 0:
			exact = append(exact, s)
		case c < 0:
			older = append(older, s)
		default:
			newer = append(newer, s)
		}
	}
	first := func(sets []*Set, better func(a, b *Set) int) *Set {
		return slices.MaxFunc(sets, func(a, b *Set) int { return cmp.Or(better(a, b), olderFirst(a.Version, b.Version)) })
	}
	switch {
	case len(exact) > 0:
		return first(exact, func(a, b *Set) int { return 0 })
	case len(older) > 0:
		return first(older, func(a, b *Set) int { return olderFirst(a.Attack, b.Attack) })
	case len(newer) > 0:
		return first(newer, func(a, b *Set) int { return olderFirst(b.Attack, a.Attack) })
	}
	return nil
}

func (d *Data) viewOf(release *Known, sets map[string]*Set) *View {
	v := &View{Data: d, Release: release, Sets: sets, placed: map[*Row]string{}, lost: map[*Row]string{}, on: map[string][]*Row{}}
	for _, s := range sets {
		for _, r := range s.Rows {
			if r.Technique == "" {
				continue
			}
			if to, reason := d.align(release, r.Technique); reason == "" {
				v.placed[r] = to
			} else {
				v.lost[r] = reason
			}
		}
	}
	for _, r := range v.rows() {
		v.on[v.placed[r]] = append(v.on[v.placed[r]], r)
	}
	return v
}

// rows lists the MAPPED rows that have a place, in order.
func (v *View) rows() []*Row {
	var out []*Row
	for _, s := range v.Sets {
		for _, r := range s.Rows {
			if r.Class == mapped && v.placed[r] != "" {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, v.compareRows)
	return out
}

var (
	categories = []string{"PROTECT", "DETECT", "RESPOND", ""}
	values     = []string{"", "MINIMAL", "PARTIAL", "SIGNIFICANT"}
)

func byOrderKey(frameworkA, a, frameworkB, b string) int {
	return cmp.Or(strings.Compare(frameworkA, frameworkB), strings.Compare(orderKey(a), orderKey(b)), strings.Compare(a, b))
}

// compareRows is the order of mappings. A row without a place stands by the id
// as written.
func (v *View) compareRows(a, b *Row) int {
	return cmp.Or(
		byOrderKey(a.Set.Framework, a.Canonical, b.Set.Framework, b.Canonical),
		strings.Compare(cmp.Or(v.placed[a], a.Technique), cmp.Or(v.placed[b], b.Technique)),
		cmp.Compare(slices.Index(categories, a.Category), slices.Index(categories, b.Category)),
		cmp.Compare(slices.Index(values, b.Value), slices.Index(values, a.Value)),
		cmp.Compare(a.Number, b.Number))
}

// rowFilter is a filter whose names are resolved.
type rowFilter struct {
	Filter
	refs []Ref // canonical
}

func (d *Data) filter(in *Filter) *rowFilter {
	if in == nil {
		in = &Filter{}
	}
	f := &rowFilter{Filter: *in}
	f.Frameworks = d.needFrameworks(in.Frameworks)
	f.refs = d.needCapabilities(in.Capabilities)
	return f
}

// findCapability gives the canonical form of a capability that a loaded set has.
func (d *Data) findCapability(framework, id string) (Ref, bool) {
	want := canonical(framework, id)
	for _, s := range d.Sets {
		if s.Framework != framework {
			continue
		}
		for _, r := range s.Rows {
			if r.Canonical == want && want != "" || framework == "kev" && r.Canonical != "" && strings.EqualFold(r.Canonical, want) {
				return Ref{framework, r.Canonical}, true
			}
		}
	}
	return Ref{}, false
}

func (d *Data) needCapabilities(refs []Ref) []Ref {
	var out []Ref
	for _, ref := range refs {
		found, ok := d.findCapability(d.needFramework(ref.Framework).ID, ref.CapabilityID)
		if !ok {
			fail("BAD_USER_INPUT", "capability %v", ref)
		}
		out = append(out, found)
	}
	return out
}

// there tells whether a row is there at all: a row that frameworks, capabilities,
// groups or relations do not name is not.
func (f *rowFilter) there(r *Row) bool {
	return (len(f.Frameworks) == 0 || slices.Contains(f.Frameworks, r.Set.Framework)) &&
		(len(f.refs) == 0 || slices.Contains(f.refs, Ref{r.Set.Framework, r.Canonical})) &&
		(len(f.CapabilityGroups) == 0 || slices.Contains(f.CapabilityGroups, r.Group)) &&
		(len(f.Relations) == 0 || slices.Contains(f.Relations, r.Relation))
}

// passes tells whether a row that is there has the category and the value.
func (f *rowFilter) passes(r *Row) bool {
	unscored := f.IncludeUnscored != nil && *f.IncludeUnscored
	if len(f.Categories) > 0 {
		if r.Category == "" && !unscored {
			return false
		}
		if r.Category != "" && !slices.Contains(f.Categories, r.Category) {
			return false
		}
	}
	if f.MinScore != "" {
		if r.Value == "" && !unscored {
			return false
		}
		if r.Value != "" && slices.Index(values, r.Value) < slices.Index(values, f.MinScore) {
			return false
		}
	}
	return true
}

func spelledTechnique(id string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(id), "/", "."))
}

// scope lists the techniques of the universe that a scope keeps, by id.
func (v *View) scope(in *Scope) []string {
	if in == nil {
		in = &Scope{}
	}
	v.checkScope(in)
	var out []string
	for _, id := range v.Release.universe() {
		if v.inScope(in, v.Release.Techniques[id]) {
			out = append(out, id)
		}
	}
	return out
}

// checkScope wants every name of a scope to be known to the release.
func (v *View) checkScope(in *Scope) {
	k := v.Release
	for _, id := range in.Techniques {
		if k.Techniques[spelledTechnique(id)] == nil {
			fail("BAD_USER_INPUT", "technique %s", id)
		}
	}
	for _, name := range in.Tactics {
		if k.tactic(name) == nil {
			fail("BAD_USER_INPUT", "tactic %s", name)
		}
	}
	for _, name := range in.Platforms {
		if !slices.ContainsFunc(k.universe(), func(id string) bool { return k.Techniques[id].on(name) }) {
			fail("BAD_USER_INPUT", "platform %s", name)
		}
	}
	for _, names := range []struct {
		things map[string]*Thing
		names  []string
	}{{k.Groups, in.Groups}, {k.Software, in.Software}, {k.Campaigns, in.Campaigns}} {
		for _, name := range names.names {
			if find(names.things, name) == nil {
				fail("BAD_USER_INPUT", "user %s", name)
			}
		}
	}
}

func (k *Known) tactic(name string) *Thing {
	for _, t := range k.Tactics {
		if strings.EqualFold(t.ID, name) || strings.EqualFold(t.Short, name) || strings.EqualFold(t.Name, name) {
			return t
		}
	}
	return nil
}

func (t *Technique) on(platform string) bool {
	return slices.ContainsFunc(t.Platforms, func(p string) bool { return strings.EqualFold(p, platform) })
}

// find gives the object of an ATT&CK id, else of a name or an alias in any case.
func find(things map[string]*Thing, name string) *Thing {
	if t := things[strings.ToUpper(name)]; t != nil {
		return t
	}
	for _, status := range []string{"ACTIVE", ""} {
		for _, id := range sorted(things) {
			t := things[id]
			if (status == "" || t.Status == status) && slices.ContainsFunc(append([]string{t.Name}, t.Aliases...), func(n string) bool { return strings.EqualFold(n, name) }) {
				return t
			}
		}
	}
	return nil
}

func (v *View) inScope(in *Scope, t *Technique) bool {
	k := v.Release
	any := func(names []string, holds func(string) bool) bool {
		return len(names) == 0 || slices.ContainsFunc(names, holds)
	}
	uses := func(kind string, things map[string]*Thing) func(string) bool {
		return func(name string) bool { return k.links[linkOf{"uses", kind, find(things, name).ID, "technique", t.ID}] }
	}
	return any(in.Techniques, func(id string) bool { return spelledTechnique(id) == t.ID }) &&
		any(in.Tactics, func(name string) bool { return slices.Contains(t.Tactics, k.tactic(name).ID) }) &&
		any(in.Platforms, t.on) &&
		any(in.Groups, uses("group", k.Groups)) && any(in.Software, uses("software", k.Software)) && any(in.Campaigns, uses("campaign", k.Campaigns)) &&
		(!in.KevOnly || v.mapsAtAll("kev", t.ID)) &&
		(in.Level != "TECHNIQUES" || t.Parent == "") && (in.Level != "SUB_TECHNIQUES" || t.Parent != "")
}

// mapsAtAll tells whether a framework's set maps a technique, whatever the filter.
func (v *View) mapsAtAll(framework, technique string) bool {
	return slices.ContainsFunc(v.on[technique], func(r *Row) bool { return r.Set.Framework == framework })
}

// weights are a technique's threat weights.
func (v *View) weights(technique string) obj {
	w := obj{"groups": len(v.Release.users("uses", "group", "technique", technique)), "software": len(v.Release.users("uses", "software", "technique", technique)),
		"kev": v.vulnerabilities(technique), "topTechniques": nil}
	if score, listed := v.Scores[technique]; listed {
		w["topTechniques"] = score
	}
	return w
}

// vulnerabilities counts the CVEs of the view's kev set that map to a technique.
func (v *View) vulnerabilities(technique string) int {
	cves := map[string]bool{}
	for _, r := range v.on[technique] {
		if r.Set.Framework == "kev" {
			cves[r.Canonical] = true
		}
	}
	return len(cves)
}

func (v *View) techniqueID(id string) obj {
	return obj{"id": "technique:" + v.Release.Name() + "/" + id}
}

func (v *View) techniqueIDs(ids []string) list {
	out := list{}
	for _, id := range ids {
		out = append(out, v.techniqueID(id))
	}
	return out
}

func capabilityID(ref Ref) obj {
	return obj{"id": "capability:" + ref.Framework + "/" + ref.CapabilityID}
}

func attackIDs(of []string) list {
	out := list{}
	for _, id := range of {
		out = append(out, obj{"attackId": id})
	}
	return out
}

func source(r *Row) obj { return obj{"file": r.Set.Path, "row": r.Number} }

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
