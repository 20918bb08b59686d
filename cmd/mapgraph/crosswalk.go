package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func crosswalkCommand() *cobra.Command {
	var q question
	var from []string
	var minShared int
	var minWeighted float64
	order, limit := "weighted", 25
	cmd := &cobra.Command{
		Use:   "crosswalk FROM TO",
		Short: "Pair capabilities of two frameworks by the techniques that both map",
		Long: `Pairs each capability of one framework with those of another that map the same techniques. Nobody
published these pairs: they are inferred, and the techniques in common are the evidence. The weight
of a technique is high where few capabilities map it.`,
		Example: `  mapgraph crosswalk nist_800_53 aws
  mapgraph crosswalk nist_800_53 aws --from AC-2 --from SI-4 --limit 10
  mapgraph crosswalk azure gcp --category detect --min-shared 3`,
		Args: cobra.ExactArgs(2),
	}
	q.bind(cmd, askScope|askFilter)
	f := cmd.Flags()
	f.StringSliceVar(&from, "from", nil, "only pairs of this capability of FROM; repeat for more")
	f.IntVar(&minShared, "min-shared", 0, "only pairs with at least so many techniques in common")
	f.Float64Var(&minWeighted, "min-weighted", 0, "only pairs with at least this weighted similarity, 0 to 1")
	f.Var(&choiceFlag{&order, []string{"weighted", "shared", "jaccard", "from-contained", "to-contained", "from"}}, "order", "what comes first: weighted, shared, jaccard, from-contained, to-contained or from")
	f.IntVar(&limit, "limit", limit, "most pairs to list; 0 for all")
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		v, err := q.variables(s)
		if err != nil {
			return err
		}
		v["from"], v["to"], v["orderBy"], s.limit = args[0], args[1], constant(order), limit
		putNames(v, "fromCapabilities", from)
		if minShared > 0 {
			v["minShared"] = minShared
		}
		if minWeighted > 0 {
			v["minWeighted"] = minWeighted
		}
		var out struct{ Crosswalk crosswalk }
		written, err := s.collect(ctx, ask.Query("crosswalk"), v, []list{{"crosswalk", "after"}}, &out)
		if !written && err == nil {
			out.Crosswalk.write(s.table)
		}
		return err
	})
}

type crosswalk struct {
	TotalCount int
	Nodes      []struct {
		From, To                                      capability
		Shared                                        int
		Jaccard, FromContained, ToContained, Weighted float64
		Techniques                                    []named
	}
}

func (c *crosswalk) write(w *tabular.Writer) {
	w.Line("%d inferred pairs.", c.TotalCount)
	table := &tabular.Table{Headers: []string{"from", "", "to", "", "weighted", "shared", "jaccard", "of from", "of to", "techniques"}, Right: []int{4, 5, 6, 7, 8}}
	for _, p := range c.Nodes {
		list := ids(p.Techniques)
		if len(p.Techniques) > evidenceShown {
			list = fmt.Sprintf("%s and %d more", ids(p.Techniques[:evidenceShown]), len(p.Techniques)-evidenceShown)
		}
		table.Add(p.From.CapabilityID, p.From.Name, p.To.CapabilityID, p.To.Name, decimals(p.Weighted), p.Shared, decimals(p.Jaccard), decimals(p.FromContained), decimals(p.ToContained), list)
	}
	w.Table(table)
}

// evidenceShown is how many techniques of a pair a table lists; JSON has all.
const evidenceShown = 4

func decimals(x float64) string { return strings.TrimPrefix(fmt.Sprintf("%.3f", x), "-") }
