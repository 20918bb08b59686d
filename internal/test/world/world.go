// Package world makes datasets at random for tests: small, and with
// everything in them that a store could get wrong.
package world

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// World is a dataset with what it was made of.
type World struct {
	*rand.Rand
	Dataset    *kg.Dataset
	Techniques []string // ids of all domains, some of which no release has
	Frameworks []string
}

// Words are what texts are made of.
var Words = strings.Fields(`account admin attacker cloud container credential Zürich data exfiltration naïve file group
	identity ключ log malware network object password policy process 日本 proxy remote role service token user válid virtual Web.API web-shell`)

// New makes the world of a seed: always the same.
func New(seed uint64) *World {
	w := &World{Rand: rand.New(rand.NewPCG(seed, 0)), Frameworks: []string{"aws", "kev", "nist_800_53", "own", "veris"}}
	w.Dataset = &kg.Dataset{Generation: fmt.Sprintf("seed-%d", seed), Edition: kg.Full, Report: &kg.ImportReport{Files: []kg.FileReport{{Path: "mappings/a.json", Kind: kg.MappingFile, Bytes: 7, RowCounts: kg.RowCounts{Rows: 3, Mapped: 3}}}}}
	for i := range 24 {
		id := fmt.Sprintf("T%d", 1000+i)
		w.Techniques = append(w.Techniques, id)
		for j := range w.IntN(4) {
			w.Techniques = append(w.Techniques, fmt.Sprintf("%s.%03d", id, j+1))
		}
	}
	versions := []string{"9.0", "14.1", "16.1"}
	for _, d := range []kg.Domain{kg.Enterprise, kg.Mobile} {
		for _, v := range versions {
			if w.IntN(5) > 0 || d == kg.Enterprise {
				w.Dataset.Releases = append(w.Dataset.Releases, w.release(kg.ReleaseKey{Domain: d, Version: v}))
			}
		}
	}
	for i, id := range w.Frameworks {
		w.Dataset.Frameworks = append(w.Dataset.Frameworks, kg.Framework{ID: id, Name: strings.ToUpper(id), Kind: kg.FrameworkKind(i%5 + 1)})
		for _, v := range []string{"14.1", "16.1", "18.1"} { // 18.1 is not loaded
			if w.IntN(3) > 0 {
				w.Dataset.Sets = append(w.Dataset.Sets, w.set(id, v))
			}
		}
	}
	slices.SortFunc(w.Dataset.Sets, func(a, b *kg.Set) int { return a.Key.Compare(b.Key) })
	w.catalogs()
	for _, id := range w.Techniques {
		if w.IntN(3) == 0 {
			w.Dataset.Priorities = append(w.Dataset.Priorities, kg.Priority{AttackID: id, Cumulative: float64(w.IntN(1000)) / 1000})
		}
	}
	return w
}

// awkwardTexts hold what a separator could be, what could stand for one, and
// each other's beginnings.
var awkwardTexts = []string{
	"a", "a\x00", "a\x00\x00", "a\x00b", "a\x00\x01", "a\x00ÿ", "a\x01", "a b", "ab", "\x00", "\x00a", "a\x00z 2", "a\x00z 10",
	"é", "e\u0301", "日本", "\U0010ffff", "a/b", "a\u2028b", "a\nb", "null", `"`,
}

// Awkward makes a world whose capabilities and techniques have awkward texts
// for ids and names.
func Awkward(seed uint64) *World {
	w := New(seed)
	for _, set := range w.Dataset.Sets {
		for i := range set.Rows {
			if r := &set.Rows[i]; r.Class != kg.NonMappableTechnique {
				r.Spelled = w.one(awkwardTexts)
				r.Capability = kg.CanonicalCapabilityID(set.Key.Framework, r.Spelled)
			}
		}
	}
	for _, rel := range w.Dataset.Releases {
		for i := range rel.Techniques {
			rel.Techniques[i].Name = w.one(awkwardTexts)
		}
	}
	return w
}

func (w *World) text(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = Words[w.IntN(len(Words))]
	}
	return strings.Join(list, " ")
}

