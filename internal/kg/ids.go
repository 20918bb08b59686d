package kg

import (
	"cmp"
	"strconv"
	"strings"
)

// CanonicalCapabilityID gives the identity of a capability id within its
// framework: trimmed; NIST ids also upper-case without leading zeros; VERIS ids
// also lower-case. Apply it to what a file writes and to what a user types.
func CanonicalCapabilityID(framework, id string) string {
	id = strings.TrimSpace(id)
	switch framework {
	case "nist_800_53":
		return stripLeadingZeros(strings.ToUpper(id))
	case "veris":
		return strings.ToLower(id)
	}
	return id
}

// stripLeadingZeros removes the leading zeros of each run of digits.
func stripLeadingZeros(s string) string {
	return mapDigitRuns(s, func(run string) string {
		if run = strings.TrimLeft(run, "0"); run == "" {
			return "0"
		}
		return run
	})
}

// OrderKey gives the string by which capability ids sort: each run of digits is
// padded to six, so that AC-2 comes before AC-10.
func OrderKey(canonicalID string) string {
	return mapDigitRuns(canonicalID, func(run string) string {
		if len(run) < 6 {
			return "000000"[len(run):] + run
		}
		return run
	})
}

func mapDigitRuns(s string, f func(string) string) string {
	if strings.IndexFunc(s, isDigit) < 0 {
		return s
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexFunc(s, isDigit)
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		j := strings.IndexFunc(s, func(r rune) bool { return !isDigit(r) })
		if j < 0 {
			j = len(s)
		}
		b.WriteString(f(s[:j]))
		s = s[j:]
	}
	return b.String()
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// CanonicalAttackID gives an ATT&CK id as published from any spelling of it:
// t1552/007 is T1552.007.
func CanonicalAttackID(s string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s), "/", "."))
}

// CompareVersions orders dotted versions part by part, numbers as numbers:
// 9.0 < 10.0 < 10.1. Versions that differ only in spelling compare by bytes.
func CompareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		if c := comparePart(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(as), len(bs)), strings.Compare(a, b))
}

// CompareFrameworkVersions orders framework versions: as dates when both are
// dates (12/12/2024 or 12.12.2024, month first), else part by part with runs of
// digits as numbers: rev4 < rev5, 1.3.7 < 1.4.0.
func CompareFrameworkVersions(a, b string) int {
	da, oka := parseDate(a)
	db, okb := parseDate(b)
	if oka && okb {
		return cmp.Or(cmp.Compare(da, db), strings.Compare(a, b))
	}
	as, bs := versionParts(a), versionParts(b)
	for i := range min(len(as), len(bs)) {
		if c := comparePart(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(as), len(bs)), strings.Compare(a, b))
}

// SameFrameworkVersion tells whether two spellings mean one version: equal
// dates, or equal parts.
func SameFrameworkVersion(a, b string) bool {
	da, oka := parseDate(a)
	db, okb := parseDate(b)
	if oka && okb {
		return da == db
	}
	as, bs := versionParts(a), versionParts(b)
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if comparePart(as[i], bs[i]) != 0 {
			return false
		}
	}
	return true
}

func comparePart(a, b string) int {
	na, erra := strconv.ParseUint(a, 10, 64)
	nb, errb := strconv.ParseUint(b, 10, 64)
	if erra == nil && errb == nil {
		return cmp.Compare(na, nb)
	}
	return strings.Compare(a, b)
}

// versionParts splits at dots and slashes, and between digits and other text.
func versionParts(s string) []string {
	var parts []string
	start := 0
	flush := func(end int) {
		if end > start {
			parts = append(parts, s[start:end])
		}
	}
	for i := range len(s) {
		switch {
		case s[i] == '.' || s[i] == '/':
			flush(i)
			start = i + 1
		case i > start && isDigit(rune(s[i])) != isDigit(rune(s[i-1])):
			flush(i)
			start = i
		}
	}
	flush(len(s))
	return parts
}

// parseDate reads MM/DD/YYYY, with slashes or dots and with or without padding,
// as a number that sorts by time.
func parseDate(s string) (int, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 || strings.Count(s, "/")+strings.Count(s, ".") != 2 {
		return 0, false
	}
	m, err1 := strconv.Atoi(parts[0])
	d, err2 := strconv.Atoi(parts[1])
	y, err3 := strconv.Atoi(parts[2])
	if err1 != nil || err2 != nil || err3 != nil || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	return y*10000 + m*100 + d, true
}
