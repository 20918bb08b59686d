package direct

import (
	"context"
	"errors"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// cacheBytes bounds the plans that are kept.
const cacheBytes = 16 << 20

// Options configure an executor. The zero value does.
type Options struct {
	// CacheBytes bounds the memory that plans take; 16 MiB if 0.
	CacheBytes int
	// Root is what Writer.Root gives to generated code.
	Root any
	// Observe, if set, is told of each query: why it was left to gqlgen's
	// executor, or nothing. It is called by many goroutines.
	Observe func(context.Context, Reason)
}

// Executor is a schema that answers directly where it can.
type Executor struct {
	graphql.ExecutableSchema // of gqlgen, for everything else

	schema     *schema
	options    Options
	operations *operations
}

var _ graphql.ExecutableSchema = (*Executor)(nil)

// New makes an executor of gqlgen's and of what was generated beside it.
func New(es graphql.ExecutableSchema, src *Source, o Options) *Executor {
	if o.CacheBytes <= 0 {
		o.CacheBytes = cacheBytes
	}
	return &Executor{ExecutableSchema: es, schema: newSchema(src), options: o, operations: newOperations(o.CacheBytes)}
}

// Operation gives an operation of a document that was answered before and is
// still known, or nil. Its document was valid.
func (x *Executor) Operation(text, name string) *Operation {
	return x.operations.get(operationKey{text, name})
}

// prepared gives the operation that a request asks.
func (x *Executor) prepared(oc *graphql.OperationContext) *Operation {
	key := operationKey{oc.RawQuery, oc.OperationName}
	if o := x.operations.get(key); o != nil {
		return o
	}
	return newOperation(x.schema, oc.Doc, oc.Operation, func(o *Operation) { x.operations.keep(key, o) })
}

// Append writes the answer's data behind dst, as Operation.Append does.
func (x *Executor) Append(ctx context.Context, o *Operation, dst []byte, variables map[string]any) ([]byte, error) {
	out, err := o.Append(ctx, dst, variables, x.options.Root)
	if err == nil && x.options.Observe != nil {
		x.options.Observe(ctx, "")
	}
	return out, err
}

// Exec answers an operation whose document is valid.
func (x *Executor) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	if oc.Operation.Operation != ast.Query {
		return x.ExecutableSchema.Exec(ctx)
	}
	var rest graphql.ResponseHandler
	return func(ctx context.Context) *graphql.Response {
		if rest != nil {
			return rest(ctx)
		}
		data, err := x.run(ctx, oc)
		var left *FallbackError
		if errors.As(err, &left) {
			x.tell(ctx, oc, left.Reason)
			rest = x.ExecutableSchema.Exec(ctx)
			return rest(ctx)
		}
		x.tell(ctx, oc, "")
		rest = graphql.OneShot(nil)
		if err != nil {
			graphql.AddError(ctx, err)
			data = []byte("null")
		}
		return &graphql.Response{Data: data}
	}
}

// statistic is the name under which an operation's statistics say how it was
// answered.
const statistic = "Direct"

func (x *Executor) tell(ctx context.Context, oc *graphql.OperationContext, r Reason) {
	oc.Stats.SetExtension(statistic, r)
	if x.options.Observe != nil {
		x.options.Observe(ctx, r)
	}
}

// ReasonOf says why an operation was left to gqlgen's executor, or nothing where
// it was answered directly. It is unknown of one that was not executed.
func ReasonOf(oc *graphql.OperationContext) (r Reason, known bool) {
	r, known = oc.Stats.GetExtension(statistic).(Reason)
	return r, known
}

// buffers are what answers are written into before their length is known.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (x *Executor) run(ctx context.Context, oc *graphql.OperationContext) ([]byte, error) {
	o := x.prepared(oc)
	buffer := buffers.Get().(*[]byte)
	data, err := o.Append(ctx, (*buffer)[:0], oc.Variables, x.options.Root)
	var out []byte
	if err == nil {
		out = append(make([]byte, 0, len(data)), data...)
	}
	if cap(data) <= keepBytes {
		*buffer = data
	}
	buffers.Put(buffer)
	return out, err
}
