package kg

import (
	"slices"
	"strings"
)

// FrameworkKind says what sort of body of capabilities a framework is.
type FrameworkKind uint8

// The framework kinds.
const (
	ControlFramework FrameworkKind = iota + 1
	CloudPlatform
	HardwarePlatform
	VulnerabilityCatalog
	IncidentTaxonomy
)

// Defends tells whether a framework's mappings count as coverage when nobody
// names the framework: catalogs of vulnerabilities and incidents do not.
func (k FrameworkKind) Defends() bool {
	return k == ControlFramework || k == CloudPlatform || k == HardwarePlatform
}

// Framework is a body of capabilities.
type Framework struct {
	ID   string
	Name string
	Kind FrameworkKind
}

// Traits are what makes a framework special. One that a user loads has none.
type Traits struct {
	Spelling       Spelling          // how spellings of a capability's id are one
	SentenceTitles bool              // its titles are sentences, which are somebody's text
	Tiers          []string          // licence tiers that capability ids end in, lowest first; a tier has what lower ones have
	Baselines      []string          // names of its baselines, the smallest first
	Catalogs       map[string]string // where its OSCAL catalogs are published, by framework version; nil where OSCAL is not read for it
}

// Spelling says how spellings of a capability's id are one.
type Spelling uint8

// The spellings.
const (
	AsWritten      Spelling = iota
	AsWrittenCased          // as written, and lookups take any case
	LowerCase
	ControlNumbers // upper-case, without leading zeros: ac-02(01) is AC-2(1)
)

// The frameworks that questions name by what they are.
const (
	ExploitedVulnerabilities = "kev"   // those of which exploits are known
	Incidents                = "veris" // attributes of incidents
)

// knownFramework is a row of the table of frameworks.
type knownFramework struct {
	Framework
	Traits
}

// frameworks is the table of the published frameworks, by id. A framework of a
// user's own is a row without traits.
var frameworks = []knownFramework{
	{Framework: Framework{"aws", "AWS", CloudPlatform}},
	{Framework: Framework{"azure", "Azure", CloudPlatform}},
	{Framework: Framework{"cri_profile", "CRI Profile", ControlFramework}},
	{Framework: Framework{"csa_ccm", "CSA Cloud Controls Matrix", ControlFramework}},
	{Framework: Framework{"gcp", "Google Cloud", CloudPlatform}},
	{Framework: Framework{"intel-vpro", "Intel vPro", HardwarePlatform}},
	{Framework{ExploitedVulnerabilities, "CISA KEV", VulnerabilityCatalog}, Traits{Spelling: AsWrittenCased}},
	{Framework{"m365", "Microsoft 365", CloudPlatform}, Traits{Tiers: []string{"E3", "E5"}}},
	{Framework{"nist_800_53", "NIST SP 800-53", ControlFramework}, Traits{
		Spelling: ControlNumbers, Baselines: []string{"LOW", "MODERATE", "HIGH"},
		Catalogs: map[string]string{
			"rev4": "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev4/json/NIST_SP-800-53_rev4_catalog.json",
			"rev5": "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json",
		},
	}},
	{Framework{Incidents, "VERIS", IncidentTaxonomy}, Traits{Spelling: LowerCase, SentenceTitles: true}},
}

var traits = func() map[string]Traits {
	m := make(map[string]Traits, len(frameworks))
	for _, f := range frameworks {
		m[f.ID] = f.Traits
	}
	return m
}()

// KnownFrameworks lists the published frameworks, by id.
func KnownFrameworks() []Framework {
	list := make([]Framework, len(frameworks))
	for i, f := range frameworks {
		list[i] = f.Framework
	}
	return list
}

// TraitsOf gives what makes a framework special.
func TraitsOf(framework string) Traits { return traits[framework] }

// OSCALFramework is the framework whose catalogs and profiles are read.
var OSCALFramework = frameworks[slices.IndexFunc(frameworks, func(f knownFramework) bool { return f.Catalogs != nil })].Framework

// Undescribed is what a framework is taken for of which nothing is known but its id.
func Undescribed(id string) Framework { return Framework{ID: id, Name: id, Kind: ControlFramework} }

// CanonicalCapabilityID gives the identity of a capability id within its
// framework: trimmed, and in the framework's spelling. Apply it to what a file
// writes and to what a user types.
func CanonicalCapabilityID(framework, id string) string {
	id = strings.TrimSpace(id)
	switch TraitsOf(framework).Spelling {
	case ControlNumbers:
		return stripLeadingZeros(strings.ToUpper(id))
	case LowerCase:
		return strings.ToLower(id)
	}
	return id
}
