UNWIND $rows AS row
CREATE (g:Generation)
SET g = row
