package graph_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/world"
)

// TestPagingLosesNothing pages through every kind of list in small steps and
// wants what one large page holds.
func TestPagingLosesNothing(t *testing.T) {
	for seed := range uint64(4) {
		ds := world.Awkward(seed).Dataset
		a := newAPI(ds)
		last := slices.MaxFunc(ds.Sets, func(x, y *kg.Set) int { return cmp.Compare(len(x.Rows), len(y.Rows)) })
		set := last.Key.String()
		lists := map[string]string{
			"capabilities":            `capabilities(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}`,
			"mappings":                `mappings(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}`,
			"techniques":              `techniques(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}`,
			"groups":                  `groups(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}`,
			"search":                  `search(text:"a",PAGE){nodes{node{id}} pageInfo{hasNextPage endCursor} totalCount}`,
			"mappingSet.capabilities": `mappingSet(id:` + quote(set) + `){capabilities(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}}`,
			"mappingSet.mappings":     `mappingSet(id:` + quote(set) + `){mappings(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}}`,
			"gaps":                    `gaps(PAGE){nodes{technique{id}} pageInfo{hasNextPage endCursor} totalCount}`,
			"mappingDiff.added":       diffQuery(ds, "added"),
			"mappingDiff.removed":     diffQuery(ds, "removed"),
			"mappingDiff.rescored":    diffQuery(ds, "rescored"),
			"overlap.none.techniques": `overlap(frameworks:["own","aws"]){none{techniques(PAGE){nodes{technique{id}} pageInfo{hasNextPage endCursor}}}}`,
			"capability.mappings":     `capability(framework:"own",capabilityId:"a\u0000"){mappings(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}}`,
			"framework.capabilities":  `framework(id:"own"){capabilities(PAGE){nodes{id} pageInfo{hasNextPage endCursor} totalCount}}`,
		}
		for _, order := range []string{"ATTACK_ID", "NAME", "GROUPS", "SOFTWARE", "KEV", "TOP_TECHNIQUES"} {
			lists["gaps/"+order] = `gaps(orderBy:` + order + `,PAGE){nodes{technique{id}} pageInfo{hasNextPage endCursor} totalCount}`
		}
		for _, order := range []string{"WEIGHTED", "SHARED", "JACCARD", "FROM"} {
			lists["crosswalk/"+order] = `crosswalk(from:"own",to:"aws",orderBy:` + order + `,PAGE){nodes{from{id} to{id}} pageInfo{hasNextPage endCursor} totalCount}`
		}
		for name, field := range lists {
			if field == "" {
				continue
			}
			t.Run(fmt.Sprint(seed, " ", name), func(t *testing.T) { pageThrough(t, a, name, field) })
		}
	}
}

// diffQuery asks for what differs between two sets of one framework, if there are two.
func diffQuery(ds *kg.Dataset, list string) string {
	for i := 1; i < len(ds.Sets); i++ {
		if from, to := ds.Sets[i-1].Key, ds.Sets[i].Key; from.Framework == to.Framework {
			return `mappingDiff(from:` + quote(from.String()) + `,to:` + quote(to.String()) + `){` + list + `(PAGE){nodes{capability{id} attackId category} pageInfo{hasNextPage endCursor} totalCount}}`
		}
	}
	return ""
}

func pageThrough(t *testing.T, a api, name, field string) {
	path, _, _ := strings.Cut(name, "/")
	page := func(arguments string) map[string]any {
		data := any(a.ask(t, "{"+strings.Replace(field, "PAGE", arguments, 1)+"}"))
		for key := range strings.SplitSeq(path, ".") {
			if data = at(data, key); data == nil {
				return nil
			}
		}
		return data.(map[string]any)
	}
	whole := page("first:1000")
	if whole == nil {
		return
	}
	want := whole["nodes"].([]any)
	for _, step := range []int{1, 7} {
		var got []any
		arguments := fmt.Sprintf("first:%d", step)
		for next := arguments; ; {
			c := page(next)
			got = append(got, c["nodes"].([]any)...)
			if at(c, "pageInfo", "hasNextPage") == false {
				break
			}
			next = arguments + ",after:" + quote(at(c, "pageInfo", "endCursor").(string))
			if len(got) > len(want) {
				break
			}
		}
		if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
			t.Errorf("in steps of %d there are %d items, and %d in one page", step, len(got), len(want))
		}
	}
}
