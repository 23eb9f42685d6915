package imap

import (
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// redactor takes what was submitted out of the server's words and codes. The zero value replaces nothing.
type redactor struct{ secret.Redactor }

func newRedactor(user, password string) redactor {
	return redactor{secret.Redactor{}.Hide(password, saslPlain(user, password))}
}

func (r redactor) words(text string) string { return r.Clean(text) }

// code is a reply's code. It is looked at with its arguments: where the parser took them apart, a secret may lie across.
func (r redactor) code(of response) probes.IMAPCode {
	code, _, _ := strings.Cut(r.Replace(strings.TrimSpace(string(of.code)+" "+of.args)), " ")
	return probes.IMAPCode(code)
}
