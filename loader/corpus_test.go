package loader

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

var loadCorpusOnce = sync.OnceValues(func() (*kg.Dataset, error) {
	return Load(context.Background(), corpusDir, Options{})
})

var corpusDir string

func loadedCorpus(tb testing.TB) *kg.Dataset {
	tb.Helper()
	corpusDir = corpus.Dir(tb)
	ds, err := loadCorpusOnce()
	if err != nil {
		tb.Fatal(err)
	}
	return ds
}

// published is what an independent count of the 33 published files found, one
// line a file: set, rows, capabilities as written, technique ids, mapped and
// active, active in the release, non-mappable techniques, non-mappable
// capabilities, exact duplicates, repeated pairs, value conflicts, comments
// absent and blank, references absent and empty, malformed references, names
// that differ from ATT&CK's, and ids without a place or with a successor.
const published = `
aws/12.12.2024@16.1/enterprise 497 30 215 214 656 0 10 0 14 0 11 10 0 227 0 6 T1053.001
aws/09.21.2021@9.0/enterprise 463 28 192 192 552 0 8 0 14 0 0 10 8 228 0 0 -
azure/04.26.2025@16.1/enterprise 972 38 412 411 656 0 0 0 26 1 2 0 0 0 1 0 T1053.001
azure/06.29.2021@8.2/enterprise 978 48 344 344 530 0 0 0 38 0 0 58 0 489 0 0 -
cri_profile/v2.1@16.1/enterprise 2152 60 430 430 656 0 0 0 0 0 0 0 0 2152 0 0 -
csa_ccm/4.1@17.1/enterprise 940 204 213 213 679 0 148 1 2 0 148 0 0 940 0 0 -
gcp/06.28.2022@10.0/enterprise 442 49 216 216 566 0 10 0 10 0 0 5 10 0 10 0 -
gcp/03.06.2025@16.1/enterprise 536 58 290 290 656 0 18 0 10 0 0 0 0 0 1 0 -
intel-vpro/08.20.2024@15.1/enterprise 261 6 158 158 637 0 0 0 61 6 0 0 0 0 25 0 -
kev/02.13.2025@15.1/enterprise 806 296 131 131 637 0 0 0 6 0 0 0 0 1 7 0 -
kev/02.13.2025@15.1/mobile 8 3 6 6 119 0 0 0 0 0 0 0 0 0 0 0 -
kev/07.28.2025@16.1/enterprise 1183 419 155 155 656 0 0 0 6 0 5 0 0 0 108 0 -
kev/07.28.2025@16.1/mobile 45 14 19 19 119 0 0 0 0 0 2 0 0 0 25 0 -
m365/12.11.2023@14.1/enterprise 518 34 119 119 625 0 0 5 37 1 0 0 0 5 21 0 -
m365/07.18.2025@16.1/enterprise 806 38 218 218 656 0 0 32 122 10 0 0 0 104 92 0 -
nist_800_53/rev4@10.1/enterprise 4692 104 400 400 566 0 0 0 0 0 0 4692 0 4692 0 0 -
nist_800_53/rev5@10.1/enterprise 4755 108 400 400 566 0 0 0 0 0 0 4755 0 4755 0 0 -
nist_800_53/rev4@12.1/enterprise 4865 110 427 427 594 0 0 0 0 0 0 4865 0 4865 0 11 -
nist_800_53/rev5@12.1/enterprise 4929 113 427 427 594 0 0 0 0 0 0 4929 0 4929 0 11 -
nist_800_53/rev4@14.1/enterprise 5061 111 533 449 625 89 0 1 1 0 5061 0 0 5061 0 0 -
nist_800_53/rev5@14.1/enterprise 5136 107 533 449 625 89 0 3 3 0 5136 0 0 5136 0 0 -
nist_800_53/rev5@16.1/enterprise 5410 109 566 469 656 96 0 50 50 0 5400 0 0 5410 0 0 T1521.003
nist_800_53/rev4@8.2/enterprise 4119 95 371 371 530 0 0 0 0 0 0 4119 0 4119 0 0 -
nist_800_53/rev5@8.2/enterprise 4191 101 371 371 530 0 0 0 0 0 0 4191 0 4191 0 0 -
nist_800_53/rev4@9.0/enterprise 4328 97 384 384 552 0 0 0 0 0 0 4328 0 4328 0 0 -
nist_800_53/rev5@9.0/enterprise 4378 102 384 384 552 0 0 0 0 0 0 4378 0 4378 0 0 -
veris/1.3.7@12.1/enterprise 1143 189 527 527 594 0 51 0 0 0 0 1143 51 1092 0 353 -
veris/1.3.7@12.1/ics 338 221 67 67 79 0 149 0 0 0 0 338 149 189 0 0 -
veris/1.3.7@12.1/mobile 375 198 105 105 107 0 132 0 0 0 0 375 132 243 0 44 -
veris/1.4.0@16.1/enterprise 1221 192 541 541 656 0 51 9 9 0 1221 0 0 1221 0 0 -
veris/1.4.0@16.1/ics 347 222 72 72 83 0 138 0 0 0 347 0 0 347 0 0 -
veris/1.4.0@16.1/mobile 399 194 117 117 119 0 123 1 1 0 399 0 0 399 0 0 -
veris/1.3.5@9.0/enterprise 1069 273 545 545 552 0 156 0 0 0 0 1069 156 913 0 370 -
`

