package reference

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// maker makes worlds at random, with every oddity of published files.
type maker struct {
	*rand.Rand
	world *World
}

// Random makes a small world. The same seed makes the same world.
func Random(seed uint64) *World {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7)), world: &World{}}
	for _, domain := range []string{"enterprise", "mobile"} {
		versions := []string{"9.0", "10.1", "16.1", "18.0"}
		if domain == "mobile" {
			versions = []string{"16.1"}
		}
		for _, v := range versions {
			if m.IntN(4) > 0 || v == "16.1" {
				m.world.Releases = append(m.world.Releases, m.release(domain, v))
			}
		}
	}
	m.files()
	for _, id := range techniqueIDs {
		if m.IntN(3) == 0 {
			m.world.Priorities = append(m.world.Priorities, Priority{id, float64(m.IntN(30)) / 10})
		}
	}
	if m.IntN(2) == 0 {
		m.world.Frameworks = append(m.world.Frameworks, Framework{"acme", "Acme Controls", pick(m, "CONTROL_FRAMEWORK", "CLOUD_PLATFORM", "VULNERABILITY_CATALOG")})
	}
	return m.world
}

func pick[T any](m *maker, of ...T) T { return of[m.IntN(len(of))] }

// sample gives some of a list, in its order.
func sample[T any](m *maker, of []T, oneIn int) []T {
	var out []T
	for _, v := range of {
		if m.IntN(oneIn) == 0 {
			out = append(out, v)
		}
	}
	return out
}

var (
	techniqueIDs = []string{"T1001", "T1001.001", "T1001.002", "T1002", "T1003", "T1003.001", "T1003.010", "T1004", "T1010", "T1011", "T1500", "T1600"}
	tacticIDs    = []string{"TA0001", "TA0002", "TA0003"}
	tacticNames  = []string{"initial-access", "execution", "impact"}
	platforms    = []string{"Windows", "Linux", "SaaS"}
)

func (m *maker) release(domain, version string) Release {
	r := Release{Domain: domain, Version: version}
	prefix := domain[:1] + version
	add := func(o Object) string {
		o.Stix = fmt.Sprintf("%s--%s-%d", o.Type, prefix, len(r.Objects))
		r.Objects = append(r.Objects, o)
		return o.Stix
	}
	var techniques []string // STIX ids
	for _, id := range techniqueIDs {
		if always := domain == "mobile" && id == "T1600"; !always && (m.IntN(7) == 0 || domain == "mobile" && m.IntN(3) > 0) {
			continue
		}
		o := m.technique(id)
		techniques = append(techniques, add(o))
		if m.IntN(12) == 0 { // another object of the same id, of which only one is active
			other := m.technique(id)
			other.Revoked, other.Deprecated = !o.Revoked && !o.Deprecated, false
			techniques = append(techniques, add(other))
		}
	}
	var tactics []string
	for i, id := range tacticIDs {
		tactics = append(tactics, add(Object{Type: "x-mitre-tactic", ID: id, Name: "Tactic " + id, Short: tacticNames[i], Deprecated: m.IntN(8) == 0}))
	}
	m.Shuffle(len(tactics), func(i, j int) { tactics[i], tactics[j] = tactics[j], tactics[i] })
	r.Matrices = append(r.Matrices, Matrix{Stix: "x-mitre-matrix--" + prefix, Tactics: tactics})
	if m.IntN(5) == 0 {
		r.Matrices = append(r.Matrices, Matrix{Stix: "x-mitre-matrix--2" + prefix, Tactics: tactics[:1]})
	}
	m.relate(&r, techniques, add)
	return r
}

func (m *maker) technique(id string) Object {
	o := Object{
		Type: "attack-pattern", ID: id, Name: pick(m, "Alpha", "Beta", "Gamma", "Delta "+id),
		Phases: sample(m, tacticNames, 2), Platforms: sample(m, platforms, 2), Sub: len(id) > 5,
	}
	o.Revoked, o.Deprecated = m.IntN(6) == 0, m.IntN(9) == 0
	return o
}

