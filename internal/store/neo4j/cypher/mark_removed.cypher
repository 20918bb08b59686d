// Readers look for the mark after they read, so that none takes a part for the
// whole. What is served is never marked.
MATCH (g:Generation {key: $key})
WHERE NOT EXISTS { (:Dataset {name: 'mapgraph', generation: $key}) }
SET g.removed = true
RETURN g.key AS key
