package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var everything = []Group{DataGroup, ServerGroup, AnswerGroup, Neo4jGroup, LimitGroup, ServeGroup, LogGroup}

// load reads a command line and an environment.
func load(t *testing.T, args []string, env map[string]string, groups ...Group) (Config, []Effective, error) {
	t.Helper()
	if groups == nil {
		groups = everything
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	l := Bind(flags, groups...)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return l.Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestDefaults(t *testing.T) {
	got, all, err := load(t, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got.Neo4jPassword = Secret{}
	want := Config{
		Store: "memory", Addr: "127.0.0.1:8080",
		MaxBody: 1 << 20, MaxTokens: 10_000, MaxDepth: 16, MaxAliases: 64,
		MaxValues: 2_000_000, MaxAnswer: 16 << 20, MaxWork: 200_000_000, MaxUnread: 128 << 20, CacheSize: 128 << 20, MaxWait: 10 * time.Second,
		RequestTimeout: 30 * time.Second, ShutdownTimeout: 15 * time.Second,
		LogLevel: slog.LevelInfo, LogFormat: "text",
		Neo4jURI: "neo4j://127.0.0.1:7687", Neo4jUser: "neo4j", Neo4jDatabase: "neo4j",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Config{}, Secret{})); diff != "" {
		t.Error(diff)
	}
	if len(all) != len(Settings) {
		t.Errorf("%d effective settings of %d", len(all), len(Settings))
	}
	for _, e := range all {
		if e.Source != FromDefault {
			t.Errorf("%s: %s", e.Setting.Name, e.Source)
		}
	}
}

// Each setting takes a value from each source, the stronger one first.
func TestPrecedence(t *testing.T) {
	values := map[string][2]string{ // flag, environment
		"data": {"a", "b"}, "strict": {"true", "false"}, "framework": {"x=CLOUD_PLATFORM:X", "y=CLOUD_PLATFORM:Y"},
		"server": {"http://a", "https://b"}, "store": {"neo4j", "memory"}, "attack-version": {"16.1", "15.1"},
		"neo4j-uri": {"bolt://h:1", "neo4j+s://g"}, "neo4j-user": {"u", "v"}, "neo4j-database": {"d", "e"},
		"addr": {"[::1]:0", ":80"}, "metrics-addr": {":9090", "0.0.0.0:9091"}, "cors-origin": {"https://a.example", "*"},
		"allowed-host": {"a.example", "*"}, "drain-delay": {"1s", "0s"},
		"max-body": {"1", "2"}, "max-tokens": {"1", "2"}, "max-depth": {"1", "2"}, "max-aliases": {"1", "2"}, "max-values": {"1", "2147483647"},
		"max-answer": {"1", "2"}, "max-work": {"1", "2"}, "max-unread": {"1", "2"}, "cache-size": {"1", "2"}, "large-requests": {"1", "auto"}, "max-wait": {"1s", "1m"},
		"request-timeout": {"1s", "1m"}, "shutdown-timeout": {"1s", "500ms"}, "log-level": {"debug", "ERROR"}, "log-format": {"json", "text"},
	}
	for _, s := range Settings {
		if s.Name == "neo4j-password" || s.Name == "neo4j-password-file" {
			continue // see TestPassword
		}
		v, ok := values[s.Name]
		if !ok {
			t.Errorf("%s is not tested", s.Name)
			continue
		}
		flag, env := []string{"--" + s.Flag + "=" + v[0]}, map[string]string{s.Env: v[1]}
		for _, c := range []struct {
			args   []string
			env    map[string]string
			value  string
			source Source
		}{
			{flag, env, v[0], FromFlag},
			{flag, nil, v[0], FromFlag},
			{nil, env, v[1], FromEnvironment},
			{nil, map[string]string{s.Env: ""}, s.Default, FromDefault},
			{nil, nil, s.Default, FromDefault},
		} {
			got, all, err := load(t, c.args, c.env)
			if err != nil {
				t.Errorf("%s: %v", s.Name, err)
				continue
			}
			e := all[slices.IndexFunc(all, func(e Effective) bool { return e.Setting.Name == s.Name })]
			if e.Value != c.value || e.Source != c.source {
				t.Errorf("%s: %q from %s, want %q from %s", s.Name, e.Value, e.Source, c.value, c.source)
			}
			var want Config
			if err := s.set(&want, c.value); err != nil {
				t.Fatal(err)
			}
			if !holds(got, want) {
				t.Errorf("%s: %+v lacks the value of %+v", s.Name, got, want)
			}
		}
	}
}

// holds tells whether a configuration has what is set in another.
func holds(got, want Config) bool {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range w.NumField() {
		if f := w.Type().Field(i); f.IsExported() && !w.Field(i).IsZero() && !reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
			return false
		}
	}
	return true
}

func TestLists(t *testing.T) {
	c, _, err := load(t, []string{"--cors-origin=https://a.example", "--cors-origin", "http://b.example:8080, https://c.example,"}, nil)
	if want := []string{"https://a.example", "http://b.example:8080", "https://c.example"}; err != nil || !slices.Equal(c.CORSOrigins, want) {
		t.Errorf("got %q %v", c.CORSOrigins, err)
	}
	if c, _, err := load(t, []string{"--allowed-host=a.example, 192.0.2.1", "--allowed-host", "[::1],mapgraph,2001:db8::1"}, nil); err != nil ||
		!slices.Equal(c.AllowedHosts, []string{"a.example", "192.0.2.1", "[::1]", "mapgraph", "2001:db8::1"}) {
		t.Errorf("%q %v", c.AllowedHosts, err)
	}
	c, _, err = load(t, []string{"--cors-origin="}, map[string]string{"MAPGRAPH_CORS_ORIGIN": "*"})
	if err != nil || len(c.CORSOrigins) > 0 {
		t.Errorf("an empty flag clears the list of the environment; got %q %v", c.CORSOrigins, err)
	}
	if c, _, err := load(t, []string{"--strict"}, nil); err != nil || !c.Strict {
		t.Errorf("--strict alone is true; got %t %v", c.Strict, err)
	}
}

func TestValuesThatAreNotAllowed(t *testing.T) {
	for _, c := range []struct{ name, value, expected string }{
		{"strict", "perhaps", "true or false"},
		{"store", "disk", "memory or neo4j"},
		{"attack-version", "newest", "such as 16.1"},
		{"attack-version", "16", "such as 16.1"},
		{"neo4j-uri", "http://h", "neo4j or neo4j+s"},
		{"neo4j-uri", "bolt://", "neo4j or neo4j+s"},
		{"addr", "localhost", "HOST:PORT"},
		{"addr", "127.0.0.1:http", "HOST:PORT"},
		{"addr", "127.0.0.1:65536", "HOST:PORT"},
		{"metrics-addr", "9090", "HOST:PORT"},
		{"cors-origin", "app.example.org", "SCHEME://HOST"},
		{"cors-origin", "https://app.example.org/", "SCHEME://HOST"},
		{"cors-origin", "https://*.example.org", "SCHEME://HOST"},
		{"cors-origin", "https://u@example.org", "SCHEME://HOST"},
		{"cors-origin", "ftp://example.org", "SCHEME://HOST"},
		{"cors-origin", "https://a.example,null", "SCHEME://HOST"},
		{"allowed-host", "https://a.example", "without scheme"},
		{"allowed-host", "a.example:8080", "without scheme, port and path"},
		{"allowed-host", "*.example.org", "without scheme"},
		{"allowed-host", "a.example/x", "without scheme"},
		{"drain-delay", "-1s", "or 0s"},
		{"max-body", "1MB", "a whole number"},
		{"max-depth", "0", "from 1"},
		{"max-depth", "-1", "from 1"},
		{"max-values", "9999999999", "2147483647"},
		{"large-requests", "none", "auto, or a whole number"},
		{"request-timeout", "30", "such as 500ms or 30s"},
		{"shutdown-timeout", "0s", "above 0"},
		{"log-level", "loud", "debug, info, warn or error"},
		{"log-format", "xml", "text or json"},
	} {
		env, flag := envName(c.name), "--"+Settings[slices.IndexFunc(Settings, func(s Setting) bool { return s.Name == c.name })].Flag
		for from, err := range map[string]error{
			"from the flag " + flag:               second(load(t, []string{flag + "=" + c.value}, nil)),
			"from " + env + " in the environment": second(load(t, nil, map[string]string{env: c.value})),
		} {
			if err == nil {
				t.Errorf("%s %s: no error", c.name, c.value)
				continue
			}
			for _, says := range []string{c.name + ":", fmt.Sprintf("%q", c.value), from, c.expected, "expected"} {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%q lacks %q", err, says)
				}
			}
		}
	}
	_, _, err := load(t, []string{"--max-depth=x"}, map[string]string{"MAPGRAPH_ADDR": "y"})
	if err == nil || !strings.Contains(err.Error(), "max-depth") || !strings.Contains(err.Error(), "addr") {
		t.Errorf("not every wrong value is told: %v", err)
	}
}

