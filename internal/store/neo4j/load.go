package neo4j

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// LoadOptions say how to load.
type LoadOptions struct {
	// Force loads data that is served already.
	Force bool
	// Grace is how long the generation that was served until now is kept, so that
	// servers can finish the requests that they answer from it.
	Grace time.Duration
	// Progress, if set, is told what is done and how far it is.
	Progress func(Progress)
}

// Progress is how far a load is.
type Progress struct {
	Stage       Stage
	Done, Total int // rows sent; of waiting and removing no total is known
}

// Stage is what a load is doing.
type Stage string

// The stages, in order.
const (
	Preparing Stage = "preparing" // constraints, indexes, the lock, what an earlier load left
	Writing   Stage = "writing"
	Waiting   Stage = "waiting" // for servers to move to the new generation
	Removing  Stage = "removing"
	Finished  Stage = "finished"
)

// Loaded says what a load did.
type Loaded struct {
	Generation    string // the hash of the data
	Already       bool   // it was served before, and nothing was written
	Nodes         int
	Relationships int
	Removed       int // nodes of earlier generations
	Took          time.Duration
}

// ErrLoading says that somebody else loads.
var ErrLoading = errors.New("another load is running")

// errLostLock ends a load that was paused for so long that another took over.
var errLostLock = errors.New("the lock of loads was lost to another load; nothing of this one is served")

const (
	batchSize   = 4000
	removeSize  = 10000
	lease       = 10 * time.Second // of the lock; a load that dies holds up the next one for so long
	loadTimeout = 2 * time.Minute  // of one transaction
	loadRetry   = 30 * time.Second
)

// load is one load under way.
type load struct {
	client  *client
	opts    LoadOptions
	owner   string
	step    int // transactions that were committed under the lock
	result  Loaded
	started time.Time
}

// Load writes a dataset as a new generation and makes it the one that is served.
// The same data again is left as it is. Whatever goes wrong before the last
// moment leaves what was served.
func Load(ctx context.Context, o Options, ds *kg.Dataset, lo LoadOptions) (Loaded, error) {
	o.QueryTimeout, o.RetryTimeout = loadTimeout, loadRetry
	c, err := newClient(o)
	if err != nil {
		return Loaded{}, err
	}
	defer func() { _ = c.close(context.WithoutCancel(ctx)) }()
	if lo.Progress == nil {
		lo.Progress = func(Progress) {}
	}
	l := &load{client: c, opts: lo, owner: token(), started: time.Now(), result: Loaded{Generation: ds.Generation}}
	err = l.run(ctx, ds)
	l.result.Took = time.Since(l.started)
	return l.result, err
}

// token makes a name that nobody else has, of letters and digits.
func token() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return "g" + hex.EncodeToString(b[:])
}

func (l *load) run(ctx context.Context, ds *kg.Dataset) error {
	l.opts.Progress(Progress{Stage: Preparing})
	// An answer soon if the server cannot be had, rather than after all retries.
	if err := l.client.driver.VerifyConnectivity(ctx); err != nil {
		return l.client.explain(ctx, err)
	}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if err := l.lock(ctx); err != nil {
		return err
	}
	defer l.unlock(ctx)
	served, err := l.clean(ctx)
	if err != nil {
		return err
	}
	if served.hash == ds.Generation && served.format == format && !l.opts.Force {
		l.result.Already = true
		l.opts.Progress(Progress{Stage: Finished})
		return nil
	}
	if err := l.write(ctx, ds); err != nil {
		return err
	}
	if served.key != "" {
		if err := l.wait(ctx); err != nil {
			return err
		}
	}
	if _, err := l.clean(ctx); err != nil {
		return fmt.Errorf("the new data is served; removing the old failed, and the next load will: %w", err)
	}
	l.opts.Progress(Progress{Stage: Finished})
	return nil
}

// prepare makes constraints and indexes.
func (l *load) prepare(ctx context.Context) error {
	for text := range strings.SplitSeq(statement("schema"), ";") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if err := l.auto(ctx, text); err != nil {
			return err
		}
	}
	return l.auto(ctx, statement("await_indexes"))
}

