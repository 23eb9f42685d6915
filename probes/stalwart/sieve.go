package stalwart

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

const (
	// maxQuoted is the longest quoted string (RFC 5804 §4, octets); a longer one goes as a literal.
	maxQuoted = 1024
	// maxSieve bounds what a ManageSieve server may send.
	maxSieve = 256 << 10
	// sieveFarewell bounds LOGOUT: nobody waits for its answer.
	sieveFarewell = time.Second
)

// Sieve is one connection to a ManageSieve server (RFC 5804). Stalwart says there what IMAP keeps to itself.
type Sieve struct {
	conn   *dial.Conn
	server *probes.SieveServer
	now    func() time.Time
	why    probes.Why
	reason string
	in     sieveReader
	hidden secret.Redactor

	patience time.Duration // for a greeting in clear text
}

// OpenSieve reaches the server, and goes to TLS: by STARTTLS where the greeting offers it, which is how Stalwart listens, or
// from the first byte where no greeting comes in clear text within a while.
func OpenSieve(ctx context.Context, d *dial.Dialer, address string) *Sieve {
	own := *d
	if own.Limit == 0 {
		own.Limit = maxSieve
	}
	if own.Life == nil {
		own.Life = ctx
	}
	if d.Timeout > 0 { // of both tries together
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.Timeout)
		defer cancel()
	}
	s := &Sieve{server: &probes.SieveServer{}, now: d.Now, patience: probes.Patience}
	if d.Timeout > 0 {
		s.patience = min(s.patience, d.Timeout/2)
	}
	if s.now == nil {
		s.now = time.Now
	}
	start := time.Now()
	reply, err := s.reach(ctx, &own, address, probes.SecurityStartTLS)
	if s.conn != nil && isTimeout(err) && ctx.Err() == nil && !s.in.begun {
		_ = s.conn.Close()
		if again, e := s.reach(ctx, &own, address, probes.SecurityTLS); s.conn != nil {
			reply, err = again, e
		}
	}
	s.observe(ctx, start, address, reply, err)
	return s
}

// reach opens a connection and reads the greeting, and the one after STARTTLS.
func (s *Sieve) reach(ctx context.Context, d *dial.Dialer, address string, security probes.Security) (reply sieveReply, err error) {
	var reach *probes.Reach
	s.conn, reach = d.Dial(ctx, address, security)
	s.server.Reach = reach
	if s.conn == nil {
		return sieveReply{}, net.ErrClosed
	}
	stop := s.endWith(ctx)
	defer stop()
	s.in = sieveReader{conn: s.conn}
	if security == probes.SecurityStartTLS {
		_ = s.conn.SetReadDeadline(time.Now().Add(s.patience))
	}
	if reply, err = s.in.reply(); err != nil || reply.status != probes.SieveOK || security == probes.SecurityTLS || !capabilities(reply).StartTLS {
		return reply, err
	}
	s.conn.Extend(ctx)
	if _, err = s.conn.Write([]byte("STARTTLS\r\n")); err != nil {
		return reply, err
	}
	agreed, err := s.in.reply()
	if err != nil || agreed.status != probes.SieveOK {
		return agreed, err
	}
	if s.in.waiting() { // what was said before TLS could be a stranger's (RFC 5804 §2.2)
		return reply, errNotSieve
	}
	if err = s.conn.Upgrade(ctx); err != nil {
		s.conn = nil
		return reply, err
	}
	s.in = sieveReader{conn: s.conn}
	return s.in.reply() // the capabilities come again, unasked
}

// endWith ends blocked reads once ctx is canceled: the connection's life may be longer.
func (s *Sieve) endWith(ctx context.Context) func() bool {
	conn := s.conn
	return context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			_ = conn.SetReadDeadline(time.Unix(1, 0))
		}
	})
}

// observe makes the facts of the greeting, and decides whether a secret may be submitted here.
func (s *Sieve) observe(ctx context.Context, start time.Time, address string, reply sieveReply, err error) {
	r := s.server.Reach
	look := probes.Look{Probe: probes.ProbeStalwart, What: "ManageSieve greeting", Source: address, At: s.now().UTC(), TookMS: time.Since(start).Milliseconds()}
	c := capabilities(reply)
	c.TLS = s.conn != nil && r.OK() && r.Certificate != nil
	switch {
	case s.conn == nil:
		look.Why, look.Words = r.Why(), r.Words
	case err != nil:
		look.Why, look.Words = whyClosed(ctx, err), secret.Kept(err.Error())
		if errors.Is(err, errNotSieve) {
			look.Words = secret.Kept("not ManageSieve: " + s.in.odd)
		}
	case reply.status != probes.SieveOK:
		look.Why, look.Words = probes.Unreachable, secret.Kept(reply.said())
	}
	s.server.Capabilities = observe(look, c)
	switch {
	case s.conn == nil && r.Failure.Certificate():
		s.why, s.reason = probes.AttemptWithheld, "the certificate of "+address+" cannot be verified"
	case look.Why != probes.Seen:
		s.why, s.reason = look.Why, "ManageSieve: "+look.Words
	case !c.TLS:
		s.why, s.reason = probes.AttemptWithheld, "a password does not travel in clear text"
	case !has(c.SASL, "PLAIN"):
		s.why, s.reason = probes.AttemptWithheld, "the server does not offer PLAIN"
	}
	if s.conn != nil {
		s.conn.Rest()
	}
}

