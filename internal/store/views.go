package store

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Source gives a view cache what views are made of. Its results are shared.
type Source interface {
	Head() *kg.Head
	LoadRelease(ctx context.Context, key kg.ReleaseKey) (*kg.Release, error)
	LoadSet(ctx context.Context, key kg.SetKey) (*kg.Set, error)
}

// Views makes the views of one generation and keeps those used last. Frames,
// of which there are only as many as releases, are all kept.
type Views struct {
	source Source
	limit  int

	mu     sync.Mutex
	frames map[kg.ReleaseKey]*promise[*kg.Frame]
	views  map[string]*list.Element // of *viewEntry
	recent *list.List               // most recent first
}

type viewEntry struct {
	key  string
	view *promise[*kg.View]
}

// promise is a value that one goroutine makes and others wait for.
type promise[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// NewViews makes a cache of at most limit views.
func NewViews(source Source, limit int) *Views {
	return &Views{
		source: source, limit: limit,
		frames: map[kg.ReleaseKey]*promise[*kg.Frame]{},
		views:  map[string]*list.Element{}, recent: list.New(),
	}
}

// View gives a view, as Snapshot.View promises.
func (v *Views) View(ctx context.Context, key ViewKey) (*kg.View, error) {
	name := key.String()
	v.mu.Lock()
	if e, ok := v.views[name]; ok {
		v.recent.MoveToFront(e)
		p := e.Value.(*viewEntry).view
		v.mu.Unlock()
		return p.wait(ctx)
	}
	p := &promise[*kg.View]{done: make(chan struct{})}
	entry := v.recent.PushFront(&viewEntry{key: name, view: p})
	v.views[name] = entry
	for v.recent.Len() > v.limit {
		v.forget(v.recent.Back())
	}
	v.mu.Unlock()

	// The work outlives a caller who gives up: others may be waiting for it.
	p.value, p.err = v.build(context.WithoutCancel(ctx), key)
	close(p.done)
	if p.err != nil {
		v.mu.Lock()
		if v.views[name] == entry {
			v.forget(entry)
		}
		v.mu.Unlock()
	}
	return p.value, p.err
}

func (v *Views) forget(e *list.Element) {
	v.recent.Remove(e)
	delete(v.views, e.Value.(*viewEntry).key)
}

func (p *promise[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-p.done:
		return p.value, p.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

func (v *Views) build(ctx context.Context, key ViewKey) (*kg.View, error) {
	frame, err := v.Frame(ctx, key.Release)
	if err != nil {
		return nil, err
	}
	parts := kg.ViewParts{Frame: frame, Priorities: v.source.Head().Priorities}
	own := map[kg.ReleaseKey]*kg.Frame{}
	for _, k := range key.Sets {
		set, err := v.source.LoadSet(ctx, k)
		if err != nil {
			return nil, err
		}
		parts.Sets = append(parts.Sets, set)
		if r := k.Release(); v.source.Head().Release(r) != nil {
			if own[r], err = v.Frame(ctx, r); err != nil {
				return nil, err
			}
		}
	}
	parts.Own = func(k kg.ReleaseKey) *kg.Frame { return own[k] }
	parts.Framework = func(id string) kg.Framework {
		if f := v.source.Head().Framework(id); f != nil {
			return *f
		}
		return kg.Framework{ID: id, Name: id, Kind: kg.ControlFramework}
	}
	return kg.NewView(parts), nil
}

// Frame gives a release prepared for analysis.
func (v *Views) Frame(ctx context.Context, key kg.ReleaseKey) (*kg.Frame, error) {
	v.mu.Lock()
	p, ok := v.frames[key]
	if ok {
		v.mu.Unlock()
		return p.wait(ctx)
	}
	p = &promise[*kg.Frame]{done: make(chan struct{})}
	v.frames[key] = p
	v.mu.Unlock()

	p.value, p.err = v.frame(context.WithoutCancel(ctx), key)
	close(p.done)
	if p.err != nil {
		v.mu.Lock()
		delete(v.frames, key)
		v.mu.Unlock()
	}
	return p.value, p.err
}

func (v *Views) frame(ctx context.Context, key kg.ReleaseKey) (*kg.Frame, error) {
	if v.source.Head().Release(key) == nil {
		return nil, fmt.Errorf("ATT&CK %s: %w", key, ErrNotFound)
	}
	rel, err := v.source.LoadRelease(ctx, key)
	if err != nil {
		return nil, err
	}
	var siblings []*kg.Release
	for i := range v.source.Head().Releases {
		k := v.source.Head().Releases[i].Key
		if k.Version != key.Version || k.Domain == key.Domain {
			continue
		}
		s, err := v.source.LoadRelease(ctx, k)
		if err != nil {
			return nil, err
		}
		siblings = append(siblings, s)
	}
	return kg.NewFrame(rel, siblings), nil
}

// DefaultView names the view of a release in which every framework speaks
// through the set that ChooseSets gives it.
func DefaultView(head *kg.Head, release kg.ReleaseKey, named []kg.SetKey) ViewKey {
	return ViewKey{Release: release, Sets: slices.Clip(kg.ChooseSets(head.Sets, release, named))}
}
