package admit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func options(small, large int) Options {
	return Options{Small: small, Large: large, Waiting: 100, WaitingPerUser: 20, Patience: time.Second}
}

func enter(t *testing.T, g *Gate, client string, cost float64, isLarge bool) *Ticket {
	t.Helper()
	ticket, err := g.Enter(t.Context(), client, cost, isLarge)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestSmallRequestsPassLargeOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(options(2, 1))
		first := enter(t, g, "hostile", 1e6, true)
		for range 10 {
			go func() {
				if ticket, err := g.Enter(t.Context(), "hostile", 1e6, true); err == nil {
					ticket.Leave()
				}
			}()
		}
		synctest.Wait()
		if load := g.Load(); load.Large != 1 || load.Waiting != 10 {
			t.Fatalf("%+v", load)
		}
		enter(t, g, "good", 1, false).Leave()
		first.Leave()
	})
}

// TestClientsTakeTurns lets one client queue twenty requests before another
// comes with one: that one is next.
func TestClientsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(options(8, 1))
		running := enter(t, g, "many", 10, true)
		var mu sync.Mutex
		var order []string
		ask := func(client string) {
			ticket, err := g.Enter(t.Context(), client, 10, true)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order = append(order, client)
			mu.Unlock()
			ticket.Leave()
		}
		for range 10 {
			go ask("many")
		}
		synctest.Wait()
		go ask("one")
		synctest.Wait()
		running.Leave()
		synctest.Wait()
		if at := slices.Index(order, "one"); len(order) != 11 || at > 1 {
			t.Errorf("%v", order)
		}
	})
}

func TestAClientHasNoMoreThanItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(options(4, 1))
		tickets := []*Ticket{enter(t, g, "a", 1, false), enter(t, g, "a", 1, false)}
		done := make(chan *Ticket)
		go func() {
			ticket, _ := g.Enter(t.Context(), "a", 1, false)
			done <- ticket
		}()
		synctest.Wait()
		if g.Load().Waiting != 1 {
			t.Fatal("a third request of one client runs among four")
		}
		other := enter(t, g, "b", 1, false) // passes the queue, whose first has had its share
		tickets[0].Leave()
		(<-done).Leave()
		tickets[1].Leave()
		other.Leave()
		if load := g.Load(); load != (Load{}) {
			t.Errorf("%+v", load)
		}
	})
}

func TestThoseWhoWaitTooLongOrAreTooManyAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options(1, 1)
		o.Waiting, o.WaitingPerUser = 3, 2
		g := New(o)
		running := enter(t, g, "a", 1, false)
		var busy *BusyError
		start := time.Now()
		_, err := g.Enter(t.Context(), "b", 1, false)
		if !errors.As(err, &busy) || busy.Own || time.Since(start) != o.Patience {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		for _, client := range []string{"b", "b", "c"} {
			go func() { _, _ = g.Enter(ctx, client, 1, false) }()
		}
		synctest.Wait()
		if _, err = g.Enter(t.Context(), "b", 1, false); !errors.As(err, &busy) || !busy.Own {
			t.Errorf("a third of b: %v", err)
		}
		if _, err = g.Enter(t.Context(), "d", 1, false); !errors.As(err, &busy) || busy.Own {
			t.Errorf("a fourth: %v", err)
		}
		cancel()
		synctest.Wait()
		if load := g.Load(); load.Waiting != 0 {
			t.Errorf("given up, and %+v", load)
		}
		running.Leave()
		running.Leave()
		if load := g.Load(); load != (Load{}) {
			t.Errorf("%+v", load)
		}
	})
}

func TestGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(options(1, 1))
		first := enter(t, g, "a", 1, true)
		ticket := enter(t, g, "b", 1, false)
		grown := make(chan error)
		go func() { grown <- ticket.Grow(t.Context(), 100) }()
		synctest.Wait()
		enter(t, g, "c", 1, false).Leave() // the place among the small is free
		first.Leave()
		if err := <-grown; err != nil || !ticket.IsLarge() {
			t.Fatal(err)
		}
		if err := ticket.Grow(t.Context(), 100); err != nil {
			t.Errorf("again: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		other := enter(t, g, "c", 1, false)
		if err := other.Grow(ctx, 100); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		other.Leave()
		ticket.Leave()
		if load := g.Load(); load != (Load{}) || len(g.lanes[small].accounts)+len(g.lanes[large].accounts)+len(g.clients) != 0 {
			t.Errorf("%+v, and accounts are kept", load)
		}
	})
}

// TestManyAtRandom holds the bounds under load, and that nothing is left behind.
func TestManyAtRandom(t *testing.T) {
	o := Options{Small: 5, Large: 2, Waiting: 50, WaitingPerUser: 15, Patience: 50 * time.Millisecond}
	g := New(o)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			for range 200 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(2000))*time.Microsecond)
				ticket, err := g.Enter(ctx, fmt.Sprint(i%6), float64(rng.IntN(50)), rng.IntN(3) == 0)
				if err == nil {
					if rng.IntN(2) == 0 {
						_ = ticket.Grow(ctx, 10)
					}
					if load := g.Load(); load.Small > o.Small || load.Large > o.Large || load.Waiting > o.Waiting {
						t.Errorf("%+v", load)
					}
					ticket.Leave()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if load := g.Load(); load != (Load{}) || len(g.clients) != 0 {
		t.Errorf("%+v, %d clients", load, len(g.clients))
	}
}
