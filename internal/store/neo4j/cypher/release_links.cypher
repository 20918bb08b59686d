MATCH (a:AttackObject {release: $release})
MATCH (a)-[l:USES|MITIGATES|DETECTS|ATTRIBUTED_TO|HAS_COMPONENT|HAS_ANALYTIC]->(b:AttackObject)
RETURN a.kind AS fromKind, type(l) AS type, b.kind AS toKind, a.id AS from, collect(b.id) AS to
