package stackfile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const whole = `
name: Contoso
frameworks: [intel-vpro]
baselines:
  - moderate
  - {framework: acme, name: GOLD}
licences: [E3, {framework: m365, tier: E5}]
groups:
  m365: [eop]
  acme: [a, b]
capabilities:
  nist_800_53: [AC-2]
  aws: [aws_config]
techniques: [T1003]
layers: [layer.json]
`

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "layer.json", `{"versions":{"layer":"4.5"},"techniques":[{"techniqueID":"T1059","score":2},{"techniqueID":"T1060"}]}`)
	s, err := Read(write(t, dir, "stack.yaml", whole))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"frameworks":["intel-vpro"],` +
		`"capabilities":[{"framework":"aws","capabilityId":"aws_config"},{"framework":"nist_800_53","capabilityId":"AC-2"}],` +
		`"baselines":[{"name":"moderate"},{"framework":"acme","name":"GOLD"}],` +
		`"capabilityGroups":[{"framework":"acme","group":"a"},{"framework":"acme","group":"b"},{"framework":"m365","group":"eop"}],` +
		`"licences":[{"tier":"E3"},{"framework":"m365","tier":"E5"}],"techniques":["T1003","T1059"]}`
	if string(text) != want || s.Name != "Contoso" {
		t.Errorf("%s\n%s", text, want)
	}
}

func TestJSONAndLayers(t *testing.T) {
	dir := t.TempDir()
	s, err := Read(write(t, dir, "stack.json", `{"capabilities": {"aws": ["aws_config"]}, "techniques": ["T1003"]}`))
	if err != nil || len(s.Capabilities) != 1 || len(s.Techniques) != 1 {
		t.Errorf("%+v %v", s, err)
	}
	s, err = Read(write(t, dir, "foreign.json", `{"name":"x","techniques":[{"techniqueID":"T1059","score":1}]}`))
	if err != nil || len(s.Techniques) != 1 || len(s.Capabilities) != 0 {
		t.Errorf("%+v %v", s, err)
	}
	s, err = Read(write(t, dir, "ours.json", `{"versions":{},"metadata":[{"name":"source","value":"mapgraph"}],"techniques":[{"techniqueID":"T1059","score":2,"metadata":[{"name":"state","value":"mapped"},{"name":"aws","value":"a, b"}]}]}`))
	if err != nil || len(s.Techniques) != 0 || len(s.Capabilities) != 2 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"":                                  "the file is empty",
		"name: x\n":                         "nothing is owned",
		"frameworks: [aws]\nservices: [a]":  "line 2, column 1: there is no field services in a stack file; a stack has name, frameworks",
		"frameworks: aws":                   "line 1",
		"frameworks: [aws]\n---\nname: two": "more than one document",
		"capabilities: [aws_config]":        "line 1",
		"layers: [none.json]":               "none.json",
		"a: b: c":                           "line 1, column 4: not valid YAML",
		`{"versions":{},"techniques":[{}]}`: "entry 1",
	} {
		path := write(t, dir, "stack.yaml", text)
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "stackfile.") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestErrorsQuoteNothing: a stack file may be a link to another one.
func TestErrorsQuoteNothing(t *testing.T) {
	dir := t.TempDir()
	const secret = "hunter2-in-another-file"
	for _, text := range []string{secret, secret + ": x: y", "frameworks: [" + secret, "baselines:\n  - {" + secret + ": 1}", "name: &a *" + secret, secret + ":\n  - x"} {
		if _, err := Read(write(t, dir, "stack.yaml", text)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(whole)
	f.Add(`{"techniques":[{"techniqueID":"T1","score":1}]}`)
	f.Add("frameworks: [&a aws, *a]")
	f.Fuzz(func(t *testing.T, text string) {
		s := &Stack{}
		if s.read(filepath.Join(t.TempDir(), "f"), []byte(text)) == nil {
			if _, err := json.Marshal(s); err != nil {
				t.Error(err)
			}
		}
	})
}