func second(_ Config, _ []Effective, err error) error { return err }

func TestGroups(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	l := Bind(flags, LogGroup)
	if flags.Lookup("addr") != nil || flags.Lookup("log-level") == nil {
		t.Error("the flags are not those of the group")
	}
	if _, all, err := l.Load(func(string) (string, bool) { return "json", true }); err == nil || len(all) != 2 {
		t.Errorf("%d settings, %v", len(all), err)
	}
	if c, _, err := load(t, []string{"--store=neo4j"}, nil); err != nil || c.Store != Neo4j {
		t.Errorf("%q %v", c.Store, err)
	}
}

const password = "hunter2-hunter2"

func TestPassword(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good", "from-"+password+"\n")
	const env, fileEnv = "MAPGRAPH_NEO4J_PASSWORD", "MAPGRAPH_NEO4J_PASSWORD_FILE"
	for _, c := range []struct {
		name   string
		args   []string
		env    map[string]string
		want   string
		source Source
		says   string
	}{
		{"none", nil, nil, "", FromDefault, ""},
		{"environment", nil, map[string]string{env: password}, password, FromEnvironment, ""},
		{"file by flag", []string{"--neo4j-password-file", good}, nil, "from-" + password, FromFile, ""},
		{"file by environment", nil, map[string]string{fileEnv: good}, "from-" + password, FromFile, ""},
		{"flag before environment", []string{"--neo4j-password-file", good}, map[string]string{env: password}, "from-" + password, FromFile, ""},
		{"both in the environment", nil, map[string]string{env: password, fileEnv: good}, "", "", "set one"},
		{"no file", []string{"--neo4j-password-file", filepath.Join(folder, "none")}, nil, "", "", "no such file"},
		{"empty file", []string{"--neo4j-password-file", write("empty", "\n")}, nil, "", "", "the file is empty"},
		{"long file", []string{"--neo4j-password-file", write("long", strings.Repeat("x", 5000))}, nil, "", "", "nothing but the password"},
		{"folder", []string{"--neo4j-password-file", folder}, nil, "", "", "neo4j-password-file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, all, err := load(t, c.args, c.env)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want it to say %q", err, c.says)
				}
				return
			}
			if err != nil || got.Neo4jPassword.Reveal() != c.want || got.Neo4jPassword.IsSet() != (c.want != "") {
				t.Fatalf("got %q %v", got.Neo4jPassword.Reveal(), err)
			}
			var out bytes.Buffer
			if err := Print(&out, all); err != nil {
				t.Fatal(err)
			}
			line := lineOf(out.String(), "neo4j-password ")
			if strings.Contains(out.String(), password) || !strings.Contains(line, string(c.source)) || strings.Contains(line, redacted) != (c.want != "") {
				t.Errorf("printed %q", line)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", all, all), password) {
				t.Error("the effective settings hold the password")
			}
		})
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	Bind(flags, Neo4jGroup)
	if flags.Lookup("neo4j-password") != nil {
		t.Error("the password has a flag")
	}
}

