// Package corpus finds the published corpus for the tests that need it.
package corpus

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir gives the corpus folder: the one that MAPGRAPH_CORPUS names, else
// shared/corpus beside the repository. Without one the test is skipped, unless
// MAPGRAPH_REQUIRE_CORPUS is 1: then it fails.
func Dir(tb testing.TB) string {
	tb.Helper()
	if dir := os.Getenv("MAPGRAPH_CORPUS"); dir != "" {
		return dir
	}
	if dir := besideRepository(); dir != "" {
		return dir
	}
	if os.Getenv("MAPGRAPH_REQUIRE_CORPUS") == "1" {
		tb.Fatal("no corpus: set MAPGRAPH_CORPUS to a folder that mapgraph fetch filled")
	}
	tb.Skip("no corpus: set MAPGRAPH_CORPUS to a folder that mapgraph fetch filled")
	return ""
}

func besideRepository() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			corpus := filepath.Join(filepath.Dir(dir), "shared", "corpus")
			if _, statErr := os.Stat(filepath.Join(corpus, "mappings")); statErr == nil {
				return corpus
			}
			return ""
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
