package graph

// THIS CODE WILL BE UPDATED WITH SCHEMA CHANGES. PREVIOUS IMPLEMENTATION FOR SCHEMA CHANGES WILL BE KEPT IN THE COMMENT SECTION. IMPLEMENTATION FOR UNCHANGED SCHEMA WILL BE KEPT.

import (
	"context"

	"github.com/mapgraph/mapgraph/graph/generated"
	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/graph/node"
	"github.com/mapgraph/mapgraph/internal/kg"
)

type Resolver struct{}

func (r *queryResolver) Node(ctx context.Context, id string) (node.Node, error) {
	return node.From(ctx).Node(ctx, id)
}

func (r *queryResolver) Nodes(ctx context.Context, ids []string) ([]node.Node, error) {
	return node.From(ctx).Nodes(ctx, ids)
}

func (r *queryResolver) Dataset(ctx context.Context) (*node.Dataset, error) {
	return &node.Dataset{Request: node.From(ctx)}, nil
}

func (r *queryResolver) AttackReleases(ctx context.Context, domain *kg.Domain) ([]*node.AttackRelease, error) {
	return node.From(ctx).AttackReleases(domain), nil
}

func (r *queryResolver) Frameworks(ctx context.Context, kinds []kg.FrameworkKind) ([]*node.Framework, error) {
	p, err := node.From(ctx).At(ctx, nil)
	if err != nil {
		return nil, err
	}
	return p.Frameworks(kinds), nil
}

func (r *queryResolver) Framework(ctx context.Context, id string) (*node.Framework, error) {
	p, err := node.From(ctx).At(ctx, nil)
	if err != nil {
		return nil, err
	}
	return p.Framework(id), nil
}

func (r *queryResolver) MappingSets(ctx context.Context, framework *string, domain *kg.Domain) ([]*node.MappingSet, error) {
	return node.From(ctx).MappingSets(framework, domain)
}

func (r *queryResolver) MappingSet(ctx context.Context, id string) (*node.MappingSet, error) {
	return node.From(ctx).MappingSet(id), nil
}

func (r *queryResolver) Technique(ctx context.Context, attackID string, view *model.ViewInput) (*node.Technique, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Technique(kg.CanonicalAttackID(attackID)), nil
}

func (r *queryResolver) Techniques(ctx context.Context, view *model.ViewInput, scope *model.ScopeInput, first *int32, after *string) (*node.TechniqueConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Techniques(scope, first, after)
}

func (r *queryResolver) Tactics(ctx context.Context, view *model.ViewInput) ([]*node.Tactic, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Tactics(), nil
}

func (r *queryResolver) Group(ctx context.Context, attackID string, view *model.ViewInput) (*node.Group, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Group(attackID), nil
}

func (r *queryResolver) Groups(ctx context.Context, view *model.ViewInput, first *int32, after *string) (*node.GroupConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Groups(first, after)
}

func (r *queryResolver) Software(ctx context.Context, attackID string, view *model.ViewInput) (*node.Software, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Software(attackID), nil
}

func (r *queryResolver) SoftwareList(ctx context.Context, view *model.ViewInput, first *int32, after *string) (*node.SoftwareConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.SoftwareList(first, after)
}

func (r *queryResolver) Campaign(ctx context.Context, attackID string, view *model.ViewInput) (*node.Campaign, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Campaign(attackID), nil
}

func (r *queryResolver) Campaigns(ctx context.Context, view *model.ViewInput, first *int32, after *string) (*node.CampaignConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Campaigns(first, after)
}

func (r *queryResolver) Mitigation(ctx context.Context, attackID string, view *model.ViewInput) (*node.Mitigation, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Mitigation(attackID), nil
}

func (r *queryResolver) Mitigations(ctx context.Context, view *model.ViewInput, first *int32, after *string) (*node.MitigationConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Mitigations(first, after)
}

func (r *queryResolver) Capability(ctx context.Context, framework string, capabilityID string) (*node.Capability, error) {
	p, err := node.From(ctx).At(ctx, nil)
	if err != nil {
		return nil, err
	}
	return p.Capability(framework, capabilityID)
}

func (r *queryResolver) Capabilities(ctx context.Context, framework *string, view *model.ViewInput, first *int32, after *string) (*node.CapabilityConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Capabilities(framework, first, after)
}

func (r *queryResolver) Mappings(ctx context.Context, view *model.ViewInput, filter *model.MappingFilter, scope *model.ScopeInput, first *int32, after *string) (*node.MappingConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Mappings(ctx, filter, scope, first, after)
}

func (r *queryResolver) Vulnerability(ctx context.Context, cve string, view *model.ViewInput) (*node.Vulnerability, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Vulnerability(cve), nil
}

func (r *queryResolver) Incident(ctx context.Context, verisID string, view *model.ViewInput) (*node.Incident, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Incident(verisID), nil
}

func (r *queryResolver) Search(ctx context.Context, text string, kinds []model.SearchKind, view *model.ViewInput, first *int32, after *string) (*node.SearchConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Search(ctx, text, kinds, first, after)
}

func (r *queryResolver) Matrix(ctx context.Context, frameworks []string, stack *model.StackInput, view *model.ViewInput, filter *model.MappingFilter, scope *model.ScopeInput, rollUp *kg.RollUp) (*node.Matrix, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Matrix(node.Ask{Frameworks: frameworks, Stack: stack, Filter: filter, Scope: scope, RollUp: rollUp})
}

func (r *queryResolver) Coverage(ctx context.Context, frameworks []string, stack *model.StackInput, view *model.ViewInput, filter *model.MappingFilter, scope *model.ScopeInput, rollUp *kg.RollUp) (*node.Coverage, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Coverage(node.Ask{Frameworks: frameworks, Stack: stack, Filter: filter, Scope: scope, RollUp: rollUp})
}

func (r *queryResolver) Overlap(ctx context.Context, frameworks []string, view *model.ViewInput, filter *model.MappingFilter, scope *model.ScopeInput, rollUp *kg.RollUp) (*node.Overlap, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Overlap(node.Ask{Frameworks: frameworks, Filter: filter, Scope: scope, RollUp: rollUp})
}

func (r *queryResolver) Gaps(ctx context.Context, frameworks []string, stack *model.StackInput, view *model.ViewInput, filter *model.MappingFilter, scope *model.ScopeInput, rollUp *kg.RollUp, orderBy *model.GapOrder, first *int32, after *string) (*node.GapConnection, error) {
	p, err := node.From(ctx).At(ctx, view)
	if err != nil {
		return nil, err
	}
	return p.Gaps(node.Ask{Frameworks: frameworks, Stack: stack, Filter: filter, Scope: scope, RollUp: rollUp}, orderBy, first, after)
}

func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

type queryResolver struct{ *Resolver }

// !!! WARNING !!!
// The code below was going to be deleted when updating resolvers. It has been copied here so you have
// one last chance to move it out of harms way if you want. There are two reasons this happens:
//  - When renaming or deleting a resolver the old code will be put in here. You can safely delete
//    it when you're done.
//  - You have helper methods in this file. Move them out to keep these resolver files clean.
/*
	type Resolver struct{}
*/
