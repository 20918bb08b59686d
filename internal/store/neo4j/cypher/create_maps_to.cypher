// A row's evidence is its Mapping; MAPS_TO says the same in one step.
UNWIND $rows AS row
MATCH (m:Mapping {key: row.mapping})
MATCH (c:Capability {key: row.capability})
MATCH (t:AttackObject {key: row.technique})
CREATE (m)-[:FROM]->(c), (m)-[:TO]->(t), (c)-[e:MAPS_TO]->(t)
SET e = row.properties
