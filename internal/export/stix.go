package export

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// stixSpace is the name space of the UUIDs (version 5) of what this package
// writes: the same thing has the same id in every export.
var stixSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/mapgraph/mapgraph"))

func stixID(kind string, parts ...string) string {
	return kind + "--" + uuid.NewSHA1(stixSpace, []byte(kind+"\x00"+strings.Join(parts, "\x00"))).String()
}

// The objects of STIX 2.1 that mappings need, as the standard names their members:
// https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html
type (
	stixBundle struct {
		Type    string `json:"type"`
		ID      string `json:"id"`
		Objects []any  `json:"objects"`
	}
	stixCommon struct {
		Type        string          `json:"type"`
		SpecVersion string          `json:"spec_version"`
		ID          string          `json:"id"`
		CreatedBy   string          `json:"created_by_ref,omitempty"`
		Created     string          `json:"created"`
		Modified    string          `json:"modified"`
		Labels      []string        `json:"labels,omitempty"`
		References  []stixReference `json:"external_references,omitempty"`
	}
	stixNamed struct {
		stixCommon
		Name       string      `json:"name"`
		Class      string      `json:"identity_class,omitempty"`
		KillChains []stixPhase `json:"kill_chain_phases,omitempty"`
	}
	stixPhase struct {
		Chain string `json:"kill_chain_name"`
		Phase string `json:"phase_name"`
	}
	stixReference struct {
		Source      string `json:"source_name"`
		Description string `json:"description,omitempty"`
		URL         string `json:"url,omitempty"`
		ID          string `json:"external_id,omitempty"`
	}
	stixExtension struct {
		stixCommon
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Schema      string   `json:"schema"`
		Version     string   `json:"version"`
		Types       []string `json:"extension_types"`
	}
	stixNote struct {
		stixCommon
		Abstract string   `json:"abstract"`
		Content  string   `json:"content"`
		Objects  []string `json:"object_refs"`
	}
	stixRelationship struct {
		stixCommon
		Kind        string                 `json:"relationship_type"`
		Description string                 `json:"description,omitempty"`
		Source      string                 `json:"source_ref"`
		Target      string                 `json:"target_ref"`
		Extensions  map[string]stixMapping `json:"extensions"`
	}
	// stixMapping is what a mapping has that a relationship of STIX does not.
	stixMapping struct {
		ExtensionType string `json:"extension_type"`
		MappingID     string `json:"mapping_id"`
		MappingSet    string `json:"mapping_set"`
		Row           int    `json:"row"`
		Relation      string `json:"relation"`
		MappingType   string `json:"mapping_type,omitempty"`
		Category      string `json:"score_category,omitempty"`
		Value         string `json:"score_value,omitempty"`
		Status        string `json:"status,omitempty"`
		Author        string `json:"author,omitempty"`
		AlignedFrom   string `json:"aligned_from,omitempty"`
	}
)

var (
	stixIdentity  = stixID("identity", "mapgraph")
	stixMappingID = stixID("extension-definition", "mapping")
)

// stixDawn dates what has no date of its own, so that equal data gives equal bytes.
const stixDawn = "1970-01-01T00:00:00.000Z"

// STIX writes mappings as a bundle of STIX 2.1: an object for each capability, a
// relationship for each mapping, and where the data knows no STIX id of a
// technique an attack-pattern with its ATT&CK id.
func STIX(a Answer, mappings []Mapping) ([]byte, error) {
	w := stixWriter{answer: a, written: map[string]bool{}}
	w.preamble()
	for _, m := range mappings {
		w.mapping(m)
	}
	id := stixID("bundle", a.Origin.String(), fmt.Sprint(len(mappings)))
	return json.Marshal(stixBundle{Type: "bundle", ID: id, Objects: w.objects})
}

type stixWriter struct {
	answer  Answer
	objects []any
	written map[string]bool
}

func (w *stixWriter) common(kind, id, created, modified string) stixCommon {
	return stixCommon{Type: kind, SpecVersion: "2.1", ID: id, CreatedBy: stixIdentity, Created: created, Modified: modified}
}

// preamble says who wrote the bundle, what its extension means, and where the
// mappings came from.
func (w *stixWriter) preamble() {
	identity := stixNamed{stixCommon: w.common("identity", stixIdentity, stixDawn, stixDawn), Name: "mapgraph", Class: "system"}
	identity.CreatedBy = ""
	note := stixNote{
		stixCommon: w.common("note", stixID("note", w.answer.Origin.String()), stixDawn, stixDawn),
		Abstract:   "Where these mappings came from", Content: w.answer.Origin.String() + ". " + Meaning, Objects: []string{stixIdentity},
	}
	w.objects = append(w.objects, identity, stixExtension{
		stixCommon: w.common("extension-definition", stixMappingID, stixDawn, stixDawn),
		Name:       "Mapping", Description: "What a mapping of a capability to an ATT&CK technique says beside its two ends: its set and row, type, score, status, author, and the technique id that it was written for where that was revoked since.",
		Schema: "https://github.com/mapgraph/mapgraph/blob/main/docs/api.md#stix", Version: "1.0.0", Types: []string{"property-extension"},
	}, note)
}

