package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func overlapCommand() *cobra.Command {
	var q question
	var techniques bool
	cmd := &cobra.Command{
		Use:   "overlap FRAMEWORK FRAMEWORK...",
		Short: "Show which techniques frameworks map in common, alone and not at all",
		Example: `  mapgraph overlap aws azure gcp
  mapgraph overlap aws azure gcp --category detect --min-score partial
  mapgraph overlap nist_800_53 cri_profile csa_ccm --group G0016 --techniques`,
		Args: cobra.MinimumNArgs(2),
	}
	q.bind(cmd, askScope|askFilter|askRollUp)
	cmd.Flags().BoolVar(&techniques, "techniques", false, "list the techniques of each region")
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		v, err := q.frameworksOrStack(s, args)
		if err != nil {
			return err
		}
		var out struct{ Overlap overlap }
		written, err := s.single(ctx, ask.Query("overlap"), v, &out)
		if !written && err == nil {
			out.Overlap.write(s.table, techniques)
		}
		return err
	})
}

type overlap struct {
	Frameworks []framework
	Universe   int
	All, None  struct{ TotalCount int }
	Regions    []struct {
		Frameworks []framework
		TotalCount int
		Techniques struct{ Nodes []struct{ Technique named } }
	}
	Pairwise []struct {
		A, B    framework
		Shared  int
		Jaccard float64
	}
}

func (o *overlap) write(w *tabular.Writer, techniques bool) {
	w.Line("Of %d techniques, %d are mapped by all and %d by none.", o.Universe, o.All.TotalCount, o.None.TotalCount)
	w.Heading("Mapped by exactly these")
	table := &tabular.Table{Headers: []string{"techniques", "share"}, Right: []int{0, 1}}
	for _, f := range o.Frameworks {
		table.Headers = append(table.Headers, f.FrameworkID)
	}
	if techniques {
		table.Headers = append(table.Headers, "ids")
	}
	for _, r := range o.Regions {
		in := map[string]bool{}
		for _, f := range r.Frameworks {
			in[f.FrameworkID] = true
		}
		row := []any{r.TotalCount, export.PercentOf(r.TotalCount, o.Universe)}
		for _, f := range o.Frameworks {
			row = append(row, map[bool]string{true: "x", false: "."}[in[f.FrameworkID]])
		}
		if techniques {
			var ids []string
			for _, n := range r.Techniques.Nodes {
				ids = append(ids, n.Technique.AttackID)
			}
			row = append(row, strings.Join(ids, ", "))
		}
		table.Add(row...)
	}
	w.Table(table)
	w.Heading("In common, two by two: techniques, and their share of what either maps")
	pairs := &tabular.Table{Headers: []string{""}}
	for i, f := range o.Frameworks {
		pairs.Headers = append(pairs.Headers, f.FrameworkID)
		pairs.Right = append(pairs.Right, i+1)
	}
	for i := range o.Frameworks {
		row := []any{o.Frameworks[i].FrameworkID}
		for j := range o.Frameworks {
			p := o.Pairwise[i*len(o.Frameworks)+j]
			row = append(row, fmt.Sprintf("%d  %.2f", p.Shared, p.Jaccard))
		}
		pairs.Add(row...)
	}
	w.Table(pairs)
}
