package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/graph/node"
)

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
)

// transport speaks GraphQL over HTTP as the specification of that name says:
// GET and POST, and both media types for answers. Under application/json a
// request that could be read is answered with 200 whatever comes of it; under
// application/graphql-response+json the status says what came of it.
type transport struct{ bodyBytes int64 }

var _ graphql.Transport = transport{}

// Supports takes every request: one that is no GraphQL gets a GraphQL error.
func (transport) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	accept, ok := negotiate(r.Header.Get("Accept"))
	if !ok {
		refuse(w, jsonType, http.StatusNotAcceptable, node.BadUserInput, "answers are "+responseType+" or "+jsonType)
		return
	}
	params, failure := t.read(w, r)
	if failure != nil {
		refuse(w, accept, failure.status, failure.code, failure.message)
		return
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: graphql.Now(), End: graphql.Now()}
	ctx := r.Context()
	op, errs := exec.CreateOperationContext(ctx, params)
	if errs != nil {
		for _, e := range errs {
			nameLimit(e)
		}
		answer(w, accept, http.StatusBadRequest, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
		return
	}
	if r.Method == http.MethodGet && op.Operation.Operation != ast.Query {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, accept, http.StatusMethodNotAllowed, node.BadUserInput, "GET is for queries only")
		return
	}
	handler, ctx := exec.DispatchOperation(ctx, op)
	response := handler(ctx)
	if response == nil {
		response = &graphql.Response{Errors: gqlerror.List{codedError(codeTimeout, "the request took longer than the server allows; ask for less")}}
	}
	status := http.StatusOK
	if len(response.Data) == 0 && len(response.Errors) > 0 {
		status = statusOf(response.Errors)
	}
	answer(w, accept, status, response)
}

// nameLimit gives the parser's complaint about a limit our code.
func nameLimit(e *gqlerror.Error) {
	if strings.Contains(e.Message, "exceeded token limit") {
		e.Message = strings.Replace(e.Message, "exceeded token limit of", "the query has more tokens than the limit of", 1)
		e.Extensions = map[string]any{"code": string(node.LimitExceeded)}
	}
	if e.Extensions["code"] == nil {
		errcode.Set(e, errcode.ValidationFailed)
	}
}

// statusOf gives the status of an answer without data.
func statusOf(errs gqlerror.List) int {
	switch code, _ := errs[0].Extensions["code"].(string); node.Code(code) {
	case codeUnavailable:
		return http.StatusServiceUnavailable
	case codeTimeout:
		return http.StatusGatewayTimeout
	case codeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

// httpFailure is a request that is no GraphQL request.
type httpFailure struct {
	status  int
	code    node.Code
	message string
}

func (t transport) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *httpFailure) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return readURL(r)
	case http.MethodPost:
		return t.readBody(w, r)
	}
	w.Header().Set("Allow", "GET, POST, OPTIONS")
	return nil, &httpFailure{http.StatusMethodNotAllowed, node.BadUserInput, "use GET or POST"}
}

func badRequest(format string, args ...any) *httpFailure {
	return &httpFailure{http.StatusBadRequest, node.BadUserInput, fmt.Sprintf(format, args...)}
}

func readURL(r *http.Request) (*graphql.RawParams, *httpFailure) {
	q := r.URL.Query()
	params := &graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := q.Get(name); text != "" {
			if err := decode([]byte(text), into); err != nil {
				return nil, badRequest("%s: a JSON object is expected", name)
			}
		}
	}
	if strings.TrimSpace(params.Query) == "" {
		return nil, badRequest("query: missing")
	}
	return params, nil
}

