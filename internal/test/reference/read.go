package reference

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The classes of rows.
const (
	mapped               = "MAPPED"
	nonMappableTechnique = "NON_MAPPABLE_TECHNIQUE"
	nonMappableControl   = "NON_MAPPABLE_CAPABILITY"
	incomplete           = "INCOMPLETE"
)

// Row is a row of a mapping file as it is understood.
type Row struct {
	Set       *Set
	Number    int
	Class     string
	Spelled   string // the capability's id, trimmed
	Canonical string
	Technique string // as written
	Title     string
	Group     string
	Label     string
	Type      string
	Relation  string
	Category  string
	Value     string
	Comments  string
	Status    string
	Author    string
	URLs      []string // an empty one where an item holds none
}

// Set is a mapping set: a file of which exact duplicates are dropped.
type Set struct {
	Framework, Version, Attack, Domain string
	Path                               string
	Types, Groups                      []Named
	Rows                               []*Row
	Classes                            map[string]int // rows of each class, duplicates included
	Duplicates                         int
}

// ID is the set's readable id.
func (s *Set) ID() string {
	return s.Framework + "/" + strings.ReplaceAll(s.Version, "/", ".") + "@" + s.Attack + "/" + s.Domain
}

// Data is what a world says, understood.
type Data struct {
	World      *World
	Sets       []*Set // by framework, ATT&CK version, framework version, domain
	Releases   []*Known
	Frameworks []Framework // of which a set is loaded, by id
	Scores     map[string]float64
}

// Read understands a world.
func Read(w *World) *Data {
	d := &Data{World: w, Scores: map[string]float64{}}
	for i := range w.Releases {
		d.Releases = append(d.Releases, readRelease(&w.Releases[i]))
	}
	slices.SortFunc(d.Releases, func(a, b *Known) int {
		return cmp.Or(cmp.Compare(domainPlace(a.Domain), domainPlace(b.Domain)), olderFirst(a.Version, b.Version))
	})
	for i := range w.Files {
		d.Sets = append(d.Sets, readSet(&w.Files[i]))
	}
	slices.SortFunc(d.Sets, func(a, b *Set) int {
		return cmp.Or(strings.Compare(a.Framework, b.Framework), olderFirst(a.Attack, b.Attack), olderFirst(a.Version, b.Version),
			cmp.Compare(domainPlace(a.Domain), domainPlace(b.Domain)))
	})
	for _, p := range w.Priorities {
		d.Scores[p.Technique] = p.Score
	}
	d.describeFrameworks()
	return d
}

var domains = []string{"enterprise", "mobile", "ics"}

func domainPlace(domain string) int { return slices.Index(domains, domain) }

var published = []Framework{
	{"nist_800_53", "NIST SP 800-53", "CONTROL_FRAMEWORK"}, {"cri_profile", "CRI Profile", "CONTROL_FRAMEWORK"},
	{"csa_ccm", "CSA Cloud Controls Matrix", "CONTROL_FRAMEWORK"},
	{"aws", "AWS", "CLOUD_PLATFORM"}, {"azure", "Azure", "CLOUD_PLATFORM"}, {"gcp", "Google Cloud", "CLOUD_PLATFORM"}, {"m365", "Microsoft 365", "CLOUD_PLATFORM"},
	{"intel-vpro", "Intel vPro", "HARDWARE_PLATFORM"}, {"kev", "CISA KEV", "VULNERABILITY_CATALOG"}, {"veris", "VERIS", "INCIDENT_TAXONOMY"},
}

// describeFrameworks lists the frameworks that a set names: as a file of the
// folder describes them, else as published, else as controls.
func (d *Data) describeFrameworks() {
	for _, s := range d.Sets {
		if slices.ContainsFunc(d.Frameworks, func(f Framework) bool { return f.ID == s.Framework }) {
			continue
		}
		described := Framework{s.Framework, s.Framework, "CONTROL_FRAMEWORK"}
		for _, f := range slices.Concat(published, d.World.Frameworks) {
			if f.ID == s.Framework {
				described = f
			}
		}
		d.Frameworks = append(d.Frameworks, described)
	}
	slices.SortFunc(d.Frameworks, func(a, b Framework) int { return strings.Compare(a.ID, b.ID) })
}

