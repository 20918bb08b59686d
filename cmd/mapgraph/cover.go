package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func coverCommand() *cobra.Command {
	var q question
	var target float64
	var budget int
	var exact bool
	weight := "equal"
	cmd := &cobra.Command{
		Use:   "cover FRAMEWORK...",
		Short: "Find few capabilities that map much: what to add, in which order",
		Long: `Picks capabilities of the frameworks that together map every technique of the scope that any of them
maps and the stack does not: each time the one that adds most. --exact looks for a smallest set.`,
		Example: `  mapgraph cover nist_800_53 --group APT29 --budget 5
  mapgraph cover aws azure --stack stack.yaml --weight groups --target 0.8
  mapgraph cover nist_800_53 --exact`,
		Args: cobra.MinimumNArgs(1),
	}
	q.bind(cmd, askStack|askScope|askFilter)
	f := cmd.Flags()
	f.Float64Var(&target, "target", 1, "share of the weight that is enough, above 0 and at most 1")
	f.IntVar(&budget, "budget", 0, "most capabilities to pick; 0 for as many as it takes")
	f.BoolVar(&exact, "exact", false, "look for a smallest set, for some seconds")
	f.Var(&choiceFlag{&weight, []string{"equal", "groups", "software", "kev", "top-techniques"}}, "weight", "what a technique weighs: equal, groups, software, kev or top-techniques")
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		v, err := q.frameworksOrStack(s, args)
		if err != nil {
			return err
		}
		v["owned"] = v["stack"]
		delete(v, "stack")
		if v["target"] = target; budget > 0 {
			v["budget"] = budget
		}
		if weight != "equal" {
			v["weight"] = constant(weight)
		}
		if exact {
			v["method"] = "EXACT"
		}
		var out struct{ ControlCover controlCover }
		written, err := s.single(ctx, ask.Query("cover"), v, &out)
		if !written && err == nil {
			out.ControlCover.write(s.table)
		}
		return err
	})
}

type controlCover struct {
	Total, Covered, Candidates, LowerBound int
	Proven                                 bool
	Picks                                  []struct {
		Capability  capability
		Gain, Ratio float64
		Covered     int
		Techniques  []named
	}
	Uncovered []named
}

func (c *controlCover) write(w *tabular.Writer) {
	w.Line("%d of %d techniques with %d of %d capabilities.", c.Covered, c.Total, len(c.Picks), c.Candidates)
	switch {
	case len(c.Picks) == 0:
		w.Line("Nothing to pick: no capability maps anything of the scope that is not owned already.")
		return
	case c.Proven || c.LowerBound == len(c.Picks):
		w.Line("No smaller set does as much: that is proven.")
	default:
		w.Line("No set of fewer than %d does as much.", c.LowerBound)
	}
	table := &tabular.Table{Headers: []string{"", "framework", "capability", "name", "adds", "covered", "share"}, Right: []int{0, 4, 5, 6}}
	for i, p := range c.Picks {
		table.Add(i+1, p.Capability.Framework.FrameworkID, p.Capability.CapabilityID, p.Capability.Name, p.Gain, p.Covered, export.Percent(p.Ratio))
	}
	w.Table(table)
	if len(c.Uncovered) > 0 {
		w.Heading("Left uncovered")
		w.Line("%s", ids(c.Uncovered))
	}
}
