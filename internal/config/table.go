package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// Group names the settings that a command takes.
type Group string

// The groups.
const (
	DataGroup   Group = "data"
	ServerGroup Group = "server" // for commands that can ask a server instead of loading data
	AnswerGroup Group = "answer" // for commands that answer questions
	Neo4jGroup  Group = "neo4j"  // for commands that can use it
	LimitGroup  Group = "limit"  // for commands that answer others
	ServeGroup  Group = "serve"
	LogGroup    Group = "log"
)

// Setting is one row of the table.
type Setting struct {
	Name    string
	Flag    string // without dashes; empty for a setting that must not show in a list of processes
	Env     string
	Default string
	Help    string
	Group   Group

	secret bool
	isBool bool
	isList bool
	set    func(*Config, string) error // the error says what is expected
}

// Settings is the table.
var Settings = []Setting{
	text(DataGroup, "data", "", "folder of mapping sets, ATT&CK bundles, OSCAL catalogs and priorities; without it the embedded facts edition is served", func(c *Config) *string { return &c.Data }),
	boolean(DataGroup, "strict", "refuse the whole load if a file is refused", func(c *Config) *bool { return &c.Strict }),
	list(DataGroup, "framework", "kind and name of a framework of your own, ID=KIND:NAME; repeat or separate with commas", func(c *Config) *[]string { return &c.Frameworks }),

	serverURL(ServerGroup, "server", "URL of a mapgraph server to ask, such as http://127.0.0.1:8080, instead of loading data", func(c *Config) *string { return &c.Server }),

	choice(AnswerGroup, "store", []string{Memory, Neo4j}, "where the graph is kept", func(c *Config) *string { return &c.Store }),
	attackVersion(AnswerGroup, "attack-version", "ATT&CK version of the default view; without it the newest loaded one", func(c *Config) *string { return &c.AttackVersion }),

	neo4jURI("neo4j-uri", "neo4j", "neo4j://127.0.0.1:7687", "where Neo4j is; with neo4j:// a cluster is routed", func(c *Config) *string { return &c.Neo4jURI }),
	text(Neo4jGroup, "neo4j-user", "neo4j", "user of Neo4j", func(c *Config) *string { return &c.Neo4jUser }),
	secret(Neo4jGroup, "neo4j-password", "password of Neo4j; it has no flag, which every user of the machine could read", func(c *Config) *Secret { return &c.Neo4jPassword }),
	text(Neo4jGroup, "neo4j-password-file", "", "file that holds the password of Neo4j", func(c *Config) *string { return &c.passwordFile }),
	text(Neo4jGroup, "neo4j-database", "neo4j", "database of Neo4j", func(c *Config) *string { return &c.Neo4jDatabase }),

	address(ServeGroup, "addr", "127.0.0.1:8080", "address to serve at, HOST:PORT", func(c *Config) *string { return &c.Addr }),
	address(ServeGroup, "metrics-addr", "", "address for metrics and profiles, HOST:PORT, on this machine if it names no host; off by default", func(c *Config) *string { return &c.MetricsAddr }),
	hosts(ServeGroup, "allowed-host", "name that the server answers to besides this machine's own, such as mapgraph.example.org, or * for any; repeat or separate with commas", func(c *Config) *[]string { return &c.AllowedHosts }),
	origins(ServeGroup, "cors-origin", "web origin that may ask from a browser, such as https://app.example.org, or *; repeat or separate with commas", func(c *Config) *[]string { return &c.CORSOrigins }),
	limit("max-body", "1048576", "bytes of a request's body", func(c *Config, n int) { c.MaxBody = int64(n) }),
	limit("max-tokens", "10000", "tokens of a query", func(c *Config, n int) { c.MaxTokens = n }),
	limit("max-depth", "16", "depth of a query's fields", func(c *Config, n int) { c.MaxDepth = n }),
	limit("max-aliases", "64", "aliases in a query", func(c *Config, n int) { c.MaxAliases = n }),
	limit("max-values", "2000000", "values of an answer", func(c *Config, n int) { c.MaxValues = int64(n) }),
	limit("max-answer", "16777216", "bytes of an answer", func(c *Config, n int) { c.MaxAnswer = int64(n) }),
	limit("max-work", "200000000", "steps that an answer may take, of some 15 ns each", func(c *Config, n int) { c.MaxWork = int64(n) }),
	limit("max-unread", "134217728", "bytes of answers on their way, of all clients; beyond it the slowest readers are cut off", func(c *Config, n int) { c.MaxUnread = int64(n) }),
	limit("cache-size", "134217728", "bytes that views, search indexes and texts take that are kept for later requests", func(c *Config, n int) { c.CacheSize = int64(n) }),
	autoLimit("large-requests", "large requests that run at once; auto leaves one processor to the small ones", func(c *Config, n int) { c.LargeRequests = n }),
	duration(LimitGroup, "max-wait", "10s", "time that a request waits for its turn", func(c *Config) *time.Duration { return &c.MaxWait }),
	duration(AnswerGroup, "request-timeout", "30s", "time for one request", func(c *Config) *time.Duration { return &c.RequestTimeout }),
	delay(ServeGroup, "drain-delay", "0s", "time to serve on, but not ready, when the server is told to stop, for load balancers to notice", func(c *Config) *time.Duration { return &c.DrainDelay }),
	duration(ServeGroup, "shutdown-timeout", "15s", "time for requests under way when the server is told to stop", func(c *Config) *time.Duration { return &c.ShutdownTimeout }),

	level(LogGroup, "log-level", "info", "least level that is logged: debug, info, warn or error", func(c *Config) *slog.Level { return &c.LogLevel }),
	choice(LogGroup, "log-format", []string{"text", "json"}, "form of the log", func(c *Config) *string { return &c.LogFormat }),
}

