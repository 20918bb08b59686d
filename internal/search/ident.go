package search

import "strings"

// ident is an id as a row of runs, each of letters or of digits: AC-02 is "ac"
// and "02". It is kept written together, with and without leading zeros, and
// with the places where its runs begin.
type ident struct {
	raw, bare         string
	rawCuts, bareCuts []uint16 // where each run after the first begins
	numbered          bool     // has a run of digits
	lead              int      // digits of the first run, as typed
}

// maxIdent is the number of bytes of an id that count.
const maxIdent = 1024

func makeIdent(words []string) ident {
	var id ident
	var raw, bare []byte
	for _, w := range words {
		for w != "" && len(raw)+len(w) <= maxIdent {
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
	regrouped          // the id, with other places between its runs
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
	case typed.raw == id.raw && typed.divides(id.raw, id.rawCuts):
		return regrouped
	case r != unrelated:
		return r
	case strings.HasPrefix(id.raw, typed.raw) && typed.divides(id.raw, id.rawCuts):
		return begins
	}
	if typed.lead > 0 && typed.lead < 3 {
		return unrelated // too many ids end in so few digits
	}
	best := unrelated
	for i, cut := range id.rawCuts {
		r := unrelated
		switch typed.relateAt(id, i+1) {
		case same, regrouped:
			r = endOf
		case above:
			r = aboveEnd
		case begins:
			r = beginsEnd
		default:
			if strings.HasPrefix(id.raw[cut:], typed.raw) {
				r = beginsEnd
			}
		}
		best = max(best, r)
	}
	return best
}

// maxZeros is how many zeros more or less an id may be typed with: T1552.7 is
// T1552.007, but nobody who types C2 means C0002.
const maxZeros = 2

// relateAt compares what was typed with an id from one of its runs on.
func (typed *ident) relateAt(id *ident, run int) relation {
	from := 0
	if run > 0 {
		from = int(id.bareCuts[run-1])
	}
	rest := id.bare[from:]
	if !strings.HasPrefix(rest, typed.bare) {
		return unrelated
	}
	last := len(typed.bareCuts)
	aligned := run+last <= len(id.bareCuts) && cutAt(id.bare, id.bareCuts, run+last)-from >= len(typed.bare)
	for i := 0; aligned && i < last; i++ {
		aligned = int(id.bareCuts[run+i])-from == int(typed.bareCuts[i])
	}
	if !aligned {
		if len(rest) == len(typed.bare) && run == 0 && typed.divides(id.bare, id.bareCuts) {
			return regrouped
		}
		return unrelated
	}
	for i := range last {
		if d := typed.zeros(i) - id.zeros(run+i); d < -maxZeros || d > maxZeros {
			return unrelated
		}
	}
	typedZeros, idZeros := typed.zeros(last), id.zeros(run+last)
	switch ahead := idZeros - typedZeros; {
	case cutAt(id.bare, id.bareCuts, run+last)-from > len(typed.bare):
		// 02 does not begin 20, and 2 hardly begins 0020.
		if typedZeros > 0 || idZeros > maxZeros {
			return unrelated
		}
		return begins
	case ahead < -maxZeros || ahead > maxZeros:
		return unrelated
	case len(rest) == len(typed.bare):
		return same
	}
	return above
}

// zeros gives the number of zeros that a run leads with.
func (id *ident) zeros(run int) int {
	rawFrom, from := 0, 0
	if run > 0 {
		rawFrom, from = int(id.rawCuts[run-1]), int(id.bareCuts[run-1])
	}
	return (cutAt(id.raw, id.rawCuts, run) - rawFrom) - (cutAt(id.bare, id.bareCuts, run) - from)
}

// cutAt gives where a run ends.
func cutAt(s string, cuts []uint16, run int) int {
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
	i, j := 0, 0
	for n := 0; ; n++ {
		runA, moreA := a.run(n, &i)
		runB, moreB := b.run(n, &j)
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

// run gives the nth run without leading zeros, which begins at from, and moves
// from behind it.
func (id *ident) run(n int, from *int) (run string, ok bool) {
	if n > len(id.bareCuts) || id.bare == "" {
		return "", false
	}
	end := cutAt(id.bare, id.bareCuts, n)
	run = id.bare[*from:end]
	*from = end
	return run, true
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

// maxKey is the number of bytes of a key that count, on both sides.
const maxKey = 64

func cutKey(s string) string { return s[:wholeRunes(s, maxKey)] }

// makeIdentOf reads an id as it is published.
func makeIdentOf(id string) ident { return makeIdent(Words(id)) }
