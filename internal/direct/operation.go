package direct

import (
	"context"
	"sync"
	"unsafe"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/internal/budget"
)

// maxConditions bounds the variables of an operation that @skip and @include
// ask: there is a plan for each of their combinations that is met.
const maxConditions = 16

// Operation is one operation of a document, ready to be answered. It is used by
// many requests at a time.
type Operation struct {
	schema     *schema
	doc        *ast.QueryDocument
	def        *ast.OperationDefinition
	conditions []*ast.Value
	reason     Reason // why it is never written directly, if it is not

	grew  func(*Operation) // is told when there is a plan more
	mu    sync.RWMutex
	plans map[uint32]*plan // by which of the conditions hold
}

func newOperation(s *schema, doc *ast.QueryDocument, def *ast.OperationDefinition, grew func(*Operation)) *Operation {
	o := &Operation{schema: s, doc: doc, def: def, grew: grew, plans: map[uint32]*plan{}}
	if def.Operation != ast.Query {
		o.reason = NoQuery
		return o
	}
	o.conditions, o.reason = conditions(def)
	if o.reason == "" && len(o.conditions) > maxConditions {
		o.reason = Condition
	}
	return o
}

// Definition is the operation as it was parsed. Its variables are to be coerced
// as it says before they are given to Append.
func (o *Operation) Definition() *ast.OperationDefinition { return o.def }

// Append writes the answer's data behind dst. It gives dst as it was with the
// error, which is a *FallbackError where the executor has to answer; any other error
// ends the request: its budget is used up or its context is over.
//
// Root is what Writer.Root gives to generated code.
func (o *Operation) Append(ctx context.Context, dst []byte, variables map[string]any, root any) (out []byte, err error) {
	w := writers.Get().(*Writer)
	w.ctx, w.buf, w.settled, w.root, w.budget = ctx, dst, len(dst), root, budget.From(ctx)
	defer func() {
		if v := recover(); v != nil {
			out, err = dst, w.failure(v)
		}
		w.release()
	}()
	p := o.plan(variables)
	if p.reason != "" {
		fallback(p.reason, nil)
	}
	for _, s := range p.slots {
		args, err := o.schema.readArgs(ctx, s, variables)
		if err != nil {
			fallback(BadArgument, err)
		}
		w.args = append(w.args, args)
	}
	o.schema.Query(w, p.sel)
	w.fill(len(dst))
	w.settle()
	return w.buf, nil
}

// failure says what becomes of a request whose answer ended early.
func (w *Writer) failure(v any) error {
	if end, ok := v.(ended); ok {
		return end.err
	}
	if err := w.budget.Err(); err != nil {
		return err
	}
	if w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	w.giveBack()
	return reasonOf(v)
}

// plan finds the plan for the variables, or makes it.
func (o *Operation) plan(variables map[string]any) *plan {
	if o.reason != "" {
		return &plan{reason: o.reason}
	}
	var which uint32
	for i, v := range o.conditions {
		value, err := v.Value(variables)
		holds, ok := value.(bool)
		if err != nil || !ok {
			return &plan{reason: Condition}
		}
		if holds {
			which |= 1 << i
		}
	}
	o.mu.RLock()
	p := o.plans[which]
	o.mu.RUnlock()
	if p != nil {
		return p
	}
	values := make(map[string]any, len(o.conditions))
	for i, v := range o.conditions {
		values[v.Raw] = which&(1<<i) != 0
	}
	p = o.schema.compile(o.doc, o.def, values)
	o.mu.Lock()
	o.plans[which] = p
	o.mu.Unlock()
	o.grew(o)
	return p
}

// size is about how many bytes the plans take.
func (o *Operation) size() int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	n := int(unsafe.Sizeof(*o))
	for _, p := range o.plans {
		n += int(unsafe.Sizeof(*p)) + p.fields*int(unsafe.Sizeof(Field{})+unsafe.Sizeof(Selection{}))
	}
	return n
}

// writers are kept for the next answer.
var writers = sync.Pool{New: func() any { return new(Writer) }}

// keepBytes is the largest buffer that is kept.
const keepBytes = 4 << 20

func (w *Writer) release() {
	clear(w.args)
	clear(w.groups)
	spare := w.spare
	if cap(spare) > keepBytes {
		spare = nil
	}
	*w = Writer{args: w.args[:0], holes: w.holes[:0], groups: w.groups[:0], spare: spare}
	writers.Put(w)
}

// operations keeps those that were used last, bounded by the bytes that they
// take.
type operations struct {
	mu    sync.Mutex
	most  int
	bytes int
	lru   *simplelru.LRU[operationKey, *kept]
}

type operationKey struct{ text, name string }

type kept struct {
	*Operation
	bytes int
}

func newOperations(most int) *operations {
	c := &operations{most: most}
	var err error
	c.lru, err = simplelru.NewLRU(most, func(_ operationKey, k *kept) { c.bytes -= k.bytes })
	if err != nil {
		panic(err) // most is above 0
	}
	return c
}

func (c *operations) get(key operationKey) *Operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.lru.Get(key); ok {
		return k.Operation
	}
	return nil
}

// keep adds an operation, or notes how large it has grown. One that would take
// much of the cache is not kept.
func (c *operations) keep(key operationKey, o *Operation) {
	bytes := len(key.text) + len(key.name) + o.size()
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.lru.Peek(key)
	switch {
	case bytes > c.most/8:
		c.lru.Remove(key)
		return
	case !ok:
		k = &kept{Operation: o}
		c.lru.Add(key, k)
	}
	c.bytes += bytes - k.bytes
	k.bytes = bytes
	for c.bytes > c.most {
		c.lru.RemoveOldest()
	}
}
