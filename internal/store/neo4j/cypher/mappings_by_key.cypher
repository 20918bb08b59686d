UNWIND $keys AS key
MATCH (m:Mapping {key: key})
WHERE m.class = 'MAPPED'
RETURN m.set AS set, m {.mappingId, .number, .class, .capability, .spelled, .title, .group, .attackId, .sourceLabel,
  .relation, .type, .category, .value, .comments, .references, .referencesAsWritten, .status, .author} AS row
