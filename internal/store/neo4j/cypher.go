package neo4j

import (
	"embed"
	"strings"
)

//go:embed cypher/*.cypher
var files embed.FS

// statements are the queries by name, without their comments.
var statements = func() map[string]string {
	entries, err := files.ReadDir("cypher")
	if err != nil {
		panic(err) // embedded: it is there or the program does not build
	}
	m := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := files.ReadFile("cypher/" + e.Name())
		if err != nil {
			panic(err)
		}
		m[strings.TrimSuffix(e.Name(), ".cypher")] = withoutComments(string(text))
	}
	return m
}()

func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			b.WriteString(line)
		}
	}
	return strings.TrimSpace(b.String())
}

// statement gives a query; one that does not exist is a mistake of the program.
func statement(name string) string {
	text, ok := statements[name]
	if !ok {
		panic("no such statement: " + name)
	}
	return text
}
