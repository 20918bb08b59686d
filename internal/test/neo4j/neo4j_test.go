package neo4j

import (
	"bufio"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"testing"
)

// TestScriptLivesWithoutInput starts a server as cron does, and ends it by a signal.
func TestScriptLivesWithoutInput(t *testing.T) {
	need(t, "newest")
	path, err := script()
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "newest", "--port", fmt.Sprint(port), "--home", t.TempDir())
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil { // its standard input is /dev/null
		t.Fatal(err)
	}
	ready := false
	for lines := bufio.NewScanner(stdout); !ready && lines.Scan(); {
		ready = lines.Text() == "ready"
	}
	if !ready {
		t.Fatalf("it was never ready: %v", cmd.Wait())
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// A Java program that a signal ends says so by its exit code.
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("it ended by itself: %v", err)
	}
}
