package algebra

import "github.com/mapgraph/mapgraph/internal/kg"

// What things take beside their fields, in bytes, as measured: entries of maps
// with their strings' headers, and slices' headers.
const (
	mapEntry    = 56
	sliceHeader = 24
)

// Size is about how many bytes of memory the frame takes beside its release.
func (f *Frame) Size() int64 {
	if f == nil {
		return 0
	}
	bits := len(f.tactics) + len(f.platforms)
	for _, users := range f.users {
		bits += len(users)
	}
	n := bits*(len(f.Universe)/8+sliceHeader+mapEntry) + len(f.Universe)*(8+4*5+2*sliceHeader) + 3*len(f.techniques)*mapEntry
	for _, objects := range f.objects {
		n += len(objects) * mapEntry
	}
	for kind := range f.links {
		n += 2 * len(f.Release.Links[kind]) * (16 + mapEntry/4)
	}
	return int64(n)
}

// Size is about how many bytes of memory the view takes beside its frame and
// its sets.
func (v *View) Size() int64 {
	if v == nil {
		return 0
	}
	n := 4 * len(v.Frame.Universe)
	for _, b := range v.Bodies {
		const capability, cell = 160 + mapEntry, 16
		n += len(b.entries)*(16+4+4) + len(b.unaligned)*17 + len(b.Capabilities)*capability +
			len(v.Frame.Universe)*(4+4+1+cell) + len(b.groups)*mapEntry
	}
	return int64(n)
}

// Size is about how many bytes of memory the cover takes.
func (c *Cover) Size() int64 {
	if c == nil {
		return 0
	}
	n := 200 + 8*(len(c.Universe)+len(c.Uncovered))
	for i := range c.Picks {
		n += 80 + 8*len(c.Picks[i].Techniques)
	}
	return int64(n)
}

// SizeOfRelease is about how many bytes of memory a release takes.
func SizeOfRelease(r *kg.Release) int64 {
	if r == nil {
		return 0
	}
	const technique, object, link = 320, 300, 32
	n := technique * len(r.Techniques)
	for i := range r.Techniques {
		n += len(r.Techniques[i].Description)
	}
	for _, list := range r.Objects {
		n += object * len(list)
	}
	for _, list := range r.Links {
		n += link * len(list)
	}
	return int64(n)
}

// SizeOfSet is about how many bytes of memory a set's rows take.
func SizeOfSet(s *kg.Set) int64 {
	if s == nil {
		return 0
	}
	const row, reference = 240, 64
	n := row * len(s.Rows)
	for i := range s.Rows {
		n += len(s.Rows[i].Comments) + reference*len(s.Rows[i].References)
	}
	return int64(n)
}
