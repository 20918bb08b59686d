MATCH (l:Load {name: 'mapgraph', owner: $owner})
SET l.until = timestamp() + $lease
