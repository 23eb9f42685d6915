package directory

import (
	"strings"

	"logindoctor.example/probes/secret"
)

// clean makes a server's text storable: valid UTF-8, not too long, without the NUL that Windows ends it in.
func clean(words string) string { return secret.Kept(strings.TrimRight(words, "\x00")) }

// redact takes a secret out of a server's text.
func redact(words, password string) string { return secret.Redactor{}.Hide(password).Replace(words) }