func (w *stixWriter) mapping(m Mapping) {
	kind, source, target := w.ends(m)
	created, modified := stixDates(m.Body.Set)
	r := stixRelationship{
		stixCommon: w.common("relationship", stixID("relationship", m.Row.ID.String(), w.answer.Origin.Release.String()), created, modified),
		Kind:       kind, Description: m.Row.Comments, Source: source, Target: target,
		Extensions: map[string]stixMapping{stixMappingID: {
			ExtensionType: "property-extension", MappingID: m.Row.ID.String(), MappingSet: m.Body.Set.Key.String(), Row: m.Row.Number,
			Relation: m.Row.Relation.String(), MappingType: m.Row.TypeID, Category: m.Row.Category.String(), Value: m.Row.Value.String(),
			Status: m.Row.Status, Author: m.Row.Author, AlignedFrom: m.AlignedFrom(),
		}},
	}
	for _, ref := range m.Row.References {
		s := stixReference{Source: "reference", URL: ref.URL}
		if ref.URL != ref.Raw {
			s.Description = ref.Raw
		}
		r.References = append(r.References, s)
	}
	w.objects = append(w.objects, r)
}

// ends gives the relationship that a mapping is, and what it ties together.
// ATT&CK patterns target vulnerabilities; courses of action mitigate, detect or
// remediate patterns; an incident is only related to one.
func (w *stixWriter) ends(m Mapping) (kind, source, target string) {
	capability, technique := w.capability(m), w.technique(m)
	switch m.Body.Framework.Kind {
	case kg.VulnerabilityCatalog:
		return "targets", technique, capability
	case kg.IncidentTaxonomy:
		return "related-to", capability, technique
	}
	switch m.Row.Category {
	case kg.Detect:
		return "detects", capability, technique
	case kg.Respond:
		return "remediates", capability, technique
	}
	return "mitigates", capability, technique
}

func (w *stixWriter) capability(m Mapping) string {
	kind := "course-of-action"
	switch m.Body.Framework.Kind {
	case kg.VulnerabilityCatalog:
		kind = "vulnerability"
	case kg.IncidentTaxonomy:
		kind = "incident"
	}
	c := &m.Body.Capabilities[m.Capability()]
	id := stixID(kind, c.Ref.Framework, c.Ref.ID)
	if w.written[id] {
		return id
	}
	w.written[id] = true
	created, modified := stixDates(m.Body.Set)
	o := stixNamed{stixCommon: w.common(kind, id, created, modified), Name: c.Title}
	if o.Name == "" {
		o.Name = c.Spelled
	}
	o.Labels = []string{c.Ref.Framework}
	if c.Group != "" {
		o.Labels = append(o.Labels, c.Ref.Framework+":"+c.Group)
	}
	source := c.Ref.Framework
	if strings.HasPrefix(strings.ToUpper(c.Ref.ID), "CVE-") {
		source = "cve" // as the standard wants it
	}
	o.References = []stixReference{{Source: source, ID: c.Spelled}}
	w.objects = append(w.objects, o)
	return id
}

func (w *stixWriter) technique(m Mapping) string {
	t := w.answer.View.Frame.Universe[m.Technique()]
	if t.StixID != "" {
		return t.StixID
	}
	id := stixID("attack-pattern", w.answer.Origin.Release.Domain.String(), t.ID)
	if w.written[id] {
		return id
	}
	w.written[id] = true
	o := stixNamed{stixCommon: w.common("attack-pattern", id, stixDawn, stixDawn), Name: t.Name}
	o.References = []stixReference{{Source: "mitre-attack", ID: t.ID, URL: t.URL}}
	for _, tactic := range t.Tactics {
		o.KillChains = append(o.KillChains, stixPhase{killChain(w.answer.Origin.Release.Domain), tactic})
	}
	w.objects = append(w.objects, o)
	return id
}

// killChain gives the name by which ATT&CK's own STIX marks a domain's tactics.
func killChain(d kg.Domain) string {
	if d == kg.Enterprise {
		return "mitre-attack"
	}
	return "mitre-" + d.String() + "-attack"
}

// stixDates gives a set's dates, the later one second.
func stixDates(s *kg.Set) (created, modified string) {
	created, modified = stixDate(s.Created), stixDate(s.Updated)
	if created == stixDawn {
		created = modified
	}
	return min(created, modified), max(created, modified)
}

func stixDate(text string) string {
	for _, form := range []string{"01/02/2006", "1/2/2006", "2006-01-02"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	return stixDawn
}
