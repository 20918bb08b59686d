package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// World is what a data folder says, before anything is made of it.
type World struct {
	Releases   []Release
	Files      []File
	Priorities []Priority
	Frameworks []Framework // described by a file of their own
}

// Release is an ATT&CK bundle.
type Release struct {
	Domain, Version string
	Objects         []Object
	Links           []Link
	Matrices        []Matrix
}

// Object is a STIX object that has an ATT&CK id.
type Object struct {
	Type, Stix, ID, Name string
	Revoked, Deprecated  bool
	Sub                  bool     // flagged as a sub-technique
	Short                string   // tactics
	Phases               []string // techniques: short names of tactics
	Platforms            []string
	Aliases              []string // beside the name
}

// Link is a STIX relationship between two objects of the bundle.
type Link struct {
	Name, From, To      string // From and To are STIX ids
	Revoked, Deprecated bool
}

// Matrix orders tactics, which it names by STIX id.
type Matrix struct {
	Stix       string
	Tactics    []string
	Deprecated bool
}

// File is a mapping file.
type File struct {
	Path                               string
	Framework, Version, Attack, Domain string // as the metadata writes them
	Types, Groups                      []Named
	Rows                               []Raw
}

// Named is an id with a name: a mapping type or a capability group.
type Named struct{ ID, Name string }

// Raw is a row as written: members in order, names perhaps twice.
type Raw []Member

// Member is a member of a JSON object.
type Member struct {
	Name  string
	Value any
}

// Priority is an entry of the Top ATT&CK Techniques list.
type Priority struct {
	Technique string
	Score     float64
}

// Framework describes a framework.
type Framework struct{ ID, Name, Kind string }

// Folder renders the world as the files of a data folder, by path.
func (w *World) Folder() map[string][]byte {
	files := map[string][]byte{}
	for i := range w.Releases {
		r := &w.Releases[i]
		files[fmt.Sprintf("attack/%s-attack-%s.json", r.Domain, r.Version)] = r.render()
	}
	for i := range w.Files {
		files[w.Files[i].Path] = w.Files[i].render()
	}
	for _, f := range w.Frameworks {
		files["frameworks/"+f.ID+".framework.json"] = compact(map[string]string{"id": f.ID, "name": f.Name, "kind": f.Kind})
	}
	if len(w.Priorities) > 0 {
		list := make([]any, len(w.Priorities))
		for i, p := range w.Priorities {
			list[i] = map[string]any{"tid": p.Technique, "cumulative_score": p.Score}
		}
		files["top-techniques.json"] = lines("[", list, "]")
	}
	return files
}

func compact(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// lines writes a list with an item a line, so that a small world is small to read.
func lines(head string, items []any, tail string) []byte {
	var b bytes.Buffer
	b.WriteString(head + "\n")
	for i, item := range items {
		b.Write(compact(item))
		if i < len(items)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString(tail + "\n")
	return b.Bytes()
}

// MarshalJSON writes the members in order.
func (r Raw) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{")
	for i, m := range r {
		if i > 0 {
			b.WriteString(",")
		}
		b.Write(compact(m.Name))
		b.WriteString(":")
		b.Write(compact(m.Value))
	}
	b.WriteString("}")
	return b.Bytes(), nil
}

func (f *File) render() []byte {
	types, groups := map[string]any{}, map[string]string{}
	for _, t := range f.Types {
		types[t.ID] = map[string]string{"name": t.Name, "description": ""}
	}
	for _, g := range f.Groups {
		groups[g.ID] = g.Name
	}
	metadata := compact(map[string]any{
		"mapping_version": "", "attack_version": f.Attack, "technology_domain": f.Domain, "mapping_framework": f.Framework,
		"mapping_framework_version": f.Version, "creation_date": "01/13/2022", "mapping_types": types, "capability_groups": groups,
	})
	rows := make([]any, len(f.Rows))
	for i, r := range f.Rows {
		rows[i] = r
	}
	return lines(`{"metadata":`+string(metadata)+`,"mapping_objects":[`, rows, "]}")
}

var sources = map[string]string{"enterprise": "mitre-attack", "mobile": "mitre-mobile-attack", "ics": "mitre-ics-attack"}

func (r *Release) render() []byte {
	source := sources[r.Domain]
	var items []any
	for i := range r.Matrices {
		m := &r.Matrices[i]
		items = append(items, map[string]any{"type": "x-mitre-matrix", "id": m.Stix, "tactic_refs": m.Tactics, "x_mitre_deprecated": m.Deprecated,
			"external_references": []any{map[string]string{"source_name": source, "external_id": r.Domain + "-attack"}}})
	}
	for i := range r.Objects {
		items = append(items, r.Objects[i].render(source))
	}
	for i, l := range r.Links {
		items = append(items, map[string]any{"type": "relationship", "id": fmt.Sprintf("relationship--%d", i), "relationship_type": l.Name,
			"source_ref": l.From, "target_ref": l.To, "revoked": l.Revoked, "x_mitre_deprecated": l.Deprecated})
	}
	return lines(`{"type":"bundle","objects":[`, items, "]}")
}

func (o *Object) render(source string) map[string]any {
	out := map[string]any{"type": o.Type, "id": o.Stix, "name": o.Name,
		"external_references": []any{map[string]string{"source_name": source, "external_id": o.ID, "url": "https://example.org/" + o.ID}}}
	if o.Revoked {
		out["revoked"] = true
	}
	if o.Deprecated {
		out["x_mitre_deprecated"] = true
	}
	if o.Sub {
		out["x_mitre_is_subtechnique"] = true
	}
	if o.Short != "" {
		out["x_mitre_shortname"] = o.Short
	}
	if len(o.Platforms) > 0 {
		out["x_mitre_platforms"] = o.Platforms
	}
	if len(o.Aliases) > 0 {
		name := "aliases"
		if o.Type == "malware" || o.Type == "tool" {
			name = "x_mitre_aliases"
		}
		out[name] = append([]string{o.Name}, o.Aliases...)
	}
	if len(o.Phases) > 0 {
		phases := make([]any, len(o.Phases))
		for i, p := range o.Phases {
			phases[i] = map[string]string{"kill_chain_name": source, "phase_name": p}
		}
		out["kill_chain_phases"] = phases
	}
	return out
}

// String shows the world as its files.
func (w *World) String() string {
	files := w.Folder()
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "--- %s\n%s", name, files[name])
		if !bytes.HasSuffix(files[name], []byte("\n")) {
			b.WriteString("\n")
		}
	}
	return b.String()
}
