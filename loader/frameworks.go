package loader

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// frameworkFileLimit bounds a framework file, which is a few lines.
const frameworkFileLimit = 64 << 10

// isFrameworkFile tells whether a file describes a framework: framework.yaml
// or NAME.framework.yaml, or .yml or .json.
func isFrameworkFile(name string) bool {
	base := strings.ToLower(path.Base(name))
	stem := strings.TrimSuffix(base, path.Ext(base))
	if !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(base)) {
		return false
	}
	return stem == "framework" || strings.HasSuffix(stem, ".framework")
}

// FrameworkKinds maps the spellings of a framework's kind to kinds.
var FrameworkKinds = map[string]kg.FrameworkKind{
	"CONTROL_FRAMEWORK": kg.ControlFramework, "CLOUD_PLATFORM": kg.CloudPlatform, "HARDWARE_PLATFORM": kg.HardwarePlatform,
	"VULNERABILITY_CATALOG": kg.VulnerabilityCatalog, "INCIDENT_TAXONOMY": kg.IncidentTaxonomy,
}

// ParseFramework reads a description as a flag gives it: ID=KIND or ID=KIND:NAME.
func ParseFramework(s string) (kg.Framework, error) {
	id, rest, ok := strings.Cut(s, "=")
	kindName, name, _ := strings.Cut(rest, ":")
	kind, known := FrameworkKinds[strings.ToUpper(strings.TrimSpace(kindName))]
	if !ok || strings.TrimSpace(id) == "" || !known {
		return kg.Framework{}, fmt.Errorf("framework %q: write ID=KIND:NAME, with a kind of %s", s, strings.Join(kindNames(), ", "))
	}
	f := kg.Framework{ID: strings.TrimSpace(id), Name: strings.TrimSpace(name), Kind: kind}
	if f.Name == "" {
		f.Name = f.ID
	}
	return f, nil
}

func kindNames() []string {
	names := make([]string, 0, len(FrameworkKinds))
	for n := range FrameworkKinds {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// readFramework reads a framework file; JSON is YAML, so one parser serves.
func (p *part) readFramework(fsys fs.FS, f fileInfo) {
	fail := func(format string, args ...any) {
		p.report.Error = &kg.FileError{Reason: fmt.Sprintf(format, args...)}
	}
	if f.size > frameworkFileLimit {
		fail("a framework file has at most %d bytes", frameworkFileLimit)
		return
	}
	text, err := fs.ReadFile(fsys, f.path)
	if err != nil {
		fail("%v", err)
		return
	}
	var doc struct {
		ID    string `yaml:"id"`
		Name  string `yaml:"name"`
		Title string `yaml:"title"`
		Kind  string `yaml:"kind"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		fail("not valid YAML: %v", err)
		return
	}
	if doc.Name == "" {
		doc.Name = doc.Title
	}
	framework, err := ParseFramework(doc.ID + "=" + doc.Kind + ":" + doc.Name)
	if err != nil {
		fail("it needs id, name and kind, with a kind of %s", strings.Join(kindNames(), ", "))
		return
	}
	p.framework = &framework
	p.sum = text
	p.report.Objects = 1
}
