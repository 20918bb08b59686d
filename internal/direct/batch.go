package direct

import (
	"context"
	"fmt"
)

// Batch is a field whose values are best fetched together. Where the answer has
// one, a hole is left; all holes of a batch are filled by one call once
// everything else is written.
type Batch[T, V any] struct {
	fetch func(context.Context, []T) ([]V, error)
	write func(*Writer, V)
}

// NewBatch makes a batch. The values that fetch gives are in the order of what
// it was asked for.
func NewBatch[T, V any](fetch func(context.Context, []T) ([]V, error), write func(*Writer, V)) *Batch[T, V] {
	return &Batch[T, V]{fetch, write}
}

// hole is a place in the answer where a value is to come.
type hole struct{ at, group, item int }

type group interface {
	fetch(context.Context) error
	write(w *Writer, item int)
}

// wanted are the values that are missing of one batch.
type wanted[T, V any] struct {
	batch  *Batch[T, V]
	items  []T
	values []V
}

func (g *wanted[T, V]) fetch(ctx context.Context) (err error) {
	g.values, err = g.batch.fetch(ctx, g.items)
	if err == nil && len(g.values) != len(g.items) {
		err = fmt.Errorf("%d values were fetched for %d", len(g.values), len(g.items))
	}
	return err
}

func (g *wanted[T, V]) write(w *Writer, item int) { g.batch.write(w, g.values[item]) }

// Later leaves a hole for the value of an item.
func Later[T, V any](w *Writer, b *Batch[T, V], item T) {
	at := hole{at: len(w.buf)}
	var g *wanted[T, V]
	for at.group = range w.groups {
		if known, ok := w.groups[at.group].(*wanted[T, V]); ok && known.batch == b {
			g = known
			break
		}
	}
	if g == nil {
		g = &wanted[T, V]{batch: b}
		at.group = len(w.groups)
		w.groups = append(w.groups, g)
	}
	at.item = len(g.items)
	g.items = append(g.items, item)
	w.holes = append(w.holes, at)
}

// fill fetches what is missing and puts it into the holes of the answer that
// begins at from.
func (w *Writer) fill(from int) {
	if len(w.holes) == 0 {
		return
	}
	w.settle()
	for _, g := range w.groups {
		if err := g.fetch(w.ctx); err != nil {
			fallback(Failed, err)
		}
	}
	text, done := w.buf, from
	w.buf = w.spare[:0]
	for _, h := range w.holes {
		w.buf = append(w.buf, text[done:h.at]...)
		w.groups[h.group].write(w, h.item)
		done = h.at
	}
	w.buf = append(w.buf, text[done:]...)
	w.spare = w.buf
	text = append(text[:from], w.spare...)
	w.buf = text
}
