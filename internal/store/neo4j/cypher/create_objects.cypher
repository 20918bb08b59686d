UNWIND $rows AS row
CREATE (o:AttackObject:$(row.label))
SET o = row.properties
