package loader

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/test/corpus"
)

// attackGolden is what a reader that shares no code with this one finds in the
// published releases. Digest covers every field of every technique, tactic,
// object and link.
var attackGolden = []struct {
	release                     string
	active, revoked, deprecated int
	tactics, objects            int
	groupUses, links            int
	digest                      string
}{
	{"enterprise@8.2", 530, 129, 11, 14, 822, 1898, 8290, "2fbb61ec8f6d7303"},
	{"enterprise@9.0", 552, 129, 11, 14, 884, 2390, 9784, "be49b2d7afe47006"},
	{"enterprise@10.0", 566, 129, 12, 14, 1093, 2680, 12951, "61b149d625db9cd3"},
	{"enterprise@10.1", 566, 129, 12, 14, 1093, 2680, 12944, "11e50584b0bc8b20"},
	{"enterprise@12.1", 594, 131, 12, 14, 1196, 3040, 15382, "209c5a4bf210f9e3"},
	{"enterprise@14.1", 625, 131, 12, 14, 1244, 3232, 16744, "bc18a6ac4973ad6a"},
	{"enterprise@15.1", 637, 131, 12, 14, 1285, 3387, 17430, "0231bd9e0fac6ee6"},
	{"enterprise@16.1", 656, 131, 12, 14, 1336, 3769, 18676, "21b4a2427b816d67"},
	{"enterprise@17.1", 679, 132, 12, 14, 1401, 4046, 19907, "f4e2a780e52fd15d"},
	{"enterprise@18.1", 691, 132, 12, 14, 3871, 4362, 21170, "274798a765d818e3"},
	{"mobile@8.2", 86, 17, 1, 14, 92, 4, 776, "76c35fdb3a8055b6"},
	{"mobile@9.0", 89, 17, 1, 14, 111, 21, 1032, "4273d6f84a4c19ff"},
	{"mobile@10.0", 92, 17, 1, 14, 112, 21, 1061, "5f4add1a413a8c43"},
	{"mobile@10.1", 92, 17, 1, 14, 112, 21, 1061, "e87e7aa742e5e5eb"},
	{"mobile@12.1", 107, 53, 15, 14, 114, 16, 969, "3113024c198862bb"},
	{"mobile@14.1", 114, 53, 15, 14, 152, 18, 1419, "2b53a29b4c479dc6"},
	{"mobile@15.1", 119, 53, 15, 14, 165, 26, 1564, "4ad03ce50e091d9a"},
	{"mobile@16.1", 119, 53, 15, 14, 165, 27, 1563, "4300b8ca34be800b"},
	{"mobile@17.1", 121, 53, 14, 14, 175, 29, 1687, "30d1ea0765d92c59"},
	{"mobile@18.1", 124, 53, 13, 14, 516, 31, 1923, "6b88a1c82a0aab1d"},
	{"ics@8.2", 81, 0, 0, 11, 76, 28, 492, "b48ab1bb684d5d0d"},
	{"ics@9.0", 79, 0, 10, 12, 79, 49, 515, "ae7fd121e0aa32be"},
	{"ics@10.0", 78, 0, 12, 12, 79, 53, 509, "96b2d7c884781604"},
	{"ics@10.1", 78, 0, 12, 12, 79, 53, 509, "96b2d7c884781604"},
	{"ics@12.1", 79, 0, 12, 12, 147, 35, 779, "9a73e30ba84b0f6a"},
	{"ics@14.1", 81, 0, 12, 12, 152, 22, 830, "d23ef7ea5c17e54e"},
	{"ics@15.1", 83, 0, 12, 12, 156, 20, 860, "4acc0d372bfc548f"},
	{"ics@16.1", 83, 0, 12, 12, 157, 20, 867, "de36efed01538ed7"},
	{"ics@17.1", 83, 0, 12, 12, 159, 20, 877, "d01562cc00f93dae"},
	{"ics@18.1", 83, 0, 12, 12, 324, 20, 768, "4eff9e12c2db3adf"},
}

func TestAttackBundleCorpus(t *testing.T) {
	for _, want := range attackGolden {
		t.Run(want.release, func(t *testing.T) {
			rel, _ := corpusRelease(t, want.release)
			if got := rel.Key.String(); got != want.release {
				t.Errorf("key = %s", got)
			}
			status := map[kg.Status]int{}
			for _, x := range rel.Techniques {
				status[x.Status]++
			}
			checkEqual(t, "active", status[kg.Active], want.active)
			checkEqual(t, "revoked", status[kg.Revoked], want.revoked)
			checkEqual(t, "deprecated", status[kg.Deprecated], want.deprecated)
			checkEqual(t, "tactics", len(rel.Tactics), want.tactics)
			objects, links := 0, 0
			for _, o := range rel.Objects {
				objects += len(o)
			}
			for _, l := range rel.Links {
				links += len(l)
			}
			checkEqual(t, "objects", objects, want.objects)
			checkEqual(t, "group uses", len(rel.Links[kg.GroupUsesTechnique]), want.groupUses)
			checkEqual(t, "links", links, want.links)
			checkEqual(t, "digest", releaseDigest(rel), want.digest)
			checkRelease(t, rel)
		})
	}
}

