package gqlhttp

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mapgraph/mapgraph/internal/direct"
)

// Observation is what is known of a request once it is answered.
type Observation struct {
	Operation string // query, mutation, subscription; none where no operation was found
	Name      string // the operation's, as the client chose it
	Code      string // OK, UNCHANGED where the client has the answer, CANCELED where it has gone, or the code of the first error
	Status    int    // of HTTP
	Cost      int64  // values of the answer, as estimated; 0 where they were not
	Bytes     int    // of the answer, before it was compressed
	Duration  time.Duration
}

func (o outcome) observation(status, size int, took time.Duration) Observation {
	seen := Observation{Operation: "none", Code: "OK", Status: status, Bytes: size, Duration: took}
	if o.operation != nil {
		seen.Name = o.operation.OperationName
		seen.Cost = estimateOf(o.operation).Likely
		if op := o.operation.Operation; op != nil {
			seen.Operation = string(op.Operation)
			seen.Name = op.Name
		}
	}
	switch {
	case o.canceled:
		seen.Code = "CANCELED"
	case o.refusal != nil:
		seen.Code, _ = o.refusal.err.Extensions["code"].(string)
	case len(o.response.Errors) > 0:
		seen.Code = codeOf(o.response.Errors)
	}
	return seen
}

// Metrics counts and times requests.
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	bytes    prometheus.Histogram
	direct   *prometheus.CounterVec
}

// NewMetrics makes metrics that a registry gathers. Labels take their values
// from fixed lists: the names that clients give operations are none.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "mapgraph_graphql_requests_total",
			Help: "GraphQL requests answered, by type of operation and code of the first error.",
		}, []string{"operation", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mapgraph_graphql_request_duration_seconds",
			Help:    "Time from a GraphQL request to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
		bytes: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "mapgraph_graphql_response_bytes",
			Help:    "Length of GraphQL answers before compression.",
			Buckets: prometheus.ExponentialBuckets(256, 4, 9),
		}),
	}
	m.direct = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "mapgraph_graphql_executions_total",
		Help: "GraphQL queries executed, by how: written directly, or why they were left to the executor.",
	}, []string{"how"})
	reg.MustRegister(m.requests, m.duration, m.bytes, m.direct)
	return m
}

// ObserveDirect records how a query was executed. It is meant for an executor's
// Options.Observe.
func (m *Metrics) ObserveDirect(_ context.Context, r direct.Reason) {
	if r == "" {
		r = "direct"
	}
	m.direct.WithLabelValues(string(r)).Inc()
}

// Observe records a request. It is meant for Options.Observe.
func (m *Metrics) Observe(_ context.Context, o Observation) {
	code := o.Code
	if code != "OK" && code != "UNCHANGED" && code != "CANCELED" && !slices.Contains(knownCodes, code) {
		code = "OTHER"
	}
	m.requests.WithLabelValues(o.Operation, code).Inc()
	m.duration.WithLabelValues(o.Operation).Observe(o.Duration.Seconds())
	m.bytes.Observe(float64(o.Bytes))
}

var knownCodes = Codes()
