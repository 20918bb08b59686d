package algebra

import (
	"iter"
	"math/bits"
)

// Bits is a set of small non-negative integers, such as positions in a
// universe. Binary operations expect sets of one length.
type Bits []uint64

// NewBits gives an empty set that can hold 0 to n-1.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// AllBits gives the set of 0 to n-1.
func AllBits(n int) Bits {
	b := NewBits(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if r := n % 64; r != 0 {
		b[len(b)-1] = 1<<r - 1
	}
	return b
}

// Add puts i into the set.
func (b Bits) Add(i int) { b[i/64] |= 1 << (i % 64) }

// Has tells whether i is in the set.
func (b Bits) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Count gives the number of members.
func (b Bits) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// CountAnd gives the number of members that both sets have.
func (b Bits) CountAnd(o Bits) int {
	n := 0
	for i, w := range b {
		n += bits.OnesCount64(w & o[i])
	}
	return n
}

// Clone copies the set.
func (b Bits) Clone() Bits { return append(Bits(nil), b...) }

// Or adds the members of o to b.
func (b Bits) Or(o Bits) {
	for i, w := range o {
		b[i] |= w
	}
}

// And removes from b what o does not have.
func (b Bits) And(o Bits) {
	for i := range b {
		b[i] &= o[i]
	}
}

// AndNot removes from b what o has.
func (b Bits) AndNot(o Bits) {
	for i, w := range o {
		b[i] &^= w
	}
}

// Remove takes a member out.
func (b Bits) Remove(i int) { b[i/64] &^= 1 << (i % 64) }

// All yields the members in ascending order.
func (b Bits) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range b {
			for w != 0 {
				if !yield(i*64 + bits.TrailingZeros64(w)) {
					return
				}
				w &= w - 1
			}
		}
	}
}
