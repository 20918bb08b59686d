package gqlhttp

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/internal/direct"
)

// knownBytes bounds the bodies of the requests that are remembered.
const knownBytes = 8 << 20

// knownRequest is a request that was answered before: parsed, valid, within the
// limits that look at a document, and with its variables read. The answer is
// not kept.
type knownRequest struct {
	operation *direct.Operation
	variables map[string]any // not to be changed
	name      string         // the operation's
	values    int64          // of the answer, as estimated
	isLarge   atomic.Bool    // its last run was among the large requests
}

// knownRequests keeps the requests that came last, by their bodies.
type knownRequests struct {
	mu    sync.Mutex
	most  int
	bytes int
	lru   *simplelru.LRU[string, *knownRequest]
}

func newKnownRequests(most int) *knownRequests {
	k := &knownRequests{most: most}
	var err error
	k.lru, err = simplelru.NewLRU(most, func(body string, _ *knownRequest) { k.bytes -= weightOf(body) })
	if err != nil {
		panic(err) // most is a constant above 0
	}
	return k
}

// weightOf is about what a request takes: its variables, read, are some times
// as long as they were written.
func weightOf(body string) int { return 4*len(body) + 200 }

func (k *knownRequests) get(body []byte) *knownRequest {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, _ := k.lru.Get(string(body))
	return known
}

// keep remembers a request, unless it alone would take much of the room.
func (k *knownRequests) keep(body string, known *knownRequest) {
	if weightOf(body) > k.most/64 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.lru.Contains(body) {
		k.bytes += weightOf(body)
	}
	k.lru.Add(body, known)
	for k.bytes > k.most {
		k.lru.RemoveOldest()
	}
}

func (k *knownRequests) forget(body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(string(body))
}

// remember keeps a request that was answered directly, without errors.
func (e *edge) remember(asked *asked, out outcome, j *job) {
	if e.known == nil || asked.body == nil || len(asked.Extensions) > 0 || len(out.response.Errors) > 0 || len(out.response.Extensions) > 0 {
		return
	}
	if reason, ran := direct.ReasonOf(out.operation); !ran || reason != "" {
		return
	}
	operation := e.direct.Operation(asked.Query, asked.OperationName)
	if operation == nil {
		return
	}
	known := &knownRequest{
		operation: operation, variables: out.operation.Variables, name: out.operation.Operation.Name, values: j.estimate.Likely,
	}
	known.isLarge.Store(j.isLarge())
	e.known.keep(string(asked.body), known)
}

// answers are the buffers that answers are written into.
var answers = sync.Pool{New: func() any { return new([]byte) }}

// keptAnswer is the largest buffer that is kept for the next answer.
const keptAnswer = 1 << 20

const (
	beforeData = `{"data":`
	afterData  = `}`
)

// again answers a request that is known, and tells whether it did. What is out
// of the ordinary it leaves to serve.
func (e *edge) again(w http.ResponseWriter, r *http.Request, start time.Time, body []byte) bool {
	if e.known == nil {
		return false
	}
	known := e.known.get(body)
	if known == nil {
		return false
	}
	media, acceptable := negotiate(r.Header["Accept"])
	if !acceptable {
		return false
	}
	ctx := r.Context()
	if e.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.timeout)
		defer cancel()
	}
	buffer := answers.Get().(*[]byte)
	text, out, left := e.write(ctx, r, known, append((*buffer)[:0], beforeData...))
	defer func() {
		if cap(text) <= keptAnswer {
			*buffer = text
		}
		answers.Put(buffer)
	}()
	if left {
		e.known.forget(body) // until it is answered directly again
		return false
	}
	if out != nil {
		e.finish(ctx, w, r, *out, media, start)
		return true
	}
	text = append(text, afterData...)
	h := w.Header()
	h["Content-Type"] = contentTypes[media]
	h["Content-Length"] = []string{strconv.Itoa(len(text))}
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Vary"] = append(h["Vary"], "Accept")
	w.WriteHeader(http.StatusOK)
	e.noteCut(ctx, r, e.outbox.Send(w, text), len(text))
	e.tell(ctx, Observation{
		Operation: "query", Name: known.name, Code: "OK", Status: http.StatusOK, Cost: known.values, Bytes: len(text), Duration: time.Since(start),
	})
	return true
}

// Values of headers, made once.
var (
	contentTypes = map[string][]string{mediaJSON: {mediaJSON + "; charset=utf-8"}, mediaResponse: {mediaResponse + "; charset=utf-8"}}
	noStore      = []string{"no-store"}
	noSniff      = []string{"nosniff"}
)

// write writes the answer to a known request behind text. Otherwise it gives
// what came of the request instead, or that it is left to the executor.
func (e *edge) write(ctx context.Context, r *http.Request, known *knownRequest, text []byte) (_ []byte, out *outcome, left bool) {
	defer func() {
		if v := recover(); v != nil {
			out, left = &outcome{response: e.panicked(ctx, v)}, false
		}
	}()
	estimate := Estimate{Likely: known.values}
	if known.isLarge.Load() {
		estimate.Time = smallTime + 1
	}
	ctx, j, no := e.begin(ctx, r, estimate)
	if no != nil {
		return text, &outcome{refusal: no}, false
	}
	defer j.end()
	defer func() { known.isLarge.Store(j.isLarge()) }()
	ctx, err := e.prepare(ctx)
	if err == nil {
		text, err = e.direct.Append(ctx, known.operation, text, known.variables)
	}
	if err == nil {
		return text, nil, false
	}
	if _, executors := errors.AsType[*direct.FallbackError](err); executors {
		return text, nil, true
	}
	out = &outcome{response: e.exceeded(ctx, j), canceled: r.Context().Err() != nil}
	if out.response == nil {
		out.response = &graphql.Response{Errors: gqlerror.List{e.present.present(ctx, err)}}
	}
	return text, out, false
}
