package deliver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// SubjectForm is how a bare ticket number stands in a mail's subject. Where a ticket system wants more than the number, the
// user writes what stands between its brackets: "example.test #123" for Request Tracker, "Ticket#123" for Zammad.
const SubjectForm = "[#%s]"

// mailTicket is a ticket as it may stand in a subject: nothing that ends a header, a comment or the brackets.
var mailTicket = regexp.MustCompile(`^[A-Za-z0-9#][A-Za-z0-9#:._/ -]{0,63}$`)

// MailTicket gives the tag that a mail's subject begins with, and whether the text names a ticket.
func MailTicket(text string) (string, bool) {
	number := strings.TrimPrefix(text, "#")
	if _, err := strconv.ParseUint(number, 10, 64); err == nil {
		return fmt.Sprintf(SubjectForm, number), true
	}
	if !mailTicket.MatchString(text) || !strings.ContainsAny(text, "0123456789") {
		return "", false
	}
	return "[" + text + "]", true
}

// Submission is the way of a mail to the ticket system.
type Submission struct {
	Server   string // host:port; at port 465 TLS comes first (RFC 8314 §3.3), else STARTTLS is demanded
	User     string // empty: no login
	From, To string // addresses, without a name
}

// The bounds of one conversation by SMTP, in bytes and lines.
const (
	maxReplies   = 1 << 20
	portImplicit = "465"
	lineBase64   = 76 // RFC 2045 §6.8
)

// Mail hands the parcel to the submission server (RFC 6409). tag comes from MailTicket. There is no way to ask whether the
// ticket has it already: Request Tracker and others take a second mail for a second message. Its Message-ID is the same then.
// Its error is an *Error.
func Mail(ctx context.Context, s Submission, tag string, p Parcel, a Access) (Receipt, error) {
	host, port, err := net.SplitHostPort(s.Server)
	if err != nil {
		return Receipt{}, &Error{Outcome: NotSent, Text: "the address of the submission server is not HOST:PORT"}
	}
	m := &submitter{courier: courier{a, s.Server}, Submission: s, name: host}
	for _, address := range []string{s.From, s.To} {
		if strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune("<>()[],;:\\\"", c) }) {
			return Receipt{}, m.fail(NotSent, "", "%s is an address that it takes SMTPUTF8 or quotes for", address)
		}
	}
	if failed := m.submit(ctx, port == portImplicit, s.message(tag, p, time.Now())); failed != nil {
		return Receipt{}, failed
	}
	return Receipt{}, nil
}

// submitter is one conversation.
type submitter struct {
	courier
	Submission
	name string // whom the certificate must be for
	conn net.Conn
	smtp *smtp.Client
}

// submit ends with the server's answer to the end of the message; what comes after it changes nothing.
func (m *submitter) submit(ctx context.Context, implicit bool, message []byte) *Error {
	raw, err := (&net.Dialer{Timeout: m.Timeout}).DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return m.fail(NotSent, "", "%s", reason(err))
	}
	defer func() { _ = raw.Close() }()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	m.conn = &bounded{Conn: raw, ctx: ctx, wait: m.Timeout, left: maxReplies}
	if failed := m.open(ctx, implicit); failed != nil {
		return failed
	}
	if failed := m.login(); failed != nil {
		return failed
	}
	if ok, most := m.smtp.Extension("SIZE"); ok {
		if n, err := strconv.Atoi(most); err == nil && n > 0 && n < len(message) {
			return m.fail(Refused, "", "it takes mails of up to %d bytes, and this one has %d", n, len(message))
		}
	}
	return m.send(message)
}

// open greets and goes over to TLS. Nothing but EHLO and STARTTLS is said before it.
func (m *submitter) open(ctx context.Context, implicit bool) *Error {
	step := func(what string, err error) *Error { return m.fail(NotSent, trust(err), "%s: %s", what, reason(err)) }
	conn := m.conn
	if implicit {
		secured := tls.Client(conn, m.tls(m.name))
		if err := secured.HandshakeContext(ctx); err != nil {
			return step("TLS", err)
		}
		conn = secured
	}
	var err error
	if m.smtp, err = smtp.NewClient(conn, m.name); err != nil {
		return step("greeting", err)
	}
	if err := m.smtp.Hello(literal(m.conn.LocalAddr())); err != nil {
		return step("EHLO", err)
	}
	if implicit {
		return nil
	}
	if ok, _ := m.smtp.Extension("STARTTLS"); !ok {
		return m.fail(NotSent, "it must offer STARTTLS, or TLS at port 465", "it offers no TLS, so nothing is sent to it")
	}
	if err := m.smtp.StartTLS(m.tls(m.name)); err != nil {
		return step("STARTTLS", err)
	}
	return nil
}

// literal is the address that EHLO names: a helpdesk's machine has no name that others know (RFC 5321 §4.1.3).
func literal(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return "[127.0.0.1]"
	}
	if strings.Contains(host, ":") {
		host = "IPv6:" + host
	}
	return "[" + host + "]"
}

