// Package yamldoc reads the one YAML document of a file that a person wrote.
// Its errors say where something is wrong and quote nothing: a file may be
// another one than its name says.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/goccy/go-yaml"
)

// The errors of files that hold nothing, or too much.
var (
	ErrEmpty = errors.New("the file is empty")
	ErrMore  = errors.New("the file has more than one document")
)

// Error says where a file is not what is expected.
type Error struct {
	Line, Column int    // from 1; 0 where it is not known
	Unknown      string // the field that there is not, if that is what is wrong
}

func (e *Error) Error() string {
	says := "not valid YAML, or values of another type than is expected"
	if e.Unknown != "" {
		says = "there is no field " + e.Unknown
	}
	if e.Line == 0 {
		return says
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, says)
}

// Decode reads the document of a text. Strict refuses fields that there are not.
func Decode(text []byte, into any, strict bool) error {
	var options []yaml.DecodeOption
	if strict {
		options = append(options, yaml.DisallowUnknownField())
	}
	d := yaml.NewDecoder(bytes.NewReader(text), options...)
	switch err := guarded(func() error { return d.Decode(into) }); {
	case errors.Is(err, io.EOF):
		return ErrEmpty
	case err != nil:
		return explain(err)
	}
	if err := guarded(func() error { return d.Decode(&struct{}{}) }); !errors.Is(err, io.EOF) {
		return ErrMore
	}
	return nil
}

// guarded turns a panic into an error: the library has some for texts that are
// no YAML.
func guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return f()
}

// unknownField names a field that is short and plain, as those of a slip are.
var unknownField = regexp.MustCompile(`unknown field "([A-Za-z_-]{1,30})"`)

func explain(err error) *Error {
	e := &Error{}
	at, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return e
	}
	if token := at.GetToken(); token != nil && token.Position != nil {
		e.Line, e.Column = token.Position.Line, token.Position.Column
	}
	if name := unknownField.FindStringSubmatch(at.GetMessage()); name != nil {
		e.Unknown = name[1]
	}
	return e
}
