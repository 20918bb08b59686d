UNWIND $rows AS row
MATCH (n:Control {key: row.control})
MATCH (c:Capability {key: row.capability})
CREATE (n)-[:DESCRIBES]->(c)
