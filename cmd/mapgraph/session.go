package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/gqlhttp"
	"github.com/mapgraph/mapgraph/internal/plain"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/tabular"
)

// session is one question command at work: whom it asks, and where it writes.
type session struct {
	api    *ask.API
	config config.Config
	stdout io.Writer
	stderr io.Writer
	table  *tabular.Writer
	format string
	limit  int // items of a list; 0 for all
}

// questionCommand makes a command that asks the API. run is called with a
// session that is open.
func questionCommand(cmd *cobra.Command, formats []string, run func(context.Context, *session, []string) error) *cobra.Command {
	s := &session{}
	if len(formats) > 0 {
		s.format = formats[0]
		cmd.Flags().Var(&choiceFlag{&s.format, formats}, "format", "form of the output: "+strings.Join(formats, " or "))
	}
	where := pflag.NewFlagSet("where", pflag.ContinueOnError)
	l := config.Bind(where, config.ServerGroup, config.DataGroup, config.AnswerGroup, config.Neo4jGroup)
	own := pflag.NewFlagSet("own", pflag.ContinueOnError)
	cmd.Flags().VisitAll(own.AddFlag)
	cmd.Flags().AddFlagSet(where)
	groupFlags(cmd, own, where)
	completeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := s.open(cmd, l); err != nil {
			return err
		}
		return run(cmd.Context(), s, args)
	}
	return cmd
}

// groupFlags makes the help list what a command asks before where the answer
// comes from.
func groupFlags(cmd *cobra.Command, own, where *pflag.FlagSet) {
	cmd.SetUsageFunc(func(cmd *cobra.Command) error {
		const width = 100
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "Usage:\n  %s\n\nExamples:\n%s\n\nFlags:\n%s\nWhere the answer comes from:\n%s",
			cmd.UseLine(), cmd.Example, own.FlagUsagesWrapped(width), where.FlagUsagesWrapped(width))
		return err
	})
}

func (s *session) open(cmd *cobra.Command, l *config.Loader) error {
	c, _, err := settings(l, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	s.config, s.stdout, s.stderr, s.table = c, cmd.OutOrStdout(), cmd.ErrOrStderr(), tabular.New(cmd.OutOrStdout())
	s.api, err = openAPI(cmd.Context(), c, graph.Limits{}, cmd.ErrOrStderr())
	return err
}

// openAPI gives the API that the settings name: a server's, or one of this
// process over the data folder, the facts edition or Neo4j.
func openAPI(ctx context.Context, c config.Config, limits gqlhttp.Limits, stderr io.Writer) (*ask.API, error) {
	if c.Server != "" {
		if c.Data != "" {
			return nil, exit(exitWrongUse, errors.New("--server and --data: a server answers from data of its own; name one of them"))
		}
		return ask.Remote(c.Server), nil
	}
	log := newLogger(c, stderr)
	st, err := openStore(ctx, c, store.NewPool(cmp.Or(c.CacheSize, store.DefaultCacheBytes)), log, stderr)
	if err != nil {
		return nil, err
	}
	if err := readySoon(ctx, st); err != nil {
		return nil, err
	}
	return ask.Local(graph.NewHandler(graph.Options{Store: st, AttackVersion: c.AttackVersion, Timeout: c.RequestTimeout, Limits: limits, Log: log})), nil
}

// readySoon says why a store cannot answer, to the one who can mend it.
func readySoon(ctx context.Context, st store.Store) error {
	err := st.Ready(ctx)
	if errors.Is(err, store.ErrUnavailable) {
		return exit(exitUnreachable, err)
	}
	return err
}

// do asks one question and decodes the answer.
func (s *session) do(ctx context.Context, query string, variables map[string]any, out any) error {
	return answerError(s.api.Do(ctx, query, variables, out))
}

// answerError gives an error of an answer its exit code.
func answerError(err error) error {
	var e *ask.Error
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, ask.ErrUnreachable):
		return exit(exitUnreachable, err)
	case errors.As(err, &e):
		switch e.Code {
		case "UNAVAILABLE", "TIMEOUT", "INTERNAL":
			return exit(exitUnreachable, err)
		}
	}
	return exit(exitWrongUse, err)
}

// list names a connection in an answer, and the variable of its cursor.
type list struct{ path, after string }

// pageSize is how many items are asked for at once.
const pageSize = 1000

// collect asks a question page by page until each list has all that the limit
// lets through, puts the pages together, and decodes the whole into out, or
// writes it as JSON where that is the format; then it says so.
func (s *session) collect(ctx context.Context, query string, variables map[string]any, lists []list, out any) (written bool, err error) {
	variables["first"] = pageSize
	if s.limit > 0 {
		variables["first"] = min(s.limit, pageSize)
	}
	var whole map[string]any
	nodes := map[string][]any{} // of each list, by path
	for more := true; more; {
		var page map[string]any
		if err := s.do(ctx, query, variables, &page); err != nil {
			return false, err
		}
		if whole == nil {
			whole = page
		}
		more = false
		for _, l := range lists {
			c := connectionAt(page, l.path)
			if c == nil {
				continue // what it would be a list of does not exist
			}
			nodes[l.path] = append(nodes[l.path], c["nodes"].([]any)...)
			info := c["pageInfo"].(map[string]any)
			if end, ok := info["endCursor"].(string); ok {
				variables[l.after] = end
			}
			connectionAt(whole, l.path)["pageInfo"] = info
			more = more || info["hasNextPage"] == true && (s.limit == 0 || len(nodes[l.path]) < s.limit)
		}
	}
	for path, list := range nodes {
		connectionAt(whole, path)["nodes"] = list
	}
	return s.decode(whole, lists, out)
}

func (s *session) decode(whole map[string]any, lists []list, out any) (written bool, err error) {
	for _, l := range lists {
		c := connectionAt(whole, l.path)
		if c == nil {
			continue
		}
		nodes := c["nodes"].([]any)
		if s.limit > 0 && len(nodes) > s.limit {
			c["nodes"], nodes = nodes[:s.limit], nodes[:s.limit]
		}
		total, counted := c["totalCount"].(float64)
		if counted && int(total) > len(nodes) {
			_, _ = fmt.Fprintf(s.stderr, "mapgraph: %d of %d shown; --limit 0 shows all\n", len(nodes), int(total))
		}
	}
	if s.format == "json" {
		return true, s.json(whole)
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return false, err
	}
	return false, json.Unmarshal(text, out)
}

// connectionAt digs for a connection by a path of keys; nil where something on
// the way is null.
func connectionAt(data map[string]any, path string) map[string]any {
	for key := range strings.SplitSeq(path, ".") {
		next, ok := data[key].(map[string]any)
		if !ok {
			return nil
		}
		data = next
	}
	return data
}

// single asks a question without lists, and decodes it or writes it as JSON.
func (s *session) single(ctx context.Context, query string, variables map[string]any, out any) (written bool, err error) {
	if s.format != "json" {
		return false, s.do(ctx, query, variables, out)
	}
	var data any
	if err := s.do(ctx, query, variables, &data); err != nil {
		return false, err
	}
	return true, s.json(data)
}

func (s *session) json(data any) error {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(data); err != nil {
		return err
	}
	_, err := io.WriteString(s.stdout, plain.JSON(text.String()))
	return err
}

// tableOrJSON are the formats of most commands.
var tableOrJSON = []string{"table", "json"}
