package neo4j

import (
	"context"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
)

// Options say where Neo4j is and how to talk to it.
type Options struct {
	URI      string // such as neo4j://127.0.0.1:7687
	User     string // empty where the server asks for none
	Password string
	Database string // empty for the user's home database

	QueryTimeout time.Duration // of a transaction, ended on the server too; 0 for 10 s
	RetryTimeout time.Duration // how long a transaction is tried again after a passing failure; 0 for 3 s

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
)

// client runs the embedded queries.
type client struct {
	opts   Options
	driver driver.DriverWithContext
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
	return &client{opts: o, driver: d}, nil
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
	// The server is told of a deadline by the transaction's timeout, but does not
	// hear of a caller who gives up, nor does a connection that hangs.
	ctx, cancel := context.WithTimeout(ctx, c.opts.QueryTimeout+c.opts.RetryTimeout)
	defer cancel()
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
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	return list.([]T), nil
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
