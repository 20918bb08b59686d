package reference

import (
	"cmp"
	"math"
	"slices"
)

// mapper is a capability with the techniques of the scope that it maps.
type mapper struct {
	ref        Ref
	techniques []string
}

// mappers lists the capabilities of a framework that map something of a scope
// under a filter, in order.
func (v *View) mappers(framework string, f *rowFilter, scope []string) []mapper {
	found := map[string][]string{}
	for _, t := range scope {
		for _, r := range v.on[t] {
			if r.Set.Framework == framework && f.there(r) && f.passes(r) && !slices.Contains(found[r.Canonical], t) {
				found[r.Canonical] = append(found[r.Canonical], t)
			}
		}
	}
	var out []mapper
	for id, techniques := range found {
		out = append(out, mapper{Ref{framework, id}, techniques})
	}
	slices.SortFunc(out, func(a, b mapper) int { return byOrderKey("", a.ref.CapabilityID, "", b.ref.CapabilityID) })
	return out
}

// pair is two capabilities with techniques in common.
type pair struct {
	from, to                                      mapper
	shared                                        []string
	jaccard, fromContained, toContained, weighted float64
}

func rounded(x float64) float64 { return math.Round(x*1e12) / 1e12 }

// pairs lists a crosswalk's pairs, in no order.
func (v *View) pairs(from, to string, f *rowFilter, scope []string) []pair {
	left, right := v.mappers(from, f, scope), v.mappers(to, f, scope)
	both := slices.Clone(left)
	if from != to {
		both = append(both, right...)
	}
	weight := func(t string) float64 {
		df := 0
		for _, m := range both {
			if slices.Contains(m.techniques, t) {
				df++
			}
		}
		return math.Log(float64(len(both)) / float64(df))
	}
	weights := map[string]float64{}
	for _, t := range scope {
		weights[t] = weight(t)
	}
	var out []pair
	for _, a := range left {
		for _, b := range right {
			p := pair{from: a, to: b}
			var inBoth, inEither float64
			for _, t := range scope {
				inA, inB := slices.Contains(a.techniques, t), slices.Contains(b.techniques, t)
				if inA && inB {
					p.shared = append(p.shared, t)
					inBoth += weights[t]
				}
				if inA || inB {
					inEither += weights[t]
				}
			}
			if len(p.shared) == 0 || a.ref == b.ref {
				continue
			}
			p.jaccard = ratio(len(p.shared), len(a.techniques)+len(b.techniques)-len(p.shared))
			p.fromContained, p.toContained = ratio(len(p.shared), len(a.techniques)), ratio(len(p.shared), len(b.techniques))
			if inEither > 0 {
				p.weighted = inBoth / inEither
			}
			out = append(out, p)
		}
	}
	return out
}

func sortPairs(pairs []pair, by string) {
	metric := func(p pair) float64 {
		switch by {
		case "SHARED":
			return float64(len(p.shared))
		case "JACCARD":
			return rounded(p.jaccard)
		case "FROM_CONTAINED":
			return rounded(p.fromContained)
		case "TO_CONTAINED":
			return rounded(p.toContained)
		case "FROM":
			return 0
		}
		return rounded(p.weighted)
	}
	from := func(a, b pair) int {
		return byOrderKey(a.from.ref.Framework, a.from.ref.CapabilityID, b.from.ref.Framework, b.from.ref.CapabilityID)
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		first := cmp.Compare(metric(b), metric(a))
		if by == "FROM" {
			first = from(a, b)
		}
		return cmp.Or(first, cmp.Compare(rounded(b.weighted), rounded(a.weighted)), cmp.Compare(len(b.shared), len(a.shared)), from(a, b),
			byOrderKey(a.to.ref.Framework, a.to.ref.CapabilityID, b.to.ref.Framework, b.to.ref.CapabilityID))
	})
}

