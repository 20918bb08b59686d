package kg

import (
	"slices"
	"strings"
	"testing"
)

func TestVersionsCompare(t *testing.T) {
	huge := strings.Repeat("9", 40)
	for _, ascending := range [][]string{
		{"8.2", "9.0", "10.0", "10.1", "12.1", "14.1", "18.0-alpha", "18.0-beta", "18.0-beta2", "18.0", "18.0.1", "18.1"},
		{"rev4", "rev5", "rev10"},
		{"rc1", "rc2", "1.0-rc1", "1.0"},
		{"1.3.5", "1.3.7", "1.4.0", "1.10"},
		{"beta", "", "-", "0", "1", "1-1-24", "9/31/99", huge, huge + ".1", "1" + huge, "06/28/2022", "12.11.2023", "12/12/2024", "2/13/2025", "2025-07-28", "07/29/2025"},
		{"v2.1", "v2.2", "v10.0", "2.0"},
		{"a", "A1", "a2", "ab", "É", "é1", "я"},
		{"16.01", "16.1"},                                   // one number in two spellings: by bytes
		{"1.31/2024", "1/32/2024", "13/1/2024", "1/2/2024"}, // only the last is a date
	} {
		for a := range ascending {
			for b := range ascending {
				if got, want := sign(CompareVersions(ascending[a], ascending[b])), sign(a-b); got != want {
					t.Errorf("CompareVersions(%q, %q) = %d, want %d", ascending[a], ascending[b], got, want)
				}
			}
		}
	}
}

func TestSameVersion(t *testing.T) {
	for _, same := range [][2]string{
		{"7/28/2025", "07.28.2025"}, {"2025-07-28", "7/28/2025"}, {"rev5", "Rev 5"}, {"16.1", "16.01"}, {"1.0", "1-0"},
	} {
		if !SameVersion(same[0], same[1]) {
			t.Errorf("%q and %q are one version", same[0], same[1])
		}
	}
	for _, differ := range [][2]string{{"7/28/2025", "2/13/2025"}, {"1.0", "1"}, {"1.0", "10"}, {"rev4", "rev5"}, {"18.0", "18.0-beta"}} {
		if SameVersion(differ[0], differ[1]) {
			t.Errorf("%q and %q are two versions", differ[0], differ[1])
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// FuzzVersions holds the order to be total: any three versions have one order,
// whichever pairs are asked first, and only equal ones tie.
func FuzzVersions(f *testing.F) {
	f.Add("12/12/2024", "rev5", "1.4.0")
	f.Add("9.0", "10.0", "10.1")
	f.Add("18.0-beta", "18.0", "18.0.1")
	f.Add("2024-1-2", "1.2.2024", "a/b/2024")
	f.Add("1/1/2024", "2.0", "1x/1/2024")
	f.Add("99999999999999999999", "099999999999999999998", "\xff1")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		list := []string{a, b, c}
		for _, x := range list {
			for _, y := range list {
				if sign(CompareVersions(x, y)) != -sign(CompareVersions(y, x)) {
					t.Fatalf("compare(%q, %q) is not antisymmetric", x, y)
				}
				if (CompareVersions(x, y) == 0) != (x == y) {
					t.Fatalf("compare(%q, %q) ties only for equal bytes", x, y)
				}
				if SameVersion(x, y) != (SameVersion(y, x)) || x == y && !SameVersion(x, y) {
					t.Fatalf("SameVersion(%q, %q) is no equivalence", x, y)
				}
			}
		}
		slices.SortFunc(list, CompareVersions)
		if CompareVersions(list[0], list[1]) > 0 || CompareVersions(list[1], list[2]) > 0 || CompareVersions(list[0], list[2]) > 0 {
			t.Fatalf("no order of %q", list)
		}
	})
}
