package graph

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/graph/node"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/reqid"
	"github.com/mapgraph/mapgraph/internal/store"
)

// The codes of errors beside those of package node and of GraphQL itself.
const (
	codeUnavailable node.Code = "UNAVAILABLE"
	codeTimeout     node.Code = "TIMEOUT"
	codeInternal    node.Code = "INTERNAL"
)

// presenter turns errors into what a client may see.
type presenter struct{ log *slog.Logger }

// errPanicked stands for a panic, which recoverPanic has logged.
var errPanicked = errors.New("panic")

func (p *presenter) recoverPanic(ctx context.Context, v any) error {
	p.log.ErrorContext(ctx, "panic in a resolver", "panic", v, "request_id", reqid.From(ctx), "stack", string(debug.Stack()))
	return errPanicked
}

// present gives an error its code and a message for the person who asked. What
// nobody foresaw becomes INTERNAL: the log has the rest.
func (p *presenter) present(ctx context.Context, err error) *gqlerror.Error {
	if own := (*gqlerror.Error)(nil); errors.As(err, &own) && own.Extensions["code"] != nil {
		return own
	}
	out := graphql.DefaultErrorPresenter(ctx, err)
	code, message := p.classify(err)
	if code == codeInternal {
		if out.Rule != "" || errors.Unwrap(out) == nil {
			// GraphQL's own complaint about the request.
			errcode.Set(out, errcode.ValidationFailed)
			return out
		}
		if !errors.Is(err, errPanicked) {
			p.log.ErrorContext(ctx, "internal error", "error", err, "request_id", reqid.From(ctx), "path", out.Path.String())
		}
		message = "internal error; the server's log has the details under request id " + reqid.From(ctx)
	}
	safe := &gqlerror.Error{Message: message, Path: out.Path, Locations: out.Locations}
	setCode(safe, code)
	if code == codeInternal {
		safe.Extensions["requestId"] = reqid.From(ctx)
	}
	return safe
}

func (p *presenter) classify(err error) (node.Code, string) {
	if own := (*node.Error)(nil); errors.As(err, &own) {
		return own.Code, own.Message
	}
	if input := (*kg.InputError)(nil); errors.As(err, &input) {
		return node.BadUserInput, input.Message
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return node.NotFound, err.Error()
	case errors.Is(err, store.ErrUnavailable):
		return codeUnavailable, "the store cannot be reached; try again"
	case errors.Is(err, context.DeadlineExceeded):
		return codeTimeout, "the request took longer than the server allows; ask for less"
	case errors.Is(err, context.Canceled):
		return codeTimeout, "the request was given up"
	}
	return codeInternal, ""
}

func setCode(err *gqlerror.Error, code node.Code) {
	if err.Extensions == nil {
		err.Extensions = map[string]any{}
	}
	err.Extensions["code"] = string(code)
}

func codedError(code node.Code, message string) *gqlerror.Error {
	err := &gqlerror.Error{Message: message}
	setCode(err, code)
	return err
}
