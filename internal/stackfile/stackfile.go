// Package stackfile reads what people write down about what they own: stack
// files, and layers of the ATT&CK Navigator.
package stackfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/yamldoc"
)

// Stack is what is owned, in the form of the API's StackInput.
type Stack struct {
	Name             string          `json:"-"`
	Frameworks       []string        `json:"frameworks,omitempty"`
	Capabilities     []CapabilityRef `json:"capabilities,omitempty"`
	Baselines        []BaselineRef   `json:"baselines,omitempty"`
	CapabilityGroups []GroupRef      `json:"capabilityGroups,omitempty"`
	Licences         []LicenceRef    `json:"licences,omitempty"`
	Techniques       []string        `json:"techniques,omitempty"`
}

// CapabilityRef names a capability.
type CapabilityRef struct {
	Framework    string `json:"framework"`
	CapabilityID string `json:"capabilityId"`
}

// BaselineRef names a baseline; an empty framework is the API's default.
type BaselineRef struct {
	Framework string `json:"framework,omitempty" yaml:"framework"`
	Name      string `json:"name" yaml:"name"`
}

// GroupRef names a capability group.
type GroupRef struct {
	Framework string `json:"framework"`
	Group     string `json:"group"`
}

// LicenceRef names a licence tier; an empty framework is the API's default.
type LicenceRef struct {
	Framework string `json:"framework,omitempty" yaml:"framework"`
	Tier      string `json:"tier" yaml:"tier"`
}

// file is a stack file as people write it.
type file struct {
	Name         string              `yaml:"name"`
	Frameworks   []string            `yaml:"frameworks"`
	Baselines    []baseline          `yaml:"baselines"`
	Licences     []licence           `yaml:"licences"`
	Groups       map[string][]string `yaml:"groups"`
	Capabilities map[string][]string `yaml:"capabilities"`
	Techniques   []string            `yaml:"techniques"`
	Layers       []string            `yaml:"layers"`
}

// baseline is a name, or a framework with a name.
type baseline BaselineRef

// UnmarshalYAML takes both.
func (b *baseline) UnmarshalYAML(decode func(any) error) error {
	if decode(&b.Name) == nil {
		return nil
	}
	return decode((*BaselineRef)(b))
}

// licence is a tier, or a framework with a tier.
type licence LicenceRef

// UnmarshalYAML takes both.
func (l *licence) UnmarshalYAML(decode func(any) error) error {
	if decode(&l.Tier) == nil {
		return nil
	}
	return decode((*LicenceRef)(l))
}

// Read reads a stack file in YAML or JSON, or a Navigator layer. Layers that a
// stack file names are looked for beside it. Errors name the file, and for YAML
// the line.
func Read(path string) (*Stack, error) {
	text, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	s := &Stack{}
	if err := s.read(path, text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// maxFile bounds a file, which people write by hand, or a tool writes as a layer.
const maxFile = 4 << 20

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s: a stack file or layer has at most %d bytes", path, maxFile)
	}
	return text, err
}

func (s *Stack) read(path string, text []byte) error {
	if layer, ok := isLayer(text); ok {
		return s.addLayer(layer)
	}
	var f file
	if err := yamldoc.Decode(text, &f, true); err != nil {
		return explain(err)
	}
	s.take(&f)
	for _, layer := range f.Layers {
		if !filepath.IsAbs(layer) {
			layer = filepath.Join(filepath.Dir(path), layer)
		}
		if err := s.readLayer(layer); err != nil {
			return err
		}
	}
	if s.empty() {
		return errors.New("nothing is owned; " + whatAStackHas)
	}
	return nil
}

const whatAStackHas = "a stack has name, frameworks, baselines, licences, groups, capabilities, techniques and layers"

// explain says what a stack file has to one who wrote something else.
func explain(err error) error {
	switch wrong, ok := errors.AsType[*yamldoc.Error](err); {
	case errors.Is(err, yamldoc.ErrEmpty):
		return fmt.Errorf("%w; %s", err, whatAStackHas)
	case ok && wrong.Unknown != "":
		return fmt.Errorf("%w in a stack file; %s", err, whatAStackHas)
	}
	return err
}

func (s *Stack) take(f *file) {
	s.Name, s.Frameworks, s.Techniques = f.Name, f.Frameworks, f.Techniques
	for _, b := range f.Baselines {
		s.Baselines = append(s.Baselines, BaselineRef(b))
	}
	for _, l := range f.Licences {
		s.Licences = append(s.Licences, LicenceRef(l))
	}
	for _, framework := range sortedKeys(f.Groups) {
		for _, group := range f.Groups[framework] {
			s.CapabilityGroups = append(s.CapabilityGroups, GroupRef{framework, group})
		}
	}
	for _, framework := range sortedKeys(f.Capabilities) {
		for _, id := range f.Capabilities[framework] {
			s.Capabilities = append(s.Capabilities, CapabilityRef{framework, id})
		}
	}
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *Stack) empty() bool {
	return len(s.Frameworks)+len(s.Capabilities)+len(s.Baselines)+len(s.CapabilityGroups)+len(s.Licences)+len(s.Techniques) == 0
}

// isLayer tells a Navigator layer from a stack file: it is a JSON object with
// versions, or whose techniques are objects.
func isLayer(text []byte) (layer any, ok bool) {
	var probe struct {
		Versions   json.RawMessage   `json:"versions"`
		Techniques []json.RawMessage `json:"techniques"`
	}
	if json.Unmarshal(text, &probe) != nil {
		return nil, false
	}
	objects := len(probe.Techniques) > 0 && bytes.HasPrefix(probe.Techniques[0], []byte("{"))
	if probe.Versions == nil && !objects {
		return nil, false
	}
	return layer, json.Unmarshal(text, &layer) == nil
}

func (s *Stack) readLayer(path string) error {
	text, err := readBounded(path)
	if err != nil {
		return err
	}
	layer, ok := isLayer(text)
	if !ok {
		return fmt.Errorf("%s is no Navigator layer", path)
	}
	if err := s.addLayer(layer); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s *Stack) addLayer(layer any) error {
	owned, err := export.ParseLayer(layer)
	if err != nil {
		return err
	}
	for _, ref := range owned.Capabilities {
		s.Capabilities = append(s.Capabilities, CapabilityRef{ref.Framework, ref.ID})
	}
	s.Techniques = append(s.Techniques, owned.Techniques...)
	return nil
}
