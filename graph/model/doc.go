// Package model holds the input types, enums and interfaces that gqlgen makes
// of the schema.
package model