// relate links techniques to their parents and successors, and to those who use
// and mitigate them; some of it is revoked.
func (m *maker) relate(r *Release, techniques []string, add func(Object) string) {
	link := func(name, from, to string) {
		r.Links = append(r.Links, Link{Name: name, From: from, To: to, Revoked: m.IntN(15) == 0, Deprecated: m.IntN(20) == 0})
	}
	byStix := map[string]Object{}
	for _, o := range r.Objects {
		byStix[o.Stix] = o
	}
	for _, t := range techniques {
		o := byStix[t]
		if o.Revoked && m.IntN(6) > 0 {
			link("revoked-by", t, pick(m, techniques...)) // perhaps revoked itself, perhaps back again
		}
		if o.Sub && m.IntN(5) > 0 {
			for _, p := range techniques {
				if byStix[p].ID == o.ID[:5] {
					link("subtechnique-of", t, p)
				}
			}
		}
	}
	for i, kind := range []string{"intrusion-set", "malware", "tool", "campaign", "course-of-action"} {
		for n := range 2 {
			o := Object{Type: kind, ID: fmt.Sprintf("%s%04d", []string{"G", "S", "S1", "C", "M"}[i], n+1), Name: fmt.Sprintf("%s %d", kind, n), Revoked: m.IntN(9) == 0, Deprecated: m.IntN(12) == 0}
			if m.IntN(2) == 0 {
				o.Aliases = []string{fmt.Sprintf("alias of %s %d", kind, n)}
			}
			from := add(o)
			name := "uses"
			if kind == "course-of-action" {
				name = "mitigates"
			}
			for _, t := range sample(m, techniques, 3) {
				link(name, from, t)
			}
		}
	}
}

// sets are what files are made for: several versions, releases that are not
// loaded, and frameworks that nothing describes.
var sets = []struct{ framework, version, attack, domain string }{
	{"nist_800_53", "rev4", "10.1", "enterprise"}, {"nist_800_53", "rev5", "10.1", "enterprise"}, {"nist_800_53", "rev5", "16.1", "enterprise"},
	{"aws", "09/21/2021", "9.0", "enterprise"}, {"aws", "12/12/2024", "16.1", "enterprise"},
	{"azure", "06.29.2021", "8.2", "enterprise"}, {"m365", "12/11/2023", "14.1", "enterprise"},
	{"csa_ccm", "4.1", "17.1", "enterprise"}, {"kev", "07/28/2025", "16.1", "enterprise"}, {"kev", "02/13/2025", "15.1", "enterprise"},
	{"veris", "1.4.0", "16.1", "enterprise"}, {"veris", "1.4.0", "16.1", "mobile"}, {"acme", "2", "18.0", "enterprise"}, {"acme", "10", "18.0", "enterprise"},
}

func (m *maker) files() {
	for _, s := range sample(m, sets, 2) {
		f := File{Framework: s.framework, Version: s.version, Attack: s.attack, Domain: s.domain}
		f.Path = fmt.Sprintf("mappings/%s-%s-%s-%s.json", s.framework, slug(s.version), s.attack, s.domain)
		f.Types = []Named{{"mitigates", "Mitigates"}, {"technique_scores", "Technique Scores"}, {"exploitation_technique", "exploitation"}, {"primary_impact", "primary impact"}, {"related-to", "related to"}, {"odd", "protects"}}
		f.Groups = []Named{{"AC", "Access"}, {"SI", "Integrity"}, {"unused", "Unused"}}
		for range 4 + m.IntN(22) {
			f.Rows = append(f.Rows, m.row(s.framework))
			if m.IntN(9) == 0 {
				f.Rows = append(f.Rows, slices.Clone(pick(m, f.Rows...))) // an exact duplicate
			}
			if m.IntN(12) == 0 { // the same in other words
				other := slices.Clone(pick(m, f.Rows...))
				f.Rows = append(f.Rows, append(other, Member{"comments", "said otherwise"}))
			}
		}
		m.world.Files = append(m.world.Files, f)
	}
	if len(m.world.Files) == 0 {
		m.files()
	}
}

func slug(s string) string {
	out := []rune(s)
	for i, r := range out {
		if r == '/' {
			out[i] = '.'
		}
	}
	return string(out)
}

var capabilities0 = map[string][]string{
	"nist_800_53": {"AC-2", "AC-02", "ac-2 ", "AC-10", "AC-3", "SI-4", "CM-02(01)", "CM-2(1)"},
	"veris":       {"action.hacking.variety.Other", "Action.Hacking.Variety.Other", "attribute.x", "action.malware.variety.Spyware"},
	"kev":         {"CVE-2021-44228", "CVE-2020-0001", "CVE-2019-9999"},
	"m365":        {"EID-CA-E3", "EOP-AMW-E5", "PUR-AS-E5"},
	"":            {"one", "two", "three", "four_4", "four_10", "A&A-01"},
}

