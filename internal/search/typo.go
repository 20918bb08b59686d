package search

import (
	"unicode"
	"unicode/utf8"
)

// typos gives the number of edits that a word of a query may be away from a
// word of a name.
func typos(word string) int {
	if !isLetters(word) {
		return 0
	}
	switch n := utf8.RuneCountInString(word); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

func isLetters(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return word != ""
}

// edits counts the edits between two words of at most maxWord bytes that begin
// with the same letter: insertions, deletions, replacements, and swaps of
// neighbours that are not edited again (optimal string alignment). It reports
// false if there are more than limit, or if the words begin otherwise.
func edits(a, b string, limit int) (n int, ok bool) {
	var bufA, bufB [maxWord]rune
	x, y := runesOf(&bufA, a), runesOf(&bufB, b)
	if len(x) == 0 || len(y) == 0 || x[0] != y[0] || len(x)-len(y) > limit || len(y)-len(x) > limit {
		return 0, false
	}
	var rows [3][maxWord + 1]uint8
	older, old, row := &rows[0], &rows[1], &rows[2]
	for j := range y {
		old[j+1] = uint8(j + 1)
	}
	for i := range x {
		row[0] = uint8(i + 1)
		for j := range y {
			d := old[j]
			if x[i] != y[j] {
				d = min(d, old[j+1], row[j]) + 1
				if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
					d = min(d, older[j-1]+1)
				}
			}
			row[j+1] = d
		}
		older, old, row = old, row, older
	}
	n = int(old[len(y)])
	return n, n <= limit
}

func runesOf(buf *[maxWord]rune, s string) []rune {
	n := 0
	for _, r := range s {
		buf[n] = r
		n++
	}
	return buf[:n]
}
