package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/server"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which build this is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := server.BuildInfo(version)
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "mapgraph %s (%s) %s\n", b.Version, b.Go, b.Revision)
			return err
		},
	}
}

func checkConfigCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check-config",
		Short: "Check the settings, and print what they amount to and where each comes from",
		Args:  cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup, config.AnswerGroup, config.Neo4jGroup, config.LimitGroup, config.ServeGroup, config.LogGroup)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, all, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if _, err := loaderOptions(c); err != nil {
			return err
		}
		return config.Print(cmd.OutOrStdout(), all)
	}
	return cmd
}
