package neo4j_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
	testneo4j "github.com/mapgraph/mapgraph/internal/test/neo4j"
	"github.com/mapgraph/mapgraph/internal/test/world"
)

// patience is how long a test waits for what must happen by itself.
const patience = 30 * time.Second

func newest(t *testing.T, settings ...string) *testneo4j.Server {
	t.Helper()
	return testneo4j.Start(t, testneo4j.Versions[len(testneo4j.Versions)-1], settings...)
}

// small is a small dataset.
func small() *kg.Dataset { return world.New(1).Dataset }

// eventually waits until a store is ready, or is not.
func eventually(t *testing.T, st store.Store, ready bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for (st.Ready(t.Context()) == nil) != ready {
		if time.Now().After(end) {
			t.Fatalf("after %s the store says: %v", patience, st.Ready(t.Context()))
		}
		<-time.After(50 * time.Millisecond)
	}
}

// answers asks for something that the store cannot have kept.
func answers(ctx context.Context, st store.Store) error {
	snap, err := st.Snapshot(ctx)
	if err != nil {
		return err
	}
	_, err = snap.Report(ctx)
	return err
}

func TestAServerThatDiesAndComesBack(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := newest(t)
	loadInto(t, options(s), small())
	s.Kill()

	st := open(t, options(s)) // refused at first
	if err := st.Ready(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("before the server is there: %v", err)
	}
	for range 2 {
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		eventually(t, st, true)
		if err := answers(t.Context(), st); err != nil {
			t.Error(err)
		}
		s.Kill()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := answers(ctx, st)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) || ctx.Err() != context.Canceled {
			t.Errorf("while the server is dead: %v", err)
		}
		eventually(t, st, false)
		if _, err := st.Snapshot(t.Context()); err != nil {
			t.Errorf("what was fetched before is lost: %v", err)
		}
	}
	if err := st.Close(t.Context()); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, leaks)
}

// TestAServerThatHangs does not answer, and keeps its connections: what is asked
// meanwhile ends soon, as unavailable, and the store is not ready until the
// server goes on.
func TestAServerThatHangs(t *testing.T) {
	s := newest(t)
	loadInto(t, options(s), small())
	o := options(s)
	o.QueryTimeout = time.Hour // nothing may wait for it
	var log bytes.Buffer
	st, err := neo4j.Open(o, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, st, true)
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := answers(ctx, st); !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
		t.Errorf("while the server hangs: %v", err)
	}
	eventually(t, st, false)
	if err := answers(ctx, st); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "does not answer") || ctx.Err() != nil {
		t.Errorf("once it is known to hang: %v", err)
	}
	gone, giveUp := context.WithCancel(t.Context())
	giveUp()
	if err := answers(gone, st); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who gives up: %v", err)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	eventually(t, st, true)
	if err := answers(t.Context(), st); err != nil {
		t.Errorf("once it goes on: %v", err)
	}
	if err := st.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "does not answer") || !strings.Contains(log.String(), "answering again") {
		t.Errorf("logged %s", &log)
	}
}

func TestWhatCannotBeHad(t *testing.T) {
	s := testneo4j.Shared(t, testneo4j.Versions[0])
	good := options(s)
	for name, c := range map[string]struct {
		change func(*neo4j.Options)
		want   string
	}{
		"password": {func(o *neo4j.Options) { o.Password = "not-the-secret" }, "password is wrong"},
		"database": {func(o *neo4j.Options) { o.Database = "elsewhere" }, `no database "elsewhere"`},
		"address":  {func(o *neo4j.Options) { o.URI = "bolt://127.0.0.1:1" }, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			c.change(&o)
			_, loading := neo4j.Load(t.Context(), o, small(), neo4j.LoadOptions{})
			st := open(t, o)
			defer func() { _ = st.Close(context.Background()) }()
			for _, err := range []error{loading, st.Ready(t.Context()), answers(t.Context(), st)} {
				if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "not-the-secret") {
					t.Errorf("%v, want %q", err, c.want)
				}
			}
		})
	}
}