func (t transport) readBody(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *httpFailure) {
	media, attributes, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != jsonType {
		w.Header().Set("Accept-Post", jsonType)
		return nil, &httpFailure{http.StatusUnsupportedMediaType, node.BadUserInput, "Content-Type: " + jsonType + " is expected"}
	}
	if charset := strings.ToLower(attributes["charset"]); charset != "" && charset != "utf-8" && charset != "utf8" {
		return nil, &httpFailure{http.StatusUnsupportedMediaType, node.BadUserInput, "Content-Type: charset utf-8 is expected"}
	}
	body := io.Reader(r.Body)
	if t.bodyBytes > 0 {
		body = http.MaxBytesReader(w, r.Body, t.bodyBytes)
	}
	text, err := io.ReadAll(body)
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return nil, &httpFailure{http.StatusRequestEntityTooLarge, node.LimitExceeded, fmt.Sprintf("the request's body is longer than the limit of %d bytes", t.bodyBytes)}
	} else if err != nil {
		return nil, badRequest("the body could not be read")
	}
	return readParams(text)
}

// readParams reads the members of a request one by one, so that a wrong type is
// said by name.
func readParams(text []byte) (*graphql.RawParams, *httpFailure) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		if trimmed := strings.TrimSpace(string(text)); strings.HasPrefix(trimmed, "[") {
			return nil, badRequest("one request at a time: a batch is not supported")
		}
		return nil, badRequest("the body is no JSON object")
	}
	params := &graphql.RawParams{}
	for name, into := range map[string]any{
		"query": &params.Query, "operationName": &params.OperationName,
		"variables": &params.Variables, "extensions": &params.Extensions,
	} {
		value, there := members[name]
		if !there || string(value) == "null" {
			continue
		}
		if err := decode(value, into); err != nil {
			return nil, badRequest("%s: has the wrong type", name)
		}
	}
	if strings.TrimSpace(params.Query) == "" {
		return nil, badRequest("query: missing")
	}
	return params, nil
}

// decode keeps numbers as they are written, so that large ones lose nothing.
func decode(text []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	return d.Decode(into)
}

// negotiate chooses the media type that an Accept header likes best; ok is
// false where it likes neither.
func negotiate(header string) (media string, ok bool) {
	if strings.TrimSpace(header) == "" {
		return jsonType, true
	}
	best, quality := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		m, attributes, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		q := 1.0
		if text, given := attributes["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		switch m {
		case responseType:
		case jsonType, "*/*", "application/*":
			m = jsonType
		default:
			continue
		}
		if q > quality {
			best, quality = m, q
		}
	}
	return best, best != ""
}

// refuse answers a request that was not executed for a reason of HTTP.
func refuse(w http.ResponseWriter, accept string, status int, code node.Code, message string) {
	write(w, accept, status, &graphql.Response{Errors: gqlerror.List{codedError(code, message)}})
}

// answer answers a GraphQL request. Older clients, who accept application/json
// only, are told of errors in the body alone.
func answer(w http.ResponseWriter, accept string, status int, response *graphql.Response) {
	if accept == jsonType && status < http.StatusInternalServerError {
		status = http.StatusOK
	}
	write(w, accept, status, response)
}

func write(w http.ResponseWriter, accept string, status int, response *graphql.Response) {
	text, err := encode(response)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}`)
	}
	h := w.Header()
	h.Set("Content-Type", accept+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// encode writes a response as it is: data comes from the executor as JSON, and
// is absent where nothing was executed.
func encode(response *graphql.Response) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(response.Data) + 64)
	b.WriteByte('{')
	if len(response.Errors) > 0 {
		b.WriteString(`"errors":`)
		if err := encodeValue(&b, response.Errors); err != nil {
			return nil, err
		}
	}
	if response.Data != nil {
		separate(&b)
		b.WriteString(`"data":`)
		b.Write(response.Data)
	}
	if len(response.Extensions) > 0 {
		separate(&b)
		b.WriteString(`"extensions":`)
		if err := encodeValue(&b, response.Extensions); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func separate(b *bytes.Buffer) {
	if b.Len() > 1 {
		b.WriteByte(',')
	}
}

// encodeValue writes JSON that is not meant to stand inside HTML.
func encodeValue(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}
