// Package facts is the embedded edition of the data: ids, names, relations,
// scores and links, without descriptions and comments, so that the program
// answers on a machine that has no data files.
package facts

import (
	_ "embed"
	"io"
	"slices"

	"github.com/mapgraph/mapgraph/internal/kg"
)

//go:embed facts.bin
var embedded []byte

// Load gives the embedded dataset.
func Load() (*kg.Dataset, error) { return Decode(embedded) }

// Write reduces a dataset and writes it in the form that Load reads.
func Write(w io.Writer, ds *kg.Dataset) error {
	out, err := Encode(Reduce(ds))
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

// Reduce keeps the newest set of each framework and domain, the releases that
// these and the newest view need, and of everything only the facts.
func Reduce(ds *kg.Dataset) *kg.Dataset {
	sets := newestSets(ds.Sets)
	out := &kg.Dataset{Edition: kg.Facts, Priorities: ds.Priorities, Report: &kg.ImportReport{}}
	versions, files, revisions := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range sets {
		versions[s.Key.AttackVersion] = true
		files[s.File] = true
		revisions[s.Key.Framework+" "+s.Key.Version] = true
		out.Sets = append(out.Sets, reduceSet(s))
	}
	if newest := newestVersion(ds.Releases); newest != "" {
		versions[newest] = true
	}
	for _, r := range ds.Releases {
		if versions[r.Key.Version] {
			out.Releases = append(out.Releases, reduceRelease(r))
		}
	}
	for _, f := range ds.Frameworks {
		if slices.ContainsFunc(sets, func(s *kg.Set) bool { return s.Key.Framework == f.ID }) {
			out.Frameworks = append(out.Frameworks, f)
		}
	}
	for _, b := range ds.Baselines {
		if revisions[b.Framework+" "+b.FrameworkVersion] {
			out.Baselines = append(out.Baselines, b)
		}
	}
	for _, f := range ds.Report.Files {
		if files[f.Path] {
			out.Report.Files = append(out.Report.Files, f)
		}
	}
	return out
}

func newestSets(all []*kg.Set) []*kg.Set {
	type place struct {
		framework string
		domain    kg.Domain
	}
	best := map[place]*kg.Set{}
	for _, s := range all {
		p := place{s.Key.Framework, s.Key.Domain}
		if best[p] == nil || s.Key.Compare(best[p].Key) > 0 {
			best[p] = s
		}
	}
	var sets []*kg.Set
	for _, s := range all {
		if best[place{s.Key.Framework, s.Key.Domain}] == s {
			sets = append(sets, s)
		}
	}
	return sets
}

func newestVersion(all []*kg.Release) string {
	newest := ""
	for _, r := range all {
		if newest == "" || kg.CompareVersions(r.Key.Version, newest) > 0 {
			newest = r.Key.Version
		}
	}
	return newest
}

func reduceSet(s *kg.Set) *kg.Set {
	out := &kg.Set{
		Key: s.Key, File: s.File, MappingVersion: s.MappingVersion, Created: s.Created, Updated: s.Updated,
		Groups: s.Groups, Rows: make([]kg.Row, len(s.Rows)),
	}
	for _, t := range s.Types {
		out.Types = append(out.Types, kg.MappingType{ID: t.ID, Name: t.Name})
	}
	for i := range s.Rows {
		r := s.Rows[i]
		r.Comments, r.SourceLabel, r.Author = "", "", ""
		if kg.TraitsOf(s.Key.Framework).SentenceTitles {
			r.Title = ""
		}
		r.References = reduceReferences(r.References)
		out.Rows[i] = r
	}
	return out
}

// reduceReferences keeps addresses; what is around them is text.
func reduceReferences(refs []kg.Reference) []kg.Reference {
	var out []kg.Reference
	for _, ref := range refs {
		if ref.URL != "" {
			out = append(out, kg.Reference{URL: ref.URL, Raw: ref.URL})
		}
	}
	return out
}

// keptKinds are the objects of the facts edition: those that people ask about,
// not ATT&CK's means of detection, whose worth is in their texts.
var keptKinds = []kg.ObjectKind{kg.KindGroup, kg.KindSoftware, kg.KindCampaign, kg.KindMitigation}

var keptLinks = []kg.LinkKind{kg.GroupUsesTechnique, kg.SoftwareUsesTechnique, kg.CampaignUsesTechnique,
	kg.MitigationMitigatesTechnique, kg.GroupUsesSoftware, kg.CampaignUsesSoftware, kg.CampaignAttributedToGroup}

func reduceRelease(r *kg.Release) *kg.Release {
	out := &kg.Release{Key: r.Key, Objects: map[kg.ObjectKind][]kg.Object{}, Links: map[kg.LinkKind][]kg.Link{}}
	for _, t := range r.Techniques {
		t.Description, t.StixID = "", ""
		out.Techniques = append(out.Techniques, t)
	}
	out.Tactics = reduceObjects(r.Tactics)
	for _, kind := range keptKinds {
		if list := reduceObjects(r.Objects[kind]); len(list) > 0 {
			out.Objects[kind] = list
		}
	}
	for _, kind := range keptLinks {
		if len(r.Links[kind]) > 0 {
			out.Links[kind] = r.Links[kind]
		}
	}
	return out
}

func reduceObjects(list []kg.Object) []kg.Object {
	var out []kg.Object
	for _, o := range list {
		o.Description, o.StixID = "", ""
		out = append(out, o)
	}
	return out
}
