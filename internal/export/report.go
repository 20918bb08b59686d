package export

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	texttemplate "text/template"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/plain"
)

// Report is a gap report: how much of a scope is mapped, what is not and how
// much attackers use it, and what would close most of it.
type Report struct {
	Title    string
	Asked    string // whom
	Scope    string // about what
	Total    algebra.Tally
	States   []Share
	Columns  []ReportColumn
	Tactics  []ReportTactic
	Gaps     []ReportGap // by groups, software, kev, then id
	Next     []ReportPick
	NextNote string // why nothing, or who was asked
	Curve    Curve
	Facts    []Fact
	Meaning  string
	Notes    []string
}

// Share is a state's part of a whole.
type Share struct {
	Class string // of the state, for colours: mapped, below, nonmappable, unassessed
	Name  string
	Count int
	Of    int
	Start float64 // where it begins on a length of 100
}

// Percent gives the share with one decimal.
func (s Share) Percent() string { return PercentOf(s.Count, s.Of) }

// Width gives the share as a length of 100.
func (s Share) Width() float64 { return ratio(s.Count, s.Of) * 100 }

// ReportColumn is one framework's part.
type ReportColumn struct {
	Name, Set string
	algebra.Tally
	Shares []Share
}

// ReportTactic is one tactic's part.
type ReportTactic struct {
	Name string
	algebra.Tally
	Shares []Share
}

// ReportGap is a technique that nothing maps.
type ReportGap struct {
	ID, Name, URL, Tactics, State, Class string
	algebra.Weights
	Top string
}

// ReportPick is a capability that would close gaps.
type ReportPick struct {
	Framework, ID, Title string
	Gain, Covered        int
	Ratio                string
	Techniques           string
}

// Curve is the line of a chart: mapped techniques after each pick.
type Curve struct {
	Points   string // of an SVG polyline of 100 by 40
	From, To string
}

// ReportOptions say what a report asks beside the answer.
type ReportOptions struct {
	Next     *algebra.Cover // what could be added; nil where nothing was looked for
	NextFrom []string       // the frameworks whose capabilities could be added
}

// NewReport works out a report.
func NewReport(a Answer, o ReportOptions) *Report {
	total := a.Total(a.Scope)
	r := &Report{
		Title: "Gaps in ATT&CK " + a.Origin.attack(), Asked: asked(a), Scope: cmp.Or(a.Origin.Scope, "every technique of the release"),
		Total: total, States: shares(total), Facts: a.Origin.Facts(), Meaning: Meaning,
	}
	for _, c := range a.Columns {
		t := c.Tally(a.Scope)
		col := ReportColumn{Name: frameworkName(c), Set: "no mapping set in this domain", Tally: t, Shares: shares(t)}
		if c.Body != nil {
			col.Set = c.Body.Set.Key.String()
		}
		r.Columns = append(r.Columns, col)
		if n := len(c.Unaligned()); n > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("%d mappings of %s have no place in this release of ATT&CK and are not counted.", n, frameworkName(c)))
		}
	}
	for i, t := range a.ByTactic(a.Scope) {
		if t.Total > 0 {
			r.Tactics = append(r.Tactics, ReportTactic{Name: a.View.Frame.Tactics[i].Name, Tally: t, Shares: shares(t)})
		}
	}
	r.Gaps = reportGaps(a)
	r.addNext(a, o)
	if a.Origin.Edition == kg.Facts {
		r.Notes = append(r.Notes, "Made from the facts edition: descriptions and comments of the published files are not in it.")
	}
	return r
}

// asked says whose coverage it is.
func asked(a Answer) string {
	if a.Origin.Stack != "" {
		names := make([]string, len(a.Columns))
		for i, c := range a.Columns {
			names[i] = frameworkName(c)
		}
		if own := a.Own.Count(); own > 0 {
			names = append(names, fmt.Sprintf("%d techniques covered by other means", own))
		}
		return "a stack of " + strings.Join(names, ", ")
	}
	names := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		names[i] = frameworkName(c)
	}
	return strings.Join(names, ", ")
}

var stateClasses = map[algebra.State]string{
	algebra.MappedState: "mapped", algebra.BelowThreshold: "below", algebra.NonMappable: "nonmappable", algebra.Unassessed: "unassessed",
}

func shares(t algebra.Tally) []Share {
	var list []Share
	start := 0.0
	for _, s := range []struct {
		state algebra.State
		n     int
	}{{algebra.MappedState, t.Mapped}, {algebra.BelowThreshold, t.BelowThreshold}, {algebra.NonMappable, t.NonMappable}, {algebra.Unassessed, t.Unassessed}} {
		share := Share{Class: stateClasses[s.state], Name: stateNames[s.state], Count: s.n, Of: t.Total, Start: start}
		start += share.Width()
		list = append(list, share)
	}
	return list
}