func TestADatabaseThatCanOnlyBeRead(t *testing.T) {
	s := newest(t)
	loadInto(t, options(s), small())
	s.Stop()
	if err := s.Restart("server.databases.default_to_read_only=true"); err != nil {
		t.Fatal(err)
	}
	_, err := neo4j.Load(t.Context(), options(s), small(), neo4j.LoadOptions{Force: true})
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "can only be read") {
		t.Errorf("loading: %v", err)
	}
	st := open(t, options(s))
	defer func() { _ = st.Close(context.Background()) }()
	if err := answers(t.Context(), st); err != nil {
		t.Errorf("reading: %v", err)
	}
}

// TestATransactionThatIsRefused lets the server run short of what a load needs;
// what is served stays.
func TestATransactionThatIsRefused(t *testing.T) {
	s := newest(t)
	loadInto(t, options(s), small())
	if err := s.Restart("db.memory.transaction.max=2m"); err != nil {
		t.Fatal(err)
	}
	next := factsEdition(t)
	_, err := neo4j.Load(t.Context(), options(s), next, neo4j.LoadOptions{})
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "db.memory.transaction.max") {
		t.Errorf("loading: %v", err)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	serves(t, options(s), small().Generation)
	loadInto(t, options(s), next)
	serves(t, options(s), next.Generation)
}

// serves checks which data a database serves.
func serves(t *testing.T, o neo4j.Options, generation string) {
	t.Helper()
	st := open(t, o)
	defer func() { _ = st.Close(context.Background()) }()
	snap, err := st.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := snap.Head().Generation; got != generation {
		t.Errorf("%q is served, want %q", got, generation)
	}
}

func TestASlowQueryEnds(t *testing.T) {
	s := testneo4j.Shared(t, testneo4j.Versions[1])
	loadInto(t, options(s), factsEdition(t))
	o := options(s)
	st := open(t, o)
	defer func() { _ = st.Close(context.Background()) }()
	hurried := options(s)
	hurried.QueryTimeout = 5 * time.Millisecond
	slow, err := neo4j.Open(hurried, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Close(context.Background()) }()
	snap, err := st.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventuallySlow := func() error {
		other, err := slow.Snapshot(t.Context())
		if err != nil {
			return err
		}
		_, err = other.View(t.Context(), store.DefaultView(snap.Head(), kg.ReleaseKey{Domain: kg.Enterprise, Version: "18.1"}, nil))
		return err
	}
	if err := eventuallySlow(); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a query that takes too long: %v", err)
	}
}

func TestTwoLoadsAtOnce(t *testing.T) {
	s := newest(t)
	results := make(chan error, 2)
	for range 2 {
		go func() {
			loaded, err := neo4j.Load(context.Background(), options(s), small(), neo4j.LoadOptions{})
			if err == nil && loaded.Already {
				err = neo4j.ErrLoading // it came when the first had finished
			}
			results <- err
		}()
	}
	first, second := <-results, <-results
	if first == nil {
		first, second = second, first
	}
	if !errors.Is(first, neo4j.ErrLoading) || second != nil {
		t.Errorf("%v and %v", first, second)
	}
	serves(t, options(s), small().Generation)
}

func TestLoadingAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *testneo4j.Server) {
		ds := small()
		loadInto(t, options(s), ds)
		again := loadInto(t, options(s), ds)
		if !again.Already || again.Nodes != 0 {
			t.Errorf("the same data again: %+v", again)
		}
		forced, err := neo4j.Load(t.Context(), options(s), ds, neo4j.LoadOptions{Force: true})
		if err != nil || forced.Already || forced.Removed != forced.Nodes-1 {
			t.Errorf("forced: %+v, %v", forced, err)
		}
		serves(t, options(s), ds.Generation)
	})
}

func TestAnEmptyDatabase(t *testing.T) {
	s := newest(t)
	st := open(t, options(s))
	defer func() { _ = st.Close(context.Background()) }()
	if err := answers(t.Context(), st); !errors.Is(err, neo4j.ErrEmpty) {
		t.Errorf("%v", err)
	}
	loadInto(t, options(s), small())
	eventually(t, st, true)
	if err := answers(t.Context(), st); err != nil {
		t.Error(err)
	}
}
