package secret

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Shape is what the text of a secret looks like to a Stalwart server. It is told here so that the text need not leave: none of
// it stands in a Shape, and neither does its length. S: crates/common/src/auth/credential.rs.
type Shape struct {
	Form, Like Form // Like: what a mangled one seems to have been
	Flaws      []Flaw
	Known      bool   // Credential was read; of a mangled one it is a guess
	Credential uint32 // the number of the credential that the secret names
	Account    uint32 // of an API key
}

// Form is the kind of a secret.
type Form uint8

// The forms. The zero value is that of no secret at all.
const (
	_           Form = iota
	AppPassword      // `app_…`
	OlderApp         // `app …`, as 0.16.0 to 0.16.2 made them
	APIKey           // `API_…`
	Mangled          // nearly one of them: the server takes it for an own password
	Other            // nothing like them
)

// Flaw is what is wrong with a secret that is, or nearly is, one that Stalwart made.
type Flaw uint8

// The flaws. Up to NeverIssued the server takes the secret nevertheless.
const (
	_           Flaw = iota
	Tail             // something behind it
	Capitals         // in what follows the prefix
	Separator        // neither `_` nor a space behind `app`
	NeverIssued      // it ends in a character that no issued one ends in
	Lead             // something before it
	PrefixCase       // `App_`
	Prefix           // there is none
	Spaces           // or hyphens, within
	Short
	Long
	Character // one that none of them holds
)

const (
	// shapeAlphabet is Stalwart's base 32: utils/src/codec/base32_custom.rs. It has no 4, 5, 6 and 8.
	shapeAlphabet = "abcdefghijklmnopqrstuvwxyz792013"
	// appLength is of 4 bytes of the credential's number and 18 random ones in base 32.
	appLength = 36
	// keyLength is of two numbers of 4 bytes and 20 random ones in base 64 without padding.
	keyLength = 38
	// small is how the texts of credentials begin whose number is below 128: few accounts ever come to have others. It tells a
	// shortened app password from an own password that happens to begin with `app`.
	small = "aaaaa"
)

// Shape looks at the text, and tries it nowhere.
func (v Value) Shape() Shape {
	if !v.Given() {
		return Shape{}
	}
	text := *v.text
	if s, ok := appShape(text); ok {
		return s
	}
	if s, ok := keyShape(text); ok {
		return s
	}
	if s, ok := mangled(text); ok {
		return s
	}
	return Shape{Form: Other}
}

// appShape is the server's own parser: the prefix in small letters, any one byte, and 22 bytes in base 32 of either case. A
// character that is none of the alphabet ends it; behind the 36th that does no harm, and one more that is makes it too long.
func appShape(text string) (s Shape, ok bool) {
	rest, found := strings.CutPrefix(text, "app")
	if !found || rest == "" {
		return Shape{}, false
	}
	payload := rest[1:]
	n := 0
	for n < len(payload) && digit(payload[n]) >= 0 {
		n++
	}
	if n != appLength {
		return Shape{}, false
	}
	s.Form = AppPassword
	switch rest[0] {
	case '_':
	case ' ':
		s.Form = OlderApp
	default:
		s.Flaws = append(s.Flaws, Separator)
	}
	if len(payload) > n {
		s.Flaws = append(s.Flaws, Tail)
	}
	if payload = payload[:n]; payload != strings.ToLower(payload) {
		s.Flaws = append(s.Flaws, Capitals)
	}
	// 36 characters are 180 bits and 22 bytes are 176: the last four of an issued one are zero.
	if digit(payload[n-1])&15 != 0 {
		s.Flaws = append(s.Flaws, NeverIssued)
	}
	s.Credential, s.Known = number(payload)
	return s, true
}

// number is the first four bytes: six characters, and two bits of the seventh.
func number(payload string) (n uint32, ok bool) {
	if len(payload) < 7 {
		return 0, false
	}
	var bits uint64
	for i := range 7 {
		d := digit(payload[i])
		if d < 0 {
			return 0, false
		}
		bits = bits<<5 | uint64(d)
	}
	return uint32(bits >> 3), true
}

