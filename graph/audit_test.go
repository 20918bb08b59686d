package graph_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mapgraph/mapgraph/internal/gqlhttp/audittest"
)

// TestGraphQLOverHTTP audits the real endpoint.
func TestGraphQLOverHTTP(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/graphql", factsAPI(t).handler)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	audittest.Run(t, srv.URL+"/graphql")
}
