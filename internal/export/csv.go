package export

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// CoverageCSV writes a line for each technique of the scope: its state over all,
// its threat weights, and for each framework its state, capabilities and best
// values. With onlyGaps it leaves out what is mapped. The last columns say where
// the line came from.
func CoverageCSV(a Answer, onlyGaps bool) []byte {
	t := newTable()
	header := []string{"technique", "name", "tactics", "state", "reason", "rolled_up", "groups", "software", "kev", "top_techniques"}
	for _, c := range a.Columns {
		header = append(header, c.Framework+"_state", c.Framework+"_capabilities", c.Framework+"_best", c.Framework+"_capability_ids")
	}
	t.line(append(header, originColumns...)...)
	origin := a.Origin.columns()
	for i := range a.Scope.All() {
		cell := &a.Combined[i]
		if onlyGaps && cell.State == algebra.MappedState {
			continue
		}
		tech, w := a.View.Frame.Universe[i], a.View.Weights(i)
		top := ""
		if w.TopTechniques != nil {
			top = strconv.FormatFloat(*w.TopTechniques, 'g', -1, 64)
		}
		line := []string{tech.ID, tech.Name, strings.Join(tech.Tactics, " "), cell.State.String(), cell.Reason.String(),
			strconv.FormatBool(cell.RolledUp), strconv.Itoa(w.Groups), strconv.Itoa(w.Software), strconv.Itoa(w.Kev), top}
		behind := a.behind(i)
		for j, c := range a.Columns {
			line = append(line, c.Cells[i].State.String(), strconv.Itoa(len(behind[j])), bestText(&c.Cells[i]), joinIDs(behind[j]))
		}
		t.line(append(line, origin...)...)
	}
	return t.bytes()
}

func bestText(c *algebra.Cell) string {
	var parts []string
	for _, b := range c.Best() {
		parts = append(parts, strings.TrimSuffix(b.Category.String()+" "+b.Value.String(), " "))
	}
	return strings.Join(parts, ", ")
}

// MappingsCSV writes a line for each mapping.
func MappingsCSV(a Answer, mappings []Mapping) []byte {
	t := newTable()
	t.line(append([]string{"framework", "capability", "title", "capability_group", "technique", "technique_name", "aligned_from", "relation", "mapping_type",
		"score_category", "score_value", "comments", "references", "status", "author", "mapping_set", "row", "mapping_id"}, originColumns...)...)
	origin := a.Origin.columns()
	for _, m := range mappings {
		c := &m.Body.Capabilities[m.Capability()]
		tech := a.View.Frame.Universe[m.Technique()]
		line := []string{m.Body.Framework.ID, c.Spelled, c.Title, m.Row.Group, tech.ID, tech.Name, m.AlignedFrom(), m.Row.Relation.String(), m.Row.TypeID,
			m.Row.Category.String(), m.Row.Value.String(), m.Row.Comments, strings.Join(rawReferences(m.Row), "\n"), m.Row.Status, m.Row.Author,
			m.Body.Set.Key.String(), strconv.Itoa(m.Row.Number), m.Row.ID.String()}
		t.line(append(line, origin...)...)
	}
	return t.bytes()
}

func rawReferences(r *kg.Row) []string {
	list := make([]string, len(r.References))
	for i, ref := range r.References {
		list[i] = ref.Raw
	}
	return list
}

// originColumns say on each line where it came from, so that a line that was
// copied into another sheet still says it.
var originColumns = []string{"attack", "data", "filter", "scope"}

func (o Origin) columns() []string { return []string{o.attack(), o.Generation, o.Filter, o.Scope} }

// table writes RFC 4180.
type table struct {
	out bytes.Buffer
	csv *csv.Writer
}

func newTable() *table {
	t := &table{}
	t.csv = csv.NewWriter(&t.out)
	t.csv.UseCRLF = true
	return t
}

func (t *table) line(fields ...string) {
	for i, f := range fields {
		fields[i] = unformula(f)
	}
	_ = t.csv.Write(fields) // into memory
}

func (t *table) bytes() []byte {
	t.csv.Flush()
	return t.out.Bytes()
}

// unformula keeps spreadsheets from running what a published file wrote: a text
// that would be taken for a formula gets an apostrophe in front.
func unformula(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
		return "'" + s
	}
	return s
}
