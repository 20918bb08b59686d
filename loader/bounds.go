package loader

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// What a thing may be called. A name of a megabyte is somebody's mistake, and
// would be on every page and in every table.
const (
	maxID    = 256      // bytes of an id
	maxName  = 2 << 10  // bytes of a name or a title
	maxText  = 64 << 10 // bytes of a description or a comment
	maxURL   = 8 << 10  // bytes of an address
	maxItems = 1000     // aliases, platforms or tactics of an object, and references of a row
)

// unfit says why an id cannot be one, or nothing: it has to fit on a line, and
// in an address.
func unfit(id string) string {
	switch {
	case len(id) > maxID:
		return fmt.Sprintf("longer than %d bytes", maxID)
	case strings.ContainsFunc(id, breaksLines):
		return "with control characters or line breaks in it"
	}
	return ""
}

// unaddressable tells whether an id or a version has what parts ids from each
// other where they stand together.
func unaddressable(id string) bool {
	return strings.ContainsAny(id, "/:@") || strings.ContainsFunc(id, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) })
}

// breaksLines tells whether a character ends a line, controls a terminal or
// turns the direction of what follows.
func breaksLines(c rune) bool {
	return unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp) || '\u202a' <= c && c <= '\u202e' || '\u2066' <= c && c <= '\u2069'
}

// cut gives a text that is no longer than so many bytes.
func cut(text string, most int) (short string, isCut bool) {
	if len(text) <= most {
		return text, false
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.TrimSpace(text[:most]), true
}

// bounder keeps what is read within bounds, and notes what was not.
type bounder struct {
	notes *notes
	what  string // such as rows
}

// id gives an id that is fit to be one, or none.
func (b bounder) id(field, id string, row int) string {
	why := unfit(id)
	if why == "" {
		return id
	}
	b.notes.add("UNFIT_ID", fmt.Sprintf("%s whose %s is %s; taken as absent", b.what, field, why), row)
	return ""
}

// ids leaves out what is not fit to be an id, and what is beyond the bound.
func (b bounder) ids(field string, ids []string, row int) []string {
	var kept []string
	for _, id := range b.some(field, ids, row) {
		if id = b.id(field, id, row); id != "" {
			kept = append(kept, id)
		}
	}
	return kept
}

// names cuts names that are too long, and leaves out what is beyond the bound.
func (b bounder) names(field string, names []string, row int) []string {
	names = b.some(field, names, row)
	for i := range names {
		names[i] = b.name(field, names[i], row)
	}
	return names
}

// some gives the first of a list that is too long.
func (b bounder) some(field string, list []string, row int) []string {
	if len(list) <= maxItems {
		return list
	}
	b.notes.add("LIST_CUT", fmt.Sprintf("%s with more than %d %s; the rest is left out", b.what, maxItems, field), row)
	return list[:maxItems]
}

func (b bounder) name(field, name string, row int) string {
	return b.cut("NAME_CUT", field, name, maxName, row)
}

func (b bounder) text(field, text string, row int) string {
	return b.cut("TEXT_CUT", field, text, maxText, row)
}

func (b bounder) cut(code, field, text string, most, row int) string {
	short, isCut := cut(text, most)
	if isCut {
		b.notes.add(code, fmt.Sprintf("%s whose %s is longer than %d bytes; cut there", b.what, field, most), row)
	}
	return short
}

// url gives an address, or none where it is too long to be one.
func (b bounder) url(field, url string, row int) string {
	if len(url) <= maxURL {
		return url
	}
	b.notes.add("URL_TOO_LONG", fmt.Sprintf("%s whose %s is longer than %d bytes; taken as absent", b.what, field, maxURL), row)
	return ""
}

// references leaves out what is too long to be an address, and what is beyond
// the bound.
func (b bounder) references(refs []kg.Reference, row int) []kg.Reference {
	kept := refs[:0]
	for _, ref := range refs {
		if len(ref.Raw) <= maxURL {
			kept = append(kept, ref)
		}
	}
	if len(kept) < len(refs) {
		b.notes.add("URL_TOO_LONG", fmt.Sprintf("%s with a reference longer than %d bytes; left out", b.what, maxURL), row)
	}
	if len(kept) > maxItems {
		b.notes.add("LIST_CUT", fmt.Sprintf("%s with more than %d references; the rest is left out", b.what, maxItems), row)
		kept = kept[:maxItems]
	}
	return kept
}
