package kg

import (
	"slices"
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

func TestVersionsCompare(t *testing.T) {
	ascending := [][]string{
		{"8.2", "9.0", "10.0", "10.1", "12.1", "14.1", "18.1"},
		{"rev4", "rev5", "rev10"},
		{"1.3.5", "1.3.7", "1.4.0", "1.10"},
		{"06/28/2022", "12.11.2023", "12/12/2024", "2/13/2025", "07/28/2025"},
		{"v2.1", "v2.2", "v10.0"},
	}
	for i, list := range ascending {
		compare := CompareFrameworkVersions
		if i == 0 {
			compare = CompareVersions
		}
		for a := range list {
			for b := range list {
				if got, want := sign(compare(list[a], list[b])), sign(a-b); got != want {
					t.Errorf("compare(%q, %q) = %d, want %d", list[a], list[b], got, want)
				}
			}
		}
	}
	if !SameFrameworkVersion("7/28/2025", "07.28.2025") || SameFrameworkVersion("7/28/2025", "2/13/2025") || !SameFrameworkVersion("rev5", "rev5") {
		t.Error("SameFrameworkVersion")
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
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

func FuzzVersions(f *testing.F) {
	f.Add("12/12/2024", "rev5", "1.4.0")
	f.Add("9.0", "10.0", "10.1")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, compare := range []func(string, string) int{CompareVersions, CompareFrameworkVersions} {
			if sign(compare(a, b)) != -sign(compare(b, a)) {
				t.Fatalf("compare(%q, %q) is not antisymmetric", a, b)
			}
			if compare(a, a) != 0 {
				t.Fatalf("%q differs from itself", a)
			}
		}
		_ = c
		for _, fw := range []string{"nist_800_53", "veris", "aws"} {
			once := CanonicalCapabilityID(fw, a)
			if twice := CanonicalCapabilityID(fw, once); twice != once {
				t.Fatalf("%s: canonical id of %q is %q, and of that %q", fw, a, once, twice)
			}
		}
	})
}
