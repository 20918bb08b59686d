package algebra

import "github.com/mapgraph/mapgraph/internal/kg"

// Aligner places technique ids, written for any release, in one target release.
type Aligner struct {
	status    map[string]kg.Status
	ends      map[string]string // revoked techniques: the active one that the chain of successors ends in
	elsewhere map[string]bool   // techniques of the other domains of the target's version
}

// NewAligner builds an aligner for a release. Siblings are the releases of the
// same version in other domains; they serve only to tell OTHER_DOMAIN from
// UNKNOWN, and releases of other versions or of the same domain are ignored.
func NewAligner(target *kg.Release, siblings []*kg.Release) *Aligner {
	a := &Aligner{
		status:    make(map[string]kg.Status, len(target.Techniques)),
		ends:      map[string]string{},
		elsewhere: map[string]bool{},
	}
	successors := map[string]string{}
	for i := range target.Techniques {
		t := &target.Techniques[i]
		a.status[t.ID] = t.Status
		if t.Status == kg.Revoked && t.RevokedBy != "" {
			successors[t.ID] = t.RevokedBy
		}
	}
	for id := range successors {
		a.follow(id, successors)
	}
	for _, s := range siblings {
		if s.Key.Version != target.Key.Version || s.Key.Domain == target.Key.Domain {
			continue
		}
		for i := range s.Techniques {
			a.elsewhere[s.Techniques[i].ID] = true
		}
	}
	return a
}

// Align gives the active technique of the target release that an id stands
// for, following revocations to their end. A reason other than zero says that
// there is none; to is then empty.
func (a *Aligner) Align(id string) (to string, reason kg.UnresolvedReason) {
	status, known := a.status[id]
	switch {
	case !known && a.elsewhere[id]:
		return "", kg.UnresolvedOtherDomain
	case !known:
		return "", kg.UnresolvedUnknown
	case status == kg.Active:
		return id, 0
	case status == kg.Deprecated:
		return "", kg.UnresolvedDeprecated
	}
	if end := a.ends[id]; end != "" {
		return end, 0
	}
	return "", kg.UnresolvedRevoked
}

// follow finds where the successors of a revoked technique end, and remembers it
// for each technique on the way. A cycle and a dead end are no end.
func (a *Aligner) follow(id string, successors map[string]string) {
	var way []string
	end := ""
	for end == "" {
		known, followed := a.ends[id]
		next, revoked := successors[id]
		if followed || !revoked {
			end = known
			break
		}
		way = append(way, id)
		a.ends[id] = "" // met again before an end is known, it is a cycle
		if s, there := a.status[next]; there && s == kg.Active {
			end = next
		}
		id = next
	}
	for _, passed := range way {
		a.ends[passed] = end
	}
}
