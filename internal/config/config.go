// Package config is the one table of settings: it gives each its flag, its
// environment name, its default and its help, and the documentation its rows.
package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// EnvPrefix begins the environment name of every setting.
const EnvPrefix = "MAPGRAPH_"

// Secret is a text that nothing prints.
type Secret string

const redacted = "[redacted]"

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Reveal gives the text, to hand it to what needs it.
func (s Secret) Reveal() string { return string(s) }

// Config is every setting's value.
type Config struct {
	Data            string
	Strict          bool
	Frameworks      []string
	Store           string
	AttackVersion   string
	Addr            string
	MetricsAddr     string
	CORSOrigins     []string
	MaxBody         int64
	MaxTokens       int
	MaxDepth        int
	MaxAliases      int
	MaxCost         int
	RequestTimeout  time.Duration
	ShutdownTimeout time.Duration
	LogLevel        slog.Level
	LogFormat       string
	Neo4jURI        string
	Neo4jUser       string
	Neo4jPassword   Secret
	Neo4jDatabase   string
}

// Group names the settings that a command takes.
type Group string

// The groups.
const (
	DataGroup  Group = "data"
	StoreGroup Group = "store"
	ServeGroup Group = "serve"
	LogGroup   Group = "log"
)

// Setting is one row of the table.
type Setting struct {
	Flag    string // without dashes; empty for a setting that must not show in a process list
	Env     string
	Default string
	Help    string
	Group   Group
	secret  bool
	isBool  bool
	set     func(*Config, string) error
}

// Settings is the table.
var Settings = []Setting{
	text(DataGroup, "data", "", "folder of mapping sets, ATT&CK bundles, OSCAL catalogs and priorities; without it the embedded facts edition is served", func(c *Config) *string { return &c.Data }),
	boolean(DataGroup, "strict", "refuse the whole load if a file is refused", func(c *Config) *bool { return &c.Strict }),
	list(DataGroup, "framework", "kind and name of a framework of your own, ID=KIND:NAME; repeat or separate with commas", func(c *Config) *[]string { return &c.Frameworks }),

	choice(StoreGroup, "store", []string{"memory"}, "where the graph is kept", func(c *Config) *string { return &c.Store }),
	text(StoreGroup, "attack-version", "", "ATT&CK version of the default view; without it the newest loaded one", func(c *Config) *string { return &c.AttackVersion }),

	address(ServeGroup, "addr", "127.0.0.1:8080", "address to serve at, HOST:PORT", func(c *Config) *string { return &c.Addr }),
	address(ServeGroup, "metrics-addr", "", "address for metrics and profiles, HOST:PORT; off by default", func(c *Config) *string { return &c.MetricsAddr }),
	origins(ServeGroup, "cors-origin", "web origin that may ask from a browser, such as https://app.example.org, or *; repeat or separate with commas", func(c *Config) *[]string { return &c.CORSOrigins }),
	limit("max-body", "1048576", "bytes of a request's body", func(c *Config, n int64) { c.MaxBody = n }),
	limit("max-tokens", "10000", "tokens of a query", func(c *Config, n int64) { c.MaxTokens = int(n) }),
	limit("max-depth", "16", "depth of a query's fields", func(c *Config, n int64) { c.MaxDepth = int(n) }),
	limit("max-aliases", "64", "aliases in a query", func(c *Config, n int64) { c.MaxAliases = int(n) }),
	limit("max-cost", "5000000", "estimated fields of an answer", func(c *Config, n int64) { c.MaxCost = int(n) }),
	duration(ServeGroup, "request-timeout", "30s", "time for one request", func(c *Config) *time.Duration { return &c.RequestTimeout }),
	duration(ServeGroup, "shutdown-timeout", "15s", "time for requests under way when the server is told to stop", func(c *Config) *time.Duration { return &c.ShutdownTimeout }),

	level(LogGroup, "log-level", "info", "least level that is logged: debug, info, warn or error", func(c *Config) *slog.Level { return &c.LogLevel }),
	choice(LogGroup, "log-format", []string{"text", "json"}, "form of the log", func(c *Config) *string { return &c.LogFormat }),
}

