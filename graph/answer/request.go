// Package answer holds the values that a GraphQL query walks: techniques,
// capabilities, mappings and answers, each with the view that it was reached in.
// Methods named after schema fields are called by the generated executor; those
// without a context are cheap, and run in line.
package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/graph/model"
	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// Request is what one GraphQL request answers from: a snapshot, so that no
// request sees two generations, and the server's preferences.
type Request struct {
	Snapshot      store.Snapshot
	AttackVersion string  // the version of default views, where a domain has it; empty for the newest
	Covers        *Covers // smallest covers that are kept; nil for none
}

type requestKey struct{}

// WithRequest gives a context in which From finds the request.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// From finds the request of a context; it must have been put there.
func From(ctx context.Context) *Request { return ctx.Value(requestKey{}).(*Request) }

func (r *Request) head() *kg.Head { return r.Snapshot.Head() }

// Place is where a thing was reached: a request and a view.
type Place struct {
	Request *Request
	View    *algebra.View
	Key     store.ViewKey

	frameworks []Framework    // as the head lists them
	work       *budget.Budget // of the request
}

func (p *Place) frame() *algebra.Frame  { return p.View.Frame }
func (p *Place) release() kg.ReleaseKey { return p.Key.Release }
func (p *Place) head() *kg.Head         { return p.Request.head() }

// At gives the place of a view; nil is the default view.
func (r *Request) At(ctx context.Context, in *model.ViewInput) (*Place, error) {
	key, err := r.viewKey(in)
	if err != nil {
		return nil, err
	}
	return r.atKey(ctx, key)
}

func (r *Request) atKey(ctx context.Context, key store.ViewKey) (*Place, error) {
	view, err := r.Snapshot.View(ctx, key)
	if err != nil {
		return nil, err
	}
	p := &Place{Request: r, View: view, Key: key, work: workOf(ctx), frameworks: make([]Framework, len(r.head().Frameworks))}
	for i := range p.frameworks {
		p.frameworks[i] = Framework{place: p, framework: &r.head().Frameworks[i]}
	}
	return p, nil
}

// frameworkOf gives a loaded framework by its id, or nil.
func (p *Place) frameworkOf(id string) *Framework {
	for i := range p.frameworks {
		if p.frameworks[i].framework.ID == id {
			return &p.frameworks[i]
		}
	}
	return nil
}

// workOf gives the budget of a request; one without bounds still ends with it.
func workOf(ctx context.Context) *budget.Budget {
	if b := budget.From(ctx); b != nil {
		return b
	}
	return budget.New(ctx, budget.Limits{})
}

// or gives the place itself where no view is asked for, else that view's.
func (p *Place) or(ctx context.Context, in *model.ViewInput) (*Place, error) {
	if in == nil {
		return p, nil
	}
	return p.Request.At(ctx, in)
}

// atRelease gives the view of a loaded release with the sets that stand in it.
func (r *Request) atRelease(ctx context.Context, key kg.ReleaseKey) (*Place, error) {
	return r.atKey(ctx, store.DefaultView(r.head(), key, nil))
}

func (r *Request) viewKey(in *model.ViewInput) (store.ViewKey, error) {
	if in == nil {
		in = &model.ViewInput{}
	}
	domain := kg.Enterprise
	if in.Domain != nil {
		domain = *in.Domain
	}
	release, err := r.chooseRelease(domain, in.AttackVersion)
	if err != nil {
		return store.ViewKey{}, err
	}
	var named []kg.SetKey
	taken := map[string]kg.SetKey{}
	for _, id := range in.Sets {
		sum, err := r.needSet(id)
		if err != nil {
			return store.ViewKey{}, err
		}
		k := sum.Set.Key
		if k.Domain != domain {
			return store.ViewKey{}, badInput("view: mapping set %s is of the domain %s, and the view is %s", k, strings.ToUpper(k.Domain.String()), strings.ToUpper(domain.String()))
		}
		if other, ok := taken[k.Framework]; ok && other != k {
			return store.ViewKey{}, badInput("view: mapping sets %s and %s are of one framework; a view has one set of each", other, k)
		}
		taken[k.Framework] = k
		named = append(named, k)
	}
	return store.DefaultView(r.head(), release, named), nil
}

