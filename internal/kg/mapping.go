package kg

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strings"
)

// SetKey is the identity of a mapping set.
type SetKey struct {
	Framework     string
	Version       string // framework version as the file's metadata writes it, such as 12/12/2024
	AttackVersion string
	Domain        Domain
}

// String gives the set's readable id, such as aws/12.12.2024@16.1/enterprise.
func (k SetKey) String() string {
	return k.Framework + "/" + strings.ReplaceAll(k.Version, "/", ".") + "@" + k.AttackVersion + "/" + k.Domain.String()
}

// Release is the ATT&CK release that the set was written for.
func (k SetKey) Release() ReleaseKey { return ReleaseKey{Domain: k.Domain, Version: k.AttackVersion} }

// Compare orders sets by framework, ATT&CK version, framework version and domain.
func (k SetKey) Compare(o SetKey) int {
	if c := strings.Compare(k.Framework, o.Framework); c != 0 {
		return c // most pairs end here, before a version is taken apart
	}
	return cmp.Or(
		CompareVersions(k.AttackVersion, o.AttackVersion),
		CompareVersions(k.Version, o.Version),
		cmp.Compare(k.Domain, o.Domain))
}

// Class says what a row of a mapping file claims.
type Class uint8

// The classes.
const (
	Mapped Class = iota + 1
	NonMappableTechnique
	NonMappableCapability
	Incomplete
)

// Relation is the normalised meaning of a mapping type.
type Relation uint8

// The relations; everything that is none of the first six is Other.
const (
	Mitigates Relation = iota + 1
	Scored
	ExploitationTechnique
	PrimaryImpact
	SecondaryImpact
	RelatedTo
	Other
)

// Category is the kind of effect that a scored mapping claims.
type Category uint8

// The categories, in the order in which mappings sort.
const (
	Protect Category = iota + 1
	Detect
	Respond
	NoCategory Category = 0
)

// Rank is the place of the category in the order of mappings: those without one come last.
func (c Category) Rank() int {
	if c == NoCategory {
		return int(Respond) + 1
	}
	return int(c)
}

// Value is how strong that effect is.
type Value uint8

// The values, weakest first; NoValue is below all.
const (
	NoValue Value = iota
	Minimal
	Partial
	Significant
)

// MappingID is a hash of the set's identity and of what the row says: the same
// data gives the same id on every machine, and a row keeps its id when others
// are added before it, or when its set is exported and read again.
type MappingID [12]byte

// String gives the id in lower-case hexadecimal.
func (id MappingID) String() string { return hex.EncodeToString(id[:]) }

// ParseMappingID is the inverse of MappingID.String.
func ParseMappingID(s string) (id MappingID, err error) {
	if len(s) != 2*len(id) {
		return id, fmt.Errorf("%q is not a mapping id: %d hexadecimal digits", s, 2*len(id))
	}
	if _, err = hex.Decode(id[:], []byte(s)); err != nil {
		return id, fmt.Errorf("%q is not a mapping id: %w", s, err)
	}
	return id, nil
}

// Reference is a source that a row cites, repaired where the file broke it.
type Reference struct {
	URL string // an http or https URL; empty where the text holds none
	Raw string // what the file wrote of this source: of a text with two addresses the part that holds this one; the parts of a URL that was split, joined by ","
}

// MappingType is a type as a set's metadata declares it.
type MappingType struct {
	ID          string
	Name        string
	Description string
}

// CapabilityGroup is a family, category or product that a set files capabilities under.
type CapabilityGroup struct {
	ID    string
	Title string
}

// CapabilityRef names a capability across sets by framework and canonical id.
type CapabilityRef struct {
	Framework string
	ID        string
}

// String gives the readable form, such as aws/aws_config.
func (r CapabilityRef) String() string { return r.Framework + "/" + r.ID }

// Compare orders capabilities by framework id, then by order key.
func (r CapabilityRef) Compare(o CapabilityRef) int {
	return cmp.Or(strings.Compare(r.Framework, o.Framework), strings.Compare(OrderKey(r.ID), OrderKey(o.ID)), strings.Compare(r.ID, o.ID))
}

// Row is one row of a mapping file after trimming and normalising. It is the
// evidence: rows are kept apart even where they say the same pair.
type Row struct {
	ID          MappingID
	Number      int // 1 for the first element of mapping_objects
	Class       Class
	Capability  string // canonical id; empty on NonMappableTechnique
	Spelled     string // the capability id as written, trimmed
	Title       string // the capability's title on this row
	Group       string // capability group id
	AttackID    string // technique id as written; empty on NonMappableCapability
	SourceLabel string // the technique's name as the source wrote it
	Relation    Relation
	TypeID      string // mapping type as written
	Category    Category
	Value       Value
	Comments    string
	References  []Reference
	Status      string
	Author      string
}

// Set is one mapping file: a framework's version mapped to an ATT&CK release.
type Set struct {
	Key            SetKey
	File           string // path below the data folder, with forward slashes
	MappingVersion string
	Created        string // date as written, MM/DD/YYYY
	Updated        string // date as written, MM/DD/YYYY
	Author         string
	Contact        string
	Organization   string
	Types          []MappingType     // by id
	Groups         []CapabilityGroup // by id
	Rows           []Row             // every class, in file order, without exact duplicates
}

// Type finds a declared mapping type; an undeclared one has only its id.
func (s *Set) Type(id string) MappingType {
	for _, t := range s.Types {
		if t.ID == id {
			return t
		}
	}
	return MappingType{ID: id}
}

// Control is a control of an OSCAL catalog.
type Control struct {
	ID          string // canonical capability id, such as AC-2(1)
	Title       string
	Description string // the control's statement, as plain text
	Family      string // such as AC
	FamilyTitle string
	Withdrawn   bool
}

// Catalog is an OSCAL catalog of one version of a framework.
type Catalog struct {
	Framework        string
	FrameworkVersion string // as mapping sets name it, such as rev5
	Title            string
	Version          string // the catalog document's own version
	Controls         []Control
}

// Baseline is an OSCAL profile: a named choice of controls.
type Baseline struct {
	Framework        string
	FrameworkVersion string
	Name             string // LOW, MODERATE or HIGH
	Title            string
	Version          string
	Controls         []string // canonical capability ids, in order
}

// Priority is a technique's entry in the Top ATT&CK Techniques list.
type Priority struct {
	AttackID   string
	Cumulative float64
}

// Edition says where a dataset came from.
type Edition uint8

// The editions.
const (
	Full  Edition = iota + 1 // loaded from files
	Facts                    // the embedded edition: no descriptions, no comments
)

// Dataset is everything a load reads: the input of every store.
type Dataset struct {
	Generation string // a hash of what was read; equal input gives an equal generation
	Edition    Edition
	Releases   []*Release  // by domain, then version
	Frameworks []Framework // by id
	Sets       []*Set      // by key
	Catalogs   []Catalog
	Baselines  []Baseline
	Priorities []Priority // by technique id
	Report     *ImportReport
}
