package reference

import (
	"cmp"
	"slices"
	"strings"
)

// capabilities lists the canonical ids of a set, those of all its rows, in order.
func (s *Set) capabilities() []string {
	var out []string
	for _, r := range s.Rows {
		if r.Canonical != "" && !slices.Contains(out, r.Canonical) {
			out = append(out, r.Canonical)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return byOrderKey("", a, "", b) })
	return out
}

// frequent gives what most rows of a capability say, ties by bytes.
func (s *Set) frequent(canonical string, counts func(*Row) bool, says func(*Row) string) string {
	count := map[string]int{}
	for _, r := range s.Rows {
		if text := says(r); r.Canonical == canonical && text != "" && counts(r) {
			count[text]++
		}
	}
	found := ""
	for _, text := range sorted(count) {
		if count[text] > count[found] {
			found = text
		}
	}
	return found
}

func anyRow(*Row) bool { return true }

func (s *Set) title(id string) string {
	return s.frequent(id, anyRow, func(r *Row) string { return r.Title })
}
func (s *Set) group(id string) string {
	return s.frequent(id, anyRow, func(r *Row) string { return r.Group })
}

// spelled is how a set writes a capability's id: MAPPED rows first.
func (s *Set) spelled(id string) string {
	spelling := func(r *Row) string { return r.Spelled }
	return cmp.Or(s.frequent(id, func(r *Row) bool { return r.Class == mapped }, spelling), s.frequent(id, anyRow, spelling))
}

// setsWith lists the sets that have a capability, the newest first: by ATT&CK
// release, framework version, then domain as listed.
func (d *Data) setsWith(ref Ref) []*Set {
	var out []*Set
	for _, s := range d.Sets {
		if s.Framework == ref.Framework && slices.Contains(s.capabilities(), ref.CapabilityID) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Set) int {
		return cmp.Or(olderFirst(b.Attack, a.Attack), olderFirst(b.Version, a.Version), cmp.Compare(domainPlace(a.Domain), domainPlace(b.Domain)))
	})
	return out
}

// name is a capability's title in a view.
func (v *View) name(ref Ref) any {
	if s := v.Sets[ref.Framework]; s != nil && s.title(ref.CapabilityID) != "" {
		return s.title(ref.CapabilityID)
	}
	for _, s := range v.setsWith(ref) {
		if title := s.title(ref.CapabilityID); title != "" {
			return title
		}
	}
	return nil
}

func capability(d *Data, q *Question) any {
	ref, known := d.findCapability(d.needFramework(q.Framework).ID, q.ID)
	home := d.view(nil) // a capability at the root is in the default view
	if !known {
		return nil
	}
	v := d.view(q.View)
	sets := list{}
	for _, s := range d.Sets {
		if s.Framework == ref.Framework && slices.Contains(s.capabilities(), ref.CapabilityID) {
			sets = append(sets, obj{"id": "set:" + s.ID()})
		}
	}
	newest := d.setsWith(ref)[0]
	group := orNull(newest.group(ref.CapabilityID))
	if s := home.Sets[ref.Framework]; s != nil && s.group(ref.CapabilityID) != "" {
		group = s.group(ref.CapabilityID)
	}
	if group != nil {
		group = obj{"id": group}
	}
	out := obj{"capabilityId": newest.spelled(ref.CapabilityID), "canonicalId": ref.CapabilityID, "name": home.name(ref), "capabilityGroup": group, "sets": sets, "nonMappable": nil}
	out["id"] = capabilityID(ref)["id"]
	if s := v.Sets[ref.Framework]; s != nil {
		for _, r := range slices.Backward(s.Rows) {
			if r.Class == nonMappableControl && r.Canonical == ref.CapabilityID {
				out["nonMappable"] = obj{"comment": orNull(r.Comments), "source": source(r)}
			}
		}
	}
	f := d.filter(q.Filter)
	rows := list{}
	var techniques []string
	for _, r := range v.rows() {
		if (Ref{r.Set.Framework, r.Canonical}) != ref || !f.there(r) || !f.passes(r) {
			continue
		}
		rows = append(rows, obj{"source": source(r)})
		if !slices.Contains(techniques, v.placed[r]) {
			techniques = append(techniques, v.placed[r])
		}
	}
	out["mappings"] = obj{"totalCount": len(rows), "nodes": rows}
	out["techniques"] = v.techniqueIDs(techniques)
	return out
}

