// Package sample is a small GraphQL service for tests of package gqlhttp.
package sample

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

//go:generate go run github.com/99designs/gqlgen generate --config gqlgen.yml

// ErrDomain is the error that the service's presenter is expected to know.
var ErrDomain = errors.New("the domain says no")

// SecretDetail is in errors that nobody foresaw; no client may see it.
const SecretDetail = "s3cret-table-name"

// Item holds items.
type Item struct {
	Name   string
	Parent *Item
}

// IsThing makes an item a Thing.
func (Item) IsThing() {}

// Odd is a number that is not even.
type Odd int

// UnmarshalGQL reads an odd number.
func (o *Odd) UnmarshalGQL(v any) error {
	n, err := graphql.UnmarshalInt(v)
	if err != nil {
		return err
	}
	if n%2 == 0 {
		return errors.New("sizes are odd")
	}
	*o = Odd(n)
	return nil
}

// MarshalGQL writes the number.
func (o Odd) MarshalGQL(w io.Writer) { _, _ = fmt.Fprint(w, int(o)) }

// Service answers the schema.
type Service struct {
	// Waiting, if set, is sent a value each time a `wait` field begins to wait.
	Waiting chan<- struct{}
	// Release, if set, ends `wait` fields with an answer.
	Release <-chan struct{}
}

// Schema makes the service executable; a list costs its length.
func (s *Service) Schema() graphql.ExecutableSchema {
	c := Config{Resolvers: root{s}}
	c.Complexity.Query.Items = listCost
	c.Complexity.Item.Items = listCost
	return NewExecutableSchema(c)
}

func listCost(child int, first *int) int { return 1 + length(first)*child }

func length(first *int) int {
	if first == nil {
		return 10
	}
	return *first
}

type root struct{ *Service }

func (r root) Item() ItemResolver                 { return items{} }
func (r root) Mutation() MutationResolver         { return mutation{} }
func (r root) Query() QueryResolver               { return query(r) }
func (r root) Subscription() SubscriptionResolver { return subscription{} }

type items struct{}

func (items) Items(_ context.Context, parent *Item, first *int) ([]*Item, error) {
	return makeItems(parent, length(first)), nil
}

func makeItems(parent *Item, n int) []*Item {
	list := make([]*Item, n)
	for i := range list {
		list[i] = &Item{Name: fmt.Sprint("item ", i), Parent: parent}
	}
	return list
}

type query struct{ *Service }

func (query) Items(_ context.Context, first *int) ([]*Item, error) {
	return makeItems(nil, length(first)), nil
}

func (query) Thing(context.Context) (Thing, error) { return &Box{Name: "box"}, nil }

func (query) Echo(_ context.Context, value *int, text *string, _ *Odd) (*string, error) {
	var out []string
	if value != nil {
		out = append(out, fmt.Sprint(*value))
	}
	if text != nil {
		out = append(out, *text)
	}
	joined := strings.Join(out, " ")
	return &joined, nil
}

func (query) Fail(_ context.Context, how Failure) (*string, error) { return nil, fail(how) }

func (query) FailAll(_ context.Context, how Failure) (string, error) { return "", fail(how) }

func fail(how Failure) error {
	switch how {
	case FailureDomain:
		return fmt.Errorf("%w to this", ErrDomain)
	case FailurePanic:
		panic(SecretDetail)
	case FailureCoded:
		return &gqlerror.Error{Message: "no such release", Extensions: map[string]any{"code": "NOT_FOUND"}}
	case FailureNull:
		return nil
	}
	return errors.New("cannot read " + SecretDetail)
}

func (q query) Wait(ctx context.Context) (*string, error) {
	if q.Waiting != nil {
		q.Waiting <- struct{}{}
	}
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("gave up: %w", ctx.Err())
	case <-q.Release:
		done := "done"
		return &done, nil
	}
}

func (query) Text(_ context.Context, bytes int) (string, error) {
	return strings.Repeat("x", bytes), nil
}

type mutation struct{}

func (mutation) Touch(context.Context) (bool, error) { return true, nil }

type subscription struct{}

func (subscription) Tick(context.Context) (<-chan int, error) {
	return nil, errors.New("subscriptions are not served")
}
