package answer

import (
	"context"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Fan is how many values a field has.
type Fan struct {
	Mean    float64 // over all things that have the field
	Reached float64 // over those that a link leads to: what has many links is met more often
	Largest float64
}

// Fans are the fans of a generation's fields, as TYPE.field.
type Fans map[string]Fan

// Statistics counts, in the default view, how many values the fields have that
// grow with the data: what an estimate of an operation's cost is made of.
func (r *Request) Statistics(ctx context.Context) (Fans, error) {
	p, err := r.At(ctx, nil)
	if err != nil {
		return nil, err
	}
	s := Fans{}
	p.countLists(s)
	p.countTechniques(s)
	p.countCapabilities(s)
	p.countObjects(s)
	return s, nil
}

// lengths is a list of lengths that becomes a Fan.
type lengths struct{ n, sum, squares, largest float64 }

func (l *lengths) add(n int) {
	x := float64(n)
	l.n++
	l.sum += x
	l.squares += x * x
	l.largest = max(l.largest, x)
}

func (l *lengths) fan() Fan {
	if l.sum == 0 {
		return Fan{}
	}
	return Fan{Mean: l.sum / l.n, Reached: l.squares / l.sum, Largest: l.largest}
}

// exactly is the fan of a field that one thing has.
func exactly(n int) Fan { return Fan{Mean: float64(n), Reached: float64(n), Largest: float64(n)} }

// countLists counts the lists at the root.
func (p *Place) countLists(s Fans) {
	universe, head := len(p.frame().Universe), p.head()
	rows := 0
	for _, b := range p.View.Bodies {
		rows += b.Rows()
	}
	for field, n := range map[string]int{
		"Query.techniques": universe, "Query.gaps": universe, "Query.mappings": rows,
		"Query.capabilities": len(head.Capabilities), "Query.mappingSets": len(head.Sets), "Query.attackReleases": len(head.Releases),
		"Query.groups": len(p.active(kg.KindGroup)), "Query.softwareList": len(p.active(kg.KindSoftware)),
		"Query.campaigns": len(p.active(kg.KindCampaign)), "Query.mitigations": len(p.active(kg.KindMitigation)),
		"Dataset.releases": len(head.Releases), "Dataset.sets": len(head.Sets), "Query.frameworks": len(head.Frameworks),
		"Query.tactics": len(p.frame().Tactics), "Matrix.tactics": len(p.frame().Tactics), "Coverage.byTactic": len(p.frame().Tactics),
		"Coverage.byPlatform": len(p.frame().PlatformNames()), "Coverage.byFramework": len(head.Frameworks),
	} {
		s[field] = exactly(n)
	}
	var capabilities, mappings lengths
	for i := range head.Sets {
		capabilities.add(head.Sets[i].Capabilities)
		mappings.add(head.Sets[i].Mappings)
	}
	s["MappingSet.capabilities"], s["MappingSet.mappings"] = capabilities.fan(), mappings.fan()
}

func (p *Place) countTechniques(s Fans) {
	var all algebra.Filter
	var mappings, capabilities, subtechniques lengths
	links := map[string]*lengths{}
	users := map[string]kg.LinkKind{
		"groups": kg.GroupUsesTechnique, "software": kg.SoftwareUsesTechnique, "campaigns": kg.CampaignUsesTechnique,
		"mitigations": kg.MitigationMitigatesTechnique, "dataComponents": kg.ComponentDetectsTechnique, "detectionStrategies": kg.StrategyDetectsTechnique,
	}
	for field := range users {
		links[field] = &lengths{}
	}
	for i, t := range p.frame().Universe {
		rows, _ := p.View.TechniqueMappings(nil, i, &all) // nobody's budget: it cannot fail
		mappings.add(len(rows))
		capabilities.add(len(algebra.DistinctCapabilities(rows)))
		subtechniques.add(len(p.frame().Subtechniques(t.ID)))
		for field, link := range users {
			links[field].add(len(p.frame().Linked(link, t.ID, true)))
		}
	}
	s["Technique.mappings"], s["Technique.capabilities"] = mappings.fan(), capabilities.fan()
	s["Technique.subtechniques"], s["MatrixCell.subtechniques"] = subtechniques.fan(), subtechniques.fan()
	for field, l := range links {
		s["Technique."+field] = l.fan()
	}
	var tactic lengths
	for i := range p.frame().Tactics {
		tactic.add(p.frame().TacticTechniques(i).Count())
	}
	s["Tactic.techniques"], s["MatrixTactic.techniques"] = tactic.fan(), tactic.fan()
}

func (p *Place) countCapabilities(s Fans) {
	var mappings, techniques, framework lengths
	var all algebra.Filter
	for _, b := range p.View.Bodies {
		framework.add(len(b.Capabilities))
		for c := range b.Capabilities {
			rows, _ := p.View.CapabilityMappings(nil, b.Capabilities[c].Ref, &all)
			if len(rows) == 0 {
				continue
			}
			distinct := 0
			for i := range rows {
				if i == 0 || rows[i-1].Technique() != rows[i].Technique() {
					distinct++
				}
			}
			mappings.add(len(rows))
			techniques.add(distinct)
		}
	}
	s["Capability.mappings"], s["Capability.techniques"], s["Framework.capabilities"] = mappings.fan(), techniques.fan(), framework.fan()
	s["Vulnerability.techniques"], s["Incident.techniques"] = techniques.fan(), techniques.fan()
}

func (p *Place) countObjects(s Fans) {
	for _, f := range []struct {
		field    string
		kind     kg.ObjectKind
		link     kg.LinkKind
		backward bool
	}{
		{"Group.techniques", kg.KindGroup, kg.GroupUsesTechnique, false},
		{"Group.software", kg.KindGroup, kg.GroupUsesSoftware, false},
		{"Group.campaigns", kg.KindGroup, kg.CampaignAttributedToGroup, true},
		{"Software.techniques", kg.KindSoftware, kg.SoftwareUsesTechnique, false},
		{"Software.groups", kg.KindSoftware, kg.GroupUsesSoftware, true},
		{"Software.campaigns", kg.KindSoftware, kg.CampaignUsesSoftware, true},
		{"Campaign.techniques", kg.KindCampaign, kg.CampaignUsesTechnique, false},
		{"Campaign.software", kg.KindCampaign, kg.CampaignUsesSoftware, false},
		{"Campaign.groups", kg.KindCampaign, kg.CampaignAttributedToGroup, false},
		{"Mitigation.techniques", kg.KindMitigation, kg.MitigationMitigatesTechnique, false},
		{"DataComponent.techniques", kg.KindDataComponent, kg.ComponentDetectsTechnique, false},
		{"DetectionStrategy.techniques", kg.KindDetectionStrategy, kg.StrategyDetectsTechnique, false},
		{"DetectionStrategy.analytics", kg.KindDetectionStrategy, kg.StrategyHasAnalytic, false},
	} {
		var l lengths
		for _, o := range p.active(f.kind) {
			l.add(len(o.linked(f.link, f.backward)))
		}
		s[f.field] = l.fan()
	}
}
