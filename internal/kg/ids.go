package kg

import "strings"

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
