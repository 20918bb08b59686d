package kg

import (
	"iter"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Near finds what somebody may have meant: the known name that differs from a
// word by the fewest characters, in any case, if that is no more than one in
// three; of several the first. It gives nothing where none is near.
func Near(word string, known iter.Seq[string]) string {
	word = strings.ToLower(strings.TrimSpace(word))
	best, least := "", len([]rune(word))/3+1
	if len(word) > maxNearWord {
		return ""
	}
	for name := range known {
		if len(name) > 2*len(word)+maxNearWord {
			continue
		}
		if d := levenshtein.ComputeDistance(word, strings.ToLower(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// maxNearWord bounds the words that are compared with all names.
const maxNearWord = 100

// DidYouMean puts a question about the nearest known name behind an error; it is
// nothing where none is near.
func DidYouMean(word string, known iter.Seq[string]) string {
	if near := Near(word, known); near != "" {
		return `; did you mean "` + near + `"?`
	}
	return ""
}
