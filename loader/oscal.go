package loader

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// oscalFramework is the framework that the OSCAL catalogs describe.
const oscalFramework = "nist_800_53"

type oscalMetadata struct {
	Title   string `json:"title"`
	Version string `json:"version"`
}

type oscalControl struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Params   []oscalParam   `json:"params"`
	Props    []oscalProp    `json:"props"`
	Parts    []oscalPart    `json:"parts"`
	Controls []oscalControl `json:"controls"`
}

type oscalParam struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Select struct {
		HowMany string   `json:"how-many"`
		Choice  []string `json:"choice"`
	} `json:"select"`
}

type oscalProp struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type oscalPart struct {
	Name  string      `json:"name"`
	Prose string      `json:"prose"`
	Props []oscalProp `json:"props"`
	Parts []oscalPart `json:"parts"`
}

type oscalGroup struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Controls []oscalControl `json:"controls"`
}

type oscalImport struct {
	IncludeControls []struct {
		WithIDs []string `json:"with-ids"`
	} `json:"include-controls"`
	Include struct {
		Calls []struct {
			ControlID string `json:"control-id"`
		} `json:"calls"`
	} `json:"include"`
}

// readOSCAL reads a catalog or a profile; one of the two results is nil.
func readOSCAL(in *input, report *kg.FileReport) (*kg.Catalog, *kg.Baseline, error) {
	var catalog *kg.Catalog
	var baseline *kg.Baseline
	err := in.object(func(key []byte) error {
		var err error
		switch string(key) {
		case "catalog":
			catalog, err = readCatalog(in, report)
		case "profile":
			baseline, err = readProfile(in, report)
		default:
			err = in.skip()
		}
		return err
	})
	if err == nil && catalog == nil && baseline == nil {
		err = errors.New("neither a catalog nor a profile")
	}
	return catalog, baseline, err
}

// oscalOptions forgive what the streaming reader forgives.
var oscalOptions = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// value decodes the next value as a whole.
func value(in *input, into any) error {
	in.budget.reset()
	return json.UnmarshalDecode(in.dec, into, oscalOptions)
}

func readCatalog(in *input, report *kg.FileReport) (*kg.Catalog, error) {
	var meta oscalMetadata
	c := &kg.Catalog{Framework: oscalFramework}
	err := in.object(func(key []byte) error {
		switch string(key) {
		case "metadata":
			return value(in, &meta)
		case "groups":
			return in.array(func(int) error {
				var g oscalGroup
				if err := value(in, &g); err != nil {
					return err
				}
				for i := range g.Controls {
					c.Controls = appendControls(c.Controls, &g.Controls[i], &g)
				}
				return nil
			})
		}
		return in.skip()
	})
	if err != nil {
		return nil, err
	}
	if c.FrameworkVersion, err = revisionOf(meta.Title); err != nil {
		return nil, err
	}
	c.Title, c.Version = meta.Title, meta.Version
	report.Objects = len(c.Controls)
	slices.SortFunc(c.Controls, func(a, b kg.Control) int { return compareControls(a.ID, b.ID) })
	return c, nil
}

func compareControls(a, b string) int {
	return kg.CapabilityRef{ID: a}.Compare(kg.CapabilityRef{ID: b})
}

var revision = regexp.MustCompile(`(?i)revision\s+(\d+)`)

func revisionOf(title string) (string, error) {
	m := revision.FindStringSubmatch(title)
	if m == nil {
		return "", fmt.Errorf("the title %q names no revision of SP 800-53", title)
	}
	return "rev" + m[1], nil
}

func appendControls(list []kg.Control, c *oscalControl, g *oscalGroup) []kg.Control {
	params := map[string]*oscalParam{}
	for i := range c.Params {
		params[c.Params[i].ID] = &c.Params[i]
	}
	var text strings.Builder
	for i := range c.Parts {
		if c.Parts[i].Name == "statement" {
			writeStatement(&text, &c.Parts[i], params, 0)
		}
	}
	list = append(list, kg.Control{
		ID: controlID(c.ID), Title: strings.TrimSpace(c.Title), Description: strings.TrimSpace(text.String()),
		Family: strings.ToUpper(g.ID), FamilyTitle: strings.TrimSpace(g.Title), Withdrawn: isWithdrawn(c.Props),
	})
	for i := range c.Controls {
		list = appendControls(list, &c.Controls[i], g)
	}
	return list
}

var enhancement = regexp.MustCompile(`^([a-z]+-\d+)\.(\d+)$`)

// controlID joins OSCAL's ac-2.1 to the mappings' AC-2(1).
func controlID(id string) string {
	id = enhancement.ReplaceAllString(strings.ToLower(strings.TrimSpace(id)), "$1($2)")
	return kg.CanonicalCapabilityID(oscalFramework, id)
}

func isWithdrawn(props []oscalProp) bool {
	return slices.ContainsFunc(props, func(p oscalProp) bool {
		return strings.EqualFold(p.Name, "status") && strings.EqualFold(p.Value, "withdrawn")
	})
}

// writeStatement writes a statement with one item a line, labels first.
func writeStatement(b *strings.Builder, p *oscalPart, params map[string]*oscalParam, depth int) {
	line := fillParams(p.Prose, params, 0)
	for _, prop := range p.Props {
		if prop.Name == "label" {
			line = strings.TrimSpace(prop.Value + " " + line)
			break
		}
	}
	if line != "" {
		b.WriteString(strings.Repeat("  ", max(depth-1, 0)) + line + "\n")
	}
	for i := range p.Parts {
		if p.Parts[i].Name == "item" {
			writeStatement(b, &p.Parts[i], params, depth+1)
		}
	}
}

var paramSlot = regexp.MustCompile(`\{\{\s*(?:insert:\s*param,\s*)?([\w.-]+)\s*\}\}`)

// fillParams writes what an organization has to fill in as the printed catalog
// does. Choices hold slots of their own, a few levels deep at most.
func fillParams(prose string, params map[string]*oscalParam, depth int) string {
	return paramSlot.ReplaceAllStringFunc(prose, func(slot string) string {
		p := params[paramSlot.FindStringSubmatch(slot)[1]]
		switch {
		case p == nil || depth > 3:
			return "[Assignment]"
		case len(p.Select.Choice) > 0:
			choices := make([]string, len(p.Select.Choice))
			for i, c := range p.Select.Choice {
				choices[i] = fillParams(strings.TrimSpace(c), params, depth+1)
			}
			word := "Selection"
			if p.Select.HowMany == "one-or-more" {
				word = "Selection (one or more)"
			}
			return "[" + word + ": " + strings.Join(choices, "; ") + "]"
		case p.Label == "":
			return "[Assignment]"
		}
		return "[Assignment: " + p.Label + "]"
	})
}

var impact = regexp.MustCompile(`(?i)\b(low|moderate|high)\b`)

func readProfile(in *input, report *kg.FileReport) (*kg.Baseline, error) {
	var meta oscalMetadata
	b := &kg.Baseline{Framework: oscalFramework}
	err := in.object(func(key []byte) error {
		switch string(key) {
		case "metadata":
			return value(in, &meta)
		case "imports":
			var imports []oscalImport
			if err := value(in, &imports); err != nil {
				return err
			}
			for _, i := range imports {
				for _, c := range i.IncludeControls {
					for _, id := range c.WithIDs {
						b.Controls = append(b.Controls, controlID(id))
					}
				}
				for _, c := range i.Include.Calls {
					b.Controls = append(b.Controls, controlID(c.ControlID))
				}
			}
			return nil
		}
		return in.skip()
	})
	if err != nil {
		return nil, err
	}
	if b.FrameworkVersion, err = revisionOf(meta.Title); err != nil {
		return nil, err
	}
	m := impact.FindString(meta.Title)
	if m == "" {
		return nil, fmt.Errorf("the title %q names no baseline: LOW, MODERATE or HIGH", meta.Title)
	}
	b.Name, b.Title, b.Version = strings.ToUpper(m), meta.Title, meta.Version
	slices.SortFunc(b.Controls, compareControls)
	b.Controls = slices.Compact(b.Controls)
	report.Objects = len(b.Controls)
	return b, nil
}
