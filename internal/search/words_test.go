package search

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{" -- … \u200b '' ", nil},
		{"OS Credential Dumping", []string{"os", "credential", "dumping"}},
		{"AC-2(1)", []string{"ac", "2", "1"}},
		{"the attacker's, or attackers’ tools'", []string{"the", "attackers", "or", "attackers", "tools"}},
		{"'quoted' 90's", []string{"quoted", "90s"}},
		{"Café Münch ÇAĞLAR", []string{"cafe", "munch", "caglar"}},
		{"Cafe\u0301", []string{"cafe"}},
		{"Straße ÆØÅ Łódź", []string{"strasse", "aeoa", "lodz"}},
		{"ｆｕｌｌ ﬁle ½ x² K", []string{"full", "file", "12", "x2", "k"}},
		{"İstanbul ISTANBUL ıstanbul", []string{"istanbul", "istanbul", "istanbul"}},
		{"ΣΊΣΥΦΟΣ σίσυφος", []string{"σισυφοσ", "σισυφοσ"}},
		{"soft\u00adhyphen zero\u200djoiner non\u2011breaking", []string{"softhyphen", "zerojoiner", "non", "breaking"}},
		{"日本語 テスト", []string{"日本語", "テスト"}},
		{"bad\xffutf8 \xc3", []string{"bad", "utf8"}},
		{"\u0301mark first", []string{"mark", "first"}},
		{strings.Repeat("é", 70), []string{strings.Repeat("e", 64)}},
		{strings.Repeat("я", 70), []string{strings.Repeat("я", 32)}},
		{strings.Repeat("日", 70), []string{strings.Repeat("日", 21)}},
	}
	for _, tt := range tests {
		if got := Words(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("Words(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestFoldIsStable checks that folding a folded word changes nothing, for every
// code point: a query made of a document's terms must find it.
func TestFoldIsStable(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if !utf8.ValidRune(r) {
			continue
		}
		once, _ := appendFolded(nil, r)
		var twice []byte
		for _, d := range string(once) {
			twice, _ = appendFolded(twice, d)
		}
		if string(once) != string(twice) {
			t.Errorf("%U folds to %q, then to %q", r, once, twice)
		}
		// What upper and lower case have in common they must keep.
		upper, _ := appendFolded(nil, unicode.ToUpper(r))
		lower, _ := appendFolded(nil, unicode.ToLower(unicode.ToUpper(r)))
		if string(upper) != string(lower) {
			t.Errorf("%U: upper case folds to %q, lower case to %q", r, upper, lower)
		}
	}
}

func TestNameParts(t *testing.T) {
	tests := []struct {
		name string
		want []string // what begins at each edge; parts of words with a plus
	}{
		{"PowerShell Profile", []string{"powershellprofile", "+shellprofile", "profile"}},
		{"APT29", []string{"apt29", "+29"}},
		{"VMManager", []string{"vmmanager", "+manager"}},
		{"Win32/KillDisk.NBI", []string{"win32killdisknbi", "+32killdisknbi", "killdisknbi", "+disknbi", "nbi"}},
		{"MS-ISAC", []string{"msisac", "isac"}},
		{"ÉcoleÉté", []string{"ecoleete", "+ete"}},
		{"", nil},
	}
	for _, tt := range tests {
		var b nameBuilder
		b.add(tt.name)
		n := b.names()[0]
		var got []string
		for _, e := range n.edges {
			rest := n.s[e.at():]
			if e.soft() {
				rest = "+" + rest
			}
			got = append(got, rest)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPlurals(t *testing.T) {
	same := [][]string{
		{"credential", "credentials"}, {"policy", "policies"}, {"cookie", "cookies"}, {"vulnerability", "vulnerabilities"},
		{"process", "processes"}, {"access", "accesses"}, {"database", "databases"}, {"cache", "caches"}, {"hash", "hashes"},
		{"patch", "patches"}, {"bypass", "bypasses"}, {"service", "services"}, {"key", "keys"}, {"proxy", "proxies"},
		{"alias", "aliases"}, {"virus", "viruses"}, {"api", "apis"}, {"dll", "dlls"}, {"box", "boxes"}, {"use", "uses"},
		{"response", "responses"}, {"registry", "registries"}, {"directory", "directories"}, {"share", "shares"},
	}
	for _, pair := range same {
		if a, b := stemOf(pair[0]), stemOf(pair[1]); a != b {
			t.Errorf("%v: stems %v and %v differ", pair, a, b)
		}
	}
	different := [][]string{
		{"part", "party"}, {"polic", "police"}, {"rat", "rate"}, {"acces", "access"}, {"analysis", "analysi"}, {"not", "note"},
		{"dn", "dns"}, {"aw", "aws"}, {"viru", "virus"}, {"hash", "has"}, {"session", "sessi"}, {"plan", "plane"}, {"2000", "2000s"},
	}
	for _, pair := range different {
		if a, b := stemOf(pair[0]), stemOf(pair[1]); a == b {
			t.Errorf("%v: both have stem %v", pair, a)
		}
	}
	g := newGenerator(7)
	for range 20000 {
		var b strings.Builder
		for range 1 + g.IntN(7) {
			b.WriteString(g.pick("a", "c", "e", "h", "i", "s", "s", "u", "x", "y"))
		}
		word := b.String()
		s := stemOf(word)
		if !strings.HasPrefix(word, s.base) || len(word)-len(s.base) > longestEnding {
			t.Fatalf("%q does not begin with the base of its stem %v", word, s)
		}
		if !slices.Contains(s.forms(), word) {
			t.Fatalf("%q is not among the forms %q of its stem %v", word, s.forms(), s)
		}
	}
}

func TestEdits(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"mimikatz", "mimikatz", 0},
		{"mimikats", "mimikatz", 1},
		{"mimiaktz", "mimikatz", 1},
		{"mimkatz", "mimikatz", 1},
		{"mimikattz", "mimikatz", 1},
		{"sandwrom", "sandworm", 1},
		{"kerberaost", "kerberoast", 1},
		{"kerbreaost", "kerberoast", 2},
		{"nimikatz", "mimikatz", -1},
		{"mi", "mimikatz", -1},
		{"приветт", "привет", 1},
		{"", "", -1},
	}
	for _, tt := range tests {
		n, ok := edits(tt.a, tt.b, 2)
		if !ok {
			n = -1
		}
		if n != tt.want {
			t.Errorf("edits(%q, %q) = %d, want %d", tt.a, tt.b, n, tt.want)
		}
	}
	// The distance is symmetric, and at most the number of random edits that
	// leave the first letter alone and do not touch a place twice.
	g := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		a := make([]byte, 6+g.IntN(6))
		for i := range a {
			a[i] = "abc"[g.IntN(3)]
		}
		b := slices.Clone(a)
		i := 1 + g.IntN(len(b)-2)
		switch g.IntN(4) {
		case 0:
			b = slices.Delete(b, i, i+1)
		case 1:
			b = slices.Insert(b, i, 'x')
		case 2:
			b[i] = 'x'
		case 3:
			b[i], b[i+1] = b[i+1], b[i]
		}
		n, ok := edits(string(a), string(b), 1)
		m, _ := edits(string(b), string(a), 1)
		if !ok || n != m || (n == 0) != slices.Equal(a, b) {
			t.Fatalf("edits(%q, %q) = %d, %v; the other way %d", a, b, n, ok, m)
		}
	}
	for word, want := range map[string]int{"abc": 0, "abcd": 1, "abcdefg": 1, "abcdefgh": 2, "abcd1": 0, "abcdéfgh": 2} {
		if got := typos(word); got != want {
			t.Errorf("typos(%q) = %d, want %d", word, got, want)
		}
	}
}

func TestRelations(t *testing.T) {
	tests := []struct {
		typed, id string
		want      relation
	}{
		{"T1552.007", "T1552.007", same},
		{"t1552/007", "T1552.007", same},
		{"t1552.7", "T1552.007", padded},
		{"t1552.0007", "T1552.007", padded},
		{"t1552007", "T1552.007", regrouped},
		{"t1552.007", "T1552007", unrelated},
		{"t15527", "T1552.007", unrelated},
		{"t1552", "T1552.007", above},
		{"t155", "T1552.007", begins},
		{"t1552.0", "T1552.007", begins},
		{"t155200", "T1552.007", begins},
		{"1552.007", "T1552.007", endOf},
		{"1552007", "T1552.007", beginsEnd},
		{"1552", "T1552.007", aboveEnd},
		{"155", "T1552.007", beginsEnd},
		{"15", "T1552.007", unrelated},
		{"007", "T1552.007", endOf},
		{"7", "T1552.007", unrelated},
		{"AC-02", "AC-2", padded},
		{"AC-2", "AC-02", padded},
		{"AC-2", "AC-2(1)", above},
		{"AC-2", "AC-20", begins},
		{"AC-02", "AC-20", unrelated},
		{"AC-2(1)", "AC-21", unrelated},
		{"AC-21", "AC-2(1)", unrelated},
		{"ac21", "AC-2(1)", regrouped},
		{"ac201", "AC-2(01)", regrouped},
		{"ac20", "AC-2(01)", begins},
		{"AC-20", "AC-2(01)", unrelated},
		{"G16", "G0016", padded},
		{"G1", "G0016", begins},
		{"C2", "C0002", unrelated},
		{"C2", "C0020", begins},
		{"000", "A-0", endOf},
		{"sqli", "action.hacking.variety.SQLi", endOf},
		{"hacking.variety", "action.hacking.variety.SQLi", aboveEnd},
		{"hack", "action.hacking.variety.SQLi", beginsEnd},
		{"aws config", "awsconfig", regrouped},
		{"awsconfig", "aws_config", regrouped},
		{"", "AC-2", unrelated},
		{"AC-2", "", unrelated},
	}
	for _, tt := range tests {
		typed, id := makeIdentOf(tt.typed), makeIdentOf(tt.id)
		if got := typed.relate(&id); got != tt.want {
			t.Errorf("%q to %q: got %v, want %v", tt.typed, tt.id, got, tt.want)
		}
	}
	order := []string{"A&A-01", "AC-2", "AC-02", "AC-2(1)", "AC-2(10)", "AC-10", "AC-10(2)", "CVE-2021-1498", "CVE-2021-44228", "T1552.007", "T1552.010"}
	for i := range order {
		for j := range order {
			a, b := makeIdentOf(order[i]), makeIdentOf(order[j])
			if c := compareIDs(&a, &b); order[i] != "AC-02" && order[j] != "AC-02" && (c < 0) != (i < j) {
				t.Errorf("%s and %s: %d", order[i], order[j], c)
			}
		}
	}
}
