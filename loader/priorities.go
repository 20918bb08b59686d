package loader

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// readPriorities reads the Top ATT&CK Techniques list.
func readPriorities(in *input, report *kg.FileReport) ([]kg.Priority, error) {
	n := newNotes()
	var list []kg.Priority
	at := map[string]int{}
	err := in.array(func(row int) error {
		report.Objects++
		var entry struct {
			ID         string   `json:"tid"`
			Cumulative *float64 `json:"cumulative_score"`
		}
		if err := value(in, &entry); err != nil {
			return rowError(row+1, err)
		}
		id := kg.CanonicalAttackID(entry.ID)
		old, twice := at[id]
		switch {
		case id == "":
			n.add("NO_ATTACK_ID", "entries without an ATT&CK id; left out", row+1)
		case entry.Cumulative == nil:
			n.add("NO_SCORE", "entries without a cumulative score; left out", row+1)
		case twice && list[old].Cumulative != *entry.Cumulative:
			n.add("DUPLICATE_ENTRY", fmt.Sprintf("%s occurs again with another score; the first stands", id), row+1)
		case twice:
			n.add("DUPLICATE_ENTRY", fmt.Sprintf("%s occurs again", id), row+1)
		default:
			at[id] = len(list)
			list = append(list, kg.Priority{AttackID: in.intern.bytes([]byte(id)), Cumulative: *entry.Cumulative})
		}
		return nil
	})
	report.Notes = append(report.Notes, n.list()...)
	slices.SortFunc(list, func(a, b kg.Priority) int { return strings.Compare(a.AttackID, b.AttackID) })
	return list, err
}
