MATCH (b:Baseline)
WHERE b.key STARTS WITH $prefix
RETURN properties(b) AS baseline
