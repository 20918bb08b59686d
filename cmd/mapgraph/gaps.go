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

func gapsCommand() *cobra.Command {
	var q question
	order := "groups"
	limit := 0
	cmd := &cobra.Command{
		Use:   "gaps [FRAMEWORK...]",
		Short: "List the techniques that nothing maps, those that most groups use first",
		Long: `Lists the techniques that none of the frameworks, or nothing in the stack, maps, with how much
attackers use each. Without frameworks and stack every loaded framework that is a defence is asked.
That a technique is mapped does not mean that it is prevented.`,
		Example: `  mapgraph gaps aws azure gcp --group APT29
  mapgraph gaps --stack stack.yaml --tactic initial-access --order kev
  mapgraph gaps nist_800_53 --kev --format json | jq -r '.gaps.nodes[].technique.attackId'`,
	}
	q.bind(cmd, askStack|askScope|askFilter|askRollUp)
	cmd.Flags().Var(&choiceFlag{&order, []string{"groups", "software", "kev", "top-techniques", "attack-id", "name"}}, "order", "what comes first: groups, software, kev, top-techniques, attack-id or name")
	cmd.Flags().IntVar(&limit, "limit", 0, "most techniques to list; 0 for all")
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		v, err := q.frameworksOrStack(s, args)
		if err != nil {
			return err
		}
		s.limit, v["orderBy"] = limit, constant(order)
		var out struct{ Gaps gaps }
		written, err := s.collect(ctx, ask.Query("gaps"), v, []list{{"gaps", "after"}}, &out)
		if !written && err == nil {
			out.Gaps.write(s.table)
		}
		return err
	})
}

// coverage counts techniques by state.
type coverage struct {
	Total, Mapped, BelowThreshold, NonMappable, Unassessed int
	Ratio                                                  float64
	ByFramework                                            []struct{ Framework framework }
}

type gaps struct {
	TotalCount int
	Coverage   coverage
	Nodes      []gap
}

type gap struct {
	Technique struct {
		named
		URL, AttackVersion string
		Tactics            []named
	}
	State, Reason string
	Weights       weights
}

func (g *gaps) write(w *tabular.Writer) {
	w.Line("%s", g.Coverage.headline())
	if len(g.Nodes) == 0 {
		return
	}
	table := &tabular.Table{Headers: []string{"technique", "name", "tactics", "state", "groups", "software", "KEV"}, Right: []int{4, 5, 6}}
	for _, n := range g.Nodes {
		table.Add(n.Technique.AttackID, n.Technique.Name, names(n.Technique.Tactics), stateText(n.State, n.Reason), n.Weights.Groups, n.Weights.Software, n.Weights.Kev)
	}
	w.Table(table)
}

// headline says how much is mapped, and how the rest divides.
func (c *coverage) headline() string {
	var by []string
	for _, f := range c.ByFramework {
		by = append(by, f.Framework.Name)
	}
	who := strings.Join(by, ", ")
	if who == "" {
		who = "what is owned"
	}
	text := fmt.Sprintf("%d of %d techniques (%s) are mapped by %s.", c.Mapped, c.Total, export.Percent(c.Ratio), who)
	for _, part := range []struct {
		n    int
		what string
	}{{c.BelowThreshold, "mapped, but not as the filter asks"}, {c.NonMappable, "declared non-mappable"}, {c.Unassessed, "with nothing mapped"}} {
		if part.n > 0 {
			text += fmt.Sprintf(" %d %s.", part.n, part.what)
		}
	}
	return text
}
