package search

import "math/bits"

// textFinder finds the units of a query in the texts of a corpus.
type textFinder struct {
	q     *Query
	table []uint16   // for each word of the lexicon, the list of what begins with it
	lists [][]finder // the first is empty
}

// finder finds a unit at a word.
type finder struct {
	first, count uint8
	class        class
	more         []wordRange // the words that must follow
}

// wordRange is the words from one number to behind another.
type wordRange struct{ from, to uint32 }

// units gives the set of the units that it finds.
func (f *finder) units() uint32 { return uint32(1<<f.count-1) << f.first }

// follows tells whether the words that must follow do.
func (f *finder) follows(tokens []uint32) bool {
	if len(f.more) > len(tokens) {
		return false
	}
	for i, r := range f.more {
		if tokens[i] < r.from || tokens[i] >= r.to {
			return false
		}
	}
	return true
}

// prepare looks the query up in a lexicon. The table is kept for the next use.
func (t *textFinder) prepare(q *Query, words lexicon) {
	t.q = q
	t.lists = append(t.lists[:0], nil)
	if cap(t.table) < len(words) {
		t.table = make([]uint16, len(words))
	}
	t.table = t.table[:len(words)]
	clear(t.table)
	// Ranges first: as they share lists, this keeps the number of lists small.
	for _, open := range []bool{true, false} {
		for _, units := range [...][]unit{q.units, q.pairs} {
			for k := range units {
				for i := range units[k].spellings {
					if s := &units[k].spellings[i]; s.open == open {
						t.add(&units[k], s, words)
					}
				}
			}
		}
	}
}

func (t *textFinder) add(u *unit, s *spelling, words lexicon) {
	ranges := make([]wordRange, 0, len(s.words))
	for i, w := range s.words {
		var r wordRange
		if s.open && i == len(s.words)-1 {
			r.from, r.to = words.begun(w)
		} else if at, ok := words.find(w); ok {
			r = wordRange{at, at + 1}
		}
		if r.from == r.to {
			return
		}
		ranges = append(ranges, r)
	}
	f := finder{u.first, u.count, s.class, ranges[1:]}
	longer := map[uint16]uint16{} // lists, and the same with the finder
	for at := ranges[0].from; at < ranges[0].to; at++ {
		old := t.table[at]
		list, ok := longer[old]
		if !ok {
			list = uint16(len(t.lists))
			t.lists = append(t.lists, append(t.lists[old][:len(t.lists[old]):len(t.lists[old])], f))
			longer[old] = list
		}
		t.table[at] = list
	}
}

// textMatch is how a query matches in the texts of a document.
type textMatch struct {
	matched        // in all texts together
	text    int    // the text that matches best
	within  uint32 // the units that this text matches
	phrase  bool   // it has all units side by side
	times   int    // how often it has a unit that must match
}

// find looks for the query in texts of a corpus.
func (t *textFinder) find(c *corpus, from, to int) textMatch {
	var all textMatch
	for text := from; text < to; text++ {
		one := textMatch{text: text - from}
		tokens := c.tokensOf(text)
		for i, token := range tokens {
			list := t.table[token]
			if list == 0 {
				continue
			}
			found := false
			for k := range t.lists[list] {
				f := &t.lists[list][k]
				if !f.follows(tokens[i+1:]) {
					continue
				}
				found = found || f.units()&t.q.need != 0
				one.note(f.first, f.count, f.class)
				if f.first == 0 && !one.phrase {
					one.phrase = t.phraseLength(tokens[i:]) > 0
				}
			}
			if found {
				one.times++
			}
		}
		one.within = one.has
		if text == from {
			all = one
			continue
		}
		one.join(&all.matched)
		if one.phrase && !all.phrase || one.phrase == all.phrase && t.q.weigh(one.within) > t.q.weigh(all.within) {
			all = one
		} else {
			all.matched = one.matched
		}
	}
	return all
}

// phraseLength gives the number of tokens that the units, side by side, take at
// the beginning of tokens; zero if they are not there.
func (t *textFinder) phraseLength(tokens []uint32) int {
	// reached[k] has a bit for each number of tokens that k units can take.
	var reached [MaxWords + 1]uint64
	n := len(t.q.units)
	reached[0] = 1
	for k := range n {
		if reached[k]|reached[k+1] == 0 {
			return 0
		}
		for set := reached[k]; set != 0; set &= set - 1 {
			at := bits.TrailingZeros64(set)
			if at >= len(tokens) {
				break
			}
			list := t.lists[t.table[tokens[at]]]
			for i := range list {
				f := &list[i]
				if next := at + 1 + len(f.more); int(f.first) == k && next < 64 && f.follows(tokens[at+1:]) {
					reached[k+int(f.count)] |= 1 << next
				}
			}
		}
	}
	return bits.TrailingZeros64(reached[n]) % 64
}