func lineOf(text, start string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			return line
		}
	}
	return ""
}

// A user and password in a URI would be printed with it.
func TestPasswordInURI(t *testing.T) {
	_, _, err := load(t, []string{"--neo4j=bolt://neo4j:" + password + "@h"}, nil)
	if err == nil || !strings.Contains(err.Error(), "without user and password") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	type hidden struct{ s Secret }
	s := NewSecret(password)
	c := Config{Neo4jPassword: s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%t", "%8.3s"} {
		for _, value := range []any{s, &s, c, &c, hidden{s}, &hidden{s}, []Secret{s}, map[string]Secret{"a": s}, map[Secret]int{s: 1}} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("config", "secret", s, "pointer", &s, "config", c, "hidden", hidden{s}, "list", []Secret{s})
	}
	for _, value := range []any{s, &s, c, []Secret{s}, map[Secret]int{s: 1}} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	fmt.Fprintln(&out, s, errors.New(s.String()))
	for _, trace := range []string{password, fmt.Sprintf("%x", password), fmt.Sprintf("%X", password)} {
		if i := strings.Index(out.String(), trace); i >= 0 {
			t.Errorf("printed: %.80s", out.String()[max(0, i-40):])
		}
	}
	if (Secret{}).Reveal() != "" || s.Reveal() != password {
		t.Error("what is hidden is lost")
	}
}

