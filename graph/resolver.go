package graph

// Resolver is where the schema's root fields start. It holds nothing: what a
// request answers from comes with its context, and node.From finds it.
type Resolver struct{}
