package imap

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	goimap "github.com/emersion/go-imap"
	"github.com/emersion/go-imap/commands"
	"github.com/emersion/go-imap/responses"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// The two ways to submit a password, as they stand in an IMAPOutcome.
const (
	mechanismLogin = "LOGIN"              // RFC 9051 §6.2.3
	mechanismPlain = "AUTHENTICATE PLAIN" // RFC 9051 §6.2.2, RFC 4616
)

// maxNonSync is the longest literal that LITERAL- lets a client send unasked (RFC 7888 §5).
const maxNonSync = 4096

// NotSent is the error of a login that was not made: no byte of the secret was sent, and nothing was spent.
type NotSent struct {
	Why    probes.Why
	Reason string
	Err    error // ledger.ErrUsed, if that is why
}

func (e *NotSent) Error() string { return "imap: login not sent: " + e.Reason }
func (e *NotSent) Unwrap() error { return e.Err }

// judge decides, once the server was looked at, whether a secret may be submitted here.
func (c *Client) judge(security probes.Security) {
	s := c.server
	switch r := s.Reach; {
	case c.why != probes.Seen: // STARTTLS said it already
	case r.Failure.Certificate():
		c.withhold(probes.AttemptWithheld, "the certificate is not to be trusted ("+r.Failure.String()+"): "+r.Words)
	case s.Greeting.OK() && s.Greeting.Value.Status == probes.IMAPBYE:
		c.withhold(probes.Unreachable, "the server refuses the connection: BYE "+s.Greeting.Value.Words)
	case !r.OK():
		c.withhold(r.Why(), fmt.Sprintf("the connection failed (%s, %s): %s", r.Stage, r.Failure, r.Words))
	case s.Greeting.Value.Status == probes.IMAPPREAUTH:
		c.withhold(probes.AttemptWithheld, "the server takes this connection for logged in already (PREAUTH)")
	case security == probes.SecurityNone || !c.secure:
		c.withhold(probes.AttemptWithheld, "a password does not travel in clear text")
	case !s.Capabilities.OK():
		c.withhold(s.Capabilities.Why, "the server does not list its capabilities: "+s.Capabilities.Words)
	case c.mechanism() == "":
		c.withhold(probes.AttemptWithheld, "the server offers neither LOGIN nor AUTHENTICATE PLAIN")
	}
}

func (c *Client) withhold(why probes.Why, reason string) { c.why, c.reason = why, reason }

// Ready says whether a secret may be submitted here: Seen if TLS stands and was verified, the greeting was OK and a
// mechanism is offered. Otherwise why not, and the reason in words.
func (c *Client) Ready() (probes.Why, string) { return c.why, c.reason }

// mechanism is LOGIN, or AUTHENTICATE PLAIN where LOGIN is disabled; never one after the other: a refusal would count twice.
func (c *Client) mechanism() string {
	list := c.server.Capabilities.Value
	switch {
	case !has(list, "LOGINDISABLED"):
		return mechanismLogin
	case has(list, "AUTH=PLAIN"):
		return mechanismPlain
	}
	return ""
}

// Login submits the permit's secret once and, if it is accepted, EXAMINEs INBOX. The whole may last as long as the dialer's
// Timeout from now. The error is a *NotSent, the outcome nil then; whatever happened after the first byte is an outcome.
func (c *Client) Login(ctx context.Context, permit *ledger.Permit) (*probes.IMAPOutcome, error) {
	user, password, err := c.reveal(ctx, permit)
	if err != nil {
		return nil, err
	}
	mechanism := c.mechanism()
	c.withhold(probes.AttemptWithheld, "this connection was already used for a login")
	cmd, talk := submission(mechanism, user, password, c.server.Capabilities.Value)
	red := newRedactor(user, password)
	defer c.wire.endWith(ctx)()
	c.wire.run()

	start := time.Now()
	login := c.ask(cmd, talk)
	end, last := c.ended(ctx, login)
	last, untagged := c.untied(login, last)
	o := &probes.IMAPOutcome{Mechanism: mechanism, NoTag: untagged, Status: last.status, Code: red.code(last), Arguments: red.words(arguments(last)),
		Words: red.words(last.text), TookMS: end.Sub(start).Milliseconds(), SecretUnsent: !talk.sent.Load()}
	if o.Status == probes.IMAPOK {
		inbox := c.ask(&commands.Select{Mailbox: "INBOX", ReadOnly: true}, nil)
		_, last = c.ended(ctx, inbox)
		o.Select = &probes.IMAPSelect{Status: last.status, Code: red.code(last), Words: red.words(last.text)}
		o.Untagged = c.untagged(red, login, inbox)
	} else {
		o.Untagged = c.untagged(red, login, nil)
	}
	return o, nil
}

// untied puts an untagged refusal in the place of the tagged reply that never came.
func (c *Client) untied(login *exchange, last response) (response, bool) {
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	if login.tagged == nil {
		for _, r := range login.untagged {
			if refusal(r) {
				return r, true
			}
		}
	}
	return last, false
}

// untagged lists the untagged statuses of the login, and of what followed it. The OKs that describe a mailbox say nothing
// about the login.
func (c *Client) untagged(red redactor, login, inbox *exchange) []probes.IMAPLine {
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	var kept []probes.IMAPLine
	keep := func(r response) {
		kept = append(kept, probes.IMAPLine{Status: r.status, Code: red.code(r), Words: red.words(r.text)})
	}
	for _, r := range login.untagged {
		if r.status != probes.IMAPOK || r.text != "" {
			keep(r)
		}
	}
	if inbox == nil {
		return kept
	}
	for _, r := range inbox.untagged {
		if r.status != probes.IMAPOK || r.code == probes.CodeAlert {
			keep(r)
		}
	}
	return kept
}

