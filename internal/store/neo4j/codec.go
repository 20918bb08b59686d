package neo4j

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/search"
)

// How the domain is written as properties, and read back: each kind of thing
// once in each direction, side by side. Properties that are empty are left out.

// format changes when the graph is written otherwise, so that data loaded by
// another version of the program is loaded anew, and never misread.
const format = 1

// properties are those of a node or relationship.
type properties map[string]any

func (p properties) text(name, value string) {
	if value != "" {
		p[name] = value
	}
}

func (p properties) list(name string, values []string) {
	if len(values) > 0 {
		p[name] = values
	}
}

// searchable adds by what the thing is found: where it belongs, what it is, and
// its terms.
func (p properties) searchable(scope string, doc *search.Doc) {
	terms := search.TermsOf(doc)
	p["searchScope"] = scope + " " + searchKindToken(doc.Kind)
	p.text("searchIds", strings.Join(terms.IDs, " "))
	p.text("searchNames", strings.Join(terms.Names, " "))
	p.text("searchTexts", strings.Join(terms.Texts, " "))
}

// record reads properties. Of what is not there it gives the zero value, for
// empty properties are not written.
type record map[string]any

func (r record) str(name string) string {
	s, _ := r[name].(string)
	return s
}

func (r record) num(name string) int {
	n, _ := r[name].(int64)
	return int(n)
}

func (r record) float(name string) float64 {
	f, _ := r[name].(float64)
	return f
}

func (r record) strs(name string) []string {
	list, _ := r[name].([]any)
	if len(list) == 0 {
		return nil
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i], _ = v.(string)
	}
	return out
}

func (r record) inner(name string) record {
	m, _ := r[name].(map[string]any)
	return m
}

func (r record) inners(name string) []record {
	list, _ := r[name].([]any)
	out := make([]record, len(list))
	for i, v := range list {
		m, _ := v.(map[string]any)
		out[i] = m
	}
	return out
}

// valueOf gives the value that a name stands for; none has the zero value.
func valueOf[T ~uint8](names kg.Enum[T], name string) T {
	v, _ := names.Parse(name)
	return v
}

// labels are the labels of ATT&CK objects, beside AttackObject.
var labels = map[kg.ObjectKind]string{
	kg.KindTactic: "Tactic", kg.KindGroup: "Group", kg.KindSoftware: "Software", kg.KindCampaign: "Campaign",
	kg.KindMitigation: "Mitigation", kg.KindDataSource: "DataSource", kg.KindDataComponent: "DataComponent",
	kg.KindDetectionStrategy: "DetectionStrategy", kg.KindAnalytic: "Analytic",
}

const (
	techniqueKind  = kg.TechniqueNode
	techniqueLabel = "Technique"
)

// linkShape is how a kind of link is drawn.
type linkShape struct{ from, relationship, to string }

func (s linkShape) String() string { return s.from + " " + s.relationship + " " + s.to }

func shapeOf(kind kg.LinkKind) linkShape {
	parts := strings.Fields(kg.LinkKindNames.Name(kind))
	return linkShape{parts[0], parts[1], parts[2]}
}

// Keys name nodes within a generation, and begin with its own.

func within(g string, id kg.GlobalID) string { return g + "/" + id.String() }

func releaseKey(g string, k kg.ReleaseKey) string { return within(g, k.GlobalID()) }
func frameworkKey(g, id string) string            { return within(g, kg.FrameworkID(id)) }
func setKey(g string, k kg.SetKey) string         { return within(g, k.GlobalID()) }
func mappingKey(g string, id kg.MappingID) string { return within(g, id.GlobalID()) }
func controlKey(g, framework, version, id string) string {
	return g + "/control:" + framework + "/" + version + "/" + id
}

func objectKey(g, kind string, release kg.ReleaseKey, id string) string {
	return within(g, kg.GlobalID{Kind: kind, Release: release, ID: id})
}

func capabilityKey(g string, ref kg.CapabilityRef) string { return within(g, ref.GlobalID()) }

