MATCH (c:Capability)-[in:IN_SET]->(s:MappingSet)
WHERE c.key STARTS WITH $prefix
RETURN c.position AS position, c.framework AS framework, c.id AS id, c.spelled AS spelled,
  collect({set: s.id, title: in.title, group: in.group}) AS sets
