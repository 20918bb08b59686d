UNWIND $keys AS key
MATCH (m:Mapping {key: key})
WHERE m.class = 'MAPPED'
RETURN m.set AS set, properties(m) AS row
