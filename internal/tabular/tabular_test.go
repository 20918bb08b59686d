package tabular

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
)

// TestTablesFit writes tables at random: no line is wider than the terminal, if
// it is wide enough for any table, and nothing is left out.
func TestTablesFit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"technique", "T1552.007", "AC-2-(1)-x", "日本語", "nothing", "a", "é", "1,234", "cloud"}
	const longest = 10
	for range 300 {
		columns := 1 + r.IntN(6)
		table := &Table{}
		for c := range columns {
			table.Headers = append(table.Headers, words[r.IntN(len(words))][:1]+fmt.Sprint(c))
			if r.IntN(3) == 0 {
				table.Right = append(table.Right, c)
			}
		}
		want := ""
		var all []string
		for range r.IntN(5) {
			row := make([]any, columns)
			for c := range row {
				var cell []string
				for range r.IntN(6) {
					cell = append(cell, words[r.IntN(len(words))])
				}
				row[c] = strings.Join(cell, " ")
				want += strings.Join(cell, "")
				all = append(all, cell...)
			}
			table.Add(row...)
		}
		width := []int{0, 40, 80, 120}[r.IntN(4)]
		var out strings.Builder
		NewSized(&out, width).Table(table)
		for line := range strings.Lines(out.String()) {
			if n := lipgloss.Width(strings.TrimRight(line, "\n")); width > 0 && n > max(width, columns*(longest+gap)) {
				t.Fatalf("a line of %d columns on a terminal of %d:\n%s", n, width, out.String())
			}
		}
		for _, word := range all {
			if !strings.Contains(out.String(), word) {
				t.Fatalf("width %d: %s is parted:\n%s", width, word, out.String())
			}
		}
		if letters(out.String()) != letters(want+strings.Join(table.Headers, "")) {
			t.Fatalf("width %d: something is missing:\n%s", width, out.String())
		}
	}
}

// letters counts each character but blanks.
func letters(s string) string {
	counts := map[rune]int{}
	for _, c := range s {
		if c > ' ' {
			counts[c]++
		}
	}
	return fmt.Sprint(counts)
}

func TestPlainWithoutATerminal(t *testing.T) {
	var out strings.Builder
	w := New(&out)
	table := &Table{Headers: []string{"id", "n"}, Right: []int{1}}
	table.Add("a\x1b[31mred\nline", 10)
	table.Add("b", 2)
	w.Heading("heading")
	w.Table(table)
	if out.String() != "\nheading\nid               n\na [31mred line  10\nb                2\n" {
		t.Errorf("%q", out.String())
	}
}
