// Package ask asks mapgraph's GraphQL API, in this process or of a server: what
// the command line and agents ask, people can ask of the API in the same words.
package ask

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
)

// ErrUnreachable says that there was no answer, or none that is GraphQL's.
var ErrUnreachable = errors.New("no answer")

// Error is an error of an answer.
type Error struct {
	Code    string // extensions.code
	Message string
}

func (e *Error) Error() string { return e.Message }

// API is an endpoint that answers.
type API struct {
	url    string
	client *http.Client
}

// Local asks a handler of this process.
func Local(h http.Handler) *API {
	return &API{url: "http://in.process/graphql", client: &http.Client{Transport: inProcess{h}}}
}

// Remote asks a server, by the URL of its GraphQL endpoint or of its root.
func Remote(url string) *API {
	if url = strings.TrimRight(url, "/"); !strings.HasSuffix(url, "/graphql") {
		url += "/graphql"
	}
	return &API{url: url, client: &http.Client{}}
}

// maxAnswer is far above the longest answer that the limits let through.
const maxAnswer = 1 << 30

// Do asks a query and decodes the answer's data into out. Errors of the answer
// come as *Error, joined if there are several.
func (a *API) Do(ctx context.Context, query string, variables map[string]any, out any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json, application/json;q=0.9")
	resp, err := a.client.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return a.decode(resp.Status, text, out)
}

func (a *API) decode(status string, text []byte, out any) error {
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
		Error any // a text where a mapgraph server refuses before GraphQL begins
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Data == nil && answer.Errors == nil {
		if why, ok := answer.Error.(string); ok {
			return fmt.Errorf("%w: %s: %s", ErrUnreachable, a.url, why)
		}
		return fmt.Errorf("%w: %s is no GraphQL endpoint (%s)", ErrUnreachable, a.url, status)
	}
	var errs []error
	for _, e := range answer.Errors {
		errs = append(errs, &Error{Code: e.Extensions.Code, Message: e.Message})
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return json.Unmarshal(answer.Data, out)
}

//go:embed queries/*.graphql
var queries embed.FS

// Query gives one of the questions that this package knows, by name.
func Query(name string) string {
	text, err := queries.ReadFile("queries/" + name + ".graphql")
	if err != nil {
		panic(err) // a name is a constant of the program
	}
	return string(text)
}

// Queries lists the names of the questions.
func Queries() []string {
	files, _ := fs.Glob(queries, "queries/*.graphql")
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(f, "queries/"), ".graphql")
	}
	return names
}

// inProcess answers requests by a handler, without a network.
type inProcess struct{ handler http.Handler }

// RoundTrip answers one request.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answerWriter{header: http.Header{}, status: http.StatusOK}
	r.RequestURI = r.URL.RequestURI()
	t.handler.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

type answerWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *answerWriter) Header() http.Header         { return w.header }
func (w *answerWriter) WriteHeader(status int)      { w.status = status }
func (w *answerWriter) Write(p []byte) (int, error) { return w.body.Write(p) }
