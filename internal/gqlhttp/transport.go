package gqlhttp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/direct"
)

// allowed are the methods of the endpoint.
const allowed = "GET, HEAD, OPTIONS, POST"

// edge is what the transports share.
type edge struct {
	limits  Limits
	timeout time.Duration
	gate    *admit.Gate
	outbox  *admit.Outbox
	client  func(*http.Request) string
	version func(context.Context) string
	prepare func(context.Context) (context.Context, error)
	direct  *direct.Executor
	known   *knownRequests // nil without direct
	present *presenter
	observe func(context.Context, Observation)
	log     *slog.Logger
}

// getTransport answers queries in the URL. HEAD is a GET whose answer has no body.
type getTransport struct{ *edge }

// Supports tells whether a request is for this transport.
func (getTransport) Supports(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// Do answers a request.
func (t getTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	t.serve(w, r, exec, time.Now(), readURL)
}

// postTransport answers operations in a JSON body.
type postTransport struct{ *edge }

// Supports tells whether a request is for this transport.
func (postTransport) Supports(r *http.Request) bool { return r.Method == http.MethodPost }

// Do answers a request.
func (t postTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	start := time.Now()
	body, no := t.readBody(r)
	if no == nil && t.again(w, r, start, body) {
		return
	}
	t.serve(w, r, exec, start, func(*http.Request) (*asked, *refusal) {
		if no != nil {
			return nil, no
		}
		return readMembers(body)
	})
}

// optionsTransport tells which methods there are.
type optionsTransport struct{}

// Supports tells whether a request is for this transport.
func (optionsTransport) Supports(r *http.Request) bool { return r.Method == http.MethodOptions }

// Do answers a request.
func (optionsTransport) Do(w http.ResponseWriter, _ *http.Request, _ graphql.GraphExecutor) {
	w.Header().Set("Allow", allowed)
	w.Header().Set("Accept-Post", mediaJSON)
	w.WriteHeader(http.StatusNoContent)
}

// otherMethods refuses what the others leave.
type otherMethods struct{ *edge }

// Supports takes every request.
func (otherMethods) Supports(*http.Request) bool { return true }

// Do refuses a request.
func (t otherMethods) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	t.serve(w, r, exec, time.Now(), func(r *http.Request) (*asked, *refusal) {
		return nil, refuse(http.StatusMethodNotAllowed, "use GET or POST, not %s", r.Method).with("Allow", allowed)
	})
}

type reader func(*http.Request) (*asked, *refusal)

// serve answers one request and tells the observers of it.
func (e *edge) serve(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, start time.Time, read reader) {
	ctx := r.Context()
	if e.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.timeout)
		defer cancel()
	}
	media, acceptable := negotiate(r.Header.Values("Accept"))
	if !acceptable {
		media = mediaJSON
		read = func(*http.Request) (*asked, *refusal) {
			return nil, refuse(http.StatusNotAcceptable, "answers are %s or %s", mediaResponse, mediaJSON)
		}
	}
	out := e.run(ctx, r, exec, read, media)
	if out.unchanged {
		w.Header().Set("ETag", out.tag)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Add("Vary", "Accept")
		w.WriteHeader(http.StatusNotModified)
		e.tell(ctx, Observation{Operation: "none", Code: "UNCHANGED", Status: http.StatusNotModified, Duration: time.Since(start)})
		return
	}
	e.finish(ctx, w, r, out, media, start)
}

// finish sends what came of a request, and tells the log and the observers.
func (e *edge) finish(ctx context.Context, w http.ResponseWriter, r *http.Request, out outcome, media string, start time.Time) {
	level := slog.LevelError
	if r.Context().Err() != nil {
		level = slog.LevelDebug // a client that has gone is no fault
	}
	e.present.logFaults(ctx, level, out.errors())
	status := out.status(media)
	size, err := out.write(w, e.outbox, media, status)
	e.noteCut(ctx, r, err, size)
	e.tell(ctx, out.observation(status, size, time.Since(start)))
}

