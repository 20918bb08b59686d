MATCH (p:Priority)
WHERE p.key STARTS WITH $prefix
RETURN p.id AS id, p.cumulative AS cumulative