func envName(flag string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func setting(g Group, flag, def, help string, set func(*Config, string) error) Setting {
	return Setting{Flag: flag, Env: envName(flag), Default: def, Help: help, Group: g, set: set}
}

func text(g Group, flag, def, help string, at func(*Config) *string) Setting {
	return setting(g, flag, def, help, func(c *Config, v string) error { *at(c) = v; return nil })
}

func boolean(g Group, flag, help string, at func(*Config) *bool) Setting {
	s := setting(g, flag, "false", help, func(c *Config, v string) (err error) {
		if *at(c), err = strconv.ParseBool(v); err != nil {
			return fmt.Errorf("true or false is expected")
		}
		return nil
	})
	s.isBool = true
	return s
}

func list(g Group, flag, help string, at func(*Config) *[]string) Setting {
	return setting(g, flag, "", help, func(c *Config, v string) error {
		*at(c) = splitList(v)
		return nil
	})
}

func splitList(v string) []string {
	var items []string
	for item := range strings.SplitSeq(v, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func choice(g Group, flag string, of []string, help string, at func(*Config) *string) Setting {
	return setting(g, flag, of[0], help+": "+strings.Join(of, " or "), func(c *Config, v string) error {
		if !slices.Contains(of, v) {
			return fmt.Errorf("%s is expected", strings.Join(of, " or "))
		}
		*at(c) = v
		return nil
	})
}

func address(g Group, flag, def, help string, at func(*Config) *string) Setting {
	return setting(g, flag, def, help, func(c *Config, v string) error {
		if v != "" {
			if _, port, err := net.SplitHostPort(v); err != nil || !isPort(port) {
				return fmt.Errorf("HOST:PORT is expected, such as 127.0.0.1:8080")
			}
		}
		*at(c) = v
		return nil
	})
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n < 1<<16
}

func origins(g Group, flag, help string, at func(*Config) *[]string) Setting {
	return setting(g, flag, "", help, func(c *Config, v string) error {
		items := splitList(v)
		for _, o := range items {
			u, err := url.Parse(o)
			if o != "*" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" || u.RawQuery != "") {
				return fmt.Errorf("%q is no origin: SCHEME://HOST[:PORT] or * is expected", o)
			}
		}
		*at(c) = items
		return nil
	})
}

func limit(flag, def, help string, set func(*Config, int64)) Setting {
	return setting(ServeGroup, flag, def, "most "+help, func(c *Config, v string) error {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 1 {
			return fmt.Errorf("a whole number above 0 is expected")
		}
		set(c, n)
		return nil
	})
}

func duration(g Group, flag, def, help string, at func(*Config) *time.Duration) Setting {
	return setting(g, flag, def, help, func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d <= 0 {
			return fmt.Errorf("a time such as 500ms or 30s is expected")
		}
		*at(c) = d
		return nil
	})
}

func level(g Group, flag, def, help string, at func(*Config) *slog.Level) Setting {
	return setting(g, flag, def, help, func(c *Config, v string) error {
		if err := at(c).UnmarshalText([]byte(v)); err != nil {
			return fmt.Errorf("debug, info, warn or error is expected")
		}
		return nil
	})
}

// Source says where a setting's value came from.
type Source string

// The sources, weakest first.
const (
	FromDefault     Source = "default"
	FromEnvironment Source = "environment"
	FromFlag        Source = "flag"
)

// Loader gathers the values of the settings that a command takes.
type Loader struct {
	settings []*Setting
	flags    *pflag.FlagSet
	values   map[string]*[]string
}

// Bind adds the flags of the groups to a flag set.
func Bind(flags *pflag.FlagSet, groups ...Group) *Loader {
	l := &Loader{flags: flags, values: map[string]*[]string{}}
	for i := range Settings {
		s := &Settings[i]
		if !slices.Contains(groups, s.Group) {
			continue
		}
		l.settings = append(l.settings, s)
		if s.Flag == "" {
			continue
		}
		v := &flagValue{setting: s}
		l.values[s.Flag] = &v.given
		f := flags.VarPF(v, s.Flag, "", s.Help+" ["+s.Env+"]")
		if s.isBool {
			f.NoOptDefVal = "true"
		}
	}
	return l
}

// flagValue takes a flag's texts as they come; a list's are joined.
type flagValue struct {
	setting *Setting
	given   []string
}

func (v *flagValue) Set(s string) error {
	v.given = append(v.given, s)
	return nil
}

func (v *flagValue) String() string {
	if v.setting == nil {
		return ""
	}
	return v.setting.Default
}

func (v *flagValue) Type() string {
	if v.setting.isBool {
		return "bool"
	}
	return "value"
}

// Effective is one setting's value and where it came from.
type Effective struct {
	Setting *Setting
	Value   string
	Source  Source
}

// Load works out every value: a flag outranks the environment, which outranks
// the default. An error names the setting, where its value came from and what
// is expected.
func (l *Loader) Load(lookup func(string) (string, bool)) (Config, []Effective, error) {
	var c Config
	var all []Effective
	for _, s := range l.settings {
		e := Effective{Setting: s, Value: s.Default, Source: FromDefault}
		if v, ok := lookup(s.Env); ok && v != "" {
			e.Value, e.Source = v, FromEnvironment
		}
		if given := l.values[s.Flag]; given != nil && len(*given) > 0 {
			e.Source = FromFlag
			e.Value = (*given)[len(*given)-1]
			if s.Flag == "framework" || s.Flag == "cors-origin" {
				e.Value = strings.Join(*given, ",")
			}
		}
		if err := s.set(&c, e.Value); err != nil {
			return c, all, fmt.Errorf("%s: %q: %w", e.name(), e.shown(), err)
		}
		all = append(all, e)
	}
	return c, all, nil
}

func (e *Effective) name() string {
	if e.Source == FromEnvironment {
		return e.Setting.Env
	}
	return "--" + e.Setting.Flag
}

func (e *Effective) shown() string {
	if e.Setting.secret && e.Value != "" {
		return redacted
	}
	return e.Value
}

// Unknown lists the environment names that look like settings and are none.
func Unknown(environ []string) []string {
	var names []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, EnvPrefix) && !slices.ContainsFunc(Settings, func(s Setting) bool { return s.Env == name }) && !ours[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// ours are environment names that tests and builds use.
var ours = map[string]bool{"MAPGRAPH_CORPUS": true, "MAPGRAPH_REQUIRE_CORPUS": true, "MAPGRAPH_REQUIRE_NODE": true, "MAPGRAPH_REQUIRE_BROWSER": true, "MAPGRAPH_URL": true}

// Print writes the effective values with their sources, secrets hidden.
func Print(w io.Writer, all []Effective) error {
	for _, e := range all {
		if _, err := fmt.Fprintf(w, "%-18s %-24q %s\n", e.Setting.Flag, e.shown(), e.Source); err != nil {
			return err
		}
	}
	return nil
}

// Markdown writes the table for the documentation.
func Markdown(w io.Writer) error {
	if _, err := fmt.Fprint(w, "| flag | environment | default | meaning |\n|---|---|---|---|\n"); err != nil {
		return err
	}
	for _, s := range Settings {
		def := s.Default
		if def != "" {
			def = "`" + def + "`"
		}
		if _, err := fmt.Fprintf(w, "| `--%s` | `%s` | %s | %s |\n", s.Flag, s.Env, def, s.Help); err != nil {
			return err
		}
	}
	return nil
}

// OSLookup finds environment names of the process.
var OSLookup = os.LookupEnv
