MATCH (g:Generation {key: $key})
RETURN g {.hash, .format, .edition, .loadedAt, .mappings, .techniques, .catalogs} AS generation
