package search

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// generator makes documents and queries out of few syllables, so that words
// often begin, contain or nearly equal each other.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

func (g generator) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) word() string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.pick("ca", "che", "pol", "icy", "ies", "s", "es", "ro", "bo", "t", "net", "Net", "ac", "2", "02", "007", "e", "le", "mé", "ß", "the", "to", "xx"))
	}
	w := b.String()
	switch g.IntN(8) {
	case 0:
		return strings.ToUpper(w)
	case 1:
		r, size := utf8.DecodeRuneInString(w)
		return strings.ToUpper(string(r)) + w[size:]
	}
	return w
}

func (g generator) text(words int) string {
	var b strings.Builder
	for i := range g.IntN(words + 1) {
		if i > 0 {
			b.WriteString(g.pick(" ", " ", " ", " ", "-", "_", ".", ", ", "/", "'", " & ", "\u2011", "\n"))
		}
		b.WriteString(g.word())
	}
	return b.String()
}

func (g generator) id() string {
	var b strings.Builder
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			b.WriteString(g.pick("", ".", "-", "(", "_", " "))
		}
		b.WriteString(g.pick("T", "AC", "1)", "2)", "cve", "a", "ac", "1", "01", "001", "2", "02", "12", "120", "1002", "sqli"))
	}
	return b.String()
}

func (g generator) docs(n int) []*Doc {
	docs := make([]*Doc, n)
	for i := range docs {
		d := &Doc{Key: fmt.Sprint("k", g.IntN(n), "-", i), Kind: Kind(g.IntN(3)), Weight: float64(g.IntN(2))}
		for range g.IntN(3) {
			d.IDs = append(d.IDs, g.id())
		}
		for range g.IntN(4) {
			d.Names = append(d.Names, g.text(4))
		}
		for j := range g.IntN(3) {
			d.Texts = append(d.Texts, Text{fmt.Sprint("text", j), g.text(30)})
		}
		docs[i] = d
	}
	return docs
}

// query takes a piece of a document, or something new, and spoils it.
func (g generator) query(docs []*Doc) string {
	var sources []string
	d := docs[g.IntN(len(docs))]
	sources = append(sources, d.IDs...)
	sources = append(sources, d.Names...)
	for _, t := range d.Texts {
		sources = append(sources, t.Text)
	}
	var pieces []string
	for range 1 + g.IntN(3) {
		if len(sources) == 0 || g.chance(20) {
			pieces = append(pieces, g.pick(g.text(2), g.id(), "the", "to"))
			continue
		}
		words := strings.Fields(g.pick(sources...))
		if len(words) == 0 {
			continue
		}
		from := g.IntN(len(words))
		to := from + 1 + g.IntN(min(3, len(words)-from))
		pieces = append(pieces, strings.Join(words[from:to], g.pick(" ", " ", " ", "", "-")))
	}
	if g.chance(20) {
		g.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	}
	runes := []rune(strings.Join(pieces, " "))
	for len(runes) > 0 && g.chance(40) {
		i := g.IntN(len(runes))
		switch g.IntN(5) {
		case 0:
			runes = slices.Delete(runes, i, i+1)
		case 1:
			runes = slices.Insert(runes, i, []rune(g.pick("a", "e", "t", "0", " ", "-", `"`, "."))...)
		case 2:
			runes[i] = []rune(g.pick("a", "e", "t", "0", "1"))[0]
		case 3:
			if i > 0 {
				runes[i-1], runes[i] = runes[i], runes[i-1]
			}
		case 4:
			runes = runes[:i]
		}
	}
	text := string(runes)
	if g.chance(15) {
		text = `"` + text + g.pick(`"`, "")
	}
	if g.chance(10) {
		text += g.pick("(1)", ".1", " (2)(a)", "/007")
	}
	return text
}

// checkQuery checks everything that holds for any documents and any query: the
// index, Rank and Match agree; a plan lets every match pass; snippets are sound.
func checkQuery(t *testing.T, index *Index, docs []*Doc, text string) (hits int) {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		return 0
	}
	want := Rank(q, docs)
	got := index.Search(q)
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: index and Rank differ\nindex %s\nRank  %s", text, describe(got), describe(want))
	}
	plan := q.Plan()
	size := 0
	for _, clause := range plan {
		for _, conjunction := range clause {
			size += len(conjunction)
		}
	}
	if size > 1000 {
		t.Fatalf("%q: the plan has %d terms", text, size)
	}
	for i, h := range want {
		hit, ok := Match(q, h.Doc)
		if !ok || !reflect.DeepEqual(hit, h) {
			t.Fatalf("%q: Match gives %+v, %v; Rank %+v", text, hit, ok, h)
		}
		if h.Score <= 0 || h.Score > 100 || i > 0 && want[i-1].Score < h.Score {
			t.Fatalf("%q: score %v follows %v", text, h.Score, want[max(0, i-1)].Score)
		}
		if !fulfils(TermsOf(h.Doc), plan) {
			t.Fatalf("%q: %+v matches, but lacks what the plan asks for: %+v", text, *h.Doc, plan)
		}
		checkSnippet(t, q, h)
	}
	return len(want)
}

