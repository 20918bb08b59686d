// Sets' rows without their texts.
UNWIND $sets AS set
MATCH (m:Mapping {set: set})
RETURN set, m {.mappingId, .number, .class, .capability, .spelled, .title, .group, .attackId,
  .relation, .type, .category, .value} AS row