// login is AUTH PLAIN (RFC 4616), once, and only over TLS whose certificate held.
func (m *submitter) login() *Error {
	if m.User == "" {
		return nil
	}
	offered, mechanisms := m.smtp.Extension("AUTH")
	if !offered || !strings.Contains(" "+strings.ToUpper(mechanisms)+" ", " PLAIN ") {
		return m.fail(NotSent, "leave user and password out of ticket.mail where the server asks for none", "it does not offer AUTH PLAIN")
	}
	if _, secured := m.smtp.TLSConnectionState(); !secured {
		return m.fail(NotSent, "", "the connection is not secured, so the password is not sent")
	}
	if strings.ContainsRune(m.User+m.Secret.Reveal(), 0) {
		return m.fail(NotSent, "", "the user or the password holds a NUL, which PLAIN cannot carry")
	}
	if err := m.smtp.Auth(smtp.PlainAuth("", m.User, m.Secret.Reveal(), m.name)); err != nil {
		return m.answered(NotSent, "the login was refused", err)
	}
	return nil
}

// answered words an error: a reply in the server's own words, or none.
func (m *submitter) answered(o Outcome, what string, err error) *Error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return m.fail(o, "", "%s: %d %s", what, reply.Code, reply.Msg)
	}
	return m.fail(o, "", "no answer to tell by: %s", reason(err))
}

// send says the envelope and the message. It does not ask for SMTPUTF8, as net/smtp's own Mail does wherever it is offered:
// the next server of the mail's way may not have it.
func (m *submitter) send(message []byte) *Error {
	for _, line := range []string{"MAIL FROM:<" + m.From + ">", "RCPT TO:<" + m.To + ">"} {
		id, err := m.smtp.Text.Cmd("%s", line)
		if err == nil {
			m.smtp.Text.StartResponse(id)
			_, _, err = m.smtp.Text.ReadResponse(25)
			m.smtp.Text.EndResponse(id)
		}
		if err != nil {
			o := Refused
			if reply := (*textproto.Error)(nil); !errors.As(err, &reply) {
				o = NotSent
			}
			return m.answered(o, line, err)
		}
	}
	w, err := m.smtp.Data()
	if err != nil {
		return m.answered(NotSent, "DATA", err)
	}
	if _, err = w.Write(message); err != nil {
		return m.fail(NotSent, "", "the mail was not sent to its end: %s", reason(err))
	}
	if err := w.Close(); err != nil {
		if reply := (*textproto.Error)(nil); errors.As(err, &reply) {
			return m.answered(Refused, "the mail was refused", err)
		}
		return m.fail(Unknown, "look into the ticket first: a second mail has the same Message-ID, but may come to a second message",
			"the mail was sent, and it is not known whether it was taken: %s", reason(err))
	}
	_ = m.smtp.Quit()
	return nil
}

// message is a mail in ASCII, with CRLF. No header holds anything that was not matched against what may stand there.
func (s Submission) message(tag string, p Parcel, now time.Time) []byte {
	var b bytes.Buffer
	boundary := make([]byte, 18)
	_, _ = rand.Read(boundary)
	mark := "logindoctor-" + base64.RawURLEncoding.EncodeToString(boundary)
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: %s %s\r\nDate: %s\r\nMessage-ID: %s\r\n", s.From, s.To, tag, p.Subject(), now.UTC().Format(time.RFC1123Z), s.messageID(tag, p))
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n", mark)
	part := func(typ, disposition string, data []byte) {
		fmt.Fprintf(&b, "--%s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n", mark, typ, disposition)
		wrapped(&b, data)
	}
	body := strings.ReplaceAll(strings.ReplaceAll(p.Body, "\r\n", "\n"), "\n", "\r\n")
	part("text/plain; charset=utf-8", "inline", []byte(body))
	for _, f := range p.Files {
		typ := f.mediaType()
		if strings.HasPrefix(typ, "text/") {
			typ += "; charset=utf-8"
		}
		part(typ, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}), f.Data)
	}
	fmt.Fprintf(&b, "--%s--\r\n", mark)
	return b.Bytes()
}

// messageID is the same for the same parcel to the same ticket.
func (s Submission) messageID(tag string, p Parcel) string {
	one := sha256.Sum256([]byte(tag + "\n" + s.To + "\n" + p.Subject()))
	return fmt.Sprintf("<logindoctor.%x@%s>", one[:12], s.From[strings.LastIndexByte(s.From, '@')+1:])
}

// wrapped writes base64 in lines.
func wrapped(b *bytes.Buffer, data []byte) {
	coded := base64.StdEncoding.EncodeToString(data)
	for len(coded) > lineBase64 {
		b.WriteString(coded[:lineBase64])
		b.WriteString("\r\n")
		coded = coded[lineBase64:]
	}
	b.WriteString(coded)
	b.WriteString("\r\n")
}

// bounded is a connection on which every read and write has an end in time, and all reads together one in bytes. A server's
// lines have no other bound in net/textproto.
type bounded struct {
	net.Conn
	ctx  context.Context
	wait time.Duration
	left int
}

var errTooMuch = errors.New("it says more than a mail server has to say")

func (c *bounded) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooMuch
	}
	if err := c.until(c.Conn.SetReadDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, c.cause(err)
}

func (c *bounded) Write(p []byte) (int, error) {
	if err := c.until(c.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	return n, c.cause(err)
}

// until sets the deadline of the next read or write. The run's end comes in between by closing the connection.
func (c *bounded) until(set func(time.Time) error) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	return set(time.Now().Add(c.wait))
}

// cause prefers the context's word: its end is what closed the connection.
func (c *bounded) cause(err error) error {
	if err != nil && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	return err
}
