// Command compose checks a compose file as `docker compose config` does, for
// machines without Docker: it loads, validates and interpolates it, and prints
// the services in the order in which they start.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
}

func run(files []string) error {
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithDotEnv, cli.WithConsistency(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	return project.ForEachService(nil, func(name string, s *types.ServiceConfig) error {
		_, err := fmt.Println(name, s.Image)
		return err
	})
}
