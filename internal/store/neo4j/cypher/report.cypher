MATCH (g:Generation {key: $key})
RETURN g.report AS report
