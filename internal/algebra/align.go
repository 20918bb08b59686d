package algebra

import "github.com/mapgraph/mapgraph/internal/kg"

// Aligner places technique ids, written for any release, in one target release.
type Aligner struct {
	status    map[string]kg.Status
	revokedBy map[string]string
	elsewhere map[string]bool // techniques of the other domains of the target's version
}

// NewAligner builds an aligner for a release. Siblings are the releases of the
// same version in other domains; they serve only to tell OTHER_DOMAIN from
// UNKNOWN, and releases of other versions or of the same domain are ignored.
func NewAligner(target *kg.Release, siblings []*kg.Release) *Aligner {
	a := &Aligner{
		status:    make(map[string]kg.Status, len(target.Techniques)),
		revokedBy: map[string]string{},
		elsewhere: map[string]bool{},
	}
	for i := range target.Techniques {
		t := &target.Techniques[i]
		a.status[t.ID] = t.Status
		if t.Status == kg.Revoked && t.RevokedBy != "" {
			a.revokedBy[t.ID] = t.RevokedBy
		}
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
	// A chain longer than the number of revoked techniques is a cycle.
	for range len(a.revokedBy) {
		next, ok := a.revokedBy[id]
		if !ok {
			break
		}
		if s, known := a.status[next]; known && s == kg.Active {
			return next, 0
		}
		id = next
	}
	return "", kg.UnresolvedRevoked
}