func (m *maker) row(framework string) Raw {
	ids := capabilities0[framework]
	if ids == nil {
		ids = capabilities0[""]
	}
	id := pick(m, ids...)
	technique := pick(m, techniqueIDs...)
	if m.IntN(15) == 0 {
		technique = "T9999"
	}
	var r Raw
	put := func(name string, value any) { r = append(r, Member{name, value}) }
	optional := func(name string, value any) {
		switch m.IntN(6) {
		case 0:
		case 1:
			put(name, nil)
		case 2:
			put(name, "")
		default:
			put(name, value)
		}
	}
	kind, status := pick(m, "mitigates", "technique_scores", "odd", "undeclared", "related-to"), "complete"
	if framework == "kev" {
		kind = pick(m, "exploitation_technique", "primary_impact", "secondary_impact")
	}
	switch m.IntN(14) {
	case 0: // a technique that cannot be mapped
		put("mapping_type", pick(m, any("non_mappable"), nil))
		put("status", "non_mappable")
		put("attack_object_id", technique)
		optional("comments", "cannot be mapped")
		return r
	case 1: // a capability that cannot
		put("mapping_type", pick(m, any("non_mappable"), nil))
		put("status", "non_mappable")
		put("capability_id", id)
		optional("capability_group", pick(m, "AC", "SI"))
		return r
	case 2: // neither one nor the other
		put("mapping_type", kind)
		put("status", status)
		optional("capability_id", id)
		put("attack_object_id", nil)
		return r
	}
	put("mapping_type", kind)
	put("status", status)
	put("attack_object_id", pick(m, technique, technique+" "))
	put("attack_object_name", pick(m, "Alpha", " Beta  ", "wrong"))
	put("capability_id", id)
	optional("capability_description", pick(m, "Title A", "Title B", "Title B ", "title of "+id))
	optional("capability_group", pick(m, "AC", "SI", "odd group"))
	if m.IntN(3) > 0 {
		optional("score_category", pick(m, "protect", "detect", "respond"))
		optional("score_value", pick(m, "minimal", "partial", "significant"))
	}
	optional("comments", pick(m, "a comment", " with blanks \n", "another"))
	if m.IntN(3) == 0 {
		put("references", sample(m, []string{" https://example.org/a ", "https://example.org/b#:~:text=one", "two", "[]", "", "Ref: https://example.org/c", "https://example.org/d; https://example.org/e"}, 2))
	}
	if m.IntN(10) == 0 {
		put("capability_group", pick(m, any("AC"), nil)) // a name that comes twice: the last counts
	}
	return r
}

// Ask makes questions of every kind about a world, at random. They ask for what
// is there, mostly.
func Ask(seed uint64, w *World, d *Data) []*Question {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 11)), world: w}
	var list []*Question
	for _, kind := range sorted(kinds) {
		if q := m.question(kind, d); q != nil {
			list = append(list, q)
		}
	}
	return list
}

