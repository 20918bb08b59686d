package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/stackfile"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func compareCommand() *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Show what coverage a change of stack would gain and lose",
		Long:  `Compares two stacks, each a stack file or a Navigator layer: what if the second took the place of the first.`,
		Example: `  mapgraph compare today.yaml planned.yaml
  mapgraph compare today.yaml planned.yaml --group APT29 --format json`,
		Args: cobra.ExactArgs(2),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	q.bind(cmd, askScope|askFilter)
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		v, err := q.variables(s)
		if err != nil {
			return err
		}
		for i, name := range []string{"a", "b"} {
			stack, err := stackfile.Read(args[i])
			if err != nil {
				return exit(exitBadInput, err)
			}
			v[name] = stack
		}
		var out struct{ CompareStacks stackComparison }
		written, err := s.single(ctx, ask.Query("stacks"), v, &out)
		if !written && err == nil {
			out.CompareStacks.write(s.table)
		}
		return err
	})
}

type stackComparison struct {
	A, B         coverage
	Gained, Lost []named
}

func (c *stackComparison) write(w *tabular.Writer) {
	w.Line("Mapped before: %d of %d (%s). After: %d (%s).", c.A.Mapped, c.A.Total, export.Percent(c.A.Ratio), c.B.Mapped, export.Percent(c.B.Ratio))
	for _, part := range []struct {
		title string
		list  []named
	}{{"Gained", c.Gained}, {"Lost", c.Lost}} {
		if len(part.list) == 0 {
			continue
		}
		w.Heading("%s: %d", part.title, len(part.list))
		table := &tabular.Table{Headers: []string{"technique", "name"}}
		for _, t := range part.list {
			table.Add(t.AttackID, t.Name)
		}
		w.Table(table)
	}
}
