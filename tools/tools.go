//go:build tools

// Package tools names the generators that the build runs, so that go.mod fixes
// their versions.
package tools

import _ "github.com/99designs/gqlgen"