func (m *maker) question(kind string, d *Data) *Question {
	q := &Question{Kind: kind, View: m.view(d), Frameworks: m.frameworks(d), Filter: m.filter(d), Scope: m.scope(), Page: 1 + m.IntN(9)}
	q.RollUp = pick(m, "", "", "NONE", "PARENT_IF_ANY_CHILD", "PARENT_IF_ALL_CHILDREN", "CHILDREN_OF_MAPPED_PARENT")
	q.Framework = pick(m, d.Frameworks...).ID
	q.ID = m.capability(q.Framework)
	if slices.Contains([]string{"coverage", "matrix", "gaps", "greedyCover", "exactCover", "group"}, kind) && m.IntN(3) == 0 {
		q.Stack = m.stack(d)
	}
	if slices.Contains([]string{"greedyCover", "exactCover", "vulnerability", "incident"}, kind) && len(q.Frameworks) == 0 {
		q.Frameworks = []string{q.Framework}
	}
	switch kind {
	case "gaps":
		q.OrderBy = pick(m, "", "ATTACK_ID", "GROUPS", "SOFTWARE", "KEV", "TOP_TECHNIQUES", "NAME")
	case "overlap":
		for len(q.Frameworks) < 2 {
			q.Frameworks = append(q.Frameworks, pick(m, d.Frameworks...).ID)
		}
	case "crosswalk":
		q.From, q.To = pick(m, d.Frameworks...).ID, pick(m, d.Frameworks...).ID
		q.OrderBy = pick(m, "", "WEIGHTED", "SHARED", "JACCARD", "FROM_CONTAINED", "TO_CONTAINED", "FROM")
		if m.IntN(3) == 0 {
			q.MinShared = new(1 + m.IntN(3))
		}
		if m.IntN(4) == 0 {
			q.MinWeighted = new(float64(m.IntN(10)) / 10)
		}
		if m.IntN(4) == 0 {
			q.FromCapabilities = []string{m.capability(q.From)}
		}
	case "similar":
		q.To, q.Page = pick(m, d.Frameworks...).ID, 1000
	case "compareCapabilities":
		q.A, q.B = m.ref(d), m.ref(d)
	case "greedyCover", "exactCover":
		q.Weight = pick(m, "", "", "GROUPS", "SOFTWARE", "KEV", "TOP_TECHNIQUES")
		if m.IntN(3) == 0 {
			q.Target = new(float64(1+m.IntN(10)) / 10)
		}
		if m.IntN(4) == 0 {
			q.Budget = new(1 + m.IntN(4))
		}
	case "compareStacks":
		q.StackA, q.StackB = m.stack(d), m.stack(d)
	case "mappingDiff":
		q.From, q.To = pick(m, d.Sets...).ID(), pick(m, d.Sets...).ID()
		if m.IntN(2) == 0 {
			q.Align = new(m.IntN(2) == 0)
		}
	case "attackDiff":
		q.View = &ViewInput{Domain: "ENTERPRISE"}
		q.From, q.To = pick(m, d.Releases...).Version, pick(m, d.Releases...).Version
	case "lift":
		q.From, q.To = pick(m, d.Sets...).ID(), pick(m, d.Releases...).Version
	case "vulnerability":
		q.ID, q.Relations = pick(m, "CVE-2021-44228", "cve-2020-0001", "CVE-1-1"), sample(m, []string{"EXPLOITATION_TECHNIQUE", "PRIMARY_IMPACT"}, 3)
	case "incident":
		q.ID = pick(m, "action.hacking.variety.other", "Attribute.X")
	case "technique":
		q.ID = pick(m, pick(m, techniqueIDs...), "t1001/001", "T0")
	case "group":
		q.ID = pick(m, "G0001", "G0002", "alias of intrusion-set 0", "intrusion-set 1", "g0001")
	case "setMappings":
		q.ID = pick(m, d.Sets...).ID()
	}
	return q
}

func (m *maker) view(d *Data) *ViewInput {
	if m.IntN(5) == 0 {
		return nil
	}
	in := &ViewInput{}
	if m.IntN(6) == 0 {
		in.Domain = "MOBILE"
	}
	for _, r := range d.Releases {
		if r.Domain == domainOf(in.Domain) && m.IntN(2) == 0 {
			in.AttackVersion = r.Version
		}
	}
	for _, s := range d.Sets {
		if s.Domain == domainOf(in.Domain) && m.IntN(8) == 0 {
			in.Sets = append(in.Sets, s.ID())
			break
		}
	}
	return in
}

func (m *maker) frameworks(d *Data) []string {
	var ids []string
	for _, f := range d.Frameworks {
		if m.IntN(2) == 0 {
			ids = append(ids, f.ID)
		}
	}
	m.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids
}

func (m *maker) capability(framework string) string {
	ids := capabilities0[framework]
	if ids == nil {
		ids = capabilities0[""]
	}
	return pick(m, ids...)
}

func (m *maker) ref(d *Data) *Ref {
	f := pick(m, d.Frameworks...).ID
	return &Ref{f, m.capability(f)}
}

func (m *maker) stack(d *Data) *Stack {
	s := &Stack{}
	if m.IntN(2) == 0 {
		s.Frameworks = m.frameworks(d)
	}
	for range m.IntN(4) {
		s.Capabilities = append(s.Capabilities, *m.ref(d))
	}
	if m.IntN(3) == 0 {
		s.Techniques = sample(m, techniqueIDs, 4)
	}
	return s
}

