// Package admit shares a server among its clients: it says which requests run
// now, which wait, and which must come again later.
//
// A request begins in the lane for small ones. One that turns out large, or is
// known to be, goes on in the lane for large ones, where few run at once; so
// small requests pass large ones, however many of those there are. In each lane
// the clients take turns by what they have used (weighted fair queueing), and
// no client may have more running, or waiting, than its share.
package admit

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the bounds of a gate. All must be above 0.
type Options struct {
	Small          int           // small requests that run at once
	Large          int           // large requests that run at once
	Waiting        int           // requests that wait at once, of all clients
	WaitingPerUser int           // requests of one client that wait at once
	Patience       time.Duration // the longest that a request waits
}

// DefaultOptions are for a machine of so many processors: large requests leave
// one of them to the small.
func DefaultOptions(processors int) Options {
	return Options{
		Small: 8 * processors, Large: max(1, processors-1),
		Waiting: 512, WaitingPerUser: 64, Patience: 10 * time.Second,
	}
}

// BusyError is the error of a request that could not be let in.
type BusyError struct {
	RetryAfter time.Duration // when to come again
	Own        bool          // the client's own requests are what it would have waited for
}

func (b *BusyError) Error() string {
	if b.Own {
		return "too many of this client's requests are waiting; send fewer at once"
	}
	return fmt.Sprintf("the server is busy; try again in %d s", int(math.Ceil(b.RetryAfter.Seconds())))
}

// Gate lets requests in. It is safe for use by many goroutines.
type Gate struct {
	options Options
	mu      sync.Mutex
	lanes   [2]lane
	waiting int
	clients map[string]int // requests that wait, by client

	lastSmall atomic.Int64 // when the last small request came, in Unix nanoseconds
}

// The lanes.
const (
	small = iota
	large
)

// lane is one of the two queues.
type lane struct {
	limit    int // of requests that run at once
	share    int // of those, for one client
	running  int
	queue    []*waiter
	virtual  float64             // the tag of the request that was let in last
	accounts map[string]*account // of clients that run, wait, or have used more than the lane's turn
	sweep    int                 // how many accounts there may be before those of no use are looked for
}

// account is what a lane knows of a client.
type account struct {
	running int
	waiting int
	finish  float64 // the tag of the client's last request
}

type waiter struct {
	client string
	tag    float64
	ready  chan struct{} // closed when the request may run
}

// New makes a gate.
func New(o Options) *Gate {
	g := &Gate{options: o, clients: map[string]int{}}
	for i, limit := range []int{o.Small, o.Large} {
		g.lanes[i] = lane{limit: limit, share: max(1, limit/2), accounts: map[string]*account{}, sweep: 1024}
	}
	return g
}

// Load is how many requests are in a gate.
type Load struct{ Small, Large, Waiting int }

// Load says how many requests run and wait.
func (g *Gate) Load() Load {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Load{Small: g.lanes[small].running, Large: g.lanes[large].running, Waiting: g.waiting}
}

// Ticket is a request's place in a gate. It is not safe for use by several
// goroutines at once.
type Ticket struct {
	gate   *Gate
	client string
	lane   int // -1 once it has left
}

// Enter waits until a client's request may run. cost is what it is thought to
// need, in any unit that is the same for all requests; known to be large, it
// starts in the lane for large ones. It gives a *BusyError, or the context's error.
// The ticket must be left.
func (g *Gate) Enter(ctx context.Context, client string, cost float64, isLarge bool) (*Ticket, error) {
	t := &Ticket{gate: g, client: client, lane: small}
	if isLarge {
		t.lane = large
	} else {
		g.lastSmall.Store(time.Now().UnixNano())
	}
	if err := g.acquire(ctx, t.lane, client, cost); err != nil {
		return nil, err
	}
	return t, nil
}

// IsLarge tells whether the request runs in the lane for large ones.
func (t *Ticket) IsLarge() bool { return t.lane == large }

// Grow moves a request that proves to be large into the lane for large ones,
// and waits there. Its place among the small is free at once. After an error
// the ticket is left.
func (t *Ticket) Grow(ctx context.Context, cost float64) error {
	if t.lane != small {
		return nil
	}
	t.gate.release(small, t.client)
	t.lane = -1
	if err := t.gate.acquire(ctx, large, t.client, cost); err != nil {
		return err
	}
	t.lane = large
	return nil
}

// OthersCame tells whether small requests came in the last moments.
func (t *Ticket) OthersCame() bool {
	return time.Now().UnixNano()-t.gate.lastSmall.Load() < int64(moments)
}