func (r *Request) chooseRelease(d kg.Domain, version *string) (kg.ReleaseKey, error) {
	if version != nil {
		key := kg.ReleaseKey{Domain: d, Version: strings.TrimPrefix(strings.TrimSpace(*version), "v")}
		if r.head().Release(key) == nil {
			return key, notFound("ATT&CK %s %q is not loaded; loaded are %s", d, *version, r.loadedVersions(d))
		}
		return key, nil
	}
	if key := (kg.ReleaseKey{Domain: d, Version: r.AttackVersion}); r.AttackVersion != "" && r.head().Release(key) != nil {
		return key, nil
	}
	key, ok := r.head().NewestRelease(d)
	if !ok {
		return key, notFound("no ATT&CK release of the domain %s is loaded", strings.ToUpper(d.String()))
	}
	return key, nil
}

func (r *Request) loadedVersions(d kg.Domain) string {
	var list []string
	for i := range r.head().Releases {
		if k := r.head().Releases[i].Key; k.Domain == d {
			list = append(list, k.Version)
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func (r *Request) needSet(id string) (*kg.SetSummary, error) {
	if sum := r.findSet(id); sum != nil {
		return sum, nil
	}
	list := make([]string, len(r.head().Sets))
	for i := range r.head().Sets {
		list[i] = r.head().Sets[i].Set.Key.String()
	}
	return nil, notFound("mapping set %q is not loaded; loaded are %s%s", id, strings.Join(list, ", "), kg.DidYouMean(id, slices.Values(list)))
}

// findSet takes the short and the global form of a set's id.
func (r *Request) findSet(id string) *kg.SetSummary {
	return r.head().Set(strings.TrimPrefix(strings.TrimSpace(id), kg.SetNode+":"))
}

// findFramework takes the short and the global form of a framework's id.
func (r *Request) findFramework(id string) *kg.Framework {
	return r.head().Framework(strings.TrimPrefix(strings.TrimSpace(id), kg.FrameworkNode+":"))
}

func (r *Request) needFramework(id string) (*kg.Framework, error) {
	if f := r.findFramework(id); f != nil {
		return f, nil
	}
	list := make([]string, len(r.head().Frameworks))
	for i := range r.head().Frameworks {
		list[i] = r.head().Frameworks[i].ID
	}
	return nil, notFound("framework %q is not loaded; loaded are %s%s", id, strings.Join(list, ", "), kg.DidYouMean(id, slices.Values(list)))
}

// needFrameworks resolves a list of ids, each once, in the order given.
func (r *Request) needFrameworks(ids []string) ([]string, error) {
	list := make([]string, 0, len(ids))
	seen := map[string]bool{}
	for _, id := range ids {
		f, err := r.needFramework(id)
		if err != nil {
			return nil, err
		}
		if !seen[f.ID] {
			seen[f.ID] = true
			list = append(list, f.ID)
		}
	}
	return list, nil
}

// Code is a stable name of a kind of error, given to clients as extensions.code.
type Code string

// The codes of errors that this API makes itself.
const (
	BadUserInput  Code = "BAD_USER_INPUT"
	NotFound      Code = "NOT_FOUND"
	InvalidCursor Code = "INVALID_CURSOR"
	LimitExceeded Code = "LIMIT_EXCEEDED"
)

// Error is an error for the person who asked.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return e.Message }

func badInput(format string, args ...any) error {
	return &Error{Code: BadUserInput, Message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &Error{Code: NotFound, Message: fmt.Sprintf(format, args...)}
}
