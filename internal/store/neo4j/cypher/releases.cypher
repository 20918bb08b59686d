MATCH (r:AttackRelease)
WHERE r.key STARTS WITH $prefix
RETURN properties(r) AS release
