// Package neo4j keeps the graph in Neo4j.
//
// A load writes a whole new generation beside the one that is served, and then
// moves one pointer: readers see the old generation or the new, and a load that
// dies half-way leaves the old one. A store watches the pointer and answers from
// what it points to.
//
// From a generation the store fetches what the contract asks for when it is
// asked for: texts by id, candidates of a search, and for a view the release and
// the incidence of its sets, which it keeps, for every analysis runs on them.
package neo4j

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mapgraph/mapgraph/internal/store"
)

// Store is a store.Store in Neo4j. It only reads; Load writes.
type Store struct {
	client *client
	pool   *store.Pool
	log    *slog.Logger
	poll   time.Duration

	current atomic.Pointer[Snapshot]
	health  atomic.Pointer[error] // why requests cannot be answered; nil pointee if they can
	looked  chan struct{}         // closed once the store has looked for the first time

	stop context.CancelFunc
	done sync.WaitGroup
}

var (
	_ store.Store    = (*Store)(nil)
	_ store.Snapshot = (*Snapshot)(nil)
	_ store.Source   = (*Snapshot)(nil)
)

// How often a store looks for newer data, and at most how long it waits between
// looks while the database cannot be had.
const (
	defaultPoll = time.Second
	longestPoll = 5 * time.Second
)

// ErrEmpty says that the database holds no graph yet.
var ErrEmpty = fmt.Errorf("%w: the database holds no graph yet; mapgraph load fills it", store.ErrUnavailable)

// Open makes a store. It need not reach the database: until it does, the store
// says why not, and it goes on trying.
func Open(o Options, log *slog.Logger) (*Store, error) {
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	if o.Cache == nil {
		o.Cache = store.NewPool(store.DefaultCacheBytes)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{client: c, pool: o.Cache, log: log, poll: defaultPoll, looked: make(chan struct{}), stop: stop}
	s.done.Go(func() { s.watch(ctx) })
	return s, nil
}

// Close ends the watch and the connections.
func (s *Store) Close(ctx context.Context) error {
	s.stop()
	s.done.Wait()
	s.current.Store(nil)
	return s.client.close(ctx)
}

// Ready says why requests cannot be answered now, as the last look found.
func (s *Store) Ready(ctx context.Context) error {
	select {
	case <-s.looked:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.health.Load(); err != nil && *err != nil {
		return *err
	}
	return nil
}

// Snapshot gives the newest generation. While the database cannot be reached it
// is the one seen last: what was fetched from that can still be answered.
func (s *Store) Snapshot(ctx context.Context) (store.Snapshot, error) {
	if snap := s.current.Load(); snap != nil {
		return snap, ctx.Err()
	}
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	if snap := s.current.Load(); snap != nil {
		return snap, nil
	}
	return nil, ErrEmpty
}

// watch looks for newer data until the context is done.
func (s *Store) watch(ctx context.Context) {
	wait := s.poll
	for first := true; ; first = false {
		err := s.lookAgain(ctx)
		if ctx.Err() != nil && !first {
			return
		}
		s.say(err)
		if first {
			close(s.looked)
		}
		if err == nil || errors.Is(err, ErrEmpty) {
			wait = s.poll
		} else {
			wait = min(2*wait, longestPoll)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// lookAgain refreshes. A panic would end the program, for nobody waits for the
// watch; it is an error of this look.
func (s *Store) lookAgain(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("neo4j: panic while looking for newer data", "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: looking for newer data failed", store.ErrUnavailable)
		}
	}()
	return s.refresh(ctx)
}

// say remembers how a look went, and logs it where that changed.
func (s *Store) say(err error) {
	before := s.health.Swap(&err)
	was, is := before != nil && *before != nil, err != nil
	switch {
	case is && (!was || (*before).Error() != err.Error()):
		s.log.Warn("neo4j: cannot answer", "error", err)
	case was && !is:
		s.log.Info("neo4j: answering again")
	}
}

// refresh makes the generation that is served the current one.
func (s *Store) refresh(ctx context.Context) error {
	keys, err := s.client.look(ctx)
	if ctx.Err() == nil {
		s.client.answers(err)
	}
	if err != nil {
		return err
	}
	if len(keys) == 0 || keys[0] == "" {
		s.current.Store(nil)
		return ErrEmpty
	}
	if now := s.current.Load(); now != nil && now.generation == keys[0] {
		return nil
	}
	snap, err := openSnapshot(ctx, s.client, s.pool, keys[0])
	if err != nil {
		return err
	}
	if old := s.current.Swap(snap); old != nil {
		old.forget()
	}
	s.log.Info("neo4j: serving", "generation", snap.head.Generation, "loaded", snap.head.LoadedAt)
	return nil
}
