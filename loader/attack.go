package loader

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// technique stands for attack-pattern among the object kinds while a bundle is
// read; kg keeps techniques apart from them.
const technique kg.ObjectKind = 0

// stixKinds are the STIX types that a release is made of.
var stixKinds = map[string]kg.ObjectKind{
	"attack-pattern":             technique,
	"x-mitre-tactic":             kg.KindTactic,
	"intrusion-set":              kg.KindGroup,
	"malware":                    kg.KindSoftware,
	"tool":                       kg.KindSoftware,
	"campaign":                   kg.KindCampaign,
	"course-of-action":           kg.KindMitigation,
	"x-mitre-data-source":        kg.KindDataSource,
	"x-mitre-data-component":     kg.KindDataComponent,
	"x-mitre-detection-strategy": kg.KindDetectionStrategy,
	"x-mitre-analytic":           kg.KindAnalytic,
}

// relationShape is what makes a relationship a link of one kind or another.
type relationShape struct {
	name     string
	from, to kg.ObjectKind
}

var linkKinds = map[relationShape]kg.LinkKind{
	{"uses", kg.KindGroup, technique}:                kg.GroupUsesTechnique,
	{"uses", kg.KindSoftware, technique}:             kg.SoftwareUsesTechnique,
	{"uses", kg.KindCampaign, technique}:             kg.CampaignUsesTechnique,
	{"mitigates", kg.KindMitigation, technique}:      kg.MitigationMitigatesTechnique,
	{"uses", kg.KindGroup, kg.KindSoftware}:          kg.GroupUsesSoftware,
	{"uses", kg.KindCampaign, kg.KindSoftware}:       kg.CampaignUsesSoftware,
	{"attributed-to", kg.KindCampaign, kg.KindGroup}: kg.CampaignAttributedToGroup,
	{"detects", kg.KindDataComponent, technique}:     kg.ComponentDetectsTechnique,
	{"detects", kg.KindDetectionStrategy, technique}: kg.StrategyDetectsTechnique,
}

// readAttackBundle reads a STIX 2.0 or 2.1 bundle of one ATT&CK release.
//
// A relationship may come before what it relates, and a stream is read once. So
// objects are gathered first, each cut down to what a release needs, and are put
// together by STIX id at the end.
func readAttackBundle(in *input, rep *kg.FileReport) (*kg.Release, error) {
	b := &bundle{fieldReader: fieldReader{in: in, notes: newNotes()}, index: map[string]int32{}, named: map[string]bool{}}
	if err := b.read(); err != nil {
		return nil, err
	}
	key, err := b.releaseKey()
	if err != nil {
		return nil, err
	}
	rel, err := b.release(key)
	if err != nil {
		return nil, err
	}
	rep.Release = &rel.Key
	b.report(rep)
	return rel, nil
}

// bundle is what has been gathered from a file so far.
type bundle struct {
	fieldReader

	index     map[string]int32 // STIX id to its place in objects
	objects   []*stixObject    // nil where an id has only been referred to
	kept      []*stixObject    // in file order
	relations []relation       // live ones, in file order
	matrices  []matrix         // in file order
	versions  []string         // that collections name, no more than are worth showing
	domains   []kg.Domain      // that matrices name

	named map[string]bool // types that notes name one by one
}

// stixObject is an object of a release before its references are resolved.
type stixObject struct {
	kg.Object
	row      int
	unread   bool // nothing is known of it but that it exists
	stands   bool // for its ATT&CK id
	modified string
	phases   []string // techniques: tactic short names
	sub      bool     // techniques: flagged as a sub-technique
	parent   string   // techniques: ATT&CK id
	parts    []int32  // strategies: their analytics; components: their data source
}

func (o *stixObject) live() bool { return o.Status == kg.Active }

type relation struct {
	name     string
	from, to int32
	row      int
}

type matrix struct {
	id      string
	row     int
	tactics []int32
	columns []*stixObject // tactics that stand, each once
	live    bool
}

func (b *bundle) read() error {
	found := false
	err := b.in.object(func(key []byte) error {
		if string(key) != "objects" {
			return b.in.skip()
		}
		found = true
		return b.in.array(func(int) error { return b.readObject() })
	})
	switch {
	case err != nil:
		return rowError(b.row, err)
	case !found:
		return errors.New("not a STIX bundle: it has no objects")
	}
	return nil
}

func (b *bundle) readObject() error {
	raw, err := b.next()
	if err != nil {
		return err
	}
	if raw.Kind() != '{' {
		b.notes.add("MALFORMED_OBJECT", "entries that are no JSON objects, left out", b.row)
		return nil
	}
	f := fieldsOf(raw)
	switch typ := b.text(f.typ); typ {
	case "relationship":
		b.addRelation(&f)
	case "x-mitre-matrix":
		b.addMatrix(&f)
	case "x-mitre-collection":
		b.addCollection(&f)
	case "identity", "marking-definition":
		b.addUnread(&f)
	default:
		if kind, ok := stixKinds[typ]; ok {
			b.addObject(&f, kind, typ)
		} else {
			b.noteUnread("UNREAD_OBJECT_TYPE", "objects of type", typ, b.row)
			b.addUnread(&f)
		}
	}
	return nil
}

func (b *bundle) addRelation(f *stixFields) {
	if b.status(f) != kg.Active {
		return
	}
	r := relation{name: b.text(f.relationshipType), from: b.ref(f.sourceRef), to: b.ref(f.targetRef), row: b.row}
	if r.from < 0 || r.to < 0 {
		b.notes.add("MALFORMED_RELATIONSHIP", "relationships without a source_ref or a target_ref, left out", b.row)
		return
	}
	b.relations = append(b.relations, r)
}

func (b *bundle) addMatrix(f *stixFields) {
	b.matrices = append(b.matrices, matrix{
		id: b.text(f.id), row: b.row, tactics: b.refs(f.tacticRefs), live: b.status(f) == kg.Active,
	})
	ref := b.attackReference(f.externalReferences)
	domain, ok := kg.ParseDomain(ref.id)
	if !ok {
		// ICS matrices up to 10.1 have an id of their own, MA0010.
		domain, ok = kg.ParseDomain(strings.TrimPrefix(ref.source, "mitre-"))
	}
	if ok && !slices.Contains(b.domains, domain) {
		b.domains = append(b.domains, domain)
	}
}

// maxVersions bounds the versions that a bundle's collections are remembered by;
// more than one refuse it.
const maxVersions = 3

func (b *bundle) addCollection(f *stixFields) {
	if v := b.text(f.version); v != "" && len(b.versions) < maxVersions && !slices.Contains(b.versions, v) {
		b.versions = append(b.versions, v)
	}
}

// addUnread remembers that an object exists, so that what refers to it does not
// look broken.
func (b *bundle) addUnread(f *stixFields) {
	if i := b.ref(f.id); i >= 0 && b.objects[i] == nil {
		b.objects[i] = &stixObject{unread: true}
	}
}

func (b *bundle) addObject(f *stixFields, kind kg.ObjectKind, typ string) {
	ref, in := b.attackReference(f.externalReferences), b.bounds()
	o := &stixObject{row: b.row, modified: string(b.bytes(f.modified))}
	o.Kind, o.Status = kind, b.status(f)
	o.ID = in.id("ATT&CK id", ref.id, b.row)
	o.URL = in.url("address", ref.url, b.row)
	o.StixID = in.id("STIX id", b.text(f.id), b.row)
	o.Name = in.name("name", b.text(f.name), b.row)
	o.Description = in.text("description", b.text(f.description), b.row)
	o.Platforms = in.ids("platform", b.texts(f.platforms), b.row)
	slices.Sort(o.Platforms)
	o.Platforms = slices.Compact(o.Platforms)
	switch kind {
	case technique:
		o.phases = in.ids("kill-chain phase", b.phases(f.killChainPhases), b.row)
		o.sub = b.flag(f.isSubtechnique)
	case kg.KindTactic:
		o.ShortName = in.id("short name", b.text(f.shortName), b.row)
	case kg.KindGroup:
		o.Aliases = otherNames(in.names("alias", b.texts(f.aliases), b.row), o.Name)
	case kg.KindCampaign:
		o.Aliases = otherNames(in.names("alias", b.texts(f.aliases), b.row), o.Name)
		o.FirstSeen, o.LastSeen = b.date(f.firstSeen), b.date(f.lastSeen)
	case kg.KindSoftware:
		o.SoftwareType = typ
		o.Aliases = otherNames(in.names("alias", b.texts(f.mitreAliases), b.row), o.Name)
	case kg.KindDataComponent:
		o.parts = b.refs(f.dataSourceRef)
		// Data components have no ATT&CK id before release 18.
		o.ID = cmp.Or(o.ID, o.StixID)
	case kg.KindDetectionStrategy:
		o.parts = b.refs(f.analyticRefs)
	}
	if o.ID == "" {
		b.notes.add("MISSING_ATTACK_ID", "objects without an ATT&CK id, left out", b.row)
		o.unread = true
	}
	b.keep(o)
}

// otherNames gives the names beside an object's own, each once, in order.
func otherNames(names []string, own string) []string {
	return slices.DeleteFunc(distinct(names), func(name string) bool { return name == own })
}

// keep files an object under its STIX id. A file may hold several versions of
// one object: the one modified last stands, and among equals the first.
func (b *bundle) keep(o *stixObject) {
	if o.StixID != "" {
		i := b.place(o.StixID)
		if old := b.objects[i]; old != nil && !old.unread {
			b.notes.add("REPEATED_OBJECT", "objects with the STIX id of an earlier one: the one modified last stands", o.row)
			if o.unread || o.modified <= old.modified {
				return
			}
			old.unread = true
		}
		b.objects[i] = o
	}
	b.kept = append(b.kept, o)
}

// place gives the place in objects that belongs to a STIX id, making room for it.
func (b *bundle) place(stixID string) int32 {
	i, ok := b.index[stixID]
	if !ok {
		i = int32(len(b.objects))
		b.index[stixID] = i
		b.objects = append(b.objects, nil)
	}
	return i
}

// releaseKey finds out which release the bundle is, from what it says of itself
// and from the file's name. They must agree.
func (b *bundle) releaseKey() (kg.ReleaseKey, error) {
	key := releaseKeyOfName(b.in.path)
	switch {
	case len(b.domains) > 1:
		return key, errors.New("the bundle has matrices of several domains: load one domain a file")
	case len(b.versions) > 1:
		return key, fmt.Errorf("the bundle has collections of several versions (%s): load one release a file", listed(b.versions))
	}
	if len(b.domains) == 1 {
		if key.Domain != 0 && key.Domain != b.domains[0] {
			return key, fmt.Errorf("the file is named for %s but its matrix is of %s", key.Domain, b.domains[0])
		}
		key.Domain = b.domains[0]
	}
	if len(b.versions) == 1 {
		if unfit(b.versions[0]) != "" || unaddressable(b.versions[0]) {
			return key, fmt.Errorf("the collection's version %s: a version has at most %d bytes, no blanks and none of / : @", quoted(b.versions[0]), maxID)
		}
		if key.Version != "" && key.Version != b.versions[0] {
			return key, fmt.Errorf("the file is named for version %s but its collection is of version %s", key.Version, b.versions[0])
		}
		key.Version = b.versions[0]
	}
	if key.Domain == 0 || key.Version == "" {
		return key, errors.New("nothing says which ATT&CK release this is: name the file DOMAIN-attack-VERSION.json or .json.gz, such as enterprise-attack-16.1.json.gz")
	}
	return key, nil
}

var bundleName = regexp.MustCompile(`(?i)^(enterprise|mobile|ics)-attack(?:-v?([0-9]+(?:\.[0-9]+)*(?:-beta)?))?\.json(?:\.gz)?$`)

// releaseKeyOfName reads what a file's name says; what it does not say is zero.
func releaseKeyOfName(file string) kg.ReleaseKey {
	m := bundleName.FindStringSubmatch(path.Base(file))
	if m == nil {
		return kg.ReleaseKey{}
	}
	domain, _ := kg.ParseDomain(m[1])
	return kg.ReleaseKey{Domain: domain, Version: m[2]}
}

// release puts the gathered objects together.
func (b *bundle) release(key kg.ReleaseKey) (*kg.Release, error) {
	standing := b.standing()
	if len(standing[technique]) == 0 {
		return nil, errors.New("the bundle has no attack-pattern with an ATT&CK id")
	}
	related := b.relate()
	tactics := b.tacticsInOrder(standing[kg.KindTactic])
	b.resolve(standing[technique], tactics, related)

	rel := &kg.Release{Key: key, Tactics: plain(tactics), Objects: map[kg.ObjectKind][]kg.Object{}, Links: related.links}
	for kind, objects := range standing {
		switch kind {
		case technique:
			rel.Techniques = techniques(objects)
		case kg.KindTactic:
		default:
			rel.Objects[kind] = plain(objects)
		}
	}
	return rel, nil
}

// standing gives the objects of each kind by ATT&CK id. Where several share
// one, the active one stands, else the revoked one, which may name a successor.
func (b *bundle) standing() map[kg.ObjectKind][]*stixObject {
	kinds := map[kg.ObjectKind][]*stixObject{}
	for _, o := range b.kept {
		if !o.unread {
			kinds[o.Kind] = append(kinds[o.Kind], o)
		}
	}
	preference := [...]int{kg.Active: 0, kg.Revoked: 1, kg.Deprecated: 2}
	for kind, objects := range kinds {
		slices.SortFunc(objects, func(x, y *stixObject) int {
			return cmp.Or(strings.Compare(x.ID, y.ID), cmp.Compare(preference[x.Status], preference[y.Status]),
				strings.Compare(x.StixID, y.StixID), cmp.Compare(x.row, y.row))
		})
		kinds[kind] = slices.CompactFunc(objects, func(x, y *stixObject) bool { return x.ID == y.ID })
		for _, o := range kinds[kind] {
			o.stands = true
		}
	}
	for _, o := range b.kept {
		if !o.unread && !o.stands {
			b.notes.add("SHARED_ATTACK_ID", "objects with the ATT&CK id of another of their kind, left out: an active one stands before a revoked one, and that before a deprecated one", o.row)
		}
	}
	return kinds
}

// related is what relationships and references say, by what it means.
type related struct {
	successors map[*stixObject][]*stixObject
	parents    map[*stixObject][]*stixObject
	links      map[kg.LinkKind][]kg.Link
}

func (r *related) link(kind kg.LinkKind, from, to *stixObject) {
	if from.live() && to.live() {
		r.links[kind] = append(r.links[kind], kg.Link{From: from.ID, To: to.ID})
	}
}

func (b *bundle) relate() *related {
	r := &related{map[*stixObject][]*stixObject{}, map[*stixObject][]*stixObject{}, map[kg.LinkKind][]kg.Link{}}
	for _, rel := range b.relations {
		b.addRelated(r, rel)
	}
	for _, o := range b.kept {
		for _, part := range o.parts {
			b.addPart(r, o, b.objects[part])
		}
	}
	for kind, links := range r.links {
		slices.SortFunc(links, func(x, y kg.Link) int {
			return cmp.Or(strings.Compare(x.From, y.From), strings.Compare(x.To, y.To))
		})
		r.links[kind] = slices.Clip(slices.Compact(links))
	}
	return r
}

func (b *bundle) addRelated(r *related, rel relation) {
	from, to := b.objects[rel.from], b.objects[rel.to]
	if from == nil || to == nil {
		b.notes.add("DANGLING_REFERENCE", "relationships with an end that the bundle does not have, left out", rel.row)
		return
	}
	kind, isLink := linkKinds[relationShape{rel.name, from.Kind, to.Kind}]
	switch {
	case from.unread || to.unread:
		b.noteUnread("UNREAD_RELATIONSHIP", "relationships of type", rel.name, rel.row)
	case rel.name == "revoked-by" && from.Kind == to.Kind:
		r.successors[from] = append(r.successors[from], to)
	case rel.name == "subtechnique-of" && from.Kind == technique && to.Kind == technique:
		r.parents[from] = append(r.parents[from], to)
	case isLink:
		r.link(kind, from, to)
	default:
		b.noteUnread("UNREAD_RELATIONSHIP", "relationships of type", rel.name, rel.row)
	}
}

// addPart links a data component to its source, or a strategy to an analytic.
func (b *bundle) addPart(r *related, o, part *stixObject) {
	switch {
	case o.unread:
	case part == nil || part.unread:
		b.notes.add("DANGLING_REFERENCE", "objects that refer to a data source or an analytic that the bundle does not have", o.row)
	case o.Kind == kg.KindDataComponent && part.Kind == kg.KindDataSource:
		r.link(kg.SourceHasComponent, part, o)
	case o.Kind == kg.KindDetectionStrategy && part.Kind == kg.KindAnalytic:
		r.link(kg.StrategyHasAnalytic, o, part)
	default:
		b.notes.add("DANGLING_REFERENCE", "objects whose reference to a data source or an analytic names something else", o.row)
	}
}

