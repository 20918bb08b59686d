package algebra

import (
	"cmp"
	"slices"
	"sort"

	"github.com/mapgraph/mapgraph/internal/budget"
)

// best counts the pairs of a crosswalk and keeps those that are wanted: as many
// as a page has, of those behind a place.
type best struct {
	*crossing
	minWeighted float64
	after       *ranked // nil for from the beginning
	afterFrom   bool    // the From of that place is there
	afterTo     bool    // the To of that place is there

	heap   []ranked // the last in order at the root
	total  int
	before int
}

// ranked is a pair with what orders it. From and to are places in the order of
// each side.
type ranked struct {
	metric, weighted float64
	both             float64 // weight of what they have in common
	shared           int32
	from, to         int32
}

func newBest(x *crossing) *best {
	b := &best{crossing: x, minWeighted: Rounded(x.q.MinWeighted), heap: make([]ranked, 0, min(x.q.First, 64))}
	if p := x.q.After; p != nil {
		b.after = &ranked{metric: p.Metric, weighted: p.Weighted, shared: int32(p.Shared)}
		var at int
		at, b.afterFrom = x.left.find(p.From)
		b.after.from = int32(at)
		at, b.afterTo = x.right.find(p.To)
		b.after.to = int32(at)
	}
	return b
}

// compareScores orders by what capabilities that map the same have in common.
func (r *ranked) compareScores(o *ranked) int {
	switch {
	case r.metric != o.metric:
		return cmp.Compare(o.metric, r.metric)
	case r.weighted != o.weighted:
		return cmp.Compare(o.weighted, r.weighted)
	}
	return cmp.Compare(o.shared, r.shared)
}

// compare is the order of a crosswalk.
func (b *best) compare(x, y *ranked) int {
	if b.q.By == FromOrder && x.from != y.from {
		return cmp.Compare(x.from, y.from)
	}
	if c := x.compareScores(y); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to))
}

// add counts the pairs of the capabilities of two classes, and keeps the best.
func (b *best) add(w *budget.Budget, left, right *class, shared int32, both float64) error {
	r := ranked{shared: shared, both: both, from: left.members[0], to: right.members[0]}
	m := measure{int(shared), len(left.techniques), len(right.techniques), both, left.weight, right.weight}
	r.weighted = Rounded(m.weighted())
	if int(shared) < b.q.MinShared || r.weighted < b.minWeighted {
		return nil
	}
	r.metric = m.metric(b.q.By)
	if b.addWhole(&r, left, right) {
		return nil
	}
	if err := spend(w, len(left.members), pairsAUnit); err != nil {
		return err
	}
	for _, i := range left.members {
		r.from = i
		b.addFrom(r, right.members)
	}
	return nil
}

// addWhole counts the pairs of two classes by arithmetic where none of them is
// wanted: r is the first of them in order.
func (b *best) addWhole(r *ranked, left, right *class) bool {
	n := len(left.members) * len(right.members)
	if b.same && int(r.shared) == len(left.techniques) && int(r.shared) == len(right.techniques) {
		n -= len(left.members) // each meets itself
	}
	if b.after != nil {
		c := r.compareScores(b.after)
		if b.q.By == FromOrder || c == 0 {
			return false
		}
		if c < 0 {
			b.before += n
			b.total += n
			return true
		}
	}
	if len(b.heap) < b.q.First || len(b.heap) > 0 && b.compare(r, &b.heap[0]) < 0 {
		return false
	}
	b.total += n
	return true
}

// addFrom counts the pairs of one capability with those of a class, which are
// ranked by To.
func (b *best) addFrom(r ranked, members []int32) {
	n := len(members)
	self, paired := 0, false
	if b.same {
		self, paired = slices.BinarySearch(members, r.from)
	}
	if paired {
		n--
	}
	b.total += n
	start := b.behind(&r, members)
	b.before += start
	if paired && self < start {
		b.before--
	}
	for k := start; k < len(members); k++ {
		if paired && k == self {
			continue
		}
		r.to = members[k]
		if !b.keep(&r) {
			return
		}
	}
}

// behind tells how many of the members, as To of a pair, are not behind the place
// after which pairs are wanted.
func (b *best) behind(r *ranked, members []int32) int {
	if b.after == nil {
		return 0
	}
	if b.q.By == FromOrder && !b.isAfterFrom(r) {
		return countIf(r.from < b.after.from, len(members))
	}
	if c := r.compareScores(b.after); c != 0 {
		return countIf(c < 0, len(members))
	}
	if !b.isAfterFrom(r) {
		return countIf(r.from < b.after.from, len(members))
	}
	return sort.Search(len(members), func(k int) bool {
		return members[k] > b.after.to || members[k] == b.after.to && !b.afterTo
	})
}

// isAfterFrom tells whether a pair has the From of the place after which pairs
// are wanted.
func (b *best) isAfterFrom(r *ranked) bool { return b.afterFrom && r.from == b.after.from }

func countIf(yes bool, n int) int {
	if yes {
		return n
	}
	return 0
}

// keep puts a pair among the best, unless there are enough better ones.
func (b *best) keep(r *ranked) bool {
	if len(b.heap) < b.q.First {
		b.heap = append(b.heap, *r)
		b.up(len(b.heap) - 1)
		return true
	}
	if len(b.heap) == 0 || b.compare(r, &b.heap[0]) >= 0 {
		return false
	}
	b.heap[0] = *r
	b.down()
	return true
}

func (b *best) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if b.compare(&b.heap[i], &b.heap[parent]) <= 0 {
			return
		}
		b.heap[i], b.heap[parent] = b.heap[parent], b.heap[i]
		i = parent
	}
}

func (b *best) down() {
	for i := 0; ; {
		last := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(b.heap) && b.compare(&b.heap[child], &b.heap[last]) > 0 {
				last = child
			}
		}
		if last == i {
			return
		}
		b.heap[i], b.heap[last] = b.heap[last], b.heap[i]
		i = last
	}
}

// page gives what was kept, in order.
func (b *best) page() *Crosswalk {
	slices.SortFunc(b.heap, func(x, y ranked) int { return b.compare(&x, &y) })
	c := &Crosswalk{Pairs: make([]CapabilityPair, len(b.heap)), Before: b.before, Total: b.total}
	for i, r := range b.heap {
		c.Pairs[i] = b.pair(&b.left.mappers[r.from], &b.right.mappers[r.to], int(r.shared), r.both)
	}
	return c
}
