package reference

import (
	"cmp"
	"slices"
	"strings"
)

// The states and the reasons for UNASSESSED, best and strongest first.
var (
	states  = []string{"MAPPED", "BELOW_THRESHOLD", "NON_MAPPABLE", "UNASSESSED"}
	reasons = []string{"SILENT", "NEW_SINCE_MAPPING", "RETIRED_BEFORE_MAPPING", "UNKNOWN"}
)

// cell is what a framework, or several, say of a technique.
type cell struct {
	State, Reason string
	RolledUp      bool
	rows          []*Row // that pass the filter
}

// body is a framework that speaks, with what of it is owned.
type body struct {
	framework string
	owned     func(canonical string) bool
}

// assessment is what bodies say of every technique of the universe.
type assessment struct {
	view     *View
	filter   *rowFilter
	bodies   []body
	cells    []map[string]cell // of each body, by technique
	combined map[string]cell
	scope    []string
}

func everything(string) bool { return true }

// assess answers what frameworks, or a stack, say.
func assess(v *View, frameworks []string, stack *Stack, filter *Filter, scope *Scope, rollUp string) *assessment {
	a := &assessment{view: v}
	names := v.needFrameworks(frameworks)
	var own []string
	if stack != nil {
		a.bodies, own = v.stackBodies(names, stack)
	} else {
		if len(names) == 0 {
			names = v.defences()
		}
		for _, f := range names {
			a.bodies = append(a.bodies, body{f, everything})
		}
	}
	a.filter = v.filter(filter)
	a.scope = v.scope(scope)
	for _, b := range a.bodies {
		cells := map[string]cell{}
		for _, t := range v.Release.universe() {
			cells[t] = v.cell(b, a.filter, t)
		}
		a.cells = append(a.cells, cells)
	}
	if stack != nil { // speaks as one body
		a.combine(own)
		v.rollUp(rollUp, a.combined)
	}
	for _, cells := range a.cells {
		v.rollUp(rollUp, cells)
	}
	if stack == nil {
		a.combine(nil)
	}
	return a
}

// defences are the frameworks that count where none is named.
func (d *Data) defences() []string {
	var out []string
	for _, f := range d.Frameworks {
		if f.Kind != "VULNERABILITY_CATALOG" && f.Kind != "INCIDENT_TAXONOMY" {
			out = append(out, f.ID)
		}
	}
	return out
}

// stackBodies gives a body for each framework of which something is owned, by
// id, and the techniques that are covered by other means.
func (v *View) stackBodies(beside []string, stack *Stack) (bodies []body, own []string) {
	whole := slices.Concat(beside, v.needFrameworks(stack.Frameworks))
	single := v.needCapabilities(stack.Capabilities)
	names := slices.Clone(whole)
	for _, ref := range single {
		names = append(names, ref.Framework)
	}
	slices.Sort(names)
	for _, f := range slices.Compact(names) {
		owned := everything
		if !slices.Contains(whole, f) {
			owned = func(id string) bool { return slices.Contains(single, Ref{f, id}) }
		}
		bodies = append(bodies, body{f, owned})
	}
	for _, id := range stack.Techniques {
		id = spelledTechnique(id)
		if v.Release.Techniques[id] == nil {
			fail("BAD_USER_INPUT", "stack: technique %s", id)
		}
		if to, reason := v.align(v.Release, id); reason == "" {
			own = append(own, to)
		}
	}
	return bodies, own
}

// cell is what one body says of a technique, before roll-up: the first rule that
// holds.
func (v *View) cell(b body, f *rowFilter, technique string) cell {
	set := v.Sets[b.framework]
	if set == nil {
		return cell{State: "UNASSESSED", Reason: "UNKNOWN"}
	}
	var c cell
	exist := false
	for _, r := range v.on[technique] {
		if r.Set != set || !b.owned(r.Canonical) || !f.there(r) {
			continue
		}
		exist = true
		if f.passes(r) {
			c.rows = append(c.rows, r)
		}
	}
	switch {
	case len(c.rows) > 0:
		c.State = "MAPPED"
	case exist:
		c.State = "BELOW_THRESHOLD"
	case v.declaration(set, technique) != nil:
		c.State = "NON_MAPPABLE"
	default:
		c.State, c.Reason = "UNASSESSED", v.silence(set, technique)
	}
	return c
}

