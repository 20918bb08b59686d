package budget_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/mapgraph/mapgraph/internal/budget"
)

func TestSpendStopsAtTheLimit(t *testing.T) {
	b := budget.New(t.Context(), budget.Limits{budget.Work: 10})
	if err := b.Spend(budget.Work, 10); err != nil {
		t.Fatalf("what is allowed was refused: %v", err)
	}
	err := b.Spend(budget.Work, 1)
	var over *budget.ExceededError
	if !errors.As(err, &over) || over.Unit != budget.Work || over.Limit != 10 {
		t.Fatalf("got %v", err)
	}
	if again := b.Spend(budget.Fields, 1); !errors.Is(again, err) || !errors.Is(b.Err(), err) {
		t.Errorf("after the end: %v", again)
	}
	if got := b.Used(budget.Work); got != 10 || over.Used[budget.Work] != 10 {
		t.Errorf("used %d", got)
	}
	free := budget.New(t.Context(), budget.Limits{budget.Work: 10})
	if err := free.Spend(budget.Fields, 1<<40); err != nil || free.Err() != nil {
		t.Fatalf("a unit without a limit: %v", err)
	}
}

func TestSpendNoticesTheEndOfTheRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := budget.New(ctx, budget.Limits{})
	cancel()
	for range 1 << 13 {
		if err := b.Spend(budget.Work, 1); err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the end was never noticed")
}

func TestNilHasNoBounds(t *testing.T) {
	b := budget.From(t.Context())
	if err := b.Spend(budget.Bytes, 1<<50); err != nil || b.Used(budget.Bytes) != 0 || b.Limit(budget.Bytes) != 0 {
		t.Fatal(err)
	}
	own := budget.New(t.Context(), budget.Limits{budget.Bytes: 7})
	if got := budget.From(budget.With(t.Context(), own)); got != own || got.Limit(budget.Bytes) != 7 {
		t.Fatal("the budget is not found")
	}
}

func TestSpendByMany(t *testing.T) {
	b := budget.New(t.Context(), budget.Limits{budget.Fields: 1000})
	var refused sync.Map
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for range 200 {
				if b.Spend(budget.Fields, 1) != nil {
					n, _ := refused.LoadOrStore(g, new(int))
					*n.(*int)++
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	refused.Range(func(_, n any) bool { sum += *n.(*int); return true })
	if sum != 600 {
		t.Errorf("%d refusals of 1600 spendings of 1000", sum)
	}
}

func TestPace(t *testing.T) {
	enough := errors.New("enough")
	var seen time.Duration
	b := budget.New(t.Context(), budget.Limits{}).Paced(func(used time.Duration) error {
		seen = used
		if used > time.Millisecond {
			return enough
		}
		return nil
	})
	for range 1 << 20 {
		if err := b.Spend(budget.Work, 100); err != nil {
			if !errors.Is(err, enough) || seen <= time.Millisecond || seen != b.Time() {
				t.Fatalf("%v after %v of %v", err, seen, b.Time())
			}
			return
		}
	}
	t.Fatal("the request was never paced")
}
