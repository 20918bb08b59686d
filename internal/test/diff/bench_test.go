package diff

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
	"github.com/mapgraph/mapgraph/loader"
)

// BenchmarkRootFields asks each root field for a page of 50, with all that its
// type has that is no list or object, of both stores, on the corpus. Everything
// that a store keeps it has kept.
func BenchmarkRootFields(b *testing.B) {
	ds, err := loader.Load(b.Context(), corpus.Dir(b), loader.Options{})
	if err != nil {
		b.Fatal(err)
	}
	server := testneo4j.Shared(b, testneo4j.Versions[1])
	o := neo4j.Options{URI: server.URI, User: testneo4j.User, Password: testneo4j.Password, Database: testneo4j.Database}
	if _, err := neo4j.Load(b.Context(), o, ds, neo4j.LoadOptions{}); err != nil {
		b.Fatal(err)
	}
	inNeo4j, err := neo4j.Open(o, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = inNeo4j.Close(b.Context()) }()
	schema := schema()
	for _, root := range schema.Query.Fields {
		if strings.HasPrefix(root.Name, "__") {
			continue
		}
		question := pages{schema, 50, false}.questions(root)[""]
		for _, st := range []struct {
			name  string
			store store.Store
		}{{"memory", memory.New(ds)}, {"neo4j", inNeo4j}} {
			b.Run(root.Name+"/"+st.name, func(b *testing.B) {
				h := graph.NewHandler(graph.Options{Store: st.store, Log: slog.New(slog.DiscardHandler)})
				warm(b, h, question)
				b.ReportAllocs()
				for b.Loop() {
					post(h, question)
				}
			})
		}
	}
}

func warm(b *testing.B, h http.Handler, question string) {
	b.Helper()
	for range 3 {
		if answer := post(h, question); bytes.Contains(answer, []byte(`"errors"`)) {
			b.Fatalf("%s\n%.300s", question, answer)
		}
	}
}
