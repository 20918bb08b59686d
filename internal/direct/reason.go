package direct

import "fmt"

// Reason says why an operation was left to the executor.
type Reason string

// The reasons. The first ones are found before anything is executed, and hold
// for every run of the operation.
const (
	NoQuery       Reason = "operation"     // a mutation or a subscription
	Introspection Reason = "introspection" // __schema or __type
	Directive     Reason = "directive"     // one other than @skip and @include
	Unsupported   Reason = "field"         // a field that the generator could not do
	Collision     Reason = "collision"     // two fields of one name that the executor does not merge
	TooLarge      Reason = "size"          // more fields than a plan may have
	Condition     Reason = "condition"     // @skip or @include without a boolean
	BadArgument   Reason = "argument"      // one that cannot be read
	Failed        Reason = "error"         // a resolver gave an error
	NullValue     Reason = "null"          // there is nothing where something must be
	BadValue      Reason = "value"         // a scalar that cannot be written
	Panicked      Reason = "panic"
)

// Reasons gives every reason there is.
func Reasons() []Reason {
	return []Reason{
		NoQuery, Introspection, Directive, Unsupported, Collision, TooLarge,
		Condition, BadArgument, Failed, NullValue, BadValue, Panicked,
	}
}

// FallbackError is the error of an operation that the executor has to answer.
type FallbackError struct {
	Reason Reason
	Cause  any // an error, what was panicked with, or nil
}

func (f *FallbackError) Error() string {
	if f.Cause == nil {
		return "not direct: " + string(f.Reason)
	}
	return fmt.Sprintf("not direct: %s: %v", f.Reason, f.Cause)
}

// fallback ends the writing of an answer. It is recovered where it began.
func fallback(r Reason, cause any) { panic(&FallbackError{r, cause}) }

// ended ends the writing of an answer that nobody should go on with: its budget
// is used up, or its context is over.
type ended struct{ err error }
