package facts

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// The file is magic, then one zstd frame. In the frame, strings are written
// once, in the order of first use, and named by number; numbers are varints;
// rows are written column by column. Releases mostly repeat each other, and
// written alike they compress to little.
const magic = "mapgraph facts 1\n"

// decoding is the version of what is made of equal bytes. Raise it when that
// changes, so that a database does not take what an older program wrote for the same.
const decoding = "1"

// maxDecoded bounds what a frame may unpack to.
const maxDecoded = 64 << 20

// ErrCorrupt says that bytes are no facts edition.
var ErrCorrupt = errors.New("not a facts edition, or a damaged one")

// Encode writes a dataset. Equal datasets give equal bytes.
func Encode(ds *kg.Dataset) ([]byte, error) {
	c := &coder{index: map[string]uint64{}}
	report, err := json.Marshal(ds.Report)
	if err != nil {
		return nil, err
	}
	text := string(report)
	c.str(&text)
	c.dataset(ds)
	var plain []byte
	plain = binary.AppendUvarint(plain, uint64(len(c.table)))
	for _, s := range c.table {
		plain = binary.AppendUvarint(plain, uint64(len(s)))
		plain = append(plain, s...)
	}
	plain = append(plain, c.buf...)
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(8<<20),
		zstd.WithEncoderCRC(true), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return z.EncodeAll(plain, []byte(magic)), z.Close()
}

// Decode reads what Encode wrote. Damaged bytes are ErrCorrupt.
func Decode(data []byte) (*kg.Dataset, error) {
	frame, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("%w: unknown format", ErrCorrupt)
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxDecoded), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	plain, err := z.DecodeAll(frame, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	ds, err := decodePlain(plain)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(decoding+"\n"), data...))
	ds.Generation = hex.EncodeToString(sum[:16])
	return ds, nil
}

func decodePlain(plain []byte) (*kg.Dataset, error) {
	c := &coder{reading: true, buf: plain}
	c.readTable()
	var text string
	c.str(&text)
	ds := &kg.Dataset{Edition: kg.Facts, Report: &kg.ImportReport{}}
	c.dataset(ds)
	if c.failed || len(c.buf) > 0 {
		return nil, ErrCorrupt
	}
	if err := json.Unmarshal([]byte(text), ds.Report); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return ds, nil
}

// coder writes a value, or reads into it: one description of the format serves
// both ways, so that they cannot differ.
type coder struct {
	reading bool
	buf     []byte
	failed  bool
	table   []string
	index   map[string]uint64
}

func (c *coder) readTable() {
	n := c.count()
	c.table = make([]string, 0, n)
	for range n {
		size := c.readUint()
		if c.failed || size > uint64(len(c.buf)) {
			c.failed = true
			return
		}
		c.table = append(c.table, string(c.buf[:size]))
		c.buf = c.buf[size:]
	}
}

func (c *coder) readUint() uint64 {
	v, n := binary.Uvarint(c.buf)
	if n <= 0 {
		c.failed = true
		c.buf = nil
		return 0
	}
	c.buf = c.buf[n:]
	return v
}

// count reads a length. Nothing is shorter than a byte, so a length beyond what
// is left is a lie.
func (c *coder) count() int {
	n := c.readUint()
	if n > uint64(len(c.buf)) {
		c.failed = true
		return 0
	}
	return int(n)
}

func (c *coder) uint(v *uint64) {
	if c.reading {
		*v = c.readUint()
		return
	}
	c.buf = binary.AppendUvarint(c.buf, *v)
}

func (c *coder) int(v *int) {
	u := uint64(*v)
	c.uint(&u)
	*v = int(u & math.MaxInt32)
}

func (c *coder) str(s *string) {
	var i uint64
	if !c.reading {
		var known bool
		if i, known = c.index[*s]; !known {
			i = uint64(len(c.table))
			c.index[*s] = i
			c.table = append(c.table, *s)
		}
	}
	c.uint(&i)
	if c.reading {
		if i >= uint64(len(c.table)) {
			c.failed = true
			return
		}
		*s = c.table[i]
	}
}

func (c *coder) float(f *float64) {
	bits := math.Float64bits(*f)
	c.uint(&bits)
	*f = math.Float64frombits(bits)
}

func (c *coder) bytes(b []byte) {
	if !c.reading {
		c.buf = append(c.buf, b...)
		return
	}
	if len(c.buf) < len(b) {
		c.failed = true
		return
	}
	copy(b, c.buf)
	c.buf = c.buf[len(b):]
}

// small codes an enum of one byte.
func small[T ~uint8](c *coder, v *T) {
	u := uint64(*v)
	c.uint(&u)
	if u > math.MaxUint8 {
		c.failed = true
	}
	*v = T(u)
}

// slice codes a list; empty and absent are one.
func slice[T any](c *coder, list *[]T, item func(*T)) {
	n := len(*list)
	if c.reading {
		n = c.count()
		*list = nil
		if n > 0 {
			*list = make([]T, 0, min(n, 1<<12))
		}
	} else {
		c.int(&n)
	}
	for i := range n {
		if c.failed {
			return
		}
		if c.reading {
			var zero T
			*list = append(*list, zero)
		}
		item(&(*list)[i])
	}
}

// column codes one field of every row.
func column(c *coder, rows []kg.Row, field func(*kg.Row)) {
	for i := range rows {
		if c.failed {
			return
		}
		field(&rows[i])
	}
}

