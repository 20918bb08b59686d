package answer

import (
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// filter turns a filter argument into the domain's; nil keeps all.
func (r *Request) filter(in *model.MappingFilter) (algebra.Filter, error) {
	var f algebra.Filter
	if in == nil {
		return f, nil
	}
	var err error
	if f.Frameworks, err = r.needFrameworks(in.Frameworks); err != nil {
		return f, err
	}
	if f.Capabilities, err = r.capabilityRefs("filter", in.Capabilities); err != nil {
		return f, err
	}
	for _, g := range in.CapabilityGroups {
		f.Groups = append(f.Groups, strings.TrimSpace(g))
	}
	f.Relations = in.Relations
	f.Categories = in.Categories
	if in.MinScore != nil {
		f.MinScore = *in.MinScore
	}
	f.IncludeUnscored = in.IncludeUnscored != nil && *in.IncludeUnscored
	return f, nil
}

// capabilityRefs resolves references; one that no loaded set has is an error,
// since a slip of the pen must not pass for a gap.
func (r *Request) capabilityRefs(what string, in []*model.CapabilityRef) ([]kg.CapabilityRef, error) {
	refs := make([]kg.CapabilityRef, 0, len(in))
	for _, ref := range in {
		f, err := r.needFramework(ref.Framework)
		if err != nil {
			return nil, err
		}
		c := r.head().FindCapability(f.ID, ref.CapabilityID)
		if c == nil {
			return nil, badInput("%s: no loaded mapping set of %s has a capability %q", what, f.ID, ref.CapabilityID)
		}
		refs = append(refs, c.Ref)
	}
	return refs, nil
}

// scope resolves a scope argument against a place; nil is the whole universe.
func (p *Place) scope(in *model.ScopeInput) (algebra.Bits, error) {
	s := scopeOf(in)
	return s.Resolve(p.View)
}

func scopeOf(in *model.ScopeInput) algebra.Scope {
	if in == nil {
		return algebra.Scope{}
	}
	s := algebra.Scope{
		Techniques: in.Techniques, Tactics: in.Tactics, Platforms: in.Platforms,
		Groups: in.Groups, Software: in.Software, Campaigns: in.Campaigns,
		KevOnly: in.KevOnly != nil && *in.KevOnly,
	}
	if in.Level != nil {
		s.Level = *in.Level
	}
	return s
}

// stack turns a stack argument into the domain's, checked against the place's view.
func (p *Place) stack(in *model.StackInput) (*algebra.Stack, error) {
	if in == nil {
		return nil, nil
	}
	posture, err := p.Request.posture(in)
	if err != nil {
		return nil, err
	}
	s, err := algebra.Own(p.head(), posture)
	if err != nil {
		return nil, err
	}
	return s, p.View.CheckStack(s)
}

func (r *Request) posture(in *model.StackInput) (algebra.Posture, error) {
	var o algebra.Posture
	frameworks, capabilities, techniques := in.Frameworks, in.Capabilities, in.Techniques
	if in.Layer != nil {
		owned, err := export.ParseLayer(in.Layer)
		if err != nil {
			return o, badInput("stack: %v", err)
		}
		for _, c := range owned.Capabilities {
			capabilities = append(capabilities, &model.CapabilityRef{Framework: c.Framework, CapabilityID: c.ID})
		}
		techniques = slices.Concat(techniques, owned.Techniques)
	}
	var err error
	if o.Frameworks, err = r.needFrameworks(frameworks); err != nil {
		return o, err
	}
	if o.Capabilities, err = r.capabilityRefs("stack", capabilities); err != nil {
		return o, err
	}
	for _, b := range in.Baselines {
		if o.Baselines, err = r.addPart(o.Baselines, b.Framework, b.Name); err != nil {
			return o, err
		}
	}
	for _, g := range in.CapabilityGroups {
		if o.Groups, err = r.addPart(o.Groups, g.Framework, g.Group); err != nil {
			return o, err
		}
	}
	for _, l := range in.Licences {
		if o.Licences, err = r.addPart(o.Licences, l.Framework, l.Tier); err != nil {
			return o, err
		}
	}
	o.Techniques = techniques
	return o, nil
}

func (r *Request) addPart(parts []algebra.Part, framework, name string) ([]algebra.Part, error) {
	f, err := r.needFramework(framework)
	if err != nil {
		return nil, err
	}
	return append(parts, algebra.Part{Framework: f.ID, Name: name}), nil
}

// Ask is the part that the analyses' arguments have in common.
type Ask struct {
	Frameworks []string
	Stack      *model.StackInput
	Filter     *model.MappingFilter
	Scope      *model.ScopeInput
	RollUp     *algebra.RollUp
}

// question resolves an Ask against a place. Without frameworks and stack the
// defences are asked.
func (p *Place) question(a Ask) (algebra.Question, error) {
	var q algebra.Question
	var err error
	if q.Frameworks, err = p.Request.needFrameworks(a.Frameworks); err != nil {
		return q, err
	}
	if q.Stack, err = p.stack(a.Stack); err != nil {
		return q, err
	}
	if len(q.Frameworks) == 0 && q.Stack == nil {
		q.Frameworks = p.head().Defences()
	}
	if q.Filter, err = p.Request.filter(a.Filter); err != nil {
		return q, err
	}
	if a.RollUp != nil {
		q.RollUp = *a.RollUp
	}
	return q, nil
}
