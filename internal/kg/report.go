package kg

import "fmt"

// FileKind says what a file of the data folder was taken for.
type FileKind uint8

// The kinds of file.
const (
	MappingFile FileKind = iota + 1
	AttackBundle
	OscalCatalog
	OscalProfile
	PriorityList
	FrameworkInfo
	UnknownFile
)

// FileError is why a file was refused.
type FileError struct {
	Line   int // 1 for the first line; 0 where the whole file is meant
	Row    int // 1 for the first row or object; 0 where none is meant
	Reason string
}

// String gives the reason with the place that it speaks of.
func (e *FileError) String() string {
	switch {
	case e.Line > 0 && e.Row > 0:
		return fmt.Sprintf("line %d, row %d: %s", e.Line, e.Row, e.Reason)
	case e.Line > 0:
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	case e.Row > 0:
		return fmt.Sprintf("row %d: %s", e.Row, e.Reason)
	}
	return e.Reason
}

// Note is something about a file that a person should know, and that loses nothing.
type Note struct {
	Code    string // stable, such as UNDECLARED_TYPE
	Message string
	Count   int   // how many rows, objects or values it concerns
	Rows    []int // the first rows concerned, at most NoteRows
}

// NoteRows bounds the rows that a note lists; Count is exact all the same.
const NoteRows = 20

// LiftedID is a technique id that alignment replaces by its successor.
type LiftedID struct {
	From string
	To   string
	Rows int
}

// UnresolvedReason says why a technique id has no technique in a release.
type UnresolvedReason uint8

// The reasons.
const (
	UnresolvedRevoked UnresolvedReason = iota + 1
	UnresolvedDeprecated
	UnresolvedOtherDomain
	UnresolvedUnknown
)

// UnresolvedID is a technique id that alignment cannot place.
type UnresolvedID struct {
	From   string
	Reason UnresolvedReason
	Rows   int
}

// RowCounts counts rows by class. Rows = the sum of the four classes; exact
// duplicates are counted in their class too.
type RowCounts struct {
	Rows                  int
	Mapped                int
	NonMappableCapability int
	NonMappableTechnique  int
	Incomplete            int
	ExactDuplicates       int // rows equal to an earlier one in every field, dropped
}

// Add sums two counts.
func (c *RowCounts) Add(o RowCounts) {
	c.Rows += o.Rows
	c.Mapped += o.Mapped
	c.NonMappableCapability += o.NonMappableCapability
	c.NonMappableTechnique += o.NonMappableTechnique
	c.Incomplete += o.Incomplete
	c.ExactDuplicates += o.ExactDuplicates
}

// FileReport says what was found in one file. The mapping counters are those of
// a mapping file; they are zero for other kinds.
type FileReport struct {
	Path    string
	Kind    FileKind
	Bytes   int64 // on disk
	Set     *SetKey
	Release *ReleaseKey
	Objects int // objects, controls or entries of a file that is no mapping file
	Error   *FileError

	RowCounts
	Capabilities          int // distinct capability ids as written, with case and blanks
	CanonicalCapabilities int // distinct capabilities
	Techniques            int // distinct technique ids as written, on rows of any class
	ActiveTechniques      int // distinct technique ids of MAPPED rows that are active in the set's own release
	ReleaseTechniques     int // active techniques of the set's own release; 0 where it is not loaded
	RepeatedPairs         int // MAPPED rows beyond the first of their (capability, technique), as written
	ScoreConflicts        int // (capability, technique, type, category) with more than one value
	CommentsAbsent        int // rows without comments, or with null
	CommentsBlank         int // rows whose comments are ""
	ReferencesAbsent      int // rows without references, or with null
	ReferencesEmpty       int // rows whose references are []
	MalformedReferences   int // references with blanks around or inside, or that do not begin with a scheme
	NameMismatches        int // distinct (technique id, label) that differ from ATT&CK's name
	MetadataMismatches    int // row fields that repeat a metadata field with another value
	DuplicateKeys         int // JSON keys that occur twice in an object
	UnknownKeys           int // JSON keys that the schema does not name
	InvalidUTF8           int // strings in which invalid bytes were replaced
	Lifted                []LiftedID
	Unresolved            []UnresolvedID
	Notes                 []Note
}

// ImportReport is the record of a load, file by file, by path.
type ImportReport struct {
	Files []FileReport
}

// Totals sums the row counts of every file that was not refused.
func (r *ImportReport) Totals() RowCounts {
	var sum RowCounts
	for i := range r.Files {
		sum.Add(r.Files[i].RowCounts)
	}
	return sum
}

// Refused counts the files that were refused.
func (r *ImportReport) Refused() int {
	n := 0
	for i := range r.Files {
		if r.Files[i].Error != nil {
			n++
		}
	}
	return n
}
