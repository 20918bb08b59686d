// Package budget counts what one request uses while it runs, and ends it when
// that is more than it may. Whoever works for a request asks its budget before
// the next stretch of work; nobody goes on after it said no.
package budget

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A Unit is what a limit counts.
type Unit uint8

// The units.
const (
	Fields Unit = iota // values written into an answer
	Bytes              // bytes of an answer
	Work               // steps of the algebra and of search: pairs ranked, nodes of a search tree, documents scored, rows looked at
	units
)

// String gives the unit as settings and errors name it.
func (u Unit) String() string { return [...]string{"fields", "bytes", "work"}[u] }

// Limits bound a request, by unit; 0 is no bound.
type Limits [units]int64

// ExceededError is the error of a request that used more than it may.
type ExceededError struct {
	Unit  Unit
	Limit int64
	Used  [units]int64 // of each unit, when it was ended
}

// Error says which limit it was, how far the request got, and what to ask instead.
func (e *ExceededError) Error() string {
	return fmt.Sprintf("%s; it was given up after %d values, %d bytes and %d steps of work. %s",
		fmt.Sprintf([...]string{
			Fields: "the answer has more than %d values",
			Bytes:  "the answer has more than %d bytes",
			Work:   "the question needs more than %d steps of work",
		}[e.Unit], e.Limit), e.Used[Fields], e.Used[Bytes], e.Used[Work], [...]string{
			Fields: "Ask for less: a smaller `first` and the rest with `after`, fewer lists within lists, or a scope",
			Bytes:  "Ask for less: fewer fields, a smaller `first` and the rest with `after`, or a scope",
			Work:   "Ask for less: a scope, a filter, fewer frameworks, or the method GREEDY",
		}[e.Unit])
}

// nanos is about how many nanoseconds of a processor a unit takes.
var nanos = [units]int64{Fields: 40, Bytes: 1, Work: 15}

// stride is how much of a unit passes between two looks at the context: some
// tenths of a millisecond.
var stride = [units]int64{Fields: 1 << 12, Bytes: 1 << 17, Work: 1 << 13}

// Budget is what is left for one request. It may be used by several goroutines.
// A nil budget has no bounds.
type Budget struct {
	ctx    context.Context
	limits Limits
	pace   func(used time.Duration) error
	used   [units]atomic.Int64
	failed atomic.Pointer[error]
}

// New makes the budget of a request that ends with ctx.
func New(ctx context.Context, limits Limits) *Budget { return &Budget{ctx: ctx, limits: limits} }

// Paced lets pace be told now and then how much time of a processor the request
// is thought to have used so far. It may wait, so that others come in between,
// or end the request with an error. It may be called by several goroutines. It
// must be set before the budget is used.
func (b *Budget) Paced(pace func(used time.Duration) error) *Budget {
	b.pace = pace
	return b
}

// Spend takes n of a unit. It gives an *ExceededError if that is more than is left,
// or the context's error if the request has ended meanwhile; and from then on
// always that error.
func (b *Budget) Spend(u Unit, n int64) error {
	if b == nil {
		return nil
	}
	if failed := b.failed.Load(); failed != nil {
		return *failed
	}
	before := b.used[u].Add(n) - n
	if limit := b.limits[u]; limit > 0 && before+n > limit {
		if u == Work { // is taken before it is done; values and bytes when they are written
			b.used[u].Add(-n)
		}
		return b.fail(b.exceeded(u))
	}
	if before/stride[u] != (before+n)/stride[u] {
		return b.look()
	}
	return nil
}

func (b *Budget) exceeded(u Unit) *ExceededError {
	e := &ExceededError{Unit: u, Limit: b.limits[u]}
	for u := range units {
		e.Used[u] = b.used[u].Load()
	}
	return e
}

// look ends the request if its time is over, and lets it be paced.
func (b *Budget) look() error {
	if b.ctx.Err() != nil {
		return b.fail(context.Cause(b.ctx))
	}
	if b.pace != nil {
		if err := b.pace(b.Time()); err != nil {
			return b.fail(err)
		}
	}
	return nil
}

// fail keeps the first error.
func (b *Budget) fail(err error) error {
	b.failed.CompareAndSwap(nil, &err)
	return *b.failed.Load()
}

// Err gives the error that ended the request, or nil.
func (b *Budget) Err() error {
	if b == nil {
		return nil
	}
	if failed := b.failed.Load(); failed != nil {
		return *failed
	}
	return nil
}

// Time is about how much time of a processor was used so far, worked out from
// what was counted.
func (b *Budget) Time() time.Duration {
	if b == nil {
		return 0
	}
	var sum int64
	for u := range units {
		sum += nanos[u] * b.used[u].Load()
	}
	return time.Duration(sum)
}

// Used gives how much of a unit was taken so far.
func (b *Budget) Used(u Unit) int64 {
	if b == nil {
		return 0
	}
	return b.used[u].Load()
}

// Limit gives the bound of a unit, 0 where there is none.
func (b *Budget) Limit(u Unit) int64 {
	if b == nil {
		return 0
	}
	return b.limits[u]
}

type key struct{}

// With gives a context in which From finds the budget.
func With(ctx context.Context, b *Budget) context.Context { return context.WithValue(ctx, key{}, b) }

// From finds the budget of a context; nil, which has no bounds, where there is none.
func From(ctx context.Context) *Budget {
	b, _ := ctx.Value(key{}).(*Budget)
	return b
}
