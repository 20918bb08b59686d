MATCH (s:MappingSet {key: $set})
UNWIND $rows AS row
CREATE (m:Mapping)-[:IN_SET]->(s)
SET m = row