// reveal takes the secret from the permit as the last thing before it is sent.
func (c *Client) reveal(ctx context.Context, permit *ledger.Permit) (user, password string, err error) {
	if c.why != probes.Seen {
		return "", "", &NotSent{Why: c.why, Reason: c.reason}
	}
	if permit == nil {
		return "", "", &NotSent{Why: probes.Bug, Reason: ledger.ErrUsed.Error(), Err: ledger.ErrUsed}
	}
	if err := ctx.Err(); err != nil {
		why := probes.Timeout
		if errors.Is(err, context.Canceled) {
			why = probes.Canceled
		}
		return "", "", &NotSent{Why: why, Reason: "the run is over", Err: err}
	}
	c.conn.Extend(ctx)
	if !c.wire.awake() {
		c.withhold(probes.Unreachable, "the server ended the connection before the login")
		c.wire.mu.Lock()
		if c.wire.bye != nil {
			c.reason += ": " + redactor{}.words(sentence(*c.wire.bye))
		}
		c.wire.mu.Unlock()
		return "", "", &NotSent{Why: c.why, Reason: c.reason}
	}
	user, password, err = permit.Reveal()
	if err != nil {
		return "", "", &NotSent{Why: probes.Bug, Reason: err.Error(), Err: err}
	}
	// RFC 9051 §9: a quoted string holds no CR or LF, and no string holds a NUL; RFC 4616 has it as its separator.
	if strings.ContainsAny(user, "\r\n\x00") || strings.ContainsAny(password, "\r\n\x00") {
		return "", "", &NotSent{Why: probes.AttemptWithheld, Reason: "the user name or the secret holds a line break or a NUL, which IMAP does not carry"}
	}
	return user, password, nil
}

// ended is when and how an exchange ended: the tagged reply, or what came instead of one.
func (c *Client) ended(ctx context.Context, ex *exchange) (time.Time, response) {
	w := c.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	switch {
	case ex.tagged != nil:
		return ex.at, *ex.tagged
	case w.bye != nil:
		return now, *w.bye
	}
	switch failure(ctx, w.err) {
	case probes.FailureTimeout, probes.FailureCanceled:
		return now, response{status: probes.IMAPNoAnswer}
	case probes.FailureGarbage, probes.FailureTooLong:
		return now, response{status: probes.IMAPGarbage, text: w.odd}
	}
	return now, response{status: probes.IMAPClosed}
}

// arguments of a code that are worth keeping: a list of capabilities is not.
func arguments(r response) string {
	if r.code == "CAPABILITY" {
		return ""
	}
	return r.args
}

// submission makes the command that carries the secret, and what is said in reply to continuation requests.
func submission(mechanism, user, password string, offered []string) (*goimap.Command, *dialogue) {
	if mechanism == mechanismPlain {
		token := base64.StdEncoding.EncodeToString([]byte(saslPlain(user, password)))
		if has(offered, "SASL-IR") { // RFC 4959
			return command("AUTHENTICATE", "PLAIN "+token), newDialogue(nil, "*")
		}
		return command("AUTHENTICATE", "PLAIN"), newDialogue([]string{token}, "*")
	}
	parts := []string{""}
	for i, text := range []string{user, password} {
		now := &parts[len(parts)-1]
		if i > 0 {
			*now += " "
		}
		switch {
		case isPlain(text):
			*now += strconv.Quote(text) // escapes the quote and the backslash alone, as RFC 9051 §4.3 has it
		case has(offered, "LITERAL+") || has(offered, "LITERAL-") && len(text) <= maxNonSync:
			*now += fmt.Sprintf("{%d+}\r\n%s", len(text), text)
		default:
			*now += fmt.Sprintf("{%d}", len(text))
			parts = append(parts, text)
		}
	}
	return command("LOGIN", parts[0]), newDialogue(parts[1:], "")
}

func command(name, arguments string) *goimap.Command {
	return &goimap.Command{Name: name, Arguments: []any{goimap.RawString(arguments)}}
}

// saslPlain is RFC 4616's message, without an authorization identity.
func saslPlain(user, password string) string { return "\x00" + user + "\x00" + password }

// isPlain says that a text can stand in a quoted string.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// dialogue answers continuation requests, the secret last. go-imap's own literals wait for one without end if the
// connection is closed or the server refuses at once; a handler does not.
type dialogue struct {
	replies []string
	cancel  string // in reply to a request too many; empty: none
	ch      chan []byte
	sent    atomic.Bool // the secret's turn came
}

var (
	_ responses.Handler = (*dialogue)(nil)
	_ responses.Replier = (*dialogue)(nil)
)

func newDialogue(replies []string, cancel string) *dialogue {
	d := &dialogue{replies: replies, cancel: cancel, ch: make(chan []byte, len(replies)+1)}
	d.sent.Store(len(replies) == 0)
	return d
}

// Replies is where go-imap takes what is to be sent.
func (d *dialogue) Replies() <-chan []byte { return d.ch }

// Handle runs on go-imap's reader.
func (d *dialogue) Handle(resp goimap.Resp) error {
	if _, ok := resp.(*goimap.ContinuationReq); !ok {
		return responses.ErrUnhandled
	}
	switch {
	case len(d.replies) > 0:
		d.ch <- []byte(d.replies[0] + "\r\n")
		d.replies = d.replies[1:]
		d.sent.Store(len(d.replies) == 0)
	case d.cancel != "":
		d.ch <- []byte(d.cancel + "\r\n")
		d.cancel = ""
	}
	return nil
}
