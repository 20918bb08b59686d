package search

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is the number of bytes of a folded word that count. Longer words are
// hashes and encoded blobs, which nobody types and a database cannot index.
const maxWord = 64

// Words gives the folded words of a text, in order.
func Words(text string) []string {
	var words []string
	s := scanner{src: text}
	for s.next() {
		words = append(words, string(s.word))
	}
	return words
}

// scanner walks the folded words of a text.
type scanner struct {
	src string
	pos int

	word       []byte // the folded word; valid until the next call
	start, end int    // where the word is in src

	parts bool  // note where parts of the word begin
	soft  []int // where they begin, in word
}

// foldASCII folds letters and digits; everything else is zero.
var foldASCII = func() (t [256]byte) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = c, c
	}
	return t
}()

func (s *scanner) next() bool {
	i, src := s.pos, s.src
	for i < len(src) && src[i] < utf8.RuneSelf && foldASCII[src[i]] == 0 {
		i++
	}
	start, word := i, s.word[:0]
	if !s.parts {
		for i < len(src) {
			c := foldASCII[src[i]]
			if c == 0 {
				break
			}
			word = append(word, c)
			i++
		}
		if len(word) > 0 && (i == len(src) || src[i] < utf8.RuneSelf && src[i] != '\'') {
			s.word = word[:min(len(word), maxWord)]
			s.start, s.end, s.pos = start, i, i
			return true
		}
	}
	return s.nextRunes(word, start, i)
}

// nextRunes goes on with a word rune by rune, for what is not plain ASCII and
// to notice parts.
func (s *scanner) nextRunes(word []byte, start, i int) bool {
	end := i
	began := len(word) > 0
	s.soft = s.soft[:0]
	var before, last shape // of the two latest runes of the word
	lastAt := 0
	for i < len(s.src) {
		r, size := utf8.DecodeRuneInString(s.src[i:])
		at := len(word)
		var role role
		word, role = appendFolded(word, r)
		if role == breaks {
			if !began {
				i += size
				continue
			}
			if !isApostrophe(r) || !startsWithLetter(s.src[i+size:]) {
				break
			}
			i += size
			continue
		}
		if role == belongs {
			if !began {
				began, start = true, i
			}
			if s.parts {
				now := shapeOf(r)
				switch {
				case last == 0:
				case (last == digit) != (now == digit), last == small && now == capital:
					s.soft = append(s.soft, at)
				case now == small && last == capital && before == capital:
					s.soft = append(s.soft, lastAt)
				}
				before, last, lastAt = last, now, at
			}
		}
		i += size
		if began {
			end = i
		}
	}
	s.word = word[:wholeRunes(word, maxWord)]
	s.start, s.end, s.pos = start, end, i
	return began
}

// role is what a rune does to the word that it stands in.
type role uint8

const (
	breaks  role = iota // stands between words
	ignored             // a mark or a format control
	belongs
)

// appendFolded appends the folded form of a rune, if it belongs to a word.
func appendFolded(dst []byte, r rune) ([]byte, role) {
	if r < utf8.RuneSelf {
		if c := foldASCII[r]; c != 0 {
			return append(dst, c), belongs
		}
		return dst, breaks
	}
	if r >= 0x2010 && r <= 0x2027 || r == utf8.RuneError {
		return dst, breaks // dashes and quotation marks, the commonest in texts
	}
	var in [utf8.UTFMax]byte
	var out [64]byte
	whole := len(dst)
	role := ignored
	for _, d := range string(norm.NFKD.Append(out[:0], in[:utf8.EncodeRune(in[:], r)]...)) {
		switch {
		case unicode.In(d, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.IsLetter(d), unicode.IsNumber(d), unicode.Is(unicode.Mc, d):
			dst = appendLower(dst, d)
		default:
			role = breaks
		}
	}
	if len(dst) > whole {
		role = belongs
	}
	return dst, role
}

// appendLower appends a letter in lower case, and letters that have no
// decomposition as they are commonly written without their mark.
func appendLower(dst []byte, r rune) []byte {
	switch r = unicode.ToLower(r); r {
	case 'ß':
		return append(dst, "ss"...)
	case 'æ':
		return append(dst, "ae"...)
	case 'œ':
		return append(dst, "oe"...)
	case 'þ':
		return append(dst, "th"...)
	case 'ø':
		r = 'o'
	case 'đ', 'ð':
		r = 'd'
	case 'ħ':
		r = 'h'
	case 'ı':
		r = 'i'
	case 'ł':
		r = 'l'
	case 'ς':
		r = 'σ'
	}
	return utf8.AppendRune(dst, r)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' }

func startsWithLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

// shape tells the runes apart between which a part of a word begins.
type shape uint8

const (
	digit shape = iota + 1
	capital
	small // and letters without case
)

func shapeOf(r rune) shape {
	switch {
	case unicode.IsNumber(r):
		return digit
	case unicode.IsUpper(r):
		return capital
	}
	return small
}

// wholeRunes gives the length of the longest beginning of s that has at most
// limit bytes and ends between runes.
func wholeRunes[T ~string | ~[]byte](s T, limit int) int {
	if len(s) <= limit {
		return len(s)
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return limit
}

// uniqueSorted sorts strings and drops repetitions.
func uniqueSorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
