package gqlhttp_test

import (
	"net/http/httptest"
	"testing"

	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/gqlhttp/audittest"
)

func TestAudit(t *testing.T) {
	srv := httptest.NewServer(gqlhttp.New(&sample{}, gqlhttp.Options{Limits: gqlhttp.DefaultLimits()}))
	defer srv.Close()
	audittest.Run(t, srv.URL+"/graphql")
}