func TestPrint(t *testing.T) {
	_, all, err := load(t, []string{"--addr=:1"}, map[string]string{"MAPGRAPH_MAX_DEPTH": "9"}, ServeGroup, LimitGroup)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Print(&out, all); err != nil {
		t.Fatal(err)
	}
	for start, want := range map[string]string{
		"addr ":       `addr              ":1"        flag --addr`,
		"max-depth ":  `max-depth         "9"         environment MAPGRAPH_MAX_DEPTH`,
		"max-values ": `max-values        "2000000"  default`,
	} {
		if got := strings.Fields(lineOf(out.String(), start)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestUnknown(t *testing.T) {
	got := Unknown([]string{
		"MAPGRAPH_ADDR=x", "MAPGRAPH_ADRR=secret", "MAPGRAPH_MAXDEPTH=9", "MAPGRAPH_SOMETHING_ELSE=1", "MAPGRAPH_REQUIRE_NODE=1",
		"MAPGRAPH_CORPUS=c", "HOME=/", "MAPGRAPH_NEO4J_PASSWORD=x",
	})
	want := []string{
		"MAPGRAPH_ADRR (did you mean MAPGRAPH_ADDR?)",
		"MAPGRAPH_MAXDEPTH (did you mean MAPGRAPH_MAX_DEPTH?)",
		"MAPGRAPH_SOMETHING_ELSE",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := Markdown(&out, everything...); err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, s := range Settings {
		names[s.Name]++
		names[s.Env]++
		if s.Env != "MAPGRAPH_"+strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_")) || s.Help == "" || s.Group == "" {
			t.Errorf("%+v", s)
		}
		if s.Flag != s.Name && !s.secret && s.Name != "neo4j-uri" { // --neo4j says enough
			t.Errorf("%s: the flag is %q", s.Name, s.Flag)
		}
		var c Config
		if err := s.set(&c, s.Default); err != nil {
			t.Errorf("%s: the default is not allowed: %v", s.Name, err)
		}
		if !strings.Contains(out.String(), "`"+s.Env+"`") {
			t.Errorf("%s is not in the documentation", s.Name)
		}
	}
	for name, n := range maps.All(names) {
		if n > 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
	for line := range strings.Lines(out.String()) {
		if strings.Count(line, "|")-strings.Count(line, `\|`) != 5 {
			t.Errorf("not four columns: %s", line)
		}
	}
}