func readSet(f *File) *Set {
	s := &Set{
		Framework: strings.TrimSpace(f.Framework), Version: strings.TrimSpace(f.Version), Attack: strings.TrimSpace(f.Attack), Domain: strings.TrimSpace(f.Domain),
		Path: f.Path, Types: f.Types, Groups: f.Groups, Classes: map[string]int{},
	}
	seen := map[string]bool{}
	for i, raw := range f.Rows {
		row := s.readRow(i+1, raw)
		s.Classes[row.Class]++
		same := sameness(raw)
		if seen[same] {
			s.Duplicates++
			continue
		}
		seen[same] = true
		s.Rows = append(s.Rows, row)
	}
	return s
}

// fieldsOf gives a row's members by name, of which the last of a name counts;
// absent, null, "" and [] are left out.
func fieldsOf(raw Raw) map[string]any {
	fields := map[string]any{}
	for _, m := range raw {
		delete(fields, m.Name)
		switch v := m.Value.(type) {
		case nil:
		case string:
			if v = strings.TrimSpace(v); v != "" {
				fields[m.Name] = v
			}
		case []string:
			list := make([]string, len(v))
			for i := range v {
				list[i] = strings.TrimSpace(v[i])
			}
			if len(list) > 0 {
				fields[m.Name] = list
			}
		default:
			fields[m.Name] = v
		}
	}
	return fields
}

// sameness is equal for rows that are exact duplicates of each other.
func sameness(raw Raw) string { return string(compact(fieldsOf(raw))) }

func (s *Set) readRow(number int, raw Raw) *Row {
	fields := fieldsOf(raw)
	text := func(name string) string { v, _ := fields[name].(string); return v }
	references, _ := fields["references"].([]string)
	r := &Row{
		Set: s, Number: number, Spelled: text("capability_id"), Technique: text("attack_object_id"), Title: text("capability_description"),
		Group: text("capability_group"), Label: text("attack_object_name"), Type: text("mapping_type"),
		Category: strings.ToUpper(text("score_category")), Value: strings.ToUpper(text("score_value")),
		Comments: text("comments"), Status: text("status"), Author: text("author"), URLs: repairReferences(references),
	}
	r.Canonical = canonical(s.Framework, r.Spelled)
	r.Relation = s.relation(r.Type)
	refused := r.Status == "non_mappable" || r.Type == "non_mappable"
	switch {
	case r.Technique != "" && r.Spelled != "" && !refused:
		r.Class = mapped
	case r.Technique != "" && r.Spelled == "" && refused:
		r.Class = nonMappableTechnique
	case r.Technique == "" && r.Spelled != "" && refused:
		r.Class = nonMappableControl
	default:
		r.Class = incomplete
	}
	return r
}

var relations = map[string]string{
	"mitigates": "MITIGATES", "protects": "MITIGATES", "technique_score": "SCORED", "technique_scores": "SCORED",
	"exploitation_technique": "EXPLOITATION_TECHNIQUE", "primary_impact": "PRIMARY_IMPACT", "secondary_impact": "SECONDARY_IMPACT", "related_to": "RELATED_TO",
}

// relationNames lists the relations in order.
var relationNames = []string{"MITIGATES", "SCORED", "EXPLOITATION_TECHNIQUE", "PRIMARY_IMPACT", "SECONDARY_IMPACT", "RELATED_TO", "OTHER"}

// relation reads a mapping type's id, else the name that the set declares for it.
func (s *Set) relation(id string) string {
	names := []string{id}
	for _, t := range s.Types {
		if t.ID == id {
			names = append(names, t.Name)
		}
	}
	for _, name := range names {
		if r := relations[strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(name))]; r != "" {
			return r
		}
	}
	return "OTHER"
}

