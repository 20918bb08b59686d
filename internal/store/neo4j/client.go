package neo4j

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"github.com/mapgraph/mapgraph/internal/store"
)

// Options say where Neo4j is and how to talk to it.
type Options struct {
	URI      string // such as neo4j://127.0.0.1:7687
	User     string // empty where the server asks for none
	Password string
	Database string // empty for the user's home database

	QueryTimeout time.Duration // of a transaction, ended on the server too; 0 for 10 s
	RetryTimeout time.Duration // how long a transaction is tried again after a passing failure; 0 for 3 s

	// Cache keeps what was fetched; one of its own if nil.
	Cache *store.Pool

	// Observe, if set, is told the name of each query before it is sent.
	Observe func(query string)
	// Notify, if set, is told of what the server remarks on a query.
	Notify func(query string, notification driver.Notification)
}

const (
	defaultQueryTimeout = 10 * time.Second
	defaultRetryTimeout = 3 * time.Second
	connectTimeout      = 3 * time.Second
	poolWait            = 5 * time.Second
	fetchSize           = 5000 // records that the server sends at a time

	// lookTime is how long a look at whether the database answers may take.
	lookTime = 3 * time.Second
)

// client runs the embedded queries.
type client struct {
	opts   Options
	driver driver.DriverWithContext

	mu   sync.Mutex
	live context.Context         // ends, with the reason, when the database stops answering
	give context.CancelCauseFunc // ends it
}

func newClient(o Options) (*client, error) {
	if o.QueryTimeout == 0 {
		o.QueryTimeout = defaultQueryTimeout
	}
	if o.RetryTimeout == 0 {
		o.RetryTimeout = defaultRetryTimeout
	}
	auth := driver.NoAuth()
	if o.User != "" {
		auth = driver.BasicAuth(o.User, o.Password, "")
	}
	d, err := driver.NewDriverWithContext(o.URI, auth, func(c *config.Config) {
		c.UserAgent = "mapgraph"
		c.SocketConnectTimeout = connectTimeout
		c.ConnectionAcquisitionTimeout = poolWait
		c.MaxTransactionRetryTime = o.RetryTimeout
		c.FetchSize = fetchSize
		c.TelemetryDisabled = true
	})
	if err != nil {
		return nil, err
	}
	o.Password = ""
	c := &client{opts: o, driver: d}
	c.live, c.give = context.WithCancelCause(context.Background())
	return c, nil
}

// answers notes whether the database answered when it was looked at. While it
// does not, queries are given up at once instead of each waiting for its own end.
func (c *client) answers(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch gone := c.live.Err() != nil; {
	case err == nil && gone:
		c.live, c.give = context.WithCancelCause(context.Background())
	case err != nil && !gone:
		c.give(err)
	}
}

func (c *client) lives() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live
}

// looking is in the context of a look, which is made whether the database
// answers or not.
type looking struct{}

// look runs the query that says which generation is served. It ends soon, for
// it is also how a database that hangs is told from one that is busy.
func (c *client) look(ctx context.Context) (keys []string, err error) {
	look, cancel := context.WithTimeoutCause(context.WithValue(ctx, looking{}, true), lookTime, errHangs)
	defer cancel()
	keys, err = read(look, c, "current", nil, func(r record) (string, error) { return r.str("key"), nil })
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = c.unavailable(errHangs)
	}
	return keys, err
}

// errHangs is the cause where the database does not answer at all.
var errHangs = fmt.Errorf("no answer within %s", lookTime)

func (c *client) unavailable(cause error) error {
	return fmt.Errorf("%w: Neo4j at %s cannot be reached, or does not answer: %w", store.ErrUnavailable, c.opts.URI, cause)
}

func (c *client) close(ctx context.Context) error { return c.driver.Close(ctx) }

// session opens a session. Sessions share their bookmarks, so that on a cluster
// each reads at least what the one before it has seen.
func (c *client) session(ctx context.Context, mode driver.AccessMode) driver.SessionWithContext {
	return c.driver.NewSession(ctx, driver.SessionConfig{
		AccessMode: mode, DatabaseName: c.opts.Database, FetchSize: fetchSize,
		BookmarkManager: c.driver.ExecuteQueryBookmarkManager(),
	})
}

// settings are those of a transaction: the server ends it on time, and tells
// who runs it to whoever looks.
func (c *client) settings(query string) []func(*driver.TransactionConfig) {
	return []func(*driver.TransactionConfig){
		driver.WithTxTimeout(c.opts.QueryTimeout),
		driver.WithTxMetadata(map[string]any{"app": "mapgraph", "query": query}),
	}
}

// read runs a query that only reads, and turns each record into a value. A
// transaction that is tried again starts anew.
func read[T any](ctx context.Context, c *client, query string, params map[string]any, value func(record) (T, error)) ([]T, error) {
	if c.opts.Observe != nil {
		c.opts.Observe(query)
	}
	caller, live := ctx, c.lives()
	if ctx.Value(looking{}) == nil {
		if err := context.Cause(live); err != nil {
			return nil, err
		}
	} else {
		live = context.Background()
	}
	// The server is told of a deadline by the transaction's timeout, but does not
	// hear of a caller who gives up, nor does a connection that hangs.
	ctx, cancel := context.WithTimeout(ctx, c.opts.QueryTimeout+c.opts.RetryTimeout)
	defer cancel()
	defer context.AfterFunc(live, cancel)()
	s := c.session(ctx, driver.AccessModeRead)
	defer c.closeSession(ctx, s)
	list, err := s.ExecuteRead(ctx, func(tx driver.ManagedTransaction) (any, error) {
		result, err := tx.Run(ctx, statement(query), params)
		if err != nil {
			return nil, err
		}
		var list []T
		for result.Next(ctx) {
			v, err := value(result.Record().AsMap())
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		summary, err := result.Consume(ctx)
		if err == nil {
			c.notify(query, summary)
		}
		return list, err
	}, c.settings(query)...)
	switch {
	case err == nil:
		return list.([]T), nil
	case caller.Err() != nil:
		return nil, caller.Err()
	case live.Err() != nil:
		return nil, context.Cause(live)
	case ctx.Err() != nil:
		return nil, c.unavailable(err)
	}
	return nil, c.explain(ctx, err)
}

func (c *client) notify(query string, summary driver.ResultSummary) {
	if c.opts.Notify == nil {
		return
	}
	for _, n := range summary.Notifications() {
		c.opts.Notify(query, n)
	}
}

// closeSession gives the connection back even where the caller has given up.
func (c *client) closeSession(ctx context.Context, s driver.SessionWithContext) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	_ = s.Close(ctx)
}
