package kg

import "strings"

// GlobalID names a thing among all, across loads and machines, such as
// technique:enterprise@16.1/T1552.007 or capability:aws/aws_config.
type GlobalID struct {
	Kind      string     // one of the constants below, or the name of an ObjectKind
	Release   ReleaseKey // of techniques, objects and releases
	Framework string     // of frameworks and capabilities
	ID        string     // what names it within its release or framework; the id of a set or a mapping
}

// The kinds of global ids beside those of ATT&CK's objects.
const (
	TechniqueNode  = "technique"
	FrameworkNode  = "framework"
	CapabilityNode = "capability"
	SetNode        = "set"
	MappingNode    = "mapping"
	ReleaseNode    = "release"
)

// TechniqueID names a technique of a release.
func TechniqueID(release ReleaseKey, id string) GlobalID {
	return GlobalID{Kind: TechniqueNode, Release: release, ID: id}
}

// ObjectID names an object of a release.
func ObjectID(release ReleaseKey, kind ObjectKind, id string) GlobalID {
	return GlobalID{Kind: kind.String(), Release: release, ID: id}
}

// FrameworkID names a framework.
func FrameworkID(id string) GlobalID { return GlobalID{Kind: FrameworkNode, Framework: id} }

// GlobalID names the capability.
func (r CapabilityRef) GlobalID() GlobalID {
	return GlobalID{Kind: CapabilityNode, Framework: r.Framework, ID: r.ID}
}

// GlobalID names the set.
func (k SetKey) GlobalID() GlobalID { return GlobalID{Kind: SetNode, ID: k.String()} }

// GlobalID names the mapping.
func (id MappingID) GlobalID() GlobalID { return GlobalID{Kind: MappingNode, ID: id.String()} }

// GlobalID names the release.
func (k ReleaseKey) GlobalID() GlobalID { return GlobalID{Kind: ReleaseNode, Release: k} }

// String writes the id as the API does.
func (g GlobalID) String() string {
	switch g.Kind {
	case FrameworkNode:
		return g.Kind + ":" + g.Framework
	case CapabilityNode:
		return g.Kind + ":" + g.Framework + "/" + g.ID
	case SetNode, MappingNode:
		return g.Kind + ":" + g.ID
	case ReleaseNode:
		return g.Kind + ":" + g.Release.String()
	}
	return g.Kind + ":" + g.Release.Domain.String() + "@" + g.Release.Version + "/" + g.ID
}

// ParseGlobalID reads an id as the API writes it; ok is false for what can name
// nothing.
func ParseGlobalID(s string) (g GlobalID, ok bool) {
	kind, rest, ok := strings.Cut(s, ":")
	if !ok {
		return GlobalID{}, false
	}
	g.Kind = kind
	switch kind {
	case FrameworkNode:
		g.Framework = strings.TrimSuffix(rest, "/")
		return g, g.Framework != "" && !strings.Contains(g.Framework, "/")
	case CapabilityNode:
		g.Framework, g.ID, _ = strings.Cut(rest, "/")
		return g, g.ID != ""
	case SetNode, MappingNode:
		g.ID = rest
		return g, rest != ""
	case ReleaseNode:
		g.Release, ok = parseRelease(rest)
		return g, ok
	}
	if _, known := ObjectKindNames.Parse(kind); kind != TechniqueNode && (!known || kind != strings.ToLower(kind)) {
		return GlobalID{}, false
	}
	release, id, _ := strings.Cut(rest, "/")
	g.ID = id
	g.Release, ok = parseRelease(release)
	return g, ok && id != ""
}

func parseRelease(s string) (ReleaseKey, bool) {
	k, err := ParseReleaseKey(s)
	return k, err == nil
}
