MATCH (o:AttackObject {release: $release})
WHERE o.kind = $kind
RETURN o {.kind, .id, .stixId, .name, .description, .url, .status, .revokedBy, .tactics, .platforms, .parent,
  .aliases, .shortName, .softwareType, .firstSeen, .lastSeen, .position} AS object
