// Package direct answers GraphQL queries by writing the answer, without an
// executor between the values and the bytes.
//
// gqlgen's executor makes a context, a closure and a set of fields for each
// object, and a goroutine for each element of a list. Here an operation is
// compiled once to a plan, which says for each type what to write in which
// order, and appenders that are generated from the schema walk it: a loop and a
// switch for each object, into one buffer.
//
// What is out of the ordinary is left to gqlgen's executor, which then answers
// as it always has: introspection, mutations, errors, a null where none may be,
// a panic. So a direct answer is either the same bytes or none. See Reason.
//
// The package knows nothing of what a schema is about; see docs/direct.md for
// how to use it.
package direct
