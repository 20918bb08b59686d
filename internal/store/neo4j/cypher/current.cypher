// Which generation is served. One property of one node says it, so that a
// reader sees the old one or the new.
MATCH (d:Dataset {name: 'mapgraph'})
RETURN d.generation AS key