func TestAttackBundleCorpusFacts(t *testing.T) {
	enterprise, rep := corpusRelease(t, "enterprise@16.1")
	mobile, _ := corpusRelease(t, "mobile@16.1")

	checkEqual(t, "objects", rep.Objects, 21315)
	align := algebra.NewAligner(enterprise, []*kg.Release{mobile})
	if to, _ := align.Align("T1053.001"); to != "T1053.002" {
		t.Errorf("T1053.001 is lifted to %q", to)
	}
	if _, reason := align.Align("T1521.003"); reason != kg.UnresolvedOtherDomain {
		t.Errorf("T1521.003 is unresolved for reason %d", reason)
	}
	at := findTechnique(enterprise, "T1053.001")
	checkEqual(t, "parent of a revoked sub-technique without relationship", at.Parent, "T1053")
	checkEqual(t, "notes", noteCodes(rep), "PARENT_FROM_ID:2")

	// The file does not order these as the matrix does.
	checkEqual(t, "tactics of T1078", strings.Join(findTechnique(enterprise, "T1078").Tactics, " "),
		"initial-access persistence privilege-escalation defense-evasion")
	checkEqual(t, "first tactic", enterprise.Tactics[0].ID, "TA0043")
	checkEqual(t, "last tactic", enterprise.Tactics[13].ID, "TA0040")
	// The mobile release keeps two tactics of a matrix that was given up.
	var gone []string
	for _, o := range mobile.Tactics {
		if o.Status != kg.Active {
			gone = append(gone, o.ID)
		}
	}
	checkEqual(t, "tactics given up", strings.Join(gone, " "), "TA0038 TA0039")
	checkEqual(t, "last tactic of mobile", mobile.Tactics[13].ID, "TA0039")
	for _, c := range enterprise.Objects[kg.KindDataComponent] {
		if c.ID != c.StixID || !strings.HasPrefix(c.ID, "x-mitre-data-component--") {
			t.Fatalf("data component %q of 16.1 should stand under its STIX id", c.ID)
		}
	}
}

func TestAttackBundleTwoLiveMatrices(t *testing.T) {
	mobile, _ := corpusRelease(t, "mobile@8.2")
	checkEqual(t, "first tactic", mobile.Tactics[0].ShortName, "initial-access")
	checkEqual(t, "last tactics", mobile.Tactics[12].ShortName+" "+mobile.Tactics[13].ShortName, "network-effects remote-service-effects")
}

// stix is a STIX object as a test writes it.
type stix map[string]any

// with gives a copy with further members.
func (s stix) with(more stix) stix {
	c := maps.Clone(s)
	maps.Copy(c, more)
	return c
}

func attackObject(typ, id string) stix {
	return stix{"type": typ, "id": typ + "--" + id, "name": "Name of " + id,
		"external_references": []stix{{"source_name": "other", "external_id": "X1"}, {"source_name": "mitre-attack", "external_id": id, "url": "https://example.com/" + id}}}
}

func attackPattern(id string) stix { return attackObject("attack-pattern", id) }

func relate(from stix, relationship string, to stix) stix {
	return stix{"type": "relationship", "id": "relationship--0", "relationship_type": relationship,
		"source_ref": from["id"], "target_ref": to["id"], "description": "not kept"}
}

func bundleJSON(tb testing.TB, objects ...stix) string {
	tb.Helper()
	doc, err := json.Marshal(stix{"type": "bundle", "id": "bundle--0", "objects": objects})
	if err != nil {
		tb.Fatal(err)
	}
	return string(doc)
}

func readBundle(tb testing.TB, objects ...stix) (*kg.Release, *kg.FileReport) {
	tb.Helper()
	return readBundleText(tb, bundleJSON(tb, objects...))
}

func readBundleText(tb testing.TB, doc string) (*kg.Release, *kg.FileReport) {
	tb.Helper()
	rep := &kg.FileReport{}
	rel, err := readAttackBundle(openText(tb, "enterprise-attack-1.0.json", doc), rep)
	if err != nil {
		tb.Fatal(err)
	}
	checkRelease(tb, rel)
	return rel, rep
}

var (
	revoked    = stix{"revoked": true}
	deprecated = stix{"x_mitre_deprecated": true}
)

