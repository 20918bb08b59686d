package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

var attackVersion = regexp.MustCompile(`^v?\d+\.\d+$`)

func diffCommand() *cobra.Command {
	var domain string
	var raw bool
	limit := 0
	cmd := &cobra.Command{
		Use:   "diff FROM TO",
		Short: "Show what changed between two mapping sets, or two ATT&CK releases",
		Long: `Compares two mapping sets of one framework and domain, aligned to the ATT&CK release of the second,
or two releases of ATT&CK where FROM and TO are versions such as 15.1.`,
		Example: `  mapgraph diff aws/09.21.2021@9.0/enterprise aws/12.12.2024@16.1/enterprise --data data
  mapgraph diff 15.1 16.1
  mapgraph diff 17.1 18.1 --domain ics --data data --format json`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.Var(&choiceFlag{&domain, []string{"enterprise", "mobile", "ics"}}, "domain", "domain of the releases: enterprise, mobile or ics (default enterprise)")
	f.BoolVar(&raw, "as-written", false, "compare technique ids of mapping sets as they are written, without alignment")
	f.IntVar(&limit, "limit", 0, "most entries of each list; 0 for all")
	return questionCommand(cmd, tableOrJSON, func(ctx context.Context, s *session, args []string) error {
		s.limit = limit
		if attackVersion.MatchString(args[0]) && attackVersion.MatchString(args[1]) {
			return diffAttack(ctx, s, domain, args[0], args[1])
		}
		return diffMappings(ctx, s, args[0], args[1], !raw)
	})
}

func diffMappings(ctx context.Context, s *session, from, to string, align bool) error {
	var out struct{ MappingDiff mappingDiff }
	lists := []list{{"mappingDiff.added", "afterAdded"}, {"mappingDiff.removed", "afterRemoved"}, {"mappingDiff.rescored", "afterRescored"}}
	written, err := s.collect(ctx, ask.Query("mapping-diff"), map[string]any{"from": from, "to": to, "align": align}, lists, &out)
	if !written && err == nil {
		out.MappingDiff.write(s.table)
	}
	return err
}

type mappingDiff struct {
	AttackVersion                                                       string
	AddedCount, RemovedCount, RescoredCount, UnalignedFrom, UnalignedTo int
	Added, Removed, Rescored                                            struct{ Nodes []diffEntry }
	CapabilitiesAdded, CapabilitiesRemoved                              []capability
	CapabilitiesRetitled                                                []struct {
		Capability    capability
		Before, After string
	}
}

type diffEntry struct {
	Capability    capability
	AttackID      string
	Technique     *named
	Category      string
	Before, After []string
}

func (d *mappingDiff) write(w *tabular.Writer) {
	w.Line("%d mappings added, %d removed, %d rescored, in ATT&CK %s.", d.AddedCount, d.RemovedCount, d.RescoredCount, d.AttackVersion)
	if d.UnalignedFrom+d.UnalignedTo > 0 {
		w.Line("Without a place in it, and left out: %d of the first and %d of the second.", d.UnalignedFrom, d.UnalignedTo)
	}
	for _, part := range []struct {
		title string
		list  []diffEntry
	}{{"Added", d.Added.Nodes}, {"Removed", d.Removed.Nodes}, {"Rescored", d.Rescored.Nodes}} {
		if len(part.list) == 0 {
			continue
		}
		w.Heading("%s", part.title)
		table := &tabular.Table{Headers: []string{"capability", "name", "technique", "", "category", "before", "after"}}
		for _, e := range part.list {
			name := ""
			if e.Technique != nil {
				name = e.Technique.Name
			}
			table.Add(e.Capability.CapabilityID, e.Capability.Name, e.AttackID, name, words(e.Category), words(strings.Join(e.Before, ", ")), words(strings.Join(e.After, ", ")))
		}
		w.Table(table)
	}
	d.writeCapabilities(w)
}

func (d *mappingDiff) writeCapabilities(w *tabular.Writer) {
	for _, part := range []struct {
		title string
		list  []capability
	}{{"Capabilities added", d.CapabilitiesAdded}, {"Capabilities removed", d.CapabilitiesRemoved}} {
		if len(part.list) > 0 {
			w.Heading("%s", part.title)
			table := &tabular.Table{Headers: []string{"capability", "name"}}
			for _, c := range part.list {
				table.Add(c.CapabilityID, c.Name)
			}
			w.Table(table)
		}
	}
	if len(d.CapabilitiesRetitled) > 0 {
		w.Heading("Capabilities retitled")
		table := &tabular.Table{Headers: []string{"capability", "before", "after"}}
		for _, c := range d.CapabilitiesRetitled {
			table.Add(c.Capability.CapabilityID, c.Before, c.After)
		}
		w.Table(table)
	}
}

func diffAttack(ctx context.Context, s *session, domain, from, to string) error {
	v := map[string]any{"from": from, "to": to}
	if domain != "" {
		v["domain"] = constant(domain)
	}
	var out struct{ AttackDiff attackDiff }
	written, err := s.single(ctx, ask.Query("attack-diff"), v, &out)
	if !written && err == nil {
		out.AttackDiff.write(s.table)
	}
	return err
}

type attackDiff struct {
	Added, Deprecated, Removed []named
	Revoked                    []struct {
		Technique named
		Successor *named
	}
	Renamed []struct {
		Technique     named
		Before, After string
	}
	TacticsChanged, Reparented []moved
}

type moved struct {
	Technique     named
	Before, After []string
}

func (d *attackDiff) write(w *tabular.Writer) {
	plain := func(title string, list []named) {
		if len(list) > 0 {
			w.Heading("%s: %d", title, len(list))
			table := &tabular.Table{Headers: []string{"technique", "name"}}
			for _, t := range list {
				table.Add(t.AttackID, t.Name)
			}
			w.Table(table)
		}
	}
	change := func(title string, list []moved) {
		if len(list) > 0 {
			w.Heading("%s: %d", title, len(list))
			table := &tabular.Table{Headers: []string{"technique", "name", "before", "after"}}
			for _, m := range list {
				table.Add(m.Technique.AttackID, m.Technique.Name, strings.Join(m.Before, ", "), strings.Join(m.After, ", "))
			}
			w.Table(table)
		}
	}
	plain("Added", d.Added)
	if len(d.Revoked) > 0 {
		w.Heading("Revoked: %d", len(d.Revoked))
		table := &tabular.Table{Headers: []string{"technique", "name", "successor"}}
		for _, r := range d.Revoked {
			successor := "none"
			if r.Successor != nil {
				successor = fmt.Sprintf("%s %s", r.Successor.AttackID, r.Successor.Name)
			}
			table.Add(r.Technique.AttackID, r.Technique.Name, successor)
		}
		w.Table(table)
	}
	plain("Deprecated", d.Deprecated)
	plain("No longer there", d.Removed)
	if len(d.Renamed) > 0 {
		w.Heading("Renamed: %d", len(d.Renamed))
		table := &tabular.Table{Headers: []string{"technique", "before", "after"}}
		for _, r := range d.Renamed {
			table.Add(r.Technique.AttackID, r.Before, r.After)
		}
		w.Table(table)
	}
	change("Moved between tactics", d.TacticsChanged)
	change("Of another parent", d.Reparented)
}