// maybe gives a text, or often none.
func (w *World) maybe(n int) string {
	if w.IntN(2) == 0 {
		return ""
	}
	return w.text(n)
}

func (w *World) some(list []string) []string {
	var out []string
	for _, s := range list {
		if w.IntN(2) == 0 {
			out = append(out, s)
		}
	}
	return out
}

func (w *World) one(list []string) string { return list[w.IntN(len(list))] }

func (w *World) status() kg.Status {
	return []kg.Status{kg.Active, kg.Active, kg.Active, kg.Active, kg.Deprecated, kg.Revoked}[w.IntN(6)]
}

func (w *World) release(key kg.ReleaseKey) *kg.Release {
	rel := &kg.Release{Key: key, Objects: map[kg.ObjectKind][]kg.Object{}, Links: map[kg.LinkKind][]kg.Link{}}
	tactics := []string{"stealth", "access", "impact"}
	for i, name := range tactics {
		rel.Tactics = append(rel.Tactics, kg.Object{Kind: kg.KindTactic, ID: fmt.Sprintf("TA%04d", 9-i), Name: strings.ToUpper(name), ShortName: name,
			Description: w.maybe(5), Status: []kg.Status{kg.Active, kg.Active, kg.Deprecated}[w.IntN(3)]})
	}
	for _, id := range w.Techniques {
		if w.IntN(4) == 0 {
			continue // not in this release
		}
		t := kg.Technique{ID: id, StixID: "attack-pattern--" + id, Name: w.text(2), Description: w.maybe(12), URL: "https://example.org/" + id,
			Status: w.status(), Tactics: w.some(tactics), Platforms: w.some([]string{"IaaS", "Linux", "macOS"})}
		if parent, _, sub := strings.Cut(id, "."); sub && w.IntN(8) > 0 {
			t.Parent = parent
		}
		if t.Status == kg.Revoked && w.IntN(4) > 0 {
			t.RevokedBy = w.one(w.Techniques)
		}
		rel.Techniques = append(rel.Techniques, t)
	}
	slices.SortFunc(rel.Techniques, func(a, b kg.Technique) int { return strings.Compare(a.ID, b.ID) })
	for i, kind := range kg.ObjectKinds {
		if kind == kg.KindTactic {
			continue
		}
		for n := range 2 + w.IntN(5) {
			o := kg.Object{Kind: kind, ID: fmt.Sprintf("%c%04d", 'A'+i, n), Name: w.text(2), Description: w.maybe(8), URL: w.maybe(1), Status: w.status(),
				Aliases: w.some(Words[:3]), Platforms: w.some([]string{"Linux", "Windows"})}
			switch kind {
			case kg.KindSoftware:
				o.SoftwareType = w.one([]string{"malware", "tool"})
			case kg.KindCampaign:
				o.FirstSeen, o.LastSeen = "2024-01-01", w.maybe(1)
			}
			rel.Objects[kind] = append(rel.Objects[kind], o)
		}
	}
	w.links(rel)
	return rel
}

// links draws links between what is active, as a release promises.
func (w *World) links(rel *kg.Release) {
	active := map[string][]string{}
	for i := range rel.Techniques {
		if rel.Techniques[i].Status == kg.Active {
			active["technique"] = append(active["technique"], rel.Techniques[i].ID)
		}
	}
	for kind, list := range rel.Objects {
		for i := range list {
			if list[i].Status == kg.Active {
				active[kind.String()] = append(active[kind.String()], list[i].ID)
			}
		}
	}
	ends := map[kg.LinkKind][2]string{
		kg.GroupUsesTechnique: {"group", "technique"}, kg.SoftwareUsesTechnique: {"software", "technique"}, kg.CampaignUsesTechnique: {"campaign", "technique"},
		kg.MitigationMitigatesTechnique: {"mitigation", "technique"}, kg.GroupUsesSoftware: {"group", "software"}, kg.CampaignUsesSoftware: {"campaign", "software"},
		kg.CampaignAttributedToGroup: {"campaign", "group"}, kg.ComponentDetectsTechnique: {"data-component", "technique"},
		kg.StrategyDetectsTechnique: {"detection-strategy", "technique"}, kg.SourceHasComponent: {"data-source", "data-component"}, kg.StrategyHasAnalytic: {"detection-strategy", "analytic"},
	}
	for _, kind := range kg.LinkKinds {
		for _, from := range active[ends[kind][0]] {
			for _, to := range active[ends[kind][1]] {
				if w.IntN(4) == 0 {
					rel.Links[kind] = append(rel.Links[kind], kg.Link{From: from, To: to})
				}
			}
		}
	}
}

