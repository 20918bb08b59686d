package search

// stem is what a word and its plural have in common. It is kept in two pieces
// so that base is always a beginning of the word: policy and policies are
// "polic" with y, cookie and cookies "cook" with y.
type stem struct {
	base string
	y    bool
}

// stemOf undoes the English plural and nothing else. The result need not be a
// word; it only has to be the same for both forms and no other word's.
func stemOf(w string) stem {
	if n := len(w); n >= 4 && endsInPlural(w) {
		w = w[:n-1]
	}
	n := len(w)
	if n < 3 {
		return stem{base: w}
	}
	switch last := w[n-1]; {
	case last == 'y' && !isVowel(w[n-2]) && isSmall(w[n-2]):
		return stem{base: w[:n-1], y: true}
	case last == 'i':
		return stem{base: w[:n-1], y: true}
	case last == 'e' && w[n-2] == 'i':
		return stem{base: w[:n-2], y: true}
	case last == 'e' && n >= 4 && hisses(w[:n-1]):
		// Without its e, cache meets caches, and process meets processes. An s
		// that now ends the word goes as it does from alias.
		if w = w[:n-1]; len(w) >= 4 && endsInPlural(w) {
			w = w[:len(w)-1]
		}
	}
	return stem{base: w}
}

// endsInPlural tells whether the final s may be a plural's: access, virus and
// analysis are none, while apis is.
func endsInPlural(w string) bool {
	n := len(w)
	if w[n-1] != 's' || !isSmall(w[n-2]) {
		return false
	}
	switch w[n-2] {
	case 's', 'u':
		return false
	case 'i':
		return n == 4
	}
	return true
}

func hisses(w string) bool {
	n := len(w)
	switch w[n-1] {
	case 's', 'x', 'z':
		return true
	case 'h':
		return n >= 2 && (w[n-2] == 'c' || w[n-2] == 's')
	}
	return false
}

func isSmall(c byte) bool { return 'a' <= c && c <= 'z' }

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}

// longestEnding is the length of the longest ending of forms.
const longestEnding = 3

var (
	endings  = [...]string{"", "s", "e", "es", "se", "ses"}
	endingsY = [...]string{"y", "ys", "i", "is", "ie", "ies"}
)

// forms gives every word that has the stem.
func (s stem) forms() []string {
	list := endings[:]
	if s.y {
		list = endingsY[:]
	}
	var forms []string
	for _, ending := range list {
		if w := s.base + ending; stemOf(w) == s {
			forms = append(forms, w)
		}
	}
	return forms
}
