package neo4j

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
)

// Snapshot is a store.Snapshot of one generation.
type Snapshot struct {
	client     *client
	generation string // the key that begins those of the generation's nodes
	head       *kg.Head
	scopes     scopes
	views      *store.Views

	outlines *store.Cache[kg.ReleaseKey, *kg.Release]
	sets     *store.Cache[kg.SetKey, *kg.Set]
	catalogs map[string][]string // framework → versions that have a catalog

	objects  *parts[objectPart, map[string]record]
	rows     *parts[kg.SetKey, *setTexts]
	controls *parts[string, map[string]kg.Control] // by framework: key → control

	mu     sync.Mutex
	placed map[kg.MappingID]kg.SetKey // of the sets that were fetched
}

func openSnapshot(ctx context.Context, c *client, pool *store.Pool, generation string) (*Snapshot, error) {
	head, catalogs, err := readHead(ctx, c, generation)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{
		client: c, generation: generation, head: head, catalogs: catalogs,
		outlines: store.NewCache[kg.ReleaseKey](pool, "outline", algebra.SizeOfRelease),
		sets:     store.NewCache[kg.SetKey](pool, "set", algebra.SizeOfSet),
		objects:  newParts[objectPart](pool, sizeOfRecords),
		rows:     newParts[kg.SetKey](pool, (*setTexts).size),
		controls: newParts[string](pool, sizeOfControls),
		placed:   map[kg.MappingID]kg.SetKey{},
	}
	s.scopes = scopesOf(generation, head)
	s.views = store.NewViews(s, pool)
	return s, s.checkThere(ctx)
}

// parts keeps whole parts of the data. The first question about a part fetches
// what it asks for; the second fetches the part, so that a page of any length,
// however its texts are asked for, takes two queries for each part it touches.
type parts[K comparable, V any] struct {
	cache *store.Cache[K, V]
	mu    sync.Mutex
	asked map[K]bool
}

func newParts[K comparable, V any](pool *store.Pool, size func(V) int64) *parts[K, V] {
	return &parts[K, V]{cache: store.NewCache[K](pool, "texts", size), asked: map[K]bool{}}
}

// forget gives up what was fetched. Requests that still answer from the snapshot
// fetch it again.
func (s *Snapshot) forget() {
	s.views.Clear()
	s.outlines.Clear()
	s.sets.Clear()
	s.objects.cache.Clear()
	s.rows.cache.Clear()
	s.controls.cache.Clear()
}

// What things take beside their texts, in bytes.
const (
	recordBytes  = 1200 // the properties of an object
	controlBytes = 200
	indexBytes   = 80 // a row in the maps of its set
)

func sizeOfRecords(records map[string]record) (n int64) {
	for _, r := range records {
		n += recordBytes + int64(len(r.str("description")))
	}
	return n
}

func sizeOfControls(controls map[string]kg.Control) (n int64) {
	for _, c := range controls {
		n += controlBytes + int64(len(c.Description))
	}
	return n
}

// again tells whether a part was asked for before.
func (p *parts[K, V]) again(key K) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.asked[key]
	p.asked[key] = true
	return was
}

// Head says what there is.
func (s *Snapshot) Head() *kg.Head { return s.head }