// auto runs a statement that must be a transaction of its own. Two that make the
// same index can get in each other's way, and one then has to try again.
func (l *load) auto(ctx context.Context, text string) error {
	for end := time.Now().Add(loadRetry); ; {
		err := l.autoOnce(ctx, text)
		if told, ok := errors.AsType[*driver.Neo4jError](err); ok && told.Code == "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists" {
			return nil // somebody else was faster
		}
		if err == nil || !driver.IsRetryable(err) || time.Now().After(end) {
			return l.client.explain(ctx, err)
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func (l *load) autoOnce(ctx context.Context, text string) error {
	s := l.client.session(ctx, driver.AccessModeWrite)
	defer l.client.closeSession(ctx, s)
	result, err := s.Run(ctx, text, nil, l.client.settings("schema")...)
	if err == nil {
		_, err = result.Consume(ctx)
	}
	return err
}

// transact runs statements in one transaction, once: the lock counts the
// transactions that were committed under it, so that one is not repeated whose
// end was not heard.
func (l *load) transact(ctx context.Context, name string, work func(tx driver.ManagedTransaction) error) error {
	s := l.client.session(ctx, driver.AccessModeWrite)
	defer l.client.closeSession(ctx, s)
	_, err := s.ExecuteWrite(ctx, func(tx driver.ManagedTransaction) (any, error) {
		done, err := l.fence(ctx, tx)
		if err != nil || done {
			return nil, err
		}
		if err := work(tx); err != nil {
			return nil, err
		}
		// Nobody can take the lock before the transaction ends; the lease runs
		// from there, however long the work took.
		_, err = collect(ctx, tx, "renew", map[string]any{"owner": l.owner, "lease": lease.Milliseconds()})
		return nil, err
	}, l.client.settings(name)...)
	if errors.Is(err, errLostLock) {
		return errLostLock
	}
	if err == nil {
		l.step++
	}
	return l.client.explain(ctx, err)
}

// fence renews the lock within a transaction; done says that the transaction
// was committed before.
func (l *load) fence(ctx context.Context, tx driver.ManagedTransaction) (done bool, err error) {
	rows, err := collect(ctx, tx, "fence", map[string]any{"owner": l.owner, "lease": lease.Milliseconds(), "step": l.step + 1})
	if err != nil {
		return false, err
	}
	if len(rows) == 0 {
		return false, errLostLock
	}
	return rows[0].num("done") == l.step+1, nil
}

// collect runs a statement of a transaction and gives its records.
func collect(ctx context.Context, tx driver.ManagedTransaction, name string, params map[string]any) ([]record, error) {
	return collectText(ctx, tx, statement(name), params)
}

func collectText(ctx context.Context, tx driver.ManagedTransaction, text string, params map[string]any) ([]record, error) {
	result, err := tx.Run(ctx, text, params)
	if err != nil {
		return nil, err
	}
	list, err := result.Collect(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]record, len(list))
	for i, r := range list {
		rows[i] = r.AsMap()
	}
	return rows, nil
}

// lock takes the lock of loads. One whose holder does not renew it is waited for
// until its lease is over; one that is renewed is refused.
func (l *load) lock(ctx context.Context) error {
	host, _ := os.Hostname()
	by := fmt.Sprintf("process %d on %s", os.Getpid(), host)
	var first int64
	for {
		s := l.client.session(ctx, driver.AccessModeWrite)
		rows, err := s.ExecuteWrite(ctx, func(tx driver.ManagedTransaction) (any, error) {
			return collect(ctx, tx, "lock", map[string]any{"owner": l.owner, "by": by, "lease": lease.Milliseconds()})
		}, l.client.settings("lock")...)
		l.client.closeSession(ctx, s)
		if err != nil {
			return l.client.explain(ctx, err)
		}
		r := rows.([]record)[0]
		if r.str("owner") == l.owner {
			return nil
		}
		until, _ := r["until"].(int64)
		if first == 0 {
			first = until
		}
		since, _ := r["since"].(int64)
		if until != first {
			return fmt.Errorf("%w: %s has been loading into this database since %s; let it finish, or stop it and try again in %s",
				ErrLoading, r.str("by"), time.UnixMilli(since).UTC().Format(time.DateTime), lease)
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (l *load) unlock(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	s := l.client.session(ctx, driver.AccessModeWrite)
	defer l.client.closeSession(ctx, s)
	// A lock that is not given back ends by itself.
	_, _ = s.ExecuteWrite(ctx, func(tx driver.ManagedTransaction) (any, error) {
		return collect(ctx, tx, "unlock", map[string]any{"owner": l.owner})
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write writes the new generation and makes it the one that is served.
func (l *load) write(ctx context.Context, ds *kg.Dataset) error {
	g := token()
	w := newWriter(g, ds, kg.HeadOf(ds, time.Now().UTC()))
	steps, err := w.steps()
	if err != nil {
		return err
	}
	total, done := 0, 0
	for i := range steps {
		total += steps[i].size
	}
	for i := range steps {
		if err := l.writeStep(ctx, &steps[i], func(n int) {
			done += n
			l.opts.Progress(Progress{Stage: Writing, Done: done, Total: total})
		}); err != nil {
			return err
		}
		l.result.Nodes += steps[i].nodes
		l.result.Relationships += steps[i].relationships
	}
	if err := l.check(ctx, g); err != nil {
		return err
	}
	return l.transact(ctx, "serve", func(tx driver.ManagedTransaction) error {
		rows, err := collect(ctx, tx, "serve", map[string]any{"key": g})
		if err == nil && len(rows) == 0 {
			err = errors.New("the generation that was written is not there")
		}
		return err
	})
}

func (l *load) writeStep(ctx context.Context, s *step, progress func(int)) error {
	made := [2]int{}
	for rows := range batches(s.rows, batchSize) {
		params := map[string]any{"rows": rows}
		for k, v := range s.params {
			params[k] = v
		}
		var counts [2]int
		err := l.transact(ctx, s.statement, func(tx driver.ManagedTransaction) error {
			result, err := tx.Run(ctx, statement(s.statement), params)
			if err != nil {
				return err
			}
			summary, err := result.Consume(ctx)
			if err == nil {
				l.client.notify(s.statement, summary)
				counts = [2]int{summary.Counters().NodesCreated(), summary.Counters().RelationshipsCreated()}
			}
			return err
		})
		if err != nil {
			return err
		}
		made[0] += counts[0]
		made[1] += counts[1]
		progress(len(rows))
	}
	if made != [2]int{s.nodes, s.relationships} {
		return fmt.Errorf("%s made %d nodes and %d relationships, not %d and %d; nothing of this load is served", s.statement, made[0], made[1], s.nodes, s.relationships)
	}
	return nil
}

// batches cuts rows into slices of at most n.
func batches(rows func(yield func(any) bool), n int) func(yield func([]any) bool) {
	return func(yield func([]any) bool) {
		batch := make([]any, 0, n)
		for r := range rows {
			if batch = append(batch, r); len(batch) == n {
				if !yield(batch) {
					return
				}
				batch = make([]any, 0, n)
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// dataLabels are the labels of a generation's nodes, in the order in which they
// are removed.
var dataLabels = []string{"Mapping", "AttackObject", "Capability", "MappingSet", "Framework", "AttackRelease", "Control", "Baseline", "Priority"}

// check counts what was written, in the database.
func (l *load) check(ctx context.Context, g string) error {
	found := 1 // the generation itself
	for _, label := range dataLabels {
		n, err := l.perLabel(ctx, "count", label, map[string]any{"prefix": g + "/"}, "nodes")
		if err != nil {
			return err
		}
		found += n
	}
	if found != l.result.Nodes {
		return fmt.Errorf("the database has %d nodes of this load, not %d; nothing of it is served", found, l.result.Nodes)
	}
	return nil
}

// perLabel runs a statement for one label and gives the number it returns.
func (l *load) perLabel(ctx context.Context, name, label string, params map[string]any, field string) (int, error) {
	n := 0
	err := l.transact(ctx, name, func(tx driver.ManagedTransaction) error {
		rows, err := collectText(ctx, tx, strings.ReplaceAll(statement(name), "LABEL", label), params)
		if err == nil && len(rows) > 0 {
			n = rows[0].num(field)
		}
		return err
	})
	return n, err
}

// wait keeps the generation that was served for a while, and the lock.
func (l *load) wait(ctx context.Context) error {
	l.opts.Progress(Progress{Stage: Waiting})
	for end := time.Now().Add(l.opts.Grace); time.Now().Before(end); {
		if err := sleep(ctx, min(time.Until(end), lease/4)); err != nil {
			return err
		}
		if err := l.transact(ctx, "fence", func(driver.ManagedTransaction) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// served is the generation that is served.
type served struct {
	key, hash string
	format    int
}

// clean removes every generation but the one that is served, and gives that.
func (l *load) clean(ctx context.Context) (served, error) {
	var now served
	var others []string
	err := l.transact(ctx, "generations", func(tx driver.ManagedTransaction) error {
		now, others = served{}, nil
		current, err := collect(ctx, tx, "current", nil)
		if err != nil {
			return err
		}
		all, err := collect(ctx, tx, "generations", nil)
		if err != nil {
			return err
		}
		for _, g := range all {
			if len(current) > 0 && g.str("key") == current[0].str("key") {
				now = served{g.str("key"), g.str("hash"), g.num("format")}
				continue
			}
			others = append(others, g.str("key"))
		}
		return nil
	})
	if err != nil {
		return now, err
	}
	slices.Sort(others)
	for _, g := range others {
		if err := l.remove(ctx, g); err != nil {
			return now, err
		}
	}
	return now, nil
}

// remove removes a generation: first it is marked, so that readers notice, and
// last goes the node by which the next load would find what is left.
func (l *load) remove(ctx context.Context, g string) error {
	marked := false
	err := l.transact(ctx, "mark_removed", func(tx driver.ManagedTransaction) error {
		rows, err := collect(ctx, tx, "mark_removed", map[string]any{"key": g})
		marked = len(rows) > 0
		return err
	})
	if err != nil || !marked {
		return err
	}
	for _, label := range dataLabels {
		for {
			l.opts.Progress(Progress{Stage: Removing, Done: l.result.Removed})
			n, err := l.perLabel(ctx, "remove", label, map[string]any{"prefix": g + "/", "limit": removeSize}, "removed")
			if err != nil {
				return err
			}
			l.result.Removed += n
			if n == 0 {
				break
			}
		}
	}
	return l.transact(ctx, "remove_generation", func(tx driver.ManagedTransaction) error {
		_, err := collect(ctx, tx, "remove_generation", map[string]any{"key": g})
		return err
	})
}
