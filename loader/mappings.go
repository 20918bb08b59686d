package loader

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"path"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// rowField names a field of a row.
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

// fieldOf finds the field that a key names.
func fieldOf(key []byte) (f rowField, known bool) {
	switch string(key) {
	case "capability_id":
		return fCapability, true
	case "capability_description":
		return fTitle, true
	case "mapping_type":
		return fType, true
	case "attack_object_id":
		return fTechnique, true
	case "attack_object_name":
		return fLabel, true
	case "capability_group":
		return fGroup, true
	case "score_category":
		return fCategory, true
	case "score_value":
		return fValue, true
	case "related_score":
		return fRelatedScore, true
	case "comments":
		return fComments, true
	case "status":
		return fStatus, true
	case "author":
		return fAuthor, true
	case "author_contact":
		return fAuthorContact, true
	case "author_organization":
		return fAuthorOrganization, true
	case "attack_version":
		return fAttackVersion, true
	case "mapping_framework":
		return fFramework, true
	case "mapping_framework_version":
		return fFrameworkVersion, true
	case "technology_domain":
		return fDomain, true
	}
	return 0, false
}

// rawRow is a row as written. Absent and null are one.
type rawRow struct {
	text       [textFields]string
	present    [textFields]bool // the member is there, and is no null
	seen       [textFields]bool // the member is there
	references []string
	hasRefs    bool            // the row has a list of references
	seenRefs   bool            // the member is there
	unknown    map[string]bool // keys that the schema does not name
	extra      []string        // what no field holds, "key\x00value": unknown members, and values of the wrong type
}

func (r *rawRow) reset() {
	clear(r.unknown)
	*r = rawRow{references: r.references[:0], unknown: r.unknown, extra: r.extra[:0]}
}

// trimmed gives a field without the blanks around it.
func (r *rawRow) trimmed(f rowField) string { return strings.TrimSpace(r.text[f]) }

// keep remembers a member that no field holds: rows that differ in it differ.
func (r *rawRow) keep(key string, v jsontext.Value) {
	r.extra = append(r.extra, key+"\x00"+string(v))
}

// setReader reads one mapping file.
type setReader struct {
	in       *input
	report   *kg.FileReport
	notes    *notes // of the metadata
	set      *kg.Set
	hasMeta  bool
	mistyped []string // metadata fields that are no strings

	seenRows  bool // mapping_objects is there
	hasRows   bool // and is a list
	row       rawRow
	last      [textFields]string // the text before, field by field
	encoded   []byte             // of a row, for its digest
	rowNotes  *notes
	overrides map[override]*kg.Note
	digests   map[[sha256.Size]byte]bool
	seen      pairCounts
	padded    map[string]bool // technique ids whose label has blanks around it
}

// override is a row field that repeats a metadata field.
type override struct {
	field rowField
	value string
}

// errNoMetadata refuses a file that does not say what it maps.
var errNoMetadata = errors.New("no usable metadata: a mapping file has metadata with mapping_framework, mapping_framework_version, attack_version and technology_domain")