var digits = regexp.MustCompile(`\d+`)

// canonical is the identity of a capability id within its framework.
func canonical(framework, id string) string {
	id = strings.TrimSpace(id)
	switch framework {
	case "nist_800_53":
		return digits.ReplaceAllStringFunc(strings.ToUpper(id), func(n string) string {
			return cmp.Or(strings.TrimLeft(n, "0"), "0")
		})
	case "veris":
		return strings.ToLower(id)
	}
	return id
}

// orderKey is what capability ids are ordered by.
func orderKey(id string) string {
	return digits.ReplaceAllStringFunc(id, func(n string) string { return strings.Repeat("0", max(0, 6-len(n))) + n })
}

var (
	scheme   = regexp.MustCompile(`https?://`)
	boundary = regexp.MustCompile(`[\s;,]*[\s;][\s;,]*https?://`)
)

// repairReferences gives the URL of each reference; one without is empty.
func repairReferences(items []string) []string {
	// Trim and drop.
	var whole []string
	for _, item := range items {
		if item = strings.TrimSpace(item); item != "" && item != "[]" {
			whole = append(whole, item)
		}
	}
	// Split items that hold two URLs.
	var parts []string
	for _, item := range whole {
		begin := 0
		if first := scheme.FindStringIndex(item); first != nil {
			for _, b := range boundary.FindAllStringIndex(item, -1) {
				if b[0] > first[0] {
					parts = append(parts, item[begin:b[0]])
					begin = b[1] - len(scheme.FindString(item[b[0]:b[1]]))
				}
			}
		}
		parts = append(parts, item[begin:])
	}
	// Strip what is before the scheme, and put fragments back to their URL.
	var urls []string
	open := false // the last URL had a text fragment, and may go on
	for _, part := range parts {
		at := scheme.FindStringIndex(part)
		switch {
		case at == nil && open:
			urls[len(urls)-1] += "," + part
		case at == nil:
			urls = append(urls, "")
		default:
			urls = append(urls, part[at[0]:])
			open = strings.Contains(part[at[0]:], "#:~:text=")
		}
	}
	return urls
}

// Technique is a technique of a release.
type Technique struct {
	ID, Name, Status string // Status is ACTIVE, REVOKED or DEPRECATED
	Successor        string // what revoked-by names
	Parent           string
	Tactics          []string // ATT&CK ids, in matrix order
	Platforms        []string // in byte order
}

// Thing is an ATT&CK object that is no technique.
type Thing struct {
	ID, Name, Status, Short string
	Aliases                 []string
}

// Known is a release that is understood.
type Known struct {
	Domain, Version string
	Techniques      map[string]*Technique
	Tactics         []*Thing // in matrix order, without withdrawn ones that no active technique has
	Groups          map[string]*Thing
	Software        map[string]*Thing
	Campaigns       map[string]*Thing
	Mitigations     map[string]*Thing
	links           map[linkOf]bool // live ones
}

type linkOf struct{ name, fromKind, from, toKind, to string }

// Name is the release as ids write it.
func (k *Known) Name() string { return k.Domain + "@" + k.Version }

func statusOf(o *Object) string {
	switch {
	case o.Revoked:
		return "REVOKED"
	case o.Deprecated:
		return "DEPRECATED"
	}
	return "ACTIVE"
}

var kindOf = map[string]string{"attack-pattern": "technique", "x-mitre-tactic": "tactic", "intrusion-set": "group", "malware": "software", "tool": "software",
	"campaign": "campaign", "course-of-action": "mitigation"}

