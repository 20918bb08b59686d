package kg

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// VersionKey gives the text by whose bytes versions sort, those of ATT&CK and of
// frameworks alike. Compute it once for each version where many are compared.
//
// A date comes after everything else. Other versions compare by their parts,
// the runs of digits and of letters: 9.0 < 10.0 < 10.1. A word comes before the
// end, and that before a number, so that 18.0-beta < 18.0 < 18.0.1. Versions
// that say the same compare by their own bytes.
func VersionKey(version string) string {
	return string(append(appendVersionKey(make([]byte, 0, 64), version), version...))
}

// CompareVersions orders two versions by VersionKey, oldest first.
func CompareVersions(a, b string) int {
	if a == b {
		return 0
	}
	return strings.Compare(VersionKey(a), VersionKey(b))
}

// SameVersion tells whether two spellings mean one version: equal dates, or
// equal parts.
func SameVersion(a, b string) bool {
	return a == b || string(appendVersionKey(nil, a)) == string(appendVersionKey(nil, b))
}

// The bytes with which the elements of a key begin, in their order. An element
// ends before any other could, so no key is the beginning of another.
const (
	keyOfParts byte = iota + 1
	keyOfDate
)

const (
	keyWord byte = iota + 1
	keyEnd
	keyNumber
)

// appendVersionKey appends what a version says, without its spelling.
func appendVersionKey(dst []byte, version string) []byte {
	if year, month, day, ok := parseDate(version); ok {
		return append(binary.BigEndian.AppendUint16(append(dst, keyOfDate), year), month, day)
	}
	dst = append(dst, keyOfParts)
	for version != "" {
		switch r, size := utf8.DecodeRuneInString(version); {
		case isDigit(r):
			n := runLength(version, isDigit)
			dst = appendNumber(append(dst, keyNumber), version[:n])
			version = version[n:]
		case unicode.IsLetter(r):
			n := runLength(version, unicode.IsLetter)
			dst = append(append(append(dst, keyWord), strings.ToLower(version[:n])...), 0)
			version = version[n:]
		default:
			version = version[size:]
		}
	}
	return append(dst, keyEnd)
}

// appendNumber appends a run of digits of any length so that bytes sort by value.
func appendNumber(dst []byte, digits string) []byte {
	digits = strings.TrimLeft(digits, "0")
	return append(binary.BigEndian.AppendUint64(dst, uint64(len(digits))), digits...)
}

// runLength gives how many bytes of s, from its start, are characters of a class.
func runLength(s string, class func(rune) bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !class(r) }); n >= 0 {
		return n
	}
	return len(s)
}

// parseDate reads M/D/Y or M.D.Y, or Y-M-D, with or without padding and with a
// year of four digits.
func parseDate(s string) (year uint16, month, day byte, ok bool) {
	separator := strings.IndexAny(s, "/.-")
	if separator < 0 {
		return 0, 0, 0, false
	}
	parts := strings.Split(s, s[separator:separator+1])
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	if s[separator] == '-' {
		parts = []string{parts[1], parts[2], parts[0]}
	}
	m, d, y := dateNumber(parts[0], 1, 2), dateNumber(parts[1], 1, 2), dateNumber(parts[2], 4, 4)
	if m < 1 || m > 12 || d < 1 || d > 31 || y < 0 {
		return 0, 0, 0, false
	}
	return uint16(y), byte(m), byte(d), true
}

// dateNumber reads a number of so many digits, or gives -1.
func dateNumber(s string, least, most int) int {
	if len(s) < least || len(s) > most || runLength(s, isDigit) != len(s) {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
