package node

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/mapgraph/mapgraph/export"
	"github.com/mapgraph/mapgraph/graph/model"
)

// JSON is a document of another tool's format.
type JSON struct{ value any }

// MarshalGQL writes the document.
func (j JSON) MarshalGQL(w io.Writer) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(j.value) // what is written are plain structs
}

// UnmarshalGQL is there because the executor asks for it; no argument is JSON.
func (*JSON) UnmarshalGQL(any) error { return badInput("JSON is only ever answered") }

var layerKinds = map[model.LayerKind]export.LayerKind{
	model.LayerKindCoverage: export.CoverageLayer,
	model.LayerKindGaps:     export.GapsLayer,
}

// NavigatorLayer answers Query.navigatorLayer.
func (p *Place) NavigatorLayer(ask Ask, kind *model.LayerKind) (*JSON, error) {
	a, err := p.analyse(ask)
	if err != nil {
		return nil, err
	}
	o := export.LayerOptions{Scope: a.scope, Generation: p.head().Generation}
	what := "Coverage"
	if kind != nil {
		o.Kind = layerKinds[*kind]
		if o.Kind == export.GapsLayer {
			what = "Gaps"
		}
	}
	var names []string
	for _, f := range a.frameworks {
		names = append(names, f.Name())
	}
	if len(names) == 0 {
		names = []string{"nothing"}
	}
	o.Name = what + " of " + strings.Join(names, ", ") + " in ATT&CK " + p.release().Version
	return &JSON{export.NavigatorLayer(a.assessment, o)}, nil
}
