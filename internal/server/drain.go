package server

import (
	"net/http"
	"slices"
	"sync"
)

// drain knows the requests under way, and turns new ones away once the server
// is closing. Probes are answered to the end.
type drain struct {
	mu      sync.Mutex
	closing bool
	open    int
	idle    chan struct{} // closed when the last request is answered
}

func newDrain() *drain { return &drain{idle: make(chan struct{})} }

func (d *drain) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.open++
	return true
}

func (d *drain) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open--; d.closing && d.open == 0 {
		close(d.idle)
	}
}

// close turns new requests away from now on.
func (d *drain) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closing && d.open == 0 {
		close(d.idle)
	}
	d.closing = true
}

// counted counts requests, other than probes, while they are answered.
func (d *drain) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(probes, r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if !d.begin() {
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "1")
			writeJSON(w, http.StatusServiceUnavailable, problem("the server is stopping; ask again, and another may answer"))
			return
		}
		defer d.end()
		next.ServeHTTP(w, r)
	})
}
