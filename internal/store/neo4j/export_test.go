package neo4j

// Statements are the embedded queries by name.
var Statements = statements

// DataLabels are the labels that LABEL stands for in a statement.
var DataLabels = dataLabels
