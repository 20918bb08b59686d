package algebra

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Filter chooses rows. The zero value keeps all.
//
// Categories and MinScore judge a row: one that fails them exists but does not
// count (BELOW_THRESHOLD). The other fields choose rows: one that they do not
// name is treated as not there. Declarations that a technique is non-mappable
// are no mappings: a filter leaves them alone.
type Filter struct {
	Frameworks      []string
	Capabilities    []kg.CapabilityRef // canonical ids
	Groups          []string           // capability group ids
	Relations       []kg.Relation
	Categories      []kg.Category
	MinScore        kg.Value
	IncludeUnscored bool // lets rows without a category pass Categories, and rows without a value pass MinScore
}

// passes tells whether a row of a category and a value counts.
func (f *Filter) passes(category kg.Category, value kg.Value) bool {
	if len(f.Categories) > 0 {
		if category == kg.NoCategory {
			if !f.IncludeUnscored {
				return false
			}
		} else if !slices.Contains(f.Categories, category) {
			return false
		}
	}
	if f.MinScore != kg.NoValue {
		if value == kg.NoValue {
			if !f.IncludeUnscored {
				return false
			}
		} else if value < f.MinScore {
			return false
		}
	}
	return true
}

// size is how many things the filter names, of which there may be many.
func (f *Filter) size() int { return len(f.Capabilities) + len(f.Groups) }

// keepsAllRows tells whether the filter leaves out no row of a framework that it keeps.
func (f *Filter) keepsAllRows() bool {
	return len(f.Capabilities) == 0 && len(f.Groups) == 0 && len(f.Relations) == 0 &&
		len(f.Categories) == 0 && f.MinScore == kg.NoValue
}

func (f *Filter) keepsFramework(framework string) bool {
	return len(f.Frameworks) == 0 || slices.Contains(f.Frameworks, framework)
}

// Level narrows a scope to techniques or to sub-techniques.
type Level uint8

// The levels.
const (
	AllLevels Level = iota
	TechniquesOnly
	SubTechniquesOnly
)

// Scope narrows a universe. Each field that is not empty keeps the techniques
// that any of its entries names; all fields together must hold. The zero value
// is the whole universe.
type Scope struct {
	Techniques []string // ATT&CK ids in any spelling
	Tactics    []string // short names, names or TA ids
	Platforms  []string // names, in any case
	Groups     []string // ATT&CK ids, names or aliases
	Software   []string // ATT&CK ids, names or aliases
	Campaigns  []string // ATT&CK ids, names or aliases
	KevOnly    bool     // only techniques that the view's kev set maps
	Level      Level
}

// IsAll tells whether the scope is the whole universe.
func (s *Scope) IsAll() bool {
	return len(s.Techniques) == 0 && len(s.Tactics) == 0 && len(s.Platforms) == 0 && len(s.Groups) == 0 &&
		len(s.Software) == 0 && len(s.Campaigns) == 0 && !s.KevOnly && s.Level == AllLevels
}

// Named gives the scope with the names of groups, software and campaigns behind
// their ids, for people.
func (s Scope) Named(f *Frame) Scope {
	name := func(kind kg.ObjectKind, list []string) []string {
		named := slices.Clone(list)
		for i, n := range named {
			if o := f.FindObject(kind, n); o != nil {
				named[i] = o.ID + " " + o.Name
			}
		}
		return named
	}
	s.Groups = name(kg.KindGroup, s.Groups)
	s.Software = name(kg.KindSoftware, s.Software)
	s.Campaigns = name(kg.KindCampaign, s.Campaigns)
	return s
}

// InputError is a request that cannot be answered as asked; its message is for
// the person who asked.
type InputError struct{ Message string }

func (e *InputError) Error() string { return e.Message }

func inputErrorf(format string, args ...any) error {
	return &InputError{Message: fmt.Sprintf(format, args...)}
}

// Resolve gives the part of the view's universe that the scope keeps. A name
// that the release does not know in any status is an *InputError, so that a
// slip of the pen does not pass for an empty answer; an object that the release
// knows as revoked or deprecated narrows to nothing.
func (s *Scope) Resolve(v *View) (Bits, error) {
	f := v.Frame
	keep := AllBits(len(f.Universe))
	if s.IsAll() {
		return keep, nil
	}
	narrow := func(names []string, find func(string) (Bits, error)) error {
		if len(names) == 0 {
			return nil
		}
		any := NewBits(len(f.Universe))
		for _, name := range names {
			b, err := find(name)
			if err != nil {
				return err
			}
			any.Or(b)
		}
		keep.And(any)
		return nil
	}
	for _, part := range []struct {
		names []string
		find  func(string) (Bits, error)
	}{
		{s.Techniques, f.findTechnique},
		{s.Tactics, f.findTactic},
		{s.Platforms, f.findPlatform},
		{s.Groups, f.findUser(kg.KindGroup, kg.GroupUsesTechnique)},
		{s.Software, f.findUser(kg.KindSoftware, kg.SoftwareUsesTechnique)},
		{s.Campaigns, f.findUser(kg.KindCampaign, kg.CampaignUsesTechnique)},
	} {
		if err := narrow(part.names, part.find); err != nil {
			return nil, err
		}
	}
	if s.KevOnly {
		keep.And(v.MappedBy(kg.ExploitedVulnerabilities))
	}
	if s.Level != AllLevels {
		level := NewBits(len(f.Universe))
		for i, t := range f.Universe {
			if (t.Parent != "") == (s.Level == SubTechniquesOnly) {
				level.Add(i)
			}
		}
		keep.And(level)
	}
	return keep, nil
}

