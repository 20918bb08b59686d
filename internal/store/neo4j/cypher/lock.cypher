// Takes the lock of loads if nobody holds it: a holder that lives renews its
// lease. The statement gives the holder in either case.
MERGE (l:Load {name: 'mapgraph'})
SET l.asked = timestamp()
WITH l, coalesce(l.until, 0) < timestamp() AS free
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END |
  SET l.owner = $owner, l.by = $by, l.since = timestamp(), l.until = timestamp() + $lease, l.step = 0)
RETURN l.owner AS owner, l.by AS by, l.since AS since, l.until AS until, timestamp() AS now
