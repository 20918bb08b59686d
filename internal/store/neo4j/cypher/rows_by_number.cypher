UNWIND $numbers AS number
MATCH (m:Mapping {set: $set, number: number})
RETURN properties(m) AS row
