package reference

import (
	"encoding/json"
	"fmt"
)

// Question is one question to the API. Its fields are GraphQL variables under
// their JSON names.
type Question struct {
	Kind string `json:"-"`

	View             *ViewInput `json:"view,omitempty"`
	Frameworks       []string   `json:"frameworks,omitempty"`
	Stack            *Stack     `json:"stack,omitempty"`
	Filter           *Filter    `json:"filter,omitempty"`
	Scope            *Scope     `json:"scope,omitempty"`
	RollUp           string     `json:"rollUp,omitempty"`
	OrderBy          string     `json:"orderBy,omitempty"`
	From             string     `json:"from,omitempty"`
	To               string     `json:"to,omitempty"`
	MinShared        *int       `json:"minShared,omitempty"`
	MinWeighted      *float64   `json:"minWeighted,omitempty"`
	FromCapabilities []string   `json:"fromCapabilities,omitempty"`
	A                *Ref       `json:"a,omitempty"`
	B                *Ref       `json:"b,omitempty"`
	StackA           *Stack     `json:"stackA,omitempty"`
	StackB           *Stack     `json:"stackB,omitempty"`
	Weight           string     `json:"weight,omitempty"`
	Target           *float64   `json:"target,omitempty"`
	Budget           *int       `json:"budget,omitempty"`
	Align            *bool      `json:"align,omitempty"`
	ID               string     `json:"id,omitempty"`        // an ATT&CK id, a CVE, a VERIS id, a capability's id or a set's
	Framework        string     `json:"framework,omitempty"` // of the capability
	Relations        []string   `json:"relations,omitempty"`
	Page             int        `json:"first,omitempty"` // how many items a page has
}

// ViewInput names a view.
type ViewInput struct {
	Domain        string   `json:"domain,omitempty"`
	AttackVersion string   `json:"attackVersion,omitempty"`
	Sets          []string `json:"sets,omitempty"`
}

// Filter chooses mappings.
type Filter struct {
	Frameworks       []string `json:"frameworks,omitempty"`
	Capabilities     []Ref    `json:"capabilities,omitempty"`
	CapabilityGroups []string `json:"capabilityGroups,omitempty"`
	Relations        []string `json:"relations,omitempty"`
	Categories       []string `json:"categories,omitempty"`
	MinScore         string   `json:"minScore,omitempty"`
	IncludeUnscored  *bool    `json:"includeUnscored,omitempty"`
}

// Scope narrows the universe.
type Scope struct {
	Techniques []string `json:"techniques,omitempty"`
	Tactics    []string `json:"tactics,omitempty"`
	Platforms  []string `json:"platforms,omitempty"`
	Groups     []string `json:"groups,omitempty"`
	Software   []string `json:"software,omitempty"`
	Campaigns  []string `json:"campaigns,omitempty"`
	KevOnly    bool     `json:"kevOnly,omitempty"`
	Level      string   `json:"level,omitempty"`
}

// Stack is what is owned.
type Stack struct {
	Frameworks   []string `json:"frameworks,omitempty"`
	Capabilities []Ref    `json:"capabilities,omitempty"`
	Techniques   []string `json:"techniques,omitempty"`
}

// Ref names a capability.
type Ref struct {
	Framework    string `json:"framework"`
	CapabilityID string `json:"capabilityId"`
}

// kind is a sort of question: its text, and what the reference answers.
type kind struct {
	query  string
	answer func(*Data, *Question) any
	paged  bool                                      // the answer is a connection, to be read page by page
	check  func(d *Data, q *Question, got any) error // where the answer is not one value but any that has a property
}

const (
	scopeArgs   = `$view:ViewInput,$filter:MappingFilter,$scope:ScopeInput`
	scopeUse    = `view:$view,filter:$filter,scope:$scope`
	askArgs     = scopeArgs + `,$frameworks:[ID!],$stack:StackInput,$rollUp:RollUp`
	askUse      = scopeUse + `,frameworks:$frameworks,stack:$stack,rollUp:$rollUp`
	pageArgs    = `,$first:Int,$after:String`
	pageUse     = `,first:$first,after:$after`
	pageInfo    = ` totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor} edges{cursor}`
	cellFields  = `{framework{frameworkId} state reason capabilityCount mappingCount best{category value} rolledUp}`
	weightsText = ` weights{groups software kev topTechniques}`
	coverText   = `{total mapped belowThreshold nonMappable unassessed ratio
		byFramework{framework{frameworkId} total mapped belowThreshold nonMappable unassessed ratio}
		byTactic{tactic{attackId} total mapped ratio} byPlatform{platform total mapped ratio}}`
	mappingText = `{unique:id source{file row} technique{id status name} capability{id} relation mappingType{id name} scoreCategory scoreValue
		comments references{url} status author alignedFrom sourceLabel}`
	pairText = `{from{id} to{id} shared jaccard fromContained toContained weighted techniques{id}}`
	diffText = `(first:1000){totalCount nodes{capability{id} attackId technique{id status} category before after}}`
	linkText = `{groups{attackId} software{attackId} campaigns{attackId}}`
)