func (f *Frame) findTechnique(name string) (Bits, error) {
	id := kg.CanonicalAttackID(name)
	if f.techniques[id] == nil {
		return nil, inputErrorf("scope: technique %q is not in ATT&CK %s%s", name, f.Release.Key, kg.DidYouMean(id, f.techniqueNames()))
	}
	b := NewBits(len(f.Universe))
	if i, ok := f.position[id]; ok {
		b.Add(i)
	}
	return b, nil
}

func (f *Frame) findTactic(name string) (Bits, error) {
	want := strings.TrimSpace(name)
	for i := range f.Tactics {
		t := &f.Tactics[i]
		if strings.EqualFold(t.ID, want) || strings.EqualFold(t.ShortName, want) || strings.EqualFold(t.Name, want) {
			return f.tactics[i], nil
		}
	}
	known := make([]string, len(f.Tactics))
	for i := range f.Tactics {
		known[i] = f.Tactics[i].ShortName
	}
	return nil, inputErrorf("scope: tactic %q is not in ATT&CK %s, which has %s%s", name, f.Release.Key, strings.Join(known, ", "), kg.DidYouMean(want, slices.Values(known)))
}

func (f *Frame) findPlatform(name string) (Bits, error) {
	if b, ok := f.platforms[strings.ToLower(strings.TrimSpace(name))]; ok {
		return b, nil
	}
	return nil, inputErrorf("scope: platform %q is not in ATT&CK %s, which has %s%s", name, f.Release.Key, strings.Join(f.PlatformNames(), ", "), kg.DidYouMean(name, slices.Values(f.PlatformNames())))
}

// PlatformNames lists the platforms of the universe, in byte order.
func (f *Frame) PlatformNames() []string {
	seen := map[string]bool{}
	var names []string
	for _, t := range f.Universe {
		for _, p := range t.Platforms {
			if !seen[p] {
				seen[p] = true
				names = append(names, p)
			}
		}
	}
	slices.Sort(names)
	return names
}

func (f *Frame) findUser(kind kg.ObjectKind, link kg.LinkKind) func(string) (Bits, error) {
	return func(name string) (Bits, error) {
		o := f.FindObject(kind, name)
		if o == nil {
			return nil, inputErrorf("scope: %s %q is not in ATT&CK %s; give its ATT&CK id, name or alias%s", kind, name, f.Release.Key, kg.DidYouMean(name, f.objectNames(kind)))
		}
		if b := f.users[link][o.ID]; b != nil {
			return b, nil
		}
		return NewBits(len(f.Universe)), nil
	}
}

// FindObject finds an object by ATT&CK id, or by name or alias in any case;
// active objects come before others, then the lowest id. It gives nil where
// there is none.
func (f *Frame) FindObject(kind kg.ObjectKind, name string) *kg.Object {
	if o := f.objects[kind][kg.CanonicalAttackID(name)]; o != nil {
		return o
	}
	want := strings.TrimSpace(name)
	if o := f.objects[kind][want]; o != nil {
		return o
	}
	var found *kg.Object
	list := f.Objects(kind)
	for i := range list {
		o := &list[i]
		named := strings.EqualFold(o.Name, want) || slices.ContainsFunc(o.Aliases, func(a string) bool { return strings.EqualFold(a, want) })
		if named && (found == nil || found.Status != kg.Active && o.Status == kg.Active) {
			found = o
		}
	}
	return found
}

// techniqueNames yields ids and names of the universe.
func (f *Frame) techniqueNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, t := range f.Universe {
			if !yield(t.ID) || !yield(t.Name) {
				return
			}
		}
	}
}

// objectNames yields ids, names and aliases of a kind.
func (f *Frame) objectNames(kind kg.ObjectKind) iter.Seq[string] {
	return func(yield func(string) bool) {
		list := f.Objects(kind)
		for i := range list {
			for _, name := range append([]string{list[i].ID, list[i].Name}, list[i].Aliases...) {
				if !yield(name) {
					return
				}
			}
		}
	}
}
