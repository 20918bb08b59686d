package algebra

import (
	"slices"
	"strings"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Posture says what is owned, as people say it.
type Posture struct {
	Frameworks   []string           // whole
	Capabilities []kg.CapabilityRef // with canonical ids
	Baselines    []Part             // every control that a baseline asks for, such as MODERATE of nist_800_53
	Groups       []Part             // every capability of a group, such as eop of m365
	Licences     []Part             // every capability that a licence tier has, such as E3 of m365
	Techniques   []string           // ATT&CK ids of what is covered by means that no framework lists
}

// Part names a part of a framework.
type Part struct{ Framework, Name string }

// Own turns a posture into a stack. A part that the data does not have is an
// *InputError that lists what there is, so that a slip of the pen does not pass
// for a gap.
func Own(h *kg.Head, p Posture) (*Stack, error) {
	s := &Stack{Frameworks: p.Frameworks, Capabilities: slices.Clone(p.Capabilities)}
	for _, kind := range []struct {
		parts []Part
		find  func(*kg.Head, Part) ([]kg.CapabilityRef, error)
	}{{p.Baselines, ownBaseline}, {p.Groups, ownGroup}, {p.Licences, ownLicence}} {
		for _, part := range kind.parts {
			refs, err := kind.find(h, part)
			if err != nil {
				return nil, err
			}
			s.Capabilities = append(s.Capabilities, refs...)
		}
	}
	for _, id := range p.Techniques {
		s.Techniques = append(s.Techniques, kg.CanonicalAttackID(id))
	}
	return s, nil
}

// ownBaseline gives the controls of a baseline, of the newest framework version
// that has one of the name.
func ownBaseline(h *kg.Head, part Part) ([]kg.CapabilityRef, error) {
	var found *kg.Baseline
	var known []string
	for i := range h.Baselines {
		b := &h.Baselines[i]
		if b.Framework != part.Framework {
			continue
		}
		known = append(known, b.Name)
		if strings.EqualFold(b.Name, strings.TrimSpace(part.Name)) && (found == nil || kg.CompareVersions(b.FrameworkVersion, found.FrameworkVersion) > 0) {
			found = b
		}
	}
	if found == nil {
		return nil, unknownPart("baseline", part, known)
	}
	refs := make([]kg.CapabilityRef, len(found.Controls))
	for i, id := range found.Controls {
		refs[i] = kg.CapabilityRef{Framework: part.Framework, ID: id}
	}
	return refs, nil
}

// ownGroup gives the capabilities that any loaded set files under a group.
func ownGroup(h *kg.Head, part Part) ([]kg.CapabilityRef, error) {
	return ownWhere(h, "capability group", part, func(c *kg.Capability) []string {
		groups := make([]string, 0, len(c.Sets))
		for _, in := range c.Sets {
			groups = append(groups, in.Group)
		}
		return groups
	})
}

// ownLicence gives the capabilities that a licence tier has. A tier has what
// lower ones have.
func ownLicence(h *kg.Head, part Part) ([]kg.CapabilityRef, error) {
	return ownWhere(h, "licence tier", part, func(c *kg.Capability) []string { return LicencesOf(c.Ref) })
}

// LicencesOf lists the licence tiers that have a capability, lowest first; none
// where licences do not part a framework.
func LicencesOf(ref kg.CapabilityRef) []string {
	tiers := kg.TraitsOf(ref.Framework).Tiers
	for i, tier := range tiers {
		if strings.HasSuffix(ref.ID, "-"+tier) {
			return tiers[i:]
		}
	}
	return nil
}

// ownWhere gives the capabilities of a framework of which a name is true.
func ownWhere(h *kg.Head, what string, part Part, names func(*kg.Capability) []string) ([]kg.CapabilityRef, error) {
	want := strings.TrimSpace(part.Name)
	var refs []kg.CapabilityRef
	var known []string
	for i := range h.Capabilities {
		c := &h.Capabilities[i]
		if c.Ref.Framework != part.Framework {
			continue
		}
		all := names(c)
		known = append(known, all...)
		if slices.ContainsFunc(all, func(n string) bool { return n != "" && strings.EqualFold(n, want) }) {
			refs = append(refs, c.Ref)
		}
	}
	if len(refs) == 0 {
		return nil, unknownPart(what, part, known)
	}
	return refs, nil
}

func unknownPart(what string, part Part, known []string) error {
	slices.Sort(known)
	known = slices.DeleteFunc(slices.Compact(known), func(s string) bool { return s == "" })
	if len(known) == 0 {
		return inputErrorf("stack: nothing is loaded of %s that has a %s", part.Framework, what)
	}
	return inputErrorf("stack: %s has no %s %q; it has %s", part.Framework, what, part.Name, strings.Join(known, ", "))
}

// CheckStack says which of a stack's techniques the view's release does not know
// in any status, as an *InputError that names them all.
func (v *View) CheckStack(s *Stack) error {
	var unknown []string
	for _, id := range s.Techniques {
		if _, reason := v.Frame.Align(id); reason != 0 && v.Frame.techniques[id] == nil {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return inputErrorf("stack: not in ATT&CK %s: %s", v.Frame.Release.Key, strings.Join(unknown, ", "))
}

// placed gives the techniques of the universe that ids stand for, revoked ids
// for their successors; others are nothing.
func (f *Frame) placed(ids []string) Bits {
	bits := NewBits(len(f.Universe))
	for _, id := range ids {
		if to, reason := f.Align(id); reason == 0 {
			bits.Add(f.position[to])
		}
	}
	return bits
}
