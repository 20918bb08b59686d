UNWIND $rows AS row
MATCH (f:Framework {key: row.framework})
CREATE (c:Capability)-[:OF]->(f)
SET c = row.properties
WITH c, row
UNWIND row.sets AS in
MATCH (s:MappingSet {key: in.key})
CREATE (c)-[:IN_SET {title: in.title, group: in.group}]->(s)
