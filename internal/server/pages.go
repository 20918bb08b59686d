package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"time"
)

// pagePolicy is the content security policy of the built pages. Scripts come
// from the program alone; the query editor sets styles from script, and runs
// its language services in workers.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
	"worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// placeholderPolicy suits a page that has only styles of its own.
const placeholderPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// The pages' files among the assets.
const (
	explorer   = "explorer/index.html"
	playground = "playground/index.html"
)

// explorerPaths are the views of the explorer: one page, which looks at its own
// address. The page has the same list, and a test in a browser goes to each.
var explorerPaths = []string{
	"/matrix", "/technique/{id}", "/overlap", "/gaps", "/crosswalk", "/compare", "/graph", "/framework/{id}",
	"/capability/{framework}/{id...}", "/group/{id}", "/software/{id}", "/campaign/{id}", "/diff", "/search", "/about",
}

// hashed are the names that the build derives from the content: what they name
// never changes.
var hashed = regexp.MustCompile(`(^|/)assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$`)

// contentTypes of the files that a build makes. The table of the system that
// the program runs on may lack them, and browsers refuse scripts of other types.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8", ".json": "application/json", ".map": "application/json", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".woff": "font/woff", ".ttf": "font/ttf",
	".wasm": "application/wasm", ".txt": "text/plain; charset=utf-8",
}

// pages serves the built web pages, or the page that says how to build them. The
// pages are built for these paths.
func (s *Server) pages(mux *http.ServeMux) {
	for _, path := range explorerPaths {
		mux.Handle(path, read(func(w http.ResponseWriter, r *http.Request) { s.page(w, r, explorer) }))
	}
	mux.Handle("/playground", read(func(w http.ResponseWriter, r *http.Request) { s.page(w, r, playground) }))
	mux.Handle("/playground/{$}", http.RedirectHandler("/playground", http.StatusMovedPermanently))
	mux.Handle("/playground/{rest...}", read(s.file))
	mux.Handle("/assets/{rest...}", read(s.file))
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, path.Clean(r.URL.Path)[1:])
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, name string) {
	text, policy := s.opts.Placeholder, placeholderPolicy
	if s.opts.Assets != nil {
		var err error
		if text, err = fs.ReadFile(s.opts.Assets, name); err != nil {
			notFound(w, r)
			return
		}
		policy = s.opts.PagePolicy
	} else if name != playground && name != explorer {
		notFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if contentType := contentTypes[path.Ext(name)]; contentType != "" {
		h.Set("Content-Type", contentType)
	}
	if hashed.MatchString(name) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
		h.Set("Etag", etag(text))
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}

// etag is weak, for the page may be sent compressed or not.
func etag(text []byte) string {
	sum := sha256.Sum256(text)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}