func TestReportReproducesThePublishedCounts(t *testing.T) {
	ds := loadedCorpus(t)
	want := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(strings.TrimSpace(published)))
	for lines.Scan() {
		set, rest, _ := strings.Cut(lines.Text(), " ")
		want[set] = rest
	}
	seen := 0
	for i := range ds.Report.Files {
		f := &ds.Report.Files[i]
		if f.Set == nil {
			continue
		}
		seen++
		odd := []string{}
		for _, l := range f.Lifted {
			odd = append(odd, l.From)
		}
		for _, u := range f.Unresolved {
			odd = append(odd, u.From)
		}
		got := fmt.Sprint(f.Rows, f.Capabilities, f.Techniques, f.ActiveTechniques, f.ReleaseTechniques,
			f.NonMappableTechnique, f.NonMappableCapability, f.ExactDuplicates, f.RepeatedPairs, f.ScoreConflicts,
			f.CommentsAbsent, f.CommentsBlank, f.ReferencesAbsent, f.ReferencesEmpty, f.MalformedReferences, f.NameMismatches, " ",
			cmp.Or(strings.Join(odd, ","), "-"))
		if got = strings.Join(strings.Fields(got), " "); got != want[f.Set.String()] {
			t.Errorf("%s\n got %s\nwant %s", f.Set, got, want[f.Set.String()])
		}
	}
	if seen != len(want) || seen != 33 {
		t.Errorf("%d mapping files, want %d", seen, len(want))
	}
}

func TestCorpusInNumbers(t *testing.T) {
	ds := loadedCorpus(t)
	want := kg.RowCounts{Rows: 67363, Mapped: 66094, NonMappableCapability: 994, NonMappableTechnique: 274, Incomplete: 1, ExactDuplicates: 102}
	if got := ds.Report.Totals(); got != want {
		t.Errorf("totals %+v, want %+v", got, want)
	}
	if n := ds.Report.Refused(); n != 0 {
		t.Errorf("%d files refused", n)
	}
	sum := kg.FileReport{}
	for _, f := range ds.Report.Files {
		sum.RepeatedPairs += f.RepeatedPairs
		sum.ScoreConflicts += f.ScoreConflicts
		sum.CommentsAbsent += f.CommentsAbsent
		sum.CommentsBlank += f.CommentsBlank
		sum.ReferencesAbsent += f.ReferencesAbsent
		sum.ReferencesEmpty += f.ReferencesEmpty
		sum.MalformedReferences += f.MalformedReferences
		sum.MetadataMismatches += f.MetadataMismatches
		sum.DuplicateKeys += f.DuplicateKeys
	}
	got := []int{sum.RepeatedPairs, sum.ScoreConflicts, sum.CommentsAbsent, sum.CommentsBlank, sum.ReferencesAbsent, sum.ReferencesEmpty, sum.MalformedReferences, sum.MetadataMismatches, sum.DuplicateKeys}
	if want := []int{410, 18, 17732, 39265, 506, 60414, 290, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("sums %v, want %v", got, want)
	}
	if len(ds.Frameworks) != 10 || len(ds.Sets) != 33 || len(ds.Releases) != 30 || len(ds.Catalogs) != 2 || len(ds.Baselines) != 3 || len(ds.Priorities) != 625 {
		t.Errorf("%d frameworks, %d sets, %d releases, %d catalogs, %d baselines, %d priorities",
			len(ds.Frameworks), len(ds.Sets), len(ds.Releases), len(ds.Catalogs), len(ds.Baselines), len(ds.Priorities))
	}
}

func TestMappingIDsAreUnique(t *testing.T) {
	ids := map[kg.MappingID]bool{}
	for _, s := range loadedCorpus(t).Sets {
		for i := range s.Rows {
			if ids[s.Rows[i].ID] {
				t.Fatalf("%s row %d: id %s occurs twice", s.Key, s.Rows[i].Number, s.Rows[i].ID)
			}
			ids[s.Rows[i].ID] = true
		}
	}
}

