package gqlhttp_test

import (
	"net/http/httptest"
	"testing"

	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/gqlhttp/audittest"
	"github.com/mapgraph/mapgraph/internal/gqlhttp/internal/sample"
)

func TestAudit(t *testing.T) {
	srv := httptest.NewServer(gqlhttp.New((&sample.Service{}).Schema(), gqlhttp.Options{Limits: gqlhttp.DefaultLimits()}))
	defer srv.Close()
	audittest.Run(t, srv.URL+"/graphql")
}
