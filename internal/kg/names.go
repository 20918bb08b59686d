package kg

// Relations lists every relation in order.
var Relations = []Relation{Mitigates, Scored, ExploitationTechnique, PrimaryImpact, SecondaryImpact, RelatedTo, Other}

// Values lists the named values, weakest first.
var Values = []Value{Minimal, Partial, Significant}

// String gives the relation as the GraphQL schema names it; empty for none.
func (r Relation) String() string {
	switch r {
	case Mitigates:
		return "MITIGATES"
	case Scored:
		return "SCORED"
	case ExploitationTechnique:
		return "EXPLOITATION_TECHNIQUE"
	case PrimaryImpact:
		return "PRIMARY_IMPACT"
	case SecondaryImpact:
		return "SECONDARY_IMPACT"
	case RelatedTo:
		return "RELATED_TO"
	case Other:
		return "OTHER"
	}
	return ""
}

// String gives the category as the GraphQL schema names it; empty for none.
func (c Category) String() string {
	switch c {
	case Protect:
		return "PROTECT"
	case Detect:
		return "DETECT"
	case Respond:
		return "RESPOND"
	}
	return ""
}

// String gives the value as the GraphQL schema names it; empty for none.
func (v Value) String() string {
	switch v {
	case Minimal:
		return "MINIMAL"
	case Partial:
		return "PARTIAL"
	case Significant:
		return "SIGNIFICANT"
	}
	return ""
}
