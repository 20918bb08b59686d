package export

import (
	"strings"

	"github.com/mapgraph/mapgraph/internal/algebra"
)

// LayerKind is what a Navigator layer shows.
type LayerKind uint8

// The kinds.
const (
	CoverageLayer LayerKind = iota // every technique of the scope; mapped ones scored
	GapsLayer                      // only techniques that are not mapped
)

// Layer is an ATT&CK Navigator layer of format 4.5, as its specification at
// https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md
// has it.
type Layer struct {
	Name        string           `json:"name"`
	Versions    LayerVersions    `json:"versions"`
	Domain      string           `json:"domain"`
	Description string           `json:"description"`
	Sorting     int              `json:"sorting"`
	Layout      LayerLayout      `json:"layout"`
	Techniques  []LayerTechnique `json:"techniques"`
	Gradient    LayerGradient    `json:"gradient"`
	LegendItems []LayerLegend    `json:"legendItems"`
	Metadata    []LayerMetadata  `json:"metadata"`
}

// LayerVersions are the versions of a layer.
type LayerVersions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

// LayerLayout says how a layer is drawn.
type LayerLayout struct {
	Layout   string `json:"layout"`
	ShowID   bool   `json:"showID"`
	ShowName bool   `json:"showName"`
}

// LayerTechnique is one technique of a layer, in all of its tactics.
type LayerTechnique struct {
	TechniqueID string          `json:"techniqueID"`
	Score       *int            `json:"score,omitempty"`
	Color       string          `json:"color,omitempty"`
	Comment     string          `json:"comment,omitempty"`
	Enabled     bool            `json:"enabled"`
	Metadata    []LayerMetadata `json:"metadata"`
}

// LayerGradient colours scores.
type LayerGradient struct {
	Colors   []string `json:"colors"`
	MinValue int      `json:"minValue"`
	MaxValue int      `json:"maxValue"`
}

// LayerLegend explains a colour.
type LayerLegend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

// LayerMetadata is a named value that the Navigator shows.
type LayerMetadata struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// stateColors are the colours of states without a score: grey for what nobody
// looked at, sand for what is said not to be mappable.
var stateColors = map[algebra.State]string{
	algebra.BelowThreshold: "#fdd49e",
	algebra.NonMappable:    "#d9cfc1",
	algebra.Unassessed:     "#e3e3e3",
}

// NavigatorLayer writes an answer as a layer. The score is the number of
// distinct capabilities, and one more for what is covered by other means; a
// technique that is not mapped has none, whatever its state.
func NavigatorLayer(a Answer, name string, kind LayerKind) Layer {
	release := a.Origin.Release
	l := Layer{
		Name:        name,
		Versions:    LayerVersions{Attack: majorOf(release.Version), Navigator: "5.1.0", Layer: "4.5"},
		Domain:      release.Domain.String() + "-attack",
		Description: "A score counts the capabilities that are mapped to a technique. " + Meaning,
		Layout:      LayerLayout{Layout: "side", ShowName: true},
		Techniques:  []LayerTechnique{},
		Gradient:    LayerGradient{Colors: []string{"#deebf7", "#08519c"}, MinValue: 0, MaxValue: 2},
	}
	for _, f := range a.Origin.Facts() {
		l.Metadata = append(l.Metadata, LayerMetadata(f))
	}
	for t := range a.Scope.All() {
		if entry, ok := a.layerTechnique(t, kind); ok {
			l.Techniques = append(l.Techniques, entry)
			if entry.Score != nil {
				l.Gradient.MaxValue = max(l.Gradient.MaxValue, *entry.Score)
			}
		}
	}
	for _, s := range []algebra.State{algebra.BelowThreshold, algebra.NonMappable, algebra.Unassessed} {
		l.LegendItems = append(l.LegendItems, LayerLegend{stateNames[s], stateColors[s]})
	}
	return l
}

func majorOf(version string) string {
	major, _, _ := strings.Cut(version, ".")
	return major
}

func (a Answer) layerTechnique(t int, kind LayerKind) (LayerTechnique, bool) {
	cell := &a.Combined[t]
	entry := LayerTechnique{TechniqueID: a.View.Frame.Universe[t].ID, Enabled: true, Metadata: []LayerMetadata{{stateMetadata, stateName(cell)}}}
	if cell.State != algebra.MappedState {
		entry.Color = stateColors[cell.State]
		return entry, true
	}
	if kind == GapsLayer {
		return entry, false
	}
	score := 0
	for i, refs := range a.behind(t) {
		if score += len(refs); len(refs) > 0 {
			entry.Metadata = append(entry.Metadata, LayerMetadata{a.Columns[i].Framework, joinIDs(refs)})
		}
	}
	if a.Own.Has(t) {
		score++
		entry.Metadata = append(entry.Metadata, LayerMetadata{ownMetadata, "yes"})
	}
	entry.Score = &score
	if cell.RolledUp {
		entry.Comment = "mapped through its family"
	}
	return entry, true
}
