MATCH (o:AttackObject {release: $release})
WHERE o.kind = $kind
RETURN properties(o) AS object
