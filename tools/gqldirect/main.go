// Command gqldirect generates what gqlgen generates, and beside it direct.go: the
// appenders that package direct answers queries with.
//
// It takes the configuration that gqlgen takes, by default gqlgen.yml in the
// working directory.
package main

import (
	"fmt"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	file := "gqlgen.yml"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	if err := generate(file); err != nil {
		fmt.Fprintln(os.Stderr, "gqldirect:", err)
		os.Exit(1)
	}
}

func generate(file string) error {
	cfg, err := config.LoadConfig(file)
	if err != nil {
		return err
	}
	return api.Generate(cfg, api.AddPlugin(plugin{}))
}
