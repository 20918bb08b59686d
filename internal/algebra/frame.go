package algebra

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Frame is a release prepared for analysis: its universe, and for each tactic,
// platform, group, software and campaign the part of the universe that it names.
// It is immutable once built.
type Frame struct {
	Release  *kg.Release
	Universe []*kg.Technique // active techniques, by ATT&CK id; positions below mean this list
	Tactics  []kg.Object     // the release's tactics in matrix order, without withdrawn ones that no active technique has

	position       map[string]int // active technique → position
	techniques     map[string]*kg.Technique
	objects        map[kg.ObjectKind]map[string]*kg.Object
	parent         []int32   // position of the active parent, or -1
	children       [][]int32 // positions of the active sub-techniques, by id
	byName         []int32   // positions, by name, then id
	childrenByName [][]int32 // as children, by name
	tactics        []Bits    // by position in Tactics
	platforms      map[string]Bits
	users          map[kg.LinkKind]map[string]Bits // uses-links: object id → techniques
	groups         []int32                         // per technique: groups that use it
	software       []int32                         // per technique: software that uses it
	links          map[kg.LinkKind]*linkIndex
	aligner        *Aligner
}

// linkIndex finds a link kind's ends in both directions, in id order.
type linkIndex struct{ forward, backward map[string][]string }

// NewFrame prepares a release; siblings are the other domains' releases of the
// same version, as NewAligner takes them.
func NewFrame(rel *kg.Release, siblings []*kg.Release) *Frame {
	f := &Frame{
		Release:    rel,
		position:   make(map[string]int, len(rel.Techniques)),
		techniques: make(map[string]*kg.Technique, len(rel.Techniques)),
		objects:    make(map[kg.ObjectKind]map[string]*kg.Object),
		platforms:  map[string]Bits{},
		users:      map[kg.LinkKind]map[string]Bits{},
		links:      map[kg.LinkKind]*linkIndex{},
		aligner:    NewAligner(rel, siblings),
	}
	for i := range rel.Techniques {
		t := &rel.Techniques[i]
		f.techniques[t.ID] = t
		if t.Status == kg.Active {
			f.position[t.ID] = len(f.Universe)
			f.Universe = append(f.Universe, t)
		}
	}
	f.indexFamilies()
	f.indexTactics()
	f.indexPlatforms()
	f.indexObjects()
	f.indexLinks()
	return f
}

func (f *Frame) indexFamilies() {
	f.parent = make([]int32, len(f.Universe))
	f.children = make([][]int32, len(f.Universe))
	for i, t := range f.Universe {
		f.parent[i] = -1
		if p, ok := f.position[t.Parent]; ok && t.Parent != "" {
			f.parent[i] = int32(p)
			f.children[p] = append(f.children[p], int32(i))
		}
	}
	f.byName = make([]int32, len(f.Universe))
	f.childrenByName = make([][]int32, len(f.Universe))
	for i := range f.Universe {
		f.byName[i] = int32(i)
		f.childrenByName[i] = slices.SortedFunc(slices.Values(f.children[i]), f.compareNames)
	}
	slices.SortFunc(f.byName, f.compareNames)
}

// compareNames orders positions by name, then id.
func (f *Frame) compareNames(x, y int32) int {
	return cmp.Or(strings.Compare(f.Universe[x].Name, f.Universe[y].Name), cmp.Compare(x, y))
}

func (f *Frame) indexTactics() {
	used := map[string]bool{}
	for _, t := range f.Universe {
		for _, name := range t.Tactics {
			used[name] = true
		}
	}
	byName := make(map[string]int, len(f.Release.Tactics))
	for _, o := range f.Release.Tactics {
		if o.Status == kg.Active || used[o.ShortName] {
			byName[o.ShortName] = len(f.Tactics)
			f.Tactics = append(f.Tactics, o)
			f.tactics = append(f.tactics, NewBits(len(f.Universe)))
		}
	}
	for i, t := range f.Universe {
		for _, name := range t.Tactics {
			if j, ok := byName[name]; ok {
				f.tactics[j].Add(i)
			}
		}
	}
}

