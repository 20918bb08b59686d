package answer

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/export"
	"github.com/mapgraph/mapgraph/internal/kg"
)

var layerKinds = map[model.LayerKind]export.LayerKind{
	model.LayerKindCoverage: export.CoverageLayer,
	model.LayerKindGaps:     export.GapsLayer,
}

// NavigatorLayer answers Query.navigatorLayer.
func (p *Place) NavigatorLayer(ask Ask, kind *model.LayerKind) (any, error) {
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	if err := a.spendOnCells(); err != nil {
		return nil, err
	}
	if kind == nil {
		return a.layer(export.CoverageLayer), nil
	}
	return a.layer(layerKinds[*kind]), nil
}

func (a *analysis) layer(kind export.LayerKind) export.Layer {
	what := "Coverage"
	if kind == export.GapsLayer {
		what = "Gaps"
	}
	var names []string
	for _, f := range a.frameworks {
		names = append(names, f.Name())
	}
	if len(names) == 0 {
		names = []string{"nothing"}
	}
	name := what + " of " + strings.Join(names, ", ") + " in ATT&CK " + a.place.release().Version
	return export.NavigatorLayer(a.answer(), name, kind)
}

func (a *analysis) answer() export.Answer {
	return export.NewAnswer(a.place.head(), a.question, a.asked, a.scope, a.assessment)
}

// Document is an answer as a file of another tool's format.
type Document struct {
	FileName  string
	MediaType string
	Content   string
}

// Export answers Query.export.
func (p *Place) Export(ctx context.Context, format model.ExportFormat, ask Ask) ([]*Document, error) {
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	if err := a.spendOnCells(); err != nil {
		return nil, err
	}
	if format == model.ExportFormatUnifiedJSON {
		return a.mappingFiles(ctx)
	}
	d, err := a.document(ctx, format)
	if errors.Is(err, export.ErrNoControls) {
		return nil, badInput("format: %v", err)
	}
	if err != nil {
		return nil, err
	}
	return []*Document{d}, nil
}

func (a *analysis) document(ctx context.Context, format model.ExportFormat) (*Document, error) {
	answer := a.answer()
	file := func(what, extension, mediaType string, content []byte, err error) (*Document, error) {
		return &Document{FileName: answer.Origin.FileName(what, extension), MediaType: mediaType, Content: string(content)}, err
	}
	switch format {
	case model.ExportFormatNavigatorCoverage, model.ExportFormatNavigatorGaps:
		what, kind := "coverage-layer", export.CoverageLayer
		if format == model.ExportFormatNavigatorGaps {
			what, kind = "gaps-layer", export.GapsLayer
		}
		content, err := json.Marshal(a.layer(kind))
		return file(what, "json", jsonMedia, content, err)
	case model.ExportFormatCoverageCSV:
		return file("coverage", "csv", csvMedia, export.CoverageCSV(answer, false), nil)
	case model.ExportFormatGapsCSV:
		return file("gaps", "csv", csvMedia, export.CoverageCSV(answer, true), nil)
	case model.ExportFormatMappingsCSV:
		mappings, err := a.evidence(ctx)
		if err != nil {
			return nil, err
		}
		return file("mappings", "csv", csvMedia, export.MappingsCSV(answer, mappings), nil)
	case model.ExportFormatStix:
		mappings, err := a.evidence(ctx)
		if err != nil {
			return nil, err
		}
		if err := a.place.work.Spend(budget.Work, int64(len(mappings))*stixRow); err != nil {
			return nil, err
		}
		content, err := export.STIX(answer, mappings)
		return file("stix", "json", "application/stix+json;version=2.1", content, err)
	case model.ExportFormatOscalProfile:
		content, err := export.OSCALProfile(answer)
		return file("oscal-profile", "json", jsonMedia, content, err)
	case model.ExportFormatGapReportMarkdown:
		report, err := a.report(answer)
		if err != nil {
			return nil, err
		}
		content, err := report.Markdown()
		return file("gap-report", "md", "text/markdown; charset=utf-8", content, err)
	}
	report, err := a.report(answer)
	if err != nil {
		return nil, err
	}
	content, err := report.HTML()
	return file("gap-report", "html", "text/html; charset=utf-8", content, err)
}

// What documents take, in units of work: measured by BenchmarkExport.
const (
	cellWork = 80   // a technique's cell of one framework, in a layer or a report
	rowWork  = 700  // a mapping with its texts
	stixRow  = 2000 // a mapping as STIX, beside its texts
)

// spendOnCells takes the work of a document over the analysis.
func (a *analysis) spendOnCells() error {
	return a.place.work.Spend(budget.Work, int64(a.scope.Count()*(1+len(a.frameworks)))*cellWork)
}

const (
	jsonMedia = "application/json"
	csvMedia  = "text/csv; charset=utf-8"
)

// evidence gives the mappings behind the answer with their texts.
func (a *analysis) evidence(ctx context.Context) ([]export.Mapping, error) {
	rows, err := a.assessment.Evidence(a.place.work, a.scope)
	if err != nil {
		return nil, err
	}
	if err := a.place.work.Spend(budget.Work, int64(len(rows))*rowWork); err != nil {
		return nil, err
	}
	ids := make([]kg.MappingID, len(rows))
	for i, r := range rows {
		ids[i] = r.Row().ID
	}
	full, err := a.place.Request.Snapshot.Mappings(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]export.Mapping, len(rows))
	for i, r := range rows {
		list[i] = export.Mapping{AlignedRow: r, Row: r.Row()}
		if f, ok := full[ids[i]]; ok {
			list[i].Row = f.Row
		}
	}
	return list, nil
}

// mappingFiles gives each column's set as a mapping file.
func (a *analysis) mappingFiles(ctx context.Context) ([]*Document, error) {
	list := []*Document{}
	origin := a.answer().Origin
	for _, c := range a.assessment.Columns {
		if c.Body == nil {
			continue
		}
		rows, err := c.Chosen(a.place.work, a.scope)
		if err != nil {
			return nil, err
		}
		if err := a.place.work.Spend(budget.Work, int64(len(rows))*rowWork); err != nil {
			return nil, err
		}
		numbers := make([]int, len(rows))
		for i, r := range rows {
			numbers[i] = r.Number
		}
		set := c.Body.Set
		full, err := a.place.Request.Snapshot.Declarations(ctx, set.Key, numbers)
		if err != nil {
			return nil, err
		}
		for i, n := range numbers {
			if r, ok := full[n]; ok {
				rows[i] = r
			}
		}
		content, err := export.UnifiedJSON(origin, set, rows)
		if err != nil {
			return nil, err
		}
		name := strings.NewReplacer("/", "_", "@", "_attack-").Replace(set.Key.String()) + ".json"
		list = append(list, &Document{FileName: name, MediaType: jsonMedia, Content: string(content)})
	}
	return list, nil
}

// reportPicks is how many capabilities a report proposes to add.
const reportPicks = 10

// report adds to an answer what the loaded defences could add to it.
func (a *analysis) report(answer export.Answer) (*export.Report, error) {
	q := algebra.CoverQuestion{
		Frameworks: a.place.head().Defences(), Filter: a.question.Filter, Target: 1, Budget: reportPicks,
		Scope: a.assessment.Unmapped(a.scope),
	}
	next, err := a.place.View.Cover(a.place.work, q)
	if err != nil {
		return nil, err
	}
	o := export.ReportOptions{Next: next}
	for _, id := range q.Frameworks {
		o.NextFrom = append(o.NextFrom, a.place.frameworkOf(id).Name())
	}
	return export.NewReport(answer, o), nil
}
