package algebra

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Stretch says which part of a list of rows is wanted.
type Stretch struct {
	First int                   // at most so many; 0 or more
	After func(AlignedRow) bool // tells whether a row comes behind the place from which to go on, in the order of the list; nil for from the beginning
}

// RowPage is a part of a list of rows.
type RowPage struct {
	Rows   []AlignedRow
	Before int // rows that come before
	Total  int // rows of the whole list
}

// Mappings gives a part of the rows of the view that pass a filter, on techniques
// of a scope: by capability, technique, category, value (none last), row.
func (v *View) Mappings(w *budget.Budget, filter *Filter, scope Bits, part Stretch) (RowPage, error) {
	var page RowPage
	whole := scope.Count() == len(v.Frame.Universe)
	for _, b := range v.Bodies {
		s := b.sift(filter, nil)
		if s.nothing {
			continue
		}
		start := 0
		if part.After != nil {
			start = sort.Search(len(b.entries), func(i int) bool { return part.After(b.Row(i)) })
		}
		if whole && s.everything {
			page.take(b, start, part.First)
			continue
		}
		if err := spend(w, len(b.entries)+filter.size(), rowsAUnit); err != nil {
			return page, err
		}
		for i := range b.entries {
			e := &b.entries[i]
			if !scope.Has(int(e.technique)) || !s.keeps(e) {
				continue
			}
			page.Total++
			switch {
			case i < start:
				page.Before++
			case len(page.Rows) < part.First:
				page.Rows = append(page.Rows, b.Row(i))
			}
		}
	}
	return page, nil
}

// take adds all rows of a body, of which those from start on are wanted.
func (p *RowPage) take(b *Body, start, first int) {
	p.Total += len(b.entries)
	p.Before += start
	for i := start; i < len(b.entries) && len(p.Rows) < first; i++ {
		p.Rows = append(p.Rows, b.Row(i))
	}
}

// TechniqueMappings lists the rows on one technique that pass a filter, in the
// order of Mappings.
func (v *View) TechniqueMappings(w *budget.Budget, technique int, filter *Filter) ([]AlignedRow, error) {
	n := 0
	for _, b := range v.Bodies {
		if filter.keepsFramework(b.Framework.ID) {
			n += len(b.techniqueRows(technique))
		}
	}
	if err := spend(w, n+filter.size(), 1); err != nil || n == 0 {
		return nil, err
	}
	rows := make([]AlignedRow, 0, n)
	for _, b := range v.Bodies {
		s := b.sift(filter, nil)
		if !s.nothing {
			rows = b.keptOn(technique, &s, rows)
		}
	}
	return rows, nil
}

// keptOn adds the rows on a technique that a sieve keeps.
func (b *Body) keptOn(technique int, s *sieve, rows []AlignedRow) []AlignedRow {
	for _, i := range b.techniqueRows(technique) {
		if s.keeps(&b.entries[i]) {
			rows = append(rows, AlignedRow{Body: b, at: i})
		}
	}
	return rows
}

// CapabilityMappings lists the rows of one capability that pass a filter, in
// the order of Mappings.
func (v *View) CapabilityMappings(w *budget.Budget, ref kg.CapabilityRef, filter *Filter) ([]AlignedRow, error) {
	b := v.byFramework[ref.Framework]
	if b == nil {
		return nil, nil
	}
	c, ok := b.Capability(ref.ID)
	if !ok {
		return nil, nil
	}
	start, end := b.capStart[c], b.capStart[c+1]
	if err := spend(w, int(end-start)+filter.size(), 1); err != nil || start == end {
		return nil, err
	}
	s := b.sift(filter, nil)
	rows := make([]AlignedRow, 0, end-start)
	for i := start; i < end; i++ {
		if s.keeps(&b.entries[i]) {
			rows = append(rows, AlignedRow{Body: b, at: i})
		}
	}
	return rows, nil
}

// DistinctCapabilities gives the first row of each capability, of rows that are
// in order.
func DistinctCapabilities(rows []AlignedRow) []AlignedRow {
	list := make([]AlignedRow, 0, len(rows))
	for i, r := range rows {
		if i == 0 || rows[i-1].Body != r.Body || rows[i-1].Capability() != r.Capability() {
			list = append(list, r)
		}
	}
	return list
}

// SetRow is a MAPPED row of a set, whether it has a place in the view or not.
type SetRow struct {
	Row       *kg.Row
	AttackID  string // of its technique in the view, else as the row writes it
	Technique int    // position in the universe, or -1
}

// SetPage is a part of the MAPPED rows of a set.
type SetPage struct {
	Rows   []SetRow
	Before int // rows that come before
	Total  int // all rows
}

// Everything gives the first rows of the body's set that come after a place, in
// the order of mappings, among all that there are: where a row has no place in
// the view it stands by the id that it writes.
func (b *Body) Everything(w *budget.Budget, first int, after func(attackID string, r *kg.Row) bool) (SetPage, error) {
	if err := spend(w, len(b.unaligned)*sortAUnits, 1); err != nil {
		return SetPage{}, err
	}
	placed := func(i int) SetRow {
		e := &b.entries[i]
		return SetRow{&b.Set.Rows[e.row], b.view.Frame.Universe[e.technique].ID, int(e.technique)}
	}
	order := slices.Clone(b.unaligned)
	slices.SortFunc(order, func(x, y entry) int {
		return cmp.Or(
			cmp.Compare(x.capability, y.capability),
			strings.Compare(b.Set.Rows[x.row].AttackID, b.Set.Rows[y.row].AttackID),
			compareScores(x, y))
	})
	unplaced := func(i int) SetRow {
		r := &b.Set.Rows[order[i].row]
		return SetRow{r, r.AttackID, -1}
	}
	start := func(n int, at func(int) SetRow) int {
		return sort.Search(n, func(i int) bool { return after(at(i).AttackID, at(i).Row) })
	}
	i, j := start(len(b.entries), placed), start(len(order), unplaced)
	page := SetPage{Before: i + j, Total: len(b.entries) + len(order)}
	for len(page.Rows) < first && (i < len(b.entries) || j < len(order)) {
		if j == len(order) || i < len(b.entries) && b.comesFirst(&b.entries[i], placed(i), &order[j], unplaced(j)) {
			page.Rows = append(page.Rows, placed(i))
			i++
			continue
		}
		page.Rows = append(page.Rows, unplaced(j))
		j++
	}
	return page, nil
}

// sortAUnits is what it takes to put a row in order.
const sortAUnits = 8

func (b *Body) comesFirst(x *entry, xr SetRow, y *entry, yr SetRow) bool {
	return cmp.Or(
		cmp.Compare(x.capability, y.capability),
		strings.Compare(xr.AttackID, yr.AttackID),
		compareScores(*x, *y)) < 0
}
