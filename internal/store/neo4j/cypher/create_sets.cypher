UNWIND $rows AS row
MATCH (f:Framework {key: row.framework})
CREATE (s:MappingSet)-[:OF]->(f)
SET s = row.properties
WITH s, row
MATCH (r:AttackRelease {key: row.release})
CREATE (s)-[:FOR]->(r)
