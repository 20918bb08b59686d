// Package search finds things by what people type: an id in any spelling, a
// name or part of one, words of a text, with a typo or not.
//
// Its heart is a pure predicate, [Match], which says of one document whether
// and how well it answers a query. [Index] only proposes candidates for it,
// through an inverted index, and never leaves out one that Match accepts. A
// store with a full-text index of its own keeps what [TermsOf] gives, asks for
// candidates with [Query.Plan] and orders them with [Rank]: all answer alike.
//
// # What matches
//
// Texts are folded (compatibility decomposition, no marks, lower case) and
// split into words at everything but letters and digits; an apostrophe within a
// word disappears. The words of a query that hang together by one of - _ . & +
// are one: they match side by side only. So do words between double quotes,
// which moreover match neither plurals, nor beginnings, nor typos; a quote that
// is never closed lets its last word be the beginning of one.
//
// Every word must match somewhere: in an id, a name, an alias or a text. It
// matches the same word, its singular or plural, and the beginning of a word
// (of a text's word, from three letters on). A few words that carry no meaning,
// such as "the", may be missing from the document unless the query has no
// others. Where words begin and end does not matter much: "cozybear" finds Cozy
// Bear, and "power shell" finds PowerShell. In names, a capital after a small
// letter and a digit after a letter begin a word too, so "29" finds APT29.
//
// A word of letters alone that is found nowhere in a document may still match a
// word of its names with a typo: one edit from four letters on, two from eight
// on, where an edit inserts, deletes or replaces a letter or swaps two
// neighbours. The first letters must agree, because typos seldom begin a word
// and guesses that begin otherwise are mostly noise.
//
// Ids compare by their runs of letters and digits, give or take two leading
// zeros, so AC-02, ac2 and "AC 2" are all AC-2 and t1552/7 is T1552.007. Written
// in full, separators may be missing: t1552007. What begins with three digits or
// more may leave out what comes before: 1552.007, 2021-44228. Numbers that were
// typed apart are never one: AC-2(1) is not AC-21.
//
// What is typed as an id below another, as AC-2(1), AC-2.1 or T1552.099, and is
// not there, finds the other. That is the one thing that depends on what else
// there is: [Match] of a base holds, and [Rank] leaves it out beside the id itself.
//
// # Scores
//
// A score says how a document matches, not how rare its words are, so scores
// compare across kinds of document and across stores. The scale:
//
//	100      the id; 99 if zeros differ, 97 if it is split up otherwise
//	 95      the name; 94 if it is split up otherwise
//	 90      an alias; 89 likewise
//	 88      the id's end, such as 1552.007
//	 85      an id below the one given, such as T1552.007 for T1552; 84 for its end
//	 83      the id that the one given is below, such as AC-2 for AC-2(1), if there is no AC-2(1)
//	 81      an id that begins so, such as AC-20 for AC-2; 80 for its end
//	 75-80   the name begins with the words
//	 70-75   the name has the words in this order
//	 65-70   the name has the words
//	 60-65   an alias begins with the words
//	 55-60   an alias has the words in this order
//	 50-55   an alias has the words
//	 45-50   an id has the words
//	 40-45   ids, names and aliases together have the words
//	 30-35   a text has the words side by side
//	 25-30   some words in ids, names or aliases, the others in texts
//	 20-25   one text has the words
//	 15-20   the texts together have the words
//	  5-10   ids, names and aliases have the words, some with a typo
//	  1-5    likewise, together with texts
//
// The lines for the id's end, for ids below and for ids that begin so hold for
// queries with a digit; without one, an id counts as a row of words. Within a
// line of some width, whole words count more than plurals, these more than
// beginnings; then how much of the name the query spells, or how often a text
// has the words. Scores are whole hundredths, reckoned in integers, hence equal
// on every machine.
//
// Equal scores are ordered by weight, then kind, then the shorter name (ids
// found by number: by id, numbers as numbers), then key.
package search

// Kind is a kind of document, numbered by the caller. Of equal hits, lower kinds
// come first.
type Kind uint8

// Doc is something that can be found. It must not change once it is indexed.
type Doc struct {
	Key   string // unique; the last tie-break, compared by bytes
	Kind  Kind
	IDs   []string // as people type them: T1552.007, AC-2, CVE-2021-44228
	Names []string // the name, then aliases
	Texts []Text
	// Weight orders hits of equal score, heaviest first. It never lifts a hit
	// over one that matches better.
	Weight float64
}

// Text is a long text of a document.
type Text struct {
	Field string // what it is, such as description
	Text  string
}

// The fields that a hit can be found by, besides those of its texts.
const (
	FieldID    = "id"
	FieldName  = "name"
	FieldAlias = "alias"
	FieldBase  = "base" // the id that the one given is below, which itself is nowhere
)

// Hit is a document that matches a query.
type Hit struct {
	Doc   *Doc
	Score float64 // 0 to 100, in whole hundredths
	Field string  // where it matches best: FieldID, FieldName, FieldAlias, FieldBase or a text's field

	points int32
	place  place
}

// place points at one of a document's ids, names or texts.
type place struct {
	part part
	at   int32
}

type part uint8

const (
	partID   part = iota
	partBase      // an id that is the base of the one that was typed
	partName
	partText
)

func (p place) field(doc *Doc) string {
	switch {
	case p.part == partID:
		return FieldID
	case p.part == partBase:
		return FieldBase
	case p.part == partText:
		return doc.Texts[p.at].Field
	case p.at == 0:
		return FieldName
	}
	return FieldAlias
}