// standing gives the objects of a kind by ATT&CK id: where two share one, the
// active one, else the revoked one.
func (r *Release) standing(kind string) map[string]*Object {
	rank := map[string]int{"ACTIVE": 0, "REVOKED": 1, "DEPRECATED": 2}
	found := map[string]*Object{}
	for i := range r.Objects {
		o := &r.Objects[i]
		if kindOf[o.Type] != kind || o.ID == "" {
			continue
		}
		if old := found[o.ID]; old == nil || rank[statusOf(o)] < rank[statusOf(old)] {
			found[o.ID] = o
		}
	}
	return found
}

func readRelease(r *Release) *Known {
	k := &Known{Domain: r.Domain, Version: r.Version, Techniques: map[string]*Technique{}, links: map[linkOf]bool{}}
	byStix := map[string]*Object{}
	for i := range r.Objects {
		byStix[r.Objects[i].Stix] = &r.Objects[i]
	}
	k.readLinks(r, byStix)
	for id, o := range r.standing("technique") {
		t := &Technique{ID: id, Name: o.Name, Status: statusOf(o), Platforms: slices.Compact(slices.Sorted(slices.Values(o.Platforms)))}
		k.Techniques[id] = t
		if t.Status == "REVOKED" {
			t.Successor = end(r, byStix, "revoked-by", o)
		}
		t.Parent = end(r, byStix, "subtechnique-of", o)
	}
	for id, o := range r.standing("technique") {
		// The published releases lack some of these relationships.
		if before, _, dotted := strings.Cut(id, "."); k.Techniques[id].Parent == "" && o.Sub && dotted && k.Techniques[before] != nil {
			k.Techniques[id].Parent = before
		}
	}
	k.readTactics(r, byStix)
	k.Groups, k.Software = things(r.standing("group")), things(r.standing("software"))
	k.Campaigns, k.Mitigations = things(r.standing("campaign")), things(r.standing("mitigation"))
	return k
}

func things(objects map[string]*Object) map[string]*Thing {
	out := map[string]*Thing{}
	for id, o := range objects {
		out[id] = &Thing{ID: id, Name: o.Name, Status: statusOf(o), Short: o.Short, Aliases: o.Aliases}
	}
	return out
}

// end gives the ATT&CK id that an object's relationship of a name leads to.
func end(r *Release, byStix map[string]*Object, name string, from *Object) string {
	for _, l := range r.Links {
		if l.Name != name || l.From != from.Stix || l.Revoked || l.Deprecated {
			continue
		}
		if to := byStix[l.To]; to != nil && to.Type == "attack-pattern" && to.ID != from.ID {
			return to.ID
		}
	}
	return ""
}

// readLinks keeps the relationships where neither they nor an end is revoked or
// deprecated.
func (k *Known) readLinks(r *Release, byStix map[string]*Object) {
	for _, l := range r.Links {
		from, to := byStix[l.From], byStix[l.To]
		if l.Revoked || l.Deprecated || from == nil || to == nil || statusOf(from) != "ACTIVE" || statusOf(to) != "ACTIVE" {
			continue
		}
		k.links[linkOf{l.Name, kindOf[from.Type], from.ID, kindOf[to.Type], to.ID}] = true
	}
}

