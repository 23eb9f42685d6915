package profile

import (
	"strings"
	"testing"

	"logindoctor.example/probes/secret"
)

// FuzzParse looks for panics, for errors of more than one line, and for errors that repeat a word of the file.
func FuzzParse(f *testing.F) {
	for _, s := range []string{whole, "", "a: b", "- a", "? a\n: b", "imap: {address: 'h:993', canary: {user: a, password: {Hunter2canary}}}",
		"kerio: {admin_password: Hunter2canary}", "a: &x [*x]", "%YAML 1.2\n---\na: 1", "a: |\n  Hunter2canary\n", "a: \"\\x00\"", "{{Hunter2canary}: x}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &Profile{Path: "acme.yaml", places: map[*secret.Source]place{}}
		err := p.parse(data)
		if err == nil {
			if p.Kerio == nil && p.IMAP == nil && p.Directory == nil && p.Stalwart == nil {
				t.Error("a profile without a server was accepted")
			}
			return
		}
		e, ok := err.(*Error)
		if !ok {
			t.Fatalf("not an *Error: %T", err)
		}
		if strings.ContainsAny(e.Error()+e.Hint, "\n\r") || e.Line < 0 || strings.Contains(e.Error()+e.Hint, "Hunter2canary") {
			t.Errorf("%d: %q %q", e.Line, e.Error(), e.Hint)
		}
	})
}
