package answer

import (
	"context"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Technique is a technique in a view.
type Technique struct {
	place     *Place
	technique *kg.Technique
	position  int  // in the view's universe, or -1
	unknown   bool // the release does not have it
}

// Technique gives a technique of the place's release by its exact id, of any
// status, or nil.
func (p *Place) Technique(id string) *Technique {
	t := p.frame().Technique(id)
	if t == nil {
		return nil
	}
	position, ok := p.frame().Position(id)
	if !ok {
		position = -1
	}
	return &Technique{place: p, technique: t, position: position}
}

// placed gives a technique of the universe.
func (p *Place) placed(position int) Technique {
	return Technique{place: p, technique: p.frame().Universe[position], position: position}
}

// techniqueAt gives a technique of the universe, by itself.
func (p *Place) techniqueAt(position int) *Technique {
	t := p.placed(position)
	return &t
}

// techniquesAt gives the techniques of a set of positions, by id.
func (p *Place) techniquesAt(positions algebra.Bits) []*Technique {
	return p.techniquesPlaced(slices.AppendSeq(make([]int, 0, positions.Count()), positions.All()))
}

// techniquesPlaced gives the techniques at positions of the universe.
func (p *Place) techniquesPlaced(positions []int) []*Technique { return pointers(positions, p.placed) }

// techniqueNamed gives techniques by id, leaving out what the release lacks.
func (p *Place) techniquesNamed(ids []string) []*Technique {
	list := make([]*Technique, 0, len(ids))
	for _, id := range ids {
		if t := p.Technique(id); t != nil {
			list = append(list, t)
		}
	}
	return list
}

// techniqueAsWritten stands for a technique id that has no place in the view.
func (p *Place) techniqueAsWritten(r *kg.Row) *Technique {
	if t := p.Technique(r.AttackID); t != nil {
		return t
	}
	name := r.SourceLabel
	if name == "" {
		name = r.AttackID
	}
	url := "https://attack.mitre.org/techniques/" + strings.Replace(r.AttackID, ".", "/", 1)
	return &Technique{place: p, technique: &kg.Technique{ID: r.AttackID, Name: name, URL: url}, position: -1, unknown: true}
}

// IsNode marks the type as a Node.
func (*Technique) IsNode() {}

func (t *Technique) ID() string {
	return kg.TechniqueID(t.place.release(), t.technique.ID).String()
}
func (t *Technique) AttackID() string { return t.technique.ID }
func (t *Technique) Name() string     { return t.technique.Name }
func (t *Technique) URL() string      { return t.technique.URL }

func (t *Technique) Domain() kg.Domain     { return t.place.release().Domain }
func (t *Technique) AttackVersion() string { return t.place.release().Version }

func (t *Technique) Description(ctx context.Context) (*string, error) {
	full, err := t.place.Request.Snapshot.Techniques(ctx, t.place.release(), []string{t.technique.ID})
	if err != nil || full[t.technique.ID] == nil {
		return nil, err
	}
	return optional(full[t.technique.ID].Description), nil
}

func (t *Technique) Status() model.TechniqueStatus {
	if t.unknown {
		return model.TechniqueStatusUnknown
	}
	return statusOf(t.technique.Status)
}

func statusOf(s kg.Status) model.TechniqueStatus {
	switch s {
	case kg.Revoked:
		return model.TechniqueStatusRevoked
	case kg.Deprecated:
		return model.TechniqueStatusDeprecated
	}
	return model.TechniqueStatusActive
}

func (t *Technique) RevokedBy() *Technique {
	if t.technique.RevokedBy == "" {
		return nil
	}
	return t.place.Technique(t.technique.RevokedBy)
}

func (t *Technique) Tactics() []*Tactic {
	return pointers(t.place.frame().TacticsOf(t.technique), func(o *kg.Object) Tactic {
		return Tactic{Object{place: t.place, object: o}}
	})
}

func (t *Technique) Platforms() []string { return orEmpty(t.technique.Platforms) }

func (t *Technique) IsSubtechnique() bool { return t.technique.Parent != "" }

func (t *Technique) Parent() *Technique {
	if t.technique.Parent == "" {
		return nil
	}
	return t.place.Technique(t.technique.Parent)
}

func (t *Technique) Subtechniques() []*Technique {
	children := t.place.frame().Subtechniques(t.technique.ID)
	list := make([]*Technique, len(children))
	for i, c := range children {
		list[i] = t.place.Technique(c.ID)
	}
	return list
}

// rows lists the mappings on the technique that pass a filter.
func (t *Technique) rows(in *model.MappingFilter) ([]algebra.AlignedRow, error) {
	f, err := t.place.Request.filter(in)
	if err != nil || t.position < 0 {
		return nil, err
	}
	return t.place.View.TechniqueMappings(t.place.work, t.position, &f)
}

func (t *Technique) Mappings(ctx context.Context, filter *model.MappingFilter, first *int32, after *string) (*MappingConnection, error) {
	rows, err := t.rows(filter)
	if err != nil {
		return nil, err
	}
	return t.place.mappingPage(ctx, rows, first, after)
}

func (t *Technique) Capabilities(frameworks []string, filter *model.MappingFilter) ([]*Capability, error) {
	only, err := t.place.Request.needFrameworks(frameworks)
	if err != nil {
		return nil, err
	}
	rows, err := t.rows(filter)
	if err != nil {
		return nil, err
	}
	if len(only) > 0 {
		rows = slices.DeleteFunc(rows, func(r algebra.AlignedRow) bool { return !slices.Contains(only, r.Body.Framework.ID) })
	}
	return t.place.capabilitiesOf(rows), nil
}

func (t *Technique) Coverage(frameworks []string, filter *model.MappingFilter) ([]*TechniqueCoverage, error) {
	q, err := t.place.question(Ask{Frameworks: frameworks, Filter: filter})
	if err != nil || t.position < 0 {
		return []*TechniqueCoverage{}, err
	}
	columns, err := t.place.View.AssessOne(t.place.work, q, t.position)
	if err != nil {
		return nil, err
	}
	values, list := make([]TechniqueCoverage, len(columns)), make([]*TechniqueCoverage, len(columns))
	for i := range columns {
		values[i] = TechniqueCoverage{Framework: t.place.frameworkOf(q.Frameworks[i]), cell: &columns[i]}
		list[i] = &values[i]
	}
	return list, nil
}

// users gives the objects whose links of a kind point to the technique.
func (t *Technique) users(kind kg.ObjectKind, link kg.LinkKind) []Object {
	return t.place.objects(kind, t.place.frame().Linked(link, t.technique.ID, true))
}

func (t *Technique) Groups() []*Group {
	return pointers(t.users(kg.KindGroup, kg.GroupUsesTechnique), asGroup)
}

func (t *Technique) Software() []*Software {
	return pointers(t.users(kg.KindSoftware, kg.SoftwareUsesTechnique), asSoftware)
}

func (t *Technique) Campaigns() []*Campaign {
	return pointers(t.users(kg.KindCampaign, kg.CampaignUsesTechnique), asCampaign)
}

func (t *Technique) Mitigations() []*Mitigation {
	return pointers(t.users(kg.KindMitigation, kg.MitigationMitigatesTechnique), asMitigation)
}

func (t *Technique) DataComponents() []*DataComponent {
	return pointers(t.users(kg.KindDataComponent, kg.ComponentDetectsTechnique), asDataComponent)
}

func (t *Technique) DetectionStrategies() []*DetectionStrategy {
	return pointers(t.users(kg.KindDetectionStrategy, kg.StrategyDetectsTechnique), asDetectionStrategy)
}

func (t *Technique) Weights() *ThreatWeights {
	if t.position < 0 {
		return &ThreatWeights{}
	}
	w := ThreatWeights(t.place.View.Weights(t.position))
	return &w
}

// ThreatWeights says how much attackers use a technique.
type ThreatWeights algebra.Weights

func (t *Technique) Releases(ctx context.Context) ([]*TechniqueRelease, error) {
	var keys []kg.ReleaseKey
	for i := range t.place.head().Releases {
		if k := t.place.head().Releases[i].Key; k.Domain == t.place.release().Domain {
			keys = append(keys, k)
		}
	}
	outlines, err := t.place.Request.Snapshot.Outlines(ctx, keys)
	if err != nil {
		return nil, err
	}
	list := []*TechniqueRelease{}
	for _, k := range keys {
		if there := outlines[k].Technique(t.technique.ID); there != nil {
			list = append(list, &TechniqueRelease{
				Release: t.place.attackRelease(k), Status: statusOf(there.Status), Name: there.Name,
			})
		}
	}
	return list, nil
}

// TechniqueRelease is a technique's place in one release.
type TechniqueRelease struct {
	Release *AttackRelease
	Status  model.TechniqueStatus
	Name    string
}

// TechniqueEdge is an item of a TechniqueConnection.
type TechniqueEdge struct {
	Cursor string
	Node   *Technique
}

// TechniqueConnection is a page of techniques.
type TechniqueConnection struct {
	Connection[*Technique, TechniqueEdge]
}

// Techniques pages through the techniques of a scope.
func (p *Place) Techniques(scope *model.ScopeInput, first *int32, after *string) (*TechniqueConnection, error) {
	keep, err := p.scope(scope)
	if err != nil {
		return nil, err
	}
	pg, err := paginate("techniques", slices.Collect(keep.All()), func(i int) string { return p.frame().Universe[i].ID }, first, after)
	if err != nil {
		return nil, err
	}
	return &TechniqueConnection{connect[TechniqueEdge](pg, p.placed)}, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
