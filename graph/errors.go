package graph

import (
	"context"
	"errors"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/graph/answer"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/store"
)

// presentError gives errors of the domain their code, and a message for the
// person who asked; nil for those that it does not know.
func presentError(_ context.Context, err error) *gqlerror.Error {
	if own, ok := errors.AsType[*answer.Error](err); ok {
		return codedError(string(own.Code), own.Message)
	}
	if input, ok := errors.AsType[*algebra.InputError](err); ok {
		return codedError(gqlhttp.CodeBadUserInput, input.Message)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return codedError(gqlhttp.CodeNotFound, causeOf(err).Error())
	case errors.Is(err, store.ErrUnavailable):
		return codedError(gqlhttp.CodeUnavailable, "the store cannot be reached; try again")
	}
	return nil
}

// causeOf takes off what the executor put around an error.
func causeOf(err error) error {
	if own, ok := errors.AsType[*gqlerror.Error](err); ok && own.Err != nil {
		return own.Err
	}
	return err
}

func codedError(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
