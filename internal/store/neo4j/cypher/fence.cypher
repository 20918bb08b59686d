// Proves that the lock is still ours, renews it, and says which step was
// committed last, so that a transaction whose end was not heard is not repeated.
MATCH (l:Load {name: 'mapgraph', owner: $owner})
WITH l, l.step AS done
SET l.until = timestamp() + $lease, l.step = $step
RETURN done
