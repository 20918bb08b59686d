package neo4j

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/golden"
	"github.com/mapgraph/mapgraph/internal/test/world"
)

// TestTheFormatIsRaised fails when a dataset is written otherwise under the same
// format: a database would keep what it has, and readers misread it.
func TestTheFormatIsRaised(t *testing.T) {
	ds := world.New(1).Dataset
	steps, err := newWriter("g", ds, kg.HeadOf(ds, time.Time{})).steps()
	if err != nil {
		t.Fatal(err)
	}
	type written struct {
		Statement string
		Params    map[string]any
		Rows      []any
	}
	var shape []written
	for _, s := range steps {
		w := written{Statement: words(statement(s.statement)), Params: s.params}
		for row := range s.rows {
			w.Rows = append(w.Rows, row)
		}
		shape = append(shape, w)
	}
	if len(shape) < 20 {
		t.Fatalf("only %d steps", len(shape))
	}
	golden.Hold(t, "testdata/format.golden", golden.Versioned{
		Name: "graph", Version: strconv.Itoa(format), Source: "internal/store/neo4j/codec.go", Input: ds, Output: shape,
	})
}

// words leaves out how a statement is laid out.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }
