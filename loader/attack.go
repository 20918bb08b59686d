package loader

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// stixObject is what the loader keeps of one object of a bundle.
type stixObject struct {
	kind, id, name, description, url string
	attackID                         string
	revoked, deprecated              bool
	subtechnique                     bool
	phases                           []string
	platforms, aliases               []string
	shortName                        string
	firstSeen, lastSeen              string
	refs                             []string // tactics of a matrix, analytics of a strategy, or the source of a component
	relation, source, target         string
	version                          string // of a collection
	matrix                           string // external id of a matrix, such as enterprise-attack
}

func (o *stixObject) status() kg.Status {
	switch {
	case o.revoked:
		return kg.Revoked
	case o.deprecated:
		return kg.Deprecated
	}
	return kg.Active
}

// attackReader reads one bundle: first every object, then what they make together.
type attackReader struct {
	in     *input
	report *kg.FileReport
	notes  *notes

	techniques, matrices, relations []*stixObject
	objects                         map[kg.ObjectKind][]*stixObject
	byID                            map[string]*stixObject
	collectionVersion               string

	release    *kg.Release
	parents    map[string]string // of sub-techniques: ATT&CK id by STIX id
	successors map[string]string // of revoked objects: ATT&CK id by STIX id
}

var objectKinds = map[string]kg.ObjectKind{
	"x-mitre-tactic": kg.KindTactic, "intrusion-set": kg.KindGroup, "malware": kg.KindSoftware, "tool": kg.KindSoftware,
	"campaign": kg.KindCampaign, "course-of-action": kg.KindMitigation, "x-mitre-data-source": kg.KindDataSource,
	"x-mitre-data-component": kg.KindDataComponent, "x-mitre-detection-strategy": kg.KindDetectionStrategy,
	"x-mitre-analytic": kg.KindAnalytic,
}

// Types that a bundle may hold and the graph has no use for.
var ignoredTypes = map[string]bool{"identity": true, "marking-definition": true, "x-mitre-asset": true, "x-mitre-collection": true}

