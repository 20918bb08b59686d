package search

import "slices"

// Part is a part of a document that an inverted index keeps apart.
type Part uint8

// The parts.
const (
	InIDs Part = iota + 1
	InNames
	InTexts
)

// Term asks for documents that have a certain term in a part.
type Term struct {
	Part   Part
	Text   string
	Prefix bool // any term that begins so will do
	Edits  int  // any term within so many edits that begins with the same letter will do
}

// Plan is a condition on the terms of a document, as [TermsOf] gives them, that
// every match of a query fulfils: all of its clauses, of each clause one of the
// conjunctions, and of this all terms. Documents that fulfil it are candidates
// for [Match]; some do not match. A plan without clauses matches nothing.
//
// For Lucene, keep each part in a field with the whitespace analyzer and write
// a prefix as text* and edits as text~1. Terms consist of small letters and
// digits and need no escaping. A plan has at most 1,000 terms, because Lucene
// allows 1,024 clauses. A fuzzy query of Lucene tries only its maxExpansions
// nearest terms, 50 unless set, so there a plan may miss a typo.
type Plan []Clause

// Clause is fulfilled by any of its conjunctions.
type Clause []Conjunction

// Conjunction is fulfilled by all of its terms.
type Conjunction []Term

// Plan gives what candidates for the query must have.
func (q Query) Plan() Plan {
	var plan Plan
	for k := range q.units {
		if q.needs(k) {
			plan = append(plan, q.clause(k))
		}
	}
	return plan
}

// clause gives what a document must have to match a unit of the query, alone or
// together with others.
func (q *Query) clause(k int) Clause {
	clause := q.units[k].clause()
	if k > 0 {
		clause = append(clause, q.pairs[k-1].clause()...)
	}
	if k < len(q.pairs) {
		clause = append(clause, q.pairs[k].clause()...)
	}
	if len(q.units) > 2 || len(q.units) == 2 && q.pairs[0].count == 0 {
		clause = append(clause, q.whole.clause()...)
	}
	for i := range q.bases {
		base := &q.bases[i]
		clause = append(clause, Conjunction{{Part: InIDs, Text: cutKey(base.bare)}})
		if base.raw != base.bare {
			clause = append(clause, Conjunction{{Part: InIDs, Text: cutKey(base.raw)}})
		}
	}
	return clause
}

// clause gives what a document must have to match the unit
// itself.
func (u *unit) clause() Clause {
	if u.count == 0 {
		return nil
	}
	var c Clause
	one := func(t Term) { c = append(c, Conjunction{t}) }
	one(Term{Part: InIDs, Text: cutKey(u.id.bare), Prefix: true})
	if u.id.raw != u.id.bare {
		one(Term{Part: InIDs, Text: cutKey(u.id.raw), Prefix: true})
	}
	start := u.stem.base
	if u.strict {
		start = u.joined
	}
	one(Term{Part: InNames, Text: cutKey(start), Prefix: true})
	if u.typos > 0 {
		one(Term{Part: InNames, Text: u.joined, Edits: u.typos})
	}
	for i, s := range u.spellings {
		if len(s.words) == 1 && u.covered(i) {
			continue
		}
		terms := make(Conjunction, len(s.words))
		for j, w := range s.words {
			terms[j] = Term{Part: InTexts, Text: w}
		}
		terms[len(terms)-1].Prefix = s.open
		c = append(c, terms)
	}
	return c
}

// covered tells whether another spelling finds all that spelling i does.
func (u *unit) covered(i int) bool {
	w := u.spellings[i].words[0]
	return slices.ContainsFunc(u.spellings, func(s spelling) bool {
		return s.open && len(s.words) == 1 && len(w) >= len(s.words[0]) && w[:len(s.words[0])] == s.words[0] &&
			(len(w) > len(s.words[0]) || !u.spellings[i].open)
	})
}

// Terms are the terms by which a document is found, each list sorted and
// without repetitions.
type Terms struct {
	IDs, Names, Texts []string
}

// TermsOf gives what an inverted index must keep of a document.
func TermsOf(doc *Doc) Terms {
	var t Terms
	for _, text := range doc.IDs {
		id := makeIdentOf(text)
		id.keys(func(key string) { t.IDs = append(t.IDs, key) })
	}
	var b nameBuilder
	for _, text := range doc.Names {
		b.add(text)
	}
	for _, n := range b.names() {
		n.keys(func(key string) { t.Names = append(t.Names, key) })
		n.words(func(word string) {
			if isLetters(word) {
				t.Names = append(t.Names, word)
			}
		})
	}
	for _, text := range doc.Texts {
		t.Texts = append(t.Texts, Words(text.Text)...)
	}
	t.IDs, t.Names, t.Texts = uniqueSorted(t.IDs), uniqueSorted(t.Names), uniqueSorted(t.Texts)
	return t
}

// keys gives the strings under which a name is indexed: the rest of the name
// from each edge on, so that whatever matches there begins one of them.
func (n *name) keys(add func(key string)) {
	for _, e := range n.edges {
		add(cutKey(n.s[e.at():]))
	}
}