// TestReferencesOfTheCorpusAreRepaired knows one address that no rule mends: a
// word stands behind it.
func TestReferencesOfTheCorpusAreRepaired(t *testing.T) {
	n := 0
	for _, s := range loadedCorpus(t).Sets {
		for i := range s.Rows {
			for _, ref := range s.Rows[i].References {
				n++
				if malformed(strings.TrimSuffix(ref.URL, " licensing")) {
					t.Errorf("%s row %d: %q", s.Key, s.Rows[i].Number, ref.URL)
				}
			}
		}
	}
	if n < 10_000 {
		t.Errorf("only %d references", n)
	}
}

func TestActiveTechniquesOfTheReleases(t *testing.T) {
	ds := loadedCorpus(t)
	got := map[string]int{}
	for _, rel := range ds.Releases {
		for _, tech := range rel.Techniques {
			if tech.Status == kg.Active {
				got[rel.Key.String()]++
			}
		}
	}
	for key, want := range map[string]int{
		"enterprise@8.2": 530, "enterprise@9.0": 552, "enterprise@10.0": 566, "enterprise@10.1": 566, "enterprise@12.1": 594,
		"enterprise@14.1": 625, "enterprise@15.1": 637, "enterprise@16.1": 656, "enterprise@17.1": 679,
		"mobile@12.1": 107, "mobile@15.1": 119, "mobile@16.1": 119, "ics@12.1": 79, "ics@16.1": 83,
	} {
		if got[key] != want {
			t.Errorf("%s has %d active techniques, want %d", key, got[key], want)
		}
	}
}

func TestUncataloguedControlIsReported(t *testing.T) {
	var found []string
	for _, f := range loadedCorpus(t).Report.Files {
		for _, n := range f.Notes {
			if n.Code == "NOT_IN_CATALOG" {
				found = append(found, f.Set.String()+" "+n.Message)
			}
		}
	}
	if len(found) != 1 || !strings.HasPrefix(found[0], "nist_800_53/rev5@16.1/enterprise ") || !strings.HasSuffix(found[0], ": IA-13") {
		t.Errorf("uncatalogued: %q", found)
	}
}

func TestBaselinesJoinTheMappings(t *testing.T) {
	ds := loadedCorpus(t)
	mapped := map[string]bool{}
	for _, s := range ds.Sets {
		if s.Key.Framework == "nist_800_53" {
			for _, c := range kg.CapabilitiesOf(s) {
				mapped[c.Ref.ID] = true
			}
		}
	}
	for i, want := range []struct {
		name     string
		controls int
	}{{"LOW", 149}, {"MODERATE", 287}, {"HIGH", 370}} {
		b := ds.Baselines[i]
		joined := 0
		for _, id := range b.Controls {
			if mapped[id] {
				joined++
			}
		}
		if b.Name != want.name || len(b.Controls) != want.controls || joined < 50 {
			t.Errorf("baseline %s has %d controls, %d of them mapped; want %s with %d", b.Name, len(b.Controls), joined, want.name, want.controls)
		}
	}
}

// TestLoadDoesNotDependOnParallelism loads the mapping sets one by one and many at once.
func TestLoadDoesNotDependOnParallelism(t *testing.T) {
	dir := corpus.Dir(t) + "/mappings"
	var generations []string
	var reports []string
	for _, n := range []int{1, 8} {
		ds, err := Load(t.Context(), dir, Options{Parallel: n})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := WriteReportJSON(&b, ds.Report); err != nil {
			t.Fatal(err)
		}
		for _, s := range ds.Sets {
			fmt.Fprintln(&b, s.Key, len(s.Rows), s.Rows[0].ID)
		}
		generations, reports = append(generations, ds.Generation), append(reports, b.String())
	}
	if generations[0] != generations[1] || reports[0] != reports[1] {
		t.Error("the result depends on how many files are read at once")
	}
}

// BenchmarkMappingSets measures the 33 mapping files alone, on one core.
func BenchmarkMappingSets(b *testing.B) {
	dir := corpus.Dir(b) + "/mappings"
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	b.ReportAllocs()
	for b.Loop() {
		ds, err := Load(b.Context(), dir, Options{Parallel: 1})
		if err != nil || len(ds.Sets) != 33 {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad measures the 33 mapping files with ATT&CK enterprise 16.1 on
// one core, and the whole corpus on all.
func BenchmarkLoad(b *testing.B) {
	dir := corpus.Dir(b)
	b.Run("mappings+16.1/1core", func(b *testing.B) {
		old := runtime.GOMAXPROCS(1)
		defer runtime.GOMAXPROCS(old)
		only := onlyFS{os.DirFS(dir), func(p string) bool {
			return strings.HasPrefix(p, "mappings") || p == "attack" || p == "attack/enterprise-attack-16.1.json.gz"
		}}
		b.ReportAllocs()
		for b.Loop() {
			ds, err := LoadFS(b.Context(), only, Options{Parallel: 1})
			if err != nil || len(ds.Sets) != 33 || len(ds.Releases) != 1 {
				b.Fatal(err)
			}
		}
	})
	b.Run("corpus", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Load(b.Context(), dir, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
