MATCH (c:Control)
WHERE c.key STARTS WITH $prefix
RETURN properties(c) AS control
