// Command mutants breaks the code in small ways, one at a time, and says which
// changes no test of the package noticed. It runs go-gremlins over packages and
// holds what survived against a list of survivors that are known, each with a
// reason.
//
//	mutants -gremlins bin/gremlins [-since REF] [-known FILE] [PACKAGE...]
//
// It ends with 1 if a change survived that is not listed, or if too few were
// noticed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// wanted is the share of changes that the tests of a package must notice.
var wanted = map[string]float64{"internal/kg": 0.9}

// elsewhere is that share of the packages that wanted does not name.
const elsewhere = 0.8

// mutant is one change, as gremlins reports it.
type mutant struct {
	Type   string `json:"type"`
	Status string `json:"status"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type report struct {
	Files []struct {
		Name      string   `json:"file_name"`
		Mutations []mutant `json:"mutations"`
	} `json:"files"`
}

// tally counts what became of the changes to a package.
type tally struct{ killed, lived, uncovered int }

func main() {
	gremlins := flag.String("gremlins", "gremlins", "the mutation tester")
	since := flag.String("since", "", "look only at what changed since a commit")
	known := flag.String("known", "tools/mutants/survivors.txt", "survivors that are known")
	flag.Parse()
	bad, err := run(context.Background(), *gremlins, *since, *known, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if bad {
		os.Exit(1)
	}
}

func run(ctx context.Context, gremlins, since, known string, packages []string) (bad bool, err error) {
	listed, err := readKnown(known)
	if err != nil {
		return false, err
	}
	for _, pkg := range packages {
		pkg = strings.TrimPrefix(filepath.Clean(pkg), "./")
		r, err := unleash(ctx, gremlins, since, pkg)
		if err != nil {
			return false, fmt.Errorf("%s: %w", pkg, err)
		}
		t, survivors, err := judge(pkg, r, listed)
		if err != nil {
			return false, err
		}
		for _, s := range survivors {
			fmt.Println("survived:", s)
			bad = true
		}
		share := 1.0
		if n := t.killed + t.lived; n > 0 {
			share = float64(t.killed) / float64(n)
		}
		least, ok := wanted[pkg]
		if !ok {
			least = elsewhere
		}
		fmt.Printf("%s: %d of %d changes were noticed (%.0f %%, wanted %.0f %%); %d stand where no test of the package comes\n",
			pkg, t.killed, t.killed+t.lived, 100*share, 100*least, t.uncovered)
		bad = bad || share < least
	}
	return bad, nil
}

func unleash(ctx context.Context, gremlins, since, pkg string) (report, error) {
	var r report
	out, err := os.CreateTemp("", "mutants-*.json")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.Remove(out.Name()) }()
	_ = out.Close()
	args := []string{"unleash", "./" + pkg, "--silent", "--output", out.Name(), "--timeout-coefficient", "10"}
	if since != "" {
		args = append(args, "--diff", since)
	}
	cmd := exec.CommandContext(ctx, gremlins, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return r, err
	}
	text, err := os.ReadFile(out.Name())
	if err != nil || len(text) == 0 {
		return r, err // nothing changed
	}
	return r, json.Unmarshal(text, &r)
}

// judge counts, and gives the survivors that are not listed.
func judge(pkg string, r report, listed map[string]bool) (t tally, survivors []string, err error) {
	for _, f := range r.Files {
		path := f.Name
		if !strings.HasPrefix(path, pkg) {
			path = filepath.Join(pkg, f.Name)
		}
		lines, err := linesOf(path)
		if err != nil {
			return t, nil, err
		}
		for _, m := range f.Mutations {
			line := ""
			if m.Line <= len(lines) {
				line = strings.Join(strings.Fields(lines[m.Line-1]), " ")
			}
			if strings.Contains(line, "iota") {
				continue // another numbering of the same names
			}
			switch m.Status {
			case "KILLED", "TIMED OUT":
				t.killed++
			case "NOT COVERED":
				t.uncovered++
			case "LIVED":
				key := strings.Join([]string{path, m.Type, line}, "\t")
				if listed[key] {
					t.killed++
					continue
				}
				t.lived++
				survivors = append(survivors, key)
			}
		}
	}
	slices.Sort(survivors)
	return t, survivors, nil
}

func linesOf(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	return strings.Split(string(text), "\n"), err
}

// readKnown reads the list: file, kind of change, the line's source and the
// reason, with tabs between them.
func readKnown(path string) (map[string]bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	known := map[string]bool{}
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		if s.Text() == "" || strings.HasPrefix(s.Text(), "#") {
			continue
		}
		fields := strings.Split(s.Text(), "\t")
		if len(fields) != 4 || strings.TrimSpace(fields[3]) == "" {
			return nil, fmt.Errorf("%s:%d: file, kind, line and reason are expected, with tabs between them", path, n)
		}
		known[strings.Join(fields[:3], "\t")] = true
	}
	return known, s.Err()
}
