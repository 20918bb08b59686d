package loader

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// maxMessages bounds the notes of one code about one file; further cases are
// counted together.
const maxMessages = 50

// notes gathers notes, one for each message.
type notes struct {
	byKey  map[[2]string]*kg.Note
	byCode map[string]int // how many messages
}

func newNotes() *notes { return &notes{map[[2]string]*kg.Note{}, map[string]int{}} }

// add counts one more case; row 0 stands for none.
func (n *notes) add(code, message string, row int) {
	note := n.byKey[[2]string{code, message}]
	if note == nil {
		note = n.put(&kg.Note{Code: code, Message: message})
	}
	addCase(note, row)
}

// put adds a note with a new message, or gives the one to which its cases belong
// where there are too many.
func (n *notes) put(note *kg.Note) *kg.Note {
	n.byCode[note.Code]++
	if n.byCode[note.Code] <= maxMessages {
		n.byKey[[2]string{note.Code, note.Message}] = note
		return note
	}
	key := [2]string{note.Code, "further cases of this kind"}
	rest := n.byKey[key]
	if rest == nil {
		rest = &kg.Note{Code: note.Code, Message: key[1]}
		n.byKey[key] = rest
	}
	for _, row := range note.Rows {
		addCase(rest, row)
	}
	rest.Count += note.Count - len(note.Rows)
	return rest
}

func addCase(note *kg.Note, row int) {
	note.Count++
	if row > 0 && len(note.Rows) < kg.NoteRows && (len(note.Rows) == 0 || note.Rows[len(note.Rows)-1] != row) {
		note.Rows = append(note.Rows, row)
	}
}

// list gives the notes, with others', by code, then message.
func (n *notes) list(others ...*notes) []kg.Note {
	var list []kg.Note
	for _, of := range append(others, n) {
		for _, note := range of.byKey {
			list = append(list, *note)
		}
	}
	slices.SortFunc(list, func(a, b kg.Note) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	return list
}

// maxShown bounds what a message shows of a file's text, in bytes.
const maxShown = 80

// quoted gives a file's text as a message shows it: in quotes, on one line and
// no longer than fits.
func quoted(text string) string {
	if len(text) <= maxShown {
		return strconv.Quote(text)
	}
	end := maxShown
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strconv.Quote(text[:end]) + "…"
}

// maxListed bounds the ids that one message lists.
const maxListed = 100

// listed gives ids as a message lists them.
func listed(ids []string) string {
	shown := make([]string, min(len(ids), maxListed))
	for i := range shown {
		shown[i] = brief(ids[i])
	}
	if more := len(ids) - len(shown); more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(shown, ", ")
}

// brief gives an id as it is, or in quotes if it is long or does not print.
func brief(id string) string {
	if q := quoted(id); len(q) != len(id)+2 {
		return q
	}
	return id
}
