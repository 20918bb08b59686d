MATCH (g:Generation {key: $key})
WHERE g.removed
DELETE g
