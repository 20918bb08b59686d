package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MaxWords is the number of words that a query may have.
	MaxWords = 32
	// MaxRunes is the number of code points that a query may have.
	MaxRunes = 512
)

// LimitError says that a query is too long.
type LimitError struct {
	Unit  string // what is counted: words or characters
	Got   int
	Limit int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("search text has %d %s; at most %d are allowed", e.Got, e.Unit, e.Limit)
}

// Query is what to look for. It is immutable; the zero Query matches nothing.
type Query struct {
	units []unit
	pairs []unit  // pairs[i] is units[i] and units[i+1] written as one
	whole unit    // the whole query written as one
	bases []ident // what the whole is below, if it is an id, nearest first
	need  uint32  // the units that a document must match
}

// unit is what must match as one: a word, words that hang together, or a phrase
// in quotes.
type unit struct {
	first, count uint8    // the units of the query that it stands for; none if count is 0
	parts        []string // its words
	joined       string   // its words written as one
	amid         []int    // where joined has two numbers side by side
	stem         stem     // of joined
	id           ident
	prefix       prefix
	strict       bool // in quotes
	typos        int  // edits allowed
	spellings    []spelling
}

// spelling is a row of words that, side by side in a text, match a unit.
type spelling struct {
	words []string
	open  bool // the last word may be the beginning of one
	class class
}

// insignificant words say too little to be looked for where they are missing.
// Words that ATT&CK tells techniques apart with, such as over and from, are not
// among them.
var insignificant = map[string]bool{
	"a": true, "an": true, "and": true, "as": true, "at": true, "by": true, "for": true, "in": true, "is": true,
	"of": true, "on": true, "or": true, "the": true, "to": true, "with": true,
}

// Parse reads what a person typed. Text without a letter or digit gives an empty
// query. A query that is too long is a [LimitError].
func Parse(text string) (Query, error) {
	if n := utf8.RuneCountInString(text); n > MaxRunes {
		return Query{}, &LimitError{Unit: "characters", Got: n, Limit: MaxRunes}
	}
	q := Query{bases: basesOf(text)}
	words := 0
	var all []string
	add := func(parts []string, strict, open bool) {
		words += len(parts)
		all = append(all, parts...)
		q.units = append(q.units, unit{first: uint8(len(q.units)), count: 1, parts: parts, strict: strict, prefix: innerPrefix})
		if strict && !open {
			q.units[len(q.units)-1].prefix = noPrefix
		}
	}
	inQuotes := false
	for text != "" {
		segment := text
		i := strings.IndexFunc(text, isQuote)
		if i >= 0 {
			segment = text[:i]
			_, size := utf8.DecodeRuneInString(text[i:])
			text = text[i+size:]
		} else {
			text = ""
		}
		if inQuotes {
			if parts := Words(segment); len(parts) > 0 {
				add(parts, true, i < 0)
			}
		} else {
			for _, parts := range compounds(segment) {
				add(parts, false, true)
			}
		}
		inQuotes = !inQuotes
	}
	switch {
	case words > MaxWords:
		return Query{}, &LimitError{Unit: "words", Got: words, Limit: MaxWords}
	case words == 0:
		return Query{}, nil
	}
	q.prepare(all)
	return q, nil
}

func isQuote(r rune) bool {
	switch r {
	case '"', '“', '”', '„', '«', '»', '＂':
		return true
	}
	return false
}

// compounds gives the words of a text, those that hang together in one list.
func compounds(text string) [][]string {
	var list [][]string
	s := scanner{src: text}
	for end := 0; s.next(); end = s.end {
		word := string(s.word)
		if n := len(list); n > 0 && hangsTogether(text[end:s.start]) {
			list[n-1] = append(list[n-1], word)
		} else {
			list = append(list, []string{word})
		}
	}
	return list
}

// hangsTogether tells whether what stands between two words joins them.
func hangsTogether(between string) bool {
	n := 0
	for _, r := range between {
		switch r {
		case '-', '_', '.', '&', '+', '\u2010', '\u2011':
			n++
		default:
			return false
		}
	}
	return n == 1 || n == 2
}

