package facts

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
	"github.com/mapgraph/mapgraph/internal/test/golden"
	"github.com/mapgraph/mapgraph/loader"
)

func TestEditionIsCurrent(t *testing.T) {
	ds, err := loader.Load(t.Context(), corpus.Dir(t), loader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, ds); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), embedded) {
		t.Errorf("the corpus gives %d other bytes than the %d embedded; build it anew with `make facts`", b.Len(), len(embedded))
	}
}

func TestEditionHoldsTheNewestSets(t *testing.T) {
	ds, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(embedded) > 600_000 {
		t.Errorf("%d bytes are embedded", len(embedded))
	}
	var sets []string
	for _, s := range ds.Sets {
		sets = append(sets, s.Key.String())
	}
	want := []string{
		"aws/12.12.2024@16.1/enterprise", "azure/04.26.2025@16.1/enterprise", "cri_profile/v2.1@16.1/enterprise", "csa_ccm/4.1@17.1/enterprise",
		"gcp/03.06.2025@16.1/enterprise", "intel-vpro/08.20.2024@15.1/enterprise", "kev/07.28.2025@16.1/enterprise", "kev/07.28.2025@16.1/mobile",
		"m365/07.18.2025@16.1/enterprise", "nist_800_53/rev5@16.1/enterprise", "veris/1.4.0@16.1/enterprise", "veris/1.4.0@16.1/mobile", "veris/1.4.0@16.1/ics",
	}
	if d := cmp.Diff(want, sets); d != "" {
		t.Error(d)
	}
	if len(ds.Releases) != 12 || ds.Edition != kg.Facts || ds.Generation == "" {
		t.Errorf("%d releases, edition %d, generation %q", len(ds.Releases), ds.Edition, ds.Generation)
	}
}

// TestEditionHoldsNoSentences looks for what must not be carried over.
func TestEditionHoldsNoSentences(t *testing.T) {
	ds, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range ds.Sets {
		for _, ty := range s.Types {
			if ty.Description != "" {
				t.Errorf("%s: type %s has a description", s.Key, ty.ID)
			}
		}
		for i := range s.Rows {
			r := &s.Rows[i]
			if r.Comments != "" || r.SourceLabel != "" || r.Author != "" || len(r.Title) > 150 || s.Key.Framework == "veris" && r.Title != "" {
				t.Fatalf("%s row %d: %+v", s.Key, r.Number, r)
			}
			for _, ref := range r.References {
				if ref.Raw != ref.URL || ref.URL == "" {
					t.Fatalf("%s row %d: reference %+v", s.Key, r.Number, ref)
				}
			}
		}
	}
	for _, rel := range ds.Releases {
		for i := range rel.Techniques {
			if rel.Techniques[i].Description != "" {
				t.Fatalf("%s has a description", rel.Techniques[i].ID)
			}
		}
		for _, list := range rel.Objects {
			for i := range list {
				if list[i].Description != "" {
					t.Fatalf("%s has a description", list[i].ID)
				}
			}
		}
	}
	if len(ds.Catalogs) != 0 {
		t.Error("the catalogs' statements are texts")
	}
}

// TestTheDecodersVersionIsRaised fails when equal bytes become another dataset
// under the same version of the decoder: a database would keep what it has.
func TestTheDecodersVersionIsRaised(t *testing.T) {
	ds, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	ds.Generation = ""
	golden.Hold(t, "testdata/decoding.golden", golden.Versioned{
		Name: "embedded", Version: decoding, Source: "internal/facts/codec.go", Input: string(embedded), Output: ds,
	})
}

func TestRoundTrip(t *testing.T) {
	ds, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Encode(ds)
	if err != nil || !bytes.Equal(again, embedded) {
		t.Fatalf("%d bytes, %v; want the %d that were decoded", len(again), err, len(embedded))
	}
	twice, err := Decode(again)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ds, twice, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(ds.Sets, Reduce(ds).Sets, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("reducing again changes it: %s", d)
	}
}

func TestDamagedBytesAreRefused(t *testing.T) {
	for n := 0; n < len(embedded); n += 1 + len(embedded)/50 {
		if _, err := Decode(embedded[:n]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("cut at %d: %v", n, err)
		}
		bent := bytes.Clone(embedded)
		bent[n] ^= 0x40
		if _, err := Decode(bent); !errors.Is(err, ErrCorrupt) {
			t.Errorf("bent at %d: %v", n, err)
		}
	}
}

// FuzzPlain decodes arbitrary bytes behind the compression, which would catch
// most damage by itself.
func FuzzPlain(f *testing.F) {
	f.Add([]byte{1, 2, '{', '}', 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(_ *testing.T, plain []byte) {
		_, _ = decodePlain(plain)
	})
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}
