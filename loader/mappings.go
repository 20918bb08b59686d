package loader

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"path"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// rowField names a field of a row. The order is part of mapping ids: append only.
type rowField int

const (
	fCapability rowField = iota
	fTitle
	fType
	fTechnique
	fLabel
	fGroup
	fCategory
	fValue
	fRelatedScore
	fComments
	fStatus
	fAuthor
	fAuthorContact
	fAuthorOrganization
	fAttackVersion
	fFramework
	fFrameworkVersion
	fDomain
	textFields
)

var rowFields = map[string]rowField{
	"capability_id": fCapability, "capability_description": fTitle, "mapping_type": fType,
	"attack_object_id": fTechnique, "attack_object_name": fLabel, "capability_group": fGroup,
	"score_category": fCategory, "score_value": fValue, "related_score": fRelatedScore,
	"comments": fComments, "status": fStatus, "author": fAuthor,
	"author_contact": fAuthorContact, "author_organization": fAuthorOrganization,
	"attack_version": fAttackVersion, "mapping_framework": fFramework,
	"mapping_framework_version": fFrameworkVersion, "technology_domain": fDomain,
}

// rawRow is a row as written. Absent and null are one.
type rawRow struct {
	text       [textFields]string
	present    [textFields]bool // the member is there, and is no null
	seen       [textFields]bool // the member is there
	references []string
	hasRefs    bool
	extra      []string // unknown members, "key\x00value", sorted before use
}

func (r *rawRow) reset() {
	*r = rawRow{references: r.references[:0], extra: r.extra[:0]}
}

// trimmed gives a field without the blanks around it.
func (r *rawRow) trimmed(f rowField) string { return strings.TrimSpace(r.text[f]) }

// setReader reads one mapping file.
type setReader struct {
	in     *input
	report *kg.FileReport
	notes  *notes
	set    *kg.Set

	row       rawRow
	overrides []override
	digests   map[[sha256.Size]byte]bool
	contents  [][sha256.Size]byte // of each row of set.Rows
	seen      pairCounts
	hasRows   bool
	hasMeta   bool
	padded    map[string]bool // technique ids whose label has blanks around it
}

// override is a row field that repeats a metadata field.
type override struct {
	row   int
	field rowField
	value string
}

// errNoMetadata and its like refuse a file; see semantics 2.10.
var errNoMetadata = errors.New("no usable metadata: a mapping file has metadata with mapping_framework, mapping_framework_version, attack_version and technology_domain")

// readMappingSet reads a mapping file, row by row. What a row gets wrong is
// noted and never refuses the file.
//
// The second result names the technique ids whose label has blanks around it,
// which the set's rows no longer show.
func readMappingSet(in *input, report *kg.FileReport) (*kg.Set, map[string]bool, error) {
	r := &setReader{
		in: in, report: report, notes: newNotes(), set: &kg.Set{File: in.path},
		digests: map[[sha256.Size]byte]bool{}, seen: newPairCounts(), padded: map[string]bool{},
	}
	row := 0
	err := in.object(func(key []byte) error {
		switch string(key) {
		case "metadata":
			if r.hasMeta {
				report.DuplicateKeys++
			}
			r.hasMeta = true
			return r.readMetadata()
		case "mapping_objects":
			if r.hasRows {
				return errors.New("mapping_objects occurs twice")
			}
			r.hasRows = true
			return in.array(func(n int) error {
				row = n + 1
				in.budget.reset()
				return r.readRow(row)
			})
		}
		report.UnknownKeys++
		return in.skip()
	})
	if err != nil {
		return nil, nil, rowError(row, err)
	}
	if err := r.checkMetadata(); err != nil {
		return nil, nil, err
	}
	if !r.hasRows {
		r.notes.add("NO_ROWS", "the file has no mapping_objects", 0)
	}
	r.finish()
	return r.set, r.padded, nil
}

// rowFailureError carries the row in which reading failed.
type rowFailureError struct {
	row int
	err error
}

func (e *rowFailureError) Error() string { return e.err.Error() }
func (e *rowFailureError) Unwrap() error { return e.err }

func rowError(row int, err error) error {
	if row == 0 {
		return err
	}
	return &rowFailureError{row, err}
}

