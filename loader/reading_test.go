package loader

import (
	"os"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/golden"
)

// TestTheReadersVersionIsRaised fails when equal files become another dataset
// under the same version of the reader: a database would keep what it has.
func TestTheReadersVersionIsRaised(t *testing.T) {
	ds, err := Load(t.Context(), "testdata/reading", Options{})
	if err != nil {
		t.Fatal(err)
	}
	holdReading(t, "odd", contentsOf(t, "testdata/reading"), ds)
}

func TestTheReadersVersionIsRaisedForTheCorpus(t *testing.T) {
	holdReading(t, "corpus", nil, loadedCorpus(t))
}

func holdReading(t *testing.T, name string, files map[string]string, ds *kg.Dataset) {
	t.Helper()
	made := *ds
	made.Generation = ""
	golden.Hold(t, "testdata/reading.golden", golden.Versioned{Name: name, Version: reading, Source: "loader/load.go", Input: files, Output: &made})
}

func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(dir + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		texts[e.Name()] = string(text)
	}
	return texts
}

// TestTheGenerationIsOfAllThatIsServed changes one thing after another: each
// makes another generation, those too that only the report speaks of.
func TestTheGenerationIsOfAllThatIsServed(t *testing.T) {
	files := func() map[string]string {
		return map[string]string{"a.json": mappingFile("1", goodRow), "broken.json": "{", "notes.txt": "n"}
	}
	first := loadFiles(t, files(), Options{}).Generation
	if again := loadFiles(t, files(), Options{}).Generation; again != first {
		t.Errorf("equal files give %s and %s", first, again)
	}
	seen := map[string]string{first: "nothing"}
	for name, change := range map[string]func(map[string]string){
		"another row":           func(f map[string]string) { f["a.json"] = mappingFile("1", goodRow, goodRow) },
		"another path":          func(f map[string]string) { f["b.json"] = f["a.json"]; delete(f, "a.json") },
		"a file that is broken": func(f map[string]string) { f["more.json"] = "{" },
		"one that is mended":    func(f map[string]string) { f["broken.json"] = mappingFile("2", goodRow) },
		"one broken otherwise":  func(f map[string]string) { f["broken.json"] = "{]" },
		"one that is not read":  func(f map[string]string) { delete(f, "notes.txt") },
	} {
		changed := files()
		change(changed)
		got := loadFiles(t, changed, Options{}).Generation
		if other, taken := seen[got]; taken {
			t.Errorf("%s and %s have one generation", name, other)
		}
		seen[got] = name
	}
}
