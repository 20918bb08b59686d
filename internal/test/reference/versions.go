package reference

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

var (
	monthFirst = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4})$|^(\d{1,2})\.(\d{1,2})\.(\d{4})$`)
	yearFirst  = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	runs       = regexp.MustCompile(`\d+|\pL+`)
)

// dateOf gives year, month and day of a version that is a date.
func dateOf(v string) (ymd [3]int, ok bool) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if m := monthFirst.FindStringSubmatch(v); m != nil {
		return [3]int{number(m[3] + m[6]), number(m[1] + m[4]), number(m[2] + m[5])}, true
	}
	if m := yearFirst.FindStringSubmatch(v); m != nil {
		return [3]int{number(m[1]), number(m[2]), number(m[3])}, true
	}
	return ymd, false
}

// olderFirst compares two versions: below zero where a is older.
func olderFirst(a, b string) int {
	da, isDateA := dateOf(a)
	db, isDateB := dateOf(b)
	switch {
	case isDateA && isDateB:
		return cmp.Or(cmp.Compare(da[0], db[0]), cmp.Compare(da[1], db[1]), cmp.Compare(da[2], db[2]), strings.Compare(a, b))
	case isDateA:
		return 1
	case isDateB:
		return -1
	}
	as, bs := runs.FindAllString(a, -1), runs.FindAllString(b, -1)
	for i := 0; i < len(as) && i < len(bs); i++ {
		if c := comparePart(as[i], bs[i]); c != 0 {
			return c
		}
	}
	switch {
	case len(as) > len(bs):
		return longer(as[len(bs)])
	case len(bs) > len(as):
		return -longer(bs[len(as)])
	}
	return strings.Compare(a, b)
}

// longer tells whether the longer of two lists is newer, by its next part.
func longer(next string) int {
	if isNumber(next) {
		return 1
	}
	return -1
}

func isNumber(part string) bool { return part[0] >= '0' && part[0] <= '9' }

func comparePart(a, b string) int {
	switch {
	case isNumber(a) && isNumber(b):
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case isNumber(a):
		return 1
	case isNumber(b):
		return -1
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}