func (m *maker) filter(d *Data) *Filter {
	if m.IntN(3) == 0 {
		return nil
	}
	f := &Filter{}
	if m.IntN(4) == 0 {
		f.Frameworks = m.frameworks(d)
	}
	if m.IntN(6) == 0 {
		f.Capabilities = []Ref{*m.ref(d), *m.ref(d)}
	}
	if m.IntN(6) == 0 {
		f.CapabilityGroups = sample(m, []string{"AC", "SI", "odd group"}, 2)
	}
	if m.IntN(5) == 0 {
		f.Relations = sample(m, relationNames, 2)
	}
	if m.IntN(3) == 0 {
		f.Categories = sample(m, []string{"PROTECT", "DETECT", "RESPOND"}, 2)
	}
	if m.IntN(3) == 0 {
		f.MinScore = pick(m, "MINIMAL", "PARTIAL", "SIGNIFICANT")
	}
	if m.IntN(2) == 0 {
		f.IncludeUnscored = new(m.IntN(2) == 0)
	}
	return f
}

func (m *maker) scope() *Scope {
	if m.IntN(3) > 0 {
		return nil
	}
	s := &Scope{KevOnly: m.IntN(6) == 0, Level: pick(m, "", "", "ALL", "TECHNIQUES", "SUB_TECHNIQUES")}
	if m.IntN(3) == 0 {
		s.Techniques = sample(m, techniqueIDs, 2)
	}
	if m.IntN(3) == 0 {
		s.Tactics = sample(m, []string{"TA0001", "execution", "tactic ta0003"}, 2)
	}
	if m.IntN(4) == 0 {
		s.Platforms = sample(m, []string{"windows", "Linux", "SAAS"}, 2)
	}
	if m.IntN(4) == 0 {
		s.Groups = sample(m, []string{"G0001", "alias of intrusion-set 1"}, 2)
	}
	if m.IntN(5) == 0 {
		s.Software = sample(m, []string{"S0001", "tool 1"}, 2)
	}
	if m.IntN(5) == 0 {
		s.Campaigns = sample(m, []string{"C0001", "campaign 1"}, 2)
	}
	return s
}

// Shrunk makes a world smaller as long as something is still wrong with it: it
// leaves out files, releases, rows, objects and links, in halves and one by one.
func Shrunk(w *World, wrong func(*World) bool) *World {
	for again := true; again; {
		again = false
		less := func(n int, without func(w *World, from, to int)) {
			for size := (n + 1) / 2; size > 0; size /= 2 {
				for from := 0; from < n; {
					smaller := w.clone()
					to := min(from+size, n)
					without(smaller, from, to)
					if wrong(smaller) {
						w, n, again = smaller, n-(to-from), true
						continue
					}
					from += size
				}
			}
		}
		less(len(w.Files), func(w *World, a, b int) { w.Files = slices.Delete(w.Files, a, b) })
		less(len(w.Releases), func(w *World, a, b int) { w.Releases = slices.Delete(w.Releases, a, b) })
		less(len(w.Priorities), func(w *World, a, b int) { w.Priorities = slices.Delete(w.Priorities, a, b) })
		for i := range w.Files {
			less(len(w.Files[i].Rows), func(w *World, a, b int) { w.Files[i].Rows = slices.Delete(w.Files[i].Rows, a, b) })
		}
		for i := range w.Releases {
			less(len(w.Releases[i].Links), func(w *World, a, b int) { w.Releases[i].Links = slices.Delete(w.Releases[i].Links, a, b) })
			less(len(w.Releases[i].Objects), func(w *World, a, b int) { w.Releases[i].Objects = slices.Delete(w.Releases[i].Objects, a, b) })
		}
	}
	return w
}

func (w *World) clone() *World {
	c := *w
	c.Files, c.Releases, c.Priorities = slices.Clone(w.Files), slices.Clone(w.Releases), slices.Clone(w.Priorities)
	for i := range c.Files {
		c.Files[i].Rows = slices.Clone(w.Files[i].Rows)
	}
	for i := range c.Releases {
		c.Releases[i].Links, c.Releases[i].Objects = slices.Clone(w.Releases[i].Links), slices.Clone(w.Releases[i].Objects)
	}
	return &c
}
