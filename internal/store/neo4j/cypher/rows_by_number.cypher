UNWIND $numbers AS number
MATCH (m:Mapping {set: $set, number: number})
RETURN m {.mappingId, .number, .class, .capability, .spelled, .title, .group, .attackId, .sourceLabel,
  .relation, .type, .category, .value, .comments, .references, .referencesAsWritten, .status, .author} AS row
