package answer

import (
	"context"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// The methods here find many texts at once, for a writer of answers that would
// otherwise ask a store once for each: see package direct. Their receivers do
// not matter. Values are in the order of what was asked for.

// described finds texts that a store keeps by place and id, with one question
// for each place.
func described[T any, P comparable, K comparable](list []T, at func(T) (P, K), find func(P, []K) (map[K]string, error)) ([]*string, error) {
	type thing struct {
		place P
		id    K
	}
	asked := map[thing]bool{}
	ids := map[P][]K{}
	for _, t := range list {
		p, k := at(t)
		if !asked[thing{p, k}] {
			asked[thing{p, k}] = true
			ids[p] = append(ids[p], k)
		}
	}
	texts := make(map[P]map[K]string, len(ids))
	for p, keys := range ids {
		found, err := find(p, keys)
		if err != nil {
			return nil, err
		}
		texts[p] = found
	}
	out := make([]*string, len(list))
	for i, t := range list {
		p, k := at(t)
		out[i] = optional(texts[p][k])
	}
	return out, nil
}

// release is where techniques and objects are described.
type release struct {
	request *Request
	key     kg.ReleaseKey
	kind    kg.ObjectKind // of objects
}

// BatchDescription finds the descriptions of techniques.
func (*Technique) BatchDescription(ctx context.Context, list []*Technique) ([]*string, error) {
	at := func(t *Technique) (release, string) {
		return release{request: t.place.Request, key: t.place.release()}, t.technique.ID
	}
	return described(list, at, func(r release, ids []string) (map[string]string, error) {
		found, err := r.request.Snapshot.Techniques(ctx, r.key, ids)
		return textsOf(found, func(t *kg.Technique) string { return t.Description }), err
	})
}

// BatchDescription finds the descriptions of objects.
func (Object) BatchDescription(ctx context.Context, list []Object) ([]*string, error) {
	at := func(o Object) (release, string) {
		return release{request: o.place.Request, key: o.place.release(), kind: o.object.Kind}, o.object.ID
	}
	return described(list, at, func(r release, ids []string) (map[string]string, error) {
		found, err := r.request.Snapshot.Objects(ctx, r.key, r.kind, ids)
		return textsOf(found, func(o *kg.Object) string { return o.Description }), err
	})
}

// catalog is where capabilities are described.
type catalog struct {
	request *Request
	version string
}

// BatchDescription finds the descriptions of capabilities.
func (*Capability) BatchDescription(ctx context.Context, list []*Capability) ([]*string, error) {
	at := func(c *Capability) (catalog, kg.CapabilityRef) {
		return catalog{c.place.Request, c.catalogVersion()}, c.ref()
	}
	return described(list, at, func(c catalog, refs []kg.CapabilityRef) (map[kg.CapabilityRef]string, error) {
		found, err := c.request.Snapshot.Controls(ctx, c.version, refs)
		return textsOf(found, func(c *kg.Control) string { return c.Description }), err
	})
}

// textsOf takes the texts out of what a store found.
func textsOf[K comparable, V any](found map[K]*V, text func(*V) string) map[K]string {
	texts := make(map[K]string, len(found))
	for k, v := range found {
		if v != nil {
			texts[k] = text(v)
		}
	}
	return texts
}
