package directory

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxWords is how much of a server's text, or of one value, is kept.
const maxWords = 1 << 10

const redacted = "[redacted]"

// clean makes a server's text storable: valid UTF-8, not too long, without the NUL that Windows ends it in.
func clean(words string) string {
	words = strings.TrimRight(strings.ToValidUTF8(words, "\ufffd"), "\x00")
	if len(words) <= maxWords {
		return words
	}
	words = words[:maxWords]
	for !utf8.ValidString(words) {
		words = words[:len(words)-1]
	}
	return words
}

// redact takes a secret out of a server's text, as it is and in base64.
func redact(words, secret string) string {
	for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))} {
		if form != "" {
			words = strings.ReplaceAll(words, form, redacted)
		}
	}
	return words
}
