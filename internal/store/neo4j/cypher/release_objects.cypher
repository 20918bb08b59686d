// A release's objects without their texts.
MATCH (o:AttackObject {release: $release})
RETURN o {.kind, .id, .stixId, .name, .url, .status, .revokedBy, .tactics, .platforms, .parent,
  .aliases, .shortName, .softwareType, .firstSeen, .lastSeen, .position} AS object