func TestAttackStatus(t *testing.T) {
	rel, _ := readBundle(t, attackPattern("T4").with(revoked).with(deprecated), attackPattern("T3").with(deprecated),
		attackPattern("T2").with(revoked), attackPattern("T1").with(stix{"revoked": false, "x_mitre_deprecated": nil}))
	want := map[string]kg.Status{"T1": kg.Active, "T2": kg.Revoked, "T3": kg.Deprecated, "T4": kg.Revoked}
	got := map[string]kg.Status{}
	for _, x := range rel.Techniques {
		got[x.ID] = x.Status
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	checkEqual(t, "url", rel.Techniques[0].URL, "https://example.com/T1")
}

func TestAttackSuccessors(t *testing.T) {
	t1, t2, t3, t4 := attackPattern("T1").with(revoked), attackPattern("T2").with(revoked), attackPattern("T3"), attackPattern("T4")
	g1, g2 := attackObject("intrusion-set", "G1").with(revoked), attackObject("intrusion-set", "G2")
	tests := map[string]struct {
		objects []stix
		want    string // successor of T1
		notes   string
	}{
		"chain":                  {[]stix{t1, t2, t3, relate(t1, "revoked-by", t2), relate(t2, "revoked-by", t3)}, "T2", ""},
		"cycle":                  {[]stix{t1, t2, relate(t1, "revoked-by", t2), relate(t2, "revoked-by", t1)}, "T2", ""},
		"itself":                 {[]stix{t1, relate(t1, "revoked-by", t1)}, "", ""},
		"relationship first":     {[]stix{relate(t1, "revoked-by", t3), t3, t1}, "T3", ""},
		"active one of several":  {[]stix{t1, t2, t3, t4, relate(t1, "revoked-by", t2), relate(t1, "revoked-by", t4), relate(t1, "revoked-by", t3)}, "T3", "SEVERAL_SUCCESSORS:1"},
		"told twice":             {[]stix{t1, t3, relate(t1, "revoked-by", t3), relate(t1, "revoked-by", t3)}, "T3", ""},
		"dead relationship":      {[]stix{t1, t3, relate(t1, "revoked-by", t3).with(deprecated)}, "", ""},
		"not revoked":            {[]stix{attackPattern("T1"), t3, relate(t1, "revoked-by", t3)}, "", "SUCCESSOR_OF_UNREVOKED:1"},
		"successor missing":      {[]stix{t1, relate(t1, "revoked-by", t3)}, "", "DANGLING_REFERENCE:1"},
		"successor of no id":     {[]stix{t1, relate(t1, "revoked-by", stix{})}, "", "MALFORMED_RELATIONSHIP:1"},
		"group for a technique":  {[]stix{t1, g2, relate(t1, "revoked-by", g2)}, "", "UNREAD_RELATIONSHIP:1"},
		"among groups as well":   {[]stix{t1, g1, g2, relate(g1, "revoked-by", g2)}, "", ""},
		"deprecated one is kept": {[]stix{t1, t3.with(deprecated), relate(t1, "revoked-by", t3)}, "T3", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rel, rep := readBundle(t, test.objects...)
			checkEqual(t, "successor", findTechnique(rel, "T1").RevokedBy, test.want)
			checkEqual(t, "notes", noteCodes(rep), test.notes)
			if groups := rel.Objects[kg.KindGroup]; len(groups) == 2 {
				checkEqual(t, "successor of G1", groups[0].RevokedBy, "G2")
			}
		})
	}
}

func TestAttackSharedID(t *testing.T) {
	object := func(stixID string, state stix) stix {
		return attackPattern("T1").with(state).with(stix{"id": stixID})
	}
	tests := map[string]struct {
		objects []stix
		want    string
	}{
		"active before revoked":      {[]stix{object("a", revoked), object("b", nil), object("c", deprecated)}, "b"},
		"revoked before deprecated":  {[]stix{object("a", deprecated), object("b", revoked)}, "b"},
		"active ones by STIX id":     {[]stix{object("c", nil), object("b", nil)}, "b"},
		"versions of one by date":    {[]stix{object("a", stix{"modified": "2024"}), object("a", stix{"modified": "2025", "revoked": true}), object("a", stix{"modified": "2023"})}, "a"},
		"versions of one, same date": {[]stix{object("a", nil), object("a", revoked)}, "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rel, rep := readBundle(t, test.objects...)
			checkEqual(t, "techniques", len(rel.Techniques), 1)
			checkEqual(t, "standing", rel.Techniques[0].StixID, test.want)
			checkEqual(t, "noted", rep.Notes[0].Count, len(test.objects)-1)
			if name == "versions of one by date" {
				checkEqual(t, "status", rel.Techniques[0].Status, kg.Revoked)
			}
			if name == "versions of one, same date" {
				checkEqual(t, "status", rel.Techniques[0].Status, kg.Active)
			}
		})
	}
	t.Run("links of both", func(t *testing.T) {
		group := attackObject("intrusion-set", "G1")
		other, dead := object("a", nil), object("c", revoked)
		rel, _ := readBundle(t, object("b", nil), other, dead, group, relate(group, "uses", other), relate(group, "uses", dead))
		checkEqual(t, "links", len(rel.Links[kg.GroupUsesTechnique]), 1)
	})
}

func TestAttackParents(t *testing.T) {
	sub := stix{"x_mitre_is_subtechnique": true}
	t1, t2, t11 := attackPattern("T1"), attackPattern("T2"), attackPattern("T1.001").with(sub)
	tests := map[string]struct {
		objects []stix
		want    string // parent of the first object
		notes   string
	}{
		"relationship":                {[]stix{t11, t1, relate(t11, "subtechnique-of", t1)}, "T1", ""},
		"none":                        {[]stix{t1}, "", ""},
		"id stands in":                {[]stix{t11, t1}, "T1", "PARENT_FROM_ID:1"},
		"dead relationship":           {[]stix{t11, t1, relate(t11, "subtechnique-of", t1).with(revoked)}, "T1", "PARENT_FROM_ID:1"},
		"id without such a technique": {[]stix{t11, t2}, "", "PARENT_MISMATCH:1"},
		"flag without dot":            {[]stix{t2.with(sub), t1}, "", "PARENT_MISMATCH:1"},
		"dot without flag":            {[]stix{attackPattern("T1.001"), t1}, "", "PARENT_MISMATCH:1"},
		"relationship without flag":   {[]stix{attackPattern("T1.001"), t1, relate(t11, "subtechnique-of", t1)}, "T1", "PARENT_MISMATCH:1"},
		"relationship against id":     {[]stix{t11, t1, t2, relate(t11, "subtechnique-of", t2)}, "T2", "PARENT_MISMATCH:1"},
		"several":                     {[]stix{t11, t2, t1, relate(t11, "subtechnique-of", t2), relate(t11, "subtechnique-of", t1)}, "T1", "PARENT_MISMATCH:1"},
		"itself":                      {[]stix{t11, relate(t11, "subtechnique-of", t11)}, "", "PARENT_MISMATCH:1"},
		"deprecated parent":           {[]stix{t11, t1.with(deprecated), relate(t11, "subtechnique-of", t1)}, "T1", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rel, rep := readBundle(t, test.objects...)
			i := slices.IndexFunc(rel.Techniques, func(x kg.Technique) bool { return x.StixID == test.objects[0]["id"] })
			checkEqual(t, "parent", rel.Techniques[i].Parent, test.want)
			checkEqual(t, "notes", noteCodes(rep), test.notes)
		})
	}
}

