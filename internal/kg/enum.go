package kg

import "strings"

// Enum is the table of an enumeration: its values, in order, with their names.
// What names, reads or lists them looks here.
type Enum[T ~uint8] struct {
	first T
	names []string
	index map[string]T
}

// Enumerate makes the table of values that follow each other from the first one.
func Enumerate[T ~uint8](first T, names ...string) Enum[T] {
	e := Enum[T]{first: first, names: names, index: make(map[string]T, len(names))}
	for i, name := range names {
		e.index[strings.ToLower(name)] = first + T(i)
	}
	return e
}

// Name gives a value's name; empty for a value that is none.
func (e Enum[T]) Name(v T) string {
	if i := int(v) - int(e.first); i >= 0 && i < len(e.names) {
		return e.names[i]
	}
	return ""
}

// Parse finds a value by its name, in any case.
func (e Enum[T]) Parse(name string) (v T, ok bool) {
	v, ok = e.index[strings.ToLower(name)]
	return v, ok
}

// Names lists the names in order.
func (e Enum[T]) Names() []string { return append([]string(nil), e.names...) }

// Values lists the values in order.
func (e Enum[T]) Values() []T {
	values := make([]T, len(e.names))
	for i := range values {
		values[i] = e.first + T(i)
	}
	return values
}

// The tables of what the data is made of. Their names are those of the GraphQL
// schema, but domains and kinds of object are named as ids write them, and links
// by what they tie, as a sentence.
var (
	DomainNames     = Enumerate(Enterprise, "enterprise", "mobile", "ics")
	StatusNames     = Enumerate(Active, "ACTIVE", "DEPRECATED", "REVOKED")
	ObjectKindNames = Enumerate(KindTactic, "tactic", "group", "software", "campaign", "mitigation", "data-source", "data-component", "detection-strategy", "analytic")
	LinkKindNames   = Enumerate(GroupUsesTechnique,
		"group USES technique", "software USES technique", "campaign USES technique", "mitigation MITIGATES technique",
		"group USES software", "campaign USES software", "campaign ATTRIBUTED_TO group",
		"data-component DETECTS technique", "detection-strategy DETECTS technique",
		"data-source HAS_COMPONENT data-component", "detection-strategy HAS_ANALYTIC analytic")
	FrameworkKindNames    = Enumerate(ControlFramework, "CONTROL_FRAMEWORK", "CLOUD_PLATFORM", "HARDWARE_PLATFORM", "VULNERABILITY_CATALOG", "INCIDENT_TAXONOMY")
	ClassNames            = Enumerate(Mapped, "MAPPED", "NON_MAPPABLE_TECHNIQUE", "NON_MAPPABLE_CAPABILITY", "INCOMPLETE")
	RelationNames         = Enumerate(Mitigates, "MITIGATES", "SCORED", "EXPLOITATION_TECHNIQUE", "PRIMARY_IMPACT", "SECONDARY_IMPACT", "RELATED_TO", "OTHER")
	CategoryNames         = Enumerate(Protect, "PROTECT", "DETECT", "RESPOND")
	ValueNames            = Enumerate(Minimal, "MINIMAL", "PARTIAL", "SIGNIFICANT")
	EditionNames          = Enumerate(Full, "FULL", "FACTS")
	FileKindNames         = Enumerate(MappingFile, "MAPPING_SET", "ATTACK_BUNDLE", "OSCAL_CATALOG", "OSCAL_PROFILE", "PRIORITY_LIST", "FRAMEWORK_INFO", "UNKNOWN")
	UnresolvedReasonNames = Enumerate(UnresolvedRevoked, "REVOKED", "DEPRECATED", "OTHER_DOMAIN", "UNKNOWN")
)

// The values of what others walk through, in order.
var (
	Domains     = DomainNames.Values()
	ObjectKinds = ObjectKindNames.Values()
	LinkKinds   = LinkKindNames.Values()
	Relations   = RelationNames.Values()
	Categories  = CategoryNames.Values() // without NoCategory
	Values      = ValueNames.Values()    // weakest first, without NoValue
)

// String gives the domain as mapping files write it: "enterprise", "mobile", "ics".
func (d Domain) String() string { return DomainNames.Name(d) }

// String gives the kind as node ids write it, such as "group".
func (k ObjectKind) String() string { return ObjectKindNames.Name(k) }

// String gives the kind as the GraphQL schema names it.
func (k FrameworkKind) String() string { return FrameworkKindNames.Name(k) }

// String gives the relation as the GraphQL schema names it; empty for none.
func (r Relation) String() string { return RelationNames.Name(r) }

// String gives the category as the GraphQL schema names it; empty for none.
func (c Category) String() string { return CategoryNames.Name(c) }

// String gives the value as the GraphQL schema names it; empty for none.
func (v Value) String() string { return ValueNames.Name(v) }

// String gives the kind as the GraphQL schema names it.
func (k FileKind) String() string { return FileKindNames.Name(k) }

// String gives the reason as the GraphQL schema names it.
func (r UnresolvedReason) String() string { return UnresolvedReasonNames.Name(r) }
