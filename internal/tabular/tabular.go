// Package tabular writes tables for people: as wide as the terminal, with colours
// only there, and plain where the output goes into a file or another program.
package tabular

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/muesli/termenv"
	"golang.org/x/term"

	"github.com/mapgraph/mapgraph/internal/plain"
)

// Table is rows under headers.
type Table struct {
	Headers []string
	Rows    [][]string
	Right   []int // columns of numbers
}

// Add adds a row; its cells are written as fmt.Sprint does.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = plain.Line(fmt.Sprint(c))
	}
	t.Rows = append(t.Rows, row)
}

// Writer writes tables and headings to one output.
type Writer struct {
	out    io.Writer
	styles *lipgloss.Renderer
	width  int // 0 for no limit
}

// New looks at what the output is. NO_COLOR and CLICOLOR_FORCE are heeded.
func New(out io.Writer) *Writer {
	w := &Writer{out: out, styles: lipgloss.NewRenderer(out)}
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		if os.Getenv("CLICOLOR_FORCE") == "" {
			w.styles.SetColorProfile(termenv.Ascii)
		}
		return w
	}
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		w.width = width
	}
	return w
}

// NewSized writes for a terminal of a width without colours.
func NewSized(out io.Writer, width int) *Writer {
	w := New(out)
	w.width = width
	return w
}

// Heading writes a line that stands out, with a blank line before it.
func (w *Writer) Heading(format string, args ...any) {
	text := plain.Line(fmt.Sprintf(format, args...))
	_, _ = fmt.Fprintf(w.out, "\n%s\n", w.styles.NewStyle().Bold(true).Render(text))
}

// Line writes a line, folded at the terminal's width.
func (w *Writer) Line(format string, args ...any) {
	style := w.styles.NewStyle()
	if w.width > 0 {
		style = style.Width(w.width)
	}
	text := unbroken(style.Render(whole(plain.Line(fmt.Sprintf(format, args...)))))
	for line := range strings.SplitSeq(text, "\n") {
		_, _ = fmt.Fprintln(w.out, strings.TrimRight(line, " "))
	}
}

// gap is the number of blanks between columns.
const gap = 2

// Table writes a table. What is wider than the terminal is folded, never cut.
func (w *Writer) Table(t *Table) {
	header := w.styles.NewStyle().Bold(true).Foreground(lipgloss.Color("6")) // cyan, as the terminal has it: asking for its background would write to it
	cell := w.styles.NewStyle()
	widths := t.widths(w.width)
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		for _, cell := range row {
			rows[i] = append(rows[i], whole(cell))
		}
	}
	lt := table.New().Headers(t.Headers...).Rows(rows...).
		Border(lipgloss.HiddenBorder()).BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderColumn(false).BorderHeader(false).
		StyleFunc(func(row, col int) lipgloss.Style {
			s := cell
			if row == table.HeaderRow {
				s = header
			}
			if slices.Contains(t.Right, col) {
				s = s.Align(lipgloss.Right)
			}
			if col < len(widths)-1 {
				return s.Width(widths[col] + gap).PaddingRight(gap)
			}
			return s.Width(widths[col])
		})
	for line := range strings.SplitSeq(unbroken(lt.Render()), "\n") {
		_, _ = fmt.Fprintln(w.out, strings.TrimRight(line, " "))
	}
}

// hyphen stands for "-" while lines are folded, which breaks them there: an id is
// never parted.
const hyphen = "\uf8ff"

func whole(s string) string    { return strings.ReplaceAll(s, "-", hyphen) }
func unbroken(s string) string { return strings.ReplaceAll(s, hyphen, "-") }

// widths gives each column the width of its longest cell; while that is more
// than the terminal has, the widest columns give way, down to their longest
// word: what then is wider than the terminal runs over its edge. Without a
// limit (0) none does.
func (t *Table) widths(limit int) []int {
	widths, words := make([]int, len(t.Headers)), make([]int, len(t.Headers))
	for _, row := range append([][]string{t.Headers}, t.Rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], lipgloss.Width(c))
			for word := range strings.FieldsSeq(c) {
				words[i] = max(words[i], lipgloss.Width(word))
			}
		}
	}
	sum := gap * (len(widths) - 1)
	for _, n := range widths {
		sum += n
	}
	for limit > 0 && sum > limit {
		widest := -1
		for i, n := range widths {
			if n > words[i] && (widest < 0 || n > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		sum--
	}
	return widths
}