func (c *coder) strs(list *[]string) { slice(c, list, c.str) }

func (c *coder) dataset(ds *kg.Dataset) {
	slice(c, &ds.Releases, func(r **kg.Release) {
		if c.reading {
			*r = &kg.Release{Objects: map[kg.ObjectKind][]kg.Object{}, Links: map[kg.LinkKind][]kg.Link{}}
		}
		c.release(*r)
	})
	slice(c, &ds.Frameworks, func(f *kg.Framework) {
		c.str(&f.ID)
		c.str(&f.Name)
		small(c, &f.Kind)
	})
	slice(c, &ds.Sets, func(s **kg.Set) {
		if c.reading {
			*s = &kg.Set{}
		}
		c.set(*s)
	})
	slice(c, &ds.Baselines, func(b *kg.Baseline) {
		c.str(&b.Framework)
		c.str(&b.FrameworkVersion)
		c.str(&b.Name)
		c.str(&b.Title)
		c.str(&b.Version)
		c.strs(&b.Controls)
	})
	slice(c, &ds.Priorities, func(p *kg.Priority) {
		c.str(&p.AttackID)
		c.float(&p.Cumulative)
	})
}

func (c *coder) release(r *kg.Release) {
	small(c, &r.Key.Domain)
	c.str(&r.Key.Version)
	slice(c, &r.Techniques, func(t *kg.Technique) {
		c.str(&t.ID)
		c.str(&t.Name)
		c.str(&t.URL)
		small(c, &t.Status)
		c.str(&t.RevokedBy)
		c.strs(&t.Tactics)
		c.strs(&t.Platforms)
		c.str(&t.Parent)
	})
	slice(c, &r.Tactics, func(o *kg.Object) { c.object(kg.KindTactic, o) })
	for _, kind := range keptKinds {
		list := r.Objects[kind]
		slice(c, &list, func(o *kg.Object) { c.object(kind, o) })
		if c.reading && len(list) > 0 {
			r.Objects[kind] = list
		}
	}
	for _, kind := range keptLinks {
		list := r.Links[kind]
		c.links(&list)
		if c.reading && len(list) > 0 {
			r.Links[kind] = list
		}
	}
}

func (c *coder) object(kind kg.ObjectKind, o *kg.Object) {
	o.Kind = kind
	c.str(&o.ID)
	c.str(&o.Name)
	c.str(&o.URL)
	small(c, &o.Status)
	c.str(&o.RevokedBy)
	c.strs(&o.Aliases)
	c.strs(&o.Platforms)
	c.str(&o.ShortName)
	c.str(&o.SoftwareType)
	c.str(&o.FirstSeen)
	c.str(&o.LastSeen)
}

// links codes links grouped by where they come from.
func (c *coder) links(list *[]kg.Link) {
	type group struct {
		from string
		to   []string
	}
	var groups []group
	for _, l := range *list {
		if n := len(groups); n == 0 || groups[n-1].from != l.From {
			groups = append(groups, group{from: l.From})
		}
		g := &groups[len(groups)-1]
		g.to = append(g.to, l.To)
	}
	slice(c, &groups, func(g *group) {
		c.str(&g.from)
		c.strs(&g.to)
	})
	if !c.reading {
		return
	}
	for _, g := range groups {
		for _, to := range g.to {
			*list = append(*list, kg.Link{From: g.from, To: to})
		}
	}
}

func (c *coder) set(s *kg.Set) {
	c.str(&s.Key.Framework)
	c.str(&s.Key.Version)
	c.str(&s.Key.AttackVersion)
	small(c, &s.Key.Domain)
	c.str(&s.File)
	c.str(&s.MappingVersion)
	c.str(&s.Created)
	c.str(&s.Updated)
	slice(c, &s.Types, func(t *kg.MappingType) {
		c.str(&t.ID)
		c.str(&t.Name)
	})
	slice(c, &s.Groups, func(g *kg.CapabilityGroup) {
		c.str(&g.ID)
		c.str(&g.Title)
	})
	c.rows(s)
}

func (c *coder) rows(s *kg.Set) {
	n := len(s.Rows)
	if c.reading {
		n = c.count()
		// A row takes its id and more, so this allocates no more than was read.
		if n*len(kg.MappingID{}) > len(c.buf) {
			c.failed = true
			return
		}
		s.Rows = make([]kg.Row, n)
	} else {
		c.int(&n)
	}
	last := 0
	column(c, s.Rows, func(r *kg.Row) {
		step := r.Number - last
		c.int(&step)
		r.Number = last + step
		last = r.Number
	})
	column(c, s.Rows, func(r *kg.Row) { small(c, &r.Class) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.Capability) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.Spelled) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.Title) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.Group) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.AttackID) })
	column(c, s.Rows, func(r *kg.Row) { small(c, &r.Relation) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.TypeID) })
	column(c, s.Rows, func(r *kg.Row) { small(c, &r.Category) })
	column(c, s.Rows, func(r *kg.Row) { small(c, &r.Value) })
	column(c, s.Rows, func(r *kg.Row) { c.str(&r.Status) })
	column(c, s.Rows, func(r *kg.Row) {
		slice(c, &r.References, func(ref *kg.Reference) {
			c.str(&ref.URL)
			ref.Raw = ref.URL
		})
	})
	column(c, s.Rows, func(r *kg.Row) { c.bytes(r.ID[:]) })
}
