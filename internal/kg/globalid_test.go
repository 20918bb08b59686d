package kg

import (
	"strings"
	"testing"
)

func TestGlobalIDs(t *testing.T) {
	release := ReleaseKey{Domain: Enterprise, Version: "16.1"}
	set := SetKey{Framework: "aws", Version: "12/12/2024", AttackVersion: "16.1", Domain: Enterprise}
	for want, id := range map[string]GlobalID{
		"technique:enterprise@16.1/T1552.007":        TechniqueID(release, "T1552.007"),
		"group:enterprise@16.1/G0016":                ObjectID(release, KindGroup, "G0016"),
		"detection-strategy:enterprise@16.1/DET0001": ObjectID(release, KindDetectionStrategy, "DET0001"),
		"framework:aws":                              FrameworkID("aws"),
		"capability:aws/aws_config":                  CapabilityRef{Framework: "aws", ID: "aws_config"}.GlobalID(),
		"capability:own/a/b:c@d":                     CapabilityRef{Framework: "own", ID: "a/b:c@d"}.GlobalID(),
		"set:aws/12.12.2024@16.1/enterprise":         set.GlobalID(),
		"mapping:0102ff000000000000000000":           MappingID{1, 2, 0xff}.GlobalID(),
		"release:enterprise@16.1":                    release.GlobalID(),
	} {
		if id.String() != want {
			t.Errorf("%+v is written %q, want %q", id, id, want)
		}
		if got, ok := ParseGlobalID(want); !ok || got != id {
			t.Errorf("%q is read as %+v, want %+v", want, got, id)
		}
	}
	for _, bad := range []string{"", "technique", "technique:", "technique:T1", "technique:mars@1/T1", "technique:enterprise@16.1", "Group:enterprise@16.1/G1",
		"nothing:enterprise@16.1/X1", "capability:aws", "capability:", "framework:", "framework:a/b", "set:", "mapping:", "release:enterprise"} {
		if id, ok := ParseGlobalID(bad); ok {
			t.Errorf("%q is read as %+v", bad, id)
		}
	}
}

func FuzzGlobalID(f *testing.F) {
	f.Add("technique:enterprise@16.1/T1552.007")
	f.Add("capability:own/a/b:c@d")
	f.Add("framework:aws/")
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := ParseGlobalID(s)
		if !ok {
			return
		}
		if again, ok := ParseGlobalID(id.String()); !ok || again != id {
			t.Fatalf("%q is read as %+v, written %q and read as %+v", s, id, id, again)
		}
		if !strings.HasPrefix(id.String(), id.Kind+":") {
			t.Fatalf("%q is written %q", s, id)
		}
	})
}
