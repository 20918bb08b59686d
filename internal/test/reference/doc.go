// Package reference answers the API's questions a second time, from the rules
// as they read: loops over rows and maps, no bitsets, and nothing of ours
// imported. Both stores share one algebra, so a test that compares them cannot
// see a fault in it; this can.
//
// A World is what a data folder says, with every oddity of published files.
// Folder renders it for the loader; Read and the answers of a Question work on
// the same World without any of the product's code.
package reference
