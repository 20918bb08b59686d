package gqlhttp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// tag names the answer to a GET request: by what is asked, and by what answers.
// It is known before the answer is. Nothing is the tag of what must not be kept.
func (e *edge) tag(ctx context.Context, r *http.Request, p *graphql.RawParams, media string) string {
	if e.version == nil || r.Method == http.MethodPost || len(p.Extensions) > 0 {
		return ""
	}
	version := e.version(ctx)
	if version == "" {
		return ""
	}
	asked, err := json.Marshal([]any{version, media, p.Query, p.OperationName, p.Variables}) // maps by key
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(asked)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"` // weak: it is the same answer compressed
}

// isKnown tells whether a client has an answer already.
func isKnown(r *http.Request, tag string) bool {
	if tag == "" {
		return false
	}
	for _, header := range r.Header.Values("If-None-Match") {
		for known := range strings.SplitSeq(header, ",") {
			if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}
