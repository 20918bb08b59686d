// Makes a generation the one that is served.
MERGE (d:Dataset {name: 'mapgraph'})
WITH d, d.generation AS before
MATCH (g:Generation {key: $key})
SET d.generation = g.key, g.loadedAt = datetime()
RETURN before
