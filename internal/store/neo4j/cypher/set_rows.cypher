// A set's rows without their texts.
MATCH (m:Mapping {set: $set})
RETURN m {.mappingId, .number, .class, .capability, .spelled, .title, .group, .attackId,
  .relation, .type, .category, .value} AS row
