package loader

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// twoURLs finds where a second URL begins in an item: after a blank or a
// semicolon. A scheme inside a URL, as the Internet Archive writes them, is
// part of that URL.
var twoURLs = regexp.MustCompile(`[;\s]+(https?://)`)

// repairReferences undoes what editors did to lists of URLs, in this order:
// trim and drop blanks, split items that hold two URLs, strip junk before the
// scheme, and put back together URLs that were split at their commas.
func repairReferences(items []string) []kg.Reference {
	refs := make([]kg.Reference, 0, len(items))
	joining := false
	for _, item := range items {
		item = strings.TrimSpace(item)
		if item == "" || item == "[]" {
			continue
		}
		for _, part := range splitURLs(item) {
			url := stripJunk(part)
			if url == "" && joining {
				last := &refs[len(refs)-1]
				last.URL += "," + part
				last.Raw += "," + part
				continue
			}
			refs = append(refs, kg.Reference{URL: url, Raw: part})
			joining = strings.Contains(url, "#:~:text=")
		}
	}
	return refs
}

func splitURLs(item string) []string {
	var parts []string
	for {
		at := twoURLs.FindStringSubmatchIndex(item)
		if at == nil {
			return append(parts, item)
		}
		if at[0] > 0 && hasScheme(item[:at[0]]) {
			parts = append(parts, item[:at[0]])
			item = item[at[2]:]
			continue
		}
		// What stands before the only URL is junk, not a URL of its own.
		rest := splitURLs(item[at[2]:])
		rest[0] = item[:at[2]] + rest[0]
		return append(parts, rest...)
	}
}

func hasScheme(s string) bool {
	return strings.Contains(s, "http://") || strings.Contains(s, "https://")
}

// stripJunk gives the part from the first scheme on, or nothing.
func stripJunk(item string) string {
	i := strings.Index(item, "http://")
	if j := strings.Index(item, "https://"); j >= 0 && (i < 0 || j < i) {
		i = j
	}
	if i < 0 {
		return ""
	}
	return item[i:]
}

// malformed tells whether an item is more or less than one URL.
func malformed(item string) bool {
	if strings.IndexFunc(item, unicode.IsSpace) >= 0 {
		return true
	}
	return !strings.HasPrefix(item, "http://") && !strings.HasPrefix(item, "https://")
}
