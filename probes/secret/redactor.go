package secret

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// MostKept is how much of a server's words is kept, in bytes.
	MostKept = 1 << 10
	// short is the length below which a secret is replaced only where it stands alone: `a` taken out of every word would tell
	// what it is.
	short = 4
)

// Redactor takes what was submitted, and the forms in which a server may give it back, out of the server's words. The zero value
// hides nothing. It does not change: Hide gives another one.
type Redactor struct{ forms []string }

// String keeps the texts out of every print, %+v's included.
func (Redactor) String() string { return redacted }

// GoString is for %#v.
func (Redactor) GoString() string { return redacted }

// Hide adds texts: a secret, and whatever message or header carried it.
func (r Redactor) Hide(texts ...string) Redactor {
	forms := slices.Clone(r.forms)
	for _, text := range texts {
		for _, f := range formsOf(text) {
			// A server may have changed the case of letters outside ASCII too, and replaced what is no UTF-8.
			for _, g := range []string{f, strings.ToUpper(f), strings.ToLower(f), strings.ToValidUTF8(f, "\uFFFD")} {
				if g != "" {
					forms = append(forms, fold(g))
				}
			}
		}
	}
	// The longest first: what is replaced must not leave the rest of a longer form behind.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return Redactor{slices.Compact(forms)}
}

// formsOf is a text as it stands in quotes, in JSON, in an address and in base 64.
func formsOf(text string) []string {
	b, quoted := []byte(text), strconv.Quote(text)
	return []string{text, quoted[1 : len(quoted)-1], inJSON(text, true), inJSON(text, false), url.QueryEscape(text), url.PathEscape(text),
		base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b), base64.URLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b)}
}

// inJSON is a text inside a JSON string, with or without the escapes for HTML.
func inJSON(text string, html bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	_ = enc.Encode(text)
	quoted := strings.TrimSuffix(b.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

// Clean makes a server's bytes fit to be kept: without what is hidden, as valid UTF-8, and not too long.
func (r Redactor) Clean(text string) string { return Kept(r.Replace(text)) }

// Replace works on bytes, in one pass, and before anything is cut off: half a secret is a secret too. Servers that shout a command
// back are why case does not count.
func (r Redactor) Replace(text string) string {
	low := fold(text)
	var out strings.Builder
	for i := 0; i < len(text); {
		n := r.at(low, i)
		if n == 0 {
			out.WriteByte(text[i])
			i++
			continue
		}
		out.WriteString(redacted)
		i += n
	}
	return out.String()
}

// at is the length of what is hidden and begins at i; 0 where nothing does.
func (r Redactor) at(low string, i int) int {
	for _, f := range r.forms {
		if strings.HasPrefix(low[i:], f) && (len(f) >= short || alone(low, i, i+len(f))) {
			return len(f)
		}
	}
	return 0
}

// Kept is what is stored of a text: its beginning, as valid UTF-8.
func Kept(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= MostKept {
		return text
	}
	cut := MostKept
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

func alone(s string, from, to int) bool {
	return (from == 0 || !letterOrDigit(s[from-1])) && (to == len(s) || !letterOrDigit(s[to]))
}

// fold makes ASCII small and keeps every byte's place.
func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