func reportGaps(a Answer) []ReportGap {
	var list []ReportGap
	for _, i := range a.Gaps(a.Scope) {
		t := a.View.Frame.Universe[i]
		var tactics []string
		for _, o := range a.View.Frame.TacticsOf(t) {
			tactics = append(tactics, o.Name)
		}
		g := ReportGap{
			ID: t.ID, Name: t.Name, URL: t.URL, Tactics: strings.Join(tactics, ", "), Weights: a.View.Weights(i),
			State: stateName(&a.Combined[i]), Class: stateClasses[a.Combined[i].State],
		}
		if g.TopTechniques != nil {
			g.Top = fmt.Sprintf("%.2f", *g.TopTechniques)
		}
		list = append(list, g)
	}
	slices.SortStableFunc(list, func(x, y ReportGap) int {
		return cmp.Or(cmp.Compare(y.Groups, x.Groups), cmp.Compare(y.Software, x.Software), cmp.Compare(y.Kev, x.Kev))
	})
	return list
}

// addNext draws what could be added, and how coverage would grow.
func (r *Report) addNext(a Answer, o ReportOptions) {
	if o.Next == nil {
		return
	}
	if len(o.Next.Picks) == 0 {
		r.NextNote = "No capability of " + strings.Join(o.NextFrom, ", ") + " maps any of the techniques that are left."
		return
	}
	r.NextNote = "Looked for among the capabilities of " + strings.Join(o.NextFrom, ", ") + ". Each line counts what the lines above do not map."
	mapped := r.Total.Mapped
	points := []int{mapped}
	for _, p := range o.Next.Picks {
		pick := ReportPick{Framework: p.Ref.Framework, ID: p.Ref.ID, Gain: len(p.Techniques), Covered: mapped + p.Covered, Ratio: PercentOf(mapped+p.Covered, r.Total.Total)}
		if b := a.View.Body(p.Ref.Framework); b != nil {
			pick.Framework = b.Framework.Name
			if i, ok := b.Capability(p.Ref.ID); ok {
				pick.ID, pick.Title = b.Capabilities[i].Spelled, b.Capabilities[i].Title
			}
		}
		var ids []string
		for _, t := range p.Techniques {
			ids = append(ids, a.View.Frame.Universe[t].ID)
		}
		pick.Techniques = strings.Join(ids, ", ")
		r.Next = append(r.Next, pick)
		points = append(points, pick.Covered)
	}
	r.Curve = curve(points, r.Total.Total)
}

// curve draws counts of a whole as a line in a box of 100 by 40.
func curve(counts []int, of int) Curve {
	var points []string
	for i, n := range counts {
		x := 100 * float64(i) / float64(max(len(counts)-1, 1))
		points = append(points, fmt.Sprintf("%.2f,%.2f", x, 40-40*ratio(n, of)))
	}
	return Curve{Points: strings.Join(points, " "), From: PercentOf(counts[0], of), To: PercentOf(counts[len(counts)-1], of)}
}

func ratio(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Percent writes a share for people, with one decimal. Only everything is 100 %,
// and only nothing is 0 %.
func Percent(ratio float64) string {
	tenths := math.Round(ratio * 1000)
	if ratio > 0 && ratio < 1 {
		tenths = min(max(tenths, 1), 999)
	}
	return fmt.Sprintf("%.1f %%", tenths/10)
}

// PercentOf writes n of a total as Percent does; of nothing it is 0 %.
func PercentOf(n, of int) string { return Percent(ratio(n, of)) }

//go:embed report.html.tmpl report.md.tmpl
var reportFiles embed.FS

var (
	htmlReport = template.Must(template.New("report.html.tmpl").ParseFS(reportFiles, "report.html.tmpl"))
	textReport = texttemplate.Must(texttemplate.New("report.md.tmpl").Funcs(texttemplate.FuncMap{
		"cell": markdownCell, "number": func(i int) int { return i + 1 }, "bar": func(s Share) string { return strings.Repeat("█", int(math.Round(s.Width()/5))) },
	}).ParseFS(reportFiles, "report.md.tmpl"))
)

// HTML writes the report as one page that needs nothing else.
func (r *Report) HTML() ([]byte, error) {
	var out bytes.Buffer
	err := htmlReport.Execute(&out, r)
	return []byte(plain.Text(out.String())), err
}

// Markdown writes the report in GitHub's Markdown.
func (r *Report) Markdown() ([]byte, error) {
	var out bytes.Buffer
	err := textReport.Execute(&out, r)
	return []byte(plain.Text(out.String())), err
}

// markdownCell makes a text fit into a table's cell, and no markup of it.
func markdownCell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "`", "\\`").Replace(s)
}
