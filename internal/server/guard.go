package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// AnyHost among the allowed hosts allows every name.
const AnyHost = "*"

// guard keeps web pages of others from using a server through a visitor's
// browser: under a name that they let point here, or from their own origin.
type guard struct {
	loopback bool     // the server listens for this machine only
	hosts    []string // names that were allowed, in small letters
	machine  string   // what this machine calls itself
	origins  []string // whose pages may ask
	pages    bool     // links on other sites may lead here
}

func newGuard(addr string, hosts, origins []string, pages bool) *guard {
	g := &guard{loopback: isLoopbackAddr(addr), origins: origins, pages: pages}
	for _, h := range hosts {
		g.hosts = append(g.hosts, hostName(h))
	}
	if name, err := os.Hostname(); err == nil {
		g.machine = hostName(name)
	}
	return g
}

// isLoopbackAddr tells whether an address to listen at is this machine's only.
func isLoopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && isLoopbackName(hostName(host))
}

// hostName takes port, brackets and a dot at the end off a host.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isLoopbackName(name string) bool {
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// probes are asked by machines, under whatever name, and tell nothing.
var probes = []string{"/healthz", "/readyz"}

// protect refuses what only a page of somebody else would ask.
func (g *guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !slices.Contains(probes, r.URL.Path) && !g.allowsHost(r.Host):
			writeJSON(w, http.StatusMisdirectedRequest, problem("this server does not answer as "+hostName(r.Host)+"; "+g.hostAdvice()))
		case !g.allowsSource(r):
			writeJSON(w, http.StatusForbidden, problem("this request comes from a page of another origin, which may not ask here; "+
				"if it should, start the server with --cors-origin and that origin (MAPGRAPH_CORS_ORIGIN)"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// problem is the body of an error for programs.
func problem(message string) map[string]string { return map[string]string{"error": message} }

func (g *guard) hostAdvice() string {
	if g.loopback {
		return "ask localhost or 127.0.0.1, or start it with --allowed-host and that name (MAPGRAPH_ALLOWED_HOST)"
	}
	return "start it with --allowed-host and that name (MAPGRAPH_ALLOWED_HOST), or ask its IP address"
}

// allowsHost tells whether the name that a client asked for is one of this
// server's. A page can let a name of its own point here, but neither an address
// nor a name that it does not own.
func (g *guard) allowsHost(host string) bool {
	name := hostName(host)
	if name == "" || isLoopbackName(name) || slices.Contains(g.hosts, name) || slices.Contains(g.hosts, AnyHost) {
		return true // browsers always send a name
	}
	if g.loopback {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return len(g.hosts) == 0 && (name == g.machine || !strings.Contains(name, "."))
}

// allowsSource tells whether the page behind a request, if there is one, may
// make it. Browsers say where they come from; other clients say nothing.
func (g *guard) allowsSource(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if slices.Contains(g.origins, "*") || origin != "" && slices.ContainsFunc(g.origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		return origin == "" || isOwnOrigin(origin, r.Host)
	}
	return g.pages && isNavigation(r) && r.URL.Path != "/graphql"
}

// isOwnOrigin compares the hosts only: what is encrypted outside may be plain
// behind a proxy.
func isOwnOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// isNavigation tells of a link that was followed, into a window and no frame.
func isNavigation(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}