func technique(d *Data, q *Question) any {
	v := d.view(q.View)
	t := v.Release.Techniques[spelledTechnique(q.ID)]
	if t == nil {
		return nil
	}
	frameworks := d.needFrameworks(q.Frameworks)
	f := d.filter(q.Filter)
	k := v.Release
	link := func(id string) any {
		if k.Techniques[id] == nil {
			return nil
		}
		return v.techniqueID(id)
	}
	rows, cells := list{}, list{}
	var behind []*Row
	if t.Status == "ACTIVE" {
		for _, r := range v.on[t.ID] {
			if !f.there(r) || !f.passes(r) {
				continue
			}
			rows = append(rows, obj{"source": source(r), "alignedFrom": v.alignedFrom(r)})
			if len(frameworks) == 0 || slices.Contains(frameworks, r.Set.Framework) {
				behind = append(behind, r)
			}
		}
		asked := frameworks
		if len(asked) == 0 {
			asked = d.defences()
		}
		for _, framework := range asked {
			cells = append(cells, v.cell(body{framework, everything}, f, t.ID).json(framework))
		}
	}
	releases := list{}
	for _, r := range d.Releases {
		if there := r.Techniques[t.ID]; r.Domain == k.Domain && there != nil {
			releases = append(releases, obj{"release": obj{"version": r.Version}, "status": there.Status, "name": there.Name})
		}
	}
	var children []string
	weights := any(obj{"groups": 0, "software": 0, "kev": 0, "topTechniques": nil})
	if t.Status == "ACTIVE" {
		children, weights = v.children(t.ID), v.weights(t.ID)
	}
	return obj{"id": v.techniqueID(t.ID)["id"], "attackId": t.ID, "name": t.Name, "status": t.Status, "domain": strings.ToUpper(k.Domain), "attackVersion": k.Version,
		"revokedBy": link(t.Successor), "tactics": attackIDs(t.Tactics), "platforms": texts(t.Platforms), "isSubtechnique": t.Parent != "", "parent": link(t.Parent),
		"subtechniques": v.techniqueIDs(children), "mappings": obj{"totalCount": len(rows), "nodes": rows}, "capabilities": capabilityIDs(refsOf(behind)), "coverage": cells,
		"groups": attackIDs(k.users("uses", "group", "technique", t.ID)), "software": attackIDs(k.users("uses", "software", "technique", t.ID)),
		"campaigns": attackIDs(k.users("uses", "campaign", "technique", t.ID)), "mitigations": attackIDs(k.users("mitigates", "mitigation", "technique", t.ID)),
		"weights": weights, "releases": releases}
}

// alignedFrom is the id as written of a row that was lifted.
func (v *View) alignedFrom(r *Row) any {
	if v.placed[r] == "" || v.placed[r] == r.Technique {
		return nil
	}
	return r.Technique
}

// led lists what a capability that is no defence leads to.
func (v *View) led(ref Ref, only, frameworks []string) list {
	out := list{}
	for _, t := range v.Release.universe() {
		found := map[string]bool{}
		for _, r := range v.on[t] {
			if (Ref{r.Set.Framework, r.Canonical}) == ref && (len(only) == 0 || slices.Contains(only, r.Relation)) {
				found[r.Relation] = true
			}
		}
		if len(found) == 0 {
			continue
		}
		how := list{}
		for _, name := range relationNames {
			if found[name] {
				how = append(how, name)
			}
		}
		var behind []*Row
		for _, r := range v.on[t] {
			if slices.Contains(frameworks, r.Set.Framework) {
				behind = append(behind, r)
			}
		}
		out = append(out, obj{"technique": v.techniqueID(t), "relations": how, "capabilities": capabilityIDs(refsOf(behind))})
	}
	return out
}

