// Package config is the one table of settings: it gives each its flag, its
// environment name, its default and its help, and the documentation its rows.
package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"
)

// EnvPrefix begins the environment name of every setting.
const EnvPrefix = "MAPGRAPH_"

// Config is every setting's value.
type Config struct {
	Data            string
	Strict          bool
	Frameworks      []string
	Store           string // Memory or Neo4j
	AttackVersion   string
	Server          string // URL; empty to answer in this process
	Addr            string
	MetricsAddr     string
	CORSOrigins     []string
	AllowedHosts    []string
	MaxBody         int64
	MaxTokens       int
	MaxDepth        int
	MaxAliases      int
	MaxValues       int64 // of an answer
	MaxAnswer       int64 // bytes of an answer
	MaxWork         int64 // steps of a request
	MaxUnread       int64 // bytes of answers on their way
	CacheSize       int64 // bytes of what is kept for later requests
	LargeRequests   int   // that run at once; 0 chooses by the number of processors
	MaxWait         time.Duration
	RequestTimeout  time.Duration
	DrainDelay      time.Duration
	ShutdownTimeout time.Duration
	LogLevel        slog.Level
	LogFormat       string // text or json
	Neo4jURI        string
	Neo4jUser       string
	Neo4jPassword   Secret
	Neo4jDatabase   string

	passwordFile string
}

// The stores.
const (
	Memory = "memory"
	Neo4j  = "neo4j"
)

// Source says where a setting's value came from.
type Source string

// The sources, weakest first.
const (
	FromDefault     Source = "default"
	FromEnvironment Source = "environment"
	FromFlag        Source = "flag"
	FromFile        Source = "file" // of a secret
)

// Loader gathers the values of the settings that a command takes.
type Loader struct {
	groups   []Group
	settings []*Setting
	given    map[string]*flagValue // by flag
}

// Bind adds the flags of the groups to a flag set.
func Bind(flags *pflag.FlagSet, groups ...Group) *Loader {
	l := &Loader{groups: groups, given: map[string]*flagValue{}}
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
		l.given[s.Flag] = v
		f := flags.VarPF(v, s.Flag, "", s.Help+" ["+s.Env+"]")
		if s.isBool {
			f.NoOptDefVal = "true"
		}
	}
	return l
}

// flagValue takes a flag's texts as they come. Load reads them, so that a wrong
// one is reported like a wrong one of the environment.
type flagValue struct {
	setting *Setting
	given   []string
}

// Set takes a text.
func (v *flagValue) Set(s string) error {
	v.given = append(v.given, s)
	return nil
}

// String gives the default, for the help.
func (v *flagValue) String() string {
	if v.setting == nil {
		return ""
	}
	return v.setting.Default
}

// Type says what the help calls the value.
func (v *flagValue) Type() string {
	if v.setting.isBool {
		return "bool"
	}
	return "value"
}

// Effective is one setting's value and where it came from.
type Effective struct {
	Setting *Setting
	Value   string // as it was written; hidden if it is a secret
	Source  Source
}

// Load works out every value: a flag outranks the environment, which outranks
// the default; an empty text in the environment counts as none. The error tells
// of every value that is not allowed: the setting, the value, where it came
// from and what is expected.
func (l *Loader) Load(lookup func(string) (string, bool)) (Config, []Effective, error) {
	var c Config
	var all []Effective
	var wrong []error
	for _, s := range l.settings {
		e := l.find(s, lookup)
		if err := s.set(&c, e.Value); err != nil {
			wrong = append(wrong, e.wrong(err))
		}
		if s.secret && e.Value != "" {
			e.Value = redacted
		}
		all = append(all, e)
	}
	if err := l.readPassword(&c, all); err != nil {
		wrong = append(wrong, err)
	}
	return c, all, errors.Join(wrong...)
}

// find gives a setting's text from the strongest source that has one.
func (l *Loader) find(s *Setting, lookup func(string) (string, bool)) Effective {
	if flag := l.given[s.Flag]; flag != nil && len(flag.given) > 0 {
		if s.isList {
			return Effective{s, strings.Join(flag.given, ","), FromFlag}
		}
		return Effective{s, flag.given[len(flag.given)-1], FromFlag}
	}
	if v, ok := lookup(s.Env); ok && v != "" {
		return Effective{s, v, FromEnvironment}
	}
	return Effective{s, s.Default, FromDefault}
}

func (e Effective) wrong(err error) error {
	from := "the default"
	switch e.Source {
	case FromFlag:
		from = "from the flag --" + e.Setting.Flag
	case FromEnvironment:
		from = "from " + e.Setting.Env + " in the environment"
	}
	value := e.Value
	if e.Setting.secret {
		value = redacted
	}
	return fmt.Errorf("%s: %q, %s, is not allowed: %w", e.Setting.Name, value, from, err)
}

// maxPasswordFile is far more than a password needs.
const maxPasswordFile = 4 << 10

// readPassword takes the password from its file, if one is named. A file named
// by a flag outranks a password in the environment; both in the environment
// are a mistake that nothing can resolve.
func (l *Loader) readPassword(c *Config, all []Effective) error {
	if c.passwordFile == "" {
		return nil
	}
	at := func(name string) *Effective {
		return &all[slices.IndexFunc(all, func(e Effective) bool { return e.Setting.Name == name })]
	}
	password, file := at("neo4j-password"), at("neo4j-password-file")
	if password.Source == FromEnvironment && file.Source == FromEnvironment {
		return fmt.Errorf("neo4j-password: both %s and %s are set; set one", password.Setting.Env, file.Setting.Env)
	}
	f, err := os.Open(c.passwordFile)
	if err != nil {
		return file.wrong(err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxPasswordFile+1))
	switch {
	case err != nil:
		return file.wrong(err)
	case len(text) > maxPasswordFile:
		return file.wrong(errors.New("a file with nothing but the password is expected"))
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return file.wrong(errors.New("the file is empty"))
	}
	c.Neo4jPassword = NewSecret(secret)
	password.Value, password.Source = redacted, FromFile
	return nil
}

// Print writes the effective values with their sources, secrets hidden.
func Print(w io.Writer, all []Effective) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range all {
		from := string(e.Source)
		switch e.Source {
		case FromFlag:
			from += " --" + e.Setting.Flag
		case FromEnvironment:
			from += " " + e.Setting.Env
		}
		_, _ = fmt.Fprintf(t, "%s\t%q\t%s\n", e.Setting.Name, e.Value, from)
	}
	return t.Flush()
}

// OSLookup finds environment names of the process.
var OSLookup = os.LookupEnv