func envName(name string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func setting(g Group, name, def, help string, set func(*Config, string) error) Setting {
	return Setting{Name: name, Flag: name, Env: envName(name), Default: def, Help: help, Group: g, set: set}
}

func text(g Group, name, def, help string, at func(*Config) *string) Setting {
	return checked(g, name, def, help, "", func(string) bool { return true }, at)
}

// checked is a text that must pass a check; expected says what passes. The
// empty text passes where it is the default.
func checked(g Group, name, def, help, expected string, ok func(string) bool, at func(*Config) *string) Setting {
	return setting(g, name, def, help, func(c *Config, v string) error {
		if v != def && !ok(v) {
			return errors.New(expected + " is expected")
		}
		*at(c) = v
		return nil
	})
}

func choice(g Group, name string, of []string, help string, at func(*Config) *string) Setting {
	names := strings.Join(of, " or ")
	return checked(g, name, of[0], help+": "+names, names, func(v string) bool { return slices.Contains(of, v) }, at)
}

var attackVersionForm = regexp.MustCompile(`^\d{1,3}\.\d{1,3}$`)

func attackVersion(g Group, name, help string, at func(*Config) *string) Setting {
	return checked(g, name, "", help, "a version such as 16.1", attackVersionForm.MatchString, at)
}

func address(g Group, name, def, help string, at func(*Config) *string) Setting {
	return checked(g, name, def, help, "HOST:PORT, such as 127.0.0.1:8080,", isAddress, at)
}

func isAddress(v string) bool {
	_, port, err := net.SplitHostPort(v)
	n, notNumber := strconv.Atoi(port)
	return err == nil && notNumber == nil && n >= 0 && n < 1<<16
}

func serverURL(g Group, name, help string, at func(*Config) *string) Setting {
	return checked(g, name, "", help, "a URL such as http://127.0.0.1:8080", func(v string) bool {
		u, err := url.Parse(v)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
	}, at)
}

var neo4jSchemes = []string{"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"}

func neo4jURI(name, flag, def, help string, at func(*Config) *string) Setting {
	expected := "a URI without user and password, such as " + def + ", of the scheme " + strings.Join(neo4jSchemes, " or ") + ","
	s := checked(Neo4jGroup, name, def, help, expected, func(v string) bool {
		u, err := url.Parse(v)
		return err == nil && slices.Contains(neo4jSchemes, u.Scheme) && u.Hostname() != "" && u.User == nil
	}, at)
	s.Flag = flag
	return s
}

func secret(g Group, name, help string, at func(*Config) *Secret) Setting {
	s := setting(g, name, "", help, func(c *Config, v string) error {
		*at(c) = NewSecret(v)
		return nil
	})
	s.Flag, s.secret = "", true
	return s
}

func boolean(g Group, name, help string, at func(*Config) *bool) Setting {
	s := setting(g, name, "false", help, func(c *Config, v string) error {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return errors.New("true or false is expected")
		}
		*at(c) = b
		return nil
	})
	s.isBool = true
	return s
}

func list(g Group, name, help string, at func(*Config) *[]string) Setting {
	return items(g, name, help, func(string) error { return nil }, at)
}

func items(g Group, name, help string, check func(string) error, at func(*Config) *[]string) Setting {
	s := setting(g, name, "", help, func(c *Config, v string) error {
		*at(c) = nil
		for item := range strings.SplitSeq(v, ",") {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			if err := check(item); err != nil {
				return err
			}
			*at(c) = append(*at(c), item)
		}
		return nil
	})
	s.isList = true
	return s
}

