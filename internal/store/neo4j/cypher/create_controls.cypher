UNWIND $rows AS row
CREATE (c:Control)
SET c = row
