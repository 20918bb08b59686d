package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// The names of metadata by which a layer that this package wrote is known again.
const (
	sourceMetadata = "source"
	sourceName     = "mapgraph"
	stateMetadata  = "state"
	ownMetadata    = "covered by other means"
)

// ParseLayer reads an ATT&CK Navigator layer, decoded from JSON, as what is
// owned: the capabilities that a layer of NavigatorLayer lists; of any other
// layer the techniques that are enabled and have a score above 0.
func ParseLayer(decoded any) (algebra.Posture, error) {
	var layer struct {
		Techniques []struct {
			TechniqueID string      `json:"techniqueID"`
			Score       json.Number `json:"score"`
			Enabled     *bool       `json:"enabled"`
			Metadata    []LayerMetadata
		}
		Metadata []LayerMetadata
	}
	var owned algebra.Posture
	text, err := json.Marshal(decoded)
	if err != nil {
		return owned, fmt.Errorf("layer: %w", err)
	}
	if err := json.Unmarshal(text, &layer); err != nil {
		return owned, fmt.Errorf("layer: not a Navigator layer: %w", err)
	}
	if layer.Techniques == nil {
		return owned, errors.New("layer: not a Navigator layer: it has no techniques")
	}
	ours := slices.Contains(layer.Metadata, LayerMetadata{sourceMetadata, sourceName})
	seen := map[kg.CapabilityRef]bool{}
	for i, t := range layer.Techniques {
		if strings.TrimSpace(t.TechniqueID) == "" {
			return owned, fmt.Errorf("layer: entry %d of techniques has no techniqueID", i+1)
		}
		score, err := t.Score.Float64()
		if scored := err == nil && score > 0 && (t.Enabled == nil || *t.Enabled); !scored {
			continue
		}
		if !ours {
			owned.Techniques = append(owned.Techniques, t.TechniqueID)
			continue
		}
		for _, m := range t.Metadata {
			switch m.Name {
			case stateMetadata:
				continue
			case ownMetadata:
				owned.Techniques = append(owned.Techniques, t.TechniqueID)
				continue
			}
			for id := range strings.SplitSeq(m.Value, ", ") {
				if ref := (kg.CapabilityRef{Framework: m.Name, ID: id}); !seen[ref] {
					seen[ref] = true
					owned.Capabilities = append(owned.Capabilities, ref)
				}
			}
		}
	}
	slices.Sort(owned.Techniques)
	owned.Techniques = slices.Compact(owned.Techniques)
	slices.SortFunc(owned.Capabilities, kg.CapabilityRef.Compare)
	return owned, nil
}
