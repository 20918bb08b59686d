package graph_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/store"
)

// goneStore is a store that cannot be reached.
type goneStore struct{ store.Store }

func (goneStore) Snapshot(context.Context) (store.Snapshot, error) {
	return nil, fmt.Errorf("%w: dial tcp 192.0.2.7:7687: connection refused", store.ErrUnavailable)
}

// The log says why a store cannot be reached; the client does not learn it.
func TestUnavailableIsLogged(t *testing.T) {
	var log bytes.Buffer
	a := api{graph.NewHandler(graph.Options{Store: goneStore{}, Limits: graph.DefaultLimits, Log: slog.New(slog.NewTextHandler(&log, nil))})}
	out := a.post(`{dataset{generation} b:dataset{generation}}`, nil)
	if code(out) != "UNAVAILABLE" || strings.Contains(out.raw, "192.0.2.7") {
		t.Errorf("answered %s", out.raw)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "192.0.2.7:7687: connection refused") || !strings.Contains(got, "request_id=") {
		t.Errorf("logged %s", got)
	}
}
