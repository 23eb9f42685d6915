package imap

import (
	"encoding/base64"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"logindoctor.example/probes"
)

// maxWords is how much of a server's words is kept, in bytes.
const maxWords = 1 << 10

// shortSecret is the length below which a secret is replaced only where it stands alone: `a` taken out of every word
// would tell what it is.
const shortSecret = 4

const redacted = "[redacted]"

// redactor knows the forms in which a server may give a submitted secret back. The zero value replaces nothing.
type redactor struct{ forms []string }

func newRedactor(user, password string) redactor {
	plain := saslPlain(user, password)
	quoted := strconv.Quote(password)
	seen := map[string]bool{"": true}
	var r redactor
	for _, f := range []string{password, quoted[1 : len(quoted)-1],
		base64.StdEncoding.EncodeToString([]byte(password)), base64.RawStdEncoding.EncodeToString([]byte(password)),
		base64.URLEncoding.EncodeToString([]byte(password)), base64.RawURLEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte(plain)), base64.RawStdEncoding.EncodeToString([]byte(plain))} {
		// A server may have changed the case of letters outside ASCII too, and replaced what is no UTF-8.
		for _, g := range []string{f, strings.ToUpper(f), strings.ToLower(f), strings.ToValidUTF8(f, "\uFFFD")} {
			if g = lower(g); !seen[g] {
				seen[g] = true
				r.forms = append(r.forms, g)
			}
		}
	}
	sort.SliceStable(r.forms, func(i, j int) bool { return len(r.forms[i]) > len(r.forms[j]) })
	return r
}

// words makes a server's bytes fit to be kept: without the secret, as valid UTF-8, and not too long.
func (r redactor) words(text string) string {
	text = strings.ToValidUTF8(r.replace(text), "\uFFFD")
	if len(text) <= maxWords {
		return text
	}
	cut := maxWords
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

func (r redactor) code(c probes.IMAPCode) probes.IMAPCode {
	return probes.IMAPCode(r.replace(string(c)))
}

// replace works on bytes and before anything is cut off: half a secret is a secret too. Servers that shout a command back
// are why case does not count.
func (r redactor) replace(text string) string {
	low := lower(text)
	var out strings.Builder
	for i := 0; i < len(text); {
		n := 0
		for _, f := range r.forms {
			if strings.HasPrefix(low[i:], f) && (len(f) >= shortSecret || alone(low, i, i+len(f))) {
				n = len(f)
				break
			}
		}
		if n > 0 {
			out.WriteString(redacted)
			i += n
			continue
		}
		out.WriteByte(text[i])
		i++
	}
	return out.String()
}

func alone(s string, from, to int) bool {
	return (from == 0 || !isLetterOrDigit(s[from-1])) && (to == len(s) || !isLetterOrDigit(s[to]))
}

// lower folds ASCII and keeps every byte's place.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