// readMappingSet reads a mapping file, row by row. What a row gets wrong is
// noted and never refuses the file.
//
// The second result names the technique ids whose label has blanks around it,
// which the set's rows no longer show.
func readMappingSet(in *input, report *kg.FileReport) (*kg.Set, map[string]bool, error) {
	r := &setReader{in: in, report: report, notes: newNotes(), set: &kg.Set{File: in.path}}
	r.forgetRows()
	err := in.object(func(key []byte) error {
		in.budget.reset()
		switch string(key) {
		case "metadata":
			return r.readMetadata()
		case "mapping_objects":
			return r.readRows()
		}
		r.noteUnknown("the file", key)
		return in.skim()
	})
	if err != nil {
		return nil, nil, err
	}
	if err := r.checkMetadata(); err != nil {
		return nil, nil, err
	}
	if !r.hasRows {
		r.notes.add("NO_ROWS", "the file has no list of mapping_objects; the set has no rows", 0)
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
	if row == 0 || err == nil {
		return err
	}
	return &rowFailureError{row, err}
}

func (r *setReader) readMetadata() error {
	if r.hasMeta {
		r.noteTwice("metadata")
		r.set, r.mistyped = &kg.Set{File: r.set.File, Rows: r.set.Rows}, nil
	}
	r.hasMeta = true
	key := &r.set.Key
	texts := map[string]*string{
		"mapping_framework": &key.Framework, "mapping_framework_version": &key.Version,
		"attack_version": &key.AttackVersion, "mapping_version": &r.set.MappingVersion,
		"creation_date": &r.set.Created, "last_update": &r.set.Updated,
		"author": &r.set.Author, "contact": &r.set.Contact, "organization": &r.set.Organization,
	}
	seen := map[string]bool{}
	if k := r.in.kind(); k != '{' && k != 0 {
		return fmt.Errorf("no usable metadata: %w", &shapeError{want: "an object", got: kindName(k)})
	}
	return r.in.object(func(k []byte) error {
		name := string(k)
		if seen[name] {
			r.noteTwice("metadata." + quoted(name))
		}
		seen[name] = true
		switch name {
		case "technology_domain":
			text, err := r.metadataText(name)
			key.Domain, _ = kg.ParseDomain(text)
			return err
		case "mapping_types":
			r.set.Types = nil
			return r.readTypes()
		case "capability_groups":
			r.set.Groups = nil
			return r.readGroups()
		case "mapping_framework_version_schema", "exported_from":
			return r.in.skip()
		}
		field, known := texts[name]
		if !known {
			r.noteUnknown("metadata", k)
			return r.in.skip()
		}
		text, err := r.metadataText(name)
		*field = strings.TrimSpace(text)
		return err
	})
}

func (r *setReader) noteTwice(name string) {
	r.report.DuplicateKeys++
	r.notes.add("DUPLICATE_KEY", name+" occurs twice; the last counts", 0)
}

func (r *setReader) noteUnknown(where string, key []byte) {
	r.report.UnknownKeys++
	r.notes.add("UNKNOWN_KEY", fmt.Sprintf("%s has a key %s that the schema does not name; it is not read", where, quoted(string(key))), 0)
}

// metadataText reads a metadata field; another type than a string is noted.
func (r *setReader) metadataText(name string) (string, error) {
	text, err := r.in.text()
	if shape := (*shapeError)(nil); errors.As(err, &shape) {
		r.noteMistyped(name, shape)
		err = nil
	}
	return text, err
}

func (r *setReader) noteMistyped(name string, shape *shapeError) {
	r.mistyped = append(r.mistyped, name+" is "+shape.got)
	r.notes.add("METADATA_TYPE", fmt.Sprintf("metadata.%s: %s; taken as absent", name, shape), 0)
}

func (r *setReader) readTypes() error {
	places := map[string]int{}
	return r.optionalObject("mapping_types", func(key []byte) error {
		id := r.bounds().id("mapping type", strings.TrimSpace(string(key)), 0)
		if id == "" {
			return r.in.skip()
		}
		i, twice := places[id]
		if twice {
			r.noteTwice("metadata.mapping_types." + quoted(id))
		} else {
			i = len(r.set.Types)
			r.set.Types = append(r.set.Types, kg.MappingType{})
			places[id] = i
		}
		t := kg.MappingType{ID: id}
		err := r.optionalObject("mapping_types."+quoted(id), func(k []byte) error { return r.readTypeMember(&t, k) })
		r.set.Types[i] = t
		return err
	})
}

func (r *setReader) readTypeMember(t *kg.MappingType, key []byte) (err error) {
	var text string
	switch string(key) {
	case "name":
		text, err = r.metadataText("mapping_types." + quoted(t.ID) + ".name")
		t.Name = r.bounds().name("mapping type's name", strings.TrimSpace(text), 0)
	case "description":
		text, err = r.metadataText("mapping_types." + quoted(t.ID) + ".description")
		t.Description = r.bounds().text("mapping type's description", strings.TrimSpace(text), 0)
	default:
		r.noteUnknown("metadata.mapping_types", key)
		err = r.in.skip()
	}
	return err
}

func (r *setReader) readGroups() error {
	places := map[string]int{}
	return r.optionalObject("capability_groups", func(key []byte) error {
		id := r.bounds().id("capability group", strings.TrimSpace(string(key)), 0)
		if id == "" {
			return r.in.skip()
		}
		i, twice := places[id]
		if twice {
			r.noteTwice("metadata.capability_groups." + quoted(id))
		} else {
			i = len(r.set.Groups)
			r.set.Groups = append(r.set.Groups, kg.CapabilityGroup{})
			places[id] = i
		}
		title, err := r.metadataText("capability_groups." + quoted(id))
		r.set.Groups[i] = kg.CapabilityGroup{ID: id, Title: r.bounds().name("capability group's title", strings.TrimSpace(title), 0)}
		return err
	})
}

// bounds keeps the metadata within bounds.
func (r *setReader) bounds() bounder { return bounder{r.notes, "metadata"} }

// optionalObject walks an object, and notes anything else in its place.
func (r *setReader) optionalObject(name string, member func([]byte) error) error {
	k := r.in.kind()
	if k == '{' || k == 0 {
		return r.in.object(member)
	}
	if k != 'n' {
		r.noteMistyped(name, &shapeError{want: "an object", got: kindName(k)})
	}
	return r.in.skip()
}

func (r *setReader) checkMetadata() error {
	k := r.set.Key
	if !r.hasMeta {
		return errNoMetadata
	}
	var missing []string
	for _, field := range []struct{ name, value string }{
		{"attack_version", k.AttackVersion}, {"mapping_framework", k.Framework}, {"mapping_framework_version", k.Version},
		{"technology_domain (enterprise, mobile or ics)", k.Domain.String()},
	} {
		if field.value == "" {
			missing = append(missing, field.name)
		}
	}
	switch {
	case len(missing) > 0 && len(r.mistyped) > 0:
		return fmt.Errorf("no usable metadata: missing %s (%s)", strings.Join(missing, ", "), strings.Join(r.mistyped[:min(len(r.mistyped), 5)], ", "))
	case len(missing) > 0:
		return fmt.Errorf("no usable metadata: missing %s", strings.Join(missing, ", "))
	case unfit(k.Framework)+unfit(k.Version)+unfit(k.AttackVersion) != "":
		return fmt.Errorf("no usable metadata: mapping_framework, mapping_framework_version and attack_version have at most %d bytes, and no control characters", maxID)
	case unaddressable(k.Framework):
		return fmt.Errorf("no usable metadata: mapping_framework %s: an id has no blanks and none of / : @", quoted(k.Framework))
	case unaddressable(k.AttackVersion):
		return fmt.Errorf("no usable metadata: attack_version %s: a version has no blanks and none of / : @", quoted(k.AttackVersion))
	case strings.Contains(k.Version, "@"):
		return fmt.Errorf("no usable metadata: mapping_framework_version %s: a version has no @", quoted(k.Version))
	}
	return nil
}

// forgetRows makes ready for the first row.
func (r *setReader) forgetRows() {
	rep := r.report
	*rep = kg.FileReport{Path: rep.Path, Kind: rep.Kind, Bytes: rep.Bytes, DuplicateKeys: rep.DuplicateKeys, UnknownKeys: rep.UnknownKeys}
	r.set.Rows = nil
	r.rowNotes, r.seen = newNotes(), newPairCounts()
	r.overrides, r.digests, r.padded = map[override]*kg.Note{}, map[[sha256.Size]byte]bool{}, map[string]bool{}
}

func (r *setReader) readRows() error {
	if r.seenRows {
		r.noteTwice("mapping_objects")
		r.forgetRows()
	}
	kind := r.in.kind()
	r.seenRows, r.hasRows = true, kind == '['
	switch kind {
	case '[', 0:
		row := 0
		err := r.in.array(func(n int) error {
			row = n + 1
			if n == r.in.limits.Rows {
				return &limitError{fmt.Sprintf("more rows than the limit of %d", n)}
			}
			r.in.budget.reset()
			return r.readRow(row)
		})
		return rowError(row, err)
	case 'n':
	default:
		r.notes.add("ROWS_TYPE", fmt.Sprintf("mapping_objects is no list but %s", kindName(kind)), 0)
	}
	return r.in.skim()
}

// readRow reads one element of mapping_objects.
func (r *setReader) readRow(number int) error {
	raw, err := r.in.raw()
	if err != nil {
		return err
	}
	r.row.reset()
	r.report.Rows++
	if raw.Kind() == '{' {
		eachMember(raw, func(key []byte, v jsontext.Value) { r.readMember(number, key, v) })
	} else {
		r.rowNotes.add("ROW_TYPE", "rows that are no objects", number)
		r.row.keep("", raw)
	}
	r.takeRow(number)
	return nil
}

func (r *setReader) readMember(number int, key []byte, v jsontext.Value) {
	f, known := fieldOf(key)
	switch {
	case string(key) == "references":
		r.readReferences(number, v)
		return
	case !known:
		r.readUnknown(number, string(key), v)
		return
	case r.row.seen[f]:
		r.noteRepeated(number, string(key))
	}
	r.row.text[f], r.row.present[f], r.row.seen[f] = "", false, true
	switch v.Kind() {
	case '"':
		r.row.text[f], r.row.present[f] = r.textOf(f, v), true
	case 'n':
	default:
		r.rowNotes.add("FIELD_TYPE", fmt.Sprintf("rows in which %s is no string but %s; taken as absent", key, kindName(v.Kind())), number)
		r.row.keep(string(key), v)
	}
}

// noteRepeated counts a key that a row has twice.
func (r *setReader) noteRepeated(number int, name string) {
	r.report.DuplicateKeys++
	r.rowNotes.add("DUPLICATE_KEY", fmt.Sprintf("rows that have %s twice; the last counts", name), number)
}

// textOf reads a string of a field. Rows often repeat what the one before said.
func (r *setReader) textOf(f rowField, v jsontext.Value) string {
	r.in.scratch = r.in.unquote(r.in.scratch[:0], v)
	if string(r.in.scratch) != r.last[f] {
		r.last[f] = r.in.intern.bytes(r.in.scratch)
	}
	return r.last[f]
}

func (r *setReader) readUnknown(number int, key string, v jsontext.Value) {
	if r.row.unknown[key] {
		r.noteRepeated(number, quoted(key))
	}
	if r.row.unknown == nil {
		r.row.unknown = map[string]bool{}
	}
	r.row.unknown[key] = true
	r.report.UnknownKeys++
	r.rowNotes.add("UNKNOWN_KEY", fmt.Sprintf("rows with a key %s that the schema does not name; kept out", quoted(key)), number)
	r.row.keep(key, v)
}

func (r *setReader) readReferences(number int, v jsontext.Value) {
	if r.row.seenRefs {
		r.noteRepeated(number, "references")
	}
	r.row.seenRefs, r.row.hasRefs, r.row.references = true, v.Kind() == '[', r.row.references[:0]
	switch v.Kind() {
	case '[':
		eachElement(v, func(item jsontext.Value) { r.readReference(number, item) })
	case 'n':
	default:
		r.rowNotes.add("FIELD_TYPE", fmt.Sprintf("rows in which references is no list but %s; taken as absent", kindName(v.Kind())), number)
		r.row.keep("references", v)
	}
}

func (r *setReader) readReference(number int, item jsontext.Value) {
	switch item.Kind() {
	case '"':
		r.in.scratch = r.in.unquote(r.in.scratch[:0], item)
		r.row.references = append(r.row.references, r.in.intern.bytes(r.in.scratch))
	case 'n':
	default:
		r.rowNotes.add("FIELD_TYPE", "rows with a reference that is no string but "+kindName(item.Kind())+"; left out", number)
		r.row.keep("references", item)
	}
}

// takeRow counts a row, and keeps it unless an equal one was kept before.
func (r *setReader) takeRow(number int) {
	row := r.normalise(number)
	r.count(&row)
	r.encoded = r.row.encode(r.encoded[:0])
	digest := sha256.Sum256(r.encoded)
	if r.digests[digest] {
		r.report.ExactDuplicates++
		return
	}
	r.digests[digest] = true
	r.set.Rows = append(r.set.Rows, row)
}

// normalise makes a row of what was read. Its capability id is canonical only
// after finish, since the framework may be named behind the rows.
func (r *setReader) normalise(number int) kg.Row {
	raw, b := &r.row, bounder{r.rowNotes, "rows"}
	row := kg.Row{
		Number:      number,
		Spelled:     b.id("capability_id", raw.trimmed(fCapability), number),
		Title:       b.name("capability_description", raw.trimmed(fTitle), number),
		Group:       b.id("capability_group", raw.trimmed(fGroup), number),
		AttackID:    b.id("attack_object_id", raw.trimmed(fTechnique), number),
		SourceLabel: b.name("attack_object_name", raw.trimmed(fLabel), number),
		TypeID:      b.id("mapping_type", raw.trimmed(fType), number),
		Comments:    b.text("comments", raw.trimmed(fComments), number),
		Status:      b.id("status", raw.trimmed(fStatus), number),
		Author:      b.name("author", raw.trimmed(fAuthor), number),
		References:  b.references(repairReferences(raw.references), number),
	}
	var ok bool
	if row.Category, ok = parse(kg.CategoryNames, raw.trimmed(fCategory)); !ok {
		r.rowNotes.add("UNKNOWN_CATEGORY", fmt.Sprintf("rows with the unknown score_category %s; taken as none", quoted(raw.trimmed(fCategory))), number)
	}
	if row.Value, ok = parse(kg.ValueNames, raw.trimmed(fValue)); !ok {
		r.rowNotes.add("UNKNOWN_VALUE", fmt.Sprintf("rows with the unknown score_value %s; taken as none", quoted(raw.trimmed(fValue))), number)
	}
	row.Class = classify(&row)
	for f := fAttackVersion; f <= fDomain; f++ {
		if v := raw.trimmed(f); v != "" {
			r.addOverride(override{f, v}, number)
		}
	}
	return row
}

func (r *setReader) addOverride(o override, number int) {
	note := r.overrides[o]
	if note == nil {
		note = &kg.Note{Code: "METADATA_MISMATCH"}
		r.overrides[o] = note
	}
	addCase(note, number)
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

// parse reads a value of an enumeration in any spelling; absent is none.
func parse[T ~uint8](names kg.Enum[T], s string) (v T, ok bool) {
	if s == "" {
		return v, true
	}
	return names.Parse(foldName(s))
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

// encode appends a row's content to dst: every field trimmed, with absent, null,
// "" and [] alike, before references are repaired. Texts have their length in
// front, so that no two contents share an encoding.
func (r *rawRow) encode(dst []byte) []byte {
	for f := range textFields {
		dst = appendField(dst, r.trimmed(f))
	}
	for _, ref := range r.references {
		dst = appendField(dst, strings.TrimSpace(ref))
	}
	if len(r.extra) == 0 {
		return dst
	}
	// No text is that long: what follows are no references.
	dst = binary.BigEndian.AppendUint64(dst, math.MaxUint64)
	slices.Sort(r.extra)
	for _, x := range r.extra {
		dst = appendField(dst, x)
	}
	return dst
}

func appendField(dst []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(dst, uint64(len(s))), s...)
}

// idMaker makes the mapping ids of a set: hashes of its identity and of what a
// row says. Only what the graph keeps of a row counts, so that a set that was
// exported has the same ids when it is read again.
type idMaker struct {
	text   []byte
	prefix int
	seen   map[kg.MappingID]int
}

func newIDMaker(key kg.SetKey) *idMaker {
	text := appendField(nil, key.String())
	return &idMaker{text: text, prefix: len(text), seen: map[kg.MappingID]int{}}
}

// id gives a row's id. Rows that differ only in what the graph does not keep
// say the same, and are told apart by their order.
func (m *idMaker) id(r *kg.Row) kg.MappingID {
	m.text = m.text[:m.prefix]
	for _, s := range []string{r.Spelled, r.Title, r.TypeID, r.AttackID, r.SourceLabel, r.Group, r.Category.String(), r.Value.String(), r.Comments, r.Status, r.Author} {
		m.text = appendField(m.text, s)
	}
	for _, ref := range r.References {
		m.text = appendField(m.text, ref.Raw)
	}
	id := m.sum()
	m.seen[id]++
	if n := m.seen[id]; n > 1 {
		m.text = binary.BigEndian.AppendUint64(m.text, math.MaxUint64) // no text is that long
		m.text = binary.BigEndian.AppendUint64(m.text, uint64(n))
		id = m.sum()
	}
	return id
}

func (m *idMaker) sum() kg.MappingID {
	sum := sha256.Sum256(m.text)
	return kg.MappingID(sum[:len(kg.MappingID{})])
}

// finish does what needs the metadata.
func (r *setReader) finish() {
	for name, text := range map[string]*string{
		"mapping_version": &r.set.MappingVersion, "creation_date": &r.set.Created, "last_update": &r.set.Updated,
		"author": &r.set.Author, "contact": &r.set.Contact, "organization": &r.set.Organization,
	} {
		*text = r.bounds().name(name, *text, 0)
	}
	slices.SortFunc(r.set.Types, func(a, b kg.MappingType) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(r.set.Groups, func(a, b kg.CapabilityGroup) int { return strings.Compare(a.ID, b.ID) })
	r.completeRows()
	r.report.Set = &r.set.Key
	r.checkOverrides()
	r.checkPath()
	r.seen.fill(r.report)
	r.report.InvalidUTF8 = r.in.invalidUTF8
	r.report.Notes = append(r.report.Notes, r.notes.list(r.rowNotes)...)
}

// completeRows gives each row what depends on the metadata.
func (r *setReader) completeRows() {
	relations := map[string]kg.Relation{}
	for _, t := range r.set.Types {
		relations[t.ID] = relationOf(t.ID, t.Name)
	}
	groups := map[string]bool{}
	for _, g := range r.set.Groups {
		groups[g.ID] = true
	}
	framework := r.set.Key.Framework
	canonical := map[string]string{} // by spelling
	ids := newIDMaker(r.set.Key)
	for i := range r.set.Rows {
		row := &r.set.Rows[i]
		row.ID = ids.id(row)
		relation, declared := relations[row.TypeID]
		if !declared {
			relation = relationOf(row.TypeID, "")
		}
		row.Relation = relation
		if row.Spelled != "" {
			id, known := canonical[row.Spelled]
			if !known {
				id = r.in.intern.bytes([]byte(kg.CanonicalCapabilityID(framework, row.Spelled)))
				canonical[row.Spelled] = id
			}
			row.Capability = id
		}
		r.noteRow(row, declared, groups[row.Group])
	}
	r.report.CanonicalCapabilities = len(invert(canonical))
}

// invert gives the distinct values of a map.
func invert(m map[string]string) map[string]bool {
	values := make(map[string]bool, len(m))
	for _, v := range m {
		values[v] = true
	}
	return values
}

// noteRow notes what is odd about a row that is kept.
func (r *setReader) noteRow(row *kg.Row, typeDeclared, groupDeclared bool) {
	switch {
	case row.Class == kg.Incomplete:
		r.rowNotes.add("INCOMPLETE_ROW", "rows that neither tie a capability to a technique nor declare one non-mappable; never counted as coverage", row.Number)
	case row.TypeID == "":
		r.rowNotes.add("NO_TYPE", "rows without a mapping type", row.Number)
	case !typeDeclared:
		r.rowNotes.add("UNDECLARED_TYPE", fmt.Sprintf("rows of the mapping type %s, which the metadata does not declare", quoted(row.TypeID)), row.Number)
	}
	if row.Group != "" && !groupDeclared {
		r.rowNotes.add("UNDECLARED_GROUP", fmt.Sprintf("rows of the capability group %s, which the metadata does not declare", quoted(row.Group)), row.Number)
	}
}

// checkOverrides counts row fields that repeat a metadata field with another
// value. Identity comes from the metadata all the same.
func (r *setReader) checkOverrides() {
	var mismatched []*kg.Note
	for o, note := range r.overrides {
		if name, stands, same := o.compare(r.set.Key); !same {
			r.report.MetadataMismatches += note.Count
			note.Message = fmt.Sprintf("rows whose %s is %s; the metadata's %s stands", name, quoted(o.value), quoted(stands))
			mismatched = append(mismatched, note)
		}
	}
	slices.SortFunc(mismatched, func(a, b *kg.Note) int {
		return cmp.Or(cmp.Compare(a.Rows[0], b.Rows[0]), strings.Compare(a.Message, b.Message))
	})
	for _, note := range mismatched {
		r.rowNotes.put(note)
	}
}

// compare gives the metadata field that an override repeats, what stands there,
// and whether both mean the same.
func (o override) compare(k kg.SetKey) (name, stands string, same bool) {
	switch o.field {
	case fAttackVersion:
		return "attack_version", k.AttackVersion, o.value == k.AttackVersion
	case fFramework:
		return "mapping_framework", k.Framework, o.value == k.Framework
	case fFrameworkVersion:
		return "mapping_framework_version", k.Version, kg.SameVersion(o.value, k.Version)
	}
	d, _ := kg.ParseDomain(o.value)
	return "technology_domain", k.Domain.String(), d == k.Domain
}

// checkPath compares the identity with the published folder layout,
// FRAMEWORK/attack-V/FRAMEWORK-FV/DOMAIN/, where the path follows it.
func (r *setReader) checkPath() {
	parts := strings.Split(path.Dir(r.in.path), "/")
	if len(parts) < 4 {
		return
	}
	parts = parts[len(parts)-4:]
	if !strings.HasPrefix(parts[1], "attack-") {
		return
	}
	k := r.set.Key
	want := fmt.Sprintf("%s/attack-%s/%s-%s/%s", k.Framework, k.AttackVersion, k.Framework, strings.ReplaceAll(k.Version, "/", "."), k.Domain)
	if got := strings.Join(parts, "/"); got != want {
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
	pairs                    map[pair]int
	values                   map[effect]uint8 // a bit for each value
}

type pair struct{ capability, technique string }

type effect struct {
	pair
	typ      string
	category kg.Category
}

func newPairCounts() pairCounts {
	return pairCounts{
		capabilities: map[string]bool{}, techniques: map[string]bool{},
		pairs: map[pair]int{}, values: map[effect]uint8{},
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
	key := pair{row.Spelled, row.AttackID}
	p.pairs[key]++
	p.values[effect{key, row.TypeID, row.Category}] |= 1 << row.Value
}

func (p *pairCounts) fill(rep *kg.FileReport) {
	rep.Capabilities, rep.Techniques = len(p.capabilities), len(p.techniques)
	for _, n := range p.pairs {
		rep.RepeatedPairs += n - 1
	}
	for _, values := range p.values {
		if bits.OnesCount8(values) > 1 {
			rep.ScoreConflicts++
		}
	}
}
