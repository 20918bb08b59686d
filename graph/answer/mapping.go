package answer

import (
	"context"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Mapping is a row that ties a capability to a technique, in a view.
type Mapping struct {
	place    *Place
	set      *kg.Set
	row      *kg.Row
	ref      kg.CapabilityRef
	position int // of the technique in the view's universe, or -1
}

// mapping gives a row that has a place in the view.
func (p *Place) mapping(r algebra.AlignedRow) Mapping {
	return Mapping{place: p, set: r.Body.Set, row: r.Row(), ref: r.Ref(), position: r.Technique()}
}

// unaligned gives a row that has none.
func (p *Place) unaligned(u algebra.UnalignedRow) Mapping {
	r := u.Row()
	return Mapping{place: p, set: u.Body.Set, row: r, ref: kg.CapabilityRef{Framework: u.Body.Framework.ID, ID: r.Capability}, position: -1}
}

// withTexts fills in the rows' texts, where the store keeps them apart.
func (p *Place) withTexts(ctx context.Context, list []*Mapping) error {
	ids := make([]kg.MappingID, len(list))
	for i, m := range list {
		ids[i] = m.row.ID
	}
	full, err := p.Request.Snapshot.Mappings(ctx, ids)
	if err != nil {
		return err
	}
	for _, m := range list {
		if f, ok := full[m.row.ID]; ok {
			m.row = f.Row
		}
	}
	return nil
}

// IsNode marks the type as a Node.
func (*Mapping) IsNode() {}

func (m *Mapping) ID() string              { return m.row.ID.GlobalID().String() }
func (m *Mapping) Capability() *Capability { return m.place.capability(m.ref) }
func (m *Mapping) MappingSet() *MappingSet { return m.place.Request.set(m.set.Key) }
func (m *Mapping) Relation() kg.Relation   { return m.row.Relation }
func (m *Mapping) Comments() *string       { return optional(m.row.Comments) }
func (m *Mapping) Status() *string         { return optional(m.row.Status) }
func (m *Mapping) Author() *string         { return optional(m.row.Author) }
func (m *Mapping) SourceLabel() *string    { return optional(m.row.SourceLabel) }
func (m *Mapping) MappingType() *MappingType {
	t := mappingType(m.set.Type(m.row.TypeID))
	return &t
}
func (m *Mapping) Source() *SourcePosition {
	return &SourcePosition{File: m.set.File, Row: m.row.Number}
}

func (m *Mapping) Technique() *Technique {
	if m.position < 0 {
		return m.place.techniqueAsWritten(m.row)
	}
	return m.place.techniqueAt(m.position)
}

func (m *Mapping) ScoreCategory() *kg.Category {
	if m.row.Category == kg.NoCategory {
		return nil
	}
	return &m.row.Category
}

func (m *Mapping) ScoreValue() *kg.Value {
	if m.row.Value == kg.NoValue {
		return nil
	}
	return &m.row.Value
}

func (m *Mapping) AlignedFrom() *string {
	if m.position < 0 || m.place.frame().Universe[m.position].ID == m.row.AttackID {
		return nil
	}
	return &m.row.AttackID
}

func (m *Mapping) References() []*Reference {
	return pointers(m.row.References, func(r kg.Reference) Reference { return Reference{URL: optional(r.URL), Raw: r.Raw} })
}

// Reference is a source that a mapping cites.
type Reference struct {
	URL *string
	Raw string
}

// MappingType is a mapping type as its set declares it.
type MappingType struct {
	ID          string
	Name        *string
	Description *string
}

func mappingType(t kg.MappingType) MappingType {
	return MappingType{ID: t.ID, Name: optional(t.Name), Description: optional(t.Description)}
}

// SourcePosition is where something stands in a file.
type SourcePosition struct {
	File string
	Row  int
}

// MappingEdge is an item of a MappingConnection.
type MappingEdge struct {
	Cursor string
	Node   *Mapping
}

// MappingConnection is a page of mappings.
type MappingConnection struct {
	Connection[*Mapping, MappingEdge]
}

// mappingPage cuts a page out of rows that are in the order of mappings.
func (p *Place) mappingPage(ctx context.Context, rows []algebra.AlignedRow, first *int32, after *string) (*MappingConnection, error) {
	pg, err := paginate("mappings", rows, p.rowKey, first, after)
	if err != nil {
		return nil, err
	}
	return p.connectMappings(ctx, pg)
}

// rowKey gives the place of a row in the order of mappings.
func (p *Place) rowKey(r algebra.AlignedRow) string {
	return mappingKey(r.Ref(), p.frame().Universe[r.Technique()].ID, r.Row())
}

func (p *Place) connectMappings(ctx context.Context, pg page[algebra.AlignedRow]) (*MappingConnection, error) {
	c := &MappingConnection{connect[MappingEdge](pg, p.mapping)}
	return c, p.withTexts(ctx, c.Nodes)
}
