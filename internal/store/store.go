// Package store is the contract between the graph and where it is kept.
//
// A store answers lookups and holds the incidence of mapping sets; every
// analysis over them is in package kg, once, for every store. What a store
// promises is written here, and package storetest checks it.
package store

import (
	"context"
	"errors"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

var (
	// ErrNotFound says that a release or set is not in the dataset. Lookups of
	// things by id never return it: an id that does not exist is absent from
	// their result.
	ErrNotFound = errors.New("not loaded")

	// ErrUnavailable says that the store cannot be reached, or has nothing to
	// serve yet. The same call may succeed later.
	ErrUnavailable = errors.New("store unavailable")
)

// Store hands out snapshots of the newest dataset that was loaded whole.
// Its methods may be called from many goroutines.
type Store interface {
	// Snapshot gives the newest generation. A generation is seen whole or not
	// at all, and a snapshot that was handed out keeps answering from its own.
	Snapshot(ctx context.Context) (Snapshot, error)

	// Ready says why requests cannot be answered now, or nil if they can. It
	// answers at once from what the store knows.
	Ready(ctx context.Context) error

	// Close frees what the store holds. Snapshots must not be used after it.
	Close(ctx context.Context) error
}

// Snapshot answers from one generation of the data.
//
// Whatever it returns is shared and must not be changed. Results do not depend
// on the order of the ids asked for; duplicates are harmless. Every method that
// takes a context returns its error once it is done.
type Snapshot interface {
	// Head says what there is. It never fails: a snapshot has its head.
	Head() *kg.Head

	// Report gives the record of the import.
	Report(ctx context.Context) (*kg.ImportReport, error)

	// View gives a release with sets aligned to it; ErrNotFound names the
	// release or set that is not loaded. The view's techniques, objects and
	// rows may lack their texts (descriptions, comments, references, author,
	// status, source label), which the methods below give; everything else is there.
	View(ctx context.Context, key ViewKey) (*algebra.View, error)

	// Outlines gives releases with their techniques, of any status, and of those
	// only id, name, status and successor; nothing else need be there. A release
	// that is not loaded is ErrNotFound.
	Outlines(ctx context.Context, releases []kg.ReleaseKey) (map[kg.ReleaseKey]*kg.Release, error)

	// Techniques gives techniques of a release, of any status, with their texts.
	Techniques(ctx context.Context, release kg.ReleaseKey, ids []string) (map[string]*kg.Technique, error)

	// Objects gives objects of a release, of any status, with their texts.
	Objects(ctx context.Context, release kg.ReleaseKey, kind kg.ObjectKind, ids []string) (map[string]*kg.Object, error)

	// Mappings gives rows of class MAPPED with their texts.
	Mappings(ctx context.Context, ids []kg.MappingID) (map[kg.MappingID]Mapping, error)

	// Declarations gives the rows of a set by row number, of any class, with their texts.
	Declarations(ctx context.Context, set kg.SetKey, rows []int) (map[int]*kg.Row, error)

	// Controls gives the catalog entries of capabilities, for the framework
	// version asked for or else the newest catalog that has the control.
	Controls(ctx context.Context, frameworkVersion string, refs []kg.CapabilityRef) (map[kg.CapabilityRef]*kg.Control, error)

	// Search gives every match, best first, in a total order: score descending,
	// then the order that package search fixes.
	Search(ctx context.Context, query SearchQuery) ([]SearchHit, error)
}

// ViewKey names a view: a release, and at most one set for each framework,
// sorted by SetKey.Compare.
type ViewKey struct {
	Release kg.ReleaseKey
	Sets    []kg.SetKey

	name string // what String gives, where it was worked out before
}

// Named gives the key with its name worked out, for one that is used often.
func (k ViewKey) Named() ViewKey {
	k.name = k.String()
	return k
}

// String is unique for each view.
func (k ViewKey) String() string {
	if k.name != "" {
		return k.name
	}
	s := k.Release.String()
	for _, set := range k.Sets {
		s += " " + set.String()
	}
	return s
}

// Mapping is a row with the set that it belongs to.
type Mapping struct {
	Set *kg.Set // its Rows may be absent
	Row *kg.Row
}

// SearchKind is a kind of thing that search finds.
type SearchKind uint8

// The kinds, in the order in which equal matches of different kinds are listed.
const (
	SearchTechnique SearchKind = iota + 1
	SearchTactic
	SearchGroup
	SearchSoftware
	SearchCampaign
	SearchMitigation
	SearchCapability
	SearchFramework
	SearchMapping
)

// SearchQuery is what to look for, and where.
type SearchQuery struct {
	Text  string
	Kinds []SearchKind // empty for all
	View  ViewKey
}

// SearchHit is one match.
type SearchHit struct {
	NodeID  string // global id
	Order   string // by which hits of one score sort, on bytes; unique
	Kind    SearchKind
	Score   float64                                // 0 to 100
	Field   string                                 // id, name, alias, description or comments
	Snippet func() (text string, matches [][2]int) // text around the first match, and where in it the matches are, in code points
}
