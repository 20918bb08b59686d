package export

import (
	"encoding/json"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// The unified mapping schema of the Center for Threat-Informed Defense, as
// published mapping files use it. A member without a value is null.
type (
	unifiedSet struct {
		Metadata unifiedMetadata `json:"metadata"`
		Rows     []unifiedRow    `json:"mapping_objects"`
	}
	unifiedMetadata struct {
		MappingVersion   string                 `json:"mapping_version"`
		Domain           string                 `json:"technology_domain"`
		AttackVersion    string                 `json:"attack_version"`
		Framework        string                 `json:"mapping_framework"`
		FrameworkVersion string                 `json:"mapping_framework_version"`
		Author           string                 `json:"author"`
		Contact          string                 `json:"contact"`
		Organization     string                 `json:"organization"`
		Created          string                 `json:"creation_date"`
		Updated          string                 `json:"last_update"`
		Types            map[string]unifiedType `json:"mapping_types"`
		Groups           map[string]string      `json:"capability_groups"`
		Origin           map[string]string      `json:"exported_from"`
	}
	unifiedType struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	unifiedRow struct {
		Capability *string  `json:"capability_id"`
		Group      *string  `json:"capability_group"`
		Title      *string  `json:"capability_description"`
		Type       *string  `json:"mapping_type"`
		Technique  *string  `json:"attack_object_id"`
		Label      *string  `json:"attack_object_name"`
		Category   *string  `json:"score_category,omitempty"`
		Value      *string  `json:"score_value,omitempty"`
		Comments   *string  `json:"comments"`
		References []string `json:"references"`
		Status     *string  `json:"status"`
		Author     *string  `json:"author,omitempty"`
		Repeat     int      `json:"repeat,omitempty"` // 2 for the second of two rows that say the same, and so on
	}
)

// UnifiedJSON writes rows of a mapping set, with their texts, as a mapping file
// in the unified schema. A load of all rows of a set gives the same graph: the
// same metadata, capabilities, mapping ids and evidence; only row numbers differ
// where the first file had exact duplicates.
func UnifiedJSON(o Origin, set *kg.Set, rows []*kg.Row) ([]byte, error) {
	doc := unifiedSet{
		Metadata: unifiedMetadata{
			MappingVersion: set.MappingVersion, Domain: set.Key.Domain.String(), AttackVersion: set.Key.AttackVersion,
			Framework: set.Key.Framework, FrameworkVersion: set.Key.Version,
			Author: set.Author, Contact: set.Contact, Organization: set.Organization, Created: set.Created, Updated: set.Updated,
			Types: map[string]unifiedType{}, Groups: map[string]string{}, Origin: map[string]string{},
		},
		Rows: make([]unifiedRow, len(rows)),
	}
	for _, t := range set.Types {
		doc.Metadata.Types[t.ID] = unifiedType{t.Name, t.Description}
	}
	for _, g := range set.Groups {
		doc.Metadata.Groups[g.ID] = g.Title
	}
	for _, f := range o.Facts() {
		doc.Metadata.Origin[f.Name] = f.Value
	}
	seen := map[string]int{}
	for i, r := range rows {
		row := unifiedRow{
			Capability: optional(r.Spelled), Group: optional(r.Group), Title: optional(r.Title), Type: optional(r.TypeID),
			Technique: optional(r.AttackID), Label: optional(r.SourceLabel),
			Category: optional(strings.ToLower(r.Category.String())), Value: optional(strings.ToLower(r.Value.String())),
			Comments: optional(r.Comments), References: rawReferences(r), Status: optional(r.Status), Author: optional(r.Author),
		}
		text, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		if seen[string(text)]++; seen[string(text)] > 1 {
			row.Repeat = seen[string(text)]
		}
		doc.Rows[i] = row
	}
	return indented(doc)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
