package store

import (
	"fmt"
	"regexp"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/search"
)

// Hits gives what package search found as hits of the contract.
func Hits(found []search.Hit, query search.Query) []SearchHit {
	hits := make([]SearchHit, len(found))
	for i, h := range found {
		hits[i] = SearchHit{
			NodeID: h.Doc.Key, Kind: SearchKind(h.Doc.Kind), Score: h.Score, Field: h.Field,
			Order:   fmt.Sprintf("%09d", i),
			Snippet: func() (string, [][2]int) { return snippet(h, query) },
		}
	}
	return hits
}

func snippet(h search.Hit, q search.Query) (text string, matches [][2]int) {
	s := h.Snippet(q)
	for _, m := range s.Matches {
		matches = append(matches, [2]int{m.Start, m.End})
	}
	return s.Text, matches
}

// Documents lists what can be found in a view: the release's techniques and
// objects, every framework and capability, and the comments of the view's sets.
// The view's things must carry their texts.
func Documents(head *kg.Head, view *algebra.View) []*search.Doc {
	var docs []*search.Doc
	release := view.Frame.Release
	for i := range release.Techniques {
		docs = append(docs, TechniqueDocument(release, &release.Techniques[i]))
	}
	for kind := range SearchableObjects {
		list := view.Frame.Objects(kind)
		for i := range list {
			docs = append(docs, ObjectDocument(release.Key, &list[i]))
		}
	}
	for i := range head.Frameworks {
		docs = append(docs, FrameworkDocument(&head.Frameworks[i]))
	}
	for i := range head.Capabilities {
		docs = append(docs, CapabilityDocument(head, &head.Capabilities[i]))
	}
	for _, b := range view.Bodies {
		for i := range b.Rows() {
			if r := b.Row(i).Row(); r.Comments != "" {
				docs = append(docs, MappingDocument(r))
			}
		}
	}
	return docs
}

// SearchableObjects are the kinds of object that search finds.
var SearchableObjects = map[kg.ObjectKind]SearchKind{
	kg.KindTactic: SearchTactic, kg.KindGroup: SearchGroup, kg.KindSoftware: SearchSoftware,
	kg.KindCampaign: SearchCampaign, kg.KindMitigation: SearchMitigation,
}

// TechniqueDocument says what a technique of a release is found by: a
// sub-technique by its technique's name too, as people write it, such as
// Phishing: Spearphishing Link.
func TechniqueDocument(release *kg.Release, t *kg.Technique) *search.Doc {
	names := []string{t.Name}
	if parent := release.Technique(t.Parent); parent != nil {
		names = append(names, parent.Name+": "+t.Name)
	}
	return &search.Doc{
		Key: kg.TechniqueID(release.Key, t.ID).String(), Kind: search.Kind(SearchTechnique), IDs: []string{t.ID}, Names: names,
		Texts: texts("description", t.Description), Weight: standing(t.Status),
	}
}

// ObjectDocument says what an object of a release is found by.
func ObjectDocument(release kg.ReleaseKey, o *kg.Object) *search.Doc {
	ids := []string{o.ID}
	if o.ShortName != "" {
		ids = append(ids, o.ShortName)
	}
	return &search.Doc{
		Key: kg.ObjectID(release, o.Kind, o.ID).String(), Kind: search.Kind(SearchableObjects[o.Kind]),
		IDs: ids, Names: append([]string{o.Name}, o.Aliases...),
		Texts: texts("description", o.Description), Weight: standing(o.Status),
	}
}

// FrameworkDocument says what a framework is found by.
func FrameworkDocument(f *kg.Framework) *search.Doc {
	return &search.Doc{Key: kg.FrameworkID(f.ID).String(), Kind: search.Kind(SearchFramework), IDs: []string{f.ID}, Names: []string{f.Name}, Weight: 1}
}

// MappingDocument says what a mapping is found by.
func MappingDocument(r *kg.Row) *search.Doc {
	return &search.Doc{Key: r.ID.GlobalID().String(), Kind: search.Kind(SearchMapping), Texts: texts("comments", r.Comments)}
}

// CapabilityDocument says what a capability is found by. Its newest title is its
// name; older ones, and the framework's name before the id, are aliases.
func CapabilityDocument(head *kg.Head, c *kg.Capability) *search.Doc {
	ids := []string{c.Spelled}
	if c.Ref.ID != c.Spelled {
		ids = append(ids, c.Ref.ID)
	}
	var names []string
	seen := map[string]bool{"": true}
	for _, in := range append([]kg.CapabilityIn{c.Newest()}, c.Sets...) {
		if !seen[in.Title] {
			seen[in.Title] = true
			names = append(names, in.Title)
		}
	}
	names = append(names, head.Framework(c.Ref.Framework).Name+" "+c.Spelled)
	return &search.Doc{Key: c.Ref.GlobalID().String(), Kind: search.Kind(SearchCapability), IDs: ids, Names: names, Weight: 1}
}

func texts(field, text string) []search.Text {
	if text == "" {
		return nil
	}
	return []search.Text{{Field: field, Text: plain(text)}}
}

var (
	citation = regexp.MustCompile(`\s*\(Citation: [^)]*\)`)
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// plain leaves ATT&CK's citations and addresses out of what is searched and shown.
func plain(text string) string {
	return link.ReplaceAllString(citation.ReplaceAllString(text, ""), "$1")
}

// standing puts what is in force before what was withdrawn.
func standing(s kg.Status) float64 {
	if s == kg.Active {
		return 1
	}
	return 0
}
