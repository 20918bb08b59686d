package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func checkCommand() *cobra.Command {
	var q question
	want := requirement{minCoverage: -1, maxGaps: -1}
	var out string
	cmd := &cobra.Command{
		Use:   "check [FRAMEWORK...]",
		Short: "Fail where coverage is below what you require: for CI",
		Long: `Holds the coverage of a stack, or of frameworks, against what you require, and lists the gaps. The exit
code is 0 if it is reached, 1 if it is not, 2 for wrong use, 3 for bad input, 4 if the answer could
not be had. Without --min-coverage and --max-gaps everything must be mapped. That a technique is
mapped does not mean that it is prevented.`,
		Example: `  mapgraph check --stack stack.yaml --min-coverage 0.7 --group G0016
  mapgraph check --stack stack.yaml --max-gaps 0 --kev --min-score partial --include-unscored
  mapgraph check --stack stack.yaml --min-coverage 0.7 --format sarif --out mapgraph.sarif
  mapgraph check nist_800_53 --min-coverage 0.7 --format junit --out mapgraph.xml`,
	}
	q.bind(cmd, askStack|askScope|askFilter|askRollUp)
	f := cmd.Flags()
	f.Float64Var(&want.minCoverage, "min-coverage", -1, "least share of the techniques that must be mapped, 0 to 1")
	f.IntVar(&want.maxGaps, "max-gaps", -1, "most techniques that may be left unmapped")
	f.StringVar(&out, "out", "", "file to write; without it standard output")
	// The defaults say that nothing is required, which reads oddly in the help.
	f.Lookup("min-coverage").DefValue, f.Lookup("max-gaps").DefValue = "", ""
	return questionCommand(cmd, []string{"text", "json", "sarif", "junit"}, func(ctx context.Context, s *session, args []string) error {
		if err := want.check(); err != nil {
			return exit(exitWrongUse, err)
		}
		v, err := q.frameworksOrStack(s, args)
		if err != nil {
			return err
		}
		v["orderBy"] = "GROUPS"
		format := s.format
		s.format = "" // collect decodes, whatever the format
		var answer struct{ Gaps gaps }
		if _, err := s.collect(ctx, ask.Query("gaps"), v, []list{{"gaps", "after"}}, &answer); err != nil {
			return err
		}
		r := &checkResult{want: want, gaps: &answer.Gaps, subject: cmp.Or(q.stackFile, strings.Join(args, ", "), "every loaded defence"), stackFile: q.stackFile}
		r.failures = want.failures(&answer.Gaps)
		if err := writeTo(out, s.stdout, func(w io.Writer) error { return r.write(w, format, s) }); err != nil {
			return err
		}
		if len(r.failures) > 0 {
			return exit(exitCheckFailed, fmt.Errorf("check failed: %s", strings.Join(r.failures, "; ")))
		}
		return nil
	})
}

// writeTo writes to a file, or to standard output where none is named.
func writeTo(path string, stdout io.Writer, write func(io.Writer) error) error {
	if path == "" {
		return write(stdout)
	}
	f, err := os.Create(path) //nolint:gosec // the person who runs the command names it
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// requirement is what a check wants; -1 is nothing.
type requirement struct {
	minCoverage float64
	maxGaps     int
}

// check refuses what cannot be meant. Without any requirement all must be mapped.
func (r *requirement) check() error {
	if r.minCoverage > 1 || r.minCoverage < 0 && r.minCoverage != -1 {
		return fmt.Errorf("--min-coverage %v: a share from 0 to 1 is expected, such as 0.7", r.minCoverage)
	}
	if r.maxGaps < -1 {
		return fmt.Errorf("--max-gaps %d: 0 or more is expected", r.maxGaps)
	}
	if r.minCoverage == -1 && r.maxGaps == -1 {
		r.minCoverage = 1
	}
	return nil
}

// failures says which requirements are not met. A scope without techniques
// meets none: a check that looks at nothing must not pass.
func (r *requirement) failures(g *gaps) []string {
	c := &g.Coverage
	if c.Total == 0 {
		return []string{"the scope has no techniques"}
	}
	var list []string
	if r.minCoverage >= 0 && c.Ratio < r.minCoverage {
		list = append(list, fmt.Sprintf("%d of %d techniques (%s) are mapped, and %s are required", c.Mapped, c.Total, export.Percent(c.Ratio), export.Percent(r.minCoverage)))
	}
	if r.maxGaps >= 0 && g.TotalCount > r.maxGaps {
		list = append(list, fmt.Sprintf("%d techniques are not mapped, and at most %d may be", g.TotalCount, r.maxGaps))
	}
	return list
}

type checkResult struct {
	want      requirement
	gaps      *gaps
	subject   string
	stackFile string
	failures  []string
}

func (r *checkResult) write(w io.Writer, format string, s *session) error {
	switch format {
	case "json":
		return r.writeJSON(w)
	case "sarif":
		return r.writeSARIF(w)
	case "junit":
		return r.writeJUnit(w)
	}
	t := s.table
	if w != s.stdout {
		t = tabular.New(w)
	}
	verdict := "passed"
	if len(r.failures) > 0 {
		verdict = "FAILED: " + strings.Join(r.failures, "; ")
	}
	t.Line("%s", verdict)
	r.gaps.write(t)
	return nil
}

func (r *checkResult) writeJSON(w io.Writer) error {
	type technique struct {
		ID       string   `json:"attackId"`
		Name     string   `json:"name"`
		URL      string   `json:"url"`
		Tactics  []string `json:"tactics"`
		State    string   `json:"state"`
		Reason   string   `json:"reason,omitempty"`
		Groups   int      `json:"groups"`
		Software int      `json:"software"`
		Kev      int      `json:"kev"`
	}
	c := &r.gaps.Coverage
	doc := map[string]any{
		"passed": len(r.failures) == 0, "failures": append([]string{}, r.failures...), "subject": r.subject,
		"total": c.Total, "mapped": c.Mapped, "belowThreshold": c.BelowThreshold, "nonMappable": c.NonMappable, "unassessed": c.Unassessed, "ratio": c.Ratio,
	}
	if r.want.minCoverage >= 0 {
		doc["minCoverage"] = r.want.minCoverage
	}
	if r.want.maxGaps >= 0 {
		doc["maxGaps"] = r.want.maxGaps
	}
	list := []technique{}
	for _, g := range r.gaps.Nodes {
		list = append(list, technique{
			ID: g.Technique.AttackID, Name: g.Technique.Name, URL: g.Technique.URL, Tactics: nameList(g.Technique.Tactics),
			State: g.State, Reason: g.Reason, Groups: g.Weights.Groups, Software: g.Weights.Software, Kev: g.Weights.Kev,
		})
	}
	doc["gaps"] = list
	return (&session{stdout: w}).json(doc)
}

func nameList(list []named) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.Name
	}
	return out
}