// kinds are filled in by init, since questions ask questions.
var kinds map[string]kind

func init() {
	kinds = map[string]kind{
		"report": {query: `{answer:dataset{importReport{rows mapped nonMappableCapabilities nonMappableTechniques incomplete exactDuplicates refused
			files{path kind rows mapped nonMappableCapabilities nonMappableTechniques incomplete exactDuplicates canonicalCapabilities techniques lifted{from to rows} unresolved{from reason rows}}}
			releases{id techniqueCount subtechniqueCount groupCount softwareCount campaignCount mitigationCount}
			counts{releases frameworks sets capabilities mappings techniques}
			sets{id frameworkVersion capabilityCount mappingCount techniqueCount nonMappableTechniques{attackId comment source{row}} nonMappableCapabilities{capability{id} comment source{row}}}}}`, answer: report},
		"frameworks": {query: `query($view:ViewInput){answer:frameworks{frameworkId name kind sets{id} setFor(view:$view){id} groups(view:$view){id name capabilityCount}}}`, answer: frameworks},
		"coverage":   {query: `query(` + askArgs + `){answer:coverage(` + askUse + `)` + coverText + `}`, answer: coverage},
		"matrix": {query: `query(` + askArgs + `){answer:matrix(` + askUse + `){coverage` + coverText + ` tactics{tactic{id shortName name} techniques{technique{id} coverage` + cellFields +
			` state` + weightsText + ` subtechniques{technique{id} coverage` + cellFields + ` state` + weightsText + ` subtechniques{state}}}}}}`, answer: matrix},
		"overlap": {query: `query(` + scopeArgs + `,$frameworks:[ID!]!,$rollUp:RollUp){answer:overlap(` + scopeUse + `,frameworks:$frameworks,rollUp:$rollUp){
			frameworks{frameworkId} universe all` + regionText + ` none` + regionText + ` regions` + regionText + ` pairwise{a{frameworkId} b{frameworkId} shared jaccard}}}`, answer: overlap},
		"gaps": {query: `query(` + askArgs + `,$orderBy:GapOrder` + pageArgs + `){answer:gaps(` + askUse + `,orderBy:$orderBy` + pageUse + `){` + pageInfo + ` coverage` + coverText + `
			unaligned{attackId reason mapping{source{file row} technique{id status name}}}
			nodes{technique{id} state reason comment byFramework` + cellFields + weightsText + `}}}`, answer: gaps, paged: true},
		"crosswalk": {query: `query(` + scopeArgs + `,$from:ID!,$to:ID!,$minShared:Int,$minWeighted:Float,$fromCapabilities:[String!],$orderBy:CrosswalkOrder` + pageArgs + `){
			answer:crosswalk(` + scopeUse + `,from:$from,to:$to,minShared:$minShared,minWeighted:$minWeighted,fromCapabilities:$fromCapabilities,orderBy:$orderBy` + pageUse + `){` + pageInfo + ` nodes` + pairText + `}}`,
			answer: crosswalk, paged: true},
		"similar": {query: `query($view:ViewInput,$framework:ID!,$id:String!,$to:ID!,$first:Int){answer:capability(framework:$framework,capabilityId:$id){similar(to:$to,view:$view,first:$first)` + pairText + `}}`, answer: similar},
		"compareCapabilities": {query: `query($view:ViewInput,$filter:MappingFilter,$a:CapabilityRef!,$b:CapabilityRef!){answer:compareCapabilities(a:$a,b:$b,view:$view,filter:$filter){
			a{id} b{id} both{technique{id} scores{category a b difference}} onlyA{id} onlyB{id} pair` + pairText + `}}`, answer: compareCapabilities},
		"greedyCover": {query: coverQuery("GREEDY"), answer: greedyCover, check: checkGreedy},
		"exactCover":  {query: coverQuery("EXACT"), answer: nil, check: checkExact},
		"compareStacks": {query: `query(` + scopeArgs + `,$stackA:StackInput!,$stackB:StackInput!){answer:compareStacks(a:$stackA,b:$stackB,` + scopeUse + `){
			a` + coverText + ` b` + coverText + ` gained{id} lost{id}}}`, answer: compareStacks},
		"mappingDiff": {query: `query($from:ID!,$to:ID!,$align:Boolean){answer:mappingDiff(from:$from,to:$to,align:$align){from{id} to{id} attackVersion addedCount removedCount rescoredCount unalignedFrom unalignedTo
			added` + diffText + ` removed` + diffText + ` rescored` + diffText + `
			capabilitiesAdded{id} capabilitiesRemoved{id} capabilitiesRetitled{capability{id} before after}}}`, answer: mappingDiff},
		"attackDiff": {query: `query($view:Domain,$from:String!,$to:String!){answer:attackDiff(domain:$view,from:$from,to:$to){added{id} revoked{technique{id} successor{id}} deprecated{id} removed{id}
			renamed{technique{id} before after} tacticsChanged{technique{id} before after} reparented{technique{id} before after}}}`, answer: attackDiff},
		"lift": {query: `query($from:ID!,$to:String!){answer:lift(set:$from,to:$to){set{id} to lifted{from to rows} unresolved{from reason rows}}}`, answer: lift},
		"vulnerability": {query: `query($view:ViewInput,$id:String!,$relations:[Relation!],$frameworks:[ID!]!){answer:vulnerability(cve:$id,view:$view){cve capability{id}
			techniques(relations:$relations){technique{id} relations capabilities(frameworks:$frameworks){id}}}}`, answer: vulnerability},
		"incident": {query: `query($view:ViewInput,$id:String!,$frameworks:[ID!]!){answer:incident(verisId:$id,view:$view){verisId capability{id}
			techniques{technique{id} relations capabilities(frameworks:$frameworks){id}}}}`, answer: incident},
		"technique": {query: `query($view:ViewInput,$id:String!,$frameworks:[ID!],$filter:MappingFilter){answer:technique(attackId:$id,view:$view){id attackId name status domain attackVersion
			revokedBy{id} tactics{attackId} platforms isSubtechnique parent{id} subtechniques{id} mappings(filter:$filter,first:1000){totalCount nodes{source{file row} alignedFrom}}
			capabilities(frameworks:$frameworks,filter:$filter){id} coverage(frameworks:$frameworks,filter:$filter)` + cellFields + `
			groups{attackId} software{attackId} campaigns{attackId} mitigations{attackId}` + weightsText + ` releases{release{version} status name}}}`, answer: technique},
		"capability": {query: `query($view:ViewInput,$framework:ID!,$id:String!,$filter:MappingFilter){answer:capability(framework:$framework,capabilityId:$id){id capabilityId canonicalId name
			capabilityGroup{id} sets{id} nonMappable(view:$view){comment source{file row}} mappings(view:$view,filter:$filter,first:1000){totalCount nodes{source{file row}}} techniques(view:$view,filter:$filter){id}}}`, answer: capability},
		"group": {query: `query($view:ViewInput,$id:String!,$frameworks:[ID!],$stack:StackInput,$filter:MappingFilter,$rollUp:RollUp){answer:group(attackId:$id,view:$view){id name status aliases techniques{attackId} software{attackId} campaigns{attackId}
			coverage(frameworks:$frameworks,stack:$stack,filter:$filter,rollUp:$rollUp)` + coverText + `}}`, answer: group},
		"tactics":      {query: `query($view:ViewInput){answer:tactics(view:$view){id shortName name techniques{id}}}`, answer: tactics},
		"techniques":   {query: `query($view:ViewInput,$scope:ScopeInput` + pageArgs + `){answer:techniques(view:$view,scope:$scope` + pageUse + `){` + pageInfo + ` nodes{id}}}`, answer: techniques, paged: true},
		"capabilities": {query: `query($view:ViewInput,$framework:ID` + pageArgs + `){answer:capabilities(view:$view,framework:$framework` + pageUse + `){` + pageInfo + ` nodes{id name}}}`, answer: capabilities, paged: true},
		"mappings":     {query: `query(` + scopeArgs + pageArgs + `){answer:mappings(` + scopeUse + pageUse + `){` + pageInfo + ` nodes` + mappingText + `}}`, answer: mappings, paged: true},
		"setMappings":  {query: `query($id:ID!` + pageArgs + `){set:mappingSet(id:$id){answer:mappings(first:$first,after:$after){` + pageInfo + ` nodes` + mappingText + `}}}`, answer: setMappings, paged: true},
		"groups":       {query: `query($view:ViewInput` + pageArgs + `){answer:groups(view:$view` + pageUse + `){` + pageInfo + ` nodes{attackId techniques{attackId}}}}`, answer: groups, paged: true},
	}
}

