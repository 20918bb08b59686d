package search

import "strings"

// class says how well one word of a query matches; the greater, the better.
type class uint8

const (
	none      class = iota
	beginning       // the beginning of a word
	typing          // likewise, by the query's last word, which may be unfinished
	loose           // the word, with other places between words
	plural          // its plural or singular
	exact           // the word
)

// prefix says whether a word of a query may be the beginning of a longer one.
type prefix uint8

const (
	noPrefix prefix = iota
	innerPrefix
	lastPrefix
)

func (p prefix) class() class { return class(p) }

// maxName is the number of bytes of a folded name that count.
const maxName = 4096

// name is a name folded and written without its spaces and punctuation, so that
// it does not matter where people put them, with the places where its words and
// their parts begin.
type name struct {
	s     string
	edges []edge // ascending; the first is 0
}

// edge is the beginning of a word, or of a part of one, in a name.
type edge uint16

func makeEdge(at int, soft bool) edge {
	if soft {
		return edge(at<<1 | 1)
	}
	return edge(at << 1)
}

func (e edge) at() int { return int(e >> 1) }

// soft tells whether only a part of a word begins here: Shell in PowerShell.
func (e edge) soft() bool { return e&1 != 0 }

// nameBuilder reads names one after the other into shared memory.
type nameBuilder struct {
	scan  scanner
	bytes []byte
	edges []edge
	ends  []nameEnd
}

type nameEnd struct{ bytes, edges int }

func (b *nameBuilder) add(text string) {
	from := len(b.bytes)
	b.scan.src, b.scan.pos, b.scan.parts = text, 0, true
	for b.scan.next() {
		at := len(b.bytes) - from
		if at+len(b.scan.word) > maxName {
			break
		}
		b.edges = append(b.edges, makeEdge(at, false))
		for _, soft := range b.scan.soft {
			if soft < len(b.scan.word) {
				b.edges = append(b.edges, makeEdge(at+soft, true))
			}
		}
		b.bytes = append(b.bytes, b.scan.word...)
	}
	b.ends = append(b.ends, nameEnd{len(b.bytes), len(b.edges)})
}

// names gives what was added, in order.
func (b *nameBuilder) names() []name {
	all := string(b.bytes)
	names := make([]name, len(b.ends))
	var from nameEnd
	for i, end := range b.ends {
		names[i] = name{all[from.bytes:end.bytes], b.edges[from.edges:end.edges:end.edges]}
		from = end
	}
	return names
}

// edgeFrom gives the first edge at or behind a place, beginning at edge i. The
// end of the name counts as one, with the number behind the last.
func (n *name) edgeFrom(at, i int) (next, nextAt int, soft bool) {
	for ; i < len(n.edges); i++ {
		if e := n.edges[i]; e.at() >= at {
			return i, e.at(), e.soft()
		}
	}
	return i, len(n.s), false
}

// word gives the word that begins at edge i, which is not soft.
func (n *name) word(i int) string {
	end := len(n.s)
	for j := i + 1; j < len(n.edges); j++ {
		if !n.edges[j].soft() {
			end = n.edges[j].at()
			break
		}
	}
	return n.s[n.edges[i].at():end]
}

// words yields the name's words.
func (n *name) words(yield func(word string)) {
	for i, e := range n.edges {
		if !e.soft() {
			yield(n.word(i))
		}
	}
}

// at matches a unit where edge i is, and gives the place behind the match.
func (u *unit) at(n *name, i int) (end int, c class) {
	if u.count == 0 {
		return 0, none
	}
	from := n.edges[i].at()
	rest := n.s[from:]
	if !strings.HasPrefix(rest, u.stem.base) {
		return 0, none
	}
	softStart := n.edges[i].soft()
	if u.strict && softStart || !u.keepsNumbers(n, i) {
		return 0, none
	}
	begun := strings.HasPrefix(rest, u.joined)
	if begun {
		end = from + len(u.joined)
		if _, at, soft := n.edgeFrom(end, i+1); at == end {
			switch {
			case !soft && !softStart && u.spelled(n, i, end):
				return end, exact
			case !u.strict || !soft:
				return end, loose
			}
		}
	}
	if !u.strict {
		from := from + len(u.stem.base)
		for j, at, soft := n.edgeFrom(from, i+1); at <= from+longestEnding; j, at, soft = n.edgeFrom(at+1, j) {
			if stemOf(n.s[n.edges[i].at():at]) == u.stem {
				if soft || softStart {
					return at, loose
				}
				return at, plural
			}
			if j == len(n.edges) {
				break
			}
		}
	}
	if begun && u.prefix != noPrefix {
		return from + len(u.joined), u.prefix.class()
	}
	return 0, none
}

