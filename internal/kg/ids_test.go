package kg

import (
	"slices"
	"strings"
	"testing"
)

func TestCanonicalCapabilityID(t *testing.T) {
	for _, c := range []struct{ framework, in, want string }{
		{"nist_800_53", "AC-02(01)", "AC-2(1)"},
		{"nist_800_53", " ac-2 ", "AC-2"},
		{"nist_800_53", "SC-08", "SC-8"},
		{"nist_800_53", "AC-10", "AC-10"},
		{"nist_800_53", "AC-00", "AC-0"},
		{"veris", "Action.Hacking.Variety.Other", "action.hacking.variety.other"},
		{"csa_ccm", "A&A-01 ", "A&A-01"},
		{"aws", "AWS_Config", "AWS_Config"},
	} {
		if got := CanonicalCapabilityID(c.framework, c.in); got != c.want {
			t.Errorf("CanonicalCapabilityID(%q, %q) = %q, want %q", c.framework, c.in, got, c.want)
		}
		if twice := CanonicalCapabilityID(c.framework, c.want); twice != c.want {
			t.Errorf("%q is not its own canonical id: %q", c.want, twice)
		}
	}
}

func TestOrderKey(t *testing.T) {
	ids := []string{"AC-10", "AC-2(1)", "AC-2", "AC-20", "AC-2(10)", "AC-2(2)", "AU-1"}
	slices.SortFunc(ids, func(a, b string) int { return CapabilityRef{ID: a}.Compare(CapabilityRef{ID: b}) })
	want := []string{"AC-2", "AC-2(1)", "AC-2(2)", "AC-2(10)", "AC-10", "AC-20", "AU-1"}
	if !slices.Equal(ids, want) {
		t.Errorf("order %v, want %v", ids, want)
	}
	if got := OrderKey("CVE-1234567-8"); got != "CVE-1234567-000008" {
		t.Errorf("a run longer than six digits stays: %q", got)
	}
}

func TestKeysRoundTrip(t *testing.T) {
	k := ReleaseKey{Domain: ICS, Version: "16.1"}
	if got, err := ParseReleaseKey(k.String()); err != nil || got != k {
		t.Errorf("ParseReleaseKey(%q) = %v, %v", k, got, err)
	}
	for _, bad := range []string{"", "enterprise", "enterprise@", "mars@1.0", "@16.1"} {
		if _, err := ParseReleaseKey(bad); err == nil {
			t.Errorf("ParseReleaseKey(%q) succeeded", bad)
		}
	}
	set := SetKey{Framework: "aws", Version: "12/12/2024", AttackVersion: "16.1", Domain: Enterprise}
	if got := set.String(); got != "aws/12.12.2024@16.1/enterprise" {
		t.Errorf("SetKey.String() = %q", got)
	}
	id := MappingID{1, 2, 0xff}
	if got, err := ParseMappingID(id.String()); err != nil || got != id {
		t.Errorf("ParseMappingID(%q) = %v, %v", id, got, err)
	}
	for _, bad := range []string{"", "01", "zz0000000000000000000000"} {
		if _, err := ParseMappingID(bad); err == nil {
			t.Errorf("ParseMappingID(%q) succeeded", bad)
		}
	}
}

func FuzzCanonicalCapabilityID(f *testing.F) {
	f.Add("AC-02(01)")
	f.Add("action.Hacking.variety.Other")
	f.Fuzz(func(t *testing.T, id string) {
		for _, fw := range []string{"nist_800_53", "veris", "aws"} {
			once := CanonicalCapabilityID(fw, id)
			if twice := CanonicalCapabilityID(fw, once); twice != once {
				t.Fatalf("%s: canonical id of %q is %q, and of that %q", fw, id, once, twice)
			}
		}
	})
}

// TestTheTableOfFrameworks holds what others take for granted of the table.
func TestTheTableOfFrameworks(t *testing.T) {
	known := KnownFrameworks()
	if !slices.IsSortedFunc(known, func(a, b Framework) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("not by id: %v", known)
	}
	kinds := map[FrameworkKind]int{}
	for _, f := range known {
		kinds[f.Kind]++
		if f.ID == "" || f.Name == "" || f.Kind.String() == "" {
			t.Errorf("%+v", f)
		}
	}
	if kinds[VulnerabilityCatalog] != 1 || kinds[IncidentTaxonomy] != 1 || OSCALFramework.ID != "nist_800_53" {
		t.Errorf("%v, %v", kinds, OSCALFramework)
	}
	for _, id := range []string{ExploitedVulnerabilities, Incidents} {
		if !slices.ContainsFunc(known, func(f Framework) bool { return f.ID == id && !f.Kind.Defends() }) {
			t.Errorf("%s is not in the table, or a defence", id)
		}
	}
	if own := Undescribed("own"); own.Kind != ControlFramework || own.Name != "own" || TraitsOf("own").Tiers != nil {
		t.Errorf("%+v", own)
	}
}
