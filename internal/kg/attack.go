package kg

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Domain is one of the three ATT&CK technology domains.
type Domain uint8

// The domains, in the order in which they are listed. The zero value is none.
const (
	Enterprise Domain = iota + 1
	Mobile
	ICS
)

// ParseDomain reads a domain in any case, with or without MITRE's "-attack"
// suffix; ok is false for anything else.
func ParseDomain(s string) (d Domain, ok bool) {
	return DomainNames.Parse(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "-attack"))
}

// ReleaseKey names one published version of one domain of ATT&CK.
type ReleaseKey struct {
	Domain  Domain
	Version string
}

// String gives the readable form, such as "enterprise@16.1".
func (k ReleaseKey) String() string { return k.Domain.String() + "@" + k.Version }

// ParseReleaseKey is the inverse of ReleaseKey.String.
func ParseReleaseKey(s string) (ReleaseKey, error) {
	name, version, ok := strings.Cut(s, "@")
	d, known := ParseDomain(name)
	if !ok || !known || version == "" {
		return ReleaseKey{}, fmt.Errorf("%q is not an ATT&CK release such as enterprise@16.1", s)
	}
	return ReleaseKey{Domain: d, Version: version}, nil
}

// Compare orders releases by domain, then by version, oldest first.
func (k ReleaseKey) Compare(o ReleaseKey) int {
	return cmp.Or(cmp.Compare(k.Domain, o.Domain), CompareVersions(k.Version, o.Version))
}

// Status is the state of an ATT&CK object within a release.
type Status uint8

// The statuses. An object that is both revoked and deprecated is Revoked,
// since a revocation names a successor.
const (
	Active Status = iota
	Deprecated
	Revoked
)

// Technique is an attack-pattern of a release; sub-techniques are techniques.
type Technique struct {
	ID          string // ATT&CK id, such as T1552.007
	StixID      string
	Name        string
	Description string
	URL         string
	Status      Status
	RevokedBy   string   // ATT&CK id of the direct successor, where one is named
	Tactics     []string // short names, in the order of the release's matrix
	Platforms   []string // in byte order
	Parent      string   // ATT&CK id of the technique that this is a sub-technique of
}

// ObjectKind says what an Object is.
type ObjectKind uint8

// The kinds of ATT&CK object beside techniques.
const (
	KindTactic ObjectKind = iota + 1
	KindGroup
	KindSoftware
	KindCampaign
	KindMitigation
	KindDataSource
	KindDataComponent
	KindDetectionStrategy
	KindAnalytic
)

// Object is an ATT&CK object that is no technique: a tactic, group, software,
// campaign, mitigation, data source or component, detection strategy or
// analytic. Fields that a kind does not have stay empty.
type Object struct {
	Kind         ObjectKind
	ID           string // ATT&CK id, such as G0016; data components before release 18 may have only a STIX id, which then stands here
	StixID       string
	Name         string
	Description  string
	URL          string
	Status       Status
	RevokedBy    string   // ATT&CK id of the direct successor of the same kind
	Aliases      []string // other names, without Name itself, in the source's order
	Platforms    []string // in byte order
	ShortName    string   // tactics: the kill-chain phase, such as "credential-access"
	SoftwareType string   // software: "malware" or "tool"
	FirstSeen    string   // campaigns: date, YYYY-MM-DD
	LastSeen     string   // campaigns: date, YYYY-MM-DD
}

// LinkKind is a kind of relationship between two ATT&CK objects.
type LinkKind uint8

// The link kinds; each reads "From does this to To".
const (
	GroupUsesTechnique LinkKind = iota + 1
	SoftwareUsesTechnique
	CampaignUsesTechnique
	MitigationMitigatesTechnique
	GroupUsesSoftware
	CampaignUsesSoftware
	CampaignAttributedToGroup
	ComponentDetectsTechnique
	StrategyDetectsTechnique
	SourceHasComponent
	StrategyHasAnalytic
)

// Link ties two ATT&CK objects by their ATT&CK ids.
type Link struct{ From, To string }

// Release is one ATT&CK release of one domain.
//
// Links hold only what is live: neither the relationship nor one of its ends is
// revoked or deprecated. They are distinct and sorted by From, then To.
type Release struct {
	Key        ReleaseKey
	Techniques []Technique             // by ATT&CK id, every status; where objects share an id, the active one stands
	Tactics    []Object                // in matrix order
	Objects    map[ObjectKind][]Object // every other kind, by ATT&CK id
	Links      map[LinkKind][]Link
}

// Outline gives a release of which only the techniques' ids, names, statuses and
// successors are known.
func Outline(r *Release) *Release {
	o := &Release{Key: r.Key, Techniques: make([]Technique, len(r.Techniques))}
	for i := range r.Techniques {
		t := &r.Techniques[i]
		o.Techniques[i] = Technique{ID: t.ID, Name: t.Name, Status: t.Status, RevokedBy: t.RevokedBy}
	}
	return o
}

// Technique finds a technique of any status, or nil.
func (r *Release) Technique(id string) *Technique {
	i, ok := slices.BinarySearchFunc(r.Techniques, id, func(t Technique, id string) int { return strings.Compare(t.ID, id) })
	if !ok {
		return nil
	}
	return &r.Techniques[i]
}
