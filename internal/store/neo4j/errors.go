package neo4j

import (
	"context"
	"errors"
	"fmt"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/mapgraph/mapgraph/internal/store"
)

// explain turns an error of the driver into one of the contract, with what to do
// about it. Nothing that it says holds a password.
func (c *client) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	unavailable := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s: %w", store.ErrUnavailable, fmt.Sprintf(format, args...), err)
	}
	if limit, ok := errors.AsType[*driver.TransactionExecutionLimit](err); ok && len(limit.Errors) > 0 {
		return c.explain(ctx, limit.Errors[len(limit.Errors)-1]) // all attempts failed; the last says why
	}
	if told, ok := errors.AsType[*driver.Neo4jError](err); ok {
		switch code := told.Code; {
		case code == "Neo.ClientError.Security.Unauthorized":
			return unavailable("Neo4j at %s refuses the user %q: its name or password is wrong", c.opts.URI, c.opts.User)
		case code == "Neo.ClientError.Security.AuthenticationRateLimit":
			return unavailable("Neo4j at %s refuses the user %q for a while, after too many wrong passwords", c.opts.URI, c.opts.User)
		case code == "Neo.ClientError.Security.CredentialsExpired":
			return unavailable("the password of the Neo4j user %q has to be changed before it can be used", c.opts.User)
		case strings.HasPrefix(code, "Neo.ClientError.Security."):
			return unavailable("the Neo4j user %q may not do this", c.opts.User)
		case code == "Neo.ClientError.Database.DatabaseNotFound":
			return unavailable("Neo4j at %s has no database %q", c.opts.URI, c.opts.Database)
		case code == "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", code == "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase":
			return unavailable("the database %q can only be read", c.opts.Database)
		case strings.HasPrefix(code, "Neo.ClientError.Transaction.TransactionTimedOut"):
			return unavailable("Neo4j took longer than %s for a query", c.opts.QueryTimeout)
		case code == "Neo.TransientError.General.MemoryPoolOutOfMemoryError":
			return unavailable("Neo4j has not enough memory for a transaction; see its settings dbms.memory.transaction.total.max and db.memory.transaction.max")
		case strings.HasPrefix(code, "Neo.TransientError."):
			return unavailable("Neo4j is busy or short of something")
		case strings.HasPrefix(code, "Neo.DatabaseError."):
			return unavailable("Neo4j has a problem of its own; its log says more")
		}
		return err
	}
	if driver.IsConnectivityError(err) || errors.Is(err, context.DeadlineExceeded) {
		return unavailable("Neo4j at %s cannot be reached", c.opts.URI)
	}
	return err
}
