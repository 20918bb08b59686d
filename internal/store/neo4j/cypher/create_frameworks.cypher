UNWIND $rows AS row
CREATE (f:Framework)
SET f = row
