package loader

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// WriteReport writes an import report for people: what was refused first, then
// a table of the mapping files, then what else there is to say. What it shows of
// a file's text cannot move the cursor or break a line.
func WriteReport(w io.Writer, r *kg.ImportReport) error {
	var b strings.Builder
	writeRefused(&b, r)
	writeTable(&b, r)
	writeFiles(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRefused(b *strings.Builder, r *kg.ImportReport) {
	n := r.Refused()
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "REFUSED %s of %d\n", counted(n, "file", "files"), len(r.Files))
	for i := range r.Files {
		if e := r.Files[i].Error; e != nil {
			fmt.Fprintf(b, "  %s: %s\n", printable(r.Files[i].Path), printable(e.String()))
		}
	}
	b.WriteString("\n")
}

// tableHeads are the columns of the table of mapping files.
var tableHeads = []string{
	"rows", "mapped", "non-mappable", "incomplete", "duplicates", "repeats", "conflicts", "capabilities", "canonical",
	"techniques", "active", `comments none/""`, "references none/[]", "malformed", "names off", "  set",
}

func writeTable(b *strings.Builder, r *kg.ImportReport) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...string) { _, _ = fmt.Fprintln(t, strings.Join(cells, "\t")) } // a strings.Builder takes everything
	line(tableHeads...)
	var sum kg.FileReport
	for i := range r.Files {
		f := &r.Files[i]
		if f.Set == nil {
			continue
		}
		line(append(rowCells(f), strconv.Itoa(f.Capabilities), strconv.Itoa(f.CanonicalCapabilities), strconv.Itoa(f.Techniques),
			slashed(f.ActiveTechniques, f.ReleaseTechniques), slashed(f.CommentsAbsent, f.CommentsBlank), slashed(f.ReferencesAbsent, f.ReferencesEmpty),
			strconv.Itoa(f.MalformedReferences), strconv.Itoa(f.NameMismatches), "  "+printable(f.Set.String()))...)
		addCounts(&sum, f)
	}
	line(append(rowCells(&sum), "", "", "", "", slashed(sum.CommentsAbsent, sum.CommentsBlank), slashed(sum.ReferencesAbsent, sum.ReferencesEmpty),
		strconv.Itoa(sum.MalformedReferences), strconv.Itoa(sum.NameMismatches), "  total")...)
	_ = t.Flush()
	b.WriteString("non-mappable: techniques + capabilities; active: of the ATT&CK release that the set was written for\n")
}

// rowCells gives the cells that speak of rows.
func rowCells(f *kg.FileReport) []string {
	return []string{
		strconv.Itoa(f.Rows), strconv.Itoa(f.Mapped), fmt.Sprintf("%d+%d", f.NonMappableTechnique, f.NonMappableCapability),
		strconv.Itoa(f.Incomplete), strconv.Itoa(f.ExactDuplicates), strconv.Itoa(f.RepeatedPairs), strconv.Itoa(f.ScoreConflicts),
	}
}

// addCounts adds what can be summed over files.
func addCounts(sum, f *kg.FileReport) {
	sum.Add(f.RowCounts)
	sum.RepeatedPairs += f.RepeatedPairs
	sum.ScoreConflicts += f.ScoreConflicts
	sum.CommentsAbsent += f.CommentsAbsent
	sum.CommentsBlank += f.CommentsBlank
	sum.ReferencesAbsent += f.ReferencesAbsent
	sum.ReferencesEmpty += f.ReferencesEmpty
	sum.MalformedReferences += f.MalformedReferences
	sum.NameMismatches += f.NameMismatches
}

func slashed(a, b int) string { return strconv.Itoa(a) + "/" + strconv.Itoa(b) }

// writeFiles lists the files that are no mapping files, and what there is to say
// of any.
func writeFiles(b *strings.Builder, r *kg.ImportReport) {
	b.WriteString("\n")
	for i := range r.Files {
		f := &r.Files[i]
		details := detailsOf(f)
		if f.Error != nil || f.Set != nil && len(details) == 0 {
			continue
		}
		fmt.Fprintf(b, "%s  %s", printable(f.Path), f.Kind)
		if f.Release != nil {
			fmt.Fprintf(b, " %s", printable(f.Release.String()))
		}
		if f.Objects > 0 {
			fmt.Fprintf(b, ", %s", counted(f.Objects, "object", "objects"))
		}
		b.WriteString("\n")
		for _, d := range details {
			fmt.Fprintf(b, "  %s\n", printable(d))
		}
	}
}

// detailsOf says what the table does not show of a file, a line each.
func detailsOf(f *kg.FileReport) []string {
	var lines []string
	for _, l := range f.Lifted {
		lines = append(lines, fmt.Sprintf("lifted %s to %s (%s)", l.From, l.To, counted(l.Rows, "row", "rows")))
	}
	for _, u := range f.Unresolved {
		lines = append(lines, fmt.Sprintf("no place for %s: %s (%s)", u.From, u.Reason, counted(u.Rows, "row", "rows")))
	}
	if f.InvalidUTF8 > 0 {
		lines = append(lines, counted(f.InvalidUTF8, "string", "strings")+" with invalid UTF-8, which was replaced")
	}
	for _, n := range f.Notes {
		lines = append(lines, noteLine(n))
	}
	return lines
}

func noteLine(n kg.Note) string {
	if n.Count == 1 && len(n.Rows) == 0 {
		return n.Code + ": " + n.Message
	}
	return fmt.Sprintf("%s: %d %s%s", n.Code, n.Count, n.Message, rowList(n))
}

