package imap

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"logindoctor.example/probes"
)

// Limits on what one response may hold. go-imap's parser takes time quadratic in an atom's length (13 s for 256 KiB) and
// allocates whatever length a literal announces, so both are refused before it sees them.
const (
	maxLine    = 8 << 10
	maxLiteral = 64 << 10
)

var (
	errNotIMAP     = errors.New("imap: a line that is not IMAP")
	errLongLine    = errors.New("imap: a line longer than any honest server sends")
	errLongLiteral = errors.New("imap: a literal longer than any honest server sends")
)

// response is one response of a server (RFC 9051 §7).
type response struct {
	tag    string            // "*" untagged, "+" a continuation request, else a command's
	status probes.IMAPStatus // zero: data, or a continuation request
	code   probes.IMAPCode   // in upper case
	args   string            // of the code
	text   string            // after status and code, as sent; of data, all after the tag
}

// lines cuts a server's bytes into responses, however they are chopped up. What literals hold is skipped: nothing that is
// asked here is answered with one.
type lines struct {
	buf  []byte // not cut yet
	line []byte // the beginning of a response that goes on after a literal
	skip int    // bytes of a literal still to come
}

func (l *lines) push(p []byte) { l.buf = append(l.buf, p...) }

// next gives the next whole response, or not ok if there is none yet. After an error nothing more can be cut; the
// response's text then begins what was refused.
func (l *lines) next() (r response, ok bool, err error) {
	for {
		n := min(l.skip, len(l.buf))
		l.buf, l.skip = l.buf[n:], l.skip-n
		if l.skip > 0 {
			return response{}, false, nil
		}
		end := bytes.IndexByte(l.buf, '\n')
		have := end
		if end < 0 {
			have = len(l.buf)
		}
		if len(l.line)+have > maxLine {
			return response{text: string(append(l.line, l.buf[:have]...))}, false, errLongLine
		}
		if end < 0 {
			return response{}, false, nil
		}
		piece := bytes.TrimSuffix(l.buf[:end], []byte("\r"))
		l.line = append(l.line, piece...)
		l.buf = l.buf[end+1:]
		r, ok = parse(l.line)
		if !ok {
			return response{text: string(l.line)}, false, errNotIMAP
		}
		if size, literal := literalSize(piece); literal && r.tag == "*" && r.status == 0 {
			if size > maxLiteral {
				return response{text: string(l.line)}, false, errLongLiteral
			}
			l.skip = size
			continue
		}
		l.line = l.line[:0]
		return r, true, nil
	}
}

// literalSize reads the {n} that a line may end with (RFC 9051 §4.3).
func literalSize(line []byte) (size int, ok bool) {
	open := bytes.LastIndexByte(line, '{')
	if open < 0 || !bytes.HasSuffix(line, []byte("}")) {
		return 0, false
	}
	digits := strings.TrimSuffix(string(line[open+1:len(line)-1]), "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	size, err := strconv.Atoi(digits)
	if err != nil { // more digits than an int holds
		return maxLiteral + 1, true
	}
	return size, true
}

// parse reads one line without its end.
func parse(line []byte) (response, bool) {
	text := string(line)
	if strings.ContainsRune(text, 0) { // the one byte that no line may hold (RFC 9051 §9, CHAR8)
		return response{}, false
	}
	tag, rest, spaced := strings.Cut(text, " ")
	if tag == "+" {
		return response{tag: tag, text: rest}, true
	}
	if !spaced || tag != "*" && !isTag(tag) {
		return response{}, false
	}
	word, words, _ := strings.Cut(rest, " ")
	r := response{tag: tag, status: statusOf(word)}
	switch {
	case r.status == 0:
		r.text = rest
		return r, tag == "*" && rest != "" && isLetterOrDigit(rest[0])
	case tag != "*" && (r.status == probes.IMAPBYE || r.status == probes.IMAPPREAUTH):
		return response{}, false
	}
	r.code, r.args, r.text = splitCode(words)
	return r, true
}

// statusOf knows the words whatever their case: they are case-insensitive (RFC 9051 §9), and some servers write `no`.
func statusOf(word string) probes.IMAPStatus {
	switch strings.ToUpper(word) {
	case "OK":
		return probes.IMAPOK
	case "NO":
		return probes.IMAPNO
	case "BAD":
		return probes.IMAPBAD
	case "BYE":
		return probes.IMAPBYE
	case "PREAUTH":
		return probes.IMAPPREAUTH
	}
	return 0
}

// splitCode takes the response code off the words. A REFERRAL's URL may hold brackets of its own (an IPv6 address).
func splitCode(words string) (code probes.IMAPCode, args, text string) {
	if !strings.HasPrefix(words, "[") {
		return "", "", words
	}
	depth := 0
	for i := range len(words) {
		switch words[i] {
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth > 0 {
			continue
		}
		name, args, _ := strings.Cut(words[1:i], " ")
		if !isTag(name) {
			return "", "", words
		}
		return probes.IMAPCode(strings.ToUpper(name)), args, strings.TrimPrefix(words[i+1:], " ")
	}
	return "", "", words
}

// isTag knows the letters of tags that go-imap makes, and of the response codes that are registered.
func isTag(s string) bool {
	for i := range len(s) {
		if !isLetterOrDigit(s[i]) && !strings.ContainsRune("-_./", rune(s[i])) {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func isLetterOrDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// listed gives the capabilities that a response lists, as data or as a code.
func (r response) listed() ([]string, bool) {
	text := r.args
	if r.status == 0 {
		word, rest, _ := strings.Cut(r.text, " ")
		if !strings.EqualFold(word, "CAPABILITY") {
			return nil, false
		}
		text = rest
	} else if r.code != "CAPABILITY" {
		return nil, false
	}
	var list []string
	for _, name := range strings.Fields(text) {
		if isCapability(name) {
			list = append(list, name)
		}
	}
	return list, true
}

// isCapability keeps what is an atom (RFC 9051 §9).
func isCapability(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || strings.ContainsRune(`(){%*"\[]`, rune(s[i])) {
			return false
		}
	}
	return len(s) <= 128
}

// forGoIMAP words a response as go-imap's parser knows it: a status in upper case, always with words, or a list of
// capabilities. All else it gets no need of, and some of it makes its reader panic (`* 1 FETCH`).
func (r response) forGoIMAP() []byte {
	list, caps := r.listed()
	switch {
	case r.tag == "+":
		return []byte("+ \r\n")
	case r.status != 0 && caps && len(list) > 0 && r.tag == "*":
		return []byte(r.tag + " " + r.status.String() + " [CAPABILITY " + strings.Join(list, " ") + "] -\r\n")
	case r.status != 0:
		return []byte(r.tag + " " + r.status.String() + " -\r\n")
	case caps && len(list) > 0:
		return []byte("* CAPABILITY " + strings.Join(list, " ") + "\r\n")
	}
	return nil
}
