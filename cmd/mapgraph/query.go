package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/plain"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

func queryCommand() *cobra.Command {
	var variables string
	var pairs []string
	cmd := &cobra.Command{
		Use:   "query QUERY|FILE|-",
		Short: "Ask any GraphQL query, and print the answer as JSON or as tables",
		Long: `Asks a GraphQL query: the text itself, a file that holds it, or - for standard input. Answers are
printed as the API gives them; --format table draws lists as tables.`,
		Example: `  mapgraph query '{ frameworks { frameworkId name kind } }' --format table
  mapgraph query examples/02-cloud-overlap.graphql
  mapgraph query examples/01-technique-page.graphql --server https://mapgraph.example.org
  echo 'query($id: String!) { technique(attackId: $id) { name } }' | mapgraph query - --var id=T1003`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"graphql"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().StringVar(&variables, "variables", "", "variables of the query, a JSON object")
	cmd.Flags().StringArrayVar(&pairs, "var", nil, "one variable, NAME=VALUE, where the value is JSON or else a text; repeat for more")
	return questionCommand(cmd, []string{"json", "table"}, func(ctx context.Context, s *session, args []string) error {
		text, err := queryText(args[0], cmd.InOrStdin())
		if err != nil {
			return err
		}
		v, err := queryVariables(variables, pairs)
		if err != nil {
			return err
		}
		var data json.RawMessage
		if err := s.do(ctx, text, v, &data); err != nil {
			return err
		}
		if s.format == "json" {
			return s.indented(data)
		}
		return drawJSON(s.table, data)
	})
}

// queryText tells a query from the name of a file: a query has a brace.
func queryText(arg string, stdin io.Reader) (string, error) {
	switch {
	case arg == "-":
		text, err := io.ReadAll(stdin)
		return string(text), err
	case strings.Contains(arg, "{"):
		return arg, nil
	}
	text, err := os.ReadFile(arg)
	return string(text), exit(exitWrongUse, err)
}

func queryVariables(text string, pairs []string) (map[string]any, error) {
	v := map[string]any{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return nil, exit(exitWrongUse, fmt.Errorf("--variables: a JSON object is expected: %w", err))
		}
	}
	if v == nil {
		v = map[string]any{} // null is an object without members
	}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, exit(exitWrongUse, fmt.Errorf("--var %q: NAME=VALUE is expected", pair))
		}
		var decoded any
		if json.Unmarshal([]byte(value), &decoded) != nil {
			decoded = value
		}
		v[name] = decoded
	}
	return v, nil
}

// indented writes an answer with its fields in the order of the query.
func (s *session) indented(data json.RawMessage) error {
	var out strings.Builder
	if err := indentJSON(&out, data); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.stdout, out.String())
	return err
}

func indentJSON(out *strings.Builder, data json.RawMessage) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(data)
	text := plain.JSON(strings.TrimRight(out.String(), "\n"))
	out.Reset()
	out.WriteString(text)
	return err
}

// object is a JSON object with its members in order.
type object []member

type member struct {
	name  string
	value any // nil, bool, json.Number, string, []any or object
}

// parseOrdered decodes JSON and keeps the order of members.
func parseOrdered(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := parseOrdered(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{name.(string), value})
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			item, err := parseOrdered(d)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = d.Token()
		return list, err
	}
	return t, nil
}

// drawJSON draws any answer: lists of objects as tables, all else as a list of
// fields.
func drawJSON(w *tabular.Writer, data json.RawMessage) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	v, err := parseOrdered(d)
	if err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the answer goes on behind its JSON value")
	}
	o, ok := v.(object)
	if !ok {
		return errors.New("the answer has no data")
	}
	draw(w, "", o)
	return nil
}

func draw(w *tabular.Writer, path string, o object) {
	fields := &tabular.Table{Headers: []string{"field", "value"}}
	type part struct {
		path string
		rows []any
	}
	var parts []part
	var visit func(prefix string, o object)
	visit = func(prefix string, o object) {
		for _, m := range o {
			name := strings.TrimPrefix(prefix+"."+m.name, ".")
			switch v := m.value.(type) {
			case object:
				visit(name, v)
			case []any:
				rows := objectsOf(v)
				if rows == nil {
					fields.Add(name, cellText(v))
				} else {
					parts = append(parts, part{strings.TrimSuffix(strings.TrimSuffix(name, ".nodes"), ".edges"), rows})
				}
			default:
				fields.Add(name, cellText(v))
			}
		}
	}
	visit(path, o)
	if len(fields.Rows) > 0 {
		w.Table(fields)
	}
	for _, p := range parts {
		w.Heading("%s", p.path)
		drawRows(w, p.rows)
	}
}

// objectsOf gives a list's objects; nil if it has none.
func objectsOf(list []any) []any {
	for _, item := range list {
		if _, ok := item.(object); ok {
			return list
		}
	}
	return nil
}

func drawRows(w *tabular.Writer, rows []any) {
	table := &tabular.Table{}
	columns := map[string]int{}
	flat := make([]map[string]string, len(rows))
	for i, row := range rows {
		flat[i] = map[string]string{}
		if o, ok := row.(object); ok {
			flatten("", o, func(name, value string) {
				if _, known := columns[name]; !known {
					columns[name] = len(table.Headers)
					table.Headers = append(table.Headers, name)
				}
				flat[i][name] = value
			})
		}
	}
	for _, row := range flat {
		cells := make([]any, len(table.Headers))
		for i, name := range table.Headers {
			cells[i] = row[name]
		}
		table.Add(cells...)
	}
	w.Table(table)
}

// flatten names the fields below an object by their path, without the node of
// an edge.
func flatten(prefix string, o object, put func(name, value string)) {
	for _, m := range o {
		name := strings.TrimPrefix(prefix+"."+m.name, ".")
		if inner, ok := m.value.(object); ok {
			if m.name == "node" {
				name = prefix
			}
			flatten(name, inner, put)
			continue
		}
		put(name, cellText(m.value))
	}
}

// cellText writes a value into a cell: lists with commas, objects by their values.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = cellText(item)
		}
		return strings.Join(parts, ", ")
	case object:
		var parts []string
		for _, m := range v {
			parts = append(parts, cellText(m.value))
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}