// rowKey names a row of any class; those of class MAPPED are found by their id.
func rowKey(g string, set kg.SetKey, r *kg.Row) string {
	if r.Class == kg.Mapped {
		return mappingKey(g, r.ID)
	}
	return fmt.Sprintf("%s/row:%s/%d", g, set, r.Number)
}

func techniqueProperties(g string, release kg.ReleaseKey, t *kg.Technique) properties {
	p := properties{
		"key": objectKey(g, techniqueKind, release, t.ID), "release": releaseKey(g, release), "kind": techniqueKind,
		"domain": release.Domain.String(), "version": release.Version, "id": t.ID, "name": t.Name, "status": kg.StatusNames.Name(t.Status),
	}
	p.text("stixId", t.StixID)
	p.text("url", t.URL)
	p.text("description", t.Description)
	p.text("revokedBy", t.RevokedBy)
	p.text("parent", t.Parent)
	p.list("tactics", t.Tactics)
	p.list("platforms", t.Platforms)
	return p
}

func (r record) technique() kg.Technique {
	return kg.Technique{
		ID: r.str("id"), StixID: r.str("stixId"), Name: r.str("name"), Description: r.str("description"), URL: r.str("url"),
		Status: valueOf(kg.StatusNames, r.str("status")), RevokedBy: r.str("revokedBy"),
		Tactics: r.strs("tactics"), Platforms: r.strs("platforms"), Parent: r.str("parent"),
	}
}

// objectProperties writes an object; position is its place among its kind.
func objectProperties(g string, release kg.ReleaseKey, o *kg.Object, position int) properties {
	p := properties{
		"key": objectKey(g, o.Kind.String(), release, o.ID), "release": releaseKey(g, release), "kind": o.Kind.String(), "position": position,
		"domain": release.Domain.String(), "version": release.Version, "id": o.ID, "name": o.Name, "status": kg.StatusNames.Name(o.Status),
	}
	p.text("stixId", o.StixID)
	p.text("url", o.URL)
	p.text("description", o.Description)
	p.text("revokedBy", o.RevokedBy)
	p.list("aliases", o.Aliases)
	p.list("platforms", o.Platforms)
	p.text("shortName", o.ShortName)
	p.text("softwareType", o.SoftwareType)
	p.text("firstSeen", o.FirstSeen)
	p.text("lastSeen", o.LastSeen)
	return p
}

func (r record) object() kg.Object {
	return kg.Object{
		Kind: valueOf(kg.ObjectKindNames, r.str("kind")), ID: r.str("id"), StixID: r.str("stixId"), Name: r.str("name"),
		Description: r.str("description"), URL: r.str("url"), Status: valueOf(kg.StatusNames, r.str("status")), RevokedBy: r.str("revokedBy"),
		Aliases: r.strs("aliases"), Platforms: r.strs("platforms"), ShortName: r.str("shortName"), SoftwareType: r.str("softwareType"),
		FirstSeen: r.str("firstSeen"), LastSeen: r.str("lastSeen"),
	}
}

func releaseProperties(g string, s *kg.ReleaseSummary) properties {
	return properties{
		"key": releaseKey(g, s.Key), "id": s.Key.String(), "domain": s.Key.Domain.String(), "version": s.Key.Version,
		"techniques": s.Techniques, "subtechniques": s.SubTechniques, "tactics": s.Tactics, "groups": s.Groups,
		"software": s.Software, "campaigns": s.Campaigns, "mitigations": s.Mitigations,
	}
}

func (r record) releaseSummary() (kg.ReleaseSummary, error) {
	key, err := kg.ParseReleaseKey(r.str("id"))
	return kg.ReleaseSummary{
		Key: key, Techniques: r.num("techniques"), SubTechniques: r.num("subtechniques"), Tactics: r.num("tactics"), Groups: r.num("groups"),
		Software: r.num("software"), Campaigns: r.num("campaigns"), Mitigations: r.num("mitigations"),
	}, err
}

func frameworkProperties(g string, f *kg.Framework) properties {
	return properties{"key": frameworkKey(g, f.ID), "id": f.ID, "name": f.Name, "kind": kg.FrameworkKindNames.Name(f.Kind)}
}

