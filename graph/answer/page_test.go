package answer

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
)

func TestCursorsGoRoundAndKeepToTheirList(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		name, key, other := awkwardText(rnd), awkwardText(rnd), awkwardText(rnd)
		c := sealCursor(name, key)
		if got, err := openCursor(name, c); err != nil || got != key {
			t.Fatalf("%q of %q: %q, %v", key, name, got, err)
		}
		if _, err := openCursor(other, c); err == nil && other != name {
			t.Fatalf("%q of %q: the list %q takes it", key, name, other)
		}
	}
}

// awkwardText is any text, but most often one of bytes that keys give a meaning to.
func awkwardText(rnd *rand.Rand) string {
	b := make([]byte, rnd.IntN(6))
	for i := range b {
		b[i] = "\x00\x00\x01\x02a\xfe\xff\xc3"[rnd.IntN(8)]
		if rnd.IntN(8) == 0 {
			b[i] = byte(rnd.UintN(256))
		}
	}
	return string(b)
}

// A key compares as its parts do, and what is put behind it counts only between equals.
func TestSortKeysCompareAsTheirParts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		a, b := make([]string, 3), make([]string, 3)
		for i := range a {
			a[i], b[i] = awkwardText(rnd), awkwardText(rnd)
			if rnd.IntN(2) == 0 {
				b[i] = a[i]
			}
		}
		x, y := awkwardText(rnd), awkwardText(rnd)
		got := strings.Compare(sortKey(a...)+x, sortKey(b...)+y)
		if want := cmp.Or(slices.Compare(a, b), strings.Compare(x, y)); got != want {
			t.Fatalf("%q %q against %q %q: %d, want %d", a, x, b, y, got, want)
		}
	}
}

// Whatever the ids, pages of any size hold each item once, in order.
func TestPagesHoldEachItemOnce(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		refs := make([]kg.CapabilityRef, rnd.IntN(40))
		for i := range refs {
			refs[i] = kg.CapabilityRef{Framework: awkwardText(rnd), ID: awkwardText(rnd)}
		}
		slices.SortFunc(refs, kg.CapabilityRef.Compare)
		refs = slices.Compact(refs)
		size := int32(1 + rnd.IntN(9))
		var got []kg.CapabilityRef
		for after := (*string)(nil); ; {
			p, err := paginate("list", refs, capabilityKey, &size, after)
			if err != nil {
				t.Fatal(err)
			}
			if p.info.HasPreviousPage != (len(got) > 0) {
				t.Fatalf("after %d items: previous page %t", len(got), p.info.HasPreviousPage)
			}
			got = append(got, p.items...)
			if !p.info.HasNextPage || len(got) > len(refs) {
				break
			}
			after = p.info.EndCursor
		}
		if !slices.Equal(got, refs) {
			t.Fatalf("pages of %d: %q, want %q", size, got, refs)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("list", sealCursor("list", "key"))
	f.Add("list", "")
	f.Add("", "////")
	f.Fuzz(func(t *testing.T, name, cursor string) {
		key, err := openCursor(name, cursor)
		if err != nil {
			if own := (*Error)(nil); !errors.As(err, &own) || own.Code != InvalidCursor {
				t.Fatalf("%v", err)
			}
			return
		}
		if again, err := openCursor(name, sealCursor(name, key)); err != nil || again != key {
			t.Fatalf("%q does not go round: %q, %v", key, again, err)
		}
	})
}

func TestDescendingSortsNumbersFromHighToLow(t *testing.T) {
	numbers := []float64{math.Inf(1), 1e9, 2, 1.5, 1, 0.1, 0, -0.5, -3, math.Inf(-1)}
	keys := make([]string, len(numbers))
	for i, x := range numbers {
		keys[i] = descending(x)
	}
	if !sort.StringsAreSorted(keys) || len(slices.Compact(keys)) != len(numbers) {
		t.Errorf("%q", keys)
	}
}

func TestMappingKeysSortAsMappingsDo(t *testing.T) {
	at := func(id, technique string, c kg.Category, v kg.Value, row int) string {
		return mappingKey(kg.CapabilityRef{Framework: "f", ID: id}, technique, &kg.Row{Category: c, Value: v, Number: row})
	}
	keys := []string{
		at("AC-2", "T1", kg.Protect, kg.Significant, 9),
		at("AC-2", "T1", kg.Protect, kg.Minimal, 1),
		at("AC-2", "T1", kg.Protect, kg.NoValue, 1),
		at("AC-2", "T1", kg.Detect, kg.Significant, 2),
		at("AC-2", "T1", kg.Detect, kg.Significant, 300),
		at("AC-2", "T1", kg.Respond, kg.Partial, 1),
		at("AC-2", "T1", kg.NoCategory, kg.NoValue, 1),
		at("AC-2", "T1.001", kg.Protect, kg.Partial, 1),
		at("AC-2(1)", "T1", kg.Protect, kg.Partial, 1),
		at("AC-10", "T1", kg.Protect, kg.Partial, 1),
	}
	if !sort.StringsAreSorted(keys) {
		t.Errorf("%q", keys)
	}
}