// writeSARIF writes a result for each gap: an error where the check failed, else
// a note.
func (r *checkResult) writeSARIF(w io.Writer) error {
	doc := report.NewV210Report()
	run := sarif.NewRunWithInformationURI("mapgraph", "https://github.com/mapgraph/mapgraph")
	run.Tool.Driver.WithVersion(version)
	level := "note"
	if len(r.failures) > 0 {
		level = "error"
	}
	for i := range r.gaps.Nodes {
		g := &r.gaps.Nodes[i]
		run.AddRule(g.Technique.AttackID).WithName(g.Technique.Name).WithHelpURI(g.Technique.URL).
			WithShortDescription(sarif.NewMultiformatMessageString().WithText(g.Technique.Name))
		result := sarif.NewRuleResult(g.Technique.AttackID).WithLevel(level).WithMessage(sarif.NewTextMessage(g.say(r.subject)))
		if r.stackFile != "" {
			result.AddLocation(sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().
				WithArtifactLocation(sarif.NewSimpleArtifactLocation(strings.ReplaceAll(r.stackFile, `\`, "/"))).WithRegion(sarif.NewSimpleRegion(1, 1))))
		}
		run.AddResult(result)
	}
	doc.AddRun(run)
	return doc.PrettyWrite(w)
}

// say puts a gap in a sentence.
func (g *gap) say(subject string) string {
	return fmt.Sprintf("%s %s is not mapped by %s: %s. %d groups and %d software use it; %d known exploited vulnerabilities map to it.",
		g.Technique.AttackID, g.Technique.Name, subject, stateText(g.State, g.Reason), g.Weights.Groups, g.Weights.Software, g.Weights.Kev)
}

// writeJUnit writes a test for the requirement and one for each gap: failed
// where the check failed, else skipped.
func (r *checkResult) writeJUnit(w io.Writer) error {
	suite := junit.Testsuite{Name: "mapgraph check", Time: "0"}
	whole := junit.Testcase{Name: "coverage of " + r.subject, Classname: "mapgraph", Time: "0"}
	if len(r.failures) > 0 {
		whole.Failure = &junit.Result{Message: strings.Join(r.failures, "; ")}
	}
	suite.AddTestcase(whole)
	for i := range r.gaps.Nodes {
		g := &r.gaps.Nodes[i]
		test := junit.Testcase{Name: g.Technique.AttackID + " " + g.Technique.Name, Classname: "mapgraph.gaps", Time: "0"}
		if message := g.say(r.subject); len(r.failures) > 0 {
			test.Failure = &junit.Result{Message: message}
		} else {
			test.Skipped = &junit.Result{Message: message}
		}
		suite.AddTestcase(test)
	}
	var all junit.Testsuites
	all.AddSuite(suite)
	if err := all.WriteXML(w); err != nil {
		return errors.Join(errors.New("writing JUnit"), err)
	}
	return nil
}
