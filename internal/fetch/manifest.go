// Package fetch downloads the published corpus exactly as a pinned list says:
// every file at a commit, checked against its git blob id.
package fetch

import (
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
)

//go:embed upstream.tsv
var upstream string

// Item is one file of the corpus.
type Item struct {
	Repository string // owner/name on GitHub
	Commit     string
	Path       string // within the repository
	Blob       string // git blob id: SHA-1 of "blob SIZE", a NUL and the content
	SavedAs    string // path below the data folder, with forward slashes
}

const header = "repository\tcommit\tpath\tgit_blob\tsaved_as"

// Manifest gives the pinned list.
func Manifest() ([]Item, error) { return parseManifest(upstream) }

// parseManifest reads a list and refuses one that could write outside the data
// folder or write a file twice.
func parseManifest(text string) ([]Item, error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if lines[0] != header {
		return nil, fmt.Errorf("line 1: the header is not %q", header)
	}
	var items []Item
	seen := map[string]bool{}
	for n, line := range lines[1:] {
		item, err := parseItem(line)
		if err == nil && seen[item.SavedAs] {
			err = fmt.Errorf("%s is saved twice", item.SavedAs)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+2, err)
		}
		seen[item.SavedAs] = true
		items = append(items, item)
	}
	return items, nil
}

func parseItem(line string) (Item, error) {
	f := strings.Split(line, "\t")
	if len(f) != 5 {
		return Item{}, fmt.Errorf("%d columns, not 5", len(f))
	}
	item := Item{Repository: f[0], Commit: f[1], Path: f[2], Blob: f[3], SavedAs: f[4]}
	owner, name, ok := strings.Cut(item.Repository, "/")
	switch {
	case !ok || owner == "" || name == "" || strings.Contains(name, "/"):
		return item, fmt.Errorf("repository %q is not OWNER/NAME", item.Repository)
	case !isHash(item.Commit):
		return item, fmt.Errorf("commit %q is not 40 hexadecimal digits", item.Commit)
	case !isHash(item.Blob):
		return item, fmt.Errorf("git_blob %q is not 40 hexadecimal digits", item.Blob)
	}
	for _, p := range []string{item.Path, item.SavedAs} {
		if !fs.ValidPath(p) || p == "." || strings.ContainsAny(p, "\\\x00:") {
			return item, fmt.Errorf("path %q does not stay below its folder", p)
		}
	}
	return item, nil
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 20
}

// DefaultMirror is where GitHub serves files raw. A mirror has the same layout:
// OWNER/NAME/COMMIT/PATH below its address.
const DefaultMirror = "https://raw.githubusercontent.com"

var errMirror = errors.New("a mirror is an http or https address, below which files lie at OWNER/NAME/COMMIT/PATH")

// address gives a file's address on a mirror.
func (i Item) address(mirror string) (string, error) {
	u, err := url.Parse(mirror)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("mirror %q: %w", mirror, errMirror)
	}
	return u.JoinPath(i.Repository, i.Commit, i.Path).String(), nil
}
