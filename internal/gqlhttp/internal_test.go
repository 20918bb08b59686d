package gqlhttp

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// What measure finds by visiting each fragment once is what writing all
// fragments out would give.
func TestMeasureWritesFragmentsOut(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		fragments := make([]*ast.FragmentDefinition, 6)
		for i := range fragments {
			// A fragment uses only those before it, so there are no cycles.
			fragments[i] = &ast.FragmentDefinition{Name: fmt.Sprint("F", i), SelectionSet: randomSelection(rnd, fragments[:i], 3, false)}
		}
		set := randomSelection(rnd, fragments, 3, true)
		if got, want := measure(set), writtenOut(set); got != want {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
	}
}

// randomSelection makes a selection, with introspection only in those of the
// root, where schemas have it.
func randomSelection(rnd *rand.Rand, fragments []*ast.FragmentDefinition, depth int, root bool) ast.SelectionSet {
	var set ast.SelectionSet
	for range 1 + rnd.IntN(3) {
		switch kind := rnd.IntN(4); {
		case kind == 0 && len(fragments) > 0:
			f := fragments[rnd.IntN(len(fragments))]
			set = append(set, &ast.FragmentSpread{Name: f.Name, Definition: f})
		case kind == 1 && depth > 0:
			set = append(set, &ast.InlineFragment{SelectionSet: randomSelection(rnd, fragments, depth-1, root)})
		default:
			name := []string{"a", "b", "__typename"}[rnd.IntN(3)]
			if root && rnd.IntN(3) == 0 {
				name = "__schema"
			}
			field := &ast.Field{Name: name, Alias: name}
			if rnd.IntN(3) == 0 {
				field.Alias = "other"
			}
			if depth > 0 && name != "__typename" && rnd.IntN(2) == 0 {
				field.SelectionSet = randomSelection(rnd, fragments, depth-1, false)
			}
			set = append(set, field)
		}
	}
	return set
}

// writtenOut measures field by field, along each path.
func writtenOut(set ast.SelectionSet) extent {
	var x extent
	var walk func(set ast.SelectionSet, depth, introspection int)
	walk = func(set ast.SelectionSet, depth, introspection int) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.InlineFragment:
				walk(s.SelectionSet, depth, introspection)
			case *ast.FragmentSpread:
				walk(s.Definition.SelectionSet, depth, introspection)
			case *ast.Field:
				x.fields++
				if s.Alias != s.Name {
					x.aliases++
				}
				if introspection > 0 || s.Name == "__schema" && len(s.SelectionSet) > 0 {
					x.introspection = max(x.introspection, introspection+1)
					walk(s.SelectionSet, depth, introspection+1)
					continue
				}
				x.depth = max(x.depth, depth+1)
				walk(s.SelectionSet, depth+1, 0)
			}
		}
	}
	walk(set, 0, 0)
	return x
}

func TestMeasureEndsOnCycles(t *testing.T) {
	f := &ast.FragmentDefinition{Name: "F"}
	f.SelectionSet = ast.SelectionSet{&ast.Field{Name: "a", Alias: "a", SelectionSet: ast.SelectionSet{&ast.FragmentSpread{Name: "F", Definition: f}}}}
	if got := measure(f.SelectionSet); got.depth < 1<<30 || got.fields < 1<<30 {
		t.Errorf("a fragment in itself measures %+v", got)
	}
}

func TestQueryCacheIsBounded(t *testing.T) {
	c := newQueryCache(1000)
	text := func(i int) string { return fmt.Sprintf("%0100d", i) }
	for i := range 50 {
		c.Add(t.Context(), text(i), &ast.QueryDocument{})
		c.Add(t.Context(), text(i), &ast.QueryDocument{})
		if _, ok := c.Get(t.Context(), text(0)); !ok {
			t.Fatalf("the text used all the time is gone after %d others", i)
		}
	}
	if c.bytes != 1000 || c.lru.Len() != 10 {
		t.Errorf("%d bytes in %d texts", c.bytes, c.lru.Len())
	}
	c.Add(t.Context(), strings.Repeat("x", 126), &ast.QueryDocument{})
	if c.lru.Len() != 10 {
		t.Error("a text that takes an eighth of the cache is kept")
	}
}

// Whatever the body, reading it gives a request or a refusal.
func FuzzReadMembers(f *testing.F) {
	for _, seed := range []string{"", "null", "[]", "{", `{"query":"{a}"}`, `{"query":"{a}","variables":{"a":1e400}}`, `{"query":1,"query":2}`, "{\"query\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, no := readMembers(body)
		if (p == nil) == (no == nil) {
			t.Fatalf("%q: %v %v", body, p, no)
		}
		if no != nil && (no.status != http.StatusBadRequest || no.err.Message == "") {
			t.Errorf("%q: %+v", body, no)
		}
	})
}

func FuzzReadURL(f *testing.F) {
	for _, seed := range []string{"", "query={a}", "query=a;b", "query=%zz", "query={a}&variables={}", "query={a}&variables={}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/graphql", nil)
		r.URL.RawQuery = query
		p, no := readURL(r)
		if (p == nil) == (no == nil) {
			t.Fatalf("%q: %v %v", query, p, no)
		}
		if text := r.URL.Query().Get("variables"); p != nil && text != "" && !json.Valid([]byte(text)) {
			t.Errorf("%q: %q is no JSON value", query, text)
		}
	})
}

func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"", "*/*", "application/json;q=0.5, */*;q=0.1", ";;,,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		media, ok := negotiate([]string{accept})
		if ok != (media == mediaJSON || media == mediaResponse) {
			t.Errorf("%q: %q %t", accept, media, ok)
		}
	})
}