func rowList(n kg.Note) string {
	if len(n.Rows) == 0 {
		return ""
	}
	list := strings.Trim(strings.ReplaceAll(fmt.Sprint(n.Rows), " ", ", "), "[]")
	if n.Count > len(n.Rows) {
		list += ", …"
	}
	return " (rows " + list + ")"
}

// counted gives a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// printable makes text fit for one line of a terminal.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, s)
}

// The JSON form of a report has the API's names.
type (
	reportJSON struct {
		Totals  countsJSON `json:"totals"`
		Refused int        `json:"refused"`
		Files   []fileJSON `json:"files"`
	}
	countsJSON struct {
		Rows                    int `json:"rows"`
		Mapped                  int `json:"mapped"`
		NonMappableCapabilities int `json:"nonMappableCapabilities"`
		NonMappableTechniques   int `json:"nonMappableTechniques"`
		Incomplete              int `json:"incomplete"`
		ExactDuplicates         int `json:"exactDuplicates"`
	}
	fileJSON struct {
		Path    string `json:"path"`
		Kind    string `json:"kind"`
		Bytes   int64  `json:"bytes"`
		Set     string `json:"set,omitempty"`
		Release string `json:"release,omitempty"`
		Error   string `json:"error,omitempty"`
		Objects int    `json:"objects"`
		countsJSON
		Capabilities          int              `json:"capabilities"`
		CanonicalCapabilities int              `json:"canonicalCapabilities"`
		Techniques            int              `json:"techniques"`
		ActiveTechniques      int              `json:"activeTechniques"`
		ReleaseTechniques     int              `json:"releaseTechniques"`
		RepeatedPairs         int              `json:"repeatedPairs"`
		ScoreConflicts        int              `json:"scoreConflicts"`
		CommentsAbsent        int              `json:"commentsAbsent"`
		CommentsBlank         int              `json:"commentsBlank"`
		ReferencesAbsent      int              `json:"referencesAbsent"`
		ReferencesEmpty       int              `json:"referencesEmpty"`
		MalformedReferences   int              `json:"malformedReferences"`
		NameMismatches        int              `json:"nameMismatches"`
		MetadataMismatches    int              `json:"metadataMismatches"`
		DuplicateKeys         int              `json:"duplicateKeys"`
		UnknownKeys           int              `json:"unknownKeys"`
		InvalidUTF8           int              `json:"invalidUtf8"`
		Lifted                []liftedJSON     `json:"lifted"`
		Unresolved            []unresolvedJSON `json:"unresolved"`
		Notes                 []noteJSON       `json:"notes"`
	}
	liftedJSON struct {
		From string `json:"from"`
		To   string `json:"to"`
		Rows int    `json:"rows"`
	}
	unresolvedJSON struct {
		From   string `json:"from"`
		Reason string `json:"reason"`
		Rows   int    `json:"rows"`
	}
	noteJSON struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Count   int    `json:"count"`
		Rows    []int  `json:"rows"`
	}
)

// WriteReportJSON writes an import report for programs.
func WriteReportJSON(w io.Writer, r *kg.ImportReport) error {
	doc := reportJSON{Totals: countsOf(r.Totals()), Refused: r.Refused(), Files: []fileJSON{}}
	for i := range r.Files {
		doc.Files = append(doc.Files, fileOf(&r.Files[i]))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func countsOf(c kg.RowCounts) countsJSON {
	return countsJSON{c.Rows, c.Mapped, c.NonMappableCapability, c.NonMappableTechnique, c.Incomplete, c.ExactDuplicates}
}

func fileOf(f *kg.FileReport) fileJSON {
	out := fileJSON{
		Path: f.Path, Kind: f.Kind.String(), Bytes: f.Bytes, Objects: f.Objects, countsJSON: countsOf(f.RowCounts),
		Capabilities: f.Capabilities, CanonicalCapabilities: f.CanonicalCapabilities, Techniques: f.Techniques,
		ActiveTechniques: f.ActiveTechniques, ReleaseTechniques: f.ReleaseTechniques, RepeatedPairs: f.RepeatedPairs,
		ScoreConflicts: f.ScoreConflicts, CommentsAbsent: f.CommentsAbsent, CommentsBlank: f.CommentsBlank,
		ReferencesAbsent: f.ReferencesAbsent, ReferencesEmpty: f.ReferencesEmpty, MalformedReferences: f.MalformedReferences,
		NameMismatches: f.NameMismatches, MetadataMismatches: f.MetadataMismatches, DuplicateKeys: f.DuplicateKeys,
		UnknownKeys: f.UnknownKeys, InvalidUTF8: f.InvalidUTF8,
		Lifted: []liftedJSON{}, Unresolved: []unresolvedJSON{}, Notes: []noteJSON{},
	}
	if f.Set != nil {
		out.Set = f.Set.String()
	}
	if f.Release != nil {
		out.Release = f.Release.String()
	}
	if f.Error != nil {
		out.Error = f.Error.String()
	}
	for _, l := range f.Lifted {
		out.Lifted = append(out.Lifted, liftedJSON(l))
	}
	for _, u := range f.Unresolved {
		out.Unresolved = append(out.Unresolved, unresolvedJSON{u.From, u.Reason.String(), u.Rows})
	}
	for _, n := range f.Notes {
		if n.Rows == nil {
			n.Rows = []int{}
		}
		out.Notes = append(out.Notes, noteJSON(n))
	}
	return out
}