func (q *Query) prepare(all []string) {
	last := len(q.units) - 1
	for k := range q.units {
		u := &q.units[k]
		u.prepare()
		if !insignificant[u.joined] || u.strict {
			q.need |= 1 << k
		}
	}
	if q.need == 0 {
		q.need = q.every()
	}
	for k := range q.units {
		u := &q.units[k]
		switch {
		case k == last && u.prefix != noPrefix:
			u.prefix = lastPrefix
		case !q.needs(k):
			u.prefix = noPrefix // "the" is not the beginning of "these"
		}
		if len(u.parts) == 1 && !u.strict {
			u.typos = typos(u.joined)
		}
		u.spell(len(q.units) <= maxSplit)
	}
	q.pairs = make([]unit, last)
	for k := range q.pairs {
		a, b := &q.units[k], &q.units[k+1]
		if a.strict || b.strict {
			continue
		}
		u := &q.pairs[k]
		*u = unit{first: a.first, count: 2, parts: slices.Concat(a.parts, b.parts), prefix: b.prefix}
		u.prepare()
		if len(u.amid) > 0 {
			continue
		}
		u.addSpelling([]string{u.joined}, false, loose)
		if u.prefix == lastPrefix && utf8.RuneCountInString(u.joined) >= minPrefix {
			u.addSpelling([]string{u.joined}, true, u.prefix.class())
		}
	}
	q.whole = unit{count: uint8(len(q.units)), parts: all, prefix: q.units[last].prefix}
	q.whole.prepare()
}

// every gives the set of all units.
func (q *Query) every() uint32 { return uint32(1<<len(q.units) - 1) }

// needs tells whether a document must match a unit.
func (q *Query) needs(k int) bool { return q.need>>k&1 == 1 }

// Empty tells whether there is nothing to look for.
func (q Query) Empty() bool { return len(q.units) == 0 }

func (u *unit) prepare() {
	u.joined = strings.Join(u.parts, "")
	u.stem = stemOf(u.joined)
	u.id = makeIdent(u.parts)
	u.amid = nil
	at := 0
	for _, part := range u.parts {
		if at > 0 && isDigit(u.joined[at-1]) && isDigit(part[0]) {
			u.amid = append(u.amid, at)
		}
		at += len(part)
	}
}

const (
	// minPrefix is the number of letters that a beginning of a word of a text
	// needs: shorter ones begin too many words.
	minPrefix = 3
	// maxSplit is the number of units up to which a word is also looked for as
	// two words. It keeps a plan below the clauses that Lucene allows.
	maxSplit = 8
)

// spell lists the spellings of a unit, better ones first.
func (u *unit) spell(split bool) {
	n := len(u.parts)
	final := u.parts[n-1]
	open := func(words []string) {
		if u.prefix != noPrefix && utf8.RuneCountInString(words[len(words)-1]) >= minPrefix {
			u.addSpelling(words, true, u.prefix.class())
		}
	}
	u.addSpelling(u.parts, false, exact)
	if u.strict {
		open(u.parts)
		return
	}
	u.addPlurals(u.parts[:n-1], final, plural)
	whole := len(u.amid) == 0 // two numbers written as one are another number
	if n > 1 && whole {
		u.addSpelling([]string{u.joined}, false, loose)
		u.addPlurals(nil, u.joined, loose)
	}
	var runs []string
	for _, part := range u.parts {
		for part != "" {
			run := part[:runLength(part)]
			runs = append(runs, run)
			part = part[len(run):]
		}
	}
	u.addSpelling(runs, false, loose)
	if split && whole && len(u.joined) <= maxKey/2 {
		u.addSplits()
	}
	open(u.parts)
	if whole {
		open([]string{u.joined})
	}
}

// addPlurals adds the other forms of a word.
func (u *unit) addPlurals(before []string, word string, c class) {
	for _, form := range stemOf(word).forms() {
		if form != word {
			u.addSpelling(slices.Concat(before, []string{form}), false, c)
		}
	}
}

// addSplits adds the ways to write the unit as two words. Words end in more than
// a letter, and short words would be split into words that are everywhere, such
// as "in" and "to".
func (u *unit) addSplits() {
	if utf8.RuneCountInString(u.joined) < 5 {
		return
	}
	for i := range u.joined {
		if i > 0 && utf8.RuneCountInString(u.joined[i:]) > 1 {
			u.addSpelling([]string{u.joined[:i], u.joined[i:]}, false, loose)
		}
	}
}

// addSpelling adds a spelling unless an equal one is there, which is better.
func (u *unit) addSpelling(words []string, open bool, c class) {
	for _, s := range u.spellings {
		if s.open == open && slices.Equal(s.words, words) {
			return
		}
	}
	u.spellings = append(u.spellings, spelling{words, open, c})
}
