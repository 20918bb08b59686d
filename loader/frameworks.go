package loader

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/yamldoc"
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

// ParseFramework reads a description as a flag gives it: ID=KIND or ID=KIND:NAME.
func ParseFramework(s string) (kg.Framework, error) {
	id, rest, _ := strings.Cut(s, "=")
	kind, name, _ := strings.Cut(rest, ":")
	f, err := describe(id, kind, name)
	if err != nil {
		return f, fmt.Errorf("framework %s: write ID=KIND:NAME; %w", quoted(s), err)
	}
	return f, nil
}

// describe makes a framework of texts; without a name its id names it.
func describe(id, kind, name string) (kg.Framework, error) {
	f := kg.Framework{ID: strings.TrimSpace(id), Name: strings.TrimSpace(name)}
	f.Kind, _ = kg.FrameworkKindNames.Parse(strings.TrimSpace(kind))
	f.Name = cmp.Or(f.Name, f.ID)
	switch {
	case f.ID == "" || f.Kind == 0:
		return f, fmt.Errorf("it needs id, name and kind, with a kind of %s", strings.Join(kindNames(), ", "))
	case unfit(f.ID) != "" || unaddressable(f.ID):
		return f, fmt.Errorf("an id has at most %d bytes, no blanks and none of / : @", maxID)
	case len(f.Name) > maxName:
		return f, fmt.Errorf("a name has at most %d bytes", maxName)
	}
	return f, nil
}

func kindNames() []string { return slices.Sorted(slices.Values(kg.FrameworkKindNames.Names())) }

// readFramework reads a framework file; JSON is YAML, so one parser serves.
func (p *part) readFramework(fsys fs.FS, f fileInfo) {
	framework, text, err := parseFrameworkFile(fsys, f.path)
	if malformed, ok := errors.AsType[*yamldoc.Error](err); ok {
		p.report.Error = &kg.FileError{Line: malformed.Line, Reason: malformed.Error()}
		return
	}
	if err != nil {
		p.report.Error = &kg.FileError{Reason: reasonOf(err)}
		return
	}
	p.framework = &framework
	p.sum = text
	p.report.Objects = 1
}

func parseFrameworkFile(fsys fs.FS, name string) (framework kg.Framework, text []byte, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return framework, nil, err
	}
	defer func() { _ = file.Close() }()
	text, err = io.ReadAll(io.LimitReader(file, frameworkFileLimit+1))
	if err != nil {
		return framework, nil, err
	}
	if len(text) > frameworkFileLimit {
		return framework, nil, fmt.Errorf("a framework file has at most %d bytes", frameworkFileLimit)
	}
	var doc struct {
		ID    string `yaml:"id"`
		Name  string `yaml:"name"`
		Title string `yaml:"title"`
		Kind  string `yaml:"kind"`
	}
	if err := yamldoc.Decode(text, &doc, false); err != nil && !errors.Is(err, yamldoc.ErrEmpty) {
		return framework, nil, err
	}
	framework, err = describe(doc.ID, doc.Kind, cmp.Or(doc.Name, doc.Title))
	return framework, text, err
}

// describeFrameworks gives each framework that a set names its kind and name:
// from the options, else a framework file, else the published ones. A set of
// an unknown framework gets a note that says what to add, and so does a
// framework file that no set needs.
func describeFrameworks(parts []part, given []kg.Framework) []kg.Framework {
	known := knownFrameworks(parts, given)
	used := map[string]kg.Framework{}
	for i := range parts {
		if parts[i].set == nil {
			continue
		}
		id := parts[i].set.Key.Framework
		f, ok := known[id]
		if !ok {
			f = kg.Undescribed(id)
			parts[i].noteUndescribed(id)
		}
		used[id] = f
	}
	for i := range parts {
		if f := parts[i].framework; f != nil && used[f.ID].ID == "" {
			parts[i].report.Notes = append(parts[i].report.Notes, kg.Note{
				Code: "UNUSED_FRAMEWORK", Count: 1, Message: fmt.Sprintf("no mapping set is of the framework %s", quoted(f.ID)),
			})
		}
	}
	return slices.SortedFunc(maps.Values(used), func(a, b kg.Framework) int { return strings.Compare(a.ID, b.ID) })
}

func knownFrameworks(parts []part, given []kg.Framework) map[string]kg.Framework {
	known := map[string]kg.Framework{}
	for _, f := range kg.KnownFrameworks() {
		known[f.ID] = f
	}
	for i := range parts {
		if f := parts[i].framework; f != nil {
			known[f.ID] = *f
		}
	}
	for _, f := range given {
		known[f.ID] = f
	}
	return known
}

func (p *part) noteUndescribed(id string) {
	file := path.Join(path.Dir(p.report.Path), id+".framework.yaml")
	p.report.Notes = append(p.report.Notes, kg.Note{
		Code: "UNDESCRIBED_FRAMEWORK", Count: 1,
		Message: fmt.Sprintf("nothing describes the framework %s; taken as a control framework of that name. Put %s beside the file, with id, name and kind", quoted(id), file),
	})
}
