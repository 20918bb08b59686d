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
	p := page[T]{total: len(items), name: name, key: key}
	n := DefaultPage
	if first != nil {
		n = int(*first)
	}
	switch {
	case n < 0:
		return p, badInput("first: %d is negative", n)
	case n > MaxPage:
		return p, &Error{Code: LimitExceeded, Message: "first: at most 1000 items a page; ask for the rest with `after`"}
	}
	start := 0
	if after != nil {
		k, err := openCursor(name, *after)
		if err != nil {
			return p, err
		}
		start = sort.Search(len(items), func(i int) bool { return key(items[i]) > k })
	}
	end := min(start+n, len(items))
	p.items = items[start:end]
	p.info = &PageInfo{HasNextPage: end < len(items), HasPreviousPage: start > 0}
	if len(p.items) > 0 {
		s, e := p.cursor(0), p.cursor(len(p.items)-1)
		p.info.StartCursor, p.info.EndCursor = &s, &e
	}
	return p, nil
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
func connect[E edgeOf[T], S, T any](p page[S], node func(S) T) Connection[T, E] {
	c := Connection[T, E]{PageInfo: p.info, TotalCount: p.total, cursor: p.cursor, Nodes: make([]T, len(p.items))}
	for i, item := range p.items {
		c.Nodes[i] = node(item)
	}
	return c
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
	refuse := func(why string) (string, error) {
		return "", &Error{Code: InvalidCursor, Message: "after: " + why + "; pass a cursor of this list as it was given"}
	}
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
