UNWIND $rows AS row
CREATE (p:Priority)
SET p = row