// declaration gives the row that declares a technique non-mappable, or nil.
func (v *View) declaration(set *Set, technique string) *Row {
	for _, r := range set.Rows {
		if r.Class == nonMappableTechnique && v.placed[r] == technique {
			return r
		}
	}
	return nil
}

// silence says why a set says nothing of a technique.
func (v *View) silence(set *Set, technique string) string {
	own := v.release(set.Domain, set.Attack)
	switch {
	case own == nil:
		return "UNKNOWN"
	case own.Techniques[technique] != nil && own.Techniques[technique].Status == "ACTIVE":
		return "SILENT"
	case olderFirst(set.Attack, v.Release.Version) > 0:
		return "RETIRED_BEFORE_MAPPING"
	}
	return "NEW_SINCE_MAPPING"
}

// combine takes the best state over the bodies, and the strongest reason.
func (a *assessment) combine(own []string) {
	a.combined = map[string]cell{}
	for _, t := range a.view.Release.universe() {
		best := cell{State: "UNASSESSED", Reason: "UNKNOWN"}
		if slices.Contains(own, t) {
			best = cell{State: "MAPPED"}
		}
		for _, cells := range a.cells {
			if betterCell(cells[t], best) {
				best = cells[t]
			}
		}
		a.combined[t] = best
	}
}

// betterCell prefers the better state, then the stronger reason, then a state
// that roll-up did not make.
func betterCell(x, y cell) bool {
	truth := map[bool]int{true: 1}
	return cmp.Or(
		cmp.Compare(slices.Index(states, x.State), slices.Index(states, y.State)),
		cmp.Compare(slices.Index(reasons, x.Reason), slices.Index(reasons, y.Reason)),
		cmp.Compare(truth[x.RolledUp], truth[y.RolledUp])) < 0
}

// rollUp makes techniques MAPPED through their family, by the states before it.
func (v *View) rollUp(how string, cells map[string]cell) {
	if how == "" || how == "NONE" {
		return
	}
	before := map[string]bool{}
	for t, c := range cells {
		before[t] = c.State == "MAPPED"
	}
	for _, t := range v.Release.universe() {
		if before[t] {
			continue
		}
		any, all := false, true
		for _, child := range v.children(t) {
			any, all = any || before[child], all && before[child]
		}
		reached := false
		switch how {
		case "PARENT_IF_ANY_CHILD":
			reached = any
		case "PARENT_IF_ALL_CHILDREN":
			reached = any && all
		case "CHILDREN_OF_MAPPED_PARENT":
			reached = before[v.Release.Techniques[t].Parent]
		}
		if reached {
			cells[t] = cell{State: "MAPPED", RolledUp: true}
		}
	}
}

// children lists the active sub-techniques of a technique, by id.
func (v *View) children(technique string) []string {
	var out []string
	for _, id := range v.Release.universe() {
		if v.Release.Techniques[id].Parent == technique {
			out = append(out, id)
		}
	}
	return out
}

