package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// The points of a hit: hundredths of its score. relation.points has those of
// ids.
const (
	pointsRegrouped      = 9700
	pointsName           = 9500
	pointsAlias          = 9000
	pointsBase           = 8300 // one less for each level that is left out
	pointsNumbered       = 8000 // the least of a hit by an id's number
	pointsNameBegins     = 7500
	pointsNameInOrder    = 7000
	pointsNameHas        = 6500
	pointsAliasBegins    = 6000
	pointsAliasInOrder   = 5500
	pointsAliasHas       = 5000
	pointsIDHas          = 4500
	pointsTitles         = 4000
	pointsPhrase         = 3000
	pointsMixed          = 2500
	pointsText           = 2000
	pointsTexts          = 1500
	pointsTypo           = 500
	pointsTypoAndTexts   = 100
	pointsSplitOtherwise = 100 // less for a name that is split into words otherwise
)

// Match tells whether a document answers a query, and how well.
func Match(q Query, doc *Doc) (Hit, bool) {
	hits := Rank(q, []*Doc{doc})
	if len(hits) == 0 {
		return Hit{}, false
	}
	return hits[0], true
}

// Rank gives the documents that match a query, best first: what an [Index] of
// them gives. Documents with equal keys keep their order.
func Rank(q Query, docs []*Doc) []Hit {
	hits := []Hit{}
	if q.Empty() {
		return hits
	}
	m := matcher{q: &q, c: newCorpus(docs)}
	m.texts.prepare(&q, m.c.words)
	for i := range docs {
		if hit, ok := m.match(i, true, true); ok {
			hits = append(hits, hit)
		}
	}
	// The comparison needs a hit's first id and the length of its name, which
	// are worth preparing only for hits.
	rows := make([]ranked, len(hits))
	for i := range hits {
		rows[i] = ranked{hit: hits[i], standing: standingOf(hits[i].Doc)}
	}
	slices.SortStableFunc(rows, func(a, b ranked) int {
		if c := cmp.Compare(b.hit.points, a.hit.points); c != 0 {
			return c
		}
		return a.standing.compare(&b.standing, a.hit.numbered())
	})
	for i := range rows {
		hits[i] = rows[i].hit
	}
	return withoutBases(hits)
}

// withoutBases leaves out the bases of an id that was found itself. Hits are
// best first.
func withoutBases(hits []Hit) []Hit {
	if len(hits) == 0 || hits[0].place.part != partID || hits[0].points < pointsRegrouped {
		return hits
	}
	return slices.DeleteFunc(hits, func(h Hit) bool { return h.place.part == partBase })
}

type ranked struct {
	hit      Hit
	standing standing
}

// numbered tells whether the hit is of those that are ordered by id.
func (h *Hit) numbered() bool {
	return (h.place.part == partID || h.place.part == partBase) && h.points >= pointsNumbered
}

// standing is what orders documents with equal scores.
type standing struct {
	doc        *Doc
	id         ident
	nameLength int
}

func standingOf(doc *Doc) standing {
	s := standing{doc: doc, nameLength: math.MaxInt}
	if len(doc.IDs) > 0 {
		s.id = makeIdentOf(doc.IDs[0])
	}
	if len(doc.Names) > 0 && doc.Names[0] != "" {
		s.nameLength = utf8.RuneCountInString(doc.Names[0])
	}
	return s
}

// compare orders documents with equal scores, those that were found by number
// by their ids.
func (s *standing) compare(o *standing, numbered bool) int {
	if c := cmp.Or(cmp.Compare(o.doc.Weight, s.doc.Weight), cmp.Compare(s.doc.Kind, o.doc.Kind)); c != 0 {
		return c
	}
	c := cmp.Compare(s.nameLength, o.nameLength)
	if numbered {
		c = compareIDs(&s.id, &o.id)
	}
	return cmp.Or(c, strings.Compare(s.doc.Key, o.doc.Key))
}

// matcher matches a query with documents of a corpus.
type matcher struct {
	q     *Query
	c     *corpus
	texts textFinder
}

// best keeps the best of several ways in which a document matches; of equal
// ones, the first.
type best struct {
	points int32
	place  place
}

func (b *best) offer(points int32, part part, at int) {
	if points > b.points {
		b.points, b.place = points, place{part, int32(at)}
	}
}

// match matches one document. Titles and texts say whether its ids and names,
// and its texts, can match at all; true is always right.
func (m *matcher) match(doc int, titles, texts bool) (Hit, bool) {
	var b best
	var has matched // in ids, names and aliases
	if titles {
		m.matchWhole(doc, &b)
		if b.points < pointsNameBegins {
			m.matchTitles(doc, &b, &has)
		}
	}
	if b.points == 0 {
		m.matchTexts(doc, &b, &has, texts)
	}
	if b.points == 0 {
		return Hit{}, false
	}
	d := m.c.docs[doc]
	return Hit{
		Doc: d, Score: float64(b.points) / 100, Field: b.place.field(d),
		points: b.points, place: b.place,
	}, true
}

