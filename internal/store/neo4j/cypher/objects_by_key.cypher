UNWIND $keys AS key
MATCH (o:AttackObject {key: key})
RETURN o {.kind, .id, .stixId, .name, .description, .url, .status, .revokedBy, .tactics, .platforms, .parent,
  .aliases, .shortName, .softwareType, .firstSeen, .lastSeen, .position} AS object
