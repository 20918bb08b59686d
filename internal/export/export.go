// Package export writes analyses in the formats of other tools, and reads what
// comes back. Equal answers give equal bytes.
package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// Answer is what is exported: an assessment, the part of the universe that it is
// about, and where it came from.
type Answer struct {
	*algebra.Assessment
	Scope  algebra.Bits
	Origin Origin
}

// Origin says which data, versions and filter a document came from.
type Origin struct {
	Generation string // of the data
	Edition    kg.Edition
	Release    kg.ReleaseKey
	Frameworks []string // that were asked
	Sets       []string // that spoke for them
	Stack      string
	Filter     string
	Scope      string
	RollUp     string
}

// NewAnswer makes an answer of an assessment of what a question asked.
func NewAnswer(head *kg.Head, q algebra.Question, scope algebra.Scope, keep algebra.Bits, a *algebra.Assessment) Answer {
	scope = scope.Named(a.View.Frame)
	o := Origin{
		Generation: head.Generation, Edition: head.Edition, Release: a.View.Frame.Release.Key,
		Filter: q.Filter.String(), Scope: scope.String(), RollUp: q.RollUp.String(),
	}
	for _, c := range a.Columns {
		o.Frameworks = append(o.Frameworks, c.Framework)
		if c.Body != nil {
			o.Sets = append(o.Sets, c.Body.Set.Key.String())
		}
	}
	slices.Sort(o.Sets)
	if q.Stack != nil {
		o.Stack = q.Stack.String()
	}
	return Answer{Assessment: a, Scope: keep, Origin: o}
}

// Fact is a named value.
type Fact struct{ Name, Value string }

// Facts lists what the origin says, in a fixed order; a filter, scope, stack or
// roll-up that is not there says "none".
func (o Origin) Facts() []Fact {
	edition := "full"
	if o.Edition == kg.Facts {
		edition = "facts"
	}
	list := []Fact{
		{sourceMetadata, sourceName},
		{"data", o.Generation},
		{"edition", edition},
		{"ATT&CK", o.attack()},
		{"frameworks", strings.Join(o.Frameworks, ", ")},
		{"mapping sets", strings.Join(o.Sets, ", ")},
		{"stack", o.Stack},
		{"filter", o.Filter},
		{"scope", o.Scope},
		{"roll-up", o.RollUp},
	}
	for i := range list {
		if list[i].Value == "" {
			list[i].Value = "none"
		}
	}
	return list
}

func (o Origin) attack() string { return o.Release.Domain.String() + " " + o.Release.Version }

// String puts the facts in a line.
func (o Origin) String() string {
	var parts []string
	for _, f := range o.Facts() {
		parts = append(parts, f.Name+": "+f.Value)
	}
	return strings.Join(parts, "; ")
}

// Mapping is a row that passes the question, with its texts.
type Mapping struct {
	algebra.AlignedRow
	Row *kg.Row // with comments and references, where the data has them
}

// Meaning is what every document with numbers of coverage says of them.
const Meaning = "Mapped means that somebody tied a capability to the technique. It does not mean that the technique is prevented, or that the capability is switched on."

// stateNames and reasonNames are for people.
var (
	stateNames = map[algebra.State]string{
		algebra.MappedState: "mapped", algebra.BelowThreshold: "mapped, but not as the filter asks",
		algebra.NonMappable: "declared non-mappable", algebra.Unassessed: "nothing is mapped",
	}
	reasonNames = map[algebra.Reason]string{
		algebra.Silent: "the mappings are silent", algebra.NewSinceMapping: "newer than the mappings",
		algebra.RetiredBeforeMapping: "retired before the mappings", algebra.UnknownReason: "no mappings to ask",
	}
)

// stateName says a cell's state and reason.
func stateName(c *algebra.Cell) string {
	if c.State == algebra.Unassessed {
		return stateNames[c.State] + ": " + reasonNames[c.Reason]
	}
	return stateNames[c.State]
}

// behind lists the capabilities behind a technique, column by column.
func (a Answer) behind(technique int) [][]kg.CapabilityRef {
	list := make([][]kg.CapabilityRef, len(a.Columns))
	for i, c := range a.Columns {
		list[i] = c.Refs(technique)
	}
	return list
}

func joinIDs(refs []kg.CapabilityRef) string {
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	return strings.Join(ids, ", ")
}

// framework gives a name for people.
func frameworkName(c *algebra.Column) string {
	if c.Body != nil {
		return c.Body.Framework.Name
	}
	return c.Framework
}

// FileName gives a name for a document of an answer.
func (o Origin) FileName(what, extension string) string {
	return fmt.Sprintf("mapgraph-%s-%s-%s.%s", what, o.Release.Domain, o.Release.Version, extension)
}