// moments is how long small requests are thought to go on coming.
const moments = 50 * time.Millisecond

// Leave gives the request's place to another. More than once is as once.
func (t *Ticket) Leave() {
	if t.lane >= 0 {
		t.gate.release(t.lane, t.client)
		t.lane = -1
	}
}

// acquire takes a place in a lane, or waits for one.
func (g *Gate) acquire(ctx context.Context, which int, client string, cost float64) error {
	g.mu.Lock()
	l := &g.lanes[which]
	a := l.account(client)
	if l.running < l.limit && a.running < l.share && a.waiting == 0 && len(l.queue) == 0 {
		l.admit(a, l.tag(a, cost))
		g.mu.Unlock()
		return nil
	}
	if own := g.clients[client] >= g.options.WaitingPerUser; own || g.waiting >= g.options.Waiting {
		l.settle(client)
		g.mu.Unlock()
		return &BusyError{RetryAfter: g.options.Patience, Own: own}
	}
	w := &waiter{client: client, tag: l.tag(a, cost), ready: make(chan struct{})}
	a.waiting++
	l.queue = append(l.queue, w)
	g.waiting++
	g.clients[client]++
	l.next(g) // there may be room for this client where the first of the queue has had its share
	g.mu.Unlock()
	return g.wait(ctx, l, w)
}

// wait waits for a turn until the request ends, or has waited long enough.
func (g *Gate) wait(ctx context.Context, l *lane, w *waiter) error {
	patience := time.NewTimer(g.options.Patience)
	defer patience.Stop()
	var err error
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-patience.C:
		err = &BusyError{RetryAfter: g.options.Patience}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-w.ready: // its turn came in the meantime
		if ctx.Err() == nil {
			return nil
		}
		l.give(w.client)
		l.next(g)
	default:
		g.drop(l, w)
		l.settle(w.client)
	}
	return err
}

// release gives up a place and lets the next ones in.
func (g *Gate) release(which int, client string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := &g.lanes[which]
	l.give(client)
	l.next(g)
}

// drop takes a waiter out of its queue.
func (g *Gate) drop(l *lane, w *waiter) {
	l.queue = slices.DeleteFunc(l.queue, func(other *waiter) bool { return other == w })
	l.accounts[w.client].waiting--
	g.waiting--
	if g.clients[w.client]--; g.clients[w.client] == 0 {
		delete(g.clients, w.client)
	}
}

func (l *lane) account(client string) *account {
	a := l.accounts[client]
	if a == nil {
		a = &account{}
		l.accounts[client] = a
	}
	return a
}

// tag says when a request's turn is: a client that has used much comes later
// than one that has used little, and a large request later than a small one.
func (l *lane) tag(a *account, cost float64) float64 {
	a.finish = max(l.virtual, a.finish) + max(cost, 1)
	return a.finish
}

func (l *lane) admit(a *account, tag float64) {
	l.running++
	a.running++
	l.virtual = max(l.virtual, min(tag, l.first()))
}

// first is the tag of the request whose turn is next.
func (l *lane) first() float64 {
	least := math.Inf(1)
	for _, w := range l.queue {
		least = min(least, w.tag)
	}
	return least
}

func (l *lane) give(client string) {
	l.running--
	l.accounts[client].running--
	l.settle(client)
}

// settle forgets a client that nothing is known of any more, and all when the
// lane is empty.
func (l *lane) settle(client string) {
	if l.running == 0 && len(l.queue) == 0 {
		clear(l.accounts)
		l.virtual = 0
		return
	}
	if a := l.accounts[client]; a.idle(l.virtual) {
		delete(l.accounts, client)
	}
	if len(l.accounts) > l.sweep {
		maps.DeleteFunc(l.accounts, func(_ string, a *account) bool { return a.idle(l.virtual) })
		l.sweep = max(1024, 2*len(l.accounts))
	}
}

func (a *account) idle(virtual float64) bool {
	return a.running == 0 && a.waiting == 0 && a.finish <= virtual
}

// next lets in those whose turn it is, as long as there is room.
func (l *lane) next(g *Gate) {
	for l.running < l.limit {
		var best *waiter
		for _, w := range l.queue {
			if l.accounts[w.client].running < l.share && (best == nil || w.tag < best.tag) {
				best = w
			}
		}
		if best == nil {
			return
		}
		g.drop(l, best)
		l.admit(l.accounts[best.client], best.tag)
		close(best.ready)
	}
}
