package memory

import (
	"context"
	"fmt"
	"regexp"
	"sync"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/search"
	"github.com/mapgraph/mapgraph/internal/store"
)

// indexLimit bounds the search indexes that a snapshot keeps, one for each view
// that was searched.
const indexLimit = 8

// searcher makes the index of a view when it is first searched.
type searcher struct {
	snapshot *Snapshot

	mu      sync.Mutex
	indexes map[string]func() (*search.Index, error)
	order   []string // of indexes, oldest first
}

func newSearcher(s *Snapshot) *searcher {
	return &searcher{snapshot: s, indexes: map[string]func() (*search.Index, error){}}
}

func (s *searcher) index(key store.ViewKey) (*search.Index, error) {
	name := key.String()
	s.mu.Lock()
	build, ok := s.indexes[name]
	if !ok {
		build = sync.OnceValues(func() (*search.Index, error) {
			view, err := s.snapshot.View(context.Background(), key)
			if err != nil {
				return nil, err
			}
			return search.NewIndex(documents(s.snapshot.head, view)), nil
		})
		s.indexes[name] = build
		s.order = append(s.order, name)
		if len(s.order) > indexLimit {
			delete(s.indexes, s.order[0])
			s.order = s.order[1:]
		}
	}
	s.mu.Unlock()
	return build()
}

func (s *searcher) find(ctx context.Context, q store.SearchQuery) ([]store.SearchHit, error) {
	query, err := search.Parse(q.Text)
	if err != nil {
		return nil, &kg.InputError{Message: "text: " + err.Error()}
	}
	index, err := s.index(q.View)
	if err != nil {
		return nil, err
	}
	kinds := make([]search.Kind, len(q.Kinds))
	for i, k := range q.Kinds {
		kinds[i] = search.Kind(k)
	}
	found := index.Search(query, kinds...)
	hits := make([]store.SearchHit, len(found))
	for i, h := range found {
		hits[i] = store.SearchHit{
			NodeID: h.Doc.Key, Kind: store.SearchKind(h.Doc.Kind), Score: h.Score, Field: h.Field,
			Order:   fmt.Sprintf("%09d", i),
			Snippet: func() (string, [][2]int) { return snippet(h, query) },
		}
	}
	return hits, ctx.Err()
}

func snippet(h search.Hit, q search.Query) (text string, matches [][2]int) {
	s := h.Snippet(q)
	for _, m := range s.Matches {
		matches = append(matches, [2]int{m.Start, m.End})
	}
	return s.Text, matches
}

// documents lists what can be found in a view: the release's techniques and
// objects, every framework and capability, and the comments of the view's sets.
func documents(head *kg.Head, view *kg.View) []*search.Doc {
	var docs []*search.Doc
	release := view.Frame.Release
	at := release.Key.String() + "/"
	for i := range release.Techniques {
		t := &release.Techniques[i]
		docs = append(docs, &search.Doc{
			Key: "technique:" + at + t.ID, Kind: search.Kind(store.SearchTechnique), IDs: []string{t.ID}, Names: techniqueNames(view.Frame, t),
			Texts: texts("description", t.Description), Weight: standing(t.Status),
		})
	}
	for kind, as := range searchableObjects {
		list := view.Frame.Objects(kind)
		for i := range list {
			o := &list[i]
			ids := []string{o.ID}
			if o.ShortName != "" {
				ids = append(ids, o.ShortName)
			}
			docs = append(docs, &search.Doc{
				Key: kind.String() + ":" + at + o.ID, Kind: search.Kind(as), IDs: ids, Names: append([]string{o.Name}, o.Aliases...),
				Texts: texts("description", o.Description), Weight: standing(o.Status),
			})
		}
	}
	for i := range head.Frameworks {
		f := &head.Frameworks[i]
		docs = append(docs, &search.Doc{Key: "framework:" + f.ID, Kind: search.Kind(store.SearchFramework), IDs: []string{f.ID}, Names: []string{f.Name}, Weight: 1})
	}
	for i := range head.Capabilities {
		docs = append(docs, capabilityDocument(head, &head.Capabilities[i]))
	}
	for _, b := range view.Bodies {
		for i := range b.Rows {
			if r := &b.Rows[i]; r.Comments != "" {
				docs = append(docs, &search.Doc{Key: "mapping:" + r.ID.String(), Kind: search.Kind(store.SearchMapping), Texts: texts("comments", r.Comments)})
			}
		}
	}
	return docs
}

var searchableObjects = map[kg.ObjectKind]store.SearchKind{
	kg.KindTactic: store.SearchTactic, kg.KindGroup: store.SearchGroup, kg.KindSoftware: store.SearchSoftware,
	kg.KindCampaign: store.SearchCampaign, kg.KindMitigation: store.SearchMitigation,
}

// techniqueNames lets a sub-technique be found by its technique's name too, as
// people write it: Phishing: Spearphishing Link.
func techniqueNames(f *kg.Frame, t *kg.Technique) []string {
	if parent := f.Technique(t.Parent); parent != nil {
		return []string{t.Name, parent.Name + ": " + t.Name}
	}
	return []string{t.Name}
}

// capabilityDocument names a capability by its newest title; older ones, and the
// framework's name before the id, are aliases.
func capabilityDocument(head *kg.Head, c *kg.Capability) *search.Doc {
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
	return &search.Doc{Key: "capability:" + c.Ref.String(), Kind: search.Kind(store.SearchCapability), IDs: ids, Names: names, Weight: 1}
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