const regionText = `{frameworks{frameworkId} totalCount techniques(first:1000){totalCount nodes{technique{id} byFramework{framework{frameworkId} rolledUp capabilities{id} mappings{source{file row}}}}}}`

func coverQuery(method string) string {
	return `query(` + scopeArgs + `,$frameworks:[ID!]!,$stack:StackInput,$weight:ThreatWeight,$target:Float,$budget:Int){
		answer:controlCover(` + scopeUse + `,frameworks:$frameworks,owned:$stack,weight:$weight,target:$target,budget:$budget,method:` + method + `){
		picks{capability{id} gain covered ratio techniques{id}} covered total candidates lowerBound proven uncovered{id}}}`
}

// Query is the question's GraphQL.
func (q *Question) Query() string { return kinds[q.Kind].query }

// Paged tells whether the answer is a connection, which is to be read page by page.
func (q *Question) Paged() bool { return kinds[q.Kind].paged }

// Variables are what the GraphQL is asked with.
func (q *Question) Variables() map[string]any {
	var v map[string]any
	if err := json.Unmarshal(compact(q), &v); err != nil {
		panic(err)
	}
	if q.Kind == "attackDiff" { // takes a domain instead of a view
		delete(v, "view")
		if q.View != nil && q.View.Domain != "" {
			v["view"] = q.View.Domain
		}
	}
	return v
}