func (v *View) pairJSON(p pair) obj {
	return obj{"from": capabilityID(p.from.ref), "to": capabilityID(p.to.ref), "shared": len(p.shared), "jaccard": p.jaccard,
		"fromContained": p.fromContained, "toContained": p.toContained, "weighted": p.weighted, "techniques": v.techniqueIDs(p.shared)}
}

func (v *View) pairsJSON(pairs []pair) list {
	out := list{}
	for _, p := range pairs {
		out = append(out, v.pairJSON(p))
	}
	return out
}

func crosswalk(d *Data, q *Question) any {
	v := d.view(q.View)
	from, to := d.needFramework(q.From).ID, d.needFramework(q.To).ID
	var only []Ref
	for _, id := range q.FromCapabilities {
		only = append(only, d.needCapabilities([]Ref{{from, id}})...)
	}
	var kept []pair
	for _, p := range v.pairs(from, to, d.filter(q.Filter), v.scope(q.Scope)) {
		if (q.MinShared == nil || len(p.shared) >= *q.MinShared) && (q.MinWeighted == nil || rounded(p.weighted) >= rounded(*q.MinWeighted)) &&
			(len(only) == 0 || slices.Contains(only, p.from.ref)) {
			kept = append(kept, p)
		}
	}
	sortPairs(kept, q.OrderBy)
	return obj{"totalCount": len(kept), "nodes": v.pairsJSON(kept)}
}

func similar(d *Data, q *Question) any {
	v := d.view(q.View)
	ref, known := d.findCapability(d.needFramework(q.Framework).ID, q.ID)
	if !known {
		return nil
	}
	var kept []pair
	for _, p := range v.pairs(ref.Framework, d.needFramework(q.To).ID, d.filter(nil), v.scope(nil)) {
		if p.from.ref == ref {
			kept = append(kept, p)
		}
	}
	sortPairs(kept, "")
	return obj{"similar": v.pairsJSON(kept[:min(len(kept), cmp.Or(q.Page, 10))])}
}

func compareCapabilities(d *Data, q *Question) any {
	v := d.view(q.View)
	a, b := d.needCapabilities([]Ref{*q.A})[0], d.needCapabilities([]Ref{*q.B})[0]
	f := d.filter(q.Filter)
	rowsOf := func(ref Ref, technique string) []*Row {
		var out []*Row
		for _, r := range v.on[technique] {
			if (Ref{r.Set.Framework, r.Canonical}) == ref && f.there(r) && f.passes(r) {
				out = append(out, r)
			}
		}
		return out
	}
	var onlyA, onlyB []string
	both := list{}
	for _, t := range v.Release.universe() {
		inA, inB := rowsOf(a, t), rowsOf(b, t)
		switch {
		case len(inA) > 0 && len(inB) > 0:
			both = append(both, obj{"technique": v.techniqueID(t), "scores": scores(best(inA), best(inB))})
		case len(inA) > 0:
			onlyA = append(onlyA, t)
		case len(inB) > 0:
			onlyB = append(onlyB, t)
		}
	}
	out := obj{"a": capabilityID(a), "b": capabilityID(b), "both": both, "onlyA": v.techniqueIDs(onlyA), "onlyB": v.techniqueIDs(onlyB), "pair": nil}
	for _, p := range v.pairs(a.Framework, b.Framework, f, v.Release.universe()) {
		if p.from.ref == a && p.to.ref == b {
			out["pair"] = v.pairJSON(p)
		}
	}
	return out
}

// scores sets the best values of two capabilities side by side.
func scores(a, b map[string]string) list {
	out := list{}
	for _, category := range categories {
		valueA, inA := a[category]
		valueB, inB := b[category]
		if !inA && !inB {
			continue
		}
		score := obj{"category": category, "a": orNull(valueA), "b": orNull(valueB), "difference": nil}
		if valueA != "" && valueB != "" {
			score["difference"] = slices.Index(values, valueA) - slices.Index(values, valueB)
		}
		out = append(out, score)
	}
	return out
}