// maxUnread bounds the types that notes name one by one.
const maxUnread = 20

// noteUnread notes an object or a relationship of a type that a release has no
// place for.
func (b *bundle) noteUnread(code, what, typ string, row int) {
	key := code + typ
	if !b.named[key] && len(b.named) >= maxUnread {
		b.notes.add(code, what+"s beside those named, which are not read", row)
		return
	}
	b.named[key] = true
	b.notes.add(code, fmt.Sprintf("%s %.40q, which are not read", what, typ), row)
}

// resolve settles what the standing objects say of each other.
func (b *bundle) resolve(techniques, tactics []*stixObject, r *related) {
	known := make(map[string]bool, len(techniques))
	for _, o := range techniques {
		known[o.ID] = true
	}
	column := make(map[string]int, len(tactics))
	for i, t := range slices.Backward(tactics) {
		column[t.ShortName] = i
	}
	for _, o := range b.kept {
		if !o.stands {
			continue
		}
		o.RevokedBy = b.successorOf(o, r.successors[o])
		if o.Kind == technique {
			o.parent = b.parentOf(o, r.parents[o], known)
			o.phases = b.tacticsOf(o, column)
		}
	}
}

// successorOf finds the direct successor of a revoked object. A revocation in
// favour of the object's own id names no other.
func (b *bundle) successorOf(o *stixObject, candidates []*stixObject) string {
	candidates = slices.DeleteFunc(candidates, func(c *stixObject) bool { return c.ID == o.ID })
	if len(candidates) == 0 {
		return ""
	}
	if o.Status != kg.Revoked {
		b.notes.add("SUCCESSOR_OF_UNREVOKED", "objects that are not revoked and yet have a successor, which is left out", o.row)
		return ""
	}
	if !shareID(candidates) {
		b.notes.add("SEVERAL_SUCCESSORS", "revoked objects with several successors: an active one stands, and of those the first by ATT&CK id", o.row)
	}
	return first(candidates, (*stixObject).live).ID
}

// parentOf finds the technique that o is a sub-technique of. The relationship
// says so; the flag and the id should agree, and stand in where it is missing.
func (b *bundle) parentOf(o *stixObject, candidates []*stixObject, known map[string]bool) string {
	prefix, _, dotted := strings.Cut(o.ID, ".")
	if len(candidates) == 0 && o.sub && dotted && known[prefix] {
		b.notes.add("PARENT_FROM_ID", "sub-techniques without a subtechnique-of relationship: the parent is taken from the ATT&CK id", o.row)
		return prefix
	}
	parent := ""
	if len(candidates) > 0 {
		parent = first(candidates, func(c *stixObject) bool { return c.ID == prefix }).ID
	}
	isSub := parent != ""
	if o.sub != isSub || dotted != isSub || isSub && (parent != prefix || !shareID(candidates)) {
		b.notes.add("PARENT_MISMATCH", "techniques whose subtechnique-of relationship, x_mitre_is_subtechnique flag and ATT&CK id disagree on the parent: the relationship stands", o.row)
	}
	if parent == o.ID {
		return ""
	}
	return parent
}

// first gives the first object by ATT&CK id among those that are preferred, or
// among all where none is.
func first(objects []*stixObject, preferred func(*stixObject) bool) *stixObject {
	return slices.MinFunc(objects, func(x, y *stixObject) int {
		return cmp.Or(trueFirst(preferred(x), preferred(y)), strings.Compare(x.ID, y.ID))
	})
}

