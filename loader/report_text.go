package loader

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// The names of file kinds and reasons, as the API writes them.
var (
	kindText = map[kg.FileKind]string{
		kg.MappingFile: "MAPPING_SET", kg.AttackBundle: "ATTACK_BUNDLE", kg.OscalCatalog: "OSCAL_CATALOG", kg.OscalProfile: "OSCAL_PROFILE",
		kg.PriorityList: "PRIORITY_LIST", kg.FrameworkInfo: "FRAMEWORK_INFO", kg.UnknownFile: "UNKNOWN",
	}
	reasonText = map[kg.UnresolvedReason]string{
		kg.UnresolvedRevoked: "REVOKED", kg.UnresolvedDeprecated: "DEPRECATED", kg.UnresolvedOtherDomain: "OTHER_DOMAIN", kg.UnresolvedUnknown: "UNKNOWN",
	}
)

// WriteReport writes an import report for people: what was refused first, then
// a table of the mapping files, then what else there is to say.
func WriteReport(w io.Writer, r *kg.ImportReport) error {
	var b strings.Builder
	writeRefused(&b, r)
	writeTable(&b, r)
	writeNotes(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRefused(b *strings.Builder, r *kg.ImportReport) {
	if r.Refused() == 0 {
		return
	}
	fmt.Fprintf(b, "REFUSED %d\n", r.Refused())
	for i := range r.Files {
		if e := r.Files[i].Error; e != nil {
			fmt.Fprintf(b, "  %s: %s\n", r.Files[i].Path, e)
		}
	}
	b.WriteString("\n")
}

// table writes aligned columns to a strings.Builder, which never fails.
type table struct{ w *tabwriter.Writer }

func (t table) line(format string, args ...any) { _, _ = fmt.Fprintf(t.w, format, args...) }

func writeTable(b *strings.Builder, r *kg.ImportReport) {
	t := table{tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)}
	t.line("rows\tmapped\tnon-mappable\tincomplete\tduplicates\trepeats\tconflicts\tcapabilities\ttechniques\tactive\tcomments none/\"\"\treferences none/[]\tmalformed\tnames off\t  set\n")
	for i := range r.Files {
		f := &r.Files[i]
		if f.Set == nil {
			continue
		}
		t.line("%d\t%d\t%d+%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d/%d\t%d/%d\t%d/%d\t%d\t%d\t  %s\n",
			f.Rows, f.Mapped, f.NonMappableTechnique, f.NonMappableCapability, f.Incomplete, f.ExactDuplicates, f.RepeatedPairs, f.ScoreConflicts,
			f.Capabilities, f.Techniques, f.ActiveTechniques, f.ReleaseTechniques, f.CommentsAbsent, f.CommentsBlank,
			f.ReferencesAbsent, f.ReferencesEmpty, f.MalformedReferences, f.NameMismatches, f.Set)
	}
	sum := r.Totals()
	t.line("%d\t%d\t%d+%d\t%d\t%d\t\t\t\t\t\t\t\t\t\t  total\n", sum.Rows, sum.Mapped, sum.NonMappableTechnique, sum.NonMappableCapability, sum.Incomplete, sum.ExactDuplicates)
	_ = t.w.Flush() // a strings.Builder takes everything
	b.WriteString("non-mappable: techniques + capabilities; active: of the ATT&CK release that the set was written for\n")
}

func writeNotes(b *strings.Builder, r *kg.ImportReport) {
	for i := range r.Files {
		f := &r.Files[i]
		if f.Error != nil || f.Set != nil && len(f.Lifted)+len(f.Unresolved)+len(f.Notes) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s  %s", f.Path, kindText[f.Kind])
		if f.Release != nil {
			fmt.Fprintf(b, " %s", f.Release)
		}
		if f.Objects > 0 {
			fmt.Fprintf(b, ", %d objects", f.Objects)
		}
		b.WriteString("\n")
		for _, l := range f.Lifted {
			fmt.Fprintf(b, "  lifted %s to %s (%d rows)\n", l.From, l.To, l.Rows)
		}
		for _, u := range f.Unresolved {
			fmt.Fprintf(b, "  no place for %s: %s (%d rows)\n", u.From, reasonText[u.Reason], u.Rows)
		}
		for _, n := range f.Notes {
			fmt.Fprintf(b, "  %s: %d %s%s\n", n.Code, n.Count, n.Message, rowList(n))
		}
	}
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

// The JSON form of a report has the API's names.
type (
	reportJSON struct {
		Totals countsJSON `json:"totals"`
		Files  []fileJSON `json:"files"`
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
	doc := reportJSON{Totals: countsOf(r.Totals()), Files: []fileJSON{}}
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
		Path: f.Path, Kind: kindText[f.Kind], Bytes: f.Bytes, Objects: f.Objects, countsJSON: countsOf(f.RowCounts),
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
		out.Unresolved = append(out.Unresolved, unresolvedJSON{u.From, reasonText[u.Reason], u.Rows})
	}
	for _, n := range f.Notes {
		if n.Rows == nil {
			n.Rows = []int{}
		}
		out.Notes = append(out.Notes, noteJSON(n))
	}
	return out
}
