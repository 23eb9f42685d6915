// Package secret holds secrets so that they cannot be printed by accident, and reads them from where a profile says
// they are kept. A Value prints, logs and marshals as [redacted].
package secret

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Value is one secret. The zero Value is no secret at all; an empty secret is not a Value.
// It is held behind a pointer, so that even a reflecting printer that cannot call its methods shows an address.
type Value struct{ text *string }

// New makes a Value. An empty text gives the zero Value.
func New(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{text: &text}
}

// Given says that there is a secret.
func (v Value) Given() bool { return v.text != nil }

// Reveal gives the secret's text. Only package ledger calls it, when an attempt was booked; a test keeps it so.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

func (v Value) String() string               { return redacted }
func (v Value) GoString() string             { return redacted }
func (v Value) Format(s fmt.State, _ rune)   { _, _ = s.Write([]byte(redacted)) }
func (v Value) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (v Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (v Value) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
