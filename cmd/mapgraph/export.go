package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/plain"
)

// exportFormats are the formats by the names that people type.
var exportFormats = []struct{ name, format, help string }{
	{"navigator", "NAVIGATOR_COVERAGE", "ATT&CK Navigator layer 4.5 of every technique"},
	{"navigator-gaps", "NAVIGATOR_GAPS", "ATT&CK Navigator layer 4.5 of what is not mapped"},
	{"coverage-csv", "COVERAGE_CSV", "a line for each technique"},
	{"gaps-csv", "GAPS_CSV", "a line for each technique that is not mapped"},
	{"mappings-csv", "MAPPINGS_CSV", "a line for each mapping, with comments and references"},
	{"unified", "UNIFIED_JSON", "mapping files in the unified schema, one a framework"},
	{"stix", "STIX", "STIX 2.1 bundle of the mappings"},
	{"oscal", "OSCAL_PROFILE", "OSCAL profile of the NIST controls that are mapped"},
	{"markdown", "GAP_REPORT_MARKDOWN", "gap report in Markdown"},
	{"html", "GAP_REPORT_HTML", "gap report as a web page with charts"},
}

func exportCommand() *cobra.Command {
	var q question
	var out string
	var known strings.Builder
	for _, f := range exportFormats {
		_, _ = fmt.Fprintf(&known, "  %-15s %s\n", f.name, f.help)
	}
	cmd := &cobra.Command{
		Use:   "export FORMAT [FRAMEWORK...]",
		Short: "Write mappings, coverage or a gap report in other tools' formats",
		Long: `Writes the mappings or the coverage of frameworks, or of a stack, in another tool's format. Without
frameworks and stack every loaded framework that is a defence is asked. Every file says which data,
versions, scope and filter it came from. Formats:

` + known.String(),
		Example: `  mapgraph export html --stack stack.yaml --group APT29 --out report.html
  mapgraph export navigator aws azure --attack-version 16.1 > layer.json
  mapgraph export unified --data data --out files/
  mapgraph export oscal nist_800_53 --group G0016 > profile.json`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return completeFrameworks(cmd, args, word)
			}
			var names []string
			for _, f := range exportFormats {
				names = append(names, f.name+"\t"+f.help)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	q.bind(cmd, askStack|askScope|askFilter|askRollUp)
	cmd.Flags().StringVar(&out, "out", "", "file to write, or a folder for several; without it standard output")
	return questionCommand(cmd, nil, func(ctx context.Context, s *session, args []string) error {
		i := slices.IndexFunc(exportFormats, func(f struct{ name, format, help string }) bool { return f.name == args[0] })
		if i < 0 {
			return exit(exitWrongUse, fmt.Errorf("no format %q; there are:\n%s", args[0], known.String()))
		}
		v, err := q.frameworksOrStack(s, args[1:])
		if err != nil {
			return err
		}
		v["format"] = exportFormats[i].format
		var answer struct{ Export []document }
		if err := s.do(ctx, ask.Query("export"), v, &answer); err != nil {
			return err
		}
		return writeDocuments(answer.Export, out, s.stdout, s.stderr)
	})
}

// isTerminal tells whether a person reads what is written.
var isTerminal = func(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type document struct{ FileName, Content string }

func writeDocuments(docs []document, out string, stdout, stderr io.Writer) error {
	folder := strings.HasSuffix(out, "/")
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		folder = true
	}
	switch {
	case len(docs) == 0:
		return exit(exitWrongUse, errors.New("none of the frameworks has a mapping set in this view: nothing to export"))
	case len(docs) > 1 && !folder:
		return exit(exitWrongUse, fmt.Errorf("%d files to write, one a framework: name a folder with --out DIR/, or one framework", len(docs)))
	case out == "":
		content := docs[0].Content
		if isTerminal(stdout) {
			content = plain.Text(content)
		}
		_, err := io.WriteString(stdout, content)
		return err
	case !folder:
		return os.WriteFile(out, []byte(docs[0].Content), 0o644) //nolint:gosec // a report is for others to read
	}
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // as above
		return err
	}
	for _, d := range docs {
		path := filepath.Join(out, filepath.Base(d.FileName))
		if err := os.WriteFile(path, []byte(d.Content), 0o644); err != nil { //nolint:gosec // as above
			return err
		}
		_, _ = fmt.Fprintf(stderr, "mapgraph: wrote %s\n", path)
	}
	return nil
}
