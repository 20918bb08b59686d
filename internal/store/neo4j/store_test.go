package neo4j_test

import (
	"context"
	"log/slog"
	"os"
	"testing"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/notifications"

	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
	"github.com/mapgraph/mapgraph/internal/store/storetest"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
	"github.com/mapgraph/mapgraph/loader"
)

func TestMain(m *testing.M) { os.Exit(testneo4j.Main(m)) }

// options reach a server.
func options(s *testneo4j.Server) neo4j.Options {
	return neo4j.Options{URI: s.URI, User: testneo4j.User, Password: testneo4j.Password, Database: testneo4j.Database}
}

// strict options fail the test if the server remarks on a query.
func strict(t *testing.T, s *testneo4j.Server) neo4j.Options {
	o := options(s)
	o.Notify = func(query string, n driver.Notification) {
		switch n.Category() {
		case notifications.Performance, notifications.Unrecognized, notifications.Deprecation:
			t.Errorf("%s: %s: %s", query, n.Code(), n.Description())
		}
	}
	return o
}

func loadInto(t *testing.T, o neo4j.Options, ds *kg.Dataset) neo4j.Loaded {
	t.Helper()
	loaded, err := neo4j.Load(t.Context(), o, ds, neo4j.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func open(t *testing.T, o neo4j.Options) store.Store {
	t.Helper()
	st, err := neo4j.Open(o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// onBoth runs a test on the oldest and the newest version.
func onBoth(t *testing.T, test func(t *testing.T, s *testneo4j.Server)) {
	for _, version := range testneo4j.Versions {
		t.Run(version, func(t *testing.T) { test(t, testneo4j.Shared(t, version)) })
	}
}

func factsEdition(t *testing.T) *kg.Dataset {
	t.Helper()
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func published(t *testing.T) *kg.Dataset {
	t.Helper()
	ds, err := loader.Load(context.Background(), corpus.Dir(t), loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func TestStore(t *testing.T) {
	// The corpus comes first: it has every property, and the server remarks on
	// queries that name one it has never seen.
	for _, data := range []struct {
		name string
		read func(*testing.T) *kg.Dataset
	}{{"corpus", published}, {"facts", factsEdition}} {
		t.Run(data.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *testneo4j.Server) {
				storetest.Run(t, func(t *testing.T, ds *kg.Dataset) store.Store {
					loadInto(t, strict(t, s), ds)
					return open(t, strict(t, s))
				}, data.read(t))
			})
		})
	}
}
