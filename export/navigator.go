// Package export writes analyses in the formats of other tools.
package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
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

// stateStyles are the names and colours of states without a score: grey for what
// nobody looked at, sand for what is said not to be mappable.
var stateStyles = map[kg.State]LayerLegend{
	kg.BelowThreshold: {"mapped, but not as the filter asks", "#fdd49e"},
	kg.NonMappable:    {"declared non-mappable", "#d9cfc1"},
	kg.Unassessed:     {"nothing is mapped", "#e3e3e3"},
}

var reasonTexts = map[kg.Reason]string{
	kg.Silent: "the mappings are silent", kg.NewSinceMapping: "newer than the mappings",
	kg.RetiredBeforeMapping: "retired before the mappings", kg.UnknownReason: "no mappings to ask",
}

// LayerOptions say what a layer is of.
type LayerOptions struct {
	Name       string
	Kind       LayerKind
	Scope      kg.Bits
	Generation string // of the data
}

// NavigatorLayer writes an assessment as a layer. The score is the number of
// distinct capabilities; a technique that is not mapped has none, whatever its
// state.
func NavigatorLayer(a *kg.Assessment, o LayerOptions) Layer {
	release := a.View.Frame.Release.Key
	l := Layer{
		Name:        o.Name,
		Versions:    LayerVersions{Attack: majorOf(release.Version), Navigator: "5.1.0", Layer: "4.5"},
		Domain:      release.Domain.String() + "-attack",
		Description: "A score counts the capabilities that are mapped to a technique. That a technique is mapped does not mean that it is prevented.",
		Layout:      LayerLayout{Layout: "side", ShowName: true},
		Techniques:  []LayerTechnique{},
		Gradient:    LayerGradient{Colors: []string{"#deebf7", "#08519c"}, MinValue: 1, MaxValue: 1},
		Metadata:    origin(a, o),
	}
	for t := range o.Scope.All() {
		if entry, ok := layerTechnique(a, t, o.Kind); ok {
			l.Techniques = append(l.Techniques, entry)
			if entry.Score != nil {
				l.Gradient.MaxValue = max(l.Gradient.MaxValue, *entry.Score)
			}
		}
	}
	for _, s := range []kg.State{kg.BelowThreshold, kg.NonMappable, kg.Unassessed} {
		l.LegendItems = append(l.LegendItems, stateStyles[s])
	}
	return l
}

func majorOf(version string) string {
	major, _, _ := strings.Cut(version, ".")
	return major
}

func layerTechnique(a *kg.Assessment, t int, kind LayerKind) (LayerTechnique, bool) {
	cell := &a.Combined[t]
	entry := LayerTechnique{TechniqueID: a.View.Frame.Universe[t].ID, Enabled: true, Metadata: []LayerMetadata{{"state", stateName(cell)}}}
	if cell.State != kg.MappedState {
		entry.Color = stateStyles[cell.State].Color
		return entry, true
	}
	if kind == GapsLayer {
		return entry, false
	}
	refs := capabilitiesOf(a, t)
	score := len(refs)
	entry.Score = &score
	if cell.RolledUp {
		entry.Comment = "mapped through its family"
	}
	for _, fw := range a.Columns {
		if ids := refs.of(fw.Framework); len(ids) > 0 {
			entry.Metadata = append(entry.Metadata, LayerMetadata{fw.Framework, strings.Join(ids, ", ")})
		}
	}
	return entry, true
}

func stateName(c *kg.Cell) string {
	switch c.State {
	case kg.MappedState:
		return "mapped"
	case kg.Unassessed:
		return stateStyles[c.State].Label + ": " + reasonTexts[c.Reason]
	}
	return stateStyles[c.State].Label
}

type refs []kg.CapabilityRef

func (r refs) of(framework string) []string {
	var ids []string
	for _, ref := range r {
		if ref.Framework == framework {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}

func capabilitiesOf(a *kg.Assessment, t int) refs {
	var all refs
	for _, c := range a.Columns {
		all = append(all, kg.DistinctCapabilities(c.Rows(t))...)
	}
	return all
}

// origin says which data, versions and filter a layer came from.
func origin(a *kg.Assessment, o LayerOptions) []LayerMetadata {
	var frameworks, sets []string
	for _, c := range a.Columns {
		frameworks = append(frameworks, c.Framework)
		if c.Body != nil {
			sets = append(sets, c.Body.Set.Key.String())
		}
	}
	slices.Sort(sets)
	filter := a.Filter().String()
	if filter == "" {
		filter = "none"
	}
	return []LayerMetadata{
		{"source", "mapgraph"},
		{"data", o.Generation},
		{"ATT&CK", fmt.Sprintf("%s %s", a.View.Frame.Release.Key.Domain, a.View.Frame.Release.Key.Version)},
		{"frameworks", strings.Join(frameworks, ", ")},
		{"mapping sets", strings.Join(sets, ", ")},
		{"filter", filter},
	}
}
