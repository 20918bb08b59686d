package gqlhttp

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// refusal says why a request is no GraphQL request, in terms of HTTP.
type refusal struct {
	status int
	err    *gqlerror.Error
	header [2]string // a header that goes with it, if any
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, err: codedError(CodeBadUserInput, fmt.Sprintf(format, args...))}
}

func (r *refusal) with(header, value string) *refusal {
	r.header = [2]string{header, value}
	return r
}

// readURL reads the request of a GET.
func readURL(r *http.Request) (*asked, *refusal) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the URL's query is malformed: %v", err)
	}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(values[name]) > 1 {
			return nil, refuse(http.StatusBadRequest, "%s: given %d times", name, len(values[name]))
		}
	}
	p := &asked{RawParams: graphql.RawParams{Query: values.Get("query"), OperationName: values.Get("operationName")}}
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if text := values.Get(name); text != "" {
			if err := decode([]byte(text), into); err != nil {
				return nil, refuse(http.StatusBadRequest, "%s: one JSON object is expected, and nothing behind it", name)
			}
		}
	}
	return checked(p)
}

// asked is what a request asks.
type asked struct {
	graphql.RawParams
	body []byte // of a POST
}

// readBody reads the body of a POST.
func (e *edge) readBody(r *http.Request) ([]byte, *refusal) {
	if no := checkContent(r.Header); no != nil {
		return nil, no
	}
	most := e.limits.BodyBytes
	if most > 0 && r.ContentLength > most {
		return nil, bodyTooLong("the body's number of bytes", r.ContentLength, most)
	}
	body := io.Reader(r.Body)
	if most > 0 {
		body = io.LimitReader(r.Body, most+1)
	}
	text, err := io.ReadAll(body)
	switch {
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "the body could not be read to its end")
	case most > 0 && int64(len(text)) > most:
		return nil, bodyTooLong("the body's number of bytes, as far as it was read,", int64(len(text)), most)
	}
	return text, nil
}

func bodyTooLong(what string, actual, most int64) *refusal {
	return &refusal{
		status: http.StatusRequestEntityTooLarge,
		err:    limitError("body", what, actual, most),
		header: [2]string{"Connection", "close"}, // the rest of the body is not worth reading
	}
}

func checkContent(h http.Header) *refusal {
	media, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, hasCharset := parameters["charset"]
	switch {
	case err != nil || media != mediaJSON:
		return refuse(http.StatusUnsupportedMediaType, "the Content-Type must be %s; it is %q", mediaJSON, h.Get("Content-Type")).
			with("Accept-Post", mediaJSON)
	case hasCharset && !isUTF8(charset):
		return refuse(http.StatusUnsupportedMediaType, "the charset must be utf-8; it is %q", charset).
			with("Accept-Post", mediaJSON)
	}
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return refuse(http.StatusUnsupportedMediaType, "the body must not be compressed; its Content-Encoding is %q", encoding).
			with("Accept-Encoding", "identity")
	}
	return nil
}

// readMembers reads the members one by one, so that one of a wrong type can be
// named. Members that the specification does not know are ignored.
func readMembers(text []byte) (*asked, *refusal) {
	switch trimmed := bytes.TrimLeft(text, " \t\r\n"); {
	case len(trimmed) == 0:
		return nil, refuse(http.StatusBadRequest, `the body is empty; a JSON object with the member "query" is expected`)
	case trimmed[0] == '[':
		return nil, refuse(http.StatusBadRequest, "batches are not supported; send one request at a time")
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(text, &members); err != nil {
		if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return nil, refuse(http.StatusBadRequest, "the body is no JSON object: %s", strings.TrimPrefix(syntax.Error(), "jsontext: "))
		}
		return nil, refuse(http.StatusBadRequest, "the body is no JSON object")
	}
	p := &asked{body: text}
	for _, member := range []struct {
		name, kind string
		into       any
	}{
		{"query", "a string", &p.Query},
		{"operationName", "a string or null", &p.OperationName},
		{"variables", "an object or null", &p.Variables},
		{"extensions", "an object or null", &p.Extensions},
	} {
		if value, given := members[member.name]; given && decode(value, member.into) != nil {
			return nil, refuse(http.StatusBadRequest, "%s: has the wrong type; %s is expected", member.name, member.kind)
		}
	}
	return checked(p)
}

func checked(p *asked) (*asked, *refusal) {
	if strings.TrimSpace(p.Query) == "" {
		return nil, refuse(http.StatusBadRequest, "query: missing")
	}
	return p, nil
}

// decode reads one JSON value and nothing behind it, and keeps numbers as they
// are written, so that large ones lose nothing.
func decode(text []byte, into any) error {
	if !jsontext.Value(text).IsValid() {
		return errors.New("not one JSON value")
	}
	d := stdjson.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