// trueFirst orders what holds before what does not.
func trueFirst(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

func shareID(objects []*stixObject) bool {
	return !slices.ContainsFunc(objects, func(o *stixObject) bool { return o.ID != objects[0].ID })
}

// tacticsOf puts a technique's tactics in matrix order, unknown ones last.
func (b *bundle) tacticsOf(o *stixObject, column map[string]int) []string {
	place := func(name string) int {
		if i, ok := column[name]; ok {
			return i
		}
		return len(column)
	}
	if slices.ContainsFunc(o.phases, func(name string) bool { _, ok := column[name]; return !ok }) {
		b.notes.add("UNKNOWN_TACTIC", "techniques with a kill-chain phase that is no tactic of the release", o.row)
	}
	slices.SortFunc(o.phases, func(x, y string) int {
		return cmp.Or(cmp.Compare(place(x), place(y)), strings.Compare(x, y))
	})
	return slices.Compact(o.phases)
}

// tacticsInOrder puts tactics in the order of the release's live matrices, the
// longest first; those in none follow by id, active ones first.
func (b *bundle) tacticsInOrder(tactics []*stixObject) []*stixObject {
	byID := make(map[string]*stixObject, len(tactics))
	for _, t := range tactics {
		byID[t.ID] = t
	}
	var live []matrix
	for _, m := range b.matrices {
		m.columns = b.columnsOf(m, byID)
		if m.live {
			live = append(live, m)
		}
	}
	slices.SortFunc(live, func(x, y matrix) int {
		return cmp.Or(cmp.Compare(len(y.columns), len(x.columns)), strings.Compare(x.id, y.id), cmp.Compare(x.row, y.row))
	})
	var order []*stixObject
	for _, m := range live {
		order = append(order, m.columns...)
	}
	if len(order) == 0 && len(tactics) > 0 {
		b.notes.add("NO_MATRIX", "no matrix puts the tactics in order: they stand by ATT&CK id", 0)
	}
	rest := slices.Clone(tactics)
	slices.SortStableFunc(rest, func(x, y *stixObject) int { return trueFirst(x.live(), y.live()) })
	return distinct(append(order, rest...))
}

// columnsOf resolves a matrix's tactics, each once.
func (b *bundle) columnsOf(m matrix, byID map[string]*stixObject) []*stixObject {
	var columns []*stixObject
	for _, i := range m.tactics {
		if o := b.objects[i]; o != nil && !o.unread && o.Kind == kg.KindTactic {
			columns = append(columns, byID[o.ID])
		} else {
			b.notes.add("DANGLING_REFERENCE", "matrices that list a tactic which the bundle does not have", m.row)
		}
	}
	return distinct(columns)
}

// distinct leaves out repeats, in place.
func distinct[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	return slices.DeleteFunc(list, func(x T) bool {
		again := seen[x]
		seen[x] = true
		return again
	})
}

func techniques(objects []*stixObject) []kg.Technique {
	list := make([]kg.Technique, len(objects))
	for i, o := range objects {
		list[i] = kg.Technique{
			ID: o.ID, StixID: o.StixID, Name: o.Name, Description: o.Description, URL: o.URL,
			Status: o.Status, RevokedBy: o.RevokedBy, Tactics: o.phases, Platforms: o.Platforms, Parent: o.parent,
		}
	}
	return list
}

func plain(objects []*stixObject) []kg.Object {
	list := make([]kg.Object, len(objects))
	for i, o := range objects {
		list[i] = o.Object
	}
	return list
}

// stixFields are the members that a release is made from, as JSON; nil where
// an object has no such member.
type stixFields struct {
	typ, id, name, description, modified   jsontext.Value
	revoked, deprecated                    jsontext.Value
	externalReferences, version            jsontext.Value
	platforms, aliases, mitreAliases       jsontext.Value
	killChainPhases, isSubtechnique        jsontext.Value
	shortName, tacticRefs                  jsontext.Value
	firstSeen, lastSeen                    jsontext.Value
	dataSourceRef, analyticRefs            jsontext.Value
	relationshipType, sourceRef, targetRef jsontext.Value
}

func fieldsOf(object jsontext.Value) stixFields {
	var f stixFields
	eachMember(object, func(name []byte, value jsontext.Value) {
		if field := f.named(name); field != nil {
			*field = value
		}
	})
	return f
}

func (f *stixFields) named(name []byte) *jsontext.Value {
	switch string(name) {
	case "type":
		return &f.typ
	case "id":
		return &f.id
	case "name":
		return &f.name
	case "description":
		return &f.description
	case "modified":
		return &f.modified
	case "revoked":
		return &f.revoked
	case "x_mitre_deprecated":
		return &f.deprecated
	case "external_references":
		return &f.externalReferences
	case "x_mitre_version":
		return &f.version
	case "x_mitre_platforms":
		return &f.platforms
	case "aliases":
		return &f.aliases
	case "x_mitre_aliases":
		return &f.mitreAliases
	case "kill_chain_phases":
		return &f.killChainPhases
	case "x_mitre_is_subtechnique":
		return &f.isSubtechnique
	case "x_mitre_shortname":
		return &f.shortName
	case "tactic_refs":
		return &f.tacticRefs
	case "first_seen":
		return &f.firstSeen
	case "last_seen":
		return &f.lastSeen
	case "x_mitre_data_source_ref":
		return &f.dataSourceRef
	case "x_mitre_analytic_refs":
		return &f.analyticRefs
	case "relationship_type":
		return &f.relationshipType
	case "source_ref":
		return &f.sourceRef
	case "target_ref":
		return &f.targetRef
	}
	return nil
}

// status reads an object's state; revocation goes before deprecation.
func (b *bundle) status(f *stixFields) kg.Status {
	switch {
	case b.flag(f.revoked):
		return kg.Revoked
	case b.flag(f.deprecated):
		return kg.Deprecated
	}
	return kg.Active
}

// attackRef is the reference that gives an object its ATT&CK id.
type attackRef struct{ source, id, url string }

// attackSources name the domains of ATT&CK, as sources of references and as
// kill chains.
var attackSources = []string{"mitre-attack", "mitre-mobile-attack", "mitre-ics-attack"}

// attackReference finds the first reference of an ATT&CK source with an id.
func (b *bundle) attackReference(references jsontext.Value) attackRef {
	var found attackRef
	b.each(references, func(reference jsontext.Value) {
		if found.id != "" || !b.is('{', reference) {
			return
		}
		var source, id, url jsontext.Value
		eachMember(reference, func(name []byte, value jsontext.Value) {
			switch string(name) {
			case "source_name":
				source = value
			case "external_id":
				id = value
			case "url":
				url = value
			}
		})
		if i := slices.Index(attackSources, string(b.bytes(source))); i >= 0 {
			found = attackRef{attackSources[i], b.text(id), b.text(url)}
		}
	})
	return found
}

// phases reads the short names of a technique's tactics.
func (b *bundle) phases(phases jsontext.Value) []string {
	var names []string
	b.each(phases, func(phase jsontext.Value) {
		if !b.is('{', phase) {
			return
		}
		var chain, name jsontext.Value
		eachMember(phase, func(member []byte, value jsontext.Value) {
			switch string(member) {
			case "kill_chain_name":
				chain = value
			case "phase_name":
				name = value
			}
		})
		if !slices.Contains(attackSources, string(b.bytes(chain))) {
			return
		}
		if n := b.text(name); n != "" {
			names = append(names, n)
		}
	})
	return names
}

// refs reads one STIX id or an array of them.
func (b *bundle) refs(v jsontext.Value) []int32 {
	var refs []int32
	add := func(id jsontext.Value) {
		if i := b.ref(id); i >= 0 {
			refs = append(refs, i)
		}
	}
	if v.Kind() == '"' {
		add(v)
	} else {
		b.each(v, add)
	}
	return refs
}

// ref gives the place of the object that a STIX id names, or -1 where v is no id.
func (b *bundle) ref(v jsontext.Value) int32 {
	id := b.bytes(v)
	if len(id) == 0 {
		return -1
	}
	if i, ok := b.index[string(id)]; ok {
		return i
	}
	return b.place(b.in.intern.bytes(id))
}

// date cuts a time stamp down to its day.
func (b *bundle) date(v jsontext.Value) string {
	day, _, _ := bytes.Cut(b.bytes(v), []byte("T"))
	if len(day) == 0 {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, string(day)); err != nil {
		b.malformed()
		return ""
	}
	return b.in.intern.bytes(day)
}

// fieldReader reads the fields of one object after another without failing:
// what is not as it should be counts as absent, and is noted.
type fieldReader struct {
	in      *input
	notes   *notes
	row     int // of the object that is read, from 1
	scratch []byte
}

// bounds keeps the fields of objects within bounds.
func (r *fieldReader) bounds() bounder { return bounder{r.notes, "objects"} }

// next gives the text of the next object, valid until the one after it is read.
func (r *fieldReader) next() (jsontext.Value, error) {
	r.row++
	r.in.budget.reset()
	return r.in.raw()
}

// report writes down what was read and noted.
func (r *fieldReader) report(rep *kg.FileReport) {
	rep.Objects = r.row
	rep.InvalidUTF8 = r.in.invalidUTF8
	rep.Notes = append(rep.Notes, r.notes.list()...)
}

// text reads a string; repeats of it, in this file or another, share one copy.
func (r *fieldReader) text(v jsontext.Value) string { return r.in.intern.bytes(r.bytes(v)) }

// texts reads the strings of an array that are not empty.
func (r *fieldReader) texts(v jsontext.Value) []string {
	var texts []string
	r.each(v, func(element jsontext.Value) {
		if s := r.text(element); s != "" {
			texts = append(texts, s)
		}
	})
	return texts
}

// bytes gives a string's text, trimmed and good until the next call; it is
// empty where v is absent, null or no string.
func (r *fieldReader) bytes(v jsontext.Value) []byte {
	if !r.is('"', v) {
		return nil
	}
	r.scratch = r.in.unquote(r.scratch[:0], v)
	return bytes.TrimSpace(r.scratch)
}

// flag reads a boolean, which is false where v is none.
func (r *fieldReader) flag(v jsontext.Value) bool {
	if v.Kind() == 't' {
		return true
	}
	r.is('f', v)
	return false
}

// number reads a number; ok is false where there is none, or none that fits.
func (r *fieldReader) number(v jsontext.Value) (n float64, ok bool) {
	if !r.is('0', v) {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		r.malformed()
		return 0, false
	}
	return n, true
}

// each calls f with the elements of an array.
func (r *fieldReader) each(v jsontext.Value, f func(jsontext.Value)) {
	if r.is('[', v) {
		eachElement(v, f)
	}
}

// is tells whether v is of a kind, and notes a value of another kind; what is
// absent or null is of none.
func (r *fieldReader) is(kind jsontext.Kind, v jsontext.Value) bool {
	switch v.Kind() {
	case kind:
		return true
	case 0, 'n':
		return false
	}
	r.malformed()
	return false
}

func (r *fieldReader) malformed() {
	r.notes.add("MALFORMED_VALUE", "values of another type or form than the format gives them, taken as absent", r.row)
}

// eachMember calls f with the name and value of each member of a JSON object,
// which must be valid, as every value that the input hands out is.
func eachMember(object jsontext.Value, f func(name []byte, value jsontext.Value)) {
	name, rest := cutValue(object[1:])
	for name != nil {
		var value jsontext.Value
		value, rest = cutValue(rest)
		f(memberName(name), value)
		name, rest = cutValue(rest)
	}
}

// eachElement calls f with each element of a valid JSON array.
func eachElement(array jsontext.Value, f func(jsontext.Value)) {
	value, rest := cutValue(array[1:])
	for value != nil {
		f(value)
		value, rest = cutValue(rest)
	}
}

// memberName takes the quotes off a name.
func memberName(quoted jsontext.Value) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	name, _ := jsontext.AppendUnquote(nil, quoted)
	return name
}

// cutValue splits off the next value within an object or array: nil at its end.
func cutValue(b jsontext.Value) (value, rest jsontext.Value) {
	start := 0
	for start < len(b) && strings.IndexByte(" \t\r\n,:", b[start]) >= 0 {
		start++
	}
	if b = b[start:]; len(b) == 0 || b[0] == '}' || b[0] == ']' {
		return nil, nil
	}
	end := valueEnd(b)
	return b[:end:end], b[end:]
}

// valueEnd gives the length of the value that b begins with.
func valueEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				return literalEnd(b)
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(b)
}

// stringEnd gives the length of the string that b begins with, quotes included.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			break
		}
		i += quote + 1
		before := b[:i-1]
		if escapes := len(before) - len(bytes.TrimRight(before, `\`)); escapes%2 == 0 {
			return i
		}
	}
	return len(b)
}

func literalEnd(b []byte) int {
	if end := bytes.IndexAny(b, ",]} \t\r\n"); end >= 0 {
		return end
	}
	return len(b)
}
