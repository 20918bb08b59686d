package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// library makes 20,000 documents with 10 MB of texts, as many and as long as the
// full corpus with comments, of words as frequent as English ones. A word's rank
// is its frequency's: word(0) is the commonest.
func library() (docs []*Doc, word func(rank int) string) {
	g := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	var words []string
	for len(words) < 30000 {
		var b strings.Builder
		for range 1 + g.IntN(2) + len(words)/8000 {
			b.WriteString(string("bcdfghklmnprstvw"[g.IntN(16)]))
			b.WriteString([]string{"a", "e", "i", "o", "u", "er", "in", "on", "al"}[g.IntN(9)])
		}
		if w := b.String(); !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	pick := func() string {
		// Zipf: the density of rank r is proportional to 1/r.
		return words[int(math.Exp(g.Float64()*math.Log(float64(len(words)))))-1]
	}
	text := func(n int, sep string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = pick()
		}
		return strings.Join(list, sep)
	}
	title := func(n int) string {
		list := make([]string, n)
		for i := range list {
			w := words[100+g.IntN(5000)]
			list[i] = strings.ToUpper(w[:1]) + w[1:]
		}
		return strings.Join(list, " ")
	}
	for i := range 20000 {
		d := &Doc{Key: fmt.Sprintf("doc:%05d", i), Kind: Kind(i % 8), Weight: float64(i % 2)}
		switch {
		case i%10 == 0:
			d.IDs = []string{fmt.Sprintf("T%d.%03d", 1000+i/100, i/10%10)}
			d.Names = []string{title(1 + g.IntN(4)), title(3)}
			d.Texts = []Text{{"description", text(250+g.IntN(200), " ")}}
		case i%10 < 4:
			d.IDs = []string{fmt.Sprintf("CVE-%d-%d", 2010+i%15, 1000+i)}
			d.Names = []string{title(4 + g.IntN(5))}
		default:
			d.Texts = []Text{{"comments", text(60+g.IntN(100), " ")}}
		}
		docs = append(docs, d)
	}
	return docs, func(rank int) string { return words[rank] }
}

// ordinaryQueries are queries as people type them, of every length, with ids,
// beginnings and typos.
func ordinaryQueries(docs []*Doc, word func(int) string) []string {
	g := rand.New(rand.NewPCG(3, 4))
	var queries []string
	for len(queries) < 500 {
		d := docs[g.IntN(len(docs))]
		if len(d.Names) == 0 {
			queries = append(queries, word(20+g.IntN(2000))+" "+word(20+g.IntN(500)))
			continue
		}
		name := strings.Fields(d.Names[0])
		switch g.IntN(6) {
		case 0:
			queries = append(queries, d.IDs[0])
		case 1:
			queries = append(queries, d.IDs[0][:4])
		case 2:
			queries = append(queries, name[0])
		case 3:
			queries = append(queries, strings.Join(name[:min(2, len(name))], " "))
		case 4:
			w := strings.Join(name, " ")
			queries = append(queries, w[:1+g.IntN(len(w))])
		case 5:
			w := name[0]
			queries = append(queries, w[:len(w)/2]+"q"+w[len(w)/2:])
		}
	}
	return queries
}

func BenchmarkNewIndex(b *testing.B) {
	docs, _ := library()
	bytes := 0
	for _, d := range docs {
		for _, t := range d.Texts {
			bytes += len(t.Text)
		}
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		NewIndex(docs)
	}
}

func BenchmarkSearch(b *testing.B) {
	docs, word := library()
	index := NewIndex(docs)
	run := func(name string, texts ...string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			hits := 0
			times := make([]time.Duration, 0, len(texts))
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				q, err := Parse(texts[i%len(texts)])
				if err != nil {
					b.Fatal(err)
				}
				hits += len(index.Search(q))
				if i < len(texts) {
					times = append(times, time.Since(start))
				}
			}
			b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
			if len(texts) > 1 {
				slices.Sort(times)
				b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
				b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
			}
		})
	}
	run("ordinary", ordinaryQueries(docs, word)...)
	run("id", "T1050.003")
	run("commonest word", word(0)+" "+word(1)+" "+word(2))
	run("one letter", "t")
	name := strings.Fields(docs[0].Names[1])[0]
	run("typo", name[:len(name)-1]+"q"+name[len(name)-1:])
	run("phrase", `"`+word(0)+" "+word(1)+`"`)
	run("beginning", word(9000)[:3])
	run("32 common words", strings.Repeat(word(0)+" "+word(1)+" ", MaxWords/2))
	run("32 letters", strings.TrimSpace(strings.Repeat("t ", MaxWords)))
	run("long words", strings.Repeat(strings.Repeat("ta", 31)+" ", 8))
}

func BenchmarkMatch(b *testing.B) {
	docs, word := library()
	q, err := Parse(word(30) + " " + word(60))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Match(q, docs[0])
		}
	})
	b.Run("rank 500", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Rank(q, docs[:500])
		}
	})
}

func BenchmarkSnippet(b *testing.B) {
	docs, word := library()
	q, err := Parse(word(0) + " " + word(40))
	if err != nil {
		b.Fatal(err)
	}
	hits := NewIndex(docs).Search(q)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		hits[i%len(hits)].Snippet(q)
	}
}
