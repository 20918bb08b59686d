package answer

import (
	"errors"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
)

func TestCursorsGoRoundAndKeepToTheirList(t *testing.T) {
	for _, key := range []string{"", "T1001", "a\x00b\x00\xff", strings.Repeat("x", 1000)} {
		c := sealCursor("list", key)
		if got, err := openCursor("list", c); err != nil || got != key {
			t.Errorf("%q: %q, %v", key, got, err)
		}
		if _, err := openCursor("other", c); err == nil {
			t.Errorf("%q: another list takes it", key)
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
