// Package plain makes texts of others safe to show to people: what steers a
// terminal or turns the direction of a line is shown instead of obeyed.
package plain

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// isControl tells of the control characters C0 and C1, and DEL.
func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// turns tells of the characters that turn the direction of what follows, or hide
// in it.
func turns(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}

// Line gives a text for one line: control characters become blanks, what turns
// directions is written out.
func Line(s string) string {
	return replace(s, func(r rune) string {
		if isControl(r) {
			return " "
		}
		return written(r)
	})
}

// Text gives a text of several lines: line breaks and tabs stay, other controls
// and what turns directions are written out.
func Text(s string) string {
	return replace(s, func(r rune) string {
		if r == '\n' || r == '\t' {
			return string(r)
		}
		return written(r)
	})
}

// JSON gives a JSON text in which DEL, C1 and what turns directions are written
// as escapes. It means the same: these stand in strings only.
func JSON(s string) string {
	return replace(s, func(r rune) string {
		if r < ' ' {
			return string(r)
		}
		return written(r)
	})
}

func written(r rune) string { return fmt.Sprintf(`\u%04x`, r) }

// replace writes the characters anew that are not to be shown as they are.
func replace(s string, as func(rune) string) string {
	harmful := func(r rune) bool { return isControl(r) || turns(r) }
	i := strings.IndexFunc(s, harmful)
	if i < 0 {
		return s
	}
	var b strings.Builder
	for i >= 0 {
		r, n := utf8.DecodeRuneInString(s[i:])
		b.WriteString(s[:i])
		b.WriteString(as(r))
		s = s[i+n:]
		i = strings.IndexFunc(s, harmful)
	}
	b.WriteString(s)
	return b.String()
}