func (r record) framework() kg.Framework {
	return kg.Framework{ID: r.str("id"), Name: r.str("name"), Kind: valueOf(kg.FrameworkKindNames, r.str("kind"))}
}

func setProperties(g string, s *kg.SetSummary) properties {
	set := s.Set
	p := properties{
		"key": setKey(g, set.Key), "id": set.Key.String(), "framework": set.Key.Framework, "frameworkVersion": set.Key.Version,
		"attackVersion": set.Key.AttackVersion, "domain": set.Key.Domain.String(),
		"capabilities": s.Capabilities, "mappings": s.Mappings, "techniques": s.Techniques,
	}
	p.text("file", set.File)
	p.text("mappingVersion", set.MappingVersion)
	p.text("created", set.Created)
	p.text("updated", set.Updated)
	p.text("author", set.Author)
	p.text("contact", set.Contact)
	p.text("organization", set.Organization)
	columns := map[string][]string{}
	for _, t := range set.Types {
		columns["typeIds"] = append(columns["typeIds"], t.ID)
		columns["typeNames"] = append(columns["typeNames"], t.Name)
		columns["typeDescriptions"] = append(columns["typeDescriptions"], t.Description)
	}
	for _, c := range set.Groups {
		columns["groupIds"] = append(columns["groupIds"], c.ID)
		columns["groupTitles"] = append(columns["groupTitles"], c.Title)
	}
	for name, column := range columns {
		p.list(name, column)
	}
	return p
}

func (r record) setSummary() (kg.SetSummary, error) {
	domain, ok := kg.ParseDomain(r.str("domain"))
	if !ok {
		return kg.SetSummary{}, fmt.Errorf("mapping set %q has no domain", r.str("id"))
	}
	set := &kg.Set{
		Key:  kg.SetKey{Framework: r.str("framework"), Version: r.str("frameworkVersion"), AttackVersion: r.str("attackVersion"), Domain: domain},
		File: r.str("file"), MappingVersion: r.str("mappingVersion"), Created: r.str("created"), Updated: r.str("updated"),
		Author: r.str("author"), Contact: r.str("contact"), Organization: r.str("organization"),
	}
	typeNames, descriptions := r.strs("typeNames"), r.strs("typeDescriptions")
	for i, id := range r.strs("typeIds") {
		set.Types = append(set.Types, kg.MappingType{ID: id, Name: typeNames[i], Description: descriptions[i]})
	}
	titles := r.strs("groupTitles")
	for i, id := range r.strs("groupIds") {
		set.Groups = append(set.Groups, kg.CapabilityGroup{ID: id, Title: titles[i]})
	}
	return kg.SetSummary{Set: set, Capabilities: r.num("capabilities"), Mappings: r.num("mappings"), Techniques: r.num("techniques")}, nil
}

func rowProperties(g string, set kg.SetKey, r *kg.Row) properties {
	p := properties{"key": rowKey(g, set, r), "set": setKey(g, set), "mappingId": r.ID.String(), "number": r.Number, "class": kg.ClassNames.Name(r.Class)}
	p.text("capability", r.Capability)
	p.text("spelled", r.Spelled)
	p.text("title", r.Title)
	p.text("group", r.Group)
	p.text("attackId", r.AttackID)
	p.text("sourceLabel", r.SourceLabel)
	p.text("relation", kg.RelationNames.Name(r.Relation))
	p.text("type", r.TypeID)
	p.text("category", kg.CategoryNames.Name(r.Category))
	p.text("value", kg.ValueNames.Name(r.Value))
	p.text("comments", r.Comments)
	p.text("status", r.Status)
	p.text("author", r.Author)
	if len(r.References) > 0 {
		urls, raws := make([]string, len(r.References)), make([]string, len(r.References))
		for i, ref := range r.References {
			urls[i], raws[i] = ref.URL, ref.Raw
		}
		p["references"], p["referencesAsWritten"] = urls, raws
	}
	return p
}

