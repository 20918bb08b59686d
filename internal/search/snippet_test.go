package search

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// marked puts the matches of a snippet between brackets.
func marked(s Snippet) string {
	runes := []rune(s.Text)
	var b strings.Builder
	end := 0
	for _, m := range s.Matches {
		b.WriteString(string(runes[end:m.Start]) + "[" + string(runes[m.Start:m.End]) + "]")
		end = m.End
	}
	return b.String() + string(runes[end:])
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("some words before it. ", 20)
	tests := []struct {
		name  string
		query string
		doc   *Doc
		want  string
	}{
		{"id", "t1552.7", &Doc{IDs: []string{"T1552.007"}}, "[T1552.007]"},
		{"id below", "T1552", &Doc{IDs: []string{"T1552.007"}}, "[T1552].007"},
		{"id of words", "hacking sqli", &Doc{IDs: []string{"action.hacking.variety.SQLi"}}, "action.[hacking].variety.[SQLi]"},
		{"id apart", "AC 2", &Doc{IDs: []string{"AC-02"}}, "[AC-02]"},
		{"name", "dump cred", &Doc{Names: []string{"OS Credential Dumping"}}, "OS [Credential] [Dumping]"},
		{"part of a word", "shell", &Doc{Names: []string{"PowerShell Profile"}}, "[PowerShell] Profile"},
		{"words written as one", "cozybear", &Doc{Names: []string{"APT29", "Cozy Bear"}}, "[Cozy Bear]"},
		{"one word written as two", "wanna cry", &Doc{Names: []string{"WannaCry"}}, "[WannaCry]"},
		{"typo", "sandwrm team", &Doc{Names: []string{"The Sandworm Team"}}, "The [Sandworm] [Team]"},
		{"phrase", `"pass the hash"`, &Doc{Names: []string{"Pass-the-Hash Toolkit"}}, "[Pass-the-Hash] Toolkit"},
		{"accents", "cafe strasse", &Doc{Names: []string{"Un Cafe\u0301 in der Straße"}}, "Un [Cafe\u0301] in der [Straße]"},
		{"white space", "dumping memory", &Doc{Texts: []Text{{"comments", "\r\n One\tdumping\r\n  of\u00a0memory \n"}}}, "One [dumping] of [memory]"},
		{"whole text", "tls", &Doc{Texts: []Text{{"comments", "It hides in TLS 1.2."}}}, "It hides in [TLS] 1.2."},
		{"several words", "tls1.2", &Doc{Texts: []Text{{"comments", "It hides in TLS 1.2."}}}, "It hides in [TLS 1.2]."},
		{"insignificant words", "the memory of a process", &Doc{Texts: []Text{{"comments", "The memory is the one of any process."}}}, "The [memory] is the one of any [process]."},
		{"insignificant words in a phrase", "memory of a process", &Doc{Texts: []Text{{"comments", "The memory of a process."}}}, "The [memory of a process]."},
		{
			"middle", "needle", &Doc{Texts: []Text{{"comments", long + "Here is a needle. " + long}}},
			"…it. some words before it. Here is a [needle]. some words before it. some words before it. some words before it. some words before it. some words before it.…",
		},
		{
			"end", "needle", &Doc{Texts: []Text{{"comments", long + "A needle"}}},
			"…words before it. some words before it. some words before it. some words before it. some words before it. some words before it. some words before it. A [needle]",
		},
		{
			"where most words are", "needle thread", &Doc{Texts: []Text{{"comments", "A needle. " + long + "A thread and a needle."}}},
			"…it. some words before it. some words before it. some words before it. some words before it. some words before it. some words before it. A [thread] and a [needle].",
		},
		{
			"no word ends", "needle", &Doc{Texts: []Text{{"comments", strings.Repeat("é", 300) + "=needle=" + strings.Repeat("é", 300)}}},
			"…" + strings.Repeat("é", 39) + "=[needle]=" + strings.Repeat("é", 113) + "…",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := mustParse(t, tt.query)
			hit, ok := Match(q, tt.doc)
			if !ok {
				t.Fatal("no match")
			}
			s := hit.Snippet(q)
			if got := marked(s); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if n := utf8.RuneCountInString(s.Text); n > snippetRunes+2 {
				t.Errorf("%d code points", n)
			}
		})
	}
	if s := (Hit{}).Snippet(Query{}); s.Text != "" || s.Matches == nil {
		t.Errorf("the zero hit has snippet %+v", s)
	}
}