func (r *setReader) readMetadata() error {
	key := &r.set.Key
	texts := map[string]*string{
		"mapping_framework": &key.Framework, "mapping_framework_version": &key.Version,
		"attack_version": &key.AttackVersion, "mapping_version": &r.set.MappingVersion,
		"creation_date": &r.set.Created, "last_update": &r.set.Updated,
		"author": &r.set.Author, "contact": &r.set.Contact, "organization": &r.set.Organization,
	}
	seen := map[string]bool{}
	return r.in.object(func(k []byte) error {
		name := string(k)
		if seen[name] {
			r.report.DuplicateKeys++
		}
		seen[name] = true
		switch name {
		case "technology_domain":
			text, err := r.metadataText(name)
			key.Domain, _ = kg.ParseDomain(text)
			return err
		case "mapping_types":
			return r.readTypes()
		case "capability_groups":
			return r.readGroups()
		case "mapping_framework_version_schema":
			return r.in.skip()
		}
		field, known := texts[name]
		if !known {
			r.report.UnknownKeys++
			return r.in.skip()
		}
		text, err := r.metadataText(name)
		*field = strings.TrimSpace(text)
		return err
	})
}

// metadataText reads a metadata field; another type than a string is noted.
func (r *setReader) metadataText(name string) (string, error) {
	text, _, err := r.in.text()
	if shape := (*shapeError)(nil); errors.As(err, &shape) {
		r.notes.add("METADATA_TYPE", fmt.Sprintf("metadata.%s: %s; taken as absent", name, shape), 0)
		err = nil
	}
	return text, err
}

func (r *setReader) readTypes() error {
	return r.optionalObject("mapping_types", func(id []byte) error {
		t := kg.MappingType{ID: strings.TrimSpace(string(id))}
		err := r.optionalObject("mapping_types."+t.ID, func(k []byte) error {
			name := string(k)
			if name != "name" && name != "description" {
				r.report.UnknownKeys++
				return r.in.skip()
			}
			text, err := r.metadataText("mapping_types." + t.ID + "." + name)
			if name == "name" {
				t.Name = strings.TrimSpace(text)
			} else {
				t.Description = strings.TrimSpace(text)
			}
			return err
		})
		r.set.Types = append(r.set.Types, t)
		return err
	})
}

func (r *setReader) readGroups() error {
	return r.optionalObject("capability_groups", func(id []byte) error {
		g := kg.CapabilityGroup{ID: strings.TrimSpace(string(id))}
		title, err := r.metadataText("capability_groups." + g.ID)
		g.Title = strings.TrimSpace(title)
		r.set.Groups = append(r.set.Groups, g)
		return err
	})
}

// optionalObject walks an object, and notes anything else in its place.
func (r *setReader) optionalObject(name string, member func([]byte) error) error {
	k := r.in.kind()
	if k == '{' || k == 0 {
		return r.in.object(member)
	}
	if k != 'n' {
		r.notes.add("METADATA_TYPE", fmt.Sprintf("metadata.%s: expected an object, found %s; taken as absent", name, kindName(k)), 0)
	}
	return r.in.skip()
}

func (r *setReader) checkMetadata() error {
	k := r.set.Key
	if !r.hasMeta {
		return errNoMetadata
	}
	var missing []string
	for name, value := range map[string]string{
		"mapping_framework": k.Framework, "mapping_framework_version": k.Version,
		"attack_version": k.AttackVersion, "technology_domain (enterprise, mobile or ics)": k.Domain.String(),
	} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("no usable metadata: missing %s", strings.Join(missing, ", "))
	}
	if strings.ContainsAny(k.Framework, "/:@ \t\n") {
		return fmt.Errorf("metadata.mapping_framework %q: an id has no blanks and none of / : @", k.Framework)
	}
	return nil
}

// readRow reads one element of mapping_objects.
func (r *setReader) readRow(number int) error {
	r.row.reset()
	r.report.Rows++
	if k := r.in.kind(); k != '{' && k != 0 {
		r.notes.add("ROW_TYPE", "rows that are no objects", number)
		r.report.Incomplete++
		return r.in.skip()
	}
	if err := r.in.object(func(key []byte) error { return r.readMember(number, key) }); err != nil {
		return err
	}
	r.takeRow(number)
	return nil
}

func (r *setReader) readMember(number int, key []byte) error {
	if string(key) == "references" {
		return r.readReferences(number)
	}
	f, known := rowFields[string(key)]
	if !known {
		name := string(key)
		v, err := r.in.raw()
		if err != nil {
			return err
		}
		r.report.UnknownKeys++
		r.notes.add("UNKNOWN_KEY", fmt.Sprintf("rows with a key %q that the schema does not name; kept out", name), number)
		r.row.extra = append(r.row.extra, name+"\x00"+string(v))
		return nil
	}
	if r.row.seen[f] {
		r.report.DuplicateKeys++
		r.notes.add("DUPLICATE_KEY", fmt.Sprintf("rows that have %s twice; the last counts", string(key)), number)
	}
	name := string(key)
	text, present, err := r.in.text()
	if shape := (*shapeError)(nil); errors.As(err, &shape) {
		r.notes.add("FIELD_TYPE", fmt.Sprintf("rows in which %s is no string but %s; taken as absent", name, shape.got), number)
		err = nil
	}
	r.row.text[f], r.row.present[f], r.row.seen[f] = text, present, true
	return err
}

func (r *setReader) readReferences(number int) error {
	if r.row.hasRefs {
		r.report.DuplicateKeys++
		r.row.references = r.row.references[:0]
	}
	switch k := r.in.kind(); k {
	case 'n':
		return r.in.skip()
	case '[', 0:
	default:
		r.notes.add("FIELD_TYPE", fmt.Sprintf("rows in which references is no list but %s; taken as absent", kindName(k)), number)
		return r.in.skip()
	}
	r.row.hasRefs = true
	return r.in.array(func(int) error {
		text, present, err := r.in.text()
		if shape := (*shapeError)(nil); errors.As(err, &shape) {
			r.notes.add("FIELD_TYPE", "rows with a reference that is no string but "+shape.got+"; left out", number)
			return nil
		}
		if present {
			r.row.references = append(r.row.references, text)
		}
		return err
	})
}

// takeRow counts a row, and keeps it unless an equal one was kept before.
func (r *setReader) takeRow(number int) {
	row := r.normalise(number)
	r.count(&row)
	digest := r.row.digest()
	if r.digests[digest] {
		r.report.ExactDuplicates++
		return
	}
	r.digests[digest] = true
	r.contents = append(r.contents, digest)
	r.set.Rows = append(r.set.Rows, row)
}

// normalise makes a row of what was read. Its capability id is canonical only
// after finish, since the framework may be named behind the rows.
func (r *setReader) normalise(number int) kg.Row {
	raw := &r.row
	row := kg.Row{
		Number: number, Spelled: raw.trimmed(fCapability), Title: raw.trimmed(fTitle), Group: raw.trimmed(fGroup),
		AttackID: raw.trimmed(fTechnique), SourceLabel: raw.trimmed(fLabel), TypeID: raw.trimmed(fType),
		Comments: raw.trimmed(fComments), Status: raw.trimmed(fStatus), Author: raw.trimmed(fAuthor),
		References: repairReferences(raw.references),
	}
	var ok bool
	if row.Category, ok = parseCategory(raw.trimmed(fCategory)); !ok {
		r.notes.add("UNKNOWN_CATEGORY", fmt.Sprintf("rows with the unknown score_category %q; taken as none", raw.trimmed(fCategory)), number)
	}
	if row.Value, ok = parseValue(raw.trimmed(fValue)); !ok {
		r.notes.add("UNKNOWN_VALUE", fmt.Sprintf("rows with the unknown score_value %q; taken as none", raw.trimmed(fValue)), number)
	}
	row.Class = classify(&row)
	for _, f := range []rowField{fAttackVersion, fFramework, fFrameworkVersion, fDomain} {
		if v := raw.trimmed(f); v != "" {
			r.overrides = append(r.overrides, override{number, f, v})
		}
	}
	return row
}

func classify(r *kg.Row) kg.Class {
	refused := isNonMappable(r.Status) || isNonMappable(r.TypeID)
	switch {
	case !refused && r.Spelled != "" && r.AttackID != "":
		return kg.Mapped
	case refused && r.Spelled == "" && r.AttackID != "":
		return kg.NonMappableTechnique
	case refused && r.Spelled != "" && r.AttackID == "":
		return kg.NonMappableCapability
	}
	return kg.Incomplete
}

func isNonMappable(s string) bool { return foldName(s) == "non_mappable" }

// foldName makes spellings of a type, status, category or value comparable.
func foldName(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '-' || c == ' ' {
			return '_'
		}
		return c
	}, strings.ToLower(s))
}

func parseCategory(s string) (kg.Category, bool) {
	switch foldName(s) {
	case "":
		return kg.NoCategory, true
	case "protect":
		return kg.Protect, true
	case "detect":
		return kg.Detect, true
	case "respond":
		return kg.Respond, true
	}
	return kg.NoCategory, false
}

func parseValue(s string) (kg.Value, bool) {
	switch foldName(s) {
	case "":
		return kg.NoValue, true
	case "minimal":
		return kg.Minimal, true
	case "partial":
		return kg.Partial, true
	case "significant":
		return kg.Significant, true
	}
	return kg.NoValue, false
}

