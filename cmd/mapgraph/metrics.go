package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/mapgraph/mapgraph/internal/admit"
	"github.com/mapgraph/mapgraph/internal/store"
)

// figures gives what a pool of caches and a gate know of themselves when metrics
// are gathered.
type figures struct {
	pool   *store.Pool
	gate   *admit.Gate
	outbox *admit.Outbox
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("mapgraph_"+name, help, labels, nil)
}

var (
	cacheEntries   = describe("cache_entries", "Values that are kept, by kind.", "kind")
	cacheBytes     = describe("cache_bytes", "About how many bytes the values take that are kept, by kind.", "kind")
	cacheHits      = describe("cache_hits_total", "Asks for a value that was there or in the making, by kind.", "kind")
	cacheMisses    = describe("cache_misses_total", "Asks for which a value had to be made, by kind.", "kind")
	cacheEvictions = describe("cache_evictions_total", "Values given up for others, by kind.", "kind")
	cacheFailures  = describe("cache_failures_total", "Values that could not be made, by kind.", "kind")
	cacheFill      = describe("cache_fill_seconds_total", "Time that making values took, by kind.", "kind")
	running        = describe("requests_running", "Requests that run, by lane.", "lane")
	waiting        = describe("requests_waiting", "Requests that wait for their turn.")
	unread         = describe("unread_bytes", "Bytes of answers that are on their way.")
)

// Describe is for the registry.
func (f figures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, ch) }

// Collect gives the figures as they are.
func (f figures) Collect(ch chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, t prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, t, v, labels...)
	}
	for kind, s := range f.pool.Stats() {
		send(cacheEntries, prometheus.GaugeValue, float64(s.Entries), kind)
		send(cacheBytes, prometheus.GaugeValue, float64(s.Bytes), kind)
		send(cacheHits, prometheus.CounterValue, float64(s.Hits), kind)
		send(cacheMisses, prometheus.CounterValue, float64(s.Misses), kind)
		send(cacheEvictions, prometheus.CounterValue, float64(s.Evictions), kind)
		send(cacheFailures, prometheus.CounterValue, float64(s.Failures), kind)
		send(cacheFill, prometheus.CounterValue, s.FillTime.Seconds(), kind)
	}
	load := f.gate.Load()
	send(running, prometheus.GaugeValue, float64(load.Small), "small")
	send(running, prometheus.GaugeValue, float64(load.Large), "large")
	send(waiting, prometheus.GaugeValue, float64(load.Waiting))
	send(unread, prometheus.GaugeValue, float64(f.outbox.Held()))
}