// readAttackBundle reads an ATT&CK release in STIX. Its key comes from the
// bundle where that says it, else from the file's name.
func readAttackBundle(in *input, report *kg.FileReport) (*kg.Release, error) {
	r := &attackReader{
		in: in, report: report, notes: newNotes(),
		objects: map[kg.ObjectKind][]*stixObject{}, byID: map[string]*stixObject{},
	}
	found := false
	err := in.object(func(key []byte) error {
		if string(key) != "objects" {
			return in.skip()
		}
		found = true
		return in.array(func(n int) error {
			in.budget.reset()
			if err := r.readObject(); err != nil {
				return rowError(n+1, err)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errors.New("the bundle has no objects")
	}
	key, err := r.key()
	if err != nil {
		return nil, err
	}
	r.release = &kg.Release{Key: key, Objects: map[kg.ObjectKind][]kg.Object{}, Links: map[kg.LinkKind][]kg.Link{}}
	r.build()
	report.Release = &r.release.Key
	report.InvalidUTF8 = in.invalidUTF8
	report.Notes = append(report.Notes, r.notes.list()...)
	if len(r.release.Techniques) == 0 {
		return nil, errors.New("the bundle has no techniques")
	}
	return r.release, nil
}

// readObject keeps an object of a kind that the graph has.
func (r *attackReader) readObject() error {
	r.report.Objects++
	if k := r.in.kind(); k != '{' && k != 0 {
		r.notes.add("OBJECT_TYPE", "entries of objects that are no objects", 0)
		return r.in.skip()
	}
	o := &stixObject{}
	if err := r.in.object(func(key []byte) error { return r.readMember(o, key) }); err != nil {
		return err
	}
	switch kind, known := objectKinds[o.kind]; {
	case o.kind == "attack-pattern":
		r.techniques = append(r.techniques, o)
	case o.kind == "x-mitre-matrix":
		r.matrices = append(r.matrices, o)
	case o.kind == "relationship":
		r.relations = append(r.relations, o)
		return nil
	case known:
		r.objects[kind] = append(r.objects[kind], o)
	case o.kind == "x-mitre-collection":
		r.collectionVersion = o.version
	case !ignoredTypes[o.kind]:
		r.notes.add("UNKNOWN_TYPE", fmt.Sprintf("objects of the type %q, which are not read", o.kind), 0)
	}
	r.byID[o.id] = o
	return nil
}

func (r *attackReader) readMember(o *stixObject, key []byte) error {
	var err error
	switch string(key) {
	case "type":
		o.kind, err = r.text()
	case "id":
		o.id, err = r.text()
	case "name":
		o.name, err = r.text()
		o.name = strings.TrimSpace(o.name)
	case "description":
		// Relationships are most of a bundle, and nothing shows their texts.
		if o.kind == "relationship" || strings.HasPrefix(o.id, "relationship--") {
			return r.in.skip()
		}
		o.description, err = r.text()
	case "revoked":
		o.revoked, err = r.in.truth()
	case "x_mitre_deprecated":
		o.deprecated, err = r.in.truth()
	case "x_mitre_is_subtechnique":
		o.subtechnique, err = r.in.truth()
	case "external_references":
		err = r.readReferences(o)
	case "kill_chain_phases":
		err = r.readPhases(o)
	case "x_mitre_platforms":
		o.platforms, err = r.texts()
	case "aliases", "x_mitre_aliases":
		o.aliases, err = r.texts()
	case "x_mitre_shortname":
		o.shortName, err = r.text()
	case "first_seen":
		o.firstSeen, err = r.text()
	case "last_seen":
		o.lastSeen, err = r.text()
	case "tactic_refs", "x_mitre_analytic_refs":
		o.refs, err = r.texts()
	case "x_mitre_data_source_ref":
		var ref string
		if ref, err = r.text(); ref != "" {
			o.refs = append(o.refs, ref)
		}
	case "relationship_type":
		o.relation, err = r.text()
	case "source_ref":
		o.source, err = r.text()
	case "target_ref":
		o.target, err = r.text()
	case "x_mitre_version":
		o.version, err = r.text()
	default:
		err = r.in.skip()
	}
	return err
}

// text reads a string; a value of another type is noted and taken as absent.
func (r *attackReader) text() (string, error) {
	s, _, err := r.in.text()
	if shape := (*shapeError)(nil); errors.As(err, &shape) {
		r.notes.add("FIELD_TYPE", "fields with a value of the wrong type; taken as absent", 0)
		return "", nil
	}
	return s, err
}

// texts reads a list of strings, likewise.
func (r *attackReader) texts() ([]string, error) {
	if k := r.in.kind(); k != '[' && k != 0 {
		if k != 'n' {
			r.notes.add("FIELD_TYPE", "fields with a value of the wrong type; taken as absent", 0)
		}
		return nil, r.in.skip()
	}
	var list []string
	err := r.in.array(func(int) error {
		s, err := r.text()
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
		return err
	})
	return list, err
}

// members walks the objects of a list; anything else is passed over.
func (r *attackReader) members(member func(key []byte) error, end func()) error {
	if k := r.in.kind(); k != '[' && k != 0 {
		return r.in.skip()
	}
	return r.in.array(func(int) error {
		if k := r.in.kind(); k != '{' && k != 0 {
			return r.in.skip()
		}
		if err := r.in.object(member); err != nil {
			return err
		}
		end()
		return nil
	})
}

// readReferences keeps the reference that gives the ATT&CK id. Each of MITRE's
// sources that names a domain is taken; other sources are citations.
func (r *attackReader) readReferences(o *stixObject) error {
	var source, id, url string
	return r.members(func(key []byte) error {
		var err error
		switch string(key) {
		case "source_name":
			source, err = r.text()
		case "external_id":
			id, err = r.text()
		case "url":
			url, err = r.text()
		default:
			err = r.in.skip()
		}
		return err
	}, func() {
		switch source {
		case "mitre-attack", "mitre-mobile-attack", "mitre-ics-attack":
			if o.attackID == "" {
				o.attackID, o.url = strings.TrimSpace(id), strings.TrimSpace(url)
			}
		}
		source, id, url = "", "", ""
	})
}

func (r *attackReader) readPhases(o *stixObject) error {
	var chain, phase string
	return r.members(func(key []byte) error {
		var err error
		switch string(key) {
		case "kill_chain_name":
			chain, err = r.text()
		case "phase_name":
			phase, err = r.text()
		default:
			err = r.in.skip()
		}
		return err
	}, func() {
		if strings.HasPrefix(chain, "mitre-") && phase != "" {
			o.phases = append(o.phases, phase)
		}
		chain, phase = "", ""
	})
}

var bundleName = regexp.MustCompile(`^(enterprise|mobile|ics)-attack-v?(\d+(?:\.\d+)*)\.json(?:\.gz)?$`)

// key works out which release the bundle is.
func (r *attackReader) key() (kg.ReleaseKey, error) {
	var key kg.ReleaseKey
	name := path.Base(r.in.path)
	if m := bundleName.FindStringSubmatch(name); m != nil {
		key.Domain, _ = kg.ParseDomain(m[1])
		key.Version = m[2]
	}
	for _, m := range r.matrices {
		d, ok := kg.ParseDomain(m.attackID)
		if !ok {
			continue
		}
		if key.Domain != 0 && key.Domain != d {
			return key, fmt.Errorf("the file's name says %s and its matrix %s; name it after what it holds", key.Domain, d)
		}
		key.Domain = d
	}
	if v := r.collectionVersion; v != "" {
		if key.Version != "" && kg.CompareVersions(key.Version, v) != 0 {
			return key, fmt.Errorf("the file's name says version %s and its collection %s; name it after what it holds", key.Version, v)
		}
		key.Version = v
	}
	if key.Domain == 0 || key.Version == "" {
		return key, errors.New("the bundle does not say which release it is; name the file DOMAIN-attack-VERSION.json, such as enterprise-attack-16.1.json")
	}
	return key, nil
}

func (r *attackReader) build() {
	r.readFamilies()
	r.buildTactics()
	r.buildTechniques()
	for _, kind := range kg.ObjectKinds {
		if kind != kg.KindTactic {
			r.release.Objects[kind] = r.buildObjects(kind, r.objects[kind])
		}
	}
	r.buildLinks()
}

const danglingNote = "relationships with an end that the bundle does not have; left out"

// standing keeps one object for each id: the active one, else a revoked one,
// else the one with the lowest STIX id; sorted by id.
func standing(list []*stixObject, id func(*stixObject) string) []*stixObject {
	rank := map[kg.Status]int{kg.Active: 0, kg.Revoked: 1, kg.Deprecated: 2}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b *stixObject) int {
		if c := strings.Compare(id(a), id(b)); c != 0 {
			return c
		}
		if c := rank[a.status()] - rank[b.status()]; c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	return slices.CompactFunc(sorted, func(a, b *stixObject) bool { return id(a) == id(b) })
}

func (o *stixObject) publicID() string {
	if o.attackID != "" {
		return o.attackID
	}
	return o.id
}

// buildTactics orders tactics by the matrices, the one with more tactics first;
// tactics of no matrix follow by id.
func (r *attackReader) buildTactics() {
	matrices := slices.DeleteFunc(slices.Clone(r.matrices), func(m *stixObject) bool { return m.status() != kg.Active })
	slices.SortStableFunc(matrices, func(a, b *stixObject) int {
		if len(a.refs) != len(b.refs) {
			return len(b.refs) - len(a.refs)
		}
		return strings.Compare(a.id, b.id)
	})
	var ordered []*stixObject
	taken := map[*stixObject]bool{}
	take := func(o *stixObject) {
		if o != nil && o.kind == "x-mitre-tactic" && !taken[o] {
			taken[o] = true
			ordered = append(ordered, o)
		}
	}
	for _, m := range matrices {
		for _, ref := range m.refs {
			take(r.byID[ref])
		}
	}
	for _, o := range standing(r.objects[kg.KindTactic], (*stixObject).publicID) {
		if o.status() == kg.Active {
			take(o)
		}
	}
	for _, o := range ordered {
		r.release.Tactics = append(r.release.Tactics, r.object(kg.KindTactic, o))
	}
}

func (r *attackReader) buildTechniques() {
	rank := map[string]int{}
	for i := range r.release.Tactics {
		rank[r.release.Tactics[i].ShortName] = i + 1
	}
	known := r.techniques[:0:0]
	for _, o := range r.techniques {
		if o.attackID == "" {
			r.notes.add("NO_ATTACK_ID", "techniques without an ATT&CK id; left out", 0)
			continue
		}
		known = append(known, o)
	}
	for _, o := range standing(known, (*stixObject).publicID) {
		slices.SortStableFunc(o.phases, func(a, b string) int {
			ra, rb := rank[a], rank[b]
			switch {
			case ra == rb:
				return strings.Compare(a, b)
			case ra == 0:
				return 1
			case rb == 0:
				return -1
			}
			return ra - rb
		})
		slices.Sort(o.platforms)
		r.release.Techniques = append(r.release.Techniques, kg.Technique{
			ID: o.attackID, StixID: o.id, Name: o.name, Description: o.description, URL: o.url, Status: o.status(),
			RevokedBy: r.successors[o.id], Tactics: slices.Compact(o.phases), Platforms: slices.Compact(o.platforms),
			Parent: r.parentOf(o),
		})
	}
}

// readFamilies finds the parents of sub-techniques and the successors of
// revoked objects.
func (r *attackReader) readFamilies() {
	r.parents, r.successors = map[string]string{}, map[string]string{}
	for _, rel := range r.relations {
		if rel.status() != kg.Active {
			continue
		}
		source, target := r.byID[rel.source], r.byID[rel.target]
		var into map[string]string
		switch rel.relation {
		case "subtechnique-of":
			into = r.parents
		case "revoked-by":
			into = r.successors
		default:
			continue
		}
		if source == nil || target == nil || target.attackID == "" {
			r.notes.add("DANGLING_REFERENCE", danglingNote, 0)
			continue
		}
		if old, ok := into[source.id]; ok && old != target.attackID {
			r.notes.add("AMBIGUOUS_"+strings.ToUpper(strings.ReplaceAll(rel.relation, "-", "_")),
				fmt.Sprintf("%s is %s several; the lowest id stands", source.publicID(), rel.relation), 0)
			if old < target.attackID {
				continue
			}
		}
		into[source.id] = target.attackID
	}
}

// parentOf trusts the relationship; a sub-technique that has none (revoked ones
// often lose theirs) belongs to the technique that its id names.
func (r *attackReader) parentOf(o *stixObject) string {
	if p := r.parents[o.id]; p != "" {
		if prefix, _, dotted := strings.Cut(o.attackID, "."); o.status() == kg.Active && (!dotted || prefix != p) {
			r.notes.add("PARENT_MISMATCH", fmt.Sprintf("%s is a sub-technique of %s, against its id", o.attackID, p), 0)
		}
		return p
	}
	if prefix, _, dotted := strings.Cut(o.attackID, "."); o.subtechnique && dotted {
		if o.status() == kg.Active {
			r.notes.add("NO_PARENT", fmt.Sprintf("%s is a sub-technique without a relationship that says of which; its id says %s", o.attackID, prefix), 0)
		}
		return prefix
	}
	return ""
}

func (r *attackReader) buildObjects(kind kg.ObjectKind, list []*stixObject) []kg.Object {
	out := make([]kg.Object, 0, len(list))
	for _, o := range standing(list, (*stixObject).publicID) {
		obj := r.object(kind, o)
		obj.RevokedBy = r.successors[o.id]
		out = append(out, obj)
	}
	return out
}

func (r *attackReader) object(kind kg.ObjectKind, o *stixObject) kg.Object {
	obj := kg.Object{
		Kind: kind, ID: o.publicID(), StixID: o.id, Name: o.name, Description: o.description, URL: o.url, Status: o.status(),
		ShortName: o.shortName, FirstSeen: day(o.firstSeen), LastSeen: day(o.lastSeen),
	}
	if kind == kg.KindSoftware {
		obj.SoftwareType = o.kind
	}
	for _, a := range o.aliases {
		if a != o.name && !slices.Contains(obj.Aliases, a) {
			obj.Aliases = append(obj.Aliases, a)
		}
	}
	slices.Sort(o.platforms)
	obj.Platforms = slices.Compact(o.platforms)
	return obj
}

// day keeps the date of a timestamp.
func day(timestamp string) string {
	d, _, _ := strings.Cut(timestamp, "T")
	return d
}

// linkOf says which link a relationship between two types is; 0 is none.
func linkOf(relation, from, to string) kg.LinkKind {
	switch {
	case relation == "uses" && to == "attack-pattern":
		switch from {
		case "intrusion-set":
			return kg.GroupUsesTechnique
		case "malware", "tool":
			return kg.SoftwareUsesTechnique
		case "campaign":
			return kg.CampaignUsesTechnique
		}
	case relation == "uses" && (to == "malware" || to == "tool"):
		switch from {
		case "intrusion-set":
			return kg.GroupUsesSoftware
		case "campaign":
			return kg.CampaignUsesSoftware
		}
	case relation == "mitigates" && from == "course-of-action" && to == "attack-pattern":
		return kg.MitigationMitigatesTechnique
	case relation == "attributed-to" && from == "campaign" && to == "intrusion-set":
		return kg.CampaignAttributedToGroup
	case relation == "detects" && from == "x-mitre-data-component" && to == "attack-pattern":
		return kg.ComponentDetectsTechnique
	case relation == "detects" && from == "x-mitre-detection-strategy" && to == "attack-pattern":
		return kg.StrategyDetectsTechnique
	}
	return 0
}

func (r *attackReader) buildLinks() {
	link := func(kind kg.LinkKind, from, to *stixObject) {
		if from.status() != kg.Active || to.status() != kg.Active {
			return
		}
		r.release.Links[kind] = append(r.release.Links[kind], kg.Link{From: from.publicID(), To: to.publicID()})
	}
	for _, rel := range r.relations {
		if rel.status() != kg.Active || rel.relation == "subtechnique-of" || rel.relation == "revoked-by" {
			continue
		}
		from, to := r.byID[rel.source], r.byID[rel.target]
		if from == nil || to == nil {
			r.notes.add("DANGLING_REFERENCE", danglingNote, 0)
			continue
		}
		if kind := linkOf(rel.relation, from.kind, to.kind); kind != 0 {
			link(kind, from, to)
		}
	}
	for _, c := range r.objects[kg.KindDataComponent] {
		for _, ref := range c.refs {
			if source := r.byID[ref]; source != nil {
				link(kg.SourceHasComponent, source, c)
			}
		}
	}
	for _, s := range r.objects[kg.KindDetectionStrategy] {
		for _, ref := range s.refs {
			if analytic := r.byID[ref]; analytic != nil {
				link(kg.StrategyHasAnalytic, s, analytic)
			}
		}
	}
	for kind, list := range r.release.Links {
		slices.SortFunc(list, func(a, b kg.Link) int {
			if c := strings.Compare(a.From, b.From); c != 0 {
				return c
			}
			return strings.Compare(a.To, b.To)
		})
		r.release.Links[kind] = slices.Compact(list)
	}
}
