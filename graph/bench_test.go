package graph_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

var defences = []string{"aws", "azure", "cri_profile", "csa_ccm", "gcp", "intel-vpro", "m365", "nist_800_53"}

// BenchmarkAlgebra measures analyses of enterprise 16.1 before encoding.
func BenchmarkAlgebra(b *testing.B) {
	ds, err := factsOnce()
	if err != nil {
		b.Fatal(err)
	}
	s, err := memory.New(ds).Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	v, err := s.View(b.Context(), store.DefaultView(s.Head(), kg.ReleaseKey{Domain: kg.Enterprise, Version: "16.1"}, nil))
	if err != nil {
		b.Fatal(err)
	}
	scope := algebra.AllBits(len(v.Frame.Universe))
	b.Run("overlap of three", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a, err := v.Assess(nil, algebra.Question{Frameworks: []string{"aws", "azure", "gcp"}})
			if err != nil {
				b.Fatal(err)
			}
			if o, err := a.Overlap(nil, scope); err != nil || len(o.All.Techniques) != 131 {
				b.Fatal(len(o.All.Techniques), err)
			}
		}
	})
	b.Run("gaps of eight", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if a, err := v.Assess(nil, algebra.Question{Frameworks: defences}); err != nil || len(a.Gaps(scope)) != 59 {
				b.Fatal(len(a.Gaps(scope)), err)
			}
		}
	})
	b.Run("crosswalk of NIST and AWS", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			q := algebra.CrosswalkQuestion{From: "nist_800_53", To: "aws", Scope: scope, First: 50}
			if x, err := v.Crosswalk(nil, q); err != nil || x.Total != 954 {
				b.Fatal(x.Total, err)
			}
		}
	})
	b.Run("greedy cover of NIST", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c, err := v.Cover(nil, algebra.CoverQuestion{Frameworks: []string{"nist_800_53"}, Scope: scope, Target: 1}); err != nil || len(c.Picks) != 13 {
				b.Fatal(len(c.Picks), err)
			}
		}
	})
	b.Run("smallest cover of NIST", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			q := algebra.CoverQuestion{Frameworks: []string{"nist_800_53"}, Scope: scope, Target: 1}
			if c, err := v.SmallestCover(nil, q, algebra.ExactWork); err != nil || !c.Proven {
				b.Fatal("not proven", err)
			}
		}
	})
	b.Run("a view of ten sets", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s, err := memory.New(ds).Snapshot(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.View(b.Context(), store.DefaultView(s.Head(), kg.ReleaseKey{Domain: kg.Enterprise, Version: "16.1"}, nil)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkHTTP measures whole requests, without a network.
func BenchmarkHTTP(b *testing.B) {
	a := factsAPI(b)
	const cell = `technique{attackId name} state coverage{framework{frameworkId} state capabilityCount}`
	for name, query := range map[string]string{
		"a technique":        `{technique(attackId:"T1552.007",view:{attackVersion:"16.1"}){attackId name tactics{shortName}}}`,
		"a technique's page": `{technique(attackId:"T1552.007",view:{attackVersion:"16.1"}){attackId name mappings(first:100){totalCount nodes{mappingType{id} scoreCategory scoreValue comments references{url} capability{capabilityId name framework{frameworkId name}}}}}}`,
		"overlap of three":   `{overlap(frameworks:["aws","azure","gcp"],view:{attackVersion:"16.1"}){all{totalCount techniques(first:1000){nodes{technique{attackId} byFramework{capabilities{capabilityId}}}}}}}`,
		"gaps of NIST":       `{gaps(frameworks:["nist_800_53"],view:{attackVersion:"16.1"},first:1000){totalCount nodes{technique{attackId name} state}}}`,
		"matrix 656 by 8":    `{matrix(view:{attackVersion:"16.1"}){tactics{tactic{name} techniques{` + cell + ` subtechniques{` + cell + `}}}}}`,
	} {
		b.Run(name, func(b *testing.B) {
			body := []byte(`{"query":` + quote(query) + `}`)
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				a.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK || bytes.Contains(w.Body.Bytes(), []byte(`"errors"`)) {
					b.Fatalf("%d %.300s", w.Code, w.Body)
				}
			}
		})
	}
}

// BenchmarkDiff compares the two largest sets of one framework.
func BenchmarkDiff(b *testing.B) {
	corpusDir = corpus.Dir(b)
	ds, err := corpusOnce()
	if err != nil {
		b.Fatal(err)
	}
	s, err := memory.New(ds).Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	body := func(id string) *algebra.Body {
		set := s.Head().Set(id).Set.Key
		v, err := s.View(b.Context(), store.ViewKey{Release: kg.ReleaseKey{Domain: kg.Enterprise, Version: "16.1"}, Sets: []kg.SetKey{set}})
		if err != nil {
			b.Fatal(err)
		}
		return v.Body(set.Framework)
	}
	before, after := body("nist_800_53/rev5@14.1/enterprise"), body("nist_800_53/rev5@16.1/enterprise")
	b.ReportAllocs()
	for b.Loop() {
		if d, err := algebra.DiffMappings(nil, before, after, true); err != nil || len(d.Added) == 0 {
			b.Fatal("nothing was added", err)
		}
	}
}

// BenchmarkExport measures each format of every defence of enterprise 16.1, over
// HTTP, with comments and references.
func BenchmarkExport(b *testing.B) {
	a := corpusAPI(b)
	for _, format := range []string{"NAVIGATOR_COVERAGE", "COVERAGE_CSV", "MAPPINGS_CSV", "UNIFIED_JSON", "STIX", "OSCAL_PROFILE", "GAP_REPORT_MARKDOWN", "GAP_REPORT_HTML"} {
		query := `{export(format:` + format + `,view:{attackVersion:"16.1"}){content}}`
		b.Run(format, func(b *testing.B) {
			size := len(a.post(query, nil).raw)
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				if got := a.post(query, nil); len(got.raw) != size {
					b.Fatal(got.raw[:200])
				}
			}
		})
	}
}