func (r record) row() (kg.Row, error) {
	id, err := kg.ParseMappingID(r.str("mappingId"))
	row := kg.Row{
		ID: id, Number: r.num("number"), Class: valueOf(kg.ClassNames, r.str("class")),
		Capability: r.str("capability"), Spelled: r.str("spelled"), Title: r.str("title"), Group: r.str("group"),
		AttackID: r.str("attackId"), SourceLabel: r.str("sourceLabel"), Relation: valueOf(kg.RelationNames, r.str("relation")), TypeID: r.str("type"),
		Category: valueOf(kg.CategoryNames, r.str("category")), Value: valueOf(kg.ValueNames, r.str("value")),
		Comments: r.str("comments"), Status: r.str("status"), Author: r.str("author"),
	}
	raws := r.strs("referencesAsWritten")
	for i, url := range r.strs("references") {
		row.References = append(row.References, kg.Reference{URL: url, Raw: raws[i]})
	}
	return row, err
}

func controlProperties(g string, catalog *kg.Catalog, c *kg.Control) properties {
	p := properties{
		"key":       controlKey(g, catalog.Framework, catalog.FrameworkVersion, c.ID),
		"framework": catalog.Framework, "frameworkVersion": catalog.FrameworkVersion, "id": c.ID, "withdrawn": c.Withdrawn,
	}
	p.text("catalog", catalog.Title)
	p.text("catalogVersion", catalog.Version)
	p.text("title", c.Title)
	p.text("description", c.Description)
	p.text("family", c.Family)
	p.text("familyTitle", c.FamilyTitle)
	return p
}

func (r record) control() kg.Control {
	withdrawn, _ := r["withdrawn"].(bool)
	return kg.Control{
		ID: r.str("id"), Title: r.str("title"), Description: r.str("description"),
		Family: r.str("family"), FamilyTitle: r.str("familyTitle"), Withdrawn: withdrawn,
	}
}

// baselineProperties writes a baseline; position is its place among all.
func baselineProperties(g string, b *kg.Baseline, position int) properties {
	p := properties{
		"key":       g + "/baseline:" + b.Framework + "/" + b.FrameworkVersion + "/" + b.Name,
		"framework": b.Framework, "frameworkVersion": b.FrameworkVersion, "name": b.Name, "position": position,
	}
	p.text("title", b.Title)
	p.text("version", b.Version)
	p.list("controls", b.Controls)
	return p
}

func (r record) baseline() kg.Baseline {
	return kg.Baseline{
		Framework: r.str("framework"), FrameworkVersion: r.str("frameworkVersion"), Name: r.str("name"),
		Title: r.str("title"), Version: r.str("version"), Controls: r.strs("controls"),
	}
}

// What a thing belongs to, and what it is, are terms of its document too, made
// so that no query parser sees anything special in them.

func searchKindToken(k search.Kind) string { return fmt.Sprintf("kind%d", k) }

// scopes gives each part of a generation that a view takes or leaves a term.
type scopes struct {
	common   string // what is in every view
	releases map[kg.ReleaseKey]string
	sets     map[kg.SetKey]string
}

// scopesOf numbers the parts in the order of their keys, so that whoever reads
// finds the terms of whoever wrote.
func scopesOf(g string, head *kg.Head) scopes {
	s := scopes{common: g + "c", releases: map[kg.ReleaseKey]string{}, sets: map[kg.SetKey]string{}}
	releases := make([]kg.ReleaseKey, len(head.Releases))
	for i := range head.Releases {
		releases[i] = head.Releases[i].Key
	}
	slices.SortFunc(releases, kg.ReleaseKey.Compare)
	for i, k := range releases {
		s.releases[k] = fmt.Sprintf("%sr%d", g, i)
	}
	sets := make([]kg.SetKey, len(head.Sets))
	for i := range head.Sets {
		sets[i] = head.Sets[i].Set.Key
	}
	slices.SortFunc(sets, kg.SetKey.Compare)
	for i, k := range sets {
		s.sets[k] = fmt.Sprintf("%ss%d", g, i)
	}
	return s
}

// keysOf gives the keys of a map in order.
func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