// String shows the question.
func (q *Question) String() string {
	return fmt.Sprintf("%s\nvariables: %s", q.Query(), compact(q.Variables()))
}

// Check holds an answer of the product against the reference: what it gave, or
// the code of the error that it gave instead.
func (q *Question) Check(d *Data, got any, code string) error {
	want, err := q.Answer(d)
	switch {
	case err != nil && err.Code == code:
		return nil
	case err != nil:
		return fmt.Errorf("want the error %w, got %q and %.2000s", err, code, compact(got))
	case code != "":
		return fmt.Errorf("want an answer, got the error %s", code)
	}
	if check := kinds[q.Kind].check; check != nil {
		if err := check(d, q, got); err != nil {
			return err
		}
	}
	if kinds[q.Kind].answer == nil {
		return nil
	}
	return same("answer", want, got)
}

// Answer is what the reference answers.
func (q *Question) Answer(d *Data) (answer any, err *CodedError) {
	defer func() {
		if r := recover(); r != nil {
			coded, ok := r.(*CodedError)
			if !ok {
				panic(r)
			}
			err = coded
		}
	}()
	k := kinds[q.Kind]
	if k.answer == nil {
		newCover(d, q)
		return nil, nil
	}
	return k.answer(d, q), nil
}

// same tells where two answers part. Numbers may differ in the thirteenth decimal.
func same(path string, want, got any) error {
	switch want := want.(type) {
	case obj:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: want %s, got %s", path, compact(want), compact(got))
		}
		for _, name := range sorted(want) {
			if err := same(path+"."+name, want[name], g[name]); err != nil {
				return err
			}
		}
		for _, name := range sorted(g) {
			if _, ok := want[name]; !ok {
				return fmt.Errorf("%s.%s: the reference does not say", path, name)
			}
		}
		return nil
	case list:
		g, ok := got.([]any)
		if !ok {
			return fmt.Errorf("%s: want %s, got %s", path, compact(want), compact(got))
		}
		for i := 0; i < len(want) && i < len(g); i++ {
			if err := same(fmt.Sprintf("%s[%d]", path, i), want[i], g[i]); err != nil {
				return fmt.Errorf("%w\n  (%s: want %s\n   got %s)", err, path, short(want), short(g))
			}
		}
		if len(want) != len(g) {
			return fmt.Errorf("%s: want %d items, got %d:\n  want %s\n  got  %s", path, len(want), len(g), short(want), short(g))
		}
		return nil
	case int:
		return sameNumber(path, float64(want), got)
	case float64:
		return sameNumber(path, want, got)
	}
	if want != got {
		return fmt.Errorf("%s: want %s, got %s", path, compact(want), compact(got))
	}
	return nil
}

func short(v any) string {
	s := string(compact(v))
	if len(s) > 600 {
		s = s[:600] + "…"
	}
	return s
}

func sameNumber(path string, want float64, got any) error {
	g, ok := got.(float64)
	if !ok || g-want > 5e-13 || want-g > 5e-13 {
		return fmt.Errorf("%s: want %v, got %v", path, want, got)
	}
	return nil
}

// obj and list are JSON.
type (
	obj  = map[string]any
	list = []any
)
