package storetest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestNoCaseKnowsAStore holds that the suite asks the same of every store: no
// case names one, imports one or is skipped.
func TestNoCaseKnowsAStore(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || f.Name() == "guard_test.go" {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			var text string
			switch n := n.(type) {
			case *ast.Ident:
				text = n.Name
			case *ast.BasicLit:
				text = n.Value
			}
			for _, word := range []string{"neo4j", "memory", "skip"} {
				if strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s: %s", set.Position(n.Pos()), text)
				}
			}
			return true
		})
	}
}
