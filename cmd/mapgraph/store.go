package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/mapgraph/mapgraph/internal/config"
	"github.com/mapgraph/mapgraph/internal/kg"
	"github.com/mapgraph/mapgraph/internal/store"
	"github.com/mapgraph/mapgraph/internal/store/memory"
	"github.com/mapgraph/mapgraph/internal/store/neo4j"
)

// openStore opens the store that the settings name. One in memory has its data
// then; one in Neo4j may yet have to wait for the database.
func openStore(ctx context.Context, c config.Config, pool *store.Pool, log *slog.Logger, stderr io.Writer) (store.Store, error) {
	if c.Store == config.Neo4j {
		return openNeo4j(ctx, c, pool, log)
	}
	ds, err := readDataset(ctx, c, stderr)
	if err != nil {
		return nil, err
	}
	st := memory.NewIn(pool, ds)
	return st, checkAttackVersion(ctx, st, c.AttackVersion)
}

func openNeo4j(ctx context.Context, c config.Config, pool *store.Pool, log *slog.Logger) (store.Store, error) {
	if c.Data != "" {
		return nil, exit(exitWrongUse, errors.New("--data is read by `mapgraph load`; with --store neo4j the server answers from what is in the database"))
	}
	o := neo4jOptions(c)
	o.Cache = pool
	st, err := neo4j.Open(o, log)
	if err != nil {
		return nil, exit(exitWrongUse, err)
	}
	err = checkAttackVersion(ctx, st, c.AttackVersion)
	if err != nil {
		_ = st.Close(context.WithoutCancel(ctx))
	}
	return st, err
}

func neo4jOptions(c config.Config) neo4j.Options {
	return neo4j.Options{
		URI: c.Neo4jURI, User: c.Neo4jUser, Password: c.Neo4jPassword.Reveal(), Database: c.Neo4jDatabase,
		// A query of a request must end before the request does.
		QueryTimeout: c.RequestTimeout / 2,
	}
}

// checkAttackVersion refuses a default view that the data cannot give. Without
// data it waits for another day.
func checkAttackVersion(ctx context.Context, st store.Store, v string) error {
	if v == "" {
		return nil
	}
	snap, err := st.Snapshot(ctx)
	if errors.Is(err, store.ErrUnavailable) {
		return nil
	}
	if err != nil {
		return err
	}
	var loaded []kg.ReleaseKey
	for _, r := range snap.Head().Releases {
		if r.Key.Version == v {
			return nil
		}
		loaded = append(loaded, r.Key)
	}
	return exit(exitWrongUse, fmt.Errorf("--attack-version %s: no release of that version is loaded; loaded are %v", v, loaded))
}
