// Package imap asks an IMAP server: its greeting, its capabilities, TLS, and one login in the server's own words.
//
// go-imap's client speaks the commands; what the server answers is read beside it, from the wire itself, since the words,
// a silent close and the absence of an answer are what tells causes apart. It changes nothing: a mailbox is only EXAMINEd.
package imap

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"
	"github.com/emersion/go-imap/responses"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// Client is one connection, good for one login. Its methods are called one after the other; several Clients may be used
// side by side.
type Client struct {
	conn   *dial.Conn
	wire   *wire
	imap   *client.Client // nil: no greeting came that one could answer
	server *probes.IMAPServer
	secure bool // TLS stands, verified

	why    probes.Why // of a client that may not log in; Seen: it may
	reason string
}

// Open connects and reads the greeting and the capabilities. Neither result is nil: where something went wrong the
// IMAPServer tells what, and Ready why no secret may be submitted. The caller closes the Client in any case; the Reach is
// complete, and may be read, after that.
func Open(ctx context.Context, d *dial.Dialer, t probes.IMAPTarget) (*Client, *probes.IMAPServer) {
	o := &opening{ctx: ctx, now: d.Now, target: t, c: &Client{server: &probes.IMAPServer{}}}
	if o.now == nil {
		o.now = time.Now
	}
	o.start = o.now()
	o.c.conn, o.c.server.Reach = d.Dial(ctx, t.Address, t.Security)
	if o.c.conn != nil {
		o.c.secure = t.Security == probes.SecurityTLS
		o.greet()
	} else {
		o.lost("greeting")
	}
	o.c.judge(t.Security)
	return o.c, o.c.server
}

// opening is an Open under way.
type opening struct {
	ctx    context.Context
	now    func() time.Time
	start  time.Time
	target probes.IMAPTarget
	c      *Client
}

func (o *opening) greet() {
	c := o.c
	c.wire = newWire(c.conn)
	defer c.wire.endWith(o.ctx)()
	im, err := client.New(c.wire) // reads the greeting, and asks for the capabilities where it does not list them
	if err == nil {
		im.ErrorLog = log.New(io.Discard, "", 0)
		c.imap = im
	}
	c.wire.mu.Lock()
	greeting, odd, unanswered := c.wire.greeting, c.wire.odd, !c.wire.capsKnown && c.wire.ex.tagged == nil
	c.wire.mu.Unlock()
	if c.imap != nil && unanswered {
		c.finish()
	}
	if greeting == nil {
		o.failed()
		o.lost("greeting")
		if odd != "" {
			c.server.Greeting.Words = redactor{}.words(odd) // what talks there instead
		}
		return
	}
	c.server.Greeting = &probes.Observation[probes.IMAPGreeting]{Look: o.look("greeting"), Value: probes.IMAPGreeting{
		Status: greeting.status, Code: greeting.code, Words: redactor{}.words(greeting.text)}}
	list := o.capabilities(c.wire.ex)
	switch o.target.Security {
	case probes.SecurityStartTLS:
		c.server.PlainCapabilities = list
		o.startTLS()
	case probes.SecurityNone:
		c.server.PlainCapabilities, c.server.Capabilities = list, list
	default:
		c.server.Capabilities = list
	}
}

// startTLS makes the connection TLS and asks for the capabilities again: those from before may be a stranger's.
func (o *opening) startTLS() {
	c := o.c
	plain := c.server.PlainCapabilities
	unseen := func(why probes.Why, words string) {
		c.server.Capabilities = &probes.Observation[[]string]{Look: o.look("CAPABILITY")}
		c.server.Capabilities.Why, c.server.Capabilities.Words = why, words
	}
	if !plain.OK() {
		unseen(plain.Why, plain.Words)
		return
	}
	if !has(plain.Value, "STARTTLS") {
		c.withhold(probes.AttemptWithheld, "the server does not offer STARTTLS, and a password does not travel in clear text")
		unseen(probes.AttemptWithheld, "STARTTLS is not offered")
		return
	}
	ex := c.ask(&goimap.Command{Name: "STARTTLS"}, nil)
	if ex.tagged == nil {
		o.failed()
		unseen(o.end(ex))
		return
	}
	if ex.tagged.status != probes.IMAPOK {
		words := redactor{}.words(sentence(*ex.tagged))
		c.withhold(probes.AttemptWithheld, "the server refuses STARTTLS: "+words)
		unseen(probes.AttemptWithheld, "STARTTLS: "+words)
		return
	}
	c.wire.forget()
	if err := c.conn.Upgrade(o.ctx); err != nil {
		unseen(c.server.Reach.Why(), c.server.Reach.Words)
		return
	}
	c.secure = true
	c.server.Capabilities = o.capabilities(c.ask(&goimap.Command{Name: "CAPABILITY"}, nil))
}

