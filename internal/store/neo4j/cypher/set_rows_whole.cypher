MATCH (m:Mapping {set: $set})
RETURN properties(m) AS row
