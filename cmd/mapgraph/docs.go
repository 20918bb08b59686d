package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/config"
)

// docsCommand writes the parts of the documentation that the program knows best.
func docsCommand() *cobra.Command {
	docs := &cobra.Command{Use: "docs", Short: "Write generated documentation", Hidden: true, Args: cobra.NoArgs}
	docs.AddCommand(&cobra.Command{
		Use:   "settings",
		Short: "Write the table of settings in Markdown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := fmt.Fprint(cmd.OutOrStdout(), "# Settings\n\nA flag outranks the environment, which outranks the default. "+
				"`mapgraph check-config` prints what is in force.\n\n"); err != nil {
				return err
			}
			return config.Markdown(cmd.OutOrStdout(), config.DataGroup, config.ServerGroup, config.AnswerGroup, config.Neo4jGroup, config.LimitGroup, config.ServeGroup, config.LogGroup)
		},
	})
	return docs
}
