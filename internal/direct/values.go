package direct

import (
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// The functions here write values of generated types. They take functions that
// were declared, never closures, so that nothing is allocated.

// An appender writes an object.
type appender[T any] = func(*Writer, *Selection, *T)

// An alternative writes a value of an interface or a union, unless it is nil.
type alternative[T any] = func(*Writer, *Selection, T) bool

// A scalar writes a leaf.
type scalar[T any] = func(*Writer, T)

// Need writes an object that must be there.
func Need[T any](w *Writer, sel *Selection, v *T, write appender[T]) {
	if v == nil {
		w.Missing()
	}
	write(w, sel, v)
}

// Opt writes an object, or null.
func Opt[T any](w *Writer, sel *Selection, v *T, write appender[T]) {
	if v == nil {
		w.Null()
		return
	}
	write(w, sel, v)
}

// Any writes one of several types of object, which must be there.
func Any[T any](w *Writer, sel *Selection, v T, write alternative[T]) {
	if !write(w, sel, v) {
		w.Missing()
	}
}

// OptAny writes one of several types of object, or null.
func OptAny[T any](w *Writer, sel *Selection, v T, write alternative[T]) {
	if !write(w, sel, v) {
		w.Null()
	}
}

// List writes objects that must be there.
func List[T any](w *Writer, sel *Selection, list []*T, write appender[T]) {
	w.buf = append(w.buf, '[')
	for i, v := range list {
		w.comma(i)
		if v == nil {
			w.Missing()
		}
		write(w, sel, v)
	}
	w.buf = append(w.buf, ']')
}

// Values writes objects that a list holds by value.
func Values[T any](w *Writer, sel *Selection, list []T, write appender[T]) {
	w.buf = append(w.buf, '[')
	for i := range list {
		w.comma(i)
		write(w, sel, &list[i])
	}
	w.buf = append(w.buf, ']')
}

// Each writes a list whose elements need a function of their own.
func Each[T any](w *Writer, sel *Selection, list []T, write func(*Writer, *Selection, T)) {
	w.buf = append(w.buf, '[')
	for i, v := range list {
		w.comma(i)
		write(w, sel, v)
	}
	w.buf = append(w.buf, ']')
}

// Leaf writes a leaf that must be there.
func Leaf[T any](w *Writer, v *T, write scalar[T]) {
	if v == nil {
		w.Missing()
	}
	write(w, *v)
}

// OptLeaf writes a leaf, or null.
func OptLeaf[T any](w *Writer, v *T, write scalar[T]) {
	if v == nil {
		w.Null()
		return
	}
	write(w, *v)
}

// Leaves writes a list of leaves.
func Leaves[T any](w *Writer, list []T, write scalar[T]) {
	w.buf = append(w.buf, '[')
	for i, v := range list {
		w.comma(i)
		write(w, v)
	}
	w.buf = append(w.buf, ']')
}

// comma goes before every element of a list but the first. Leaves have no
// fields that the budget would see, so elements count as such.
func (w *Writer) comma(i int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
	if w.unsettled++; w.unsettled >= settleEach {
		w.settle()
	}
}

// Unknown ends the answer, because a value has a type that its schema does not
// know.
func (w *Writer) Unknown(v any) { fallback(BadValue, v) }

// Rendered makes a scalar of an enum whose values write themselves: what they
// write is kept.
func Rendered[T interface {
	~string
	graphql.Marshaler
}](values ...T) func(*Writer, T) {
	texts := make(map[T]string, len(values))
	for _, v := range values {
		var b strings.Builder
		v.MarshalGQL(&b)
		texts[v] = b.String()
	}
	return func(w *Writer, v T) {
		if text, ok := texts[v]; ok {
			w.buf = append(w.buf, text...)
			return
		}
		v.MarshalGQL(w)
	}
}
