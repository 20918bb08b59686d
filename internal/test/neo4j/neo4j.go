// Package neo4j starts real Neo4j servers for tests, with scripts/neo4j.
package neo4j

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The user of every server.
const (
	User     = "neo4j"
	Password = "test-password"
	Database = "neo4j"
)

// Versions are those that are tested: the oldest that is supported, and the newest.
var Versions = []string{"oldest", "newest"}

// Server is a Neo4j server on this machine.
type Server struct {
	Version string
	URI     string

	home     string
	port     int
	settings []string

	mu      sync.Mutex
	process *exec.Cmd
	stdin   io.Closer
}

// startTimeout is how long a server may take to answer.
const startTimeout = 2 * time.Minute

// shared are the servers that all tests of a package use, by version.
var shared sync.Map // version → func() (*Server, error)

// Shared gives the server of a version that all tests of the package share; Main
// ends it. A test must not stop it, nor count on what it holds.
func Shared(tb testing.TB, version string) *Server {
	tb.Helper()
	need(tb, version)
	start, _ := shared.LoadOrStore(version, sync.OnceValues(func() (*Server, error) {
		home, err := os.MkdirTemp("", "neo4j-"+version+"-")
		if err != nil {
			return nil, err
		}
		return start(version, home)
	}))
	s, err := start.(func() (*Server, error))()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// Main runs a package's tests and ends the servers that they shared. The result
// is the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Range(func(_, start any) bool {
		if s, err := start.(func() (*Server, error))(); err == nil {
			s.Kill()
			_ = os.RemoveAll(s.home)
		}
		return true
	})
	return code
}

// Start gives a server of the test's own, with Neo4j settings NAME=VALUE.
func Start(tb testing.TB, version string, settings ...string) *Server {
	tb.Helper()
	need(tb, version)
	s, err := start(version, tb.TempDir(), settings...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Kill)
	return s
}

// need skips a test where there is no Java or Maven, unless
// MAPGRAPH_REQUIRE_NEO4J is 1: then it fails.
func need(tb testing.TB, version string) {
	tb.Helper()
	if _, err := prepared(version); err != nil {
		if os.Getenv("MAPGRAPH_REQUIRE_NEO4J") == "1" {
			tb.Fatal(err)
		}
		tb.Skip(err)
	}
}

// preparations are what it takes to run a version: the java program and the
// class path.
var preparations sync.Map // version → func() ([]string, error)

func prepared(version string) ([]string, error) {
	prepare, _ := preparations.LoadOrStore(version, sync.OnceValues(func() ([]string, error) {
		script, err := script()
		if err != nil {
			return nil, err
		}
		out, err := exec.CommandContext(context.Background(), script, "prepare", version).Output()
		if err != nil {
			if failed, ok := errors.AsType[*exec.ExitError](err); ok {
				return nil, fmt.Errorf("scripts/neo4j prepare %s: %s", version, strings.TrimSpace(string(failed.Stderr)))
			}
			return nil, err
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
	}))
	return prepare.(func() ([]string, error))()
}

// script finds scripts/neo4j from any package of the module.
func script() (string, error) {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		path := filepath.Join(dir, "scripts", "neo4j")
		if _, statErr := os.Stat(path); statErr == nil {
			return path, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", fmt.Errorf("scripts/neo4j is not there: %w", os.ErrNotExist)
}

func start(version, home string, settings ...string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// Transaction logs of many loads take more disk than they are worth here.
	settings = append([]string{"db.tx_log.rotation.retention_policy=false", "db.tx_log.preallocate=false"}, settings...)
	s := &Server{Version: version, URI: fmt.Sprintf("neo4j://127.0.0.1:%d", port), home: home, port: port, settings: settings}
	return s, s.Restart()
}

func freePort() (int, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Restart starts the server, with other settings if some are given, on the data
// and the port that it has. It waits until the server answers.
func (s *Server) Restart(settings ...string) error {
	s.Kill()
	java, err := prepared(s.Version)
	if err != nil {
		return err
	}
	// A server must not outlive the tests that it was started for.
	args := []string{"-Xmx1g", "-XX:+UseSerialGC", "-DendWithInput=true", "-cp", java[1], "Launcher", s.home, fmt.Sprint(s.port), Password}
	cmd := exec.CommandContext(context.Background(), java[0], append(append(args, s.settings...), settings...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ready := make(chan bool, 1)
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if lines.Text() == "ready" {
				ready <- true
			}
		}
		ready <- false
	}()
	select {
	case ok := <-ready:
		if !ok {
			_ = cmd.Wait()
			return fmt.Errorf("neo4j %s did not start: %s", s.Version, stderr.String())
		}
	case <-time.After(startTimeout):
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return fmt.Errorf("neo4j %s was not ready within %s: %s", s.Version, startTimeout, stderr.String())
	}
	s.mu.Lock()
	s.process, s.stdin = cmd, stdin
	s.mu.Unlock()
	return nil
}

// Stop ends the server in order. It may be restarted.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return
	}
	_ = s.stdin.Close() // it ends with its standard input
	_ = s.process.Wait()
	s.process = nil
}

// Kill ends the server at once, as a crash would. It may be restarted.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	_ = s.stdin.Close()
	s.process = nil
}

// Pause stops the server from running, as if its machine had frozen; its
// connections stay open. Resume lets it go on.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume lets a server that was paused go on.
func (s *Server) Resume() error { return s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return errors.New("the server does not run")
	}
	return s.process.Process.Signal(sig)
}