// Capability gives the id of a capability that a framework may have.
func (w *World) Capability(framework string) string {
	switch framework {
	case "nist_800_53":
		return fmt.Sprintf("AC-%d", 1+w.IntN(6))
	case "kev":
		return fmt.Sprintf("CVE-2024-%04d", w.IntN(6))
	}
	return fmt.Sprintf("%s_%d", framework, w.IntN(6))
}

func (w *World) set(framework, version string) *kg.Set {
	s := &kg.Set{
		Key:  kg.SetKey{Framework: framework, Version: w.one([]string{"1", "rev5"}), AttackVersion: version, Domain: kg.Enterprise},
		File: "mappings/" + framework + version + ".json", MappingVersion: w.maybe(1), Created: w.maybe(1), Updated: w.maybe(1),
		Author: w.maybe(1), Contact: w.maybe(1), Organization: w.maybe(1),
		Types:  []kg.MappingType{{ID: "t1", Name: "Type 1", Description: w.maybe(4)}, {ID: "t2"}},
		Groups: []kg.CapabilityGroup{{ID: "g1", Title: "Group 1"}, {ID: "g2", Title: w.maybe(2)}},
	}
	number := 0
	for range 60 {
		number += 1 + w.IntN(2)
		s.Rows = append(s.Rows, w.row(s, number))
	}
	return s
}

func (w *World) row(s *kg.Set, number int) kg.Row {
	r := kg.Row{Number: number, Class: []kg.Class{kg.Mapped, kg.Mapped, kg.Mapped, kg.Mapped, kg.NonMappableTechnique, kg.NonMappableCapability, kg.Incomplete}[w.IntN(7)],
		Comments: w.maybe(9), Status: w.maybe(1), Author: w.maybe(1), SourceLabel: w.maybe(2), TypeID: w.one([]string{"t1", "t2", "t3", ""})}
	for i := range r.ID {
		r.ID[i] = byte(w.Uint32())
	}
	if r.Class != kg.NonMappableTechnique {
		r.Capability = w.Capability(s.Key.Framework)
		r.Spelled = w.one([]string{r.Capability, strings.ToLower(r.Capability)})
		r.Title, r.Group = w.maybe(2), w.one([]string{"g1", "g2", "g3", ""})
	}
	if r.Class != kg.NonMappableCapability {
		r.AttackID = w.one(w.Techniques)
	}
	if r.Class == kg.Mapped {
		r.Relation = kg.Relation(1 + w.IntN(7))
		r.Category, r.Value = kg.Category(w.IntN(4)), kg.Value(w.IntN(4))
	}
	for range w.IntN(3) {
		r.References = append(r.References, kg.Reference{URL: w.maybe(1), Raw: w.text(1)})
	}
	return r
}

func (w *World) catalogs() {
	for _, v := range []string{"rev4", "rev5"} {
		c := kg.Catalog{Framework: "nist_800_53", FrameworkVersion: v, Title: "Catalog " + v, Version: "1"}
		b := kg.Baseline{Framework: "nist_800_53", FrameworkVersion: v, Name: w.one([]string{"LOW", "HIGH"}), Title: "Baseline"}
		for i := range 9 {
			if w.IntN(3) > 0 {
				id := fmt.Sprintf("AC-%d", i)
				c.Controls = append(c.Controls, kg.Control{ID: id, Title: w.text(2), Description: w.maybe(6), Family: "AC", FamilyTitle: "Access", Withdrawn: w.IntN(5) == 0})
				b.Controls = append(b.Controls, id)
			}
		}
		w.Dataset.Catalogs, w.Dataset.Baselines = append(w.Dataset.Catalogs, c), append(w.Dataset.Baselines, b)
	}
}