// readTactics puts the tactics in the order of the matrices: the matrix with
// more tactics first, then what is in none, active ones first.
func (k *Known) readTactics(r *Release, byStix map[string]*Object) {
	standing := r.standing("tactic")
	var matrices [][]string
	var names []string
	for _, m := range r.Matrices {
		if m.Deprecated {
			continue
		}
		var ids []string
		for _, stix := range m.Tactics {
			if o := byStix[stix]; o != nil && o.Type == "x-mitre-tactic" && !slices.Contains(ids, o.ID) {
				ids = append(ids, o.ID)
			}
		}
		matrices, names = append(matrices, ids), append(names, m.Stix)
	}
	place := make([]int, len(matrices))
	for i := range place {
		place[i] = i
	}
	slices.SortFunc(place, func(a, b int) int {
		return cmp.Or(cmp.Compare(len(matrices[b]), len(matrices[a])), strings.Compare(names[a], names[b]))
	})
	var order []string
	for _, i := range place {
		order = append(order, matrices[i]...)
	}
	for _, status := range []string{"ACTIVE", ""} {
		for _, id := range sorted(standing) {
			if status == "" || statusOf(standing[id]) == status {
				order = append(order, id)
			}
		}
	}
	// A technique's tactics in that order, by id.
	var all []*Object
	for _, id := range order {
		if !slices.Contains(all, standing[id]) {
			all = append(all, standing[id])
		}
	}
	for id, o := range r.standing("technique") {
		for _, t := range all {
			if slices.Contains(o.Phases, t.Short) {
				k.Techniques[id].Tactics = append(k.Techniques[id].Tactics, t.ID)
			}
		}
	}
	for _, t := range all {
		used := false
		for _, technique := range k.Techniques {
			used = used || technique.Status == "ACTIVE" && slices.Contains(technique.Tactics, t.ID)
		}
		if statusOf(t) == "ACTIVE" || used {
			k.Tactics = append(k.Tactics, &Thing{ID: t.ID, Name: t.Name, Status: statusOf(t), Short: t.Short})
		}
	}
	// What is not shown is no tactic of anything.
	for _, technique := range k.Techniques {
		technique.Tactics = slices.DeleteFunc(technique.Tactics, func(id string) bool {
			return !slices.ContainsFunc(k.Tactics, func(t *Thing) bool { return t.ID == id })
		})
	}
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// users lists the ids of the objects of a kind whose live links of a name point
// to an object, by id.
func (k *Known) users(name, kind, toKind, to string) []string {
	var ids []string
	for l := range k.links {
		if l.name == name && l.fromKind == kind && l.toKind == toKind && l.to == to {
			ids = append(ids, l.from)
		}
	}
	slices.Sort(ids)
	return ids
}

// used lists the ids that an object's live links of a name point to, by id.
func (k *Known) used(name, kind, from, toKind string) []string {
	var ids []string
	for l := range k.links {
		if l.name == name && l.fromKind == kind && l.from == from && l.toKind == toKind {
			ids = append(ids, l.to)
		}
	}
	slices.Sort(ids)
	return ids
}

// universe lists the active techniques, by id.
func (k *Known) universe() []string {
	var ids []string
	for _, id := range sorted(k.Techniques) {
		if k.Techniques[id].Status == "ACTIVE" {
			ids = append(ids, id)
		}
	}
	return ids
}

// release finds a loaded release, or nil.
func (d *Data) release(domain, version string) *Known {
	for _, k := range d.Releases {
		if k.Domain == domain && k.Version == version {
			return k
		}
	}
	return nil
}

// align places a technique id, written for any release, in a release. A reason
// says that it has no place.
func (d *Data) align(k *Known, id string) (to, reason string) {
	t := k.Techniques[id]
	if t == nil {
		for _, other := range d.Releases {
			if other.Version == k.Version && other.Domain != k.Domain && other.Techniques[id] != nil {
				return "", "OTHER_DOMAIN"
			}
		}
		return "", "UNKNOWN"
	}
	switch t.Status {
	case "ACTIVE":
		return id, ""
	case "DEPRECATED":
		return "", "DEPRECATED"
	}
	been := map[string]bool{}
	for t != nil && t.Status == "REVOKED" && !been[t.ID] {
		been[t.ID] = true
		t = k.Techniques[t.Successor]
	}
	if t != nil && t.Status == "ACTIVE" {
		return t.ID, ""
	}
	return "", "REVOKED"
}

// CodedError is an answer that is an error with a code.
type CodedError struct{ Code, Message string }

func (e *CodedError) Error() string { return e.Code + ": " + e.Message }

// fail ends an answer with a coded error; see Question.Answer.
func fail(code, format string, args ...any) {
	panic(&CodedError{code, fmt.Sprintf(format, args...)})
}