// refsOf gives the distinct capabilities of rows that are in order.
func refsOf(rows []*Row) []Ref {
	var out []Ref
	for _, r := range rows {
		if ref := (Ref{r.Set.Framework, r.Canonical}); !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

func capabilityIDs(refs []Ref) list {
	out := list{}
	for _, ref := range refs {
		out = append(out, capabilityID(ref))
	}
	return out
}

// best gives the highest value of each category that rows have.
func best(rows []*Row) map[string]string {
	out := map[string]string{}
	for _, r := range rows {
		if old, has := out[r.Category]; r.Category != "" && (!has || slices.Index(values, r.Value) > slices.Index(values, old)) {
			out[r.Category] = r.Value
		}
	}
	return out
}

func (c cell) json(framework string) obj {
	scores := list{}
	found := best(c.rows)
	for _, category := range categories {
		if value, has := found[category]; has {
			scores = append(scores, obj{"category": category, "value": orNull(value)})
		}
	}
	return obj{"framework": obj{"frameworkId": framework}, "state": c.State, "reason": orNull(c.Reason), "capabilityCount": len(refsOf(c.rows)),
		"mappingCount": len(c.rows), "best": scores, "rolledUp": c.RolledUp}
}

func (a *assessment) cellsOf(technique string) list {
	out := list{}
	for i, b := range a.bodies {
		out = append(out, a.cells[i][technique].json(b.framework))
	}
	return out
}

// tally counts the states of some techniques.
func tally(cells map[string]cell, techniques []string) obj {
	names := map[string]string{"MAPPED": "mapped", "BELOW_THRESHOLD": "belowThreshold", "NON_MAPPABLE": "nonMappable", "UNASSESSED": "unassessed"}
	count := map[string]int{}
	for _, t := range techniques {
		count[names[cells[t].State]]++
	}
	out := obj{"total": len(techniques), "ratio": ratio(count["mapped"], len(techniques))}
	for _, name := range names {
		out[name] = count[name]
	}
	return out
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// mappedOf counts only what is mapped.
func mappedOf(cells map[string]cell, techniques []string) obj {
	all := tally(cells, techniques)
	return obj{"total": all["total"], "mapped": all["mapped"], "ratio": all["ratio"]}
}

func (a *assessment) coverage() obj {
	out := tally(a.combined, a.scope)
	byFramework, byTactic, byPlatform := list{}, list{}, list{}
	for i, b := range a.bodies {
		one := tally(a.cells[i], a.scope)
		one["framework"] = obj{"frameworkId": b.framework}
		byFramework = append(byFramework, one)
	}
	for _, tactic := range a.view.Release.Tactics {
		one := mappedOf(a.combined, a.where(func(t *Technique) bool { return slices.Contains(t.Tactics, tactic.ID) }))
		one["tactic"] = obj{"attackId": tactic.ID}
		byTactic = append(byTactic, one)
	}
	platforms := map[string]bool{}
	for _, t := range a.scope {
		for _, p := range a.view.Release.Techniques[t].Platforms {
			platforms[p] = true
		}
	}
	for _, p := range sorted(platforms) {
		one := mappedOf(a.combined, a.where(func(t *Technique) bool { return slices.Contains(t.Platforms, p) }))
		one["platform"] = p
		byPlatform = append(byPlatform, one)
	}
	out["byFramework"], out["byTactic"], out["byPlatform"] = byFramework, byTactic, byPlatform
	return out
}

// where lists the techniques of the scope of which something holds.
func (a *assessment) where(holds func(*Technique) bool) []string {
	var out []string
	for _, id := range a.scope {
		if holds(a.view.Release.Techniques[id]) {
			out = append(out, id)
		}
	}
	return out
}

func (d *Data) assess(q *Question) *assessment {
	return assess(d.view(q.View), q.Frameworks, q.Stack, q.Filter, q.Scope, q.RollUp)
}

func coverage(d *Data, q *Question) any { return d.assess(q).coverage() }

func gaps(d *Data, q *Question) any {
	a := d.assess(q)
	var open []string
	for _, t := range a.scope {
		if a.combined[t].State != "MAPPED" {
			open = append(open, t)
		}
	}
	slices.SortStableFunc(open, func(x, y string) int { return a.compareGaps(q.OrderBy, x, y) })
	nodes := list{}
	for _, t := range open {
		nodes = append(nodes, obj{"technique": a.view.techniqueID(t), "state": a.combined[t].State, "reason": orNull(a.combined[t].Reason),
			"comment": a.comment(t), "byFramework": a.cellsOf(t), "weights": a.view.weights(t)})
	}
	return obj{"totalCount": len(open), "coverage": a.coverage(), "unaligned": a.unaligned(), "nodes": nodes}
}

func (a *assessment) compareGaps(by, x, y string) int {
	high := func(name string) int {
		return cmp.Compare(number(a.view.weights(y)[name]), number(a.view.weights(x)[name]))
	}
	switch by {
	case "NAME":
		return cmp.Or(strings.Compare(a.view.Release.Techniques[x].Name, a.view.Release.Techniques[y].Name), strings.Compare(x, y))
	case "GROUPS":
		return cmp.Or(high("groups"), strings.Compare(x, y))
	case "SOFTWARE":
		return cmp.Or(high("software"), strings.Compare(x, y))
	case "KEV":
		return cmp.Or(high("kev"), strings.Compare(x, y))
	case "TOP_TECHNIQUES":
		return cmp.Or(high("topTechniques"), strings.Compare(x, y))
	}
	return strings.Compare(x, y)
}

// number reads a weight; none is below all.
func number(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	return -1
}

// comment gives why a technique is declared non-mappable, by the first of the
// bodies that says so.
func (a *assessment) comment(technique string) any {
	if a.combined[technique].State != "NON_MAPPABLE" {
		return nil
	}
	for _, b := range a.bodies {
		if set := a.view.Sets[b.framework]; set != nil {
			if r := a.view.declaration(set, technique); r != nil {
				return orNull(r.Comments)
			}
		}
	}
	return nil
}

// unaligned lists the rows of the bodies that are there and have no place.
func (a *assessment) unaligned() list {
	out := list{}
	for _, b := range a.bodies {
		set := a.view.Sets[b.framework]
		if set == nil {
			continue
		}
		for _, r := range set.Rows {
			if r.Class == mapped && a.view.lost[r] != "" && b.owned(r.Canonical) && a.filter.there(r) {
				out = append(out, obj{"attackId": r.Technique, "reason": a.view.lost[r], "mapping": obj{"source": source(r), "technique": a.view.asWritten(r)}})
			}
		}
	}
	return out
}

// asWritten is the technique of a row that has no place.
func (v *View) asWritten(r *Row) obj {
	out := v.techniqueID(r.Technique)
	out["status"], out["name"] = "UNKNOWN", cmp.Or(r.Label, r.Technique)
	if t := v.Release.Techniques[r.Technique]; t != nil {
		out["status"], out["name"] = t.Status, t.Name
	}
	return out
}

func overlap(d *Data, q *Question) any {
	if len(d.needFrameworks(q.Frameworks)) < 2 {
		fail("BAD_USER_INPUT", "overlap of one framework")
	}
	a := d.assess(q)
	signature := func(t string) []int {
		sig := []int{}
		for i := range a.bodies {
			if a.cells[i][t].State == "MAPPED" {
				sig = append(sig, i)
			}
		}
		return sig
	}
	type region struct {
		signature  []int
		techniques []string
	}
	full := region{}
	none := region{signature: []int{}}
	for i := range a.bodies {
		full.signature = append(full.signature, i)
	}
	var regions []*region
	for _, t := range a.scope {
		sig := signature(t)
		if len(sig) == 0 {
			none.techniques = append(none.techniques, t)
			continue
		}
		if len(sig) == len(a.bodies) {
			full.techniques = append(full.techniques, t)
		}
		i := slices.IndexFunc(regions, func(r *region) bool { return slices.Equal(r.signature, sig) })
		if i < 0 {
			i = len(regions)
			regions = append(regions, &region{signature: sig})
		}
		regions[i].techniques = append(regions[i].techniques, t)
	}
	slices.SortFunc(regions, func(x, y *region) int {
		return cmp.Or(cmp.Compare(len(y.techniques), len(x.techniques)), slices.Compare(x.signature, y.signature))
	})
	show := func(r *region) obj {
		frameworks, techniques := list{}, list{}
		for _, i := range r.signature {
			frameworks = append(frameworks, obj{"frameworkId": a.bodies[i].framework})
		}
		for _, t := range r.techniques {
			behind := list{}
			for _, i := range r.signature {
				c := a.cells[i][t]
				rows := list{}
				for _, row := range c.rows {
					rows = append(rows, obj{"source": source(row)})
				}
				behind = append(behind, obj{"framework": obj{"frameworkId": a.bodies[i].framework}, "rolledUp": c.RolledUp, "capabilities": capabilityIDs(refsOf(c.rows)), "mappings": rows})
			}
			techniques = append(techniques, obj{"technique": a.view.techniqueID(t), "byFramework": behind})
		}
		return obj{"frameworks": frameworks, "totalCount": len(r.techniques), "techniques": obj{"totalCount": len(r.techniques), "nodes": techniques}}
	}
	out := obj{"universe": len(a.scope), "all": show(&full), "none": show(&none)}
	shown, frameworks, pairs := list{}, list{}, list{}
	for _, r := range regions {
		shown = append(shown, show(r))
	}
	for i := range a.bodies {
		frameworks = append(frameworks, obj{"frameworkId": a.bodies[i].framework})
		for j := range a.bodies {
			both, either := 0, 0
			for _, t := range a.scope {
				inA, inB := a.cells[i][t].State == "MAPPED", a.cells[j][t].State == "MAPPED"
				if inA && inB {
					both++
				}
				if inA || inB {
					either++
				}
			}
			pairs = append(pairs, obj{"a": obj{"frameworkId": a.bodies[i].framework}, "b": obj{"frameworkId": a.bodies[j].framework}, "shared": both, "jaccard": ratio(both, either)})
		}
	}
	out["regions"], out["frameworks"], out["pairwise"] = shown, frameworks, pairs
	return out
}

func matrix(d *Data, q *Question) any {
	a := d.assess(q)
	tactics := list{}
	for _, tactic := range a.view.Release.Tactics {
		here := a.where(func(t *Technique) bool { return slices.Contains(t.Tactics, tactic.ID) })
		slices.SortFunc(here, func(x, y string) int {
			return cmp.Or(strings.Compare(a.view.Release.Techniques[x].Name, a.view.Release.Techniques[y].Name), strings.Compare(x, y))
		})
		cells := list{}
		for _, t := range here {
			if slices.Contains(here, a.view.Release.Techniques[t].Parent) {
				continue // stands inside its technique
			}
			inside := list{}
			for _, child := range here {
				if a.view.Release.Techniques[child].Parent == t {
					inside = append(inside, a.matrixCell(child, list{}))
				}
			}
			cells = append(cells, a.matrixCell(t, inside))
		}
		tactics = append(tactics, obj{"tactic": a.view.tacticJSON(tactic), "techniques": cells})
	}
	return obj{"coverage": a.coverage(), "tactics": tactics}
}

func (a *assessment) matrixCell(t string, inside list) obj {
	return obj{"technique": a.view.techniqueID(t), "coverage": a.cellsOf(t), "state": a.combined[t].State, "weights": a.view.weights(t), "subtechniques": inside}
}

func (v *View) tacticJSON(t *Thing) obj {
	return obj{"id": "tactic:" + v.Release.Name() + "/" + t.ID, "shortName": t.Short, "name": t.Name}
}

func compareStacks(d *Data, q *Question) any {
	v := d.view(q.View)
	a := assess(v, nil, q.StackA, q.Filter, q.Scope, "")
	b := assess(v, nil, q.StackB, q.Filter, q.Scope, "")
	var gained, lost []string
	for _, t := range a.scope {
		before, after := a.combined[t].State == "MAPPED", b.combined[t].State == "MAPPED"
		if after && !before {
			gained = append(gained, t)
		}
		if before && !after {
			lost = append(lost, t)
		}
	}
	return obj{"a": a.coverage(), "b": b.coverage(), "gained": v.techniqueIDs(gained), "lost": v.techniqueIDs(lost)}
}