// whyClosed words the error of a conversation.
func whyClosed(ctx context.Context, err error) probes.Why {
	if errors.Is(err, errNotSieve) {
		return probes.Unclear
	}
	return (&probes.Reach{Failure: dial.Classify(ctx, err)}).Why()
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

func has(list []string, word string) bool {
	for _, w := range list {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// capabilities reads a greeting (RFC 5804 §1.7).
func capabilities(r sieveReply) probes.SieveCapabilities {
	c := probes.SieveCapabilities{Words: secret.Kept(r.words)}
	for _, line := range r.lines {
		value := ""
		if len(line) > 1 {
			value = line[1]
		}
		switch strings.ToUpper(line[0]) {
		case "IMPLEMENTATION":
			c.Implementation = secret.Kept(value)
		case "SASL":
			for _, m := range strings.Fields(value) {
				c.SASL = append(c.SASL, secret.Kept(m))
			}
		case "STARTTLS":
			c.StartTLS = true
		}
	}
	return c
}

// Server is what was seen.
func (s *Sieve) Server() *probes.SieveServer { return s.server }

// Ready says whether a secret may be submitted here: Seen if TLS stands and PLAIN is offered. Otherwise why not, in words.
func (s *Sieve) Ready() (probes.Why, string) {
	if s == nil {
		return probes.Unclear, "the profile names no ManageSieve"
	}
	return s.why, s.reason
}

// NotSent is the error of a login that was not made: no byte of the secret was sent, and nothing was spent.
type NotSent struct {
	Why    probes.Why
	Reason string
}

func (e *NotSent) Error() string { return "stalwart: login not sent: " + e.Reason }

// Login submits the permit's secret once, by AUTHENTICATE PLAIN with its initial response. The error is a *NotSent, the outcome
// nil then; whatever happened after the first byte is an outcome.
func (s *Sieve) Login(ctx context.Context, permit *ledger.Permit) (*probes.SieveOutcome, error) {
	if why, reason := s.Ready(); why != probes.Seen {
		return nil, &NotSent{why, reason}
	}
	if ctx.Err() != nil {
		return nil, &NotSent{whyClosed(ctx, ctx.Err()), "the run is over"}
	}
	if !s.in.quiet() {
		s.why, s.reason = probes.Unreachable, "the server ended the connection before the login"
		return nil, &NotSent{s.why, s.reason}
	}
	user, password, err := permit.Reveal()
	if err != nil {
		return nil, &NotSent{probes.Bug, err.Error()}
	}
	s.why, s.reason = probes.AttemptWithheld, "this connection was already used for a login"
	if strings.ContainsRune(user+password, 0) { // RFC 4616 has it as its separator
		return nil, &NotSent{probes.AttemptWithheld, "the user name or the secret holds a NUL, which PLAIN does not carry"}
	}
	plain := "\x00" + user + "\x00" + password
	token := base64.StdEncoding.EncodeToString([]byte(plain))
	s.hidden = s.hidden.Hide(password, plain)
	defer s.endWith(ctx)()
	s.conn.Extend(ctx)
	start := time.Now()
	reply, err := s.submit(token)
	return s.outcome(ctx, reply, err, start), nil
}

func (s *Sieve) submit(token string) (sieveReply, error) {
	text := fmt.Sprintf("%q", token) // base 64 has nothing to escape
	if len(token) > maxQuoted {
		text = fmt.Sprintf("{%d+}\r\n%s", len(token), token)
	}
	if _, err := s.conn.Write([]byte("AUTHENTICATE \"PLAIN\" " + text + "\r\n")); err != nil {
		return sieveReply{}, err
	}
	for range 2 {
		reply, err := s.in.exchange()
		if err != nil || reply.status != 0 {
			return reply, err
		}
		// A challenge, which PLAIN has none of: cancelled (RFC 5804 §2.1).
		if _, err := s.conn.Write([]byte("\"*\"\r\n")); err != nil {
			return sieveReply{}, err
		}
	}
	return sieveReply{}, errNotSieve
}

func (s *Sieve) outcome(ctx context.Context, reply sieveReply, err error, start time.Time) *probes.SieveOutcome {
	code, _, _ := strings.Cut(s.hidden.Clean(reply.code), " ")
	o := &probes.SieveOutcome{Status: reply.status, Code: strings.ToUpper(code), Words: s.hidden.Clean(reply.words), TookMS: time.Since(start).Milliseconds()}
	if err == nil {
		return o
	}
	switch f := dial.Classify(ctx, err); {
	case errors.Is(err, errNotSieve), f == probes.FailureTooLong:
		o.Status, o.Words = probes.SieveGarbage, s.hidden.Clean(s.in.odd)
	case f == probes.FailureTimeout, f == probes.FailureCanceled:
		o.Status = probes.SieveNoAnswer
	default:
		o.Status = probes.SieveClosed
	}
	return o
}

// Close says goodbye, without waiting, and ends the connection.
func (s *Sieve) Close() {
	if s == nil || s.conn == nil {
		return
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(sieveFarewell))
	_, _ = s.conn.Write([]byte("LOGOUT\r\n"))
	_ = s.conn.Close()
}
