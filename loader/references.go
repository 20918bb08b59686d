package loader

import (
	"strings"
	"unicode"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// textFragment marks a URL that points at a text of its page; editors split
// such URLs at the commas of that text.
const textFragment = "#:~:text="

// repairReferences undoes what editors did to lists of URLs, in this order:
// trim and drop blanks, split items that hold two URLs, strip junk before the
// scheme, and put back together URLs that were split at their commas.
func repairReferences(items []string) []kg.Reference {
	refs := make([]kg.Reference, 0, len(items))
	joining := false
	var fragments []string // of the last of refs
	var parts [4]string
	for _, item := range items {
		item = strings.TrimSpace(item)
		if item == "" || item == "[]" {
			continue
		}
		for _, part := range splitURLs(parts[:0], item) {
			url := stripJunk(part)
			if url == "" && joining {
				fragments = append(fragments, part)
				continue
			}
			fragments = rejoin(refs, fragments)
			refs = append(refs, kg.Reference{URL: url, Raw: part})
			joining = strings.Contains(url, textFragment)
		}
	}
	rejoin(refs, fragments)
	return refs
}

// rejoin gives the last reference the fragments that belong to it, and empties
// their list.
func rejoin(refs []kg.Reference, fragments []string) []string {
	if len(fragments) > 0 {
		last := &refs[len(refs)-1]
		tail := "," + strings.Join(fragments, ",")
		last.URL += tail
		last.Raw += tail
	}
	return fragments[:0]
}

// splitURLs appends the parts of an item that hold a URL each. What stands
// before the first URL stays with it. A scheme inside a URL, as the Internet
// Archive writes them, is part of that URL: only blanks or a semicolon part two.
func splitURLs(dst []string, item string) []string {
	begin, from := 0, indexScheme(item)
	for from >= 0 {
		next := indexScheme(item[from+1:])
		if next < 0 {
			break
		}
		next += from + 1
		end := len(strings.TrimRightFunc(item[:next], separates))
		if strings.Trim(item[end:next], ",") != "" {
			dst = append(dst, item[begin:end])
			begin = next
		}
		from = next
	}
	return append(dst, item[begin:])
}

// separates tells whether a character may stand between two URLs. Commas do so
// only beside others, since URLs have commas too.
func separates(c rune) bool { return c == ';' || c == ',' || unicode.IsSpace(c) }

// indexScheme finds the first http:// or https://, or gives -1.
func indexScheme(s string) int {
	for i := 0; ; {
		at := strings.Index(s[i:], "http")
		if at < 0 {
			return -1
		}
		i += at
		if hasScheme(s[i:]) {
			return i
		}
		i += len("http")
	}
}

func hasScheme(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// stripJunk gives the part from the first scheme on, or nothing.
func stripJunk(item string) string {
	i := indexScheme(item)
	if i < 0 {
		return ""
	}
	return item[i:]
}

// malformed tells whether an item is more or less than one URL.
func malformed(item string) bool {
	return !hasScheme(item) || strings.IndexFunc(item, unicode.IsSpace) >= 0
}
