UNWIND $rows AS row
CREATE (b:Baseline)
SET b = row.properties
WITH b, row
UNWIND row.requires AS key
MATCH (c:Capability {key: key})
CREATE (b)-[:REQUIRES]->(c)
