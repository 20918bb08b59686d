UNWIND $keys AS key
MATCH (c:Control {key: key})
RETURN properties(c) AS control
