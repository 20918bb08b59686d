package yamldoc_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/yamldoc"
)

type document struct {
	Name string              `yaml:"name"`
	List []string            `yaml:"list"`
	Map  map[string][]string `yaml:"map"`
}

func TestDecode(t *testing.T) {
	var d document
	if err := yamldoc.Decode([]byte("name: a\nlist: [b, c]\nmap: {d: [e]}\n"), &d, true); err != nil || d.Name != "a" || len(d.List) != 2 || d.Map["d"][0] != "e" {
		t.Errorf("%+v, %v", d, err)
	}
	for text, want := range map[string]error{"": yamldoc.ErrEmpty, "name: a\n---\nname: b": yamldoc.ErrMore} {
		if err := yamldoc.Decode([]byte(text), &document{}, true); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := yamldoc.Decode([]byte("other: a"), &document{}, false); err != nil {
		t.Errorf("an unknown field where any may be: %v", err)
	}
}

func TestErrorsSayWhereAndQuoteNothing(t *testing.T) {
	const secret = "hunter2 in another file"
	for text, want := range map[string]yamldoc.Error{
		"name: a\nnames: b":           {Line: 2, Column: 1, Unknown: "names"},
		"name: a\nlist: " + secret:    {Line: 2, Column: 7},
		secret + " of some length: b": {Line: 1, Column: 1},
		"name: a: " + secret:          {Line: 1, Column: 7},
		"list: !00 00000000":          {},
	} {
		err := yamldoc.Decode([]byte(text), &document{}, true)
		e, ok := errors.AsType[*yamldoc.Error](err)
		if !ok || *e != want || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %+v (%v), want %+v", text, e, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"name: a", "list: !00 0", "a: &a [*a, *a]", "? [", "list:\n- &x y\n- *x", "\xff", "{", "map: {a: [b], <<: *c}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := yamldoc.Decode([]byte(s), &document{}, true)
		if e, ok := errors.AsType[*yamldoc.Error](err); err != nil && !ok && !errors.Is(err, yamldoc.ErrEmpty) && !errors.Is(err, yamldoc.ErrMore) || ok && e.Line < 0 {
			t.Errorf("%q: %v", s, err)
		}
	})
}
