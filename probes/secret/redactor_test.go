package secret

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedactor(t *testing.T) {
	for _, c := range [][3]string{
		{"a", "Authentication failed: a", "Authentication failed: [redacted]"}, // a short one counts where it stands alone
		{"x7", `LOGIN jdoe "X7" x70 ax7 x7`, `LOGIN jdoe "[redacted]" x70 ax7 [redacted]`},
		{"four", "fourfold four", "[redacted]fold [redacted]"},
		{"secret-1", "you sent SECRET-1, c2VjcmV0LTE= and c2VjcmV0LTE", "you sent [redacted], [redacted] and [redacted]"},
		{`a"b&c`, `{"you":"a\"b\u0026c"} or a%22b%26c`, `{"you":"[redacted]"} or [redacted]`},
		{"m\xfcller", "no m\uFFFDller", "no [redacted]"},
		{"GRÜN-77", "grün-77", "[redacted]"},
	} {
		if got := (Redactor{}).Hide(c[0]).Clean(c[1]); got != c[2] {
			t.Errorf("%q: %q, want %q", c[0], got, c[2])
		}
	}
	if r := (Redactor{}).Hide("secret-1", "carrier secret-1"); r.Clean("carrier secret-1") != "[redacted]" {
		t.Error("a longer form must go first")
	}
	if got := fmt.Sprintf("%v %+v %#v %s", (Redactor{}).Hide("secret-1"), (Redactor{}).Hide("secret-1"), (Redactor{}).Hide("secret-1"), (Redactor{}).Hide("secret-1")); strings.Contains(got, "secret-1") {
		t.Error(got)
	}
	if got := (Redactor{}).Clean(strings.Repeat("ü", MostKept)); len(got) > MostKept || !utf8.ValidString(got) {
		t.Errorf("%d bytes", len(got))
	}
}

// FuzzRedactor: no words keep the secret that was sent, once it is long enough to be told from other words.
func FuzzRedactor(f *testing.F) {
	f.Add("NO wrong: ", "geheim-123")
	f.Add("NO ", "[redacted]")
	f.Add("\xff", "p\xe4ss")
	f.Fuzz(func(t *testing.T, words, hidden string) {
		if len(hidden) < short || strings.Contains(redacted, fold(hidden)) {
			return
		}
		kept := (Redactor{}).Hide(hidden).Clean(words + hidden + words)
		if len(kept) > MostKept || !utf8.ValidString(kept) {
			t.Fatalf("%d bytes: %q", len(kept), kept)
		}
		for _, rest := range strings.Split(kept, redacted) {
			if strings.Contains(fold(rest), fold(hidden)) {
				t.Fatalf("%q keeps %q", kept, hidden)
			}
		}
	})
}
