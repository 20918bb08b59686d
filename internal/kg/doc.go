// Package kg says what is known: techniques, objects and links of ATT&CK
// releases, mapping sets with their rows, capabilities and their ids, and the
// report of what was read. What follows from it is in package algebra.
package kg