// matchWhole takes the whole query for an id or a name.
func (m *matcher) matchWhole(doc int, b *best) {
	whole := &m.q.whole
	ids := m.c.idsOf(doc)
	for i := range ids {
		r := whole.id.relate(&ids[i])
		if r < regrouped && !whole.id.numbered || r.class(whole.prefix) == none {
			continue
		}
		b.offer(r.points(), partID, i)
	}
	for level := range m.q.bases {
		for i := range ids {
			if m.q.bases[level].relate(&ids[i]) >= regrouped {
				b.offer(pointsBase-int32(level), partBase, i)
			}
		}
	}
	names := m.c.namesOf(doc)
	for i := range names {
		n := &names[i]
		if n.s != whole.joined || !whole.keepsNumbers(n, 0) {
			continue
		}
		points := int32(pointsName)
		if i > 0 {
			points = pointsAlias
		}
		if !whole.spelled(n, 0, len(n.s)) {
			points -= pointsSplitOtherwise
		}
		b.offer(points, partName, i)
	}
}

// matchTitles looks for the units of the query in names and ids, and tells in
// has what it found.
func (m *matcher) matchTitles(doc int, b *best, has *matched) {
	q := m.q
	where := best{}
	names := m.c.namesOf(doc)
	for i := range names {
		var one matched
		n := &names[i]
		q.inName(n, &one)
		if one.has == 0 {
			continue
		}
		has.join(&one)
		where.offer(q.weigh(one.has), partName, i)
		if one.has&q.need != q.need {
			continue
		}
		var points int32
		switch {
		case one.has == q.every() && q.chained(n, 0):
			points = pointsNameBegins
		case q.ordered(n, one.has):
			points = pointsNameInOrder
		default:
			points = pointsNameHas
		}
		if i > 0 {
			points -= pointsNameBegins - pointsAliasBegins
		}
		b.offer(points+q.fit(&one)+q.spelt(n), partName, i)
	}
	ids := m.c.idsOf(doc)
	for i := range ids {
		var one matched
		q.inID(&ids[i], &one)
		if one.has == 0 {
			continue
		}
		has.join(&one)
		where.offer(q.weigh(one.has), partID, i)
		if one.has&q.need == q.need {
			b.offer(pointsIDHas+q.fit(&one), partID, i)
		}
	}
	if has.has&q.need == q.need {
		b.offer(pointsTitles+q.fit(has), where.place.part, int(where.place.at))
	}
}

// weigh orders sets of units: most that must match, then most others.
func (q *Query) weigh(has uint32) int32 {
	return int32(bits.OnesCount32(has&q.need)*(MaxWords+1) + bits.OnesCount32(has))
}

// fit gives up to 300 points for how well the units match.
func (q *Query) fit(m *matched) int32 {
	sum := 0
	for _, c := range m.classes[:len(q.units)] {
		sum += int(c)
	}
	return int32(sum * 300 / (int(exact) * len(q.units)))
}

// spelt gives up to 160 points for how much of a name the query spells, in
// quarters, so that names of about the same length stay equal.
func (q *Query) spelt(n *name) int32 {
	return int32(min(4, 4*len(q.whole.joined)/len(n.s))) * 40
}

// matchTexts looks for the units of the query in texts, together with what names
// and ids have, and at last for typos.
func (m *matcher) matchTexts(doc int, b *best, has *matched, texts bool) {
	q := m.q
	var found textMatch
	if texts {
		from, to := m.c.textsOf(doc)
		found = m.texts.find(m.c, from, to)
	}
	together := *has
	together.join(&found.matched)
	if together.has&q.need == q.need {
		points := q.fit(&together) + 40*int32(min(3, max(0, bits.Len(uint(found.times))-1)))
		switch {
		case found.phrase:
			points += pointsPhrase
		case has.has&q.need != 0:
			points += pointsMixed
		case found.within&q.need == q.need:
			points += pointsText
		default:
			points += pointsTexts
		}
		b.offer(points, partText, found.text)
		return
	}
	n, place, ok := m.withTypos(doc, q.need&^together.has)
	if !ok {
		return
	}
	points := int32(max(0, 200-20*n))
	if place.at == 0 {
		points += 100
	}
	points += q.spelt(&m.c.namesOf(doc)[place.at])
	if found.has&^has.has == 0 {
		points += pointsTypo
	} else {
		points = pointsTypoAndTexts + points*3/4
	}
	b.offer(points, place.part, int(place.at))
}

// withTypos looks for units in names, admitting typos, and gives the number of
// edits and the name that has the first of them.
func (m *matcher) withTypos(doc int, missing uint32) (n int, where place, ok bool) {
	first := true
	for ; missing != 0; missing &= missing - 1 {
		u := &m.q.units[bits.TrailingZeros32(missing)]
		least, at := m.withTypo(doc, u)
		if least == 0 {
			return 0, place{}, false
		}
		n += least
		if first {
			first, where = false, place{partName, int32(at)}
		}
	}
	return n, where, true
}

// withTypo gives the least number of edits by which a unit is a word of one of
// the document's names, and the name; zero if there is none.
func (m *matcher) withTypo(doc int, u *unit) (least, at int) {
	if u.typos == 0 {
		return 0, 0
	}
	limit := u.typos
	names := m.c.namesOf(doc)
	for i := range names {
		names[i].words(func(word string) {
			if !isLetters(word) {
				return
			}
			if n, ok := edits(u.joined, word, limit); ok {
				least, at, limit = n, i, n-1
			}
		})
	}
	return least, at
}
