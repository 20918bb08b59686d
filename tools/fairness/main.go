// Command fairness measures what a good client of a running server feels of
// sixteen hostile ones: it asks small questions alone, then beside them.
//
//	go run ./tools/fairness http://127.0.0.1:8080/graphql
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/internal/test/hostile"
)

// questions are what the good client asks, in turn.
var questions = []string{
	`{technique(attackId:"T1552.007"){attackId name tactics{shortName}}}`,
	`{technique(attackId:"T1059"){name mappings(first:50){totalCount nodes{scoreCategory capability{capabilityId name}}}}}`,
	`{gaps(frameworks:["nist_800_53"],first:50){totalCount nodes{technique{attackId name} state}}}`,
	`{crosswalk(from:"nist_800_53",to:"aws",first:10){totalCount nodes{from{capabilityId} to{capabilityId} shared}}}`,
}

func main() {
	hostiles := flag.Int("hostile", 16, "hostile clients")
	length := flag.Duration("for", 20*time.Second, "how long to measure, each time")
	pause := flag.Duration("pause", 5*time.Millisecond, "the good client's pause between two questions")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: fairness [flags] URL")
		os.Exit(2)
	}
	url := flag.Arg(0)
	ctx := context.Background()
	ask(ctx, url, questions[0]) // the server's first view
	alone := goodClient(ctx, url, *length, *pause)
	report("alone", alone)

	attack, stop := context.WithCancel(ctx)
	var asked, refused atomic.Int64
	var wg sync.WaitGroup
	requests := append(hostile.Written(), hostile.FanOuts(generated.NewExecutableSchema(generated.Config{}).Schema(), 16)...)
	for i := range *hostiles {
		wg.Go(func() {
			for n := i; attack.Err() == nil; n++ {
				status, body := ask(attack, url, requests[n*7%len(requests)].Query)
				asked.Add(1)
				if status != http.StatusOK || bytes.Contains(body[:min(len(body), 2000)], []byte(`"errors"`)) {
					refused.Add(1)
				}
			}
		})
	}
	beside := goodClient(ctx, url, *length, *pause)
	stop()
	wg.Wait()
	report(fmt.Sprintf("beside %d hostile", *hostiles), beside)
	fmt.Printf("median %.1f times of alone; %d hostile requests ended, %d of them refused\n",
		float64(quantile(beside, .5))/float64(quantile(alone, .5)), asked.Load(), refused.Load())
}

// goodClient asks one question after the other, and gives how long each took.
func goodClient(ctx context.Context, url string, length, pause time.Duration) []time.Duration {
	var took []time.Duration
	for i, end := 0, time.Now().Add(length); time.Now().Before(end); i++ {
		start := time.Now()
		status, body := ask(ctx, url, questions[i%len(questions)])
		if status != http.StatusOK || bytes.HasPrefix(body, []byte(`{"errors"`)) {
			log.Printf("the good client was refused: %d %.200s", status, body)
		}
		took = append(took, time.Since(start))
		time.Sleep(pause)
	}
	return took
}

func ask(ctx context.Context, url, query string) (int, []byte) {
	body, _ := json.Marshal(map[string]string{"query": query})
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, text
}

func report(what string, took []time.Duration) {
	fmt.Printf("%-20s %6d questions, median %8s, p99 %8s, longest %8s\n", what, len(took),
		quantile(took, .5).Round(time.Microsecond), quantile(took, .99).Round(time.Microsecond), quantile(took, 1).Round(time.Microsecond))
}

func quantile(took []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
