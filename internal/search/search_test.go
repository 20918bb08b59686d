package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	technique Kind = iota + 1
	group
	software
	capability
	mapping
)

// shelf is a small collection with the difficulties of the real one: padded and
// unpadded ids, aliases, names in one word, revoked techniques of the same name.
func shelf() []*Doc {
	docs := []*Doc{
		{Kind: technique, IDs: []string{"T1552"}, Names: []string{"Unsecured Credentials"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1552.001"}, Names: []string{"Credentials In Files", "Unsecured Credentials: Credentials In Files"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1552.007"}, Names: []string{"Container API", "Unsecured Credentials: Container API"}, Weight: 1,
			Texts: []Text{{"description", "Someone asks the Docker API or the Kubernetes APIs of a cluster for secrets."}}},
		{Kind: technique, IDs: []string{"T1003"}, Names: []string{"OS Credential Dumping"}, Weight: 1,
			Texts: []Text{{"description", "Secrets are read out of memory, for example by a tool such as Mimikatz."}}},
		{Kind: technique, IDs: []string{"T1003.001"}, Names: []string{"LSASS Memory", "OS Credential Dumping: LSASS Memory"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1059.001"}, Names: []string{"PowerShell", "Command and Scripting Interpreter: PowerShell"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1086"}, Names: []string{"PowerShell"}},
		{Kind: technique, IDs: []string{"T1546.013"}, Names: []string{"PowerShell Profile"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1550.002"}, Names: []string{"Pass the Hash"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1556.006"}, Names: []string{"Multi-Factor Authentication"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1111"}, Names: []string{"Multi-Factor Authentication Interception"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1539"}, Names: []string{"Steal Web Session Cookie"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1484.001"}, Names: []string{"Group Policy Modification"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1567"}, Names: []string{"Exfiltration Over Web Service"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1574.002"}, Names: []string{"DLL Side-Loading"}, Weight: 1},
		{Kind: technique, IDs: []string{"T1573"}, Names: []string{"Encrypted Channel"}, Weight: 1,
			Texts: []Text{{"description", "Traffic hides in TLS 1.2, in C2 over e‑mail, or elsewhere."}}},
		{Kind: group, IDs: []string{"G0016"}, Names: []string{"APT29", "Cozy Bear", "The Dukes", "NOBELIUM", "Midnight Blizzard"}, Weight: 1},
		{Kind: group, IDs: []string{"G0007"}, Names: []string{"APT28", "Fancy Bear", "Sofacy"}, Weight: 1},
		{Kind: group, IDs: []string{"G0034"}, Names: []string{"Sandworm Team", "Voodoo Bear"}, Weight: 1},
		{Kind: software, IDs: []string{"S0002"}, Names: []string{"Mimikatz"}, Weight: 1,
			Texts: []Text{{"description", "A dumper of credentials that reads lsass on Windows. It is run from PowerShell, too."}}},
		{Kind: software, IDs: []string{"S0046"}, Names: []string{"CozyCar", "CozyDuke", "CozyBear"}, Weight: 1},
		{Kind: software, IDs: []string{"S0366"}, Names: []string{"WannaCry", "WCry"}, Weight: 1},
		{Kind: software, IDs: []string{"S0607"}, Names: []string{"KillDisk", "Win32/KillDisk.NBI"}, Weight: 1},
		{Kind: capability, IDs: []string{"AC-2"}, Names: []string{"Account Management"}, Weight: 1},
		{Kind: capability, IDs: []string{"AC-2(1)"}, Names: []string{"Automated System Account Management"}, Weight: 1},
		{Kind: capability, IDs: []string{"AC-2(10)"}, Names: []string{"Shared and Group Account Credential Change"}, Weight: 1},
		{Kind: capability, IDs: []string{"AC-20"}, Names: []string{"Use of External Systems"}, Weight: 1},
		{Kind: capability, IDs: []string{"AC-21"}, Names: []string{"Information Sharing"}, Weight: 1},
		{Kind: capability, IDs: []string{"A&A-01"}, Names: []string{"Audit and Assurance Policy and Procedures"}, Weight: 1},
		{Kind: capability, IDs: []string{"PR.AA-05.03"}, Names: []string{"Service accounts"}, Weight: 1},
		{Kind: capability, IDs: []string{"CVE-2021-44228"}, Names: []string{"Apache Log4j2 Remote Code Execution Vulnerability"}, Weight: 1},
		{Kind: capability, IDs: []string{"CVE-2021-1498"}, Names: []string{"Cisco HyperFlex HX Data Platform Command Injection Vulnerability"}, Weight: 1},
		{Kind: capability, IDs: []string{"CVE-2020-2021"}, Names: []string{"Palo Alto Networks PAN-OS Authentication Bypass Vulnerability"}, Weight: 1},
		{Kind: capability, IDs: []string{"action.hacking.variety.SQLi"}, Names: []string{"SQL injection"}, Weight: 1},
		{Kind: capability, IDs: []string{"action.hacking.variety.Pass-the-hash"}, Names: []string{"Pass-the-hash"}, Weight: 1},
		{Kind: capability, IDs: []string{"action.malware.variety.C2"}, Names: []string{"Malware creates a command channel"}, Weight: 1},
		{Kind: capability, IDs: []string{"aws_config"}, Names: []string{"AWS Config"}, Weight: 1},
		{Kind: capability, IDs: []string{"anthosconfigmanagement"}, Names: []string{"AnthosConfigManagement"}, Weight: 1},
		{Kind: capability, IDs: []string{"ms_isac"}, Names: []string{"MS-ISAC Services"}, Weight: 1},
		{Kind: capability, IDs: []string{"cafe"}, Names: []string{"Café Münch Straße"}, Weight: 1},
		{Kind: mapping, Texts: []Text{{"comments", "This service can alert on the dumping of memory; it can revoke a credential as well."}}},
		{Kind: mapping, Texts: []Text{{"comments", "It protects against credential dumping by isolating lsass."}}},
		{Kind: mapping, Texts: []Text{{"comments", "The service can lock accounts."}, {"note", "Passwords are rotated."}}},
	}
	for i, d := range docs {
		if d.Key = strings.Join(d.IDs, " "); d.Key == "" {
			d.Key = fmt.Sprint("row ", i)
		}
	}
	return docs
}

// label names a document in expectations.
func label(d *Doc) string {
	if len(d.IDs) > 0 {
		return d.IDs[0]
	}
	return d.Key
}

func labels(hits []Hit) []string {
	list := []string{}
	for _, h := range hits {
		list = append(list, label(h.Doc))
	}
	return list
}

func mustParse(t testing.TB, text string) Query {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return q
}

// TestNumbersStayApart finds nothing by a name that has the same digits in
// another number.
func TestNumbersStayApart(t *testing.T) {
	docs := []*Doc{{Key: "21", IDs: []string{"AC-21"}, Names: []string{"Sharing", "NIST SP 800-53 AC-21"}, Texts: []Text{{"description", "See ac21, AC-21 and 2112."}}}}
	for query, want := range map[string]int{"AC-2(1)": 0, "AC-2.1": 0, "ac 2 1": 0, "2 1": 0, "21-12": 0, "AC-21": 1, "AC 21": 1, "AC21": 1, "800 53": 1, "2112": 1} {
		if got := labels(NewIndex(docs).Search(mustParse(t, query))); len(got) != want {
			t.Errorf("%q finds %v", query, got)
		}
	}
}

// TestBaseSaysWhy tells by the field that the id itself is nowhere.
func TestBaseSaysWhy(t *testing.T) {
	index := NewIndex(shelf())
	for query, want := range map[string]string{"AC-20(1)": FieldBase, "T1552.099": FieldBase, "AC-20": FieldID, "AC-2(1)": FieldID} {
		hits := index.Search(mustParse(t, query))
		if len(hits) == 0 || hits[0].Field != want {
			t.Errorf("%q: %+v, want %s", query, hits, want)
		}
	}
}

func TestSearchFinds(t *testing.T) {
	index := NewIndex(shelf())
	tests := []struct {
		query string
		want  []string // the best hits, in order
		exact bool     // there are no others
	}{
		// Ids in any spelling.
		{"T1552", []string{"T1552", "T1552.001", "T1552.007"}, true},
		{"t1552/007", []string{"T1552.007"}, true},
		{"T1552.7", []string{"T1552.007"}, true},
		{"1552.007", []string{"T1552.007"}, true},
		{"t1552007", []string{"T1552.007"}, true},
		{"t1552 007", []string{"T1552.007"}, true},
		{"T1552.0", []string{"T1552.001", "T1552.007"}, true},
		{"1552", []string{"T1552", "T1552.001", "T1552.007"}, true},
		{"ac-2", []string{"AC-2", "AC-2(1)", "AC-2(10)", "AC-20", "AC-21"}, true},
		{"AC-02", []string{"AC-2", "AC-2(1)", "AC-2(10)"}, true},
		{"AC 2", []string{"AC-2", "AC-2(1)", "AC-2(10)", "AC-20", "AC-21"}, true},
		{"ac2", []string{"AC-2", "AC-2(1)", "AC-2(10)", "AC-20", "AC-21"}, true},
		{"ac-2(1)", []string{"AC-2(1)", "AC-2(10)"}, true},
		{"ac-02(01)", []string{"AC-2(1)"}, true},
		{"AC-2 (1)", []string{"AC-2(1)", "AC-2(10)"}, true},
		{"AC2(1)", []string{"AC-2(1)", "AC-2(10)"}, true},
		{"ac-2.1", []string{"AC-2(1)", "AC-2(10)"}, true},
		{"ac21", []string{"AC-21", "AC-2(1)", "AC-2(10)"}, true},

		// Ids below others that are there, and are not there themselves.
		{"AC-20(1)", []string{"AC-20"}, true},
		{"ac-020.1", []string{"AC-20"}, true},
		{"AC20 (1)", []string{"AC-20"}, true},
		{"AC-2(4)", []string{"AC-2"}, true},
		{"AC-2(1)(a)", []string{"AC-2(1)", "AC-2"}, false},
		{`"AC-20(1)"`, []string{"AC-20"}, true},
		{"AC-99(1)", []string{}, true},
		{"T1552.099", []string{"T1552"}, true},
		{"t1552/008", []string{"T1552"}, true},
		{"a&a-1", []string{"A&A-01"}, true},
		{"aa-05.03", []string{"PR.AA-05.03"}, true},
		{"cve-2021-44228", []string{"CVE-2021-44228"}, true},
		{"cve 2021 44228", []string{"CVE-2021-44228"}, true},
		{"CVE202144228", []string{"CVE-2021-44228"}, true},
		{"2021-44228", []string{"CVE-2021-44228"}, true},
		{"44228", []string{"CVE-2021-44228"}, true},
		{"cve-2021", []string{"CVE-2021-1498", "CVE-2021-44228"}, true},
		{"cve-2021-44", []string{"CVE-2021-44228"}, true},
		{"g16", []string{"G0016"}, true},
		{"s2", []string{}, true}, // too many zeros to be S0002
		{"action.hacking.variety.sqli", []string{"action.hacking.variety.SQLi"}, true},
		{"action hacking variety sqli", []string{"action.hacking.variety.SQLi"}, true},
		{"hacking sqli", []string{"action.hacking.variety.SQLi"}, true},
		{"aws_config", []string{"aws_config"}, true},
		{"awsconfig", []string{"aws_config"}, true},
		{"T1552.007 Container API", []string{"T1552.007"}, true},
		{"ac-2 account", []string{"AC-2", "AC-2(1)", "AC-2(10)"}, true},

		// Names and aliases.
		{"powershell", []string{"T1059.001", "T1086", "T1546.013", "S0002"}, true},
		{"power shell", []string{"T1059.001", "T1086", "T1546.013", "S0002"}, true},
		{"Power-Shell", []string{"T1059.001", "T1086", "T1546.013", "S0002"}, true},
		{"credential dumping", []string{"T1003", "T1003.001"}, false},
		{"dumping credential", []string{"T1003", "T1003.001"}, false},
		{"apt29", []string{"G0016"}, true},
		{"apt 29", []string{"G0016"}, true},
		{"APT-29", []string{"G0016"}, true},
		{"29", []string{"G0016"}, true},
		{"apt", []string{"G0007", "G0016"}, true},
		{"cozy bear", []string{"G0016", "S0046"}, true},
		{"cozybear", []string{"S0046", "G0016"}, true},
		{"dukes", []string{"G0016", "S0046"}, true},
		{"bear apt28", []string{"G0007"}, true},
		{"bear", []string{"G0016", "G0007", "G0034", "S0046"}, true},
		{"wanna cry", []string{"S0366"}, true},
		{"killdisk nbi", []string{"S0607"}, true},
		{"config management", []string{"anthosconfigmanagement"}, true},
		{"ms-isac", []string{"ms_isac"}, true},
		{"msisac", []string{"ms_isac"}, true},
		{"ms isac", []string{"ms_isac"}, true},
		{"multifactor", []string{"T1556.006", "T1111"}, true},
		{"multi factor auth", []string{"T1556.006", "T1111"}, true},
		{"dll sideloading", []string{"T1574.002"}, true},
		{"pass the hash", []string{"T1550.002", "action.hacking.variety.Pass-the-hash"}, true},
		{"pass hash", []string{"T1550.002", "action.hacking.variety.Pass-the-hash"}, true},
		{"exfiltration over the web", []string{"T1567"}, true},
		{"cafe munch strasse", []string{"cafe"}, true},
		{"CAFE\u0301 MU\u0308NCH", []string{"cafe"}, true},
		{"ｐｏｗｅｒｓｈｅｌｌ profile", []string{"T1546.013"}, true},

		// Plurals.
		{"policies", []string{"T1484.001", "A&A-01"}, true},
		{"group policies", []string{"T1484.001"}, true},
		{"cookies", []string{"T1539"}, true},
		{"hashes", []string{"T1550.002", "action.hacking.variety.Pass-the-hash"}, true},
		{"vulnerabilities apache", []string{"CVE-2021-44228"}, true},

		// Type-ahead.
		{"wann", []string{"S0366"}, true},
		{"session coo", []string{"T1539"}, true},
		{"sess coo", []string{"T1539"}, true},

		// Typos.
		{"mimikats", []string{"S0002"}, true},
		{"mimiaktz", []string{"S0002"}, true},
		{"nimikatz", []string{}, true},
		{"sandwrm team", []string{"G0034"}, true},
		{"pawershell profle", []string{"T1546.013"}, true},
		{"apt92", []string{}, true},
		{"lsss", []string{"T1003.001"}, true},
		{"lss", []string{}, true},
		{"lsssm", []string{}, true},

		// Texts.
		{"isolating", []string{"row 41"}, true},
		{"isolat", []string{"row 41"}, true},
		{"kubernetes api", []string{"T1552.007"}, true},
		{"accounts passwords", []string{"row 42"}, true},
		{"tls1.2", []string{"T1573"}, true},
		{"tls 1.2", []string{"T1573"}, true},
		{"tls-1.2", []string{"T1573"}, true},
		{"email", []string{"T1573"}, true},
		{"c2", []string{"action.malware.variety.C2", "T1573"}, true},
		{"lsass", []string{"T1003.001", "S0002", "row 41"}, true},
		{"mimikatz windows", []string{"S0002"}, true},

		// Phrases.
		{`"credential dumping"`, []string{"T1003", "T1003.001", "row 41"}, true},
		{`"dumping credential"`, []string{}, true},
		{`"credential dump"`, []string{}, true},
		{`"credential dump`, []string{"T1003", "T1003.001", "row 41"}, true},
		{`“cozy bear”`, []string{"G0016", "S0046"}, true},
		{`"memory" lsass`, []string{"T1003.001"}, true},
		{`"mimikats"`, []string{}, true},

		// Nothing to look for, or nothing there.
		{"", []string{}, true},
		{" -- ' ... \"\" ", []string{}, true},
		{"powershell zebra", []string{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			q := mustParse(t, tt.query)
			got := labels(index.Search(q))
			if !tt.exact && len(got) > len(tt.want) {
				got = got[:len(tt.want)]
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if q.Empty() != (len(q.Plan()) == 0) {
				t.Errorf("Empty is %v, the plan %v", q.Empty(), q.Plan())
			}
		})
	}
}

// TestScale walks down the scale: each document matches worse than the one
// before it.
func TestScale(t *testing.T) {
	text := func(s string) []Text { return []Text{{"description", s}} }
	const filler = "word word word "
	tests := []struct {
		query string
		docs  []*Doc
		score []float64
		field []string
	}{
		{
			query: "access token",
			docs: []*Doc{
				{IDs: []string{"access_token"}},
				{Names: []string{"Access Token"}},
				{Names: []string{"Access-Token"}},
				{Names: []string{"AccessToken"}},
				{Names: []string{"X", "Access Token"}},
				{Names: []string{"Access Token Theft"}},
				{Names: []string{"Access Tokens Theft"}},
				{Names: []string{"Accessible Tokens Theft"}},
				{Names: []string{"Theft of Access Token"}},
				{Names: []string{"Token Access Theft"}},
				{Names: []string{"X", "Access Token Theft"}},
				{Names: []string{"X", "Theft Access Token"}},
				{Names: []string{"X", "Token Access Theft"}},
				{IDs: []string{"theft.token.access"}},
				{Names: []string{"Token", "Access"}},
				{Texts: text("An access token.")},
				{Texts: text("Access to Access Tokens")},
				{Names: []string{"Token"}, Texts: text("access")},
				{Texts: text("token " + filler + "access")},
				{Texts: []Text{{"description", "token"}, {"comments", "access"}}},
				{Names: []string{"Acces Token"}},
				{Names: []string{"Acess"}, Texts: text("token")},
			},
			score: []float64{
				100, 95, 95, 94, 90, 78.8, 78.5, 77.3, 73.8, 68.8, 63.8, 58.8, 53.8, 47.4, 43, 33.4, 33.1, 28, 23.4, 18, 9.4, 4.3,
			},
			field: []string{
				"id", "name", "name", "name", "alias", "name", "name", "name", "name", "name", "alias", "alias", "alias",
				"id", "name", "description", "description", "description", "description", "description", "name", "name",
			},
		},
		{
			query: "T1552",
			docs: []*Doc{
				{IDs: []string{"T1552"}},
				{IDs: []string{"T01552"}},
				{IDs: []string{"T1-552"}},
				{Names: []string{"T1552"}},
				{Names: []string{"X", "T1552"}},
				{IDs: []string{"AML.T1552"}},
				{IDs: []string{"T1552.001"}},
				{IDs: []string{"AML.T1552.001"}},
				{IDs: []string{"T15521"}},
				{IDs: []string{"AML.T15521"}},
				{Names: []string{"T1552 and more"}},
				{Texts: text("as in T1552.001")},
			},
			score: []float64{100, 99, 97, 95, 90, 88, 85, 84, 81, 80, 78.4, 33},
			field: []string{"id", "id", "id", "name", "alias", "id", "id", "id", "id", "id", "name", "description"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			q := mustParse(t, tt.query)
			for i, d := range tt.docs {
				d.Key = fmt.Sprintf("%02d", i)
			}
			shuffled := slices.Clone(tt.docs)
			slices.Reverse(shuffled)
			hits := Rank(q, shuffled)
			if len(hits) != len(tt.docs) {
				t.Fatalf("%d hits for %d documents", len(hits), len(tt.docs))
			}
			for i, h := range hits {
				if h.Doc != tt.docs[i] || h.Score != tt.score[i] || h.Field != tt.field[i] {
					t.Errorf("%d: got %+v by %s with %v, want %+v by %s with %v", i, *h.Doc, h.Field, h.Score, *tt.docs[i], tt.field[i], tt.score[i])
				}
			}
		})
	}
}

func TestTies(t *testing.T) {
	docs := []*Doc{
		{Key: "e", Kind: 1, Names: []string{"Token Theft Now"}, Weight: 1},
		{Key: "d", Kind: 2, Names: []string{"Token Theft"}, Weight: 1},
		{Key: "c", Kind: 1, Names: []string{"Token Thief"}, Weight: 1},
		{Key: "b", Kind: 1, Names: []string{"Token Theft"}, Weight: 1},
		{Key: "a", Kind: 1, Names: []string{"Token Theft"}},
	}
	q := mustParse(t, "token")
	var keys []string
	for _, h := range NewIndex(docs).Search(q) {
		keys = append(keys, h.Doc.Key)
	}
	// All but e spell the same share of the name.
	if want := []string{"b", "c", "d", "a", "e"}; !slices.Equal(keys, want) {
		t.Errorf("got %q, want %q", keys, want)
	}
}

func TestKinds(t *testing.T) {
	index := NewIndex(shelf())
	q := mustParse(t, "power shell")
	if got, want := labels(index.Search(q, software, group)), []string{"S0002"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	none := index.SearchFunc(q, func(int) bool { return false })
	if none == nil || len(none) != 0 {
		t.Errorf("got %v, want an empty list", none)
	}
	if hits := NewIndex(nil).Search(q); hits == nil || len(hits) != 0 {
		t.Errorf("got %v from an empty index, want an empty list", hits)
	}
}

func TestMatch(t *testing.T) {
	doc := &Doc{Key: "a", IDs: []string{"G0016"}, Names: []string{"APT29", "Cozy Bear"}}
	hit, ok := Match(mustParse(t, "cozy"), doc)
	if !ok || hit.Doc != doc || hit.Field != FieldAlias || hit.Score != 63.8 {
		t.Errorf("got %+v, %v", hit, ok)
	}
	if _, ok := Match(mustParse(t, "fancy"), doc); ok {
		t.Error("fancy is no bear of this kind")
	}
	if _, ok := Match(Query{}, doc); ok {
		t.Error("the zero query matches")
	}
	if hit, ok := Match(mustParse(t, "g16"), &Doc{}); ok {
		t.Errorf("the zero document matches: %+v", hit)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		text string
		want LimitError
	}{
		{strings.Repeat("word ", MaxWords+1), LimitError{"words", MaxWords + 1, MaxWords}},
		{`"` + strings.Repeat("word-", MaxWords+8), LimitError{"words", MaxWords + 8, MaxWords}},
		{strings.Repeat("é", MaxRunes+1), LimitError{"characters", MaxRunes + 1, MaxRunes}},
	}
	for _, tt := range tests {
		_, err := Parse(tt.text)
		var limit *LimitError
		if !errors.As(err, &limit) || *limit != tt.want {
			t.Errorf("Parse(%q): got %v, want %v", tt.text, err, &tt.want)
		}
	}
	if _, err := Parse(strings.Repeat("word ", MaxWords)); err != nil {
		t.Error(err)
	}
	if got, want := (&LimitError{"words", 40, 32}).Error(), "search text has 40 words; at most 32 are allowed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLongTitles checks that an end to what counts does no harm.
func TestLongTitles(t *testing.T) {
	doc := &Doc{Key: "a", IDs: []string{strings.Repeat("ab1-", 400) + "z"}, Names: []string{strings.Repeat("Word ", 2000) + "End"}}
	index := NewIndex([]*Doc{doc})
	for text, want := range map[string]int{"word": 1, "end": 0, "ab1-ab1": 1, "z": 0, strings.Repeat("word", 100): 1} {
		if got := len(index.Search(mustParse(t, text))); got != want {
			t.Errorf("%.20q: %d hits, want %d", text, got, want)
		}
	}
}

func TestConcurrentSearch(t *testing.T) {
	index := NewIndex(shelf())
	queries := []string{"credential dumping", "ac-2", "cozybear", "mimikats", "lsass", "the", "policies"}
	want := map[string][]string{}
	for _, text := range queries {
		want[text] = labels(index.Search(mustParse(t, text)))
	}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 200 {
				text := queries[(i+worker)%len(queries)]
				q, err := Parse(text)
				if err != nil {
					t.Error(err)
				}
				if got := labels(index.Search(q)); !slices.Equal(got, want[text]) {
					t.Errorf("%q: got %q, want %q", text, got, want[text])
				}
			}
		})
	}
	group.Wait()
}