func tactic(id, short string) stix {
	return attackObject("x-mitre-tactic", id).with(stix{"x_mitre_shortname": short})
}

func tacticMatrix(id string, tactics ...stix) stix {
	var refs []any
	for _, o := range tactics {
		refs = append(refs, o["id"])
	}
	return stix{"type": "x-mitre-matrix", "id": id, "tactic_refs": refs}
}

func TestAttackTactics(t *testing.T) {
	a, b, c, d := tactic("TA1", "a"), tactic("TA2", "b"), tactic("TA3", "c"), tactic("TA4", "d")
	technique := attackPattern("T1").with(stix{"kill_chain_phases": []stix{
		{"kill_chain_name": "mitre-attack", "phase_name": "zz"},
		{"kill_chain_name": "mitre-attack", "phase_name": "a"},
		{"kill_chain_name": "mitre-mobile-attack", "phase_name": "b"},
		{"kill_chain_name": "mitre-ics-attack", "phase_name": "c"},
		{"kill_chain_name": "mitre-attack", "phase_name": "a"},
		{"kill_chain_name": "lockheed", "phase_name": "d"},
	}})
	tests := map[string]struct {
		objects []stix
		order   string
		phases  string
		notes   string
	}{
		"one matrix":           {[]stix{a, b, c, d, tacticMatrix("m", d, c, b, a)}, "d c b a", "c b a zz", "UNKNOWN_TACTIC:1"},
		"the longest first":    {[]stix{a, b, c, d, tacticMatrix("m", d), tacticMatrix("n", c, b, a)}, "c b a d", "c b a zz", "UNKNOWN_TACTIC:1"},
		"repeats do not count": {[]stix{a, b, c, d, tacticMatrix("m", d, d, d, a), tacticMatrix("n", c, b, a)}, "c b a d", "c b a zz", "UNKNOWN_TACTIC:1"},
		"ties by STIX id":      {[]stix{a, b, c, d, tacticMatrix("n", c, d), tacticMatrix("m", b, a)}, "b a c d", "b a c zz", "UNKNOWN_TACTIC:1"},
		"tactic in both":       {[]stix{a, b, c, d, tacticMatrix("m", b, a, d), tacticMatrix("n", c, a)}, "b a d c", "b a c zz", "UNKNOWN_TACTIC:1"},
		"dead matrix":          {[]stix{a, b, c, d.with(deprecated), tacticMatrix("m", c, b, a).with(deprecated), tacticMatrix("n", b, a)}, "b a c d", "b a c zz", "UNKNOWN_TACTIC:1"},
		"dead tactics last":    {[]stix{a.with(revoked), b, c, d, tacticMatrix("m", c, b)}, "c b d a", "c b a zz", "UNKNOWN_TACTIC:1"},
		"no matrix":            {[]stix{d, c, b, a}, "a b c d", "a b c zz", "NO_MATRIX:1 UNKNOWN_TACTIC:1"},
		"unknown tactic":       {[]stix{a, b, c, tacticMatrix("m", d, c, b, a, technique)}, "c b a", "c b a zz", "DANGLING_REFERENCE:2 UNKNOWN_TACTIC:1"},
		"no tactics":           {nil, "", "a b c zz", "UNKNOWN_TACTIC:1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rel, rep := readBundle(t, append(test.objects, technique)...)
			var order []string
			for _, o := range rel.Tactics {
				order = append(order, o.ShortName)
			}
			checkEqual(t, "order", strings.Join(order, " "), test.order)
			checkEqual(t, "phases", strings.Join(rel.Techniques[0].Tactics, " "), test.phases)
			checkEqual(t, "notes", noteCodes(rep), test.notes)
		})
	}
}

