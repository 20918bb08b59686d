package gqlhttp

import (
	"context"
	"errors"
	"maps"
	"math"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/budget"
)

// Estimate is what an operation is thought to take before it runs.
type Estimate struct {
	Least  int64         // values of its answer at the very least; what is beyond Limits.Values is refused at once
	Likely int64         // values of its answer
	Time   time.Duration // of a processor; what takes long begins among the large requests
}

// smallTime is what a request may take of a processor before it is a large one.
const smallTime = 10 * time.Millisecond

// job is a request at work: what it may use, and its place among the others.
type job struct {
	budget   *budget.Budget
	ticket   *admit.Ticket // nil without a gate
	estimate Estimate
}

// begin lets an operation in, waiting for its turn, and gives the context that
// it runs in. The job must be ended.
func (e *edge) begin(ctx context.Context, r *http.Request, estimate Estimate) (context.Context, *job, *refusal) {
	j := &job{estimate: estimate}
	if e.gate != nil {
		var err error
		j.ticket, err = e.gate.Enter(ctx, e.client(r), max(1, float64(j.estimate.Time)/1e6), j.estimate.Time > smallTime)
		if err != nil {
			return ctx, nil, e.turnedAway(ctx, err)
		}
	}
	j.budget = budget.New(ctx, budget.Limits{
		budget.Fields: e.limits.Values, budget.Bytes: e.limits.AnswerBytes, budget.Work: e.limits.Work,
	}).Paced(func(used time.Duration) error { return j.pace(ctx, used) })
	return budget.With(ctx, j.budget), j, nil
}

// end gives the request's place to another.
func (j *job) end() {
	if j.ticket != nil {
		j.ticket.Leave()
	}
}

// isLarge tells whether the request was among the large ones.
func (j *job) isLarge() bool {
	return j.budget.Time() > smallTime || j.estimate.Time > smallTime
}

// pace moves a request that proves to be large among the large ones, and lets
// others in between.
func (j *job) pace(ctx context.Context, used time.Duration) error {
	if j.ticket == nil {
		return nil
	}
	if used > smallTime {
		if err := j.ticket.Grow(ctx, float64(used)/1e6); err != nil {
			return err
		}
	}
	if j.ticket.IsLarge() && j.ticket.OthersCame() && runtime.GOMAXPROCS(0) == 1 {
		// A sole processor looks for what has arrived when nothing else is to be
		// done, or every 10 ms.
		time.Sleep(time.Microsecond)
	}
	return nil
}

// turnedAway is for a request whose turn did not come.
func (e *edge) turnedAway(ctx context.Context, err error) *refusal {
	busy, ok := errors.AsType[*admit.BusyError](err)
	if !ok {
		return &refusal{status: http.StatusServiceUnavailable, err: e.present.present(ctx, err)}
	}
	no := refuse(http.StatusServiceUnavailable, "%s", busy.Error())
	no.err.Extensions["code"] = CodeUnavailable
	return no.with("Retry-After", strconv.Itoa(int(math.Ceil(busy.RetryAfter.Seconds()))))
}

// clientAddress tells clients apart by address; of IPv6 by the network that is
// usually one client's.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}

// exceeded is the answer to a request that used more than it may, or whose time
// ran out while it was counted; nil if neither.
func (e *edge) exceeded(ctx context.Context, j *job) *graphql.Response {
	err := j.budget.Err()
	if err == nil {
		return nil
	}
	own := e.present.present(ctx, err)
	if over, ok := errors.AsType[*budget.ExceededError](err); ok {
		own = codedError(CodeLimitExceeded, over.Error())
		own.Extensions["limit"] = over.Unit.String()
		own.Extensions["max"] = over.Limit
	} else if busy, ok := errors.AsType[*admit.BusyError](err); ok {
		own = codedError(CodeUnavailable, busy.Error())
	}
	return &graphql.Response{Errors: gqlerror.List{own}, Data: []byte("null")}
}

// countedFields counts the values that the executor resolves one by one.
type countedFields struct{}

var _ graphql.FieldInterceptor = countedFields{}

// ExtensionName names the extension.
func (countedFields) ExtensionName() string { return "CountedFields" }

// Validate accepts any schema.
func (countedFields) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptField takes a value from the request's budget. The error ends the
// request, so it does not matter what each field makes of it.
func (countedFields) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	if err := budget.From(ctx).Spend(budget.Fields, 1); err != nil {
		return nil, err
	}
	return next(ctx)
}

// costReport is what extensions.cost of an answer says.
type costReport struct {
	Estimated costFigures `json:"estimated"`
	Used      costFigures `json:"used"`
	Limits    costFigures `json:"limits"`
}

type costFigures struct {
	Values       int64   `json:"values"`
	Bytes        int64   `json:"bytes,omitempty"`
	Work         int64   `json:"work,omitempty"`
	Milliseconds float64 `json:"milliseconds,omitempty"`
}

// wantsCost tells whether a request asks for extensions.cost.
func wantsCost(p *graphql.RawParams) bool {
	want, _ := p.Extensions["cost"].(bool)
	return want
}

func (j *job) report(answerBytes int) costReport {
	b := j.budget
	return costReport{
		Estimated: costFigures{Values: j.estimate.Likely, Milliseconds: float64(j.estimate.Time.Microseconds()) / 1e3},
		Used: costFigures{
			Values: b.Used(budget.Fields), Bytes: int64(answerBytes), Work: b.Used(budget.Work),
			Milliseconds: float64(b.Time().Microseconds()) / 1e3,
		},
		Limits: costFigures{Values: b.Limit(budget.Fields), Bytes: b.Limit(budget.Bytes), Work: b.Limit(budget.Work)},
	}
}

func withCost(extensions map[string]any, report costReport) map[string]any {
	all := map[string]any{"cost": report}
	maps.Copy(all, extensions)
	return all
}
