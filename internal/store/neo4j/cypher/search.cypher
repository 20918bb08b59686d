// What may match a query; package search decides and ranks.
CALL db.index.fulltext.queryNodes('mapgraph_search', $query) YIELD node
RETURN node {.kind, .id, .framework, .mappingId, .attackId, .description, .comments} AS node
