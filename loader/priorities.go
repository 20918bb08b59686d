package loader

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// readPriorities reads the Top ATT&CK Techniques list: an array of techniques,
// of which the id (tid) and the cumulative score count. The answer is by id.
func readPriorities(in *input, rep *kg.FileReport) ([]kg.Priority, error) {
	r := fieldReader{in: in, notes: newNotes()}
	scores := map[string]float64{}
	err := in.array(func(int) error {
		entry, err := r.next()
		if err != nil {
			return rowError(r.row, err)
		}
		r.addPriority(entry, scores)
		return nil
	})
	if err != nil {
		return nil, err
	}
	list := make([]kg.Priority, 0, len(scores))
	for id, score := range scores {
		list = append(list, kg.Priority{AttackID: id, Cumulative: score})
	}
	slices.SortFunc(list, func(x, y kg.Priority) int { return strings.Compare(x.AttackID, y.AttackID) })
	r.report(rep)
	return list, nil
}

// addPriority reads one entry. One without a technique or a score says nothing,
// and is left out; of several for one technique the first stands.
func (r *fieldReader) addPriority(entry jsontext.Value, scores map[string]float64) {
	if entry.Kind() != '{' {
		r.notes.add("MALFORMED_OBJECT", "entries that are no JSON objects, left out", r.row)
		return
	}
	var tid, cumulative jsontext.Value
	eachMember(entry, func(name []byte, value jsontext.Value) {
		switch string(name) {
		case "tid":
			tid = value
		case "cumulative_score":
			cumulative = value
		}
	})
	id := r.bounds().id("technique id (tid)", kg.CanonicalAttackID(r.text(tid)), r.row)
	score, scored := r.number(cumulative)
	earlier, repeated := scores[id]
	switch {
	case id == "":
		r.notes.add("MISSING_ATTACK_ID", "entries without a technique id (tid), left out", r.row)
	case !scored:
		r.notes.add("MISSING_SCORE", "entries without a cumulative_score, left out", r.row)
	case repeated && score == earlier:
		r.notes.add("REPEATED_TECHNIQUE", "entries that repeat a technique and its score", r.row)
	case repeated:
		r.notes.add("CONFLICTING_SCORE", "entries that give a technique another score than an earlier entry, left out", r.row)
	default:
		scores[id] = score
	}
}
