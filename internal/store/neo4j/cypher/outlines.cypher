UNWIND $releases AS release
MATCH (t:AttackObject {release: release, kind: 'technique'})
RETURN release, t.id AS id, t.name AS name, t.status AS status, t.revokedBy AS revokedBy
