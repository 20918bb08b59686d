UNWIND $rows AS row
CREATE (r:AttackRelease)
SET r = row
