package imap

import (
	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// redactor takes what was submitted out of the server's words and codes. The zero value replaces nothing.
type redactor struct{ secret.Redactor }

func newRedactor(user, password string) redactor {
	return redactor{secret.Redactor{}.Hide(password, saslPlain(user, password))}
}

func (r redactor) words(text string) string { return r.Clean(text) }

func (r redactor) code(c probes.IMAPCode) probes.IMAPCode {
	return probes.IMAPCode(r.Replace(string(c)))
}
