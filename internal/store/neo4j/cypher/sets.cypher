MATCH (s:MappingSet)
WHERE s.key STARTS WITH $prefix
RETURN properties(s) AS set
