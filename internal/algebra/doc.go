// Package algebra says what follows from what is known: a release prepared for
// analysis (Frame), mapping sets aligned to it (View), and what can be asked of
// a view: states, overlap, gaps, coverage, crosswalks, covers and diffs.
//
// Everything is a pure function over bitsets and sorted rows, whichever store
// the rows came from. A meaning that a doc comment gives is the meaning of the
// API's answer.
package algebra