// noteCut logs an answer that was cut off because its reader was slow.
func (e *edge) noteCut(ctx context.Context, r *http.Request, err error, size int) {
	if errors.Is(err, admit.ErrSlowReader) {
		e.log.LogAttrs(ctx, slog.LevelWarn, "an answer was cut off", slog.Any("error", err),
			slog.Int("bytes", size), slog.String("client", e.client(r)), slog.String("request_id", RequestID(ctx)))
	}
}

func (e *edge) tell(ctx context.Context, o Observation) {
	if e.observe != nil {
		e.observe(ctx, o)
	}
	if !e.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	e.log.LogAttrs(ctx, slog.LevelDebug, "graphql", slog.String("operation", o.Operation), slog.String("name", o.Name),
		slog.String("code", o.Code), slog.Int64("cost", o.Cost), slog.Duration("duration", o.Duration),
		slog.Int("bytes", o.Bytes), slog.String("request_id", RequestID(ctx)))
}

// outcome is what a request came to: a refusal, or a response to its operation.
type outcome struct {
	refusal   *refusal
	response  *graphql.Response
	operation *graphql.OperationContext // nil where there was none to be found
	canceled  bool                      // the client has gone
	tag       string                    // names the answer for those who keep it; nothing if nobody may
	unchanged bool                      // the client has the answer already
}

// errors are those that the answer has.
func (o outcome) errors() gqlerror.List {
	if o.refusal != nil {
		return gqlerror.List{o.refusal.err}
	}
	return o.response.Errors
}

func (e *edge) run(ctx context.Context, r *http.Request, exec graphql.GraphExecutor, read reader, media string) (out outcome) {
	defer func() {
		if v := recover(); v != nil {
			out.response, out.refusal = e.panicked(ctx, v), nil
		}
	}()
	began := graphql.Now()
	asked, no := read(r)
	if no != nil {
		return outcome{refusal: no}
	}
	params := &asked.RawParams
	if out.tag = e.tag(ctx, r, params, media); isKnown(r, out.tag) {
		out.unchanged = true // a tag was given only to an answer without errors
		return out
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: began, End: graphql.Now()}
	op, errs := exec.CreateOperationContext(ctx, params)
	if errs != nil {
		out.response, out.operation = &graphql.Response{Errors: explained(errs, params)}, op
		return out
	}
	out.operation = op
	if no := checkMethod(r.Method, op.Operation.Operation); no != nil {
		out.refusal = no
		return out
	}
	ctx, j, no := e.begin(ctx, r, estimateOf(op))
	if no != nil {
		out.refusal = no
		return out
	}
	defer j.end()
	out.response = e.respond(ctx, exec, op, j)
	if wantsCost(params) {
		out.response.Extensions = withCost(out.response.Extensions, j.report(len(out.response.Data)))
	}
	out.canceled = r.Context().Err() != nil
	e.remember(asked, out, j)
	return out
}

// panicked is the answer to a request in which something panicked.
func (e *edge) panicked(ctx context.Context, v any) *graphql.Response {
	err := internalError(ctx)
	err.Err = e.present.recovered(ctx, v)
	return &graphql.Response{Errors: gqlerror.List{err}}
}

// respond executes an operation within its budget.
func (e *edge) respond(ctx context.Context, exec graphql.GraphExecutor, op *graphql.OperationContext, j *job) *graphql.Response {
	ctx, err := e.prepare(ctx)
	if err != nil {
		return &graphql.Response{Errors: gqlerror.List{e.present.present(ctx, err)}}
	}
	run, opCtx := exec.DispatchOperation(ctx, op)
	response := run(opCtx)
	if given := e.exceeded(ctx, j); given != nil {
		return given
	}
	if response == nil {
		// The executor does not begin what is already given up.
		return &graphql.Response{Errors: gqlerror.List{e.present.present(ctx, context.Cause(ctx))}}
	}
	if n := int64(len(response.Data)) - j.budget.Used(budget.Bytes); n > 0 && j.budget.Spend(budget.Bytes, n) != nil {
		return e.exceeded(ctx, j)
	}
	slices.SortStableFunc(response.Errors, byPath)
	return response
}