func vulnerability(d *Data, q *Question) any {
	return d.path(q, "kev", "cve")
}

func incident(d *Data, q *Question) any {
	return d.path(q, "veris", "verisId")
}

func (d *Data) path(q *Question, framework, name string) any {
	v := d.view(q.View)
	ref, known := d.findCapability(framework, q.ID)
	if !known {
		return nil
	}
	techniques := v.led(ref, q.Relations, d.needFrameworks(q.Frameworks))
	return obj{name: d.setsWith(ref)[0].spelled(ref.CapabilityID), "capability": capabilityID(ref), "techniques": techniques}
}

func group(d *Data, q *Question) any {
	v := d.view(q.View)
	g := find(v.Release.Groups, q.ID)
	if g == nil {
		return nil
	}
	k := v.Release
	return obj{"id": "group:" + k.Name() + "/" + g.ID, "name": g.Name, "status": g.Status, "aliases": texts(g.Aliases),
		"techniques": attackIDs(k.used("uses", "group", g.ID, "technique")), "software": attackIDs(k.used("uses", "group", g.ID, "software")),
		"campaigns": attackIDs(k.users("attributed-to", "campaign", "group", g.ID)),
		"coverage":  assess(v, q.Frameworks, q.Stack, q.Filter, &Scope{Groups: []string{g.ID}}, q.RollUp).coverage()}
}

func groups(d *Data, q *Question) any {
	v := d.view(q.View)
	nodes := list{}
	for _, id := range sorted(v.Release.Groups) {
		if v.Release.Groups[id].Status == "ACTIVE" {
			nodes = append(nodes, obj{"attackId": id, "techniques": attackIDs(v.Release.used("uses", "group", id, "technique"))})
		}
	}
	return obj{"totalCount": len(nodes), "nodes": nodes}
}

func tactics(d *Data, q *Question) any {
	v := d.view(q.View)
	out := list{}
	for _, t := range v.Release.Tactics {
		var here []string
		for _, id := range v.Release.universe() {
			if slices.Contains(v.Release.Techniques[id].Tactics, t.ID) {
				here = append(here, id)
			}
		}
		entry := v.tacticJSON(t)
		entry["techniques"] = v.techniqueIDs(here)
		out = append(out, entry)
	}
	return out
}

func techniques(d *Data, q *Question) any {
	v := d.view(q.View)
	scope := v.scope(q.Scope)
	return obj{"totalCount": len(scope), "nodes": v.techniqueIDs(scope)}
}

func capabilities(d *Data, q *Question) any {
	v := d.view(q.View)
	only := ""
	if q.Framework != "" {
		only = d.needFramework(q.Framework).ID
	}
	nodes := list{}
	for _, framework := range sorted(v.Sets) {
		for _, id := range v.Sets[framework].capabilities() {
			if only == "" || only == framework {
				node := capabilityID(Ref{framework, id})
				node["name"] = v.name(Ref{framework, id})
				nodes = append(nodes, node)
			}
		}
	}
	return obj{"totalCount": len(nodes), "nodes": nodes}
}

func (v *View) mappingJSON(r *Row) obj {
	technique := v.asWritten(r)
	if at := v.placed[r]; at != "" {
		technique = v.techniqueID(at)
		technique["status"], technique["name"] = v.Release.Techniques[at].Status, v.Release.Techniques[at].Name
	}
	references := list{}
	for _, url := range r.URLs {
		references = append(references, obj{"url": orNull(url)})
	}
	declared := Named{ID: r.Type}
	for _, t := range r.Set.Types {
		if t.ID == r.Type {
			declared = t
		}
	}
	return obj{"source": source(r), "technique": technique, "capability": capabilityID(Ref{r.Set.Framework, r.Canonical}), "relation": r.Relation,
		"mappingType": obj{"id": declared.ID, "name": orNull(declared.Name)}, "scoreCategory": orNull(r.Category), "scoreValue": orNull(r.Value), "comments": orNull(r.Comments),
		"references": references, "status": orNull(r.Status), "author": orNull(r.Author), "alignedFrom": v.alignedFrom(r), "sourceLabel": orNull(r.Label)}
}

