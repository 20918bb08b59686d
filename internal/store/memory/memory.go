// Package memory keeps the graph in the process: an immutable snapshot behind
// an atomic pointer, so that a reload is one swap and readers never wait.
package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// Store is a store.Store in memory.
type Store struct {
	pool    *store.Pool
	current atomic.Pointer[Snapshot]
}

var (
	_ store.Store    = (*Store)(nil)
	_ store.Snapshot = (*Snapshot)(nil)
	_ store.Source   = (*Snapshot)(nil)
)

// New makes a store that serves a dataset, which must not be changed afterwards.
func New(ds *kg.Dataset) *Store { return NewIn(store.NewPool(store.DefaultCacheBytes), ds) }

// NewIn makes a store that keeps its views and search indexes in a pool.
func NewIn(pool *store.Pool, ds *kg.Dataset) *Store {
	s := &Store{pool: pool}
	s.Replace(ds)
	return s
}

// Replace makes a dataset the one that new snapshots answer from.
func (s *Store) Replace(ds *kg.Dataset) {
	if old := s.current.Swap(newSnapshot(s.pool, ds)); old != nil {
		old.forget()
	}
}

// Snapshot gives the newest dataset.
func (s *Store) Snapshot(ctx context.Context) (store.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	snap := s.current.Load()
	if snap == nil {
		return nil, store.ErrUnavailable
	}
	return snap, nil
}

// Ready tells whether there is a dataset.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.Snapshot(ctx)
	return err
}

// Close forgets the dataset.
func (s *Store) Close(context.Context) error {
	s.current.Store(nil)
	return nil
}

// Snapshot is a store.Snapshot of one dataset.
type Snapshot struct {
	data     *kg.Dataset
	head     *kg.Head
	views    *store.Views
	releases map[kg.ReleaseKey]*releaseIndex
	sets     map[kg.SetKey]*kg.Set
	rows     func() map[kg.MappingID]store.Mapping
	catalogs func() map[string]map[string]map[string]*kg.Control // by framework, version and id
	search   *searcher
}

type releaseIndex struct {
	release *kg.Release
	objects func() map[kg.ObjectKind]map[string]*kg.Object
	byID    func() map[string]*kg.Technique
}

// forget gives up what was prepared. Requests that still answer from the
// snapshot prepare it again.
func (s *Snapshot) forget() {
	s.views.Clear()
	s.search.indexes.Clear()
}

func newSnapshot(pool *store.Pool, ds *kg.Dataset) *Snapshot {
	s := &Snapshot{
		data:     ds,
		head:     kg.HeadOf(ds, time.Now().UTC()),
		releases: make(map[kg.ReleaseKey]*releaseIndex, len(ds.Releases)),
		sets:     make(map[kg.SetKey]*kg.Set, len(ds.Sets)),
	}
	for _, rel := range ds.Releases {
		s.releases[rel.Key] = indexRelease(rel)
	}
	for _, set := range ds.Sets {
		s.sets[set.Key] = set
	}
	s.rows = sync.OnceValue(s.indexRows)
	s.catalogs = sync.OnceValue(s.indexCatalogs)
	s.views = store.NewViews(s, pool)
	s.search = newSearcher(s, pool)
	return s
}

// indexRelease defers its maps until something asks for them: most releases
// serve only to align sets.
func indexRelease(rel *kg.Release) *releaseIndex {
	return &releaseIndex{
		release: rel,
		byID: sync.OnceValue(func() map[string]*kg.Technique {
			m := make(map[string]*kg.Technique, len(rel.Techniques))
			for i := range rel.Techniques {
				m[rel.Techniques[i].ID] = &rel.Techniques[i]
			}
			return m
		}),
		objects: sync.OnceValue(func() map[kg.ObjectKind]map[string]*kg.Object {
			all := map[kg.ObjectKind]map[string]*kg.Object{}
			index := func(kind kg.ObjectKind, list []kg.Object) {
				m := make(map[string]*kg.Object, len(list))
				for i := range list {
					m[list[i].ID] = &list[i]
				}
				all[kind] = m
			}
			index(kg.KindTactic, rel.Tactics)
			for kind, list := range rel.Objects {
				index(kind, list)
			}
			return all
		}),
	}
}

func (s *Snapshot) indexRows() map[kg.MappingID]store.Mapping {
	rows := make(map[kg.MappingID]store.Mapping, s.head.Mappings)
	for _, set := range s.data.Sets {
		for i := range set.Rows {
			if r := &set.Rows[i]; r.Class == kg.Mapped {
				rows[r.ID] = store.Mapping{Set: set, Row: r}
			}
		}
	}
	return rows
}

// Head says what there is.
func (s *Snapshot) Head() *kg.Head { return s.head }

// Report gives the record of the import.
func (s *Snapshot) Report(ctx context.Context) (*kg.ImportReport, error) {
	return s.data.Report, ctx.Err()
}

// View gives a release with sets aligned to it; its things carry their texts.
func (s *Snapshot) View(ctx context.Context, key store.ViewKey) (*algebra.View, error) {
	return s.views.View(ctx, key)
}