// relationOf reads a mapping type's id, or else its declared name.
func relationOf(id, name string) kg.Relation {
	for _, s := range []string{id, name} {
		switch foldName(s) {
		case "mitigates", "protects":
			return kg.Mitigates
		case "technique_score", "technique_scores":
			return kg.Scored
		case "exploitation_technique":
			return kg.ExploitationTechnique
		case "primary_impact":
			return kg.PrimaryImpact
		case "secondary_impact":
			return kg.SecondaryImpact
		case "related_to":
			return kg.RelatedTo
		}
	}
	return kg.Other
}

// digest hashes a row's content: every field trimmed, with absent, null, "" and
// [] alike, before references are repaired. Fields are length-prefixed, so that
// no two contents share an encoding.
func (r *rawRow) digest() [sha256.Size]byte {
	h := sha256.New()
	for f := range textFields {
		writeField(h, r.trimmed(f))
	}
	for _, ref := range r.references {
		writeField(h, strings.TrimSpace(ref))
	}
	slices.Sort(r.extra)
	for _, x := range r.extra {
		writeField(h, "extra\x00"+x)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func writeField(h hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	_, _ = h.Write(n[:])
	_, _ = h.Write([]byte(s))
}

// mappingID hashes the set's identity and the row's content.
func mappingID(key kg.SetKey, content [sha256.Size]byte) kg.MappingID {
	h := sha256.New()
	writeField(h, key.String())
	_, _ = h.Write(content[:])
	return kg.MappingID(h.Sum(nil)[:len(kg.MappingID{})])
}

// finish does what needs the metadata.
func (r *setReader) finish() {
	k := r.set.Key
	slices.SortFunc(r.set.Types, func(a, b kg.MappingType) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(r.set.Groups, func(a, b kg.CapabilityGroup) int { return strings.Compare(a.ID, b.ID) })
	canonical := map[string]bool{}
	groups := map[string]bool{}
	for _, g := range r.set.Groups {
		groups[g.ID] = true
	}
	for i := range r.set.Rows {
		row := &r.set.Rows[i]
		row.ID = mappingID(k, r.contents[i])
		row.Relation = relationOf(row.TypeID, r.set.Type(row.TypeID).Name)
		if row.Spelled != "" {
			row.Capability = r.in.intern.bytes([]byte(kg.CanonicalCapabilityID(k.Framework, row.Spelled)))
			canonical[row.Capability] = true
		}
		r.noteRow(row, groups)
	}
	r.report.Set = &r.set.Key
	r.report.CanonicalCapabilities = len(canonical)
	r.checkOverrides()
	r.checkPath()
	r.seen.fill(r.report)
	r.report.InvalidUTF8 = r.in.invalidUTF8
	r.report.Notes = append(r.report.Notes, r.notes.list()...)
}

// noteRow notes what is odd about a row that is kept.
func (r *setReader) noteRow(row *kg.Row, groups map[string]bool) {
	switch {
	case row.Class == kg.Incomplete:
		r.notes.add("INCOMPLETE_ROW", "rows that neither tie a capability to a technique nor declare one non-mappable; never counted as coverage", row.Number)
	case row.TypeID == "":
		r.notes.add("NO_TYPE", "rows without a mapping type", row.Number)
	case !slices.ContainsFunc(r.set.Types, func(t kg.MappingType) bool { return t.ID == row.TypeID }):
		r.notes.add("UNDECLARED_TYPE", fmt.Sprintf("rows of the mapping type %q, which the metadata does not declare", row.TypeID), row.Number)
	}
	if row.Group != "" && !groups[row.Group] {
		r.notes.add("UNDECLARED_GROUP", fmt.Sprintf("rows of the capability group %q, which the metadata does not declare", row.Group), row.Number)
	}
}

// checkOverrides counts row fields that repeat a metadata field with another
// value. Identity comes from the metadata all the same.
func (r *setReader) checkOverrides() {
	k := r.set.Key
	for _, o := range r.overrides {
		var name, stands string
		same := false
		switch o.field {
		case fAttackVersion:
			name, stands, same = "attack_version", k.AttackVersion, kg.CompareVersions(o.value, k.AttackVersion) == 0
		case fFramework:
			name, stands, same = "mapping_framework", k.Framework, o.value == k.Framework
		case fFrameworkVersion:
			name, stands, same = "mapping_framework_version", k.Version, kg.SameFrameworkVersion(o.value, k.Version)
		case fDomain:
			d, _ := kg.ParseDomain(o.value)
			name, stands, same = "technology_domain", k.Domain.String(), d == k.Domain
		}
		if !same {
			r.report.MetadataMismatches++
			r.notes.add("METADATA_MISMATCH", fmt.Sprintf("rows whose %s is %q; the metadata's %q stands", name, o.value, stands), o.row)
		}
	}
}

// checkPath compares the identity with the published folder layout,
// FRAMEWORK/attack-V/FRAMEWORK-FV/DOMAIN/, where the path follows it.
func (r *setReader) checkPath() {
	parts := strings.Split(path.Dir(r.in.path), "/")
	if len(parts) < 4 {
		return
	}
	parts = parts[len(parts)-4:]
	version, isLayout := strings.CutPrefix(parts[1], "attack-")
	if !isLayout {
		return
	}
	k := r.set.Key
	want := fmt.Sprintf("%s/attack-%s/%s-%s/%s", k.Framework, k.AttackVersion, k.Framework, strings.ReplaceAll(k.Version, "/", "."), k.Domain)
	if got := strings.Join(parts, "/"); got != want || version != k.AttackVersion {
		r.notes.add("PATH_MISMATCH", fmt.Sprintf("the folder says %s and the metadata %s; the metadata stands", got, want), 0)
	}
}

// count adds a row to the report's counters.
func (r *setReader) count(row *kg.Row) {
	rep, raw := r.report, &r.row
	switch row.Class {
	case kg.Mapped:
		rep.Mapped++
	case kg.NonMappableCapability:
		rep.NonMappableCapability++
	case kg.NonMappableTechnique:
		rep.NonMappableTechnique++
	default:
		rep.Incomplete++
	}
	switch {
	case !raw.present[fComments]:
		rep.CommentsAbsent++
	case raw.text[fComments] == "":
		rep.CommentsBlank++
	}
	switch {
	case !raw.hasRefs:
		rep.ReferencesAbsent++
	case len(raw.references) == 0:
		rep.ReferencesEmpty++
	}
	for _, ref := range raw.references {
		if malformed(ref) {
			rep.MalformedReferences++
		}
	}
	if row.SourceLabel != raw.text[fLabel] {
		r.padded[row.AttackID] = true
	}
	r.seen.add(raw, row)
}

// pairCounts counts what needs the whole file to be seen.
type pairCounts struct {
	capabilities, techniques map[string]bool
	pairs                    map[[2]string]int
	values                   map[[4]string]map[kg.Value]bool
}

func newPairCounts() pairCounts {
	return pairCounts{
		capabilities: map[string]bool{}, techniques: map[string]bool{},
		pairs: map[[2]string]int{}, values: map[[4]string]map[kg.Value]bool{},
	}
}

func (p *pairCounts) add(raw *rawRow, row *kg.Row) {
	if raw.text[fCapability] != "" {
		p.capabilities[raw.text[fCapability]] = true
	}
	if row.AttackID != "" {
		p.techniques[row.AttackID] = true
	}
	if row.Class != kg.Mapped {
		return
	}
	p.pairs[[2]string{row.Spelled, row.AttackID}]++
	key := [4]string{row.Spelled, row.AttackID, row.TypeID, string(rune('0' + row.Category))}
	if p.values[key] == nil {
		p.values[key] = map[kg.Value]bool{}
	}
	p.values[key][row.Value] = true
}

func (p *pairCounts) fill(rep *kg.FileReport) {
	rep.Capabilities, rep.Techniques = len(p.capabilities), len(p.techniques)
	for _, n := range p.pairs {
		rep.RepeatedPairs += n - 1
	}
	for _, values := range p.values {
		if len(values) > 1 {
			rep.ScoreConflicts++
		}
	}
}

// notes gathers notes, one for each message.
type notes struct{ byKey map[[2]string]*kg.Note }

func newNotes() *notes { return &notes{byKey: map[[2]string]*kg.Note{}} }

// add counts one more case; row 0 stands for none.
func (n *notes) add(code, message string, row int) {
	key := [2]string{code, message}
	note := n.byKey[key]
	if note == nil {
		note = &kg.Note{Code: code, Message: message}
		n.byKey[key] = note
	}
	note.Count++
	if row > 0 && len(note.Rows) < kg.NoteRows && (len(note.Rows) == 0 || note.Rows[len(note.Rows)-1] != row) {
		note.Rows = append(note.Rows, row)
	}
}

// list gives the notes by code, then message.
func (n *notes) list() []kg.Note {
	list := make([]kg.Note, 0, len(n.byKey))
	for _, note := range n.byKey {
		list = append(list, *note)
	}
	slices.SortFunc(list, func(a, b kg.Note) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	return list
}