func TestAttackObjects(t *testing.T) {
	rel, rep := readBundle(t,
		attackPattern("T1").with(stix{"x_mitre_platforms": []any{" Windows ", "Linux", "", "Linux"}, "description": " text\n"}),
		attackObject("malware", "S2").with(stix{"x_mitre_aliases": []any{"Name of S2", "Other", " ", "Other ", "More"}}),
		attackObject("tool", "S1"),
		attackObject("campaign", "C1").with(stix{"aliases": []any{"One"}, "first_seen": "2015-12-01T05:00:00.000Z", "last_seen": "2016-01-31"}),
		attackObject("campaign", "C2").with(stix{"first_seen": "last year"}),
		attackObject("course-of-action", "M1"), attackObject("course-of-action", "T1").with(deprecated),
		attackObject("x-mitre-analytic", "AN1").with(stix{"x_mitre_platforms": []any{"Linux"}}),
		stix{"type": "x-mitre-data-component", "id": "x-mitre-data-component--1", "name": "Component"},
		stix{"type": "tool", "id": "tool--1", "name": "without an id"},
		stix{"type": "identity", "id": "identity--1"}, stix{"type": "marking-definition"}, stix{"type": "x-mitre-asset"},
	)
	if got := rel.Techniques[0].Platforms; !slices.Equal(got, []string{"Linux", "Windows"}) {
		t.Errorf("platforms = %q", got)
	}
	checkEqual(t, "description", rel.Techniques[0].Description, "text")
	software := rel.Objects[kg.KindSoftware]
	checkEqual(t, "software", fmt.Sprint(software[0].ID, software[0].SoftwareType, software[1].ID, software[1].SoftwareType, software[1].Aliases), "S1toolS2malware[Other More]")
	campaigns := rel.Objects[kg.KindCampaign]
	checkEqual(t, "dates", campaigns[0].FirstSeen+" "+campaigns[0].LastSeen+" "+campaigns[1].FirstSeen, "2015-12-01 2016-01-31 ")
	checkEqual(t, "mitigations", len(rel.Objects[kg.KindMitigation]), 2)
	checkEqual(t, "component", rel.Objects[kg.KindDataComponent][0].ID, "x-mitre-data-component--1")
	checkEqual(t, "objects", rep.Objects, 13)
	checkEqual(t, "notes", noteCodes(rep), "MALFORMED_VALUE:1 MISSING_ATTACK_ID:1 UNREAD_OBJECT_TYPE:1")
	if rows := rep.Notes[0].Rows; !slices.Equal(rows, []int{5}) {
		t.Errorf("rows of the first note = %v", rows)
	}
}

func TestAttackLinks(t *testing.T) {
	t1, t2 := attackPattern("T1"), attackPattern("T2").with(deprecated)
	group, malware := attackObject("intrusion-set", "G1"), attackObject("malware", "S1")
	campaign, mitigation := attackObject("campaign", "C1"), attackObject("course-of-action", "M1")
	source := attackObject("x-mitre-data-source", "DS1")
	component := attackObject("x-mitre-data-component", "DC1").with(stix{"x_mitre_data_source_ref": source["id"]})
	analytic := attackObject("x-mitre-analytic", "AN1")
	strategy := attackObject("x-mitre-detection-strategy", "DET1").with(stix{"x_mitre_analytic_refs": []any{analytic["id"], "x-mitre-analytic--none", analytic["id"]}})
	asset := stix{"type": "x-mitre-asset", "id": "x-mitre-asset--1"}
	rel, rep := readBundle(t, t1, t2, group, malware, campaign, mitigation, source, component, analytic, strategy, asset,
		relate(group, "uses", t1), relate(group, "uses", t1), relate(group, "uses", t2),
		relate(malware, "uses", t1), relate(malware, "uses", t1).with(revoked), relate(campaign, "uses", t1),
		relate(mitigation, "mitigates", t1), relate(group, "uses", malware), relate(campaign, "uses", malware),
		relate(campaign, "attributed-to", group), relate(component, "detects", t1), relate(strategy, "detects", t1),
		relate(t1, "targets", asset), relate(group, "mitigates", t1), relate(group, "uses", attackPattern("T9")),
		stix{"type": "relationship", "relationship_type": "uses", "source_ref": 5},
	)
	want := map[kg.LinkKind][]kg.Link{
		kg.GroupUsesTechnique:           {{From: "G1", To: "T1"}},
		kg.SoftwareUsesTechnique:        {{From: "S1", To: "T1"}},
		kg.CampaignUsesTechnique:        {{From: "C1", To: "T1"}},
		kg.MitigationMitigatesTechnique: {{From: "M1", To: "T1"}},
		kg.GroupUsesSoftware:            {{From: "G1", To: "S1"}},
		kg.CampaignUsesSoftware:         {{From: "C1", To: "S1"}},
		kg.CampaignAttributedToGroup:    {{From: "C1", To: "G1"}},
		kg.ComponentDetectsTechnique:    {{From: "DC1", To: "T1"}},
		kg.StrategyDetectsTechnique:     {{From: "DET1", To: "T1"}},
		kg.SourceHasComponent:           {{From: "DS1", To: "DC1"}},
		kg.StrategyHasAnalytic:          {{From: "DET1", To: "AN1"}},
	}
	if !reflect.DeepEqual(rel.Links, want) {
		t.Errorf("links = %v", rel.Links)
	}
	checkEqual(t, "notes", noteCodes(rep), "DANGLING_REFERENCE:1 DANGLING_REFERENCE:1 MALFORMED_RELATIONSHIP:1 MALFORMED_VALUE:1 UNREAD_OBJECT_TYPE:1 UNREAD_RELATIONSHIP:1 UNREAD_RELATIONSHIP:1")
}