func origins(g Group, name, help string, at func(*Config) *[]string) Setting {
	return items(g, name, help, func(origin string) error {
		if origin == "*" || isOrigin(origin) {
			return nil
		}
		return fmt.Errorf("%q is no origin; SCHEME://HOST[:PORT] without a path, or * for any, is expected", origin)
	}, at)
}

// isOrigin tells whether a text is what browsers send as Origin. Patterns are
// none: they let in more hosts than people think.
func isOrigin(v string) bool {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return false
	}
	return v == u.Scheme+"://"+u.Host && !strings.Contains(u.Host, "*")
}

func hosts(g Group, name, help string, at func(*Config) *[]string) Setting {
	return items(g, name, help, func(host string) error {
		if host == "*" || isHost(host) {
			return nil
		}
		return fmt.Errorf("%q is no host; a name or an IP address without scheme, port and path, or * for any, is expected", host)
	}, at)
}

// isHost tells whether a text is the host of a URL.
func isHost(v string) bool {
	if _, err := netip.ParseAddr(strings.Trim(v, "[]")); err == nil {
		return true
	}
	u, err := url.Parse("http://" + v)
	return err == nil && u.Host == v && u.Hostname() == v && !strings.Contains(v, "*")
}

func limit(name, def, help string, set func(*Config, int)) Setting {
	return setting(LimitGroup, name, def, "most "+help, func(c *Config, v string) error {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 1 {
			return errors.New("a whole number from 1 to 2147483647 is expected")
		}
		set(c, int(n))
		return nil
	})
}

// autoLimit is a limit that is worked out where it is "auto".
func autoLimit(name, help string, set func(*Config, int)) Setting {
	number := limit(name, "", help, set)
	return setting(LimitGroup, name, "auto", "most "+help, func(c *Config, v string) error {
		if v == "auto" {
			set(c, 0)
			return nil
		}
		if err := number.set(c, v); err != nil {
			return fmt.Errorf("auto, or %w", err)
		}
		return nil
	})
}

func duration(g Group, name, def, help string, at func(*Config) *time.Duration) Setting {
	return period(g, name, def, help, 1, "a time above 0, such as 500ms or 30s, is expected", at)
}

// delay is a duration that may be 0.
func delay(g Group, name, def, help string, at func(*Config) *time.Duration) Setting {
	return period(g, name, def, help, 0, "a time, such as 500ms or 30s, or 0s, is expected", at)
}

func period(g Group, name, def, help string, least time.Duration, expected string, at func(*Config) *time.Duration) Setting {
	return setting(g, name, def, help, func(c *Config, v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < least {
			return errors.New(expected)
		}
		*at(c) = d
		return nil
	})
}

func level(g Group, name, def, help string, at func(*Config) *slog.Level) Setting {
	return setting(g, name, def, help, func(c *Config, v string) error {
		if err := at(c).UnmarshalText([]byte(v)); err != nil {
			return errors.New("debug, info, warn or error is expected")
		}
		return nil
	})
}

// Unknown lists the environment names that look like settings and are none,
// each with the setting that may have been meant.
func Unknown(environ []string) []string {
	var names []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, EnvPrefix) || isSetting(name) || isForTests(name) {
			continue
		}
		if meant := nearest(name); meant != "" {
			name += " (did you mean " + meant + "?)"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func isSetting(name string) bool {
	return slices.ContainsFunc(Settings, func(s Setting) bool { return s.Env == name })
}

// isForTests tells of environment names that tests and builds use.
func isForTests(name string) bool {
	return name == "MAPGRAPH_CORPUS" || name == "MAPGRAPH_URL" ||
		strings.HasPrefix(name, "MAPGRAPH_REQUIRE_") || strings.HasPrefix(name, "MAPGRAPH_TEST_")
}

// maxTypos is how many letters may be wrong in a name that is still recognised.
const maxTypos = 3

func nearest(name string) string {
	best, typos := "", maxTypos+1
	for _, s := range Settings {
		if d := levenshtein.ComputeDistance(name, s.Env); d < typos {
			best, typos = s.Env, d
		}
	}
	return best
}

// Markdown writes the table for the documentation.
func Markdown(w io.Writer, groups ...Group) error {
	rows := []string{"| flag | environment | default | meaning |", "|---|---|---|---|"}
	for _, s := range Settings {
		if !slices.Contains(groups, s.Group) {
			continue
		}
		rows = append(rows, fmt.Sprintf("| %s | `%s` | %s | %s |", code("--", s.Flag), s.Env, code("", s.Default), strings.ReplaceAll(s.Help, "|", `\|`)))
	}
	_, err := io.WriteString(w, strings.Join(rows, "\n")+"\n")
	return err
}

func code(prefix, text string) string {
	if text == "" {
		return ""
	}
	return "`" + prefix + text + "`"
}
