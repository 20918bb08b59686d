package search

import (
	"slices"
	"sort"
	"strings"
)

// corpus is documents taken apart for matching.
type corpus struct {
	docs  []*Doc
	names []name
	ids   []ident

	words  lexicon  // every word of the texts
	tokens []uint32 // the texts one after the other, as positions in words

	firstName, firstID, firstText []uint32 // of each document; the last entry is the end
	firstToken                    []uint32 // of each text; the last entry is the end
}

// lexicon is a sorted list of words.
type lexicon []string

// find gives the position of a word.
func (l lexicon) find(word string) (at uint32, ok bool) {
	i, ok := slices.BinarySearch(l, word)
	return uint32(i), ok
}

// begun gives the range of the words that begin so.
func (l lexicon) begun(start string) (from, to uint32) {
	i, _ := slices.BinarySearch(l, start)
	n := sort.Search(len(l)-i, func(k int) bool { return !strings.HasPrefix(l[i+k], start) })
	return uint32(i), uint32(i + n)
}

// bytesPerWord is how much of an English text a word takes at least, on average,
// with the space behind it.
const bytesPerWord = 6

// newCorpus takes documents apart.
func newCorpus(docs []*Doc) *corpus {
	c := &corpus{docs: docs}
	var names nameBuilder
	numbers := map[string]uint32{}
	var scan scanner
	bytes := 0
	for _, doc := range docs {
		for i := range doc.Texts {
			bytes += len(doc.Texts[i].Text)
		}
	}
	c.tokens = make([]uint32, 0, bytes/bytesPerWord)
	for _, doc := range docs {
		c.firstName = append(c.firstName, uint32(len(names.ends)))
		c.firstID = append(c.firstID, uint32(len(c.ids)))
		c.firstText = append(c.firstText, uint32(len(c.firstToken)))
		for _, id := range doc.IDs {
			c.ids = append(c.ids, makeIdentOf(id))
		}
		for _, text := range doc.Names {
			names.add(text)
		}
		for i := range doc.Texts {
			c.firstToken = append(c.firstToken, uint32(len(c.tokens)))
			scan.src, scan.pos = doc.Texts[i].Text, 0
			for scan.next() {
				number, ok := numbers[string(scan.word)]
				if !ok {
					word := string(scan.word)
					number = uint32(len(c.words))
					numbers[word] = number
					c.words = append(c.words, word)
				}
				c.tokens = append(c.tokens, number)
			}
		}
	}
	c.firstName = append(c.firstName, uint32(len(names.ends)))
	c.firstID = append(c.firstID, uint32(len(c.ids)))
	c.firstText = append(c.firstText, uint32(len(c.firstToken)))
	c.firstToken = append(c.firstToken, uint32(len(c.tokens)))
	c.names = names.names()
	c.sortWords(numbers)
	return c
}

// sortWords sorts the lexicon and renumbers the tokens, so that words with a
// common beginning are a range of numbers.
func (c *corpus) sortWords(numbers map[string]uint32) {
	slices.Sort(c.words)
	sorted := make([]uint32, len(c.words))
	for i, word := range c.words {
		sorted[numbers[word]] = uint32(i)
	}
	for i, number := range c.tokens {
		c.tokens[i] = sorted[number]
	}
}

func (c *corpus) namesOf(doc int) []name { return c.names[c.firstName[doc]:c.firstName[doc+1]] }

func (c *corpus) idsOf(doc int) []ident { return c.ids[c.firstID[doc]:c.firstID[doc+1]] }

// textsOf gives the range of the document's texts.
func (c *corpus) textsOf(doc int) (from, to int) {
	return int(c.firstText[doc]), int(c.firstText[doc+1])
}

func (c *corpus) tokensOf(text int) []uint32 {
	return c.tokens[c.firstToken[text]:c.firstToken[text+1]]
}