func TestAttackUnreadTypes(t *testing.T) {
	objects := []stix{attackPattern("T1"), attackObject("x-mitre-data-component", "DC1").with(stix{"x_mitre_data_source_ref": attackPattern("T1")["id"]})}
	for i := range 3 * maxUnread {
		objects = append(objects, stix{"type": fmt.Sprint("type", i)}, stix{"type": fmt.Sprint("type", i)})
	}
	_, rep := readBundle(t, objects...)
	checkNotes(t, rep)
	checkEqual(t, "notes", len(rep.Notes), maxUnread+2)
	checkEqual(t, "first note", rep.Notes[0].Code, "DANGLING_REFERENCE")
	checkEqual(t, "last note", fmt.Sprint(rep.Notes[maxUnread+1].Message, rep.Notes[maxUnread+1].Count), "objects of types beside those named, which are not read80")
}

func TestAttackDamagedObjects(t *testing.T) {
	rel, rep := readBundleText(t, `{"spec_version": {"a": [1, "}"]}, "objects": [
		null, 7, "text", [[]], {},
		{"type": "attack-pattern", "id": 4, "external_references": {"source_name": "mitre-attack"}},
		{"type": "attack-pattern", "id": "x", "name": ["a"], "revoked": "yes", "x_mitre_platforms": "Linux", "kill_chain_phases": [3],
		 "\u0065xternal_references": [0, {"source_name": "mitre-attack"}, {"source_name": "mitre-attack", "external_id": " T1 ", "external_id": "T2"}]}
	]}`)
	checkEqual(t, "techniques", len(rel.Techniques), 1)
	checkEqual(t, "technique", rel.Techniques[0].ID, "T2")
	checkEqual(t, "status", rel.Techniques[0].Status, kg.Active)
	checkEqual(t, "objects", rep.Objects, 7)
	checkEqual(t, "notes", noteCodes(rep), "MALFORMED_OBJECT:4 MALFORMED_VALUE:7 MISSING_ATTACK_ID:1 UNREAD_OBJECT_TYPE:1")
}

func TestAttackHugeDescription(t *testing.T) {
	huge := strings.Repeat(`\u00e9"\\`, 1<<12)
	rel, _ := readBundle(t, attackPattern("T1").with(stix{"description": huge}))
	if rel.Techniques[0].Description != huge {
		t.Error("the description changed")
	}
}

func TestAttackReleaseKey(t *testing.T) {
	technique := attackPattern("T1")
	collection := func(v string) stix { return stix{"type": "x-mitre-collection", "x_mitre_version": v} }
	matrixOf := func(source, id string) stix {
		return stix{"type": "x-mitre-matrix", "external_references": []stix{{"source_name": source, "external_id": id}}}
	}
	tests := map[string]struct {
		file    string
		objects []stix
		want    string // or a part of the reason
	}{
		"by name":                 {"data/mobile-attack-9.0.json.gz", nil, "mobile@9.0"},
		"by name in capitals":     {"ICS-Attack-v12.1.JSON", nil, "ics@12.1"},
		"beta":                    {"mobile-attack-11.0-beta.json", []stix{collection("11.0-beta")}, "mobile@11.0-beta"},
		"by content":              {"bundle.json", []stix{collection("16.1"), matrixOf("mitre-attack", "enterprise-attack")}, "enterprise@16.1"},
		"old ICS matrix":          {"x.json", []stix{collection("9.0"), matrixOf("mitre-ics-attack", "MA0010")}, "ics@9.0"},
		"domain of the matrix":    {"x.json", []stix{matrixOf("mitre-attack", "ics-attack")}, "name the file"},
		"domain of the name":      {"ics-attack.json", []stix{collection("15.0")}, "ics@15.0"},
		"both say it":             {"ics-attack-15.0.json", []stix{collection("15.0"), matrixOf("mitre-attack", "ics-attack")}, "ics@15.0"},
		"other version":           {"ics-attack-15.0.json", []stix{collection("15.1")}, "named for version 15.0 but its collection is of version 15.1"},
		"other domain":            {"ics-attack-15.0.json", []stix{matrixOf("mitre-attack", "mobile-attack")}, "named for ics but its matrix is of mobile"},
		"several domains":         {"x.json", []stix{matrixOf("mitre-attack", "mobile-attack"), matrixOf("mitre-attack", "ics-attack")}, "several domains"},
		"several versions":        {"x.json", []stix{collection("1.0"), collection("2.0")}, "several versions (1.0, 2.0)"},
		"ever more versions":      {"x.json", []stix{collection("1.0"), collection("2.0"), collection("3.0"), collection("4.0")}, "several versions (1.0, 2.0, 3.0)"},
		"nothing says":            {"bundle.json", nil, "name the file DOMAIN-attack-VERSION.json"},
		"name of something else":  {"enterprise-attack-notes.json", nil, "name the file"},
		"name with more after it": {"enterprise-attack-1.0.json.txt", nil, "name the file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			doc := bundleJSON(t, append(test.objects, technique)...)
			rel, err := readAttackBundle(openText(t, test.file, doc), &kg.FileReport{})
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("error = %v", err)
				}
				return
			}
			checkEqual(t, "key", rel.Key.String(), test.want)
		})
	}
}

