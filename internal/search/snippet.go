package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Snippet is the piece of a document that shows why it was found: the whole id
// or name, or some 160 code points of a text, on one line.
type Snippet struct {
	Text    string // plain text, to be escaped wherever it is shown
	Matches []Span // ascending and apart from each other
}

// Span is a part of a text, in code points: from Start to before End. It covers
// whole words, even where only their beginning matches.
type Span struct{ Start, End int }

// snippetRunes is about how long a snippet of a text is.
const snippetRunes = 160

// found is a match in a text, in bytes, with the units that it has.
type found struct {
	start, end int
	units      uint32
}

// Snippet gives the piece of the hit's document that matches the query, which
// must be the one that gave the hit.
func (h Hit) Snippet(q Query) Snippet {
	if h.Doc == nil {
		return Snippet{Matches: []Span{}}
	}
	switch at := h.place.at; h.place.part {
	case partID:
		return q.snippetOfID(h.Doc.IDs[at])
	case partName:
		return q.snippetOfName(h.Doc.Names[at])
	default:
		return q.snippetOfText(h.Doc.Texts[at].Text)
	}
}

// spot is a word of a text: where it is, and where it is among the words
// written as one.
type spot struct {
	start, end int
	at         int
}

// spotsOf gives the words of a text, or their runs of letters and digits.
func spotsOf(text string, runs bool) []spot {
	var spots []spot
	scan := scanner{src: text}
	at := 0
	for scan.next() {
		if runs && plainASCII(text[scan.start:scan.end]) {
			for i := 0; i < len(scan.word); {
				n := runLength(string(scan.word[i:]))
				spots = append(spots, spot{scan.start + i, scan.start + i + n, at})
				i += n
				at += n
			}
			continue
		}
		spots = append(spots, spot{scan.start, scan.end, at})
		at += len(scan.word)
	}
	return spots
}

// plainASCII tells whether each byte of a word folds to one byte.
func plainASCII(s string) bool {
	for i := range len(s) {
		if foldASCII[s[i]] == 0 {
			return false
		}
	}
	return len(s) <= maxWord
}

// cover turns a match from one place to another among the words written as one
// into a match in the text that covers whole words.
func cover(spots []spot, from, to int, units uint32) found {
	i := sort.Search(len(spots), func(i int) bool { return spots[i].at > from }) - 1
	j := sort.Search(len(spots), func(i int) bool { return spots[i].at >= to }) - 1
	return found{spots[i].start, spots[j].end, units}
}

func (q *Query) snippetOfName(text string) Snippet {
	var b nameBuilder
	b.add(text)
	n := &b.names()[0]
	spots := spotsOf(text, false)
	var all []found
	var has matched
	q.inName(n, &has)
	for i, e := range n.edges {
		for _, units := range [...][]unit{q.units, q.pairs} {
			for k := range units {
				if end, c := units[k].at(n, i); c != none {
					all = append(all, cover(spots, e.at(), end, 0))
				}
			}
		}
	}
	if n.s == q.whole.joined && n.s != "" {
		all = append(all, cover(spots, 0, len(n.s), 0))
	}
	for k := range q.units {
		u := &q.units[k]
		if u.typos == 0 || has.has&(1<<k) != 0 {
			continue
		}
		for i, e := range n.edges {
			if e.soft() {
				continue
			}
			word := n.word(i)
			if !isLetters(word) {
				continue
			}
			if _, ok := edits(u.joined, word, u.typos); ok {
				all = append(all, cover(spots, e.at(), e.at()+len(word), 0))
			}
		}
	}
	return snippetOf(text, all, len(text))
}

// snippetOfID marks the runs that were typed. Where that is hard to tell, for
// want of zeros or separators, it marks the id.
func (q *Query) snippetOfID(text string) Snippet {
	id := makeIdentOf(text)
	spots := spotsOf(text, true)
	if id.raw == "" || len(spots) != len(id.rawCuts)+1 {
		return snippetOf(text, []found{{0, len(text), 0}}, len(text))
	}
	starts := append([]uint16{0}, id.bareCuts...)
	var all []found
	mark := func(u *unit) {
		for i, cut := range starts {
			r := relateAt(u.id.bare, u.id.bareCuts, id.bare, id.bareCuts[i:], int(cut))
			if r == unrelated || i > 0 && u.id.relate(&id) == begins {
				continue
			}
			end := int(cut) + len(u.id.bare)
			j := sort.Search(len(starts), func(j int) bool { return int(starts[j]) >= end }) - 1
			all = append(all, found{spots[i].start, spots[j].end, 0})
			return
		}
	}
	if mark(&q.whole); len(all) == 0 {
		for k := range q.units {
			mark(&q.units[k])
		}
		for k := range q.pairs {
			if q.pairs[k].count > 0 {
				mark(&q.pairs[k])
			}
		}
	}
	if len(all) == 0 {
		all = append(all, found{0, len(text), 0})
	}
	return snippetOf(text, all, len(text))
}
