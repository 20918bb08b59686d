package server

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// The pages' content security policy. Scripts come from the program alone; the
// query editor sets styles from script, and runs its language services in
// workers.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
	"worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// placeholderPolicy suits a page that has only styles of its own.
const placeholderPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages serves the built web pages: the playground, or the page that says how
// to build it.
func (s *Server) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/playground", http.StatusFound)
	})
	mux.HandleFunc("GET /playground", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, "playground/index.html") })
	mux.HandleFunc("GET /playground/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		rest := r.PathValue("rest")
		if rest == "" {
			http.Redirect(w, r, "/playground", http.StatusMovedPermanently)
			return
		}
		s.page(w, r, path.Join("playground", rest))
	})
	mux.HandleFunc("GET /assets/{rest...}", func(w http.ResponseWriter, r *http.Request) {
		s.page(w, r, path.Join("assets", r.PathValue("rest")))
	})
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if s.opts.Assets == nil {
		if name != "playground/index.html" {
			http.NotFound(w, r)
			return
		}
		h.Set("Content-Security-Policy", placeholderPolicy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write(s.opts.Placeholder)
		return
	}
	text, err := fs.ReadFile(s.opts.Assets, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Security-Policy", pagePolicy)
	// Vite puts a hash of the content into the names of assets.
	if strings.Contains(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	info, err := fs.Stat(s.opts.Assets, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, info.ModTime(), bytes.NewReader(text))
}