func mappings(d *Data, q *Question) any {
	v := d.view(q.View)
	f, scope := d.filter(q.Filter), v.scope(q.Scope)
	nodes := list{}
	for _, r := range v.rows() {
		if slices.Contains(scope, v.placed[r]) && f.there(r) && f.passes(r) {
			nodes = append(nodes, v.mappingJSON(r))
		}
	}
	return obj{"totalCount": len(nodes), "nodes": nodes}
}

// at is the view in which a set speaks: of the release that it was written for,
// else of the newest one of its domain.
func (d *Data) at(s *Set) *View {
	release := d.release(s.Domain, s.Attack)
	if release == nil {
		release = d.needRelease(s.Domain, "")
	}
	return d.view(&ViewInput{Domain: s.Domain, AttackVersion: release.Version, Sets: []string{s.ID()}})
}

func setMappings(d *Data, q *Question) any {
	var s *Set
	for _, each := range d.Sets {
		if each.ID() == q.ID {
			s = each
		}
	}
	if s == nil {
		return nil
	}
	v := d.at(s)
	var rows []*Row
	for _, r := range s.Rows {
		if r.Class == mapped {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, v.compareRows)
	nodes := list{}
	for _, r := range rows {
		nodes = append(nodes, v.mappingJSON(r))
	}
	return obj{"totalCount": len(nodes), "nodes": nodes}
}

func frameworks(d *Data, q *Question) any {
	out := list{}
	for _, f := range d.Frameworks {
		sets := list{}
		for _, s := range d.Sets {
			if s.Framework == f.ID {
				sets = append(sets, obj{"id": "set:" + s.ID()})
			}
		}
		entry := obj{"frameworkId": f.ID, "name": f.Name, "kind": f.Kind, "sets": sets, "setFor": nil, "groups": list{}}
		if s := d.view(q.View).Sets[f.ID]; s != nil {
			entry["setFor"] = obj{"id": "set:" + s.ID()}
			entry["groups"] = s.groupsJSON()
		}
		out = append(out, entry)
	}
	return out
}

func (s *Set) groupsJSON() list {
	out := list{}
	declared := slices.SortedFunc(slices.Values(s.Groups), func(a, b Named) int { return strings.Compare(a.ID, b.ID) })
	for _, g := range declared {
		n := 0
		for _, id := range s.capabilities() {
			if s.group(id) == g.ID {
				n++
			}
		}
		out = append(out, obj{"id": g.ID, "name": g.Name, "capabilityCount": n})
	}
	return out
}

func report(d *Data, _ *Question) any {
	classNames := map[string]string{mapped: "mapped", nonMappableControl: "nonMappableCapabilities", nonMappableTechnique: "nonMappableTechniques", incomplete: "incomplete"}
	total := obj{"refused": 0}
	sum := map[string]int{}
	files := map[string]obj{}
	plain := func(path, kind string) {
		files[path] = obj{"path": path, "kind": kind, "rows": 0, "mapped": 0, "nonMappableCapabilities": 0, "nonMappableTechniques": 0, "incomplete": 0, "exactDuplicates": 0,
			"canonicalCapabilities": 0, "techniques": 0, "lifted": list{}, "unresolved": list{}}
	}
	for path := range d.World.Folder() {
		switch {
		case strings.HasPrefix(path, "attack/"):
			plain(path, "ATTACK_BUNDLE")
		case strings.HasPrefix(path, "frameworks/"):
			plain(path, "FRAMEWORK_INFO")
		case path == "top-techniques.json":
			plain(path, "PRIORITY_LIST")
		}
	}
	sets := list{}
	everyCapability, mappings := map[Ref]bool{}, 0
	for _, s := range d.Sets {
		plain(s.Path, "MAPPING_SET")
		f := files[s.Path]
		rows := 0
		for class, name := range classNames {
			f[name] = s.Classes[class]
			rows += s.Classes[class]
			sum[name] += s.Classes[class]
		}
		sum["rows"] += rows
		sum["exactDuplicates"] += s.Duplicates
		f["rows"], f["exactDuplicates"], f["canonicalCapabilities"] = rows, s.Duplicates, len(s.capabilities())
		named, written, count := map[string]bool{}, map[string]bool{}, 0
		noTechniques, noControls := []*Row{}, []*Row{}
		for _, r := range s.Rows {
			if r.Technique != "" {
				named[r.Technique] = true
			}
			switch r.Class {
			case mapped:
				written[r.Technique] = true
				count++
			case nonMappableTechnique:
				noTechniques = append(noTechniques, r)
			case nonMappableControl:
				noControls = append(noControls, r)
			}
		}
		f["techniques"] = len(named)
		if own := d.release(s.Domain, s.Attack); own != nil {
			f["lifted"], f["unresolved"] = d.lifts(s, own)
		}
		for _, id := range s.capabilities() {
			everyCapability[Ref{s.Framework, id}] = true
		}
		mappings += count
		slices.SortStableFunc(noTechniques, func(a, b *Row) int { return strings.Compare(a.Technique, b.Technique) })
		slices.SortStableFunc(noControls, func(a, b *Row) int { return byOrderKey("", a.Canonical, "", b.Canonical) })
		declaredTechniques, declaredControls := list{}, list{}
		for _, r := range noTechniques {
			declaredTechniques = append(declaredTechniques, obj{"attackId": r.Technique, "comment": orNull(r.Comments), "source": obj{"row": r.Number}})
		}
		for _, r := range noControls {
			declaredControls = append(declaredControls, obj{"capability": capabilityID(Ref{s.Framework, r.Canonical}), "comment": orNull(r.Comments), "source": obj{"row": r.Number}})
		}
		sets = append(sets, obj{"id": "set:" + s.ID(), "frameworkVersion": s.Version, "capabilityCount": len(s.capabilities()), "mappingCount": count, "techniqueCount": len(written),
			"nonMappableTechniques": declaredTechniques, "nonMappableCapabilities": declaredControls})
	}
	for _, name := range []string{"rows", "mapped", "nonMappableCapabilities", "nonMappableTechniques", "incomplete", "exactDuplicates"} {
		total[name] = sum[name]
	}
	byPath := list{}
	for _, path := range sorted(files) {
		byPath = append(byPath, files[path])
	}
	total["files"] = byPath
	active, releases := map[string]bool{}, list{}
	for _, k := range d.Releases {
		sub := 0
		for _, id := range k.universe() {
			active[id] = true
			if k.Techniques[id].Parent != "" {
				sub++
			}
		}
		releases = append(releases, obj{"id": "release:" + k.Name(), "techniqueCount": len(k.universe()), "subtechniqueCount": sub, "groupCount": countActive(k.Groups),
			"softwareCount": countActive(k.Software), "campaignCount": countActive(k.Campaigns), "mitigationCount": countActive(k.Mitigations)})
	}
	return obj{"importReport": total, "sets": sets, "releases": releases, "counts": obj{"releases": len(d.Releases), "frameworks": len(d.Frameworks), "sets": len(d.Sets),
		"capabilities": len(everyCapability), "mappings": mappings, "techniques": len(active)}}
}

func countActive(things map[string]*Thing) int {
	n := 0
	for _, t := range things {
		if t.Status == "ACTIVE" {
			n++
		}
	}
	return n
}
