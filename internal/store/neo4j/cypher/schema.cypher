// Each statement is run by itself; all may be run again.
CREATE CONSTRAINT mapgraph_dataset IF NOT EXISTS FOR (n:Dataset) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT mapgraph_load IF NOT EXISTS FOR (n:Load) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT mapgraph_generation IF NOT EXISTS FOR (n:Generation) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_framework IF NOT EXISTS FOR (n:Framework) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_release IF NOT EXISTS FOR (n:AttackRelease) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_object IF NOT EXISTS FOR (n:AttackObject) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_set IF NOT EXISTS FOR (n:MappingSet) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_capability IF NOT EXISTS FOR (n:Capability) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_mapping IF NOT EXISTS FOR (n:Mapping) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_control IF NOT EXISTS FOR (n:Control) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_baseline IF NOT EXISTS FOR (n:Baseline) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT mapgraph_priority IF NOT EXISTS FOR (n:Priority) REQUIRE n.key IS UNIQUE;
CREATE INDEX mapgraph_object_release IF NOT EXISTS FOR (n:AttackObject) ON (n.release);
CREATE INDEX mapgraph_mapping_row IF NOT EXISTS FOR (n:Mapping) ON (n.set, n.number);
CREATE INDEX mapgraph_technique_id IF NOT EXISTS FOR (n:Technique) ON (n.id, n.version);
CREATE INDEX mapgraph_capability_id IF NOT EXISTS FOR (n:Capability) ON (n.framework, n.id);
CREATE INDEX mapgraph_set_id IF NOT EXISTS FOR (n:MappingSet) ON (n.id);
CREATE INDEX mapgraph_group_name IF NOT EXISTS FOR (n:Group) ON (n.name);
CREATE FULLTEXT INDEX mapgraph_search IF NOT EXISTS
  FOR (n:AttackObject|Capability|Framework|Mapping)
  ON EACH [n.searchScope, n.searchIds, n.searchNames, n.searchTexts]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: false}};
