package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// ident is an id as a row of runs, each of letters or of digits: AC-02 is "ac"
// and "02". It is kept written together, with and without leading zeros, and
// with the places where its runs begin.
type ident struct {
	raw, bare         string
	rawCuts, bareCuts []uint16 // where each run after the first begins
	numbered          bool     // has a run of digits
	lead              int      // digits of the first run, as typed
	single            bool     // written without separators
}

// maxIdent is the number of bytes of an id that count.
const maxIdent = 1024

func makeIdent(words []string) ident {
	id := ident{single: len(words) == 1}
	var raw, bare []byte
	for _, w := range words {
		if len(raw)+len(w) > maxIdent {
			break
		}
		for w != "" {
			run := w[:runLength(w)]
			w = w[len(run):]
			if len(raw) > 0 {
				id.rawCuts = append(id.rawCuts, uint16(len(raw)))
				id.bareCuts = append(id.bareCuts, uint16(len(bare)))
			} else if isDigit(run[0]) {
				id.lead = len(run)
			}
			raw = append(raw, run...)
			if isDigit(run[0]) {
				id.numbered = true
				if run = strings.TrimLeft(run, "0"); run == "" {
					run = "0"
				}
			}
			bare = append(bare, run...)
		}
	}
	id.raw, id.bare = string(raw), string(bare)
	return id
}