func TestAttackBundleRefused(t *testing.T) {
	for name, doc := range map[string]string{
		"not an object":  `[]`,
		"no objects":     `{"type": "bundle"}`,
		"no array":       `{"objects": {}}`,
		"no techniques":  `{"objects": [{"type": "tool"}]}`,
		"cut":            `{"objects": [{"type": "tool"}`,
		"cut in a value": `{"objects": [{"type": "to`,
		"no JSON":        `{"objects": [{type: 1}]}`,
		"empty":          ``,
	} {
		t.Run(name, func(t *testing.T) {
			rel, err := readAttackBundle(openText(t, "enterprise-attack-1.0.json", doc), &kg.FileReport{})
			if err == nil || rel != nil {
				t.Errorf("read %v", rel)
			}
		})
	}
}

// A release keeps strings of its own: what it holds must not grow with what the
// file says of relationships.
func TestAttackBundleAllocations(t *testing.T) {
	group, technique := attackObject("intrusion-set", "G1"), attackPattern("T1")
	objects := []stix{group, technique}
	for range 5000 {
		objects = append(objects, relate(group, "uses", technique))
	}
	doc := bundleJSON(t, objects...)
	allocs := testing.AllocsPerRun(3, func() {
		if _, err := readAttackBundle(openText(t, "enterprise-attack-1.0.json", doc), &kg.FileReport{}); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 500 {
		t.Errorf("%v allocations for 5,000 relationships", allocs)
	}
}

func FuzzAttackBundle(f *testing.F) {
	group, sub, parent := attackObject("intrusion-set", "G1"), attackPattern("T1.001").with(stix{"x_mitre_is_subtechnique": true}), attackPattern("T1")
	old, initial := attackPattern("T2").with(revoked), tactic("TA1", "initial-access")
	f.Add(bundleJSON(f, group, sub, parent, old, initial, tacticMatrix("m", initial),
		relate(group, "uses", sub), relate(sub, "subtechnique-of", parent), relate(old, "revoked-by", parent)))
	f.Add(bundleJSON(f, attackObject("malware", "S1").with(stix{"x_mitre_aliases": []any{"a"}}), attackObject("campaign", "C1").with(stix{"first_seen": "2015-12-01T05:00:00.000Z"}),
		attackPattern("T1").with(stix{"kill_chain_phases": []stix{{"kill_chain_name": "mitre-attack", "phase_name": "x"}}, "x_mitre_platforms": []any{"p"}})))
	f.Add(bundleJSON(f, parent, attackObject("x-mitre-detection-strategy", "DET1").with(stix{"x_mitre_analytic_refs": []any{"a"}}),
		attackObject("x-mitre-data-component", "DC1").with(stix{"x_mitre_data_source_ref": "d"})))
	f.Add("{\"objects\":[{\"type\":\"attack-pattern\",\"external_references\":[{\"source_name\":\"mitre-attack\",\"external_id\":\"T\xff\\\"\\\\\"}]}]}")
	f.Fuzz(func(t *testing.T, doc string) {
		read := func() (*kg.Release, *kg.FileReport) {
			rep := &kg.FileReport{}
			rel, err := readAttackBundle(openText(t, "enterprise-attack-1.0.json", doc), rep)
			if (err == nil) != (rel != nil) {
				t.Fatalf("release %v with error %v", rel, err)
			}
			return rel, rep
		}
		rel, rep := read()
		if rel == nil {
			return
		}
		checkRelease(t, rel)
		checkNotes(t, rep)
		again, repAgain := read()
		if !reflect.DeepEqual(rel, again) || !reflect.DeepEqual(rep.Notes, repAgain.Notes) {
			t.Error("a second reading differs")
		}
	})
}

func BenchmarkAttackBundle(b *testing.B) {
	for _, release := range []string{"enterprise@16.1", "mobile@16.1", "ics@16.1"} {
		b.Run(release, func(b *testing.B) {
			file := corpusBundle(b, release)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := readAttackBundle(openFile(b, file), &kg.FileReport{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// openText opens a document as a file of that name.
func openText(tb testing.TB, name, doc string) *input {
	tb.Helper()
	data := []byte(doc)
	if strings.HasSuffix(name, ".gz") {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, writeErr := w.Write(data)
		if err := errors.Join(writeErr, w.Close()); err != nil {
			tb.Fatal(err)
		}
		data = packed.Bytes()
	}
	return openInputFor(tb, fstest.MapFS{name: {Data: data}}, name)
}

func openFile(tb testing.TB, file string) *input {
	tb.Helper()
	return openInputFor(tb, os.DirFS(filepath.Dir(file)), filepath.Base(file))
}

func openInputFor(tb testing.TB, fsys fs.FS, name string) *input {
	tb.Helper()
	in, err := openInput(fsys, name, Limits{}, newInterner())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(in.close)
	return in
}

func corpusBundle(tb testing.TB, release string) string {
	tb.Helper()
	return filepath.Join(corpus.Dir(tb), "attack", strings.Replace(release, "@", "-attack-", 1)+".json.gz")
}

func corpusRelease(tb testing.TB, release string) (*kg.Release, *kg.FileReport) {
	tb.Helper()
	rep := &kg.FileReport{}
	rel, err := readAttackBundle(openFile(tb, corpusBundle(tb, release)), rep)
	if err != nil {
		tb.Fatal(err)
	}
	checkNotes(tb, rep)
	return rel, rep
}

// checkRelease checks what kg.Release promises of every release.
func checkRelease(tb testing.TB, rel *kg.Release) {
	tb.Helper()
	ids := map[kg.ObjectKind]map[string]kg.Status{technique: {}, kg.KindTactic: {}}
	checkSorted(tb, "techniques", rel.Techniques, func(x kg.Technique) string { return x.ID })
	for _, x := range rel.Techniques {
		ids[technique][x.ID] = x.Status
	}
	for _, o := range rel.Tactics {
		ids[kg.KindTactic][o.ID] = o.Status
	}
	for _, x := range rel.Techniques {
		checkSorted(tb, "platforms", x.Platforms, strings.Clone)
		if _, ok := ids[technique][x.Parent]; !ok && x.Parent != "" {
			tb.Errorf("%s has an unknown parent %s", x.ID, x.Parent)
		}
		if _, ok := ids[technique][x.RevokedBy]; !ok && x.RevokedBy != "" || x.RevokedBy != "" && x.Status != kg.Revoked {
			tb.Errorf("%s, of status %d, has the successor %s", x.ID, x.Status, x.RevokedBy)
		}
	}
	for kind, objects := range rel.Objects {
		ids[kind] = map[string]kg.Status{}
		checkSorted(tb, kind.String(), objects, func(o kg.Object) string { return o.ID })
		for _, o := range objects {
			ids[kind][o.ID] = o.Status
			if o.Kind != kind || slices.Contains(o.Aliases, o.Name) {
				tb.Errorf("%s %s is of kind %s with aliases %q", kind, o.ID, o.Kind, o.Aliases)
			}
		}
	}
	ends := map[kg.LinkKind][2]kg.ObjectKind{
		kg.SourceHasComponent:  {kg.KindDataSource, kg.KindDataComponent},
		kg.StrategyHasAnalytic: {kg.KindDetectionStrategy, kg.KindAnalytic},
	}
	for shape, kind := range linkKinds {
		ends[kind] = [2]kg.ObjectKind{shape.from, shape.to}
	}
	for kind, links := range rel.Links {
		checkSorted(tb, "links", links, func(l kg.Link) string { return l.From + "\x00" + l.To })
		for _, l := range links {
			from, ok1 := ids[ends[kind][0]][l.From]
			to, ok2 := ids[ends[kind][1]][l.To]
			if !ok1 || !ok2 || from != kg.Active || to != kg.Active {
				tb.Errorf("link %v of kind %d is not live", l, kind)
			}
		}
	}
}

// checkNotes checks that notes are one a message, counted and bounded.
func checkNotes(tb testing.TB, rep *kg.FileReport) {
	tb.Helper()
	messages := map[string]bool{}
	for _, n := range rep.Notes {
		if messages[n.Message] || n.Count < max(1, len(n.Rows)) || len(n.Rows) > kg.NoteRows || len(n.Message) > 1000 {
			tb.Errorf("note %+v", n)
		}
		messages[n.Message] = true
		for i, row := range n.Rows {
			if row < 1 || row > rep.Objects || i > 0 && row <= n.Rows[i-1] {
				tb.Errorf("note %s has rows %v of %d objects", n.Code, n.Rows, rep.Objects)
				break
			}
		}
	}
}

// noteCodes writes a report's notes as CODE:COUNT, by code.
func noteCodes(rep *kg.FileReport) string {
	var codes []string
	for _, n := range rep.Notes {
		codes = append(codes, fmt.Sprintf("%s:%d", n.Code, n.Count))
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// releaseDigest hashes every fact of a release, a line a thing.
func releaseDigest(rel *kg.Release) string {
	hash := sha256.New()
	line := func(fields ...string) { _, _ = fmt.Fprintln(hash, strings.Join(fields, "\t")) }
	list := func(values []string) string { return strings.Join(values, ",") }
	for _, x := range rel.Techniques {
		line(x.ID, x.StixID, x.Name, x.Description, x.URL, fmt.Sprint(x.Status), x.RevokedBy, list(x.Tactics), list(x.Platforms), x.Parent)
	}
	for _, o := range rel.Tactics {
		line(o.ID, o.Name, o.ShortName, fmt.Sprint(o.Status))
	}
	for _, kind := range kg.ObjectKinds {
		for _, o := range rel.Objects[kind] {
			line(o.ID, o.StixID, o.Name, o.Description, o.URL, fmt.Sprint(o.Status), o.RevokedBy,
				list(o.Aliases), list(o.Platforms), o.SoftwareType, o.FirstSeen, o.LastSeen)
		}
	}
	for _, kind := range kg.LinkKinds {
		for _, l := range rel.Links[kind] {
			line(l.From, l.To)
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))[:16]
}

func findTechnique(rel *kg.Release, id string) kg.Technique {
	for _, x := range rel.Techniques {
		if x.ID == id {
			return x
		}
	}
	return kg.Technique{}
}

func checkSorted[T any](tb testing.TB, what string, list []T, key func(T) string) {
	tb.Helper()
	for i := 1; i < len(list); i++ {
		if key(list[i-1]) >= key(list[i]) {
			tb.Errorf("%s: %q before %q", what, key(list[i-1]), key(list[i]))
		}
	}
}

func checkEqual[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s = %v, want %v", what, got, want)
	}
}
