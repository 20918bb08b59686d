package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/loader"
)

func factsCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "facts",
		Short: "Build the facts edition that the program embeds",
		Long: `Reduces a data folder to its facts — ids, names, relations, scores and links, without
descriptions and comments — and writes them in the form that is embedded into the
program when it is built. Equal input gives an equal file.`,
		Example: "  mapgraph facts --data data --out internal/facts/facts.bin",
		Args:    cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.DataGroup)
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	_ = cmd.MarkFlagRequired("out")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if c.Data == "" {
			return exit(exitWrongUse, fmt.Errorf("--data is missing: the folder to reduce"))
		}
		opts, err := loaderOptions(c)
		if err != nil {
			return err
		}
		opts.Strict = true
		ds, err := loader.Load(cmd.Context(), c.Data, opts)
		if err != nil {
			return exit(exitBadInput, err)
		}
		f, err := os.Create(out)
		if err != nil {
			return err
		}
		if err := facts.Write(f, ds); err != nil {
			_ = f.Close()
			return err
		}
		return f.Close()
	}
	return cmd
}
