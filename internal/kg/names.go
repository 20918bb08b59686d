package kg

import "strings"

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

// String says what the filter keeps, for people; empty if it keeps all.
func (f *Filter) String() string {
	var parts []string
	say := func(what string, names []string) {
		if len(names) > 0 {
			parts = append(parts, what+" "+strings.Join(names, ", "))
		}
	}
	say("frameworks", f.Frameworks)
	say("capabilities", namesOf(f.Capabilities))
	say("capability groups", f.Groups)
	say("relations", namesOf(f.Relations))
	say("categories", namesOf(f.Categories))
	if f.MinScore != NoValue {
		say("score at least", []string{f.MinScore.String()})
	}
	if f.IncludeUnscored {
		parts = append(parts, "unscored mappings too")
	}
	return strings.Join(parts, "; ")
}

func namesOf[T interface{ String() string }](list []T) []string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = v.String()
	}
	return names
}