// runLength gives the length of the run of digits, or of anything else, that a
// word begins with.
func runLength(w string) int {
	n := 1
	for n < len(w) && isDigit(w[n]) == isDigit(w[0]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// relation is how what was typed stands to an id; the greater, the nearer.
type relation uint8

const (
	unrelated relation = iota
	beginsEnd          // the beginning of the id's end
	begins             // the beginning of the id, within a run or across runs
	aboveEnd           // the first runs of the id's end
	above              // the id's first runs
	endOf              // the id's last runs
	regrouped          // the id, with separators left out or put in
	padded             // the id, with other leading zeros
	same
)

// points is what a relation is worth to a query that has digits.
func (r relation) points() int32 {
	return [...]int32{
		unrelated: 0, beginsEnd: pointsNumbered, begins: 8100, aboveEnd: 8400, above: 8500,
		endOf: 8800, regrouped: pointsRegrouped, padded: 9900, same: 10000,
	}[r]
}

// relate compares what was typed with an id.
func (typed *ident) relate(id *ident) relation {
	if typed.bare == "" || id.bare == "" {
		return unrelated
	}
	r := typed.relateAt(id, 0)
	switch {
	case r == same && typed.raw != id.raw:
		return padded
	case r == same:
		return same
	case len(typed.raw) == len(id.raw) && typed.spells(id, 0):
		return regrouped
	case r != unrelated:
		return r
	case typed.spells(id, 0):
		return begins
	}
	if typed.lead > 0 && typed.lead < 3 {
		return unrelated // too many ids end in so few digits
	}
	best := unrelated
	for run := range id.rawCuts {
		r := typed.relateAt(id, run+1)
		switch {
		case r == same:
			r = endOf
		case r == above:
			r = aboveEnd
		case r == begins || typed.spells(id, run+1):
			r = beginsEnd
		}
		best = max(best, r)
	}
	return best
}

// spells tells whether the id begins, from one of its runs on, with what was
// typed, to the letter, give or take separators. Between digits, where they
// matter, they may only be left out, and only together with all others.
func (typed *ident) spells(id *ident, run int) bool {
	from := startOf(id.rawCuts, run)
	if !strings.HasPrefix(id.raw[from:], typed.raw) {
		return false
	}
	for _, cut := range typed.rawCuts {
		if typed.amidDigits(int(cut)) && !slices.Contains(id.rawCuts, uint16(from)+cut) {
			return false
		}
	}
	for _, cut := range id.rawCuts[run:] {
		at := int(cut) - from
		if at < len(typed.raw) && !typed.single && typed.amidDigits(at) && !slices.Contains(typed.rawCuts, uint16(at)) {
			return false
		}
	}
	return true
}

// amidDigits tells whether digits stand on both sides of a place.
func (id *ident) amidDigits(at int) bool { return isDigit(id.raw[at-1]) && isDigit(id.raw[at]) }

// maxZeros is how many zeros more or less an id may be typed with: T1552.7 is
// T1552.007, but nobody who types C2 means C0002.
const maxZeros = 2

// relateAt compares what was typed with an id from one of its runs on, run by
// run: the runs are the same, the id has more, or the last is longer.
func (typed *ident) relateAt(id *ident, run int) relation {
	last := len(typed.bareCuts)
	from := startOf(id.bareCuts, run)
	if run+last > len(id.bareCuts) || !strings.HasPrefix(id.bare[from:], typed.bare) {
		return unrelated
	}
	for i, cut := range typed.bareCuts {
		zeros := typed.zeros(i) - id.zeros(run+i)
		if int(id.bareCuts[run+i])-from != int(cut) || zeros < -maxZeros || zeros > maxZeros {
			return unrelated
		}
	}
	zeros, idZeros := typed.zeros(last), id.zeros(run+last)
	end := endAt(id.bare, id.bareCuts, run+last)
	switch typedEnd := from + len(typed.bare); {
	case typedEnd < end && zeros == 0 && idZeros <= maxZeros: // 02 does not begin 20
		return begins
	case typedEnd != end || zeros-idZeros < -maxZeros || zeros-idZeros > maxZeros:
		return unrelated
	case end == len(id.bare):
		return same
	}
	return above
}

// zeros gives the number of zeros that a run leads with.
func (id *ident) zeros(run int) int {
	raw := endAt(id.raw, id.rawCuts, run) - startOf(id.rawCuts, run)
	bare := endAt(id.bare, id.bareCuts, run) - startOf(id.bareCuts, run)
	return raw - bare
}

func startOf(cuts []uint16, run int) int {
	if run == 0 {
		return 0
	}
	return int(cuts[run-1])
}

func endAt(s string, cuts []uint16, run int) int {
	if run < len(cuts) {
		return int(cuts[run])
	}
	return len(s)
}

// class says how well what was typed matches as one word among several.
func (r relation) class(p prefix) class {
	switch r {
	case unrelated:
		return none
	case same, padded:
		return exact
	case regrouped:
		return loose
	case begins, beginsEnd:
		return p.class()
	}
	return plural
}

// compareIDs orders ids, runs of digits as numbers.
func compareIDs(a, b *ident) int {
	for run := 0; ; run++ {
		runA, moreA := a.run(run)
		runB, moreB := b.run(run)
		switch {
		case !moreA && !moreB:
			return strings.Compare(a.raw, b.raw)
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		if isDigit(runA[0]) && isDigit(runB[0]) && len(runA) != len(runB) {
			return len(runA) - len(runB)
		}
		if c := strings.Compare(runA, runB); c != 0 {
			return c
		}
	}
}

// run gives a run without leading zeros.
func (id *ident) run(run int) (s string, ok bool) {
	if run > len(id.bareCuts) || id.bare == "" {
		return "", false
	}
	return id.bare[startOf(id.bareCuts, run):endAt(id.bare, id.bareCuts, run)], true
}

// keys gives the strings under which an id is indexed: whatever relates to it
// begins one of them, bare or raw.
func (id *ident) keys(add func(key string)) {
	if id.bare == "" {
		return
	}
	add(cutKey(id.bare))
	for _, cut := range id.bareCuts {
		add(cutKey(id.bare[cut:]))
	}
	if id.raw == id.bare {
		return
	}
	add(cutKey(id.raw))
	for _, cut := range id.rawCuts {
		add(cutKey(id.raw[cut:]))
	}
}

// below tells an id from the one that it is below: a control's enhancement from
// the control, a part from the whole, a sub-technique from its technique.
var below = regexp.MustCompile(`^(.*[\pL\pN)）])\s*(?:[(（]\s*(\pN+|\pL)\s*[)）]|[./]\s*(\pN+))$`)

// maxBases is how many levels an id may be below another.
const maxBases = 4

// basesOf gives the ids that a text is below, nearest first: AC-2(1) and AC-2 for
// AC-2(1)(a).
func basesOf(text string) []ident {
	text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) })
	var bases []ident
	for range maxBases {
		m := below.FindStringSubmatch(text)
		if m == nil || strings.Trim(m[2]+m[3], "0") == "" {
			break // nothing has the number 0: it is the beginning of one
		}
		text = m[1]
		base := makeIdentOf(text)
		if !base.numbered || isDigit(base.raw[0]) {
			break
		}
		bases = append(bases, base)
	}
	return bases
}

// maxKey is the number of bytes of a key that count, on both sides.
const maxKey = 64

func cutKey(s string) string { return s[:wholeRunes(s, maxKey)] }

// makeIdentOf reads an id as it is published.
func makeIdentOf(id string) ident { return makeIdent(Words(id)) }
