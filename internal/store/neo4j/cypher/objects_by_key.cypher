UNWIND $keys AS key
MATCH (o:AttackObject {key: key})
RETURN properties(o) AS object
