package direct

import (
	"context"
	"math"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"github.com/mapgraph/mapgraph/internal/budget"
)

// settleEach is how many fields are written between two looks at the budget.
const settleEach = 512

// Writer is an answer that is being written. Its methods are for generated code.
type Writer struct {
	ctx    context.Context
	buf    []byte
	args   [][]any // arguments that depend on variables, by slot
	root   any
	budget *budget.Budget

	unsettled int // fields that the budget does not know of
	settled   int // the length of buf that it does know of
	spent     [2]int64

	holes  []hole
	groups []group
	spare  []byte
}

// Context is the context of the operation.
func (w *Writer) Context() context.Context { return w.ctx }

// Root is what the owner of the schema gave to begin with: the resolvers.
func (w *Writer) Root() any { return w.root }

// Write appends what a marshaler writes.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	return len(p), nil
}

// WriteString appends what a marshaler writes.
func (w *Writer) WriteString(s string) (int, error) {
	w.buf = append(w.buf, s...)
	return len(s), nil
}

// Open begins an object.
func (w *Writer) Open(sel *Selection) {
	w.buf = append(w.buf, '{')
	if w.unsettled += len(sel.Fields); w.unsettled >= settleEach {
		w.settle()
	}
}

// Key begins a field and gives its number. Nothing else is to be written for
// __typename, whose number is negative.
func (w *Writer) Key(f *Field) int {
	w.buf = append(w.buf, f.key...)
	return f.number
}

// Close ends an object.
func (w *Writer) Close() { w.buf = append(w.buf, '}') }

// settle tells the budget what was written, and ends the answer if that is too
// much, or if nobody waits for it any more.
func (w *Writer) settle() {
	fields, bytes := int64(w.unsettled), int64(len(w.buf)-w.settled)
	w.unsettled, w.settled = 0, len(w.buf)
	w.spent[0] += fields
	w.spent[1] += bytes
	err := w.budget.Spend(budget.Fields, fields)
	if err == nil {
		err = w.budget.Spend(budget.Bytes, bytes)
	}
	if err == nil {
		err = w.ctx.Err()
	}
	if err != nil {
		panic(ended{err})
	}
}

// giveBack lets the executor have the fields and bytes of an answer that is
// thrown away.
func (w *Writer) giveBack() {
	if w.budget != nil {
		_ = w.budget.Spend(budget.Fields, -w.spent[0])
		_ = w.budget.Spend(budget.Bytes, -w.spent[1])
	}
}

// Null writes that there is nothing.
func (w *Writer) Null() { w.buf = append(w.buf, "null"...) }

// Missing ends the answer, because there is nothing where something must be.
func (w *Writer) Missing() { fallback(NullValue, nil) }

// String writes a text.
func (w *Writer) String(s string) { w.buf = appendText(w.buf, s) }

// Name writes a text that needs no escapes.
func (w *Writer) Name(s string) {
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, '"')
}

// Bool writes a boolean.
func (w *Writer) Bool(v bool) { w.buf = strconv.AppendBool(w.buf, v) }

// Int writes a number.
func (w *Writer) Int(v int) { w.buf = strconv.AppendInt(w.buf, int64(v), 10) }

// Int64 writes a number.
func (w *Writer) Int64(v int64) { w.buf = strconv.AppendInt(w.buf, v, 10) }

// Int32 writes a number.
func (w *Writer) Int32(v int32) { w.buf = strconv.AppendInt(w.buf, int64(v), 10) }

// Float writes a number that must be finite.
func (w *Writer) Float(v float64) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		fallback(BadValue, v)
	}
	w.buf = strconv.AppendFloat(w.buf, v, 'g', -1, 64)
}

// Marshal writes a value that knows how to.
func (w *Writer) Marshal(m graphql.Marshaler) { m.MarshalGQL(w) }

// MarshalNonNull writes a value that knows how to, and must be one.
func (w *Writer) MarshalNonNull(m graphql.Marshaler) {
	if m == graphql.Null {
		w.Missing()
	}
	m.MarshalGQL(w)
}

// MarshalContext writes a value that knows how to and may fail.
func (w *Writer) MarshalContext(m graphql.ContextMarshaler) {
	if err := m.MarshalGQLContext(w.ctx, w); err != nil {
		fallback(BadValue, err)
	}
}

// Arg gives an argument of a field, by its place in the schema.
func Arg[T any](w *Writer, f *Field, i int) T {
	args := f.args
	if f.slot >= 0 {
		args = w.args[f.slot]
	}
	v, _ := args[i].(T) // the zero value where it is absent
	return v
}

// Ok gives the value of a resolver that did not fail.
func Ok[T any](v T, err error) T {
	if err != nil {
		fallback(Failed, err)
	}
	return v
}