func (f *Frame) indexPlatforms() {
	for i, t := range f.Universe {
		for _, p := range t.Platforms {
			key := strings.ToLower(p)
			if f.platforms[key] == nil {
				f.platforms[key] = NewBits(len(f.Universe))
			}
			f.platforms[key].Add(i)
		}
	}
}

func (f *Frame) indexObjects() {
	index := func(kind kg.ObjectKind, list []kg.Object) {
		m := make(map[string]*kg.Object, len(list))
		for i := range list {
			m[list[i].ID] = &list[i]
		}
		f.objects[kind] = m
	}
	index(kg.KindTactic, f.Release.Tactics)
	for kind, list := range f.Release.Objects {
		index(kind, list)
	}
}

func (f *Frame) indexLinks() {
	for kind, list := range f.Release.Links {
		li := &linkIndex{forward: map[string][]string{}, backward: map[string][]string{}}
		for _, l := range list {
			li.forward[l.From] = append(li.forward[l.From], l.To)
			li.backward[l.To] = append(li.backward[l.To], l.From)
		}
		for _, ids := range li.backward {
			slices.Sort(ids)
		}
		f.links[kind] = li
	}
	use := func(kind kg.LinkKind) (map[string]Bits, []int32) {
		users, counts := map[string]Bits{}, make([]int32, len(f.Universe))
		for _, l := range f.Release.Links[kind] {
			i, ok := f.position[l.To]
			if !ok {
				continue
			}
			if users[l.From] == nil {
				users[l.From] = NewBits(len(f.Universe))
			}
			users[l.From].Add(i)
			counts[i]++
		}
		return users, counts
	}
	f.users[kg.GroupUsesTechnique], f.groups = use(kg.GroupUsesTechnique)
	f.users[kg.SoftwareUsesTechnique], f.software = use(kg.SoftwareUsesTechnique)
	f.users[kg.CampaignUsesTechnique], _ = use(kg.CampaignUsesTechnique)
}

// Position gives the place of an active technique in the universe.
func (f *Frame) Position(id string) (int, bool) {
	i, ok := f.position[id]
	return i, ok
}

// Technique finds a technique of any status, or nil.
func (f *Frame) Technique(id string) *kg.Technique { return f.techniques[id] }

// Object finds an object of any status, or nil.
func (f *Frame) Object(kind kg.ObjectKind, id string) *kg.Object { return f.objects[kind][id] }

// Objects lists the objects of a kind: tactics in matrix order, others by id.
func (f *Frame) Objects(kind kg.ObjectKind) []kg.Object {
	if kind == kg.KindTactic {
		return f.Tactics
	}
	return f.Release.Objects[kind]
}

// Align places a technique id written for any release; see Aligner.Align.
func (f *Frame) Align(id string) (string, kg.UnresolvedReason) { return f.aligner.Align(id) }

// Linked gives the ids at the other end of an object's links, in id order:
// those that it points to, or with backward those that point to it.
func (f *Frame) Linked(kind kg.LinkKind, id string, backward bool) []string {
	li := f.links[kind]
	switch {
	case li == nil:
		return nil
	case backward:
		return li.backward[id]
	}
	return li.forward[id]
}

// Subtechniques gives the active sub-techniques of an active technique, by id.
func (f *Frame) Subtechniques(id string) []*kg.Technique {
	i, ok := f.position[id]
	if !ok {
		return nil
	}
	list := make([]*kg.Technique, len(f.children[i]))
	for k, c := range f.children[i] {
		list[k] = f.Universe[c]
	}
	return list
}

// TacticsOf gives the tactics of a technique, in matrix order.
func (f *Frame) TacticsOf(t *kg.Technique) []*kg.Object {
	list := make([]*kg.Object, 0, len(t.Tactics))
	for i := range f.Tactics {
		if slices.Contains(t.Tactics, f.Tactics[i].ShortName) {
			list = append(list, &f.Tactics[i])
		}
	}
	return list
}

// TacticTechniques gives the universe positions of a tactic, by its position in
// Tactics. The result is shared: do not change it.
func (f *Frame) TacticTechniques(tactic int) Bits { return f.tactics[tactic] }
