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
	r := relateAt(typed.bare, typed.bareCuts, id.bare, id.bareCuts, 0)
	switch {
	case r == same && typed.raw != id.raw:
		return padded
	case r == same:
		return same
	case typed.raw == id.raw:
		return regrouped
	case r != unrelated:
		return r
	case strings.HasPrefix(id.raw, typed.raw):
		return begins
	}
	best := unrelated
	for i, cut := range id.bareCuts {
		// Few digits would be the end of too many ids.
		if typed.lead > 0 && typed.lead < 3 {
			break
		}
		switch relateAt(typed.bare, typed.bareCuts, id.bare, id.bareCuts[i+1:], int(cut)) {
		case same, regrouped:
			best = max(best, endOf)
		case above:
			best = max(best, aboveEnd)
		case begins:
			best = max(best, beginsEnd)
		case unrelated:
			if strings.HasPrefix(id.raw[id.rawCuts[i]:], typed.raw) {
				best = max(best, beginsEnd)
			}
		}
	}
	return best
}

// relateAt compares what was typed with the part of an id from a place on; cuts
// are where the id's runs behind that place begin.
func relateAt(typed string, typedCuts []uint16, id string, cuts []uint16, from int) relation {
	rest := id[from:]
	if !strings.HasPrefix(rest, typed) {
		return unrelated
	}
	aligned := len(cuts) >= len(typedCuts)
	for i := 0; aligned && i < len(typedCuts); i++ {
		aligned = int(cuts[i])-from == int(typedCuts[i])
	}
	next := len(rest) // where the run that follows what was typed would begin
	if aligned && len(cuts) > len(typedCuts) {
		next = int(cuts[len(typedCuts)]) - from
	}
	switch {
	case !aligned && len(rest) == len(typed):
		return regrouped
	case !aligned || next != len(typed):
		return begins
	case len(rest) == len(typed):
		return same
	}
	return above
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
	end := len(id.bare)
	if n < len(id.bareCuts) {
		end = int(id.bareCuts[n])
	}
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
