// Sets' rows without their texts. The index is on set and number together, and
// serves if both are asked for.
UNWIND $sets AS set
MATCH (m:Mapping {set: set})
WHERE m.number > 0
RETURN set, m {.mappingId, .number, .class, .capability, .spelled, .title, .group, .attackId,
  .relation, .type, .category, .value} AS row
