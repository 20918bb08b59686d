package answer

import (
	"context"
	"fmt"
	"time"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// AttackRelease is one published version of one domain of ATT&CK.
type AttackRelease struct {
	request *Request
	summary *kg.ReleaseSummary
	place   *Place // the view of the release that it was reached in; nil for the default one
}

// AttackReleases lists the loaded releases of a domain, or of all.
func (r *Request) AttackReleases(domain *kg.Domain) []*AttackRelease {
	list := []*AttackRelease{}
	for i := range r.head().Releases {
		if s := &r.head().Releases[i]; domain == nil || s.Key.Domain == *domain {
			list = append(list, &AttackRelease{request: r, summary: s})
		}
	}
	return list
}

// attackRelease gives a loaded release, in the place's view if it is the place's.
func (p *Place) attackRelease(key kg.ReleaseKey) *AttackRelease {
	a := &AttackRelease{request: p.Request, summary: p.head().Release(key)}
	if key == p.release() {
		a.place = p
	}
	return a
}

// IsNode marks the type as a Node.
func (*AttackRelease) IsNode() {}

func (a *AttackRelease) ID() string             { return a.summary.Key.GlobalID().String() }
func (a *AttackRelease) Domain() kg.Domain      { return a.summary.Key.Domain }
func (a *AttackRelease) Version() string        { return a.summary.Key.Version }
func (a *AttackRelease) TechniqueCount() int    { return a.summary.Techniques }
func (a *AttackRelease) SubtechniqueCount() int { return a.summary.SubTechniques }
func (a *AttackRelease) TacticCount() int       { return a.summary.Tactics }
func (a *AttackRelease) GroupCount() int        { return a.summary.Groups }
func (a *AttackRelease) SoftwareCount() int     { return a.summary.Software }
func (a *AttackRelease) CampaignCount() int     { return a.summary.Campaigns }
func (a *AttackRelease) MitigationCount() int   { return a.summary.Mitigations }

func (a *AttackRelease) IsDefault() bool {
	key, err := a.request.chooseRelease(a.summary.Key.Domain, nil)
	return err == nil && key == a.summary.Key
}

func (a *AttackRelease) Tactics(ctx context.Context) ([]*Tactic, error) {
	if a.place != nil {
		return a.place.Tactics(), nil
	}
	p, err := a.request.atRelease(ctx, a.summary.Key)
	if err != nil {
		return nil, err
	}
	return p.Tactics(), nil
}

// Dataset is what is loaded.
type Dataset struct{ Request *Request }

func (d *Dataset) Generation() string         { return d.Request.head().Generation }
func (d *Dataset) Edition() kg.Edition        { return d.Request.head().Edition }
func (d *Dataset) LoadedAt() string           { return d.Request.head().LoadedAt.Format(time.RFC3339) }
func (d *Dataset) Releases() []*AttackRelease { return d.Request.AttackReleases(nil) }
func (d *Dataset) Sets() []*MappingSet {
	return d.Request.sets(func(kg.SetKey) bool { return true })
}

func (d *Dataset) Counts() *DatasetCounts {
	h := d.Request.head()
	return &DatasetCounts{
		Releases: len(h.Releases), Frameworks: len(h.Frameworks), Sets: len(h.Sets),
		Capabilities: len(h.Capabilities), Mappings: h.Mappings, Techniques: h.Techniques,
	}
}

// DatasetCounts says how much is loaded.
type DatasetCounts struct{ Releases, Frameworks, Sets, Capabilities, Mappings, Techniques int }

func (d *Dataset) ImportReport(ctx context.Context) (*ImportReport, error) {
	report, err := d.Request.Snapshot.Report(ctx)
	if err != nil {
		return nil, err
	}
	return &ImportReport{request: d.Request, report: report, totals: report.Totals()}, nil
}

// ImportReport is what a load found.
type ImportReport struct {
	request *Request
	report  *kg.ImportReport
	totals  kg.RowCounts
}

func (r *ImportReport) Rows() int                    { return r.totals.Rows }
func (r *ImportReport) Mapped() int                  { return r.totals.Mapped }
func (r *ImportReport) NonMappableCapabilities() int { return r.totals.NonMappableCapability }
func (r *ImportReport) NonMappableTechniques() int   { return r.totals.NonMappableTechnique }
func (r *ImportReport) Incomplete() int              { return r.totals.Incomplete }
func (r *ImportReport) ExactDuplicates() int         { return r.totals.ExactDuplicates }
func (r *ImportReport) Refused() int                 { return r.report.Refused() }

func (r *ImportReport) Files() []*FileReport {
	list := make([]*FileReport, len(r.report.Files))
	for i := range r.report.Files {
		list[i] = &FileReport{FileReport: &r.report.Files[i], request: r.request}
	}
	return list
}

// FileReport is what a load found in one file.
type FileReport struct {
	*kg.FileReport
	request *Request
}

func (f *FileReport) NonMappableCapabilities() int { return f.NonMappableCapability }
func (f *FileReport) NonMappableTechniques() int   { return f.NonMappableTechnique }
func (f *FileReport) Bytes() float64               { return float64(f.FileReport.Bytes) }
func (f *FileReport) InvalidUtf8() int             { return f.InvalidUTF8 }

func (f *FileReport) Set() *MappingSet {
	if f.FileReport.Set == nil {
		return nil
	}
	return f.request.MappingSet(f.FileReport.Set.String())
}

func (f *FileReport) Release() *AttackRelease {
	if f.FileReport.Release == nil {
		return nil
	}
	if s := f.request.head().Release(*f.FileReport.Release); s != nil {
		return &AttackRelease{request: f.request, summary: s}
	}
	return nil
}

func (f *FileReport) Error() *string {
	e := f.FileReport.Error
	if e == nil {
		return nil
	}
	text := e.String()
	return &text
}

func (f *FileReport) Lifted() []kg.LiftedID         { return orNone(f.FileReport.Lifted) }
func (f *FileReport) Unresolved() []kg.UnresolvedID { return orNone(f.FileReport.Unresolved) }

func (f *FileReport) Notes() []ReportNote {
	list := make([]ReportNote, len(f.FileReport.Notes))
	for i, n := range f.FileReport.Notes {
		n.Rows = orNone(n.Rows)
		list[i] = ReportNote(n)
	}
	return list
}

// ReportNote is something about a file that a person should know.
type ReportNote kg.Note

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Node is anything that has a global id.
type Node interface {
	IsNode()
	ID() string
}

// Node finds anything by its global id, or gives nil.
func (r *Request) Node(ctx context.Context, id string) (Node, error) {
	nodes, err := r.Nodes(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// finder finds nodes of one request: what a store keeps apart is fetched at once
// for all of them, and a view is taken once.
type finder struct {
	*Request
	mappings map[kg.MappingID]store.Mapping
	places   map[string]*Place
}

// find makes ready to find nodes by their ids.
func (r *Request) find(ctx context.Context, ids []kg.GlobalID) (*finder, error) {
	f := &finder{Request: r, places: map[string]*Place{}}
	var mappings []kg.MappingID
	for _, id := range ids {
		if id.Kind != kg.MappingNode {
			continue
		}
		if m, err := kg.ParseMappingID(id.ID); err == nil { // an id that cannot be one does not exist
			mappings = append(mappings, m)
		}
	}
	if len(mappings) == 0 {
		return f, nil
	}
	var err error
	f.mappings, err = r.Snapshot.Mappings(ctx, mappings)
	return f, err
}

// place gives the place of a view, taken once.
func (f *finder) place(ctx context.Context, key store.ViewKey) (*Place, error) {
	if p := f.places[key.String()]; p != nil {
		return p, nil
	}
	p, err := f.atKey(ctx, key)
	if err == nil {
		f.places[key.String()] = p
	}
	return p, err
}

// node gives a node where it is reached without a view.
func (f *finder) node(ctx context.Context, id kg.GlobalID) (Node, error) {
	switch id.Kind {
	case kg.FrameworkNode, kg.CapabilityNode:
		if f.findFramework(id.Framework) == nil {
			return nil, nil
		}
		key, err := f.viewKey(nil)
		if err != nil {
			return nil, err
		}
		p, err := f.place(ctx, key)
		if err != nil {
			return nil, err
		}
		return p.frameworkNode(id)
	case kg.SetNode:
		return asNode(f.MappingSet(id.ID)), nil
	case kg.MappingNode:
		return f.mapping(ctx, id.ID)
	case kg.ReleaseNode:
		if s := f.head().Release(id.Release); s != nil {
			return &AttackRelease{request: f.Request, summary: s}, nil
		}
		return nil, nil
	}
	if f.head().Release(id.Release) == nil {
		return nil, nil
	}
	p, err := f.place(ctx, store.DefaultView(f.head(), id.Release, nil))
	if err != nil {
		return nil, err
	}
	return p.attackNode(id), nil
}

// mapping gives a mapping in the default view of its domain.
func (f *finder) mapping(ctx context.Context, rest string) (Node, error) {
	m, ok := f.stored(rest)
	if !ok {
		return nil, nil
	}
	domain := m.Set.Key.Domain
	key, err := f.viewKey(&model.ViewInput{Domain: &domain})
	if err != nil {
		return nil, err
	}
	p, err := f.place(ctx, key)
	if err != nil {
		return nil, err
	}
	return p.storedMapping(m), nil
}

func (f *finder) stored(rest string) (store.Mapping, bool) {
	id, err := kg.ParseMappingID(rest)
	if err != nil {
		return store.Mapping{}, false
	}
	m, ok := f.mappings[id]
	return m, ok
}

// asNode keeps a nil pointer from becoming a non-nil interface.
func asNode[T interface {
	comparable
	Node
}](n T) Node {
	var none T
	if n == none {
		return nil
	}
	return n
}

// frameworkNode gives a framework or a capability of the place.
func (p *Place) frameworkNode(id kg.GlobalID) (Node, error) {
	if id.Kind == kg.FrameworkNode {
		return asNode(p.Framework(id.Framework)), nil
	}
	c, err := p.Capability(id.Framework, id.ID)
	return asNode(c), err
}

// storedMapping places a row of any set in the view.
func (p *Place) storedMapping(m store.Mapping) *Mapping {
	node := &Mapping{place: p, set: m.Set, row: m.Row, position: -1,
		ref: kg.CapabilityRef{Framework: m.Set.Key.Framework, ID: m.Row.Capability}}
	if to, reason := p.frame().Align(m.Row.AttackID); reason == 0 {
		node.position, _ = p.frame().Position(to)
	}
	return node
}

// attackNode finds what belongs to the place's release, such as group:enterprise@16.1/G0016.
func (p *Place) attackNode(id kg.GlobalID) Node {
	if id.Kind == kg.TechniqueNode {
		return asNode(p.Technique(id.ID))
	}
	kind, _ := kg.ObjectKindNames.Parse(id.Kind)
	if o := p.frame().Object(kind, id.ID); o != nil {
		return p.objectNode(o)
	}
	return nil
}

// objectNode gives the GraphQL type of an object; a data source has none.
func (p *Place) objectNode(o *kg.Object) Node {
	at := Object{place: p, object: o}
	switch o.Kind {
	case kg.KindTactic:
		return &Tactic{at}
	case kg.KindGroup:
		return &Group{at}
	case kg.KindSoftware:
		return &Software{at}
	case kg.KindCampaign:
		return &Campaign{at}
	case kg.KindMitigation:
		return &Mitigation{at}
	case kg.KindDataComponent:
		return &DataComponent{at}
	case kg.KindDetectionStrategy:
		return &DetectionStrategy{at}
	case kg.KindAnalytic:
		return &Analytic{at}
	}
	return nil
}

// Nodes finds several things by their global ids.
func (r *Request) Nodes(ctx context.Context, ids []string) ([]Node, error) {
	if len(ids) > MaxPage {
		return nil, &Error{Code: LimitExceeded, Message: fmt.Sprintf("ids: at most %d at a time, not %d", MaxPage, len(ids))}
	}
	named := make([]kg.GlobalID, len(ids))
	for i, id := range ids {
		named[i], _ = kg.ParseGlobalID(id)
	}
	f, err := r.find(ctx, named)
	if err != nil {
		return nil, err
	}
	list := make([]Node, len(ids))
	for i, id := range named {
		if list[i], err = f.node(ctx, id); err != nil {
			return nil, err
		}
	}
	return list, nil
}
