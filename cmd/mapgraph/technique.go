package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func techniqueCommand() *cobra.Command {
	var q question
	var comments bool
	cmd := &cobra.Command{
		Use:   "technique ID [FRAMEWORK...]",
		Short: "Show what is mapped to a technique, framework by framework",
		Example: `  mapgraph technique T1552.007
  mapgraph technique t1552/007 aws azure gcp --comments
  mapgraph technique T1078 nist_800_53 --min-score partial --include-unscored
  mapgraph technique T1552.007 --format json | jq '.technique.mappings.totalCount'`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeAfterFirst,
	}
	q.bind(cmd, askFilter)
	cmd.Flags().BoolVar(&comments, "comments", false, "show the comments of each mapping; the facts edition has none")
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		v, err := q.variables(s)
		if err != nil {
			return err
		}
		v["attackId"] = args[0]
		if len(args) > 1 {
			filter, _ := v["filter"].(map[string]any)
			if filter == nil {
				filter = map[string]any{}
				v["filter"] = filter
			}
			filter["frameworks"], v["frameworks"] = args[1:], args[1:]
		}
		var out struct{ Technique *techniquePage }
		written, err := s.collect(ctx, ask.Query("technique"), v, []list{{"technique.mappings", "after"}}, &out)
		if written || err != nil {
			return err
		}
		if out.Technique == nil {
			return exit(exitWrongUse, fmt.Errorf("ATT&CK has no technique %s in this view", args[0]))
		}
		out.Technique.write(s, comments)
		return nil
	})
}

// completeAfterFirst completes frameworks behind an argument of another kind.
func completeAfterFirst(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeFrameworks(cmd, args, word)
}

// The parts of answers that several commands decode.
type (
	named struct {
		AttackID, Name string
	}
	framework struct {
		FrameworkID, Name string
	}
	capability struct {
		Framework          framework
		CapabilityID, Name string
	}
	weights struct {
		Groups, Software, Kev int
		TopTechniques         *float64
	}
)

type techniquePage struct {
	named
	URL, AttackVersion, Status string
	RevokedBy                  *named
	Description                string
	Tactics                    []named
	Platforms                  []string
	Parent                     *named
	Subtechniques              []named
	Weights                    weights
	Coverage                   []struct {
		Framework                     framework
		State, Reason                 string
		CapabilityCount, MappingCount int
		Best                          []struct{ Category, Value string }
	}
	Mappings struct {
		TotalCount int
		Nodes      []techniqueMapping
	}
	Groups, Software, Mitigations []named
}

type techniqueMapping struct {
	Capability                                                 capability
	Relation, ScoreCategory, ScoreValue, Comments, AlignedFrom string
	References                                                 []struct{ URL, Raw string }
}

func (t *techniquePage) write(s *session, comments bool) {
	w := s.table
	w.Heading("%s %s", t.AttackID, t.Name)
	w.Line("%s  ATT&CK %s, %s", t.URL, t.AttackVersion, words(t.Status))
	if t.RevokedBy != nil {
		w.Line("revoked by %s %s", t.RevokedBy.AttackID, t.RevokedBy.Name)
	}
	if t.Parent != nil {
		w.Line("sub-technique of %s %s", t.Parent.AttackID, t.Parent.Name)
	}
	w.Line("tactics: %s; platforms: %s", names(t.Tactics), strings.Join(t.Platforms, ", "))
	w.Line("used by %d groups and %d software; %d known exploited vulnerabilities map to it%s", t.Weights.Groups, t.Weights.Software, t.Weights.Kev, topText(t.Weights.TopTechniques))
	if len(t.Subtechniques) > 0 {
		w.Line("sub-techniques: %s", ids(t.Subtechniques))
	}
	w.Heading("Coverage")
	table := &tabular.Table{Headers: []string{"framework", "state", "capabilities", "mappings", "best"}, Right: []int{2, 3}}
	for _, c := range t.Coverage {
		var best []string
		for _, b := range c.Best {
			best = append(best, strings.TrimSpace(words(b.Category)+" "+words(b.Value)))
		}
		table.Add(c.Framework.Name, stateText(c.State, c.Reason), c.CapabilityCount, c.MappingCount, strings.Join(best, ", "))
	}
	w.Table(table)
	t.writeMappings(s, comments)
}

func (t *techniquePage) writeMappings(s *session, comments bool) {
	for from := 0; from < len(t.Mappings.Nodes); {
		fw := t.Mappings.Nodes[from].Capability.Framework
		to := from
		table := &tabular.Table{Headers: []string{"capability", "name", "relation", "score"}}
		if comments {
			table.Headers = append(table.Headers, "comments")
		}
		for ; to < len(t.Mappings.Nodes) && t.Mappings.Nodes[to].Capability.Framework == fw; to++ {
			m := &t.Mappings.Nodes[to]
			row := []any{m.Capability.CapabilityID, m.Capability.Name, words(m.Relation), strings.TrimSpace(words(m.ScoreCategory) + " " + words(m.ScoreValue))}
			if comments {
				row = append(row, m.Comments)
			}
			table.Add(row...)
		}
		s.table.Heading("%s", fw.Name)
		s.table.Table(table)
		from = to
	}
}

func topText(top *float64) string {
	if top == nil {
		return ""
	}
	return fmt.Sprintf("; %.2f in the Top ATT&CK Techniques list", *top)
}

// words writes an enum value as people do.
func words(constant string) string { return strings.ToLower(strings.ReplaceAll(constant, "_", " ")) }

var reasonTexts = map[string]string{
	"SILENT": "the mappings are silent", "NEW_SINCE_MAPPING": "newer than the mappings",
	"RETIRED_BEFORE_MAPPING": "retired before the mappings", "UNKNOWN": "no mappings to ask",
}

func stateText(state, reason string) string {
	if reason == "" {
		return words(state)
	}
	return words(state) + ": " + reasonTexts[reason]
}

func names(list []named) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.Name
	}
	return strings.Join(out, ", ")
}

func ids(list []named) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.AttackID
	}
	return strings.Join(out, ", ")
}
