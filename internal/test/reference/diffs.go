package reference

import (
	"cmp"
	"slices"
	"strings"
)

type diffKey struct{ capability, technique, category string }

// entries gives the values of each capability, technique and category of a set.
func (v *View) entries(s *Set, align bool) map[diffKey][]string {
	out := map[diffKey][]string{}
	for _, r := range s.Rows {
		technique := r.Technique
		if align {
			technique = v.placed[r]
		}
		if r.Class != mapped || technique == "" {
			continue
		}
		k := diffKey{r.Canonical, technique, r.Category}
		if !slices.Contains(out[k], r.Value) {
			out[k] = append(out[k], r.Value)
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b string) int { return cmp.Compare(slices.Index(values, a), slices.Index(values, b)) })
	}
	return out
}

func mappingDiff(d *Data, q *Question) any {
	a, b := d.needSet(q.From), d.needSet(q.To)
	if a.Framework != b.Framework || a.Domain != b.Domain {
		fail("BAD_USER_INPUT", "sets of two frameworks or domains")
	}
	release := d.needRelease(b.Domain, b.Attack)
	align := q.Align == nil || *q.Align
	old, now := d.viewOf(release, map[string]*Set{a.Framework: a}), d.viewOf(release, map[string]*Set{b.Framework: b})
	before, after := old.entries(a, align), now.entries(b, align)
	var added, removed, rescored []diffKey
	for k := range after {
		switch {
		case before[k] == nil:
			added = append(added, k)
		case !slices.Equal(before[k], after[k]):
			rescored = append(rescored, k)
		}
	}
	for k := range before {
		if after[k] == nil {
			removed = append(removed, k)
		}
	}
	show := func(keys []diffKey) obj {
		slices.SortFunc(keys, func(x, y diffKey) int {
			return cmp.Or(byOrderKey("", x.capability, "", y.capability), strings.Compare(x.technique, y.technique),
				cmp.Compare(slices.Index(categories, x.category), slices.Index(categories, y.category)))
		})
		nodes := list{}
		for _, k := range keys {
			node := obj{"capability": capabilityID(Ref{a.Framework, k.capability}), "attackId": k.technique, "technique": nil, "category": orNull(k.category),
				"before": named(before[k]), "after": named(after[k])}
			if t := release.Techniques[k.technique]; t != nil {
				technique := now.techniqueID(k.technique)
				technique["status"] = t.Status
				node["technique"] = technique
			}
			nodes = append(nodes, node)
		}
		return obj{"totalCount": len(keys), "nodes": nodes}
	}
	out := obj{"from": obj{"id": "set:" + a.ID()}, "to": obj{"id": "set:" + b.ID()}, "attackVersion": b.Attack,
		"addedCount": len(added), "removedCount": len(removed), "rescoredCount": len(rescored),
		"added": show(added), "removed": show(removed), "rescored": show(rescored), "unalignedFrom": 0, "unalignedTo": 0}
	if align {
		out["unalignedFrom"], out["unalignedTo"] = old.unplaced(a), now.unplaced(b)
	}
	came, went, retitled := list{}, list{}, list{}
	in, was := b.capabilities(), a.capabilities()
	for _, id := range in {
		ref := Ref{a.Framework, id}
		if !slices.Contains(was, id) {
			came = append(came, capabilityID(ref))
		} else if x, y := a.title(id), b.title(id); x != "" && y != "" && x != y {
			retitled = append(retitled, obj{"capability": capabilityID(ref), "before": x, "after": y})
		}
	}
	for _, id := range was {
		if !slices.Contains(in, id) {
			went = append(went, capabilityID(Ref{a.Framework, id}))
		}
	}
	out["capabilitiesAdded"], out["capabilitiesRemoved"], out["capabilitiesRetitled"] = came, went, retitled
	return out
}

// named leaves out that there is no value.
func named(values []string) list {
	out := list{}
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// unplaced counts the MAPPED rows of a set that have no place.
func (v *View) unplaced(s *Set) int {
	n := 0
	for _, r := range s.Rows {
		if r.Class == mapped && v.placed[r] == "" {
			n++
		}
	}
	return n
}

func attackDiff(d *Data, q *Question) any {
	domain := ""
	if q.View != nil {
		domain = q.View.Domain
	}
	a, b := d.needRelease(domainOf(domain), q.From), d.needRelease(domainOf(domain), q.To)
	was, is := d.viewOf(a, nil), d.viewOf(b, nil)
	added, revoked, deprecated, removed, renamed, moved, reparented := list{}, list{}, list{}, list{}, list{}, list{}, list{}
	for _, id := range b.universe() {
		if t := a.Techniques[id]; t == nil || t.Status != "ACTIVE" {
			added = append(added, is.techniqueID(id))
		}
	}
	for _, id := range a.universe() {
		old, now := a.Techniques[id], b.Techniques[id]
		switch {
		case now == nil:
			removed = append(removed, was.techniqueID(id))
		case now.Status == "REVOKED":
			entry := obj{"technique": is.techniqueID(id), "successor": nil}
			if to, reason := d.align(b, id); reason == "" {
				entry["successor"] = is.techniqueID(to)
			}
			revoked = append(revoked, entry)
		case now.Status == "DEPRECATED":
			deprecated = append(deprecated, is.techniqueID(id))
		default:
			if old.Name != now.Name {
				renamed = append(renamed, obj{"technique": is.techniqueID(id), "before": old.Name, "after": now.Name})
			}
			if x, y := slices.Sorted(slices.Values(old.Tactics)), slices.Sorted(slices.Values(now.Tactics)); !slices.Equal(x, y) {
				moved = append(moved, obj{"technique": is.techniqueID(id), "before": texts(x), "after": texts(y)})
			}
			if old.Parent != now.Parent {
				reparented = append(reparented, obj{"technique": is.techniqueID(id), "before": texts(some(old.Parent)), "after": texts(some(now.Parent))})
			}
		}
	}
	return obj{"added": added, "revoked": revoked, "deprecated": deprecated, "removed": removed, "renamed": renamed, "tacticsChanged": moved, "reparented": reparented}
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func texts(in []string) list {
	out := list{}
	for _, s := range in {
		out = append(out, s)
	}
	return out
}

func lift(d *Data, q *Question) any {
	s := d.needSet(q.From)
	if q.To == "" {
		fail("NOT_FOUND", "no release")
	}
	release := d.needRelease(s.Domain, q.To)
	lifted, unresolved := d.lifts(s, release)
	return obj{"set": obj{"id": "set:" + s.ID()}, "to": q.To, "lifted": lifted, "unresolved": unresolved}
}

// lifts tells the ids of every row of a set that names a technique which a
// release replaces, or has no place for.
func (d *Data) lifts(s *Set, release *Known) (lifted, unresolved list) {
	lifted, unresolved = list{}, list{}
	rows := map[string]int{}
	for _, r := range s.Rows {
		if r.Technique != "" {
			rows[r.Technique]++
		}
	}
	for _, id := range sorted(rows) {
		to, reason := d.align(release, id)
		switch {
		case reason != "":
			unresolved = append(unresolved, obj{"from": id, "reason": reason, "rows": rows[id]})
		case to != id:
			lifted = append(lifted, obj{"from": id, "to": to, "rows": rows[id]})
		}
	}
	return lifted, unresolved
}
