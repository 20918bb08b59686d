MATCH (g:Generation {key: $key})
WHERE NOT g.removed
RETURN g.key AS key