// byPath orders errors by where in the answer they arose: fields are answered
// side by side, and the order in which they fail is an accident.
func byPath(a, b *gqlerror.Error) int {
	for i := range min(len(a.Path), len(b.Path)) {
		if c := compareSteps(a.Path[i], b.Path[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(a.Path), len(b.Path)), strings.Compare(a.Message, b.Message))
}

// compareSteps puts places in lists before names.
func compareSteps(a, b ast.PathElement) int {
	i, inList := a.(ast.PathIndex)
	j, both := b.(ast.PathIndex)
	switch {
	case inList && both:
		return cmp.Compare(i, j)
	case inList != both && inList:
		return -1
	case inList != both:
		return 1
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// maxErrors bounds the errors of an answer to a request that was not executed.
const maxErrors = 50

// explained helps with an error of the executor that does not say enough, and
// with errors that are too many.
func explained(errs gqlerror.List, p *graphql.RawParams) gqlerror.List {
	if more := len(errs) - maxErrors; more > 0 {
		errs = append(errs[:maxErrors:maxErrors], codedError(codeOf(errs), fmt.Sprintf("and %d errors more", more)))
	}
	if errs[0].Message == "operation  not found" && p.OperationName == "" {
		errs[0].Message = "the document has several operations; say which with operationName"
	}
	return errs
}

// checkMethod keeps what has effects from GET, which links and images can make.
func checkMethod(method string, operation ast.Operation) *refusal {
	switch {
	case operation == ast.Subscription:
		return refuse(http.StatusBadRequest, "subscriptions are not supported")
	case operation == ast.Mutation && method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "a mutation must be a POST").with("Allow", http.MethodPost)
	}
	return nil
}

// status is that of the answer. A response of type application/json has 200
// whatever it says, because its clients cannot tell a status of ours from one
// of a proxy's; the other type has a status that fits.
func (o outcome) status(media string) int {
	switch {
	case o.refusal != nil:
		return o.refusal.status
	case media == mediaJSON, o.response.Data != nil:
		return http.StatusOK
	}
	switch codeOf(o.response.Errors) {
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeTimeout:
		return http.StatusGatewayTimeout
	case CodeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// write sends the answer and gives its length. An error says that it did not
// arrive.
func (o outcome) write(w http.ResponseWriter, outbox *admit.Outbox, media string, status int) (int, error) {
	response := o.response
	h := w.Header()
	if o.refusal != nil {
		response = &graphql.Response{Errors: gqlerror.List{o.refusal.err}}
		if o.refusal.header[0] != "" {
			h.Set(o.refusal.header[0], o.refusal.header[1])
		}
	}
	text := encode(response)
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if o.tag != "" && o.refusal == nil && len(response.Errors) == 0 {
		h.Set("ETag", o.tag)
		h.Set("Cache-Control", "no-cache") // to be asked for again, with the tag
	} else {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept")
	w.WriteHeader(status)
	return len(text), outbox.Send(w, text)
}

// encode puts errors first, where a reader of the text sees them. Data is JSON
// already, and is left out where nothing was executed.
func encode(r *graphql.Response) []byte {
	var b bytes.Buffer
	b.Grow(len(r.Data) + 64)
	b.WriteByte('{')
	if len(r.Errors) > 0 {
		writeMember(&b, "errors", r.Errors)
	}
	if r.Data != nil {
		writeName(&b, "data")
		b.Write(r.Data)
	}
	if len(r.Extensions) > 0 {
		writeMember(&b, "extensions", r.Extensions)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func writeName(b *bytes.Buffer, name string) {
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	b.WriteString(`"` + name + `":`)
}

// writeMember leaves <, > and & as they are: answers are no part of HTML. A
// value that has no JSON is left out.
func writeMember(b *bytes.Buffer, name string, value any) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if e.Encode(value) == nil {
		writeName(b, name)
		b.Write(bytes.TrimRight(text.Bytes(), "\n"))
	}
}