// Outlines gives releases whole.
func (s *Snapshot) Outlines(ctx context.Context, keys []kg.ReleaseKey) (map[kg.ReleaseKey]*kg.Release, error) {
	found := make(map[kg.ReleaseKey]*kg.Release, len(keys))
	for _, k := range keys {
		rel, err := s.LoadRelease(ctx, k)
		if err != nil {
			return nil, err
		}
		found[k] = rel
	}
	return found, ctx.Err()
}

// LoadRelease implements store.Source.
func (s *Snapshot) LoadRelease(_ context.Context, key kg.ReleaseKey) (*kg.Release, error) {
	if r, ok := s.releases[key]; ok {
		return r.release, nil
	}
	return nil, fmt.Errorf("ATT&CK %s: %w", key, store.ErrNotFound)
}

// LoadSets implements store.Source.
func (s *Snapshot) LoadSets(_ context.Context, keys []kg.SetKey) (map[kg.SetKey]*kg.Set, error) {
	for _, k := range keys {
		if s.sets[k] == nil {
			return nil, fmt.Errorf("mapping set %s: %w", k, store.ErrNotFound)
		}
	}
	return pick(s.sets, keys), nil
}

// pick gives the entries of all that ids name.
func pick[K comparable, V any](all map[K]V, ids []K) map[K]V {
	found := make(map[K]V, len(ids))
	for _, id := range ids {
		if v, ok := all[id]; ok {
			found[id] = v
		}
	}
	return found
}

// Techniques gives techniques of a release.
func (s *Snapshot) Techniques(ctx context.Context, release kg.ReleaseKey, ids []string) (map[string]*kg.Technique, error) {
	r, ok := s.releases[release]
	if !ok {
		return nil, fmt.Errorf("ATT&CK %s: %w", release, store.ErrNotFound)
	}
	return pick(r.byID(), ids), ctx.Err()
}

// Objects gives objects of a release.
func (s *Snapshot) Objects(ctx context.Context, release kg.ReleaseKey, kind kg.ObjectKind, ids []string) (map[string]*kg.Object, error) {
	r, ok := s.releases[release]
	if !ok {
		return nil, fmt.Errorf("ATT&CK %s: %w", release, store.ErrNotFound)
	}
	return pick(r.objects()[kind], ids), ctx.Err()
}

// Mappings gives rows of class MAPPED.
func (s *Snapshot) Mappings(ctx context.Context, ids []kg.MappingID) (map[kg.MappingID]store.Mapping, error) {
	return pick(s.rows(), ids), ctx.Err()
}

// Declarations gives rows of a set by row number.
func (s *Snapshot) Declarations(ctx context.Context, key kg.SetKey, rows []int) (map[int]*kg.Row, error) {
	set, ok := s.sets[key]
	if !ok {
		return nil, fmt.Errorf("mapping set %s: %w", key, store.ErrNotFound)
	}
	found := make(map[int]*kg.Row, len(rows))
	for _, n := range rows {
		if r := rowNumbered(set, n); r != nil {
			found[n] = r
		}
	}
	return found, ctx.Err()
}

// rowNumbered finds a row by its number; rows are in file order.
func rowNumbered(set *kg.Set, n int) *kg.Row {
	lo, hi := 0, len(set.Rows)
	for lo < hi {
		mid := (lo + hi) / 2
		if set.Rows[mid].Number < n {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(set.Rows) && set.Rows[lo].Number == n {
		return &set.Rows[lo]
	}
	return nil
}

// Controls gives catalog entries.
func (s *Snapshot) Controls(ctx context.Context, frameworkVersion string, refs []kg.CapabilityRef) (map[kg.CapabilityRef]*kg.Control, error) {
	found := map[kg.CapabilityRef]*kg.Control{}
	for _, ref := range refs {
		catalogs := s.catalogs()[ref.Framework]
		for _, v := range store.CatalogOrder(slices.Collect(maps.Keys(catalogs)), frameworkVersion) {
			if c := catalogs[v][ref.ID]; c != nil {
				found[ref] = c
				break
			}
		}
	}
	return found, ctx.Err()
}

// indexCatalogs gives controls by framework, version and id.
func (s *Snapshot) indexCatalogs() map[string]map[string]map[string]*kg.Control {
	all := map[string]map[string]map[string]*kg.Control{}
	for i := range s.data.Catalogs {
		c := &s.data.Catalogs[i]
		if all[c.Framework] == nil {
			all[c.Framework] = map[string]map[string]*kg.Control{}
		}
		byID := make(map[string]*kg.Control, len(c.Controls))
		for j := range c.Controls {
			byID[c.Controls[j].ID] = &c.Controls[j]
		}
		all[c.Framework][c.FrameworkVersion] = byID
	}
	return all
}

// Search gives every match.
func (s *Snapshot) Search(ctx context.Context, q store.SearchQuery) ([]store.SearchHit, error) {
	return s.search.find(ctx, q)
}