// digit is the value of a character of either case; -1 for one that has none.
func digit(b byte) int {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return strings.IndexByte(shapeAlphabet, b)
}

func keyShape(text string) (s Shape, ok bool) {
	rest, found := strings.CutPrefix(text, "API_")
	if !found || len(rest) != keyLength {
		return Shape{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil || len(raw) != 28 {
		return Shape{}, false
	}
	return Shape{Form: APIKey, Known: true, Account: binary.BigEndian.Uint32(raw), Credential: binary.BigEndian.Uint32(raw[4:])}, true
}

// mangled recognises what was one of them before it was cut, retyped or wrapped. It has to be sure: an own password that
// begins with `app` is not one.
func mangled(text string) (Shape, bool) {
	s := Shape{Form: Mangled}
	bare := strings.TrimFunc(text, around)
	if !strings.HasPrefix(text, bare) {
		s.Flaws = append(s.Flaws, Lead)
	}
	if !strings.HasSuffix(text, bare) {
		s.Flaws = append(s.Flaws, Tail)
	}
	if looksLikeKey(bare) {
		s.Like = APIKey
		return s, true
	}
	s.Like = AppPassword
	payload, prefixed := bare, false
	if len(bare) > 4 && strings.EqualFold(bare[:3], "app") && !letterOrDigit(bare[3]) {
		payload, prefixed = bare[4:], true
		if bare[:3] != "app" {
			s.Flaws = append(s.Flaws, PrefixCase)
		}
		if bare[3] == ' ' {
			s.Like = OlderApp
		}
	} else {
		s.Flaws = append(s.Flaws, Prefix)
	}
	tight := strings.Map(func(r rune) rune {
		if around(r) || r == '-' {
			return -1
		}
		return r
	}, payload)
	if tight != payload {
		s.Flaws = append(s.Flaws, Spaces)
	}
	length, strange := utf8.RuneCountInString(tight), 0
	for i, r := range tight {
		if r >= utf8.RuneSelf || digit(tight[i]) < 0 {
			strange++
		}
	}
	// One app password in some two thousand has no digit among its characters, and a phrase of one's own hardly ever has one.
	sure := strings.HasPrefix(bare, "app_") || strings.ContainsAny(tight, "0123456789")
	if !near(tight, prefixed, length, strange) || !sure && !begun(tight) {
		return Shape{}, false
	}
	switch {
	case length < appLength:
		s.Flaws = append(s.Flaws, Short)
	case length > appLength:
		s.Flaws = append(s.Flaws, Long)
	}
	if strange > 0 {
		s.Flaws = append(s.Flaws, Character)
	}
	s.Credential, s.Known = number(tight)
	return s, true
}

// near says that a text without its prefix is surely one that was an app password: begun as they begin, or of about their
// length and letters.
func near(payload string, prefixed bool, length, strange int) bool {
	switch begun := begun(payload); {
	case strange > 3 || length > 2*appLength+8: // twice over, should it have been pasted twice
		return false
	case !prefixed:
		return begun && length >= 30 && strange <= 1
	case begun:
		return length >= 10
	}
	return length >= 30
}

// begun says that a text without its prefix begins as nearly all do.
func begun(payload string) bool { return strings.HasPrefix(strings.ToLower(payload), small) }

// looksLikeKey says that a text was an API key: the prefix, and about as many characters of base 64.
func looksLikeKey(text string) bool {
	if len(text) < 4 || !strings.EqualFold(text[:3], "API") || text[3] != '_' {
		return false
	}
	strange := 0
	for _, b := range []byte(text[4:]) {
		if b != '-' && b != '_' && !letterOrDigit(b) {
			strange++
		}
	}
	return len(text) >= 4+30 && len(text) <= 4+46 && strange <= 2
}

func letterOrDigit(b byte) bool {
	return b >= utf8.RuneSelf || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// around is what a clipboard or a message puts around a secret.
func around(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\"'`“”‘’<>", r)
}