// Report gives the record of the import.
func (s *Snapshot) Report(ctx context.Context) (*kg.ImportReport, error) {
	found, err := read(ctx, s.client, "report", map[string]any{"key": s.generation}, func(r record) (*kg.ImportReport, error) {
		report := &kg.ImportReport{}
		return report, json.Unmarshal([]byte(r.str("report")), report)
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, s.gone()
	}
	return found[0], nil
}

// gone says that the generation is not there any more: a newer one has replaced
// it for longer than any request may take.
func (s *Snapshot) gone() error {
	return fmt.Errorf("%w: the data was replaced meanwhile; ask again", store.ErrUnavailable)
}

// checkThere makes sure that what was read before was read whole: a generation
// is marked before the first of it is removed. It also tells a thing that does
// not exist from one that is gone.
func (s *Snapshot) checkThere(ctx context.Context) error {
	found, err := read(ctx, s.client, "generation_there", map[string]any{"key": s.generation}, func(record) (bool, error) { return true, nil })
	if err == nil && len(found) == 0 {
		return s.gone()
	}
	return err
}

// View gives a release with sets aligned to it.
func (s *Snapshot) View(ctx context.Context, key store.ViewKey) (*algebra.View, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.views.View(ctx, key)
}

// Outlines gives the techniques of releases, from the database the first time.
func (s *Snapshot) Outlines(ctx context.Context, keys []kg.ReleaseKey) (map[kg.ReleaseKey]*kg.Release, error) {
	for _, k := range keys {
		if s.head.Release(k) == nil {
			return nil, fmt.Errorf("ATT&CK %s: %w", k, store.ErrNotFound)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.outlines.GetAll(ctx, keys, s.fetchOutlines)
}

func (s *Snapshot) fetchOutlines(ctx context.Context, keys []kg.ReleaseKey) (map[kg.ReleaseKey]*kg.Release, error) {
	found := map[kg.ReleaseKey]*kg.Release{}
	byKey := map[string]*kg.Release{}
	for _, k := range keys {
		found[k] = &kg.Release{Key: k}
		byKey[releaseKey(s.generation, k)] = found[k]
	}
	list, err := read(ctx, s.client, "outlines", map[string]any{"releases": keysOf(byKey)}, func(r record) (record, error) { return r, nil })
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		rel := byKey[r.str("release")]
		rel.Techniques = append(rel.Techniques, r.technique())
	}
	if err := s.checkThere(ctx); err != nil {
		return nil, err
	}
	for _, rel := range found {
		sortTechniques(rel.Techniques)
	}
	return found, nil
}

func sortTechniques(list []kg.Technique) {
	slices.SortFunc(list, func(a, b kg.Technique) int { return strings.Compare(a.ID, b.ID) })
}

// LoadRelease fetches a release without its texts.
func (s *Snapshot) LoadRelease(ctx context.Context, key kg.ReleaseKey) (*kg.Release, error) {
	at := map[string]any{"release": releaseKey(s.generation, key)}
	records, err := read(ctx, s.client, "release_objects", at, func(r record) (record, error) { return r.inner("object"), nil })
	if err != nil {
		return nil, err
	}
	rel := &kg.Release{Key: key, Objects: map[kg.ObjectKind][]kg.Object{}, Links: map[kg.LinkKind][]kg.Link{}}
	objects := map[kg.ObjectKind][]placed[kg.Object]{}
	for _, r := range records {
		if r.str("kind") == techniqueKind {
			rel.Techniques = append(rel.Techniques, r.technique())
			continue
		}
		o := r.object()
		objects[o.Kind] = append(objects[o.Kind], placed[kg.Object]{r.num("position"), o})
	}
	sortTechniques(rel.Techniques)
	for kind, list := range objects {
		if kind == kg.KindTactic {
			rel.Tactics = inPlace(list)
			continue
		}
		rel.Objects[kind] = inPlace(list)
	}
	if rel.Links, err = s.fetchLinks(ctx, at); err != nil {
		return nil, err
	}
	return rel, s.checkThere(ctx)
}

func (s *Snapshot) fetchLinks(ctx context.Context, at map[string]any) (map[kg.LinkKind][]kg.Link, error) {
	links := map[kg.LinkKind][]kg.Link{}
	groups, err := read(ctx, s.client, "release_links", at, func(r record) (record, error) { return r, nil })
	if err != nil {
		return nil, err
	}
	for _, r := range groups {
		kind, ok := kg.LinkKindNames.Parse(linkShape{r.str("fromKind"), r.str("type"), r.str("toKind")}.String())
		if !ok {
			continue // drawn by others
		}
		for _, to := range r.strs("to") {
			links[kind] = append(links[kind], kg.Link{From: r.str("from"), To: to})
		}
	}
	for _, list := range links {
		slices.SortFunc(list, func(a, b kg.Link) int {
			if c := strings.Compare(a.From, b.From); c != 0 {
				return c
			}
			return strings.Compare(a.To, b.To)
		})
	}
	return links, nil
}

// LoadSets fetches sets without their rows' texts.
func (s *Snapshot) LoadSets(ctx context.Context, keys []kg.SetKey) (map[kg.SetKey]*kg.Set, error) {
	for _, k := range keys {
		if s.head.Set(k.String()) == nil {
			return nil, fmt.Errorf("mapping set %s: %w", k, store.ErrNotFound)
		}
	}
	return s.sets.GetAll(ctx, keys, func(ctx context.Context, missing []kg.SetKey) (map[kg.SetKey]*kg.Set, error) {
		rows, err := s.fetchSets(ctx, "set_rows", missing)
		if err != nil {
			return nil, err
		}
		sets := make(map[kg.SetKey]*kg.Set, len(missing))
		for _, k := range missing {
			set := *s.head.Set(k.String()).Set
			set.Rows = rows[k]
			s.place(&set)
			sets[k] = &set
		}
		return sets, nil
	})
}

// fetchSets gives the rows of whole sets, in file order.
func (s *Snapshot) fetchSets(ctx context.Context, query string, keys []kg.SetKey) (map[kg.SetKey][]kg.Row, error) {
	names := make([]string, len(keys))
	byName := make(map[string]kg.SetKey, len(keys))
	for i, k := range keys {
		names[i] = setKey(s.generation, k)
		byName[names[i]] = k
	}
	type rowOf struct {
		set kg.SetKey
		row kg.Row
	}
	list, err := read(ctx, s.client, query, map[string]any{"sets": names}, func(r record) (rowOf, error) {
		row, err := r.inner("row").row()
		return rowOf{byName[r.str("set")], row}, err
	})
	if err != nil {
		return nil, err
	}
	rows := make(map[kg.SetKey][]kg.Row, len(keys))
	for i := range list {
		rows[list[i].set] = append(rows[list[i].set], list[i].row)
	}
	for _, k := range keys {
		slices.SortFunc(rows[k], func(a, b kg.Row) int { return a.Number - b.Number })
	}
	return rows, s.checkThere(ctx)
}

// place remembers which mappings are of a set.
func (s *Snapshot) place(set *kg.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range set.Rows {
		if set.Rows[i].Class == kg.Mapped {
			s.placed[set.Rows[i].ID] = set.Key
		}
	}
}

// objectPart is the objects of one kind, or the techniques, of one release.
type objectPart struct {
	release kg.ReleaseKey
	kind    string
}

// fetchObjects gives the properties of objects of a part, by id.
func (s *Snapshot) fetchObjects(ctx context.Context, part objectPart, ids []string) (map[string]record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.head.Release(part.release) == nil {
		return nil, fmt.Errorf("ATT&CK %s: %w", part.release, store.ErrNotFound)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if !s.objects.again(part) {
		keys := make([]string, len(ids))
		for i, id := range ids {
			keys[i] = objectKey(s.generation, part.kind, part.release, id)
		}
		found, err := s.queryObjects(ctx, "objects_by_key", map[string]any{"keys": keys})
		if err == nil && len(found) < len(keys) {
			err = s.checkThere(ctx)
		}
		return found, err
	}
	return s.objects.cache.Get(ctx, part, func(ctx context.Context) (map[string]record, error) {
		found, err := s.queryObjects(ctx, "objects_of_kind", map[string]any{"release": releaseKey(s.generation, part.release), "kind": part.kind})
		if err == nil {
			err = s.checkThere(ctx)
		}
		return found, err
	})
}

func (s *Snapshot) queryObjects(ctx context.Context, query string, params map[string]any) (map[string]record, error) {
	list, err := read(ctx, s.client, query, params, func(r record) (record, error) {
		return r.inner("object"), nil
	})
	found := make(map[string]record, len(list))
	for _, r := range list {
		found[r.str("id")] = r
	}
	return found, err
}

// Techniques gives techniques of a release.
func (s *Snapshot) Techniques(ctx context.Context, release kg.ReleaseKey, ids []string) (map[string]*kg.Technique, error) {
	records, err := s.fetchObjects(ctx, objectPart{release, techniqueKind}, ids)
	return pick(records, ids, record.technique), err
}

// Objects gives objects of a release.
func (s *Snapshot) Objects(ctx context.Context, release kg.ReleaseKey, kind kg.ObjectKind, ids []string) (map[string]*kg.Object, error) {
	records, err := s.fetchObjects(ctx, objectPart{release, kind.String()}, ids)
	return pick(records, ids, record.object), err
}

// pick gives the values of the entries that ids name.
func pick[K comparable, S, V any](all map[K]S, ids []K, value func(S) V) map[K]*V {
	found := make(map[K]*V, len(ids))
	for _, id := range ids {
		if r, ok := all[id]; ok {
			v := value(r)
			found[id] = &v
		}
	}
	return found
}

// setTexts is a set's rows with their texts.
type setTexts struct {
	set      *kg.Set // without rows
	byID     map[kg.MappingID]*kg.Row
	byNumber map[int]*kg.Row
}

func (t *setTexts) size() int64 {
	n := algebra.SizeOfSet(t.set)
	for _, r := range t.byNumber {
		n += indexBytes + 240 + int64(len(r.Comments)+64*len(r.References))
	}
	return n
}

// texts gives the rows of sets with their texts, but for sets about which the
// question is the first: that is better asked by itself.
func (s *Snapshot) texts(ctx context.Context, keys []kg.SetKey) (map[kg.SetKey]*setTexts, error) {
	again := slices.DeleteFunc(slices.Clone(keys), func(k kg.SetKey) bool { return !s.rows.again(k) })
	return s.rows.cache.GetAll(ctx, again, func(ctx context.Context, missing []kg.SetKey) (map[kg.SetKey]*setTexts, error) {
		rows, err := s.fetchSets(ctx, "set_rows_whole", missing)
		if err != nil {
			return nil, err
		}
		texts := make(map[kg.SetKey]*setTexts, len(missing))
		for _, k := range missing {
			texts[k] = newSetTexts(s.head.Set(k.String()).Set, rows[k])
		}
		return texts, nil
	})
}

func newSetTexts(set *kg.Set, rows []kg.Row) *setTexts {
	t := &setTexts{set: set, byID: make(map[kg.MappingID]*kg.Row, len(rows)), byNumber: make(map[int]*kg.Row, len(rows))}
	for i := range rows {
		t.byNumber[rows[i].Number] = &rows[i]
		if rows[i].Class == kg.Mapped {
			t.byID[rows[i].ID] = &rows[i]
		}
	}
	return t
}

// Mappings gives rows of class MAPPED.
func (s *Snapshot) Mappings(ctx context.Context, ids []kg.MappingID) (map[kg.MappingID]store.Mapping, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sets := s.bySet(ids)
	known := slices.DeleteFunc(slices.Collect(maps.Keys(sets)), func(k kg.SetKey) bool { return k == kg.SetKey{} })
	texts, err := s.texts(ctx, known)
	if err != nil {
		return nil, err
	}
	found := make(map[kg.MappingID]store.Mapping, len(ids))
	var keys []string
	for set, list := range sets {
		whole := texts[set]
		for _, id := range list {
			switch {
			case whole == nil:
				keys = append(keys, mappingKey(s.generation, id))
			case whole.byID[id] != nil:
				found[id] = store.Mapping{Set: whole.set, Row: whole.byID[id]}
			}
		}
	}
	if len(keys) == 0 {
		return found, nil
	}
	return found, s.queryMappings(ctx, keys, found)
}

// bySet groups mappings by the set that they are known to belong to; the zero
// set stands for those of which it is not known.
func (s *Snapshot) bySet(ids []kg.MappingID) map[kg.SetKey][]kg.MappingID {
	s.mu.Lock()
	defer s.mu.Unlock()
	groups := map[kg.SetKey][]kg.MappingID{}
	for _, id := range ids {
		groups[s.placed[id]] = append(groups[s.placed[id]], id)
	}
	return groups
}

func (s *Snapshot) queryMappings(ctx context.Context, keys []string, found map[kg.MappingID]store.Mapping) error {
	prefix := s.generation + "/set:"
	list, err := read(ctx, s.client, "mappings_by_key", map[string]any{"keys": keys}, func(r record) (store.Mapping, error) {
		row, err := r.inner("row").row()
		summary := s.head.Set(strings.TrimPrefix(r.str("set"), prefix))
		if summary == nil {
			return store.Mapping{}, fmt.Errorf("mapping %s is of a set that is not listed: load the data again", row.ID)
		}
		return store.Mapping{Set: summary.Set, Row: &row}, err
	})
	for _, m := range list {
		found[m.Row.ID] = m
	}
	if err == nil && len(list) < len(keys) {
		err = s.checkThere(ctx)
	}
	return err
}

// Declarations gives rows of a set by row number.
func (s *Snapshot) Declarations(ctx context.Context, key kg.SetKey, numbers []int) (map[int]*kg.Row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.head.Set(key.String()) == nil {
		return nil, fmt.Errorf("mapping set %s: %w", key, store.ErrNotFound)
	}
	texts, err := s.texts(ctx, []kg.SetKey{key})
	if err != nil {
		return nil, err
	}
	found := make(map[int]*kg.Row, len(numbers))
	if whole := texts[key]; whole != nil {
		for _, n := range numbers {
			if r := whole.byNumber[n]; r != nil {
				found[n] = r
			}
		}
		return found, nil
	}
	at := map[string]any{"set": setKey(s.generation, key), "numbers": numbers}
	rows, err := read(ctx, s.client, "rows_by_number", at, func(r record) (kg.Row, error) { return r.inner("row").row() })
	for i := range rows {
		found[rows[i].Number] = &rows[i]
	}
	if err == nil && len(rows) < len(numbers) {
		err = s.checkThere(ctx)
	}
	return found, err
}

// Controls gives catalog entries.
func (s *Snapshot) Controls(ctx context.Context, frameworkVersion string, refs []kg.CapabilityRef) (map[kg.CapabilityRef]*kg.Control, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	byFramework := map[string][]kg.CapabilityRef{}
	for _, ref := range refs {
		if len(s.catalogs[ref.Framework]) > 0 {
			byFramework[ref.Framework] = append(byFramework[ref.Framework], ref)
		}
	}
	found := map[kg.CapabilityRef]*kg.Control{}
	for framework, list := range byFramework {
		versions := store.CatalogOrder(s.catalogs[framework], frameworkVersion)
		controls, err := s.fetchControls(ctx, framework, versions, list)
		if err != nil {
			return nil, err
		}
		for _, ref := range list {
			for _, v := range versions {
				if c, ok := controls[controlKey(s.generation, framework, v, ref.ID)]; ok {
					found[ref] = &c
					break
				}
			}
		}
	}
	return found, nil
}

// fetchControls gives controls by key, those of the references at least.
func (s *Snapshot) fetchControls(ctx context.Context, framework string, versions []string, refs []kg.CapabilityRef) (map[string]kg.Control, error) {
	query := func(ctx context.Context, name string, params map[string]any) (map[string]kg.Control, error) {
		list, err := read(ctx, s.client, name, params, func(r record) (record, error) { return r.inner("control"), nil })
		controls := make(map[string]kg.Control, len(list))
		for _, r := range list {
			controls[r.str("key")] = r.control()
		}
		if err == nil {
			err = s.checkThere(ctx)
		}
		return controls, err
	}
	if !s.controls.again(framework) {
		var keys []string
		for _, ref := range refs {
			for _, v := range versions {
				keys = append(keys, controlKey(s.generation, framework, v, ref.ID))
			}
		}
		return query(ctx, "controls_by_key", map[string]any{"keys": keys})
	}
	return s.controls.cache.Get(ctx, framework, func(ctx context.Context) (map[string]kg.Control, error) {
		return query(ctx, "controls_of_framework", map[string]any{"prefix": s.generation + "/control:" + framework + "/"})
	})
}
