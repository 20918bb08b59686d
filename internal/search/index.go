package search

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Index finds documents quickly. It is immutable and may be used from many
// goroutines.
type Index struct {
	corpus *corpus

	idKeys, nameKeys []key               // sorted
	nameWords        map[rune][]nameWord // by first letter, sorted
	postings         []uint32            // for each word of the texts, the documents that have it
	firstPosting     []uint32            // of each word; the last entry is the end

	byName, byID []uint32 // the standing of each document by name and by id

	scratch sync.Pool // of *scratch
}

// key is a string under which documents are found.
type key struct {
	head uint64 // its first bytes, to compare quickly
	text string
	doc  uint32
}

func makeKey(text string, doc int) key {
	var head [8]byte
	copy(head[:], text)
	k := key{text: text, doc: uint32(doc)}
	for _, c := range head {
		k.head = k.head<<8 | uint64(c)
	}
	return k
}

func (k key) compare(o key) int {
	if k.head != o.head {
		return cmp.Compare(k.head, o.head)
	}
	return cmp.Or(strings.Compare(k.text, o.text), cmp.Compare(k.doc, o.doc))
}

// nameWord is a word of names, of letters alone.
type nameWord struct {
	text  string
	runes int
	docs  []uint32
}

// NewIndex indexes up to 2^25 documents. It keeps them; they must not change any
// more.
func NewIndex(docs []*Doc) *Index {
	if len(docs) > 1<<docBits {
		panic("search: more documents than an index can hold")
	}
	x := &Index{corpus: newCorpus(docs), nameWords: map[rune][]nameWord{}}
	x.indexTitles()
	x.indexTexts()
	x.rankDocs()
	x.scratch.New = func() any { return new(scratch) }
	return x
}

// Len gives the number of documents.
func (x *Index) Len() int { return len(x.corpus.docs) }

func (x *Index) indexTitles() {
	c := x.corpus
	words := map[string][]uint32{}
	for doc := range c.docs {
		ids := c.idsOf(doc)
		for i := range ids {
			ids[i].keys(func(text string) { x.idKeys = append(x.idKeys, makeKey(text, doc)) })
		}
		names := c.namesOf(doc)
		for i := range names {
			names[i].keys(func(text string) { x.nameKeys = append(x.nameKeys, makeKey(text, doc)) })
			names[i].words(func(word string) {
				docs := words[word]
				if isLetters(word) && (len(docs) == 0 || docs[len(docs)-1] != uint32(doc)) {
					words[word] = append(docs, uint32(doc))
				}
			})
		}
	}
	slices.SortFunc(x.idKeys, key.compare)
	slices.SortFunc(x.nameKeys, key.compare)
	for word, docs := range words {
		first, _ := utf8.DecodeRuneInString(word)
		x.nameWords[first] = append(x.nameWords[first], nameWord{word, utf8.RuneCountInString(word), docs})
	}
}

func (x *Index) indexTexts() {
	c := x.corpus
	// Each word's documents are counted, then laid out one behind the other.
	x.firstPosting = make([]uint32, len(c.words)+1)
	latest := make([]uint32, len(c.words)) // the document that a word was last seen in, from 1
	c.eachWord(latest, func(word, _ uint32) { x.firstPosting[word+1]++ })
	for i := range c.words {
		x.firstPosting[i+1] += x.firstPosting[i]
	}
	x.postings = make([]uint32, x.firstPosting[len(c.words)])
	next := slices.Clone(x.firstPosting)
	clear(latest)
	c.eachWord(latest, func(word, doc uint32) {
		x.postings[next[word]] = doc
		next[word]++
	})
}

// eachWord calls f for each document's distinct words.
func (c *corpus) eachWord(latest []uint32, f func(word, doc uint32)) {
	for doc := range c.docs {
		from, to := c.textsOf(doc)
		for _, word := range c.tokens[c.firstToken[from]:c.firstToken[to]] {
			if latest[word] != uint32(doc)+1 {
				latest[word] = uint32(doc) + 1
				f(word, uint32(doc))
			}
		}
	}
}

// rankDocs numbers the documents in the two orders that equal scores take.
func (x *Index) rankDocs() {
	n := len(x.corpus.docs)
	standings := make([]standing, n)
	for i, doc := range x.corpus.docs {
		standings[i] = standingOf(doc)
	}
	rank := func(numbered bool) []uint32 {
		order := make([]uint32, n)
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortFunc(order, func(a, b uint32) int {
			return cmp.Or(standings[a].compare(&standings[b], numbered), cmp.Compare(a, b))
		})
		ranks := make([]uint32, n)
		for i, doc := range order {
			ranks[doc] = uint32(i)
		}
		return ranks
	}
	x.byName, x.byID = rank(false), rank(true)
}

// docSet is a set of documents, by number.
type docSet []uint64

func (s docSet) add(doc uint32) { s[doc/64] |= 1 << (doc % 64) }

func (s docSet) has(doc int) bool { return s[doc/64]&(1<<(doc%64)) != 0 }

func (s docSet) or(o docSet) {
	for i, w := range o {
		s[i] |= w
	}
}

func (s docSet) and(o docSet) {
	for i, w := range o {
		s[i] &= w
	}
}

// scratch is what a search needs and gives back.
type scratch struct {
	matcher matcher

	candidates, titles, texts docSet
	clause, conjunction, term docSet

	order []uint64
	hits  []Hit
}

func (s *scratch) prepare(docs int) {
	if s.candidates == nil {
		words := (docs + 63) / 64
		for _, set := range [...]*docSet{&s.candidates, &s.titles, &s.texts, &s.clause, &s.conjunction, &s.term} {
			*set = make(docSet, words)
		}
	}
	clear(s.titles)
	clear(s.texts)
	s.order, s.hits = s.order[:0], s.hits[:0]
}

