package loader

import (
	"testing"
	"time"

	"github.com/mapgraph/mapgraph/internal/testcorpus"
)

func TestScratch(t *testing.T) {
	start := time.Now()
	ds, err := Load(t.Context(), testcorpus.Dir(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), ds.Generation)
	for _, f := range ds.Report.Files {
		t.Logf("%s k%d err=%v rows=%d caps=%d/%d tech=%d act=%d/%d dup=%d rep=%d conf=%d com=%d/%d refs=%d/%d mal=%d names=%d meta=%d dupkey=%d unk=%d lift=%v unres=%v obj=%d", f.Path, f.Kind, f.Error, f.Rows, f.Capabilities, f.CanonicalCapabilities, f.Techniques, f.ActiveTechniques, f.ReleaseTechniques, f.ExactDuplicates, f.RepeatedPairs, f.ScoreConflicts, f.CommentsAbsent, f.CommentsBlank, f.ReferencesAbsent, f.ReferencesEmpty, f.MalformedReferences, f.NameMismatches, f.MetadataMismatches, f.DuplicateKeys, f.UnknownKeys, f.Lifted, f.Unresolved, f.Objects)
		for _, n := range f.Notes {
			t.Logf("      %s x%d: %s %v", n.Code, n.Count, n.Message, n.Rows)
		}
	}
	t.Logf("%+v", ds.Report.Totals())
}
