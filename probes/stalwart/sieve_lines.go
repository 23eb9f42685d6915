package stalwart

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// errNotSieve is the error of bytes that are not ManageSieve.
var errNotSieve = errors.New("not ManageSieve")

const (
	// maxReplyLines and maxLine bound one reply: a greeting has a dozen short lines.
	maxReplyLines, maxLine = 200, 8 << 10
	maxLiteral             = 64 << 10
)

// sieveReply is lines of strings, and the status that ends them (RFC 5804 §1.2).
type sieveReply struct {
	lines  [][]string
	status probes.SieveStatus // 0: a string alone, which is a challenge
	code   string             // with its arguments
	words  string
}

// said is the reply as a person would quote it.
func (r sieveReply) said() string {
	text := r.status.String()
	if r.code != "" {
		text += " (" + r.code + ")"
	}
	return strings.TrimSpace(text + " " + r.words)
}

// sieveReader reads replies off a connection.
type sieveReader struct {
	conn  *dial.Conn
	have  []byte
	begun bool   // something came
	odd   string // what began the bytes that are not ManageSieve
	ended bool   // nothing more comes
}

// reply reads up to a status.
func (r *sieveReader) reply() (sieveReply, error) { return r.read(false) }

// exchange reads up to a status, or up to a string that stands alone: a challenge.
func (r *sieveReader) exchange() (sieveReply, error) { return r.read(true) }

func (r *sieveReader) read(challenge bool) (sieveReply, error) {
	var reply sieveReply
	for range maxReplyLines {
		words, status, err := r.line()
		if err != nil {
			return sieveReply{}, err
		}
		if status != 0 {
			reply.status = status
			reply.code, reply.words = codeAndWords(words)
			return reply, nil
		}
		if len(words) > 0 {
			reply.lines = append(reply.lines, words)
		}
		if challenge {
			return reply, nil
		}
	}
	return sieveReply{}, errNotSieve
}

// codeAndWords takes `(CODE …) "text"` apart.
func codeAndWords(words []string) (code, text string) {
	for _, w := range words {
		if inner, ok := strings.CutPrefix(w, "("); ok && code == "" && text == "" {
			code = strings.TrimSuffix(inner, ")") // with its arguments: half of what it may hold must not be left
			continue
		}
		text = strings.TrimSpace(text + " " + w)
	}
	return code, text
}

// line reads one line. It waits for bytes until there is a whole one, with its literals.
func (r *sieveReader) line() ([]string, probes.SieveStatus, error) {
	for {
		words, status, used, err := parseSieve(r.have)
		switch {
		case err != nil:
			r.odd = string(r.have[:min(len(r.have), keptBody)])
			return nil, 0, err
		case used > 0:
			r.have = r.have[used:]
			return words, status, nil
		}
		if err := r.fill(); err != nil {
			return nil, 0, err
		}
	}
}

func (r *sieveReader) fill() error {
	var chunk [4096]byte
	n, err := r.conn.Read(chunk[:])
	r.have = append(r.have, chunk[:n]...)
	r.begun = r.begun || n > 0
	if n > 0 {
		return nil
	}
	r.ended = r.ended || !isTimeout(err)
	return err
}

// waiting says that there are bytes that no reply has taken.
func (r *sieveReader) waiting() bool { return len(r.have) > 0 }

// quiet says that the connection still stands and that the server has said nothing unasked, before a secret is spent on it.
func (r *sieveReader) quiet() bool {
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	err := r.fill()
	r.conn.Rest()
	return isTimeout(err) && !r.waiting() && !r.ended
}

var sieveStatuses = map[string]probes.SieveStatus{"OK": probes.SieveOK, "NO": probes.SieveNO, "BYE": probes.SieveBYE}

// parseSieve takes one line off the bytes: strings, and at its beginning perhaps a status. used is 0 where it is not whole yet.
func parseSieve(have []byte) (words []string, status probes.SieveStatus, used int, err error) {
	i := 0
	for first := true; ; first = false {
		for i < len(have) && have[i] == ' ' {
			i++
		}
		if i >= len(have) {
			return nil, 0, 0, tooLong(i)
		}
		switch b := have[i]; {
		case b == '\n':
			return words, status, i + 1, nil
		case b == '\r':
			if i+1 >= len(have) {
				return nil, 0, 0, nil
			}
			if have[i+1] != '\n' {
				return nil, 0, 0, errNotSieve
			}
			return words, status, i + 2, nil
		default:
			word, n, whole, bad := sieveWord(have[i:])
			if bad || len(words) > 64 {
				return nil, 0, 0, errNotSieve
			}
			if !whole {
				return nil, 0, 0, tooLong(len(have))
			}
			i += n
			if s := sieveStatuses[strings.ToUpper(word)]; first && b != '"' && b != '{' && s != 0 {
				status = s
				continue
			}
			if first && b != '"' && b != '{' {
				return nil, 0, 0, errNotSieve // a line begins with a status or a string
			}
			words = append(words, word)
		}
	}
}

func tooLong(n int) error {
	if n > maxLine+maxLiteral {
		return errNotSieve
	}
	return nil
}

// sieveWord takes one string, literal, code in brackets or atom off the bytes.
func sieveWord(have []byte) (word string, used int, whole, bad bool) {
	switch have[0] {
	case '"':
		return quoted(have)
	case '{':
		return literal(have)
	case '(':
		return bracketed(have)
	}
	n := bytes.IndexAny(have, " \r\n\"({")
	if n < 0 {
		return "", 0, false, len(have) > maxLine
	}
	if n == 0 || !printable(have[:n]) {
		return "", 0, false, true
	}
	return string(have[:n]), n, true, false
}

func printable(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

func quoted(have []byte) (word string, used int, whole, bad bool) {
	var b strings.Builder
	for i := 1; i < len(have); i++ {
		switch c := have[i]; {
		case c == '\\' && i+1 < len(have):
			i++
			b.WriteByte(have[i])
		case c == '\\':
			return "", 0, false, false
		case c == '"':
			return b.String(), i + 1, true, false
		case c == 0:
			return "", 0, false, true
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, false, len(have) > maxLine
}

// literal is {n}, or {n+} as only clients should send it.
func literal(have []byte) (word string, used int, whole, bad bool) {
	end := bytes.IndexByte(have, '\n')
	if end < 0 {
		return "", 0, false, len(have) > 32
	}
	head := strings.TrimSuffix(strings.TrimRight(string(have[1:end]), "\r"), "}")
	n, err := strconv.ParseUint(strings.TrimSuffix(head, "+"), 10, 32)
	if err != nil || n > maxLiteral || end > 32 {
		return "", 0, false, true
	}
	if len(have) < end+1+int(n) {
		return "", 0, false, false
	}
	return string(have[end+1 : end+1+int(n)]), end + 1 + int(n), true, false
}

// bracketed is a response code: (CODE), (CODE "argument"), (CODE {n}…). A bracket inside a string does not end it.
func bracketed(have []byte) (word string, used int, whole, bad bool) {
	for i := 1; i < len(have) && i <= maxLine; {
		switch have[i] {
		case ')':
			return string(have[:i+1]), i + 1, true, false
		case '"', '{':
			_, n, ok, wrong := sieveWord(have[i:])
			if wrong || !ok {
				return "", 0, false, wrong
			}
			i += n
		case '\n', 0:
			return "", 0, false, true
		default:
			i++
		}
	}
	return "", 0, false, len(have) > maxLine
}
