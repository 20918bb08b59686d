package node

import (
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// filter turns a filter argument into the domain's; nil keeps all.
func (r *Request) filter(in *model.MappingFilter) (kg.Filter, error) {
	var f kg.Filter
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
func (p *Place) scope(in *model.ScopeInput) (kg.Bits, error) {
	var s kg.Scope
	if in != nil {
		s = kg.Scope{
			Techniques: in.Techniques, Tactics: in.Tactics, Platforms: in.Platforms,
			Groups: in.Groups, Software: in.Software, Campaigns: in.Campaigns,
			KevOnly: in.KevOnly != nil && *in.KevOnly,
		}
		if in.Level != nil {
			s.Level = *in.Level
		}
	}
	return s.Resolve(p.View)
}

// stack turns a stack argument into the domain's.
func (r *Request) stack(in *model.StackInput) (*kg.Stack, error) {
	if in == nil {
		return nil, nil
	}
	var s kg.Stack
	var err error
	if s.Frameworks, err = r.needFrameworks(in.Frameworks); err != nil {
		return nil, err
	}
	s.Capabilities, err = r.capabilityRefs("stack", in.Capabilities)
	return &s, err
}

// Ask is the part that the analyses' arguments have in common.
type Ask struct {
	Frameworks []string
	Stack      *model.StackInput
	Filter     *model.MappingFilter
	Scope      *model.ScopeInput
	RollUp     *kg.RollUp
}

// question resolves an Ask against a place. Without frameworks and stack the
// defences are asked.
func (p *Place) question(a Ask) (kg.Question, error) {
	var q kg.Question
	var err error
	if q.Frameworks, err = p.Request.needFrameworks(a.Frameworks); err != nil {
		return q, err
	}
	if q.Stack, err = p.Request.stack(a.Stack); err != nil {
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
