package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that nothing prints: not package fmt, whatever the verb, not
// a log, and no encoding. The text is behind a pointer, so that it does not show
// either where it is part of something that is printed field by field.
type Secret struct{ text *string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal gives the text, to hand it to what needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet tells whether there is a text.
func (s Secret) IsSet() bool { return s.Reveal() != "" }

// String hides the text.
func (Secret) String() string { return redacted }

// Format hides the text for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the text.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text, in JSON as well.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
