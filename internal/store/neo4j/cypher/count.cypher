// LABEL stands for each label in turn.
MATCH (n:LABEL)
WHERE n.key STARTS WITH $prefix
RETURN count(n) AS nodes
