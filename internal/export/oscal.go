package export

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// OSCAL 1.1.2 profiles, as https://pages.nist.gov/OSCAL/ defines them.
type (
	oscalDocument struct {
		Profile oscalProfile `json:"profile"`
	}
	oscalProfile struct {
		UUID     string        `json:"uuid"`
		Metadata oscalMetadata `json:"metadata"`
		Imports  []oscalImport `json:"imports"`
		Merge    oscalMerge    `json:"merge"`
	}
	oscalMetadata struct {
		Title        string      `json:"title"`
		LastModified string      `json:"last-modified"`
		Version      string      `json:"version"`
		OscalVersion string      `json:"oscal-version"`
		Props        []oscalProp `json:"props"`
		Remarks      string      `json:"remarks"`
	}
	oscalProp struct {
		Name      string `json:"name"`
		Namespace string `json:"ns"`
		Value     string `json:"value"`
	}
	oscalImport struct {
		Href    string         `json:"href"`
		Include []oscalControl `json:"include-controls"`
	}
	oscalControl struct {
		IDs []string `json:"with-ids"`
	}
	oscalMerge struct {
		AsIs bool `json:"as-is"`
	}
)

// ErrNoControls says that OSCAL does not fit: it knows controls of catalogs only.
var ErrNoControls = errors.New("an OSCAL profile chooses controls of " + kg.OSCALFramework.ID + ", and none was asked about or none is mapped")

// OSCALProfile writes the controls of NIST SP 800-53 that are mapped to techniques
// of the scope as a profile: the choice of controls that bears on them. Loaded
// beside the baselines, or named in a stack, it can be asked about in turn.
func OSCALProfile(a Answer) ([]byte, error) {
	i := slices.IndexFunc(a.Columns, func(c *algebra.Column) bool { return c.Framework == kg.OSCALFramework.ID && c.Body != nil })
	if i < 0 {
		return nil, ErrNoControls
	}
	column := a.Columns[i]
	chosen := map[kg.CapabilityRef]bool{}
	for t := range a.Scope.All() {
		for _, ref := range column.Refs(t) {
			chosen[ref] = true
		}
	}
	href, known := kg.TraitsOf(column.Framework).Catalogs[column.Body.Set.Key.Version]
	if len(chosen) == 0 || !known {
		return nil, ErrNoControls
	}
	var ids []string
	for _, c := range column.Body.Capabilities {
		if chosen[c.Ref] {
			ids = append(ids, oscalID(c.Ref.ID))
		}
	}
	_, modified := stixDates(column.Body.Set)
	p := oscalProfile{
		UUID: uuid.NewSHA1(stixSpace, []byte("profile\x00"+a.Origin.String())).String(),
		Metadata: oscalMetadata{
			Title:        kg.OSCALFramework.Name + " Revision " + strings.TrimPrefix(column.Body.Set.Key.Version, "rev") + " controls mapped to " + scopeTitle(a.Origin),
			LastModified: modified, Version: a.Origin.Generation, OscalVersion: "1.1.2",
			Remarks: a.Origin.String() + ". " + Meaning,
		},
		Imports: []oscalImport{{Href: href, Include: []oscalControl{{ids}}}},
		Merge:   oscalMerge{AsIs: true},
	}
	for _, f := range a.Origin.Facts() {
		name := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(f.Name, " ", "-"), "&", "-and-"))
		p.Metadata.Props = append(p.Metadata.Props, oscalProp{name, "https://github.com/mapgraph/mapgraph", f.Value})
	}
	return indented(oscalDocument{p})
}

func scopeTitle(o Origin) string {
	if o.Scope == "" {
		return "ATT&CK " + o.attack()
	}
	return "techniques of ATT&CK " + o.attack() + " " + o.Scope
}

// oscalID gives a control's id in OSCAL: AC-2(1) is ac-2.1.
func oscalID(id string) string {
	return strings.ToLower(strings.NewReplacer("(", ".", ")", "").Replace(id))
}
