package plain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/plain"
)

const hostile = "a\x1b[31mred\x07 \u0085\u009b31m \u202egnp.exe\u2066\u2069\u200f\x7f\r\nnext\tcell\xff"

func TestHarmlessTextsStay(t *testing.T) {
	for _, s := range []string{"", "plain", "Ünïcödé 漢字 עברית", "a-b"} {
		if plain.Line(s) != s || plain.Text(s) != s || plain.JSON(s) != s {
			t.Errorf("%q became %q, %q, %q", s, plain.Line(s), plain.Text(s), plain.JSON(s))
		}
	}
}

func TestWhatSteersIsShown(t *testing.T) {
	line, text := plain.Line(hostile), plain.Text(hostile)
	for _, s := range []string{line, text} {
		for _, r := range s {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x200e && r <= 0x2069 {
				t.Errorf("%U is still in %q", r, s)
			}
		}
		if !strings.Contains(s, `\u202egnp.exe`) {
			t.Errorf("what turns the direction is not shown: %q", s)
		}
	}
	if strings.ContainsAny(line, "\n\t") || strings.Count(text, "\n") != 1 || strings.Count(text, "\t") != 1 {
		t.Errorf("lines: %q, %q", line, text)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal(map[string]string{"v": s})
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]string
		if json.Unmarshal(text, &want) != nil || json.Unmarshal([]byte(plain.JSON(string(text))), &got) != nil || want["v"] != got["v"] {
			t.Errorf("%q became %q", want, got)
		}
	})
}