func describe(hits []Hit) string {
	var b strings.Builder
	for _, h := range hits {
		fmt.Fprintf(&b, "\n\t%v %s %+v", h.Score, h.Field, *h.Doc)
	}
	return b.String()
}

// fulfils carries a plan out the plain way, as a database would.
func fulfils(terms Terms, plan Plan) bool {
	has := func(t Term) bool {
		list := map[Part][]string{InIDs: terms.IDs, InNames: terms.Names, InTexts: terms.Texts}[t.Part]
		return slices.ContainsFunc(list, func(s string) bool {
			switch {
			case t.Prefix:
				return strings.HasPrefix(s, t.Text)
			case t.Edits > 0:
				n, ok := edits(s[:wholeRunes(s, maxWord)], t.Text, t.Edits)
				return ok && n <= t.Edits
			}
			return s == t.Text
		})
	}
	for _, clause := range plan {
		if !slices.ContainsFunc(clause, func(c Conjunction) bool {
			return !slices.ContainsFunc(c, func(t Term) bool { return !has(t) })
		}) {
			return false
		}
	}
	return len(plan) > 0
}

func checkSnippet(t *testing.T, q Query, h Hit) {
	t.Helper()
	s := h.Snippet(q)
	length := utf8.RuneCountInString(s.Text)
	if !utf8.ValidString(s.Text) || length > snippetRunes+2 || strings.ContainsAny(s.Text, "\n\r\t") {
		t.Fatalf("snippet %q of %+v", s.Text, *h.Doc)
	}
	if len(s.Matches) == 0 {
		t.Fatalf("%q: no match in snippet %q of %+v by %s", q.whole.parts, s.Text, *h.Doc, h.Field)
	}
	end := -1
	for _, m := range s.Matches {
		if m.Start <= end || m.End <= m.Start || m.End > length {
			t.Fatalf("spans %v in snippet %q of %+v", s.Matches, s.Text, *h.Doc)
		}
		end = m.End
	}
}

func TestIndexAgreesWithMatch(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	hits := 0
	for seed := range rounds {
		g := newGenerator(uint64(seed))
		docs := g.docs(1 + g.IntN(120))
		index := NewIndex(docs)
		for range 150 {
			hits += checkQuery(t, index, docs, g.query(docs))
		}
	}
	if hits < rounds*500 {
		t.Errorf("only %d hits: the queries do not test much", hits)
	}
}

func FuzzSearch(f *testing.F) {
	for _, d := range shelf() {
		text := ""
		if len(d.Texts) > 0 {
			text = d.Texts[0].Text
		}
		f.Add(strings.Join(d.Names, " "), strings.Join(d.IDs, " "), strings.Join(d.Names, "; "), text)
	}
	f.Add("", "", "", "")
	f.Add(`"pass the`, "T1552.007", "PowerShell", "Pass the Hash")
	f.Add("e\u0301\u00ad’s ﷺ", "\xff0", "é", "ẞ\u200d½")
	f.Add("ac 2 1", "AC-2(1)", "AC-21", "ac 2(1)")
	f.Fuzz(func(t *testing.T, query, id, name, text string) {
		docs := []*Doc{
			{Key: "a", IDs: []string{id, name}, Names: []string{name, text}, Texts: []Text{{"description", text}, {"comments", name}}, Weight: 1},
			{Key: "b", Kind: 1, IDs: []string{id}, Names: []string{name}},
			{Key: "c", Names: []string{query, id}, Texts: []Text{{"description", query + " " + name}}},
			{Key: "d", Names: []string{"", text}},
			{Key: "e", Texts: []Text{{"description", text}}},
			{Key: "f"},
		}
		index := NewIndex(docs)
		for _, q := range []string{query, id, name, `"` + query + `"`, query + " " + id} {
			checkQuery(t, index, docs, q)
		}
		for _, s := range []string{query, id, name, text} {
			words := Words(s)
			if again := Words(strings.Join(words, " ")); !slices.Equal(words, again) {
				t.Fatalf("%q: words %q fold to %q", s, words, again)
			}
		}
	})
}
