MATCH (f:Framework)
WHERE f.key STARTS WITH $prefix
RETURN properties(f) AS framework
