package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// Snippet is the piece of a document that shows why it was found: its id,
// its name or a text, on one line, cut to some 160 code points.
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
	case partBase:
		return snippetOf(h.Doc.IDs[at], []found{{end: len(h.Doc.IDs[at])}})
	case partName:
		return q.snippetOfName(h.Doc.Names[at])
	default:
		return q.snippetOfText(h.Doc.Texts[at].Text)
	}
}

// spot is a word of a text: where it is, and where it is among the words
// written as one.
type spot struct{ start, end, at int }

func spotsOf(text string) []spot {
	var spots []spot
	at := 0
	for scan := (scanner{src: text}); scan.next(); at += len(scan.word) {
		spots = append(spots, spot{scan.start, scan.end, at})
	}
	return spots
}

// cover turns a match from one place to another among the words written as one
// into a match in the text that covers whole words.
func cover(spots []spot, from, to int, units uint32) found {
	i := sort.Search(len(spots), func(i int) bool { return spots[i].at > from }) - 1
	j := sort.Search(len(spots), func(i int) bool { return spots[i].at >= to }) - 1
	return found{spots[i].start, spots[j].end, units}
}

func (q *Query) snippetOfName(text string) Snippet {
	return snippetOf(text, q.foundInName(text))
}

// snippetOfID marks the whole id where that was typed, or where the id is not
// spelt as it was typed.
func (q *Query) snippetOfID(text string) Snippet {
	all := q.foundInName(text)
	if id := makeIdentOf(text); len(all) == 0 || q.whole.id.relate(&id) >= regrouped {
		all = []found{{end: len(text)}}
	}
	return snippetOf(text, all)
}

func (q *Query) foundInName(text string) []found {
	var b nameBuilder
	b.add(text)
	n := &b.names()[0]
	spots := spotsOf(text)
	var all []found
	for i, e := range n.edges {
		for _, units := range [...][]unit{q.units, q.pairs, {q.whole}} {
			for k := range units {
				if end, c := units[k].at(n, i); c != none {
					all = append(all, cover(spots, e.at(), end, uint32(1<<units[k].count-1)<<units[k].first))
				}
			}
		}
	}
	var has matched
	q.inName(n, &has)
	for k := range q.units {
		u := &q.units[k]
		if u.typos == 0 || has.has&(1<<k) != 0 {
			continue
		}
		for i, e := range n.edges {
			if word := n.word(i); !e.soft() && isLetters(word) {
				if _, ok := edits(u.joined, word, u.typos); ok {
					all = append(all, cover(spots, e.at(), e.at()+len(word), 1<<k))
				}
			}
		}
	}
	return all
}

func (q *Query) snippetOfText(text string) Snippet {
	c := newCorpus([]*Doc{{Texts: []Text{{Text: text}}}})
	var finder textFinder
	finder.prepare(q, c.words)
	spots := spotsOf(text)
	var all []found
	for i, token := range c.tokens {
		list := finder.lists[finder.table[token]]
		for k := range list {
			if f := &list[k]; f.units()&q.need != 0 && f.follows(c.tokens[i+1:]) {
				all = append(all, found{spots[i].start, spots[i+len(f.more)].end, f.units()})
			}
		}
		if n := finder.phraseLength(c.tokens[i:]); n > 0 {
			// A phrase has every unit, so that it is preferred, and is one match.
			all = append(all, found{spots[i].start, spots[i+n-1].end, q.every()})
		}
	}
	return snippetOf(text, all)
}

// snippetOf cuts a snippet out of a text, around the earliest place with the
// most units.
func snippetOf(text string, all []found) Snippet {
	slices.SortFunc(all, func(a, b found) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	line := lineOf(text)
	spans := make([]Span, len(all))
	for i, f := range all {
		spans[i] = line.span(f.start, f.end)
	}
	from, to := line.window(spans, all)
	s := Snippet{Matches: []Span{}}
	shift := -from
	var b strings.Builder
	if from > 0 {
		b.WriteRune('…')
		shift++
	}
	b.WriteString(string(line.runes[from:to]))
	if to < len(line.runes) {
		b.WriteRune('…')
	}
	s.Text = b.String()
	for _, span := range spans {
		span = Span{max(span.Start, from) + shift, min(span.End, to) + shift}
		n := len(s.Matches)
		switch {
		case span.Start >= span.End:
		case n > 0 && span.Start <= s.Matches[n-1].End:
			s.Matches[n-1].End = max(s.Matches[n-1].End, span.End)
		default:
			s.Matches = append(s.Matches, span)
		}
	}
	return s
}

// line is a text on one line: each run of white space and control characters is
// one space, and there is none at either end.
type line struct {
	runes   []rune
	offsets []int // where each rune is in the text, in bytes
}

func lineOf(text string) line {
	l := line{make([]rune, 0, len(text)), make([]int, 0, len(text))}
	space := false
	for i, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = len(l.runes) > 0
			continue
		}
		if space {
			l.runes, l.offsets = append(l.runes, ' '), append(l.offsets, i-1)
			space = false
		}
		l.runes, l.offsets = append(l.runes, r), append(l.offsets, i)
	}
	return l
}

// span turns a range of bytes into one of runes.
func (l *line) span(start, end int) Span {
	at := func(offset int) int {
		i, _ := slices.BinarySearch(l.offsets, offset)
		return i
	}
	return Span{at(start), at(end)}
}

// window chooses the range of runes to show.
func (l *line) window(spans []Span, all []found) (from, to int) {
	n := len(l.runes)
	if n <= snippetRunes {
		return 0, n
	}
	// Half of the window must hold the matches that count, so that some text
	// stands before and behind them.
	first, most := 0, 0
	if len(spans) > 0 {
		first = spans[0].Start
	}
	for i := range spans {
		units := uint32(0)
		for j := i; j < len(spans) && spans[j].End-spans[i].Start <= snippetRunes/2; j++ {
			units |= all[j].units
		}
		if c := bits.OnesCount32(units); c > most {
			first, most = spans[i].Start, c
		}
	}
	from = max(0, min(first-snippetRunes/4, n-snippetRunes))
	to = from + snippetRunes
	// Move both ends to the edge of a word, if one is near.
	const near = 20
	if from > 0 {
		for i := from; i < min(from+near, first); i++ {
			if l.runes[i] == ' ' {
				from = i + 1
				break
			}
		}
	}
	if to < n {
		for i := to; i > to-near; i-- {
			if l.runes[i] == ' ' {
				to = i
				break
			}
		}
	}
	return from, to
}