// Search gives the documents of certain kinds that match a query, best first.
// Without kinds, it looks in all.
func (x *Index) Search(q Query, kinds ...Kind) []Hit {
	if len(kinds) == 0 {
		return x.SearchFunc(q, nil)
	}
	var wanted [256]bool
	for _, k := range kinds {
		wanted[k] = true
	}
	return x.SearchFunc(q, func(doc int) bool { return wanted[x.corpus.docs[doc].Kind] })
}

// SearchFunc gives the documents that match a query, best first, among those
// that keep accepts by their number in the index's input. A keep of nil accepts
// all.
func (x *Index) SearchFunc(q Query, keep func(doc int) bool) []Hit {
	if q.Empty() || x.Len() == 0 {
		return []Hit{}
	}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	s.prepare(x.Len())
	x.candidates(&q, s)
	s.matcher.q, s.matcher.c = &q, x.corpus
	s.matcher.texts.prepare(&q, x.corpus.words)
	for i, w := range s.candidates {
		for ; w != 0; w &= w - 1 {
			doc := i*64 + bits.TrailingZeros64(w)
			if keep != nil && !keep(doc) {
				continue
			}
			hit, ok := s.matcher.match(doc, s.titles.has(doc), s.texts.has(doc))
			if !ok {
				continue
			}
			standing := x.byName[doc]
			if hit.numbered() {
				standing = x.byID[doc]
			}
			s.order = append(s.order, uint64(maxPoints-hit.points)<<(2*docBits)|uint64(standing)<<docBits|uint64(len(s.hits)))
			s.hits = append(s.hits, hit)
		}
	}
	slices.Sort(s.order)
	hits := make([]Hit, len(s.order))
	for i, o := range s.order {
		hits[i] = s.hits[o&(1<<docBits-1)]
	}
	return withoutBases(hits)
}

// Hits are sorted as numbers: what they lack to the highest score, then the
// document's standing, then the hit's position. Two fields of docBits and the
// points fill 64 bits.
const (
	docBits   = 25
	maxPoints = 10000
)

// candidates finds the documents that fulfil the query's plan, and those of
// which ids and names, and texts, have anything to do with the query.
func (x *Index) candidates(q *Query, s *scratch) {
	for i := range s.candidates {
		s.candidates[i] = ^uint64(0)
	}
	for k := range q.units {
		clear(s.clause)
		for _, conjunction := range q.clause(k) {
			if len(conjunction) == 1 {
				x.term(conjunction[0], s, s.clause)
				continue
			}
			clear(s.conjunction)
			x.term(conjunction[0], s, s.conjunction)
			for _, t := range conjunction[1:] {
				clear(s.term)
				x.term(t, s, s.term)
				s.conjunction.and(s.term)
			}
			s.clause.or(s.conjunction)
		}
		if q.needs(k) {
			s.candidates.and(s.clause)
		}
	}
}

// term adds the documents that have a term.
func (x *Index) term(t Term, s *scratch, found docSet) {
	switch {
	case t.Part == InIDs:
		addKeys(x.idKeys, t.Text, found, s.titles)
	case t.Part == InNames && t.Edits == 0:
		addKeys(x.nameKeys, t.Text, found, s.titles)
	case t.Part == InNames:
		first, _ := utf8.DecodeRuneInString(t.Text)
		runes := utf8.RuneCountInString(t.Text)
		for _, w := range x.nameWords[first] {
			if w.runes < runes-t.Edits || w.runes > runes+t.Edits {
				continue
			}
			if _, ok := edits(t.Text, w.text, t.Edits); ok {
				for _, doc := range w.docs {
					found.add(doc)
					s.titles.add(doc)
				}
			}
		}
	default:
		from, to := uint32(0), uint32(0)
		if t.Prefix {
			from, to = x.corpus.words.begun(t.Text)
		} else if at, ok := x.corpus.words.find(t.Text); ok {
			from, to = at, at+1
		}
		for _, doc := range x.postings[x.firstPosting[from]:x.firstPosting[to]] {
			found.add(doc)
			s.texts.add(doc)
		}
	}
}

// addKeys adds the documents with a key that begins so.
func addKeys(keys []key, start string, found, titles docSet) {
	least := makeKey(start, 0)
	i, _ := slices.BinarySearchFunc(keys, least, key.compare)
	for ; i < len(keys) && strings.HasPrefix(keys[i].text, start); i++ {
		found.add(keys[i].doc)
		titles.add(keys[i].doc)
	}
}

// Size is about how many bytes of memory the index takes beside the texts of its
// documents.
func (x *Index) Size() int64 {
	if x == nil {
		return 0
	}
	c := x.corpus
	const doc, id, name, entry, slack = 200, 120, 64, 48, 56
	n := len(c.docs)*doc + len(c.ids)*id + len(c.names)*name + (len(x.idKeys)+len(x.nameKeys))*entry +
		4*(len(c.tokens)+len(x.postings)+len(x.firstPosting)+len(x.byName)+len(x.byID)+len(c.firstToken))
	for _, w := range c.words {
		n += len(w) + 16
	}
	for _, list := range x.nameWords {
		for _, w := range list {
			n += slack + 4*len(w.docs)
		}
	}
	for i := range c.names {
		n += len(c.names[i].s) + 2*len(c.names[i].edges)
	}
	for _, d := range c.docs {
		for i := range d.Texts {
			n += len(d.Texts[i].Text) // without citations it is a text of its own
		}
	}
	return int64(n)
}
