MATCH (g:Generation)
RETURN g.key AS key, g.hash AS hash, g.format AS format
