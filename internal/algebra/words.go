package algebra

import (
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// The tables of what answers are made of, with the names of the GraphQL schema.
var (
	StateNames  = kg.Enumerate(MappedState, "MAPPED", "BELOW_THRESHOLD", "NON_MAPPABLE", "UNASSESSED")
	ReasonNames = kg.Enumerate(Silent, "SILENT", "NEW_SINCE_MAPPING", "RETIRED_BEFORE_MAPPING", "UNKNOWN")
	RollUpNames = kg.Enumerate(NoRollUp, "NONE", "PARENT_IF_ANY_CHILD", "PARENT_IF_ALL_CHILDREN", "CHILDREN_OF_MAPPED_PARENT")
)

// String gives the state as the GraphQL schema names it.
func (s State) String() string { return StateNames.Name(s) }

// String gives the reason as the GraphQL schema names it; empty for none.
func (r Reason) String() string { return ReasonNames.Name(r) }

// String gives the roll-up as the GraphQL schema names it; empty for none.
func (r RollUp) String() string {
	if r == NoRollUp {
		return ""
	}
	return RollUpNames.Name(r)
}

// String says what the filter keeps, for people; empty if it keeps all.
func (f *Filter) String() string {
	var s sayings
	s.say("frameworks", f.Frameworks)
	s.say("capabilities", namesOf(f.Capabilities))
	s.say("capability groups", f.Groups)
	s.say("relations", namesOf(f.Relations))
	s.say("categories", namesOf(f.Categories))
	if f.MinScore != kg.NoValue {
		s.say("score at least", []string{f.MinScore.String()})
	}
	if f.IncludeUnscored {
		s = append(s, "unscored mappings too")
	}
	return s.String()
}

// String says what the scope keeps, for people; empty if it is the whole universe.
func (s *Scope) String() string {
	var out sayings
	out.say("techniques", s.Techniques)
	out.say("tactics", s.Tactics)
	out.say("platforms", s.Platforms)
	out.say("used by", s.Groups)
	out.say("used by", s.Software)
	out.say("used in", s.Campaigns)
	if s.KevOnly {
		out = append(out, "mapped by known exploited vulnerabilities")
	}
	switch s.Level {
	case TechniquesOnly:
		out = append(out, "without sub-techniques")
	case SubTechniquesOnly:
		out = append(out, "sub-techniques only")
	}
	return out.String()
}

// String says what is owned, for people; empty if it is nothing.
func (s *Stack) String() string {
	var out sayings
	out.say("frameworks", s.Frameworks)
	out.say("capabilities", namesOf(s.Capabilities))
	out.say("covered by other means", s.Techniques)
	return out.String()
}

// sayings are parts of a description.
type sayings []string

func (s *sayings) say(what string, names []string) {
	if len(names) > 0 {
		*s = append(*s, what+" "+strings.Join(names, ", "))
	}
}

func (s sayings) String() string { return strings.Join(s, "; ") }

func namesOf[T interface{ String() string }](list []T) []string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = v.String()
	}
	return names
}
