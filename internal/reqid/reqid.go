// Package reqid carries a request's id, by which an error that tells a client
// nothing of the inside can be found in the log.
package reqid

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
)

// Header is where a request's id comes and goes.
const Header = "X-Request-Id"

type key struct{}

var acceptable = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Middleware gives each request an id: the one that it brings, if that is
// harmless, or a new one. The response names it.
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(Header)
		if !acceptable.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(Header, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, id)))
	})
}

// From gives the id of a request's context, or nothing.
func From(ctx context.Context) string {
	id, _ := ctx.Value(key{}).(string)
	return id
}