// keepsNumbers tells whether the name, from edge i on, has its numbers apart
// where the unit has: 2 and 1 are not 21.
func (u *unit) keepsNumbers(n *name, i int) bool {
	from := n.edges[i].at()
	for _, cut := range u.amid {
		if _, at, _ := n.edgeFrom(from+cut, i); at != from+cut {
			return false
		}
	}
	return true
}

// spelled tells whether the name has, from edge i to a place, the words that
// the unit was typed with.
func (u *unit) spelled(n *name, i, end int) bool {
	at := n.edges[i].at()
	for _, part := range u.parts {
		for i < len(n.edges) && n.edges[i].soft() {
			i++
		}
		if i == len(n.edges) || n.edges[i].at() != at {
			return false
		}
		at += len(part)
		i++
	}
	for i < len(n.edges) && n.edges[i].soft() {
		i++
	}
	return at == end && (i == len(n.edges) || n.edges[i].at() >= end)
}

// matched is which units of a query match in some part of a document.
type matched struct {
	classes [MaxWords]class // how well, of each unit
	has     uint32          // the units that match at all
}

// note adds that a unit, or the pair that begins with it, matches.
func (m *matched) note(first, count uint8, c class) {
	for k := first; k < first+count; k++ {
		m.classes[k] = max(m.classes[k], c)
		m.has |= 1 << k
	}
}

// join adds what matches in another part.
func (m *matched) join(o *matched) {
	for k, c := range o.classes {
		m.classes[k] = max(m.classes[k], c)
	}
	m.has |= o.has
}

// inName finds the units of a query in a name, one by one.
func (q *Query) inName(n *name, m *matched) {
	for i := range n.edges {
		for k := range q.units {
			if _, c := q.units[k].at(n, i); c != none {
				m.note(uint8(k), 1, c)
			}
		}
		for k := range q.pairs {
			if _, c := q.pairs[k].at(n, i); c != none {
				m.note(uint8(k), 2, min(c, loose))
			}
		}
	}
}

// inID finds the units of a query in an id, one by one.
func (q *Query) inID(id *ident, m *matched) {
	for _, units := range [...][]unit{q.units, q.pairs} {
		for k := range units {
			u := &units[k]
			if c := u.id.relate(id).class(u.prefix); c != none {
				m.note(u.first, u.count, c)
			}
		}
	}
}

// chained tells whether the words of the name from edge i on are the units of a
// query, all of them and in order, each at least begun.
func (q *Query) chained(n *name, i int) bool {
	for k := 0; k < len(q.units); {
		if i == len(n.edges) {
			return false
		}
		u, end := q.unitAt(n, k, i)
		if u == nil {
			return false
		}
		k += int(u.count)
		next, at, soft := n.edgeFrom(end, i+1)
		for at != end && soft {
			next, at, soft = n.edgeFrom(at+1, next+1)
		}
		i = next
	}
	return true
}

// ordered tells whether the name has the units of a set in order.
func (q *Query) ordered(n *name, has uint32) bool {
	i := 0
	for k := 0; k < len(q.units); {
		if has&(1<<k) == 0 {
			k++
			continue
		}
		var u *unit
		var end int
		for ; i < len(n.edges) && u == nil; i++ {
			u, end = q.unitAt(n, k, i)
		}
		if u == nil {
			return false
		}
		k += int(u.count)
		i, _, _ = n.edgeFrom(end, i)
	}
	return true
}

// unitAt gives the unit, or the pair of units, that matches best at an edge and
// begins with unit k.
func (q *Query) unitAt(n *name, k, i int) (u *unit, end int) {
	end, c := q.units[k].at(n, i)
	if c != none {
		u = &q.units[k]
	}
	if c < loose && k < len(q.pairs) {
		if pairEnd, pairClass := q.pairs[k].at(n, i); pairClass > c {
			return &q.pairs[k], pairEnd
		}
	}
	return u, end
}
