package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/agents"
	"github.com/mapgraph/mapgraph/internal/config"
)

func mcpCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Serve the questions as tools for agents, over the Model Context Protocol",
		Long: `Serves the questions as tools for agents, over the Model Context Protocol on standard input and output.
Nothing can be changed through it, and the limits of a server hold. An agent's configuration names
the command, such as {"command": "mapgraph", "args": ["mcp", "--data", "/path/to/data"]}.`,
		Example: `  mapgraph mcp                                   # over the embedded facts edition
  mapgraph mcp --data data
  mapgraph mcp --server https://mapgraph.example.org`,
		Args: cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.ServerGroup, config.DataGroup, config.AnswerGroup, config.Neo4jGroup, config.LimitGroup, config.LogGroup)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		api, err := openAPI(cmd.Context(), c, limitsOf(c), cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		err = agents.NewServer(api, version).Run(cmd.Context(), agents.Lines{In: cmd.InOrStdin(), Out: cmd.OutOrStdout()})
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	return cmd
}
