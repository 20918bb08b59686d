UNWIND $sets AS set
MATCH (m:Mapping {set: set})
WHERE m.number > 0
RETURN set, m {.mappingId, .number, .class, .capability, .spelled, .title, .group, .attackId, .sourceLabel,
  .relation, .type, .category, .value, .comments, .references, .referencesAsWritten, .status, .author} AS row
