UNWIND $rows AS row
MATCH (a:AttackObject {key: row.from})
UNWIND row.to AS key
MATCH (b:AttackObject {key: key})
CREATE (a)-[:$($type)]->(b)
