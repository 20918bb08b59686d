package difftest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// world makes datasets at random: small, and with everything in them that a
// store could get wrong.
type world struct {
	*rand.Rand
	ds         *kg.Dataset
	techniques []string // ids of all domains, some of which no release has
	frameworks []string
}

var words = strings.Fields(`account admin attacker cloud container credential Zürich data exfiltration naïve file group
	identity ключ log malware network object password policy process 日本 proxy remote role service token user válid virtual Web.API web-shell`)

func newWorld(seed uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 0)), frameworks: []string{"aws", "kev", "nist_800_53", "own", "veris"}}
	w.ds = &kg.Dataset{Generation: fmt.Sprintf("seed-%d", seed), Edition: kg.Full, Report: &kg.ImportReport{Files: []kg.FileReport{{Path: "mappings/a.json", Kind: kg.MappingFile, Bytes: 7, RowCounts: kg.RowCounts{Rows: 3, Mapped: 3}}}}}
	for i := range 24 {
		id := fmt.Sprintf("T%d", 1000+i)
		w.techniques = append(w.techniques, id)
		for j := range w.IntN(4) {
			w.techniques = append(w.techniques, fmt.Sprintf("%s.%03d", id, j+1))
		}
	}
	versions := []string{"9.0", "14.1", "16.1"}
	for _, d := range []kg.Domain{kg.Enterprise, kg.Mobile} {
		for _, v := range versions {
			if w.IntN(5) > 0 || d == kg.Enterprise {
				w.ds.Releases = append(w.ds.Releases, w.release(kg.ReleaseKey{Domain: d, Version: v}))
			}
		}
	}
	for i, id := range w.frameworks {
		w.ds.Frameworks = append(w.ds.Frameworks, kg.Framework{ID: id, Name: strings.ToUpper(id), Kind: kg.FrameworkKind(i%5 + 1)})
		for _, v := range []string{"14.1", "16.1", "18.1"} { // 18.1 is not loaded
			if w.IntN(3) > 0 {
				w.ds.Sets = append(w.ds.Sets, w.set(id, v))
			}
		}
	}
	slices.SortFunc(w.ds.Sets, func(a, b *kg.Set) int { return a.Key.Compare(b.Key) })
	w.catalogs()
	for _, id := range w.techniques {
		if w.IntN(3) == 0 {
			w.ds.Priorities = append(w.ds.Priorities, kg.Priority{AttackID: id, Cumulative: float64(w.IntN(1000)) / 1000})
		}
	}
	return w
}

func (w *world) text(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = words[w.IntN(len(words))]
	}
	return strings.Join(list, " ")
}

// maybe gives a text, or often none.
func (w *world) maybe(n int) string {
	if w.IntN(2) == 0 {
		return ""
	}
	return w.text(n)
}

func (w *world) some(list []string) []string {
	var out []string
	for _, s := range list {
		if w.IntN(2) == 0 {
			out = append(out, s)
		}
	}
	return out
}

func (w *world) one(list []string) string { return list[w.IntN(len(list))] }

func (w *world) status() kg.Status {
	return []kg.Status{kg.Active, kg.Active, kg.Active, kg.Active, kg.Deprecated, kg.Revoked}[w.IntN(6)]
}

func (w *world) release(key kg.ReleaseKey) *kg.Release {
	rel := &kg.Release{Key: key, Objects: map[kg.ObjectKind][]kg.Object{}, Links: map[kg.LinkKind][]kg.Link{}}
	tactics := []string{"stealth", "access", "impact"}
	for i, name := range tactics {
		rel.Tactics = append(rel.Tactics, kg.Object{Kind: kg.KindTactic, ID: fmt.Sprintf("TA%04d", 9-i), Name: strings.ToUpper(name), ShortName: name,
			Description: w.maybe(5), Status: []kg.Status{kg.Active, kg.Active, kg.Deprecated}[w.IntN(3)]})
	}
	for _, id := range w.techniques {
		if w.IntN(4) == 0 {
			continue // not in this release
		}
		t := kg.Technique{ID: id, StixID: "attack-pattern--" + id, Name: w.text(2), Description: w.maybe(12), URL: "https://example.org/" + id,
			Status: w.status(), Tactics: w.some(tactics), Platforms: w.some([]string{"IaaS", "Linux", "macOS"})}
		if parent, _, sub := strings.Cut(id, "."); sub && w.IntN(8) > 0 {
			t.Parent = parent
		}
		if t.Status == kg.Revoked && w.IntN(4) > 0 {
			t.RevokedBy = w.one(w.techniques)
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
				Aliases: w.some(words[:3]), Platforms: w.some([]string{"Linux", "Windows"})}
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
func (w *world) links(rel *kg.Release) {
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

func (w *world) capability(framework string) string {
	switch framework {
	case "nist_800_53":
		return fmt.Sprintf("AC-%d", 1+w.IntN(6))
	case "kev":
		return fmt.Sprintf("CVE-2024-%04d", w.IntN(6))
	}
	return fmt.Sprintf("%s_%d", framework, w.IntN(6))
}

func (w *world) set(framework, version string) *kg.Set {
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

func (w *world) row(s *kg.Set, number int) kg.Row {
	r := kg.Row{Number: number, Class: []kg.Class{kg.Mapped, kg.Mapped, kg.Mapped, kg.Mapped, kg.NonMappableTechnique, kg.NonMappableCapability, kg.Incomplete}[w.IntN(7)],
		Comments: w.maybe(9), Status: w.maybe(1), Author: w.maybe(1), SourceLabel: w.maybe(2), TypeID: w.one([]string{"t1", "t2", "t3", ""})}
	for i := range r.ID {
		r.ID[i] = byte(w.Uint32())
	}
	if r.Class != kg.NonMappableTechnique {
		r.Capability = w.capability(s.Key.Framework)
		r.Spelled = w.one([]string{r.Capability, strings.ToLower(r.Capability)})
		r.Title, r.Group = w.maybe(2), w.one([]string{"g1", "g2", "g3", ""})
	}
	if r.Class != kg.NonMappableCapability {
		r.AttackID = w.one(w.techniques)
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

func (w *world) catalogs() {
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
		w.ds.Catalogs, w.ds.Baselines = append(w.ds.Catalogs, c), append(w.ds.Baselines, b)
	}
}
