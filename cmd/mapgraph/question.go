package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/stackfile"
)

// question is what the flags of a question command narrow it to.
type question struct {
	stackFile string
	domain    string
	sets      []string

	categories, relations []string
	minScore              string
	includeUnscored       bool

	techniques, tactics, platforms, groups, software, campaigns []string
	kev                                                         bool
	level                                                       string

	rollUp string
}

// The parts of a question that a command may take.
const (
	askStack = 1 << iota
	askScope
	askFilter
	askRollUp
)

// bind adds the flags of a question, with those parts.
func (q *question) bind(cmd *cobra.Command, parts int) {
	f := cmd.Flags()
	if parts&askStack != 0 {
		f.StringVar(&q.stackFile, "stack", "", "what you own: a stack file, YAML or JSON, or a Navigator layer")
	}
	if parts&askScope != 0 {
		f.StringSliceVar(&q.groups, "group", nil, "only techniques that a group uses: id, name or alias; repeat for more")
		f.StringSliceVar(&q.software, "software", nil, "only techniques that software uses; repeat for more")
		f.StringSliceVar(&q.campaigns, "campaign", nil, "only techniques that a campaign uses; repeat for more")
		f.StringSliceVar(&q.tactics, "tactic", nil, "only techniques of a tactic: short name, name or id; repeat for more")
		f.StringSliceVar(&q.platforms, "platform", nil, "only techniques of a platform; repeat for more")
		f.StringSliceVar(&q.techniques, "technique", nil, "only this technique; repeat for more")
		f.BoolVar(&q.kev, "kev", false, "only techniques that known exploited vulnerabilities map to")
		f.Var(&choiceFlag{&q.level, []string{"all", "techniques", "sub-techniques"}}, "level", "all, techniques or sub-techniques")
	}
	if parts&askFilter != 0 {
		f.Var(&choicesFlag{&q.categories, []string{"protect", "detect", "respond"}}, "category", "only mappings scored protect, detect or respond count; repeat for more")
		f.Var(&choiceFlag{&q.minScore, []string{"minimal", "partial", "significant"}}, "min-score", "only mappings scored at least minimal, partial or significant count")
		f.BoolVar(&q.includeUnscored, "include-unscored", false, "let mappings without a score pass --category and --min-score")
		f.Var(&choicesFlag{&q.relations, []string{"mitigates", "scored", "exploitation-technique", "primary-impact", "secondary-impact", "related-to", "other"}}, "relation", "only mappings of a relation, such as mitigates or scored; repeat for more")
	}
	if parts&askRollUp != 0 {
		f.Var(&choiceFlag{&q.rollUp, []string{"none", "parent-if-any-child", "parent-if-all-children", "children-of-mapped-parent"}}, "roll-up", "how states move between techniques and sub-techniques: none, parent-if-any-child, parent-if-all-children or children-of-mapped-parent")
	}
	f.Var(&choiceFlag{&q.domain, []string{"enterprise", "mobile", "ics"}}, "domain", "enterprise, mobile or ics (default enterprise)")
	f.StringSliceVar(&q.sets, "set", nil, "mapping set that speaks for its framework, such as aws/12.12.2024@16.1/enterprise; repeat for more")
}

// variables gives the question as the API's arguments.
func (q *question) variables(s *session) (map[string]any, error) {
	v := map[string]any{"view": q.view(s)}
	filter := map[string]any{}
	putNames(filter, "categories", constants(q.categories))
	putNames(filter, "relations", constants(q.relations))
	if q.minScore != "" {
		filter["minScore"] = constant(q.minScore)
	}
	if q.includeUnscored {
		filter["includeUnscored"] = true
	}
	scope := map[string]any{}
	putNames(scope, "techniques", q.techniques)
	putNames(scope, "tactics", q.tactics)
	putNames(scope, "platforms", q.platforms)
	putNames(scope, "groups", q.groups)
	putNames(scope, "software", q.software)
	putNames(scope, "campaigns", q.campaigns)
	if q.kev {
		scope["kevOnly"] = true
	}
	if q.level != "" {
		scope["level"] = constant(q.level)
	}
	if len(filter) > 0 {
		v["filter"] = filter
	}
	if len(scope) > 0 {
		v["scope"] = scope
	}
	if q.rollUp != "" {
		v["rollUp"] = constant(q.rollUp)
	}
	if q.stackFile != "" {
		stack, err := stackfile.Read(q.stackFile)
		if err != nil {
			return nil, exit(exitBadInput, err)
		}
		v["stack"] = stack
	}
	return v, nil
}

func (q *question) view(s *session) map[string]any {
	view := map[string]any{}
	if q.domain != "" {
		view["domain"] = constant(q.domain)
	}
	if s.config.AttackVersion != "" {
		view["attackVersion"] = s.config.AttackVersion
	}
	putNames(view, "sets", q.sets)
	return view
}

func putNames(m map[string]any, key string, names []string) {
	if len(names) > 0 {
		m[key] = names
	}
}

// constant gives an enum value as the API writes it.
func constant(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "_")) }

func constants(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = constant(s)
	}
	return out
}

// choiceFlag is a flag that takes one of some words.
type choiceFlag struct {
	value *string
	of    []string
}

func (c *choiceFlag) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Set takes a word in any case, with _ or - between its parts.
func (c *choiceFlag) Set(s string) error {
	word, err := chosen(s, c.of)
	*c.value = word
	return err
}

// Type names the flag's value in the help.
func (c *choiceFlag) Type() string { return "word" }

// choicesFlag is a flag that takes some of some words.
type choicesFlag struct {
	values *[]string
	of     []string
}

func (c *choicesFlag) String() string {
	if c.values == nil {
		return ""
	}
	return strings.Join(*c.values, ",")
}

// Set adds words, separated by commas.
func (c *choicesFlag) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		word, err := chosen(part, c.of)
		if err != nil {
			return err
		}
		*c.values = append(*c.values, word)
	}
	return nil
}

// Type names the flag's value in the help.
func (c *choicesFlag) Type() string { return "words" }

func chosen(s string, of []string) (string, error) {
	word := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if !slices.Contains(of, word) {
		return "", errors.New(strings.Join(of, ", ") + " is expected")
	}
	return word, nil
}

// completeFlags lets shells complete the words of flags, and files of --stack.
func completeFlags(cmd *cobra.Command) {
	for name, words := range flagWords(cmd) {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
	if cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = completeFrameworks
	}
}

func flagWords(cmd *cobra.Command) map[string][]string {
	words := map[string][]string{}
	for _, name := range []string{"format", "level", "category", "min-score", "relation", "roll-up", "domain", "order", "weight"} {
		if f := cmd.Flags().Lookup(name); f != nil {
			switch v := f.Value.(type) {
			case *choiceFlag:
				words[name] = v.of
			case *choicesFlag:
				words[name] = v.of
			}
		}
	}
	return words
}

// completeFrameworks completes the ids of the published frameworks.
func completeFrameworks(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, f := range kg.KnownFrameworks() {
		if !slices.Contains(args, f.ID) {
			ids = append(ids, f.ID+"\t"+f.Name)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// frameworksOrStack gives the variables of a question about frameworks, a stack,
// or by default every defence.
func (q *question) frameworksOrStack(s *session, frameworks []string) (map[string]any, error) {
	v, err := q.variables(s)
	if err == nil && len(frameworks) > 0 {
		v["frameworks"] = frameworks
	}
	return v, err
}
