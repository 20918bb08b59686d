// Package web holds the browser pages that are built into the program.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed placeholder.html
var placeholder []byte

// Assets gives the built pages, rooted where they were built.
func Assets() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Built tells whether the pages were built before the program was.
func Built() bool {
	_, err := fs.Stat(dist, "dist/explorer/index.html")
	return err == nil
}

// Placeholder is the page that stands for the built ones in a program that was
// built without them, and says how to build them.
func Placeholder() []byte { return placeholder }
