// Removes a part of what a generation has of a label; it is run until nothing is
// left. LABEL stands for each label in turn.
MATCH (n:LABEL)
WHERE n.key STARTS WITH $prefix
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS removed
