// Command mapgraph serves security-control mappings to MITRE ATT&CK as a
// GraphQL API.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
