package loader

import (
	"io/fs"
	"path"
)

// onlyFS shows the part of a file system that keep allows.
type onlyFS struct {
	fs.FS
	keep func(string) bool
}

func (o onlyFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	var kept []fs.DirEntry
	for _, e := range entries {
		if o.keep(path.Join(name, e.Name())) {
			kept = append(kept, e)
		}
	}
	return kept, err
}
