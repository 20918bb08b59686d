package store

import (
	"slices"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// CatalogOrder orders the versions of a framework's catalogs by preference: the
// version asked for, then the newest first.
func CatalogOrder(versions []string, asked string) []string {
	order := slices.Clone(versions)
	slices.SortStableFunc(order, func(a, b string) int {
		if (a == asked) != (b == asked) {
			if a == asked {
				return -1
			}
			return 1
		}
		return kg.CompareVersions(b, a)
	})
	return order
}
