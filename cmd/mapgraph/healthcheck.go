package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/mapgraph/mapgraph/internal/config"
)

// healthcheckCommand is for containers, which have no other program to ask with.
func healthcheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the server on this machine whether it is ready",
		Long:  "Asks the server at --addr, on this machine, whether it can answer. The exit code is 1 if not.",
		Args:  cobra.NoArgs,
	}
	l := config.Bind(cmd.Flags(), config.ServeGroup)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, _, err := settings(l, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		_, port, err := net.SplitHostPort(c.Addr)
		if err != nil {
			return exit(exitWrongUse, err)
		}
		return exit(exitCheckFailed, askReady(cmd, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz"))
	}
	return cmd
}

func askReady(cmd *cobra.Command, url string) error {
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Timeout: 2 * time.Second}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("not ready: %s", text)
	}
	return err
}
