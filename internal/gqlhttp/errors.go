package gqlhttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes of errors, in extensions.code. They are part of the API.
const (
	CodeBadUserInput     = "BAD_USER_INPUT"
	CodeNotFound         = "NOT_FOUND"
	CodeInvalidCursor    = "INVALID_CURSOR"
	CodeLimitExceeded    = "LIMIT_EXCEEDED"
	CodeUnavailable      = "UNAVAILABLE"
	CodeTimeout          = "TIMEOUT"
	CodeInternal         = "INTERNAL"
	CodeParseFailed      = errcode.ParseFailed
	CodeValidationFailed = errcode.ValidationFailed
)

// Codes gives every code that an error can have.
func Codes() []string {
	return []string{
		CodeBadUserInput, CodeNotFound, CodeInvalidCursor, CodeLimitExceeded, CodeUnavailable,
		CodeTimeout, CodeInternal, CodeParseFailed, CodeValidationFailed,
	}
}

func codedError(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// codeOf is the code of a response's first error, or nothing.
func codeOf(errs gqlerror.List) string {
	if len(errs) == 0 {
		return ""
	}
	code, _ := errs[0].Extensions["code"].(string)
	return code
}

// faults are the codes of errors of the server's own making.
var faults = []string{CodeUnavailable, CodeTimeout, CodeInternal}

// errPanicked stands for a panic that has been logged.
var errPanicked = errors.New("panic")

// presenter turns errors into what a client may see.
type presenter struct {
	domain func(context.Context, error) *gqlerror.Error
	log    *slog.Logger
}

// recovered logs a panic. It is called where the panic is, so that the stack
// is that of the panic.
func (p *presenter) recovered(ctx context.Context, v any) error {
	p.log.LogAttrs(ctx, slog.LevelError, "panic while answering a GraphQL request",
		slog.Any("panic", v), slog.String("request_id", RequestID(ctx)), slog.String("stack", string(debug.Stack())))
	return errPanicked
}

// present gives an error its code, and its place in the answer. The cause stays
// with it, for the log.
func (p *presenter) present(ctx context.Context, err error) (placed *gqlerror.Error) {
	// It is called for fields in goroutines of their own, also for what was
	// recovered there: nobody else would catch a panic.
	defer func() {
		if v := recover(); v != nil {
			placed = internalError(ctx)
			placed.Err = p.recovered(ctx, v)
		}
	}()
	out := *p.translate(ctx, err)
	out.Err = err
	if out.Path == nil {
		out.Path = pathOf(ctx, err)
	}
	if out.Locations == nil {
		out.Locations = locationOf(ctx)
	}
	return &out
}

// translate asks, in this order: the domain, the error itself if it was made
// for clients, the context, and the field's arguments. Of what nobody foresaw
// the client learns only where.
func (p *presenter) translate(ctx context.Context, err error) *gqlerror.Error {
	if p.domain != nil {
		if known := p.domain(ctx, err); known != nil {
			return known
		}
	}
	own, isOwn := errors.AsType[*gqlerror.Error](err)
	if isOwn {
		if _, coded := own.Extensions["code"]; coded {
			return own
		}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return timeoutError()
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return canceledError()
	case isOwn:
		if argument := faultyArgument(ctx, own); argument != "" {
			bad := codedError(CodeBadUserInput, fmt.Sprintf("argument %s: %s", argument, own.Message))
			bad.Path = graphql.GetFieldContext(ctx).Path()
			return bad
		}
	}
	return internalError(ctx)
}

// maxLoggedFaults bounds the log lines of one request.
const maxLoggedFaults = 10

// logFaults writes a line for each cause of errors of the server's own making,
// however many fields it took.
func (p *presenter) logFaults(ctx context.Context, level slog.Level, errs gqlerror.List) {
	type fault struct{ code, cause string }
	fields := map[fault]int{}
	var order []fault
	for _, e := range errs {
		f := fault{codeOf(gqlerror.List{e}), causeOf(e).Error()}
		if !slices.Contains(faults, f.code) || errors.Is(e, errPanicked) {
			continue
		}
		if fields[f]++; fields[f] == 1 {
			order = append(order, f)
		}
	}
	for i, f := range order {
		if i == maxLoggedFaults {
			p.log.LogAttrs(ctx, level, "a GraphQL request failed for more causes", slog.Int("causes", len(order)), slog.String("request_id", RequestID(ctx)))
			return
		}
		p.log.LogAttrs(ctx, level, "a GraphQL request failed", slog.String("code", f.code), slog.String("error", f.cause),
			slog.Int("fields", fields[f]), slog.String("request_id", RequestID(ctx)))
	}
}

// causeOf takes off what the executor and the presenter put around an error.
func causeOf(err error) error {
	for {
		own, ok := errors.AsType[*gqlerror.Error](err)
		if !ok || own.Err == nil {
			return err
		}
		err = own.Err
	}
}

func timeoutError() *gqlerror.Error {
	return codedError(CodeTimeout, "the request took longer than the server allows; ask for less")
}

// canceledError is for a client that has gone, or a server that is going.
func canceledError() *gqlerror.Error {
	return codedError(CodeUnavailable, "the request was given up before it was answered")
}

func internalError(ctx context.Context) *gqlerror.Error {
	e := codedError(CodeInternal, "internal error; the server's log has the details under request id "+RequestID(ctx))
	e.Extensions["requestId"] = RequestID(ctx)
	return e
}

// faultyArgument names the argument whose value could not be read. The executor
// puts the path of such an error below the field's own, with the argument's name.
func faultyArgument(ctx context.Context, err *gqlerror.Error) string {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || fc.Field.Field == nil || fc.Field.Definition == nil {
		return ""
	}
	field := fc.Path()
	if len(err.Path) <= len(field) || !slices.Equal(err.Path[:len(field)], field) {
		return ""
	}
	name, _ := err.Path[len(field)].(ast.PathName)
	if fc.Field.Definition.Arguments.ForName(string(name)) == nil {
		return ""
	}
	return err.Path[len(field):].String()
}

func pathOf(ctx context.Context, err error) ast.Path {
	if own, ok := errors.AsType[*gqlerror.Error](err); ok && own.Path != nil {
		return own.Path
	}
	return graphql.GetPath(ctx)
}

func locationOf(ctx context.Context) []gqlerror.Location {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || fc.Field.Field == nil || fc.Field.Position == nil {
		return nil
	}
	return []gqlerror.Location{{Line: fc.Field.Position.Line, Column: fc.Field.Position.Column}}
}