// capabilities is the list as it now stands, or why there is none.
func (o *opening) capabilities(ex *exchange) *probes.Observation[[]string] {
	w := o.c.wire
	obs := &probes.Observation[[]string]{Look: o.look("CAPABILITY")}
	w.mu.Lock()
	list, known := w.caps, w.capsKnown
	w.mu.Unlock()
	if known {
		obs.Value = list
		return obs
	}
	obs.Why, obs.Words = o.end(ex)
	if ex.tagged == nil {
		o.failed()
	}
	return obs
}

// end words why an exchange brought nothing.
func (o *opening) end(ex *exchange) (probes.Why, string) {
	w := o.c.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case ex.tagged != nil:
		return probes.Unclear, redactor{}.words(sentence(*ex.tagged))
	case w.bye != nil:
		return probes.Unreachable, redactor{}.words(sentence(*w.bye))
	case w.err == nil:
		return probes.Unclear, ""
	}
	reach := probes.Reach{Failure: failure(o.ctx, w.err)}
	return reach.Why(), redactor{}.words(w.odd)
}

// failed books in the Reach that the connection did not last: it tells how far we came.
func (o *opening) failed() {
	c := o.c
	c.wire.mu.Lock()
	err, bye := c.wire.err, c.wire.bye
	c.wire.mu.Unlock()
	if r := c.server.Reach; r.Failure == probes.FailureNone && err != nil {
		r.Failure, r.Words = failure(o.ctx, err), err.Error()
		if bye != nil {
			r.Failure, r.Words = probes.FailureClosed, redactor{}.words(sentence(*bye))
		}
	}
}

// lost fills what was not seen with the Reach's reason.
func (o *opening) lost(what string) {
	s := o.c.server
	look := o.look(what)
	look.Why, look.Words = s.Reach.Why(), s.Reach.Words
	s.Greeting = &probes.Observation[probes.IMAPGreeting]{Look: look}
	look.What = "CAPABILITY"
	s.Capabilities = &probes.Observation[[]string]{Look: look}
	if o.target.Security == probes.SecurityStartTLS || o.target.Security == probes.SecurityNone {
		plain := *s.Capabilities
		s.PlainCapabilities = &plain
	}
}

func (o *opening) look(what string) probes.Look {
	at := o.now()
	return probes.Look{Probe: probes.ProbeIMAP, What: what, Source: o.target.Address, At: at.UTC(), TookMS: at.Sub(o.start).Milliseconds()}
}

// ask has go-imap carry one command. Where it ends without a tagged reply, the connection has ended too when ask returns,
// and all that the server said was read.
func (c *Client) ask(cmd goimap.Commander, h responses.Handler) *exchange {
	ex := c.wire.begin(h != nil)
	if _, err := c.imap.Execute(cmd, h); err != nil {
		c.finish()
	}
	return ex
}

// finish reads what a server that answers no more has said, and waits for the reader's end.
func (c *Client) finish() {
	c.wire.hurry()
	<-c.imap.LoggedOut()
}

// Close says LOGOUT if the connection still works, and closes. It does not wait for the answer: nothing that it could say
// is of use, and RFC 9051 §3.4 lets a client go. It returns within a second.
func (c *Client) Close(ctx context.Context) {
	if c.conn == nil {
		return
	}
	if c.imap != nil {
		c.conn.Extend(ctx)
		alive := c.wire.deafen()
		<-c.imap.LoggedOut()
		if alive {
			_ = c.conn.SetWriteDeadline(time.Now().Add(farewell))
			_ = c.imap.Logout()
		}
	}
	_ = c.conn.Close()
	c.conn = nil
}

func has(list []string, name string) bool {
	for _, n := range list {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// sentence is a status response as a person would read it on the wire, without its tag.
func sentence(r response) string {
	s := r.status.String()
	if r.status == 0 {
		return r.text
	}
	if r.code != "" {
		s += " [" + string(r.code) + "]"
	}
	if r.text != "" {
		s += " " + r.text
	}
	return s
}

// failure classifies the end of a conversation.
func failure(ctx context.Context, err error) probes.Failure {
	switch {
	case errors.Is(err, errNotIMAP):
		return probes.FailureGarbage
	case errors.Is(err, errLongLine), errors.Is(err, errLongLiteral):
		return probes.FailureTooLong
	}
	return dial.Classify(ctx, err)
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
