package answer

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"sort"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// The page sizes of every connection.
const (
	DefaultPage = 50
	MaxPage     = 1000
)

// PageInfo says where a page stands in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// page is a stretch of a list.
type page[T any] struct {
	items []T
	total int
	info  *PageInfo
	name  string
	key   func(T) string
}

// paginate cuts a page out of a list that is sorted by key, compared on bytes.
// A cursor holds the key of its item, so it finds its place again in any list
// of the same order, even if the item itself is gone.
func paginate[T any](name string, items []T, key func(T) string, first *int32, after *string) (page[T], error) {
	return paginateList(name, len(items), func(i int) T { return items[i] }, key, first, after)
}

// paginateList is paginate for a list of so many items that need not be there at once.
func paginateList[T any](name string, total int, at func(int) T, key func(T) string, first *int32, after *string) (page[T], error) {
	w, err := openWindow(name, first, after)
	if err != nil {
		return page[T]{}, err
	}
	start := 0
	if w.after != nil {
		start = sort.Search(total, func(i int) bool { return key(at(i)) > *w.after })
	}
	items := make([]T, min(w.first, total-start))
	for i := range items {
		items[i] = at(start + i)
	}
	return cut(w, items, start, total, key), nil
}

// window is the part of a list that is asked for.
type window struct {
	name  string
	first int
	after *string // the key behind which it begins; nil for from the beginning
}

func openWindow(name string, first *int32, after *string) (window, error) {
	w := window{name: name, first: DefaultPage}
	if first != nil {
		w.first = int(*first)
	}
	switch {
	case w.first < 0:
		return w, badInput("first: %d is negative", w.first)
	case w.first > MaxPage:
		return w, &Error{Code: LimitExceeded, Message: "first: at most 1000 items a page; ask for the rest with `after`"}
	case after == nil:
		return w, nil
	}
	key, err := openCursor(name, *after)
	w.after = &key
	return w, err
}

// cut makes a page of the items in a window, of which so many come before and in all.
func cut[T any](w window, items []T, before, total int, key func(T) string) page[T] {
	p := page[T]{items: items, total: total, name: w.name, key: key}
	p.info = &PageInfo{HasNextPage: before+len(items) < total, HasPreviousPage: before > 0}
	if len(items) > 0 {
		s, e := p.cursor(0), p.cursor(len(items)-1)
		p.info.StartCursor, p.info.EndCursor = &s, &e
	}
	return p
}

func (p *page[T]) cursor(i int) string { return sealCursor(p.name, p.key(p.items[i])) }

// edgeOf is the shape of every edge type.
type edgeOf[T any] interface {
	~struct {
		Cursor string
		Node   T
	}
}

// Connection is a page of nodes, with cursors on demand.
type Connection[T any, E edgeOf[T]] struct {
	Nodes      []T
	PageInfo   *PageInfo
	TotalCount int
	cursor     func(i int) string
}

// Edges gives each node with its cursor.
func (c *Connection[T, E]) Edges() []E {
	list := make([]E, len(c.Nodes))
	for i, n := range c.Nodes {
		list[i] = E(struct {
			Cursor string
			Node   T
		}{c.cursor(i), n})
	}
	return list
}

// connect makes a connection of a page.
func connect[E edgeOf[*T], S, T any](p page[S], node func(S) T) Connection[*T, E] {
	return Connection[*T, E]{PageInfo: p.info, TotalCount: p.total, cursor: p.cursor, Nodes: pointers(p.items, node)}
}

// pointers makes a value of each item, all in one piece of memory, and gives
// pointers to them.
func pointers[S, T any](items []S, node func(S) T) []*T {
	values, list := make([]T, len(items)), make([]*T, len(items))
	for i, item := range items {
		values[i] = node(item)
		list[i] = &values[i]
	}
	return list
}

// cursorVersion changes when a list's keys do, so that an old cursor is refused
// rather than misread.
const cursorVersion = "2\x00"

// sealCursor writes version, list and key with a checksum that tells a cursor
// from something made up or cut short. It is no secret.
func sealCursor(name, key string) string {
	body := []byte(cursorVersion + sortKey(name) + key)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(body, crc32.ChecksumIEEE(body)))
}

func openCursor(name, cursor string) (key string, err error) {
	refuse := func(why string) (string, error) { return "", refuseCursor(why) }
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 4 {
		return refuse("not a cursor")
	}
	body, sum := raw[:len(raw)-4], raw[len(raw)-4:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(sum) {
		return refuse("not a cursor")
	}
	rest, ok := strings.CutPrefix(string(body), cursorVersion)
	if !ok {
		return refuse("a cursor of another version")
	}
	if key, ok = strings.CutPrefix(rest, sortKey(name)); !ok {
		return refuse("a cursor of another list or order")
	}
	return key, nil
}

func refuseCursor(why string) error {
	return &Error{Code: InvalidCursor, Message: "after: " + why + "; pass a cursor of this list as it was given"}
}

// The bytes that end a part of a sort key, and what stands for a zero byte
// within one. An end sorts before every byte that a longer part can go on with.
const (
	endOfPart   = "\x00\x01"
	zeroInAPart = "\x00\xff"
)

// sortKey joins parts, whatever is in them, so that keys of as many parts
// compare as the parts do, one by one. What is put behind a key is compared
// only where the parts are equal.
func sortKey(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(strings.ReplaceAll(part, "\x00", zeroInAPart))
		b.WriteString(endOfPart)
	}
	return b.String()
}

// splitKey takes so many parts off a key that sortKey made; ok is false where it
// has fewer.
func splitKey(key string, n int) (parts []string, rest string, ok bool) {
	for range n {
		part, behind, found := strings.Cut(key, endOfPart)
		if !found {
			return nil, "", false
		}
		parts, key = append(parts, strings.ReplaceAll(part, zeroInAPart, "\x00")), behind
	}
	return parts, key, true
}

// mappingKey gives the place of a row in the order of mappings.
func mappingKey(ref kg.CapabilityRef, technique string, r *kg.Row) string {
	category := byte('0') + byte(r.Category)
	if r.Category == kg.NoCategory {
		category = '9'
	}
	value := byte('9') - byte(r.Value)
	var row [8]byte
	binary.BigEndian.PutUint64(row[:], uint64(r.Number))
	return sortKey(ref.Framework, kg.OrderKey(ref.ID), ref.ID, technique) + string([]byte{category, value}) + string(row[:])
}

func capabilityKey(ref kg.CapabilityRef) string {
	return sortKey(ref.Framework, kg.OrderKey(ref.ID), ref.ID)
}
