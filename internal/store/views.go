package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Source gives a view cache what views are made of. Its results are shared.
type Source interface {
	Head() *kg.Head
	Outlines(ctx context.Context, releases []kg.ReleaseKey) (map[kg.ReleaseKey]*kg.Release, error)
	LoadRelease(ctx context.Context, key kg.ReleaseKey) (*kg.Release, error)
	LoadSets(ctx context.Context, keys []kg.SetKey) (map[kg.SetKey]*kg.Set, error)
}

// Views makes the views of one generation and keeps those used last.
type Views struct {
	source Source
	views  *Cache[string, *algebra.View]
	frames *Cache[kg.ReleaseKey, *algebra.Frame]
	bare   *Cache[kg.ReleaseKey, *algebra.Frame] // of outlines
}

// NewViews makes a cache of views in a pool.
func NewViews(source Source, pool *Pool) *Views {
	return &Views{
		source: source,
		views:  NewCache[string](pool, "view", (*algebra.View).Size),
		frames: NewCache[kg.ReleaseKey](pool, "release", (*algebra.Frame).Size),
		bare:   NewCache[kg.ReleaseKey](pool, "outline", (*algebra.Frame).Size),
	}
}

// Clear forgets everything.
func (v *Views) Clear() {
	v.views.Clear()
	v.frames.Clear()
	v.bare.Clear()
}

// View gives a view, as Snapshot.View promises.
func (v *Views) View(ctx context.Context, key ViewKey) (*algebra.View, error) {
	return v.views.Get(ctx, key.String(), func(ctx context.Context) (*algebra.View, error) { return v.build(ctx, key) })
}

func (v *Views) build(ctx context.Context, key ViewKey) (*algebra.View, error) {
	frame, err := v.Frame(ctx, key.Release)
	if err != nil {
		return nil, err
	}
	parts := algebra.ViewParts{Frame: frame, Priorities: v.source.Head().Priorities}
	sets, err := v.source.LoadSets(ctx, key.Sets)
	if err != nil {
		return nil, err
	}
	var written []kg.ReleaseKey // for which the sets were written
	for _, k := range key.Sets {
		parts.Sets = append(parts.Sets, sets[k])
		if r := k.Release(); r != key.Release && v.source.Head().Release(r) != nil && !slices.Contains(written, r) {
			written = append(written, r)
		}
	}
	own, err := v.bareFrames(ctx, written)
	if err != nil {
		return nil, err
	}
	parts.Own = func(k kg.ReleaseKey) *algebra.Frame {
		if k == key.Release {
			return frame
		}
		return own[k]
	}
	parts.Framework = func(id string) kg.Framework {
		if f := v.source.Head().Framework(id); f != nil {
			return *f
		}
		return kg.Undescribed(id)
	}
	parts.Capability = v.source.Head().Capability
	return algebra.NewView(parts), nil
}

// Frame gives a release prepared for analysis.
func (v *Views) Frame(ctx context.Context, key kg.ReleaseKey) (*algebra.Frame, error) {
	return v.frames.Get(ctx, key, func(ctx context.Context) (*algebra.Frame, error) {
		if v.source.Head().Release(key) == nil {
			return nil, fmt.Errorf("ATT&CK %s: %w", key, ErrNotFound)
		}
		rel, err := v.source.LoadRelease(ctx, key)
		if err != nil {
			return nil, err
		}
		outlines, err := v.source.Outlines(ctx, v.siblings(key))
		if err != nil {
			return nil, err
		}
		return algebra.NewFrame(rel, slices.Collect(maps.Values(outlines))), nil
	})
}

// siblings lists the other domains' releases of the same version.
func (v *Views) siblings(key kg.ReleaseKey) []kg.ReleaseKey {
	var keys []kg.ReleaseKey
	for i := range v.source.Head().Releases {
		if k := v.source.Head().Releases[i].Key; k.Version == key.Version && k.Domain != key.Domain {
			keys = append(keys, k)
		}
	}
	return keys
}

// bareFrames gives releases prepared only for being asked what they have.
func (v *Views) bareFrames(ctx context.Context, keys []kg.ReleaseKey) (map[kg.ReleaseKey]*algebra.Frame, error) {
	return v.bare.GetAll(ctx, keys, func(ctx context.Context, missing []kg.ReleaseKey) (map[kg.ReleaseKey]*algebra.Frame, error) {
		outlines, err := v.source.Outlines(ctx, missing)
		if err != nil {
			return nil, err
		}
		frames := make(map[kg.ReleaseKey]*algebra.Frame, len(outlines))
		for k, rel := range outlines {
			frames[k] = algebra.NewFrame(kg.Outline(rel), nil)
		}
		return frames, nil
	})
}

// defaultView is the key under which a head keeps the default view of a release.
type defaultView kg.ReleaseKey

// DefaultView names the view of a release in which every framework speaks
// through the set that ChooseSets gives it.
func DefaultView(head *kg.Head, release kg.ReleaseKey, named []kg.SetKey) ViewKey {
	if len(named) > 0 || head.Release(release) == nil {
		return chosenView(head, release, named)
	}
	return head.Once(defaultView(release), func() any { return chosenView(head, release, nil).Named() }).(ViewKey)
}

func chosenView(head *kg.Head, release kg.ReleaseKey, named []kg.SetKey) ViewKey {
	return ViewKey{Release: release, Sets: slices.Clip(algebra.ChooseSets(head.Sets, release, named))}
}
