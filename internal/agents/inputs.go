package agents

// The arguments of the tools: the inputs of the GraphQL API under its names.
type (
	nothing struct{}

	view struct {
		Domain        string   `json:"domain,omitempty" jsonschema:"ENTERPRISE (default), MOBILE or ICS"`
		AttackVersion string   `json:"attackVersion,omitempty" jsonschema:"ATT&CK version such as 16.1; default the newest loaded"`
		Sets          []string `json:"sets,omitempty" jsonschema:"mapping sets that speak for their frameworks, such as aws/12.12.2024@16.1/enterprise"`
	}
	capabilityRef struct {
		Framework    string `json:"framework" jsonschema:"framework id such as aws"`
		CapabilityID string `json:"capabilityId" jsonschema:"capability id such as aws_config or AC-2"`
	}
	filter struct {
		Frameworks      []string        `json:"frameworks,omitempty"`
		Capabilities    []capabilityRef `json:"capabilities,omitempty"`
		Relations       []string        `json:"relations,omitempty" jsonschema:"MITIGATES, SCORED, EXPLOITATION_TECHNIQUE, PRIMARY_IMPACT, SECONDARY_IMPACT, RELATED_TO or OTHER"`
		Categories      []string        `json:"categories,omitempty" jsonschema:"PROTECT, DETECT or RESPOND; only mappings so scored count"`
		MinScore        string          `json:"minScore,omitempty" jsonschema:"MINIMAL, PARTIAL or SIGNIFICANT"`
		IncludeUnscored bool            `json:"includeUnscored,omitempty" jsonschema:"let mappings without a score pass categories and minScore"`
	}
	scope struct {
		Techniques []string `json:"techniques,omitempty" jsonschema:"ATT&CK ids"`
		Tactics    []string `json:"tactics,omitempty" jsonschema:"short names such as credential-access, names or TA ids"`
		Platforms  []string `json:"platforms,omitempty"`
		Groups     []string `json:"groups,omitempty" jsonschema:"only techniques that these threat groups use: id, name or alias"`
		Software   []string `json:"software,omitempty"`
		Campaigns  []string `json:"campaigns,omitempty"`
		KevOnly    bool     `json:"kevOnly,omitempty" jsonschema:"only techniques that known exploited vulnerabilities map to"`
		Level      string   `json:"level,omitempty" jsonschema:"ALL (default), TECHNIQUES or SUB_TECHNIQUES"`
	}
	baselineRef struct {
		Framework string `json:"framework,omitempty" jsonschema:"default nist_800_53"`
		Name      string `json:"name" jsonschema:"LOW, MODERATE or HIGH"`
	}
	groupRef struct {
		Framework string `json:"framework"`
		Group     string `json:"group" jsonschema:"capability group id, such as eop of m365 or AC of nist_800_53"`
	}
	licenceRef struct {
		Framework string `json:"framework,omitempty" jsonschema:"default m365"`
		Tier      string `json:"tier" jsonschema:"E3 or E5"`
	}
	stack struct {
		Frameworks       []string        `json:"frameworks,omitempty" jsonschema:"frameworks that are owned whole"`
		Capabilities     []capabilityRef `json:"capabilities,omitempty" jsonschema:"capabilities that are owned"`
		Baselines        []baselineRef   `json:"baselines,omitempty" jsonschema:"NIST baselines that are owned"`
		CapabilityGroups []groupRef      `json:"capabilityGroups,omitempty" jsonschema:"capability groups that are owned"`
		Licences         []licenceRef    `json:"licences,omitempty" jsonschema:"licence tiers that are owned"`
		Techniques       []string        `json:"techniques,omitempty" jsonschema:"techniques covered by means that no framework lists"`
	}
	pages struct {
		First int    `json:"first,omitempty" jsonschema:"items on a page, at most 1000, default 50"`
		After string `json:"after,omitempty" jsonschema:"endCursor of the page before"`
	}
	asked struct {
		Frameworks []string `json:"frameworks,omitempty" jsonschema:"framework ids to ask; default every defence"`
		Stack      *stack   `json:"stack,omitempty" jsonschema:"what is owned; speaks as one body"`
		View       *view    `json:"view,omitempty"`
		Filter     *filter  `json:"filter,omitempty" jsonschema:"which mappings count"`
		Scope      *scope   `json:"scope,omitempty" jsonschema:"which techniques"`
		RollUp     string   `json:"rollUp,omitempty" jsonschema:"NONE (default), PARENT_IF_ANY_CHILD, PARENT_IF_ALL_CHILDREN or CHILDREN_OF_MAPPED_PARENT"`
	}

	searchInput struct {
		Text  string   `json:"text" jsonschema:"id, name or words"`
		Kinds []string `json:"kinds,omitempty" jsonschema:"TECHNIQUE, TACTIC, GROUP, SOFTWARE, CAMPAIGN, MITIGATION, CAPABILITY, FRAMEWORK or MAPPING"`
		View  *view    `json:"view,omitempty"`
		pages
	}
	techniqueInput struct {
		AttackID   string   `json:"attackId" jsonschema:"such as T1552.007"`
		Frameworks []string `json:"frameworks,omitempty" jsonschema:"frameworks whose state is told; default all"`
		View       *view    `json:"view,omitempty"`
		Filter     *filter  `json:"filter,omitempty" jsonschema:"which mappings are listed and count"`
		pages
	}
	capabilityInput struct {
		capabilityRef
		View   *view   `json:"view,omitempty"`
		Filter *filter `json:"filter,omitempty"`
		pages
	}
	groupInput struct {
		AttackID   string   `json:"attackId" jsonschema:"id, name or alias, such as G0016 or APT29"`
		Frameworks []string `json:"frameworks,omitempty" jsonschema:"frameworks to ask; default every defence"`
		Stack      *stack   `json:"stack,omitempty"`
		View       *view    `json:"view,omitempty"`
		Filter     *filter  `json:"filter,omitempty"`
	}
	coverageInput struct{ asked }
	gapsInput     struct {
		asked
		OrderBy string `json:"orderBy,omitempty" jsonschema:"ATTACK_ID (default), NAME, GROUPS, SOFTWARE, KEV or TOP_TECHNIQUES"`
		pages
	}
	overlapInput struct {
		Frameworks []string `json:"frameworks" jsonschema:"at least two framework ids"`
		View       *view    `json:"view,omitempty"`
		Filter     *filter  `json:"filter,omitempty"`
		Scope      *scope   `json:"scope,omitempty"`
		RollUp     string   `json:"rollUp,omitempty"`
	}
	crosswalkInput struct {
		From             string   `json:"from" jsonschema:"framework id"`
		To               string   `json:"to" jsonschema:"framework id"`
		FromCapabilities []string `json:"fromCapabilities,omitempty" jsonschema:"only pairs of these capabilities of the first framework"`
		MinShared        int      `json:"minShared,omitempty"`
		MinWeighted      float64  `json:"minWeighted,omitempty"`
		OrderBy          string   `json:"orderBy,omitempty" jsonschema:"WEIGHTED (default), SHARED, JACCARD, FROM_CONTAINED, TO_CONTAINED or FROM"`
		View             *view    `json:"view,omitempty"`
		Filter           *filter  `json:"filter,omitempty"`
		Scope            *scope   `json:"scope,omitempty"`
		pages
	}
	compareInput struct {
		A      capabilityRef `json:"a"`
		B      capabilityRef `json:"b"`
		View   *view         `json:"view,omitempty"`
		Filter *filter       `json:"filter,omitempty"`
	}
	coverInput struct {
		Frameworks []string `json:"frameworks" jsonschema:"whose capabilities may be picked"`
		Owned      *stack   `json:"owned,omitempty" jsonschema:"what covers already"`
		Weight     string   `json:"weight,omitempty" jsonschema:"what a technique weighs: GROUPS, SOFTWARE, KEV or TOP_TECHNIQUES; default 1 each"`
		Target     float64  `json:"target,omitempty" jsonschema:"share of the weight that is enough, above 0 and at most 1 (default)"`
		Budget     int      `json:"budget,omitempty" jsonschema:"most capabilities to pick"`
		Method     string   `json:"method,omitempty" jsonschema:"GREEDY (default) or EXACT"`
		View       *view    `json:"view,omitempty"`
		Filter     *filter  `json:"filter,omitempty"`
		Scope      *scope   `json:"scope,omitempty"`
	}
	stacksInput struct {
		A      stack   `json:"a" jsonschema:"before"`
		B      stack   `json:"b" jsonschema:"after"`
		View   *view   `json:"view,omitempty"`
		Filter *filter `json:"filter,omitempty"`
		Scope  *scope  `json:"scope,omitempty"`
	}
	mappingDiffInput struct {
		From  string `json:"from" jsonschema:"mapping set id"`
		To    string `json:"to" jsonschema:"mapping set id"`
		First int    `json:"first,omitempty" jsonschema:"entries of each list, at most 1000, default 50"`
	}
	attackDiffInput struct {
		Domain string `json:"domain,omitempty" jsonschema:"ENTERPRISE (default), MOBILE or ICS"`
		From   string `json:"from" jsonschema:"ATT&CK version such as 15.1"`
		To     string `json:"to" jsonschema:"ATT&CK version such as 16.1"`
	}
	vulnerabilityInput struct {
		Cve        string   `json:"cve" jsonschema:"such as CVE-2021-44228"`
		Frameworks []string `json:"frameworks" jsonschema:"whose capabilities to list"`
		View       *view    `json:"view,omitempty"`
	}
	incidentInput struct {
		VerisID    string   `json:"verisId" jsonschema:"such as action.hacking.variety.SQLi"`
		Frameworks []string `json:"frameworks" jsonschema:"whose capabilities to list"`
		View       *view    `json:"view,omitempty"`
	}
	describeInput struct {
		Name string `json:"name" jsonschema:"name of the type, such as Query"`
	}
	graphqlInput struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables,omitempty"`
	}
)
