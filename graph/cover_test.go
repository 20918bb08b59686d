package graph_test

import (
	"log/slog"
	"testing"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
)

// TestSmallestCoversAreKept: the same question about the same view is worked out
// once; another one is not taken for it.
func TestSmallestCoversAreKept(t *testing.T) {
	ds, err := factsOnce()
	if err != nil {
		t.Fatal(err)
	}
	pool := store.NewPool(1 << 20)
	kept := api{graph.NewHandler(graph.Options{Store: memory.New(ds), Cache: pool, Log: slog.New(slog.DiscardHandler)})}
	plain := newAPI(ds)
	const fields = `{picks{capability{id} gain} lowerBound proven covered total}`
	asked := 0
	for _, query := range []string{
		`{controlCover(frameworks:["aws"],method:EXACT)` + fields + `}`,
		`{controlCover(frameworks:["aws"],method:EXACT,view:{attackVersion:"16.1"})` + fields + `}`,
		`{controlCover(frameworks:["aws"],method:EXACT,target:0.5)` + fields + `}`,
		`{controlCover(frameworks:["aws"],method:EXACT,scope:{tactics:["impact"]})` + fields + `}`,
		`{controlCover(frameworks:["aws"],method:EXACT,filter:{categories:[PROTECT]})` + fields + `}`,
		`{controlCover(frameworks:["aws"],method:EXACT,owned:{capabilities:[{framework:"aws",capabilityId:"aws_config"}]})` + fields + `}`,
		`{controlCover(frameworks:["aws","azure"],method:EXACT)` + fields + `}`,
	} {
		asked++
		want := plain.post(query, nil).raw
		for range 3 {
			if got := kept.post(query, nil).raw; got != want {
				t.Errorf("%s\n got %s\nwant %s", query, got, want)
			}
		}
		if s := pool.Stats()["cover"]; s.Misses != int64(asked) || s.Entries != asked {
			t.Errorf("after %d questions: %+v", asked, s)
		}
	}
}
