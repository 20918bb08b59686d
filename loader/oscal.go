package loader

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mapgraph/mapgraph/internal/kg"
)

const (
	// maxNesting bounds how deep groups, controls and parts may nest.
	maxNesting = 16
	// maxInserts bounds how deep parameters may insert other parameters.
	maxInserts = 4
	// maxStatement bounds the bytes of one statement, since parameters that
	// insert each other can make much of a few lines.
	maxStatement = 64 << 10
)

// readOSCAL reads a catalog or a profile of NIST SP 800-53 in OSCAL's JSON
// form; exactly one of the two is not nil.
func readOSCAL(in *input, rep *kg.FileReport) (*kg.Catalog, *kg.Baseline, error) {
	r := oscalReader{in: in, notes: newNotes()}
	var catalog *kg.Catalog
	var baseline *kg.Baseline
	err := in.object(func(key []byte) (err error) {
		switch name := string(key); {
		case (name == "catalog" || name == "profile") && (catalog != nil || baseline != nil):
			return errors.New("the file holds more than one catalog or profile")
		case name == "catalog":
			catalog, err = r.catalog()
		case name == "profile":
			baseline, err = r.profile()
		default:
			err = in.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return nil, nil, err
	case catalog != nil:
		rep.Objects = len(catalog.Controls)
	case baseline != nil:
		rep.Objects = len(baseline.Controls)
	default:
		return nil, nil, errors.New("neither an OSCAL catalog nor an OSCAL profile")
	}
	rep.InvalidUTF8 = in.invalidUTF8
	rep.Notes = append(rep.Notes, r.notes.list()...)
	return catalog, baseline, nil
}

type oscalReader struct {
	in       *input
	notes    *notes
	metadata oscalMetadata
	controls []kg.Control
	row      int // of the control that is read, from 1; its enhancements share it
}

type oscalMetadata struct {
	Title   string `json:"title"`
	Version string `json:"version"`
}

// decode reads the next value as a whole. A value of another shape is an error,
// and is consumed all the same.
func (r *oscalReader) decode(into any) error {
	r.in.budget.reset()
	raw, err := r.in.raw()
	if err != nil {
		return err
	}
	if !utf8.Valid(raw) {
		r.in.invalidUTF8++
	}
	err = json.Unmarshal(raw, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if semantic := (*json.SemanticError)(nil); errors.As(err, &semantic) {
		return &shapeError{want: "what OSCAL gives at " + string(semantic.JSONPointer), got: kindName(semantic.JSONKind)}
	}
	return err
}

// readMetadata reads the document's metadata.
func (r *oscalReader) readMetadata() error {
	err := r.decode(&r.metadata)
	in := bounder{r.notes, "metadata"}
	r.metadata.Title = in.name("title", strings.TrimSpace(r.metadata.Title), 0)
	r.metadata.Version = in.name("version", strings.TrimSpace(r.metadata.Version), 0)
	return err
}

func (r *oscalReader) catalog() (*kg.Catalog, error) {
	err := r.in.object(func(key []byte) error {
		switch string(key) {
		case "metadata":
			return r.readMetadata()
		case "groups":
			return r.in.array(func(int) error { return r.group(1) })
		case "controls":
			return r.in.array(func(int) error { return r.control() })
		}
		r.in.budget.reset()
		return r.in.skip()
	})
	if err != nil {
		return nil, err
	}
	revision, err := r.metadata.revision()
	if err != nil {
		return nil, err
	}
	if len(r.controls) == 0 {
		return nil, errors.New("the catalog has no controls")
	}
	return &kg.Catalog{
		Framework:        kg.OSCALFramework.ID,
		FrameworkVersion: revision,
		Title:            r.metadata.Title,
		Version:          r.metadata.Version,
		Controls:         r.distinctControls(),
	}, nil
}

var (
	oscalTitle    = regexp.MustCompile(`\b800-53\b`)
	oscalRevision = regexp.MustCompile(`(?i)\brev(?:ision|\.)?\s*([0-9]+)`)
	baselineName  = regexp.MustCompile(`(?i)\b([a-z]+)(?:[ -]impact)?\s+baseline\b`)
)

// revision reads the framework's version, such as rev5, from the title.
func (m *oscalMetadata) revision() (string, error) {
	if !oscalTitle.MatchString(m.Title) {
		return "", fmt.Errorf("the title %.80q is not that of NIST SP 800-53, the one framework whose OSCAL is read", m.Title)
	}
	found := oscalRevision.FindStringSubmatch(m.Title)
	if found == nil || len(found[1]) > 9 {
		return "", fmt.Errorf("the title %.80q does not say which revision it is, such as Revision 5", m.Title)
	}
	return "rev" + found[1], nil
}

// group reads a family with its controls, whose family it is unless a group
// within it is nearer to them.
func (r *oscalReader) group(depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("groups nest more than %d deep", maxNesting)
	}
	var id, title string
	first := len(r.controls)
	err := r.in.object(func(key []byte) error {
		switch string(key) {
		case "id":
			return r.decode(&id)
		case "title":
			return r.decode(&title)
		case "groups":
			return r.in.array(func(int) error { return r.group(depth + 1) })
		case "controls":
			return r.in.array(func(int) error { return r.control() })
		}
		r.in.budget.reset()
		return r.in.skip()
	})
	in := bounder{r.notes, "groups"}
	family := in.id("id", strings.ToUpper(strings.TrimSpace(id)), 0)
	title = in.name("title", strings.TrimSpace(title), 0)
	for i := first; i < len(r.controls); i++ {
		if c := &r.controls[i]; c.Family == "" {
			c.Family, c.FamilyTitle = family, title
		}
	}
	return err
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
	ID     string      `json:"id"`
	Label  string      `json:"label"`
	Select oscalSelect `json:"select"`
}

type oscalSelect struct {
	HowMany string   `json:"how-many"`
	Choice  []string `json:"choice"`
}

type oscalProp struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type oscalPart struct {
	Name  string      `json:"name"`
	Props []oscalProp `json:"props"`
	Prose string      `json:"prose"`
	Parts []oscalPart `json:"parts"`
}

// control reads one control with its enhancements. One that is not of OSCAL's
// shape is left out, and noted.
func (r *oscalReader) control() error {
	r.row++
	var c oscalControl
	err := r.decode(&c)
	if shape := (*shapeError)(nil); errors.As(err, &shape) {
		r.notes.add("MALFORMED_CONTROL", "controls of another shape than OSCAL gives them, left out with their enhancements", r.row)
		return nil
	}
	if err != nil {
		return rowError(r.row, err)
	}
	r.addControl(&c, nil, 1)
	return nil
}

// addControl adds a control and then its enhancements, which may insert the
// parameters of the controls above them.
func (r *oscalReader) addControl(c *oscalControl, outer *paramScope, depth int) {
	if depth > maxNesting {
		r.noteTooDeep()
		return
	}
	scope := newParamScope(c.Params, outer)
	in := bounder{r.notes, "controls"}
	if id := in.id("id", controlID(c.ID), r.row); id == "" {
		r.notes.add("MISSING_CONTROL_ID", "controls without an id, left out", r.row)
	} else {
		r.controls = append(r.controls, kg.Control{
			ID:          id,
			Title:       in.name("title", strings.TrimSpace(c.Title), r.row),
			Description: r.statement(c.Parts, scope),
			Withdrawn:   withdrawn(c.Props),
		})
	}
	for i := range c.Controls {
		r.addControl(&c.Controls[i], scope, depth+1)
	}
}

func (r *oscalReader) noteTooDeep() {
	r.notes.add("NESTED_TOO_DEEP", "controls with enhancements, parts or parameters that nest too deep, which are left out", r.row)
}

var enhancementID = regexp.MustCompile(`^([A-Za-z]+-[0-9]+)\.([0-9]+)$`)

// controlID gives the canonical capability id for OSCAL's: ac-2.1 is AC-2(1).
func controlID(id string) string {
	id = enhancementID.ReplaceAllString(strings.TrimSpace(id), "$1($2)")
	return kg.CanonicalCapabilityID(kg.OSCALFramework.ID, id)
}

func withdrawn(props []oscalProp) bool {
	return slices.ContainsFunc(props, func(p oscalProp) bool {
		return p.Name == "status" && strings.EqualFold(strings.TrimSpace(p.Value), "withdrawn")
	})
}

// distinctControls sorts the controls by order key and drops repeats of an id.
func (r *oscalReader) distinctControls() []kg.Control {
	slices.SortStableFunc(r.controls, func(x, y kg.Control) int { return compareControls(x.ID, y.ID) })
	return slices.CompactFunc(r.controls, func(x, y kg.Control) bool {
		if x.ID != y.ID {
			return false
		}
		r.notes.add("REPEATED_CONTROL", "controls with the id of an earlier control, left out", 0)
		return true
	})
}

func compareControls(x, y string) int {
	return kg.CapabilityRef{ID: x}.Compare(kg.CapabilityRef{ID: y})
}

// statement writes a control's statement as plain text: its prose, then each
// item on a line of its own behind its label, indented as it is nested.
func (r *oscalReader) statement(parts []oscalPart, scope *paramScope) string {
	w := statementWriter{scope: scope}
	for i := range parts {
		if parts[i].Name == "statement" {
			w.part(&parts[i], 0)
		}
	}
	if w.tooDeep {
		r.noteTooDeep()
	}
	if w.unknown {
		r.notes.add("UNKNOWN_PARAMETER", "controls whose statement inserts a parameter that is not defined", r.row)
	}
	if w.full {
		r.notes.add("STATEMENT_CUT", "controls whose statement is too long, and is cut", r.row)
	}
	return w.text.String()
}

// paramScope holds the parameters that a control's statement may insert, by id.
type paramScope struct {
	own   map[string]*oscalParam
	outer *paramScope
}

// newParamScope indexes a control's parameters, and makes their texts plain.
func newParamScope(params []oscalParam, outer *paramScope) *paramScope {
	s := &paramScope{own: make(map[string]*oscalParam, len(params)), outer: outer}
	for i := range params {
		p := &params[i]
		p.Label = plainProse(p.Label)
		for j := range p.Select.Choice {
			p.Select.Choice[j] = plainProse(p.Select.Choice[j])
		}
		s.own[p.ID] = p
	}
	return s
}

// find looks a parameter up in the control, then in those above it.
func (s *paramScope) find(id string) *oscalParam {
	for ; s != nil; s = s.outer {
		if p := s.own[id]; p != nil {
			return p
		}
	}
	return nil
}

type statementWriter struct {
	text    strings.Builder
	scope   *paramScope
	tooDeep bool // a part or a parameter was left out
	unknown bool // a parameter was not found
	full    bool // text was cut off
}

func (w *statementWriter) part(p *oscalPart, depth int) {
	if depth > maxNesting {
		w.tooDeep = true
		return
	}
	label, prose := labelOf(p.Props), plainProse(p.Prose)
	if label != "" || prose != "" {
		if w.text.Len() > 0 {
			w.write("\n" + strings.Repeat("  ", max(0, depth-1)))
		}
		w.write(label)
		if label != "" && prose != "" {
			w.write(" ")
		}
		w.prose(prose, 0)
	}
	for i := range p.Parts {
		w.part(&p.Parts[i], depth+1)
	}
}

func labelOf(props []oscalProp) string {
	i := slices.IndexFunc(props, func(p oscalProp) bool { return p.Name == "label" })
	if i < 0 {
		return ""
	}
	return strings.TrimSpace(props[i].Value)
}

var markdownLink = regexp.MustCompile(`\[([^\[\]]*)\]\([^()]*\)`)

// plainProse takes OSCAL's Markdown out of prose: links keep their text, bold
// loses its stars, and blanks are single.
func plainProse(prose string) string {
	if strings.Contains(prose, "](") {
		prose = markdownLink.ReplaceAllString(prose, "$1")
	}
	prose = strings.ReplaceAll(prose, "**", "")
	var b strings.Builder
	for word := range strings.FieldsSeq(prose) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// prose writes text in which {{ insert: param, ID }}, or {{ ID }} in older
// documents, stands for a parameter.
func (w *statementWriter) prose(s string, depth int) {
	for !w.full {
		before, rest, found := strings.Cut(s, "{{")
		w.write(before)
		if !found {
			return
		}
		insert, after, closed := strings.Cut(rest, "}}")
		if !closed {
			w.write("{{" + rest)
			return
		}
		w.parameter(insert, depth)
		s = after
	}
}

// parameter writes what NIST prints for a parameter that nobody has set.
func (w *statementWriter) parameter(insert string, depth int) {
	id := strings.TrimSpace(insert[strings.LastIndexByte(insert, ',')+1:])
	p := w.scope.find(id)
	switch {
	case p == nil:
		w.unknown = true
		w.write("[Assignment: " + id + "]")
	case depth >= maxInserts:
		w.tooDeep = true
		w.write("[Assignment: " + id + "]")
	case len(p.Select.Choice) > 0:
		w.selection(p.Select, depth+1)
	case p.Label != "":
		w.write("[Assignment: ")
		w.prose(p.Label, depth+1)
		w.write("]")
	default:
		w.write("[Assignment: " + id + "]")
	}
}

func (w *statementWriter) selection(s oscalSelect, depth int) {
	w.write("[Selection")
	if s.HowMany == "one-or-more" {
		w.write(" (one or more)")
	}
	separator := ": "
	for _, choice := range s.Choice {
		if w.full {
			return
		}
		w.write(separator)
		w.prose(choice, depth)
		separator = "; "
	}
	w.write("]")
}

func (w *statementWriter) write(s string) {
	if room := maxStatement - w.text.Len(); len(s) > room {
		s, w.full = strings.ToValidUTF8(s[:room], ""), true
	}
	w.text.WriteString(s)
}

// profile reads a baseline.
func (r *oscalReader) profile() (*kg.Baseline, error) {
	var included, excluded []string
	err := r.in.object(func(key []byte) error {
		switch string(key) {
		case "metadata":
			return r.readMetadata()
		case "imports":
			return r.in.array(func(int) error {
				var i oscalImport
				if err := r.decode(&i); err != nil {
					return err
				}
				included = append(included, r.selected(i.selectors())...)
				excluded = append(excluded, r.selected(i.Exclude)...)
				return nil
			})
		}
		r.in.budget.reset()
		return r.in.skip()
	})
	if err != nil {
		return nil, err
	}
	revision, err := r.metadata.revision()
	if err != nil {
		return nil, err
	}
	controls := without(included, excluded)
	if len(controls) == 0 {
		return nil, errors.New("the profile names no controls")
	}
	return &kg.Baseline{
		Framework:        kg.OSCALFramework.ID,
		FrameworkVersion: revision,
		Name:             r.metadata.baseline(),
		Title:            r.metadata.Title,
		Version:          r.metadata.Version,
		Controls:         controls,
	}, nil
}

// without gives the ids that are included and not excluded, each once, by order key.
func without(included, excluded []string) []string {
	out := make(map[string]bool, len(excluded))
	for _, id := range excluded {
		out[id] = true
	}
	ids := slices.DeleteFunc(included, func(id string) bool { return out[id] })
	slices.SortFunc(ids, compareControls)
	return slices.Compact(ids)
}

// baseline gives the baseline's name, such as LOW, or the title where it has none.
func (m *oscalMetadata) baseline() string {
	if found := baselineName.FindStringSubmatch(m.Title); found != nil {
		return strings.ToUpper(found[1])
	}
	return m.Title
}

// oscalImport chooses controls of a catalog. Documents older than OSCAL 1.0
// write include instead of include-controls.
type oscalImport struct {
	IncludeAll jsontext.Value  `json:"include-all"`
	Include    []oscalSelector `json:"include-controls"`
	Exclude    []oscalSelector `json:"exclude-controls"`
	Old        struct {
		All   jsontext.Value  `json:"all"`
		IDs   []oscalSelector `json:"id-selectors"`
		Calls []oscalSelector `json:"calls"`
	} `json:"include"`
}

type oscalSelector struct {
	WithIDs   []string       `json:"with-ids"`
	ControlID string         `json:"control-id"`
	Children  string         `json:"with-child-controls"`
	Matching  jsontext.Value `json:"matching"`
}

func (i *oscalImport) selectors() []oscalSelector {
	selectors := slices.Concat(i.Include, i.Old.IDs, i.Old.Calls)
	if i.IncludeAll != nil || i.Old.All != nil {
		selectors = append(selectors, oscalSelector{Matching: jsontext.Value("all")})
	}
	return selectors
}

// selected gives the ids of the controls that selectors name. What it would
// take the catalog to resolve is noted.
func (r *oscalReader) selected(selectors []oscalSelector) []string {
	var ids []string
	for _, s := range selectors {
		if s.Matching != nil || s.Children == "yes" {
			r.notes.add("UNRESOLVED_SELECTION", "selections by pattern, of all controls or with all enhancements: only the controls that they name count", 0)
		}
		for _, id := range append(s.WithIDs, s.ControlID) {
			if id = (bounder{r.notes, "selections"}).id("control id", controlID(id), 0); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
