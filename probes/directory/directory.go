// Package directory asks Active Directory and Open Directory over LDAP: what a server says of itself, which lockout policy
// applies, what it holds about an account, and what it answers to one simple bind. It only searches and binds; it has no
// code that writes.
//
// go-ldap speaks the protocol, over a connection of package dial: DialURL bounds neither time nor bytes. Everything that is
// assumed of the wire stands in wire.go.
package directory

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// Client is one connection to one server. Server, Account and Counters may run side by side; Bind waits for them, and they
// for it (RFC 4511 §4.2.1: nothing else may be outstanding during a bind).
type Client struct {
	target  probes.DirectoryTarget
	now     func() time.Time
	timeout time.Duration
	reach   *probes.Reach
	secure  bool  // TLS stands, verified
	line    *line // nil: no connection
	ldap    *ldap.Conn

	turn     sync.RWMutex // Bind alone, or any number of searches
	root     shared[probes.RootDSE]
	policies shared[policies]
	once     sync.Once

	mu sync.Mutex // guards reach while questions are under way
}

// Open reaches one server of the target: ldaps://host[:port], or ldap://host[:port], with StartTLS where the target's
// security says so; the ports default to 636 and 389. The Client is never nil; its Reach tells how far it came.
// The caller closes it in any case.
func Open(ctx context.Context, d *dial.Dialer, t probes.DirectoryTarget, url string) *Client {
	c := &Client{target: t, now: d.Now, timeout: d.Timeout}
	if c.now == nil {
		c.now = time.Now
	}
	address, security, err := parseURL(url, t.Security)
	if err != nil {
		c.reach = &probes.Reach{Address: url, Failure: probes.FailureName, Words: err.Error(), At: c.now().UTC()}
		return c
	}
	conn, reach := d.Dial(ctx, address, security)
	c.reach = reach
	if conn == nil {
		return c
	}
	if security == probes.SecurityStartTLS {
		if err := startTLS(ctx, conn); err != nil {
			c.reach.TookMS = c.now().Sub(c.reach.At).Milliseconds()
			_ = conn.Close()
			return c
		}
		c.reach.TookMS = c.now().Sub(c.reach.At).Milliseconds()
	}
	conn.Rest()
	c.secure = security != probes.SecurityNone
	c.line = &line{Conn: conn}
	c.ldap = ldap.NewConn(c.line, c.secure)
	c.ldap.Start()
	return c
}

// parseURL gives host:port and how the connection is to be protected.
func parseURL(text string, want probes.Security) (string, probes.Security, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return "", 0, fmt.Errorf("directory: %q is no address of a server: want ldaps://host[:port] or ldap://host[:port]", text)
	}
	port, security := "636", probes.SecurityTLS
	switch strings.ToLower(u.Scheme) {
	case "ldaps":
	case "ldap":
		port, security = "389", probes.SecurityNone
		if want == probes.SecurityStartTLS {
			security = probes.SecurityStartTLS
		}
	default:
		return "", 0, fmt.Errorf("directory: %q does not begin with ldaps:// or ldap://", text)
	}
	if p := u.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(u.Hostname(), port), security, nil
}

// Reach tells how far the connection came. It is complete once the Client is closed.
func (c *Client) Reach() *probes.Reach { return c.reach }

// MayBind says whether a secret may be submitted over this connection: only where TLS stands, with a certificate that was
// verified. Seen: it may. Otherwise the reason, and a sentence.
func (c *Client) MayBind() (probes.Why, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.reach.Failure.Certificate():
		return probes.AttemptWithheld, "the certificate of " + c.reach.Address + " is not to be trusted: " + c.reach.Words
	case !c.reach.OK() && c.reach.Security == probes.SecurityStartTLS && c.reach.Failure == probes.FailureTLS:
		return probes.AttemptWithheld, c.reach.Words
	case !c.reach.OK():
		return c.reach.Why(), c.reach.Words
	case !c.secure:
		return probes.AttemptWithheld, "a password does not travel in clear text: " + c.reach.Address + " is reached without TLS"
	}
	return probes.Seen, ""
}

// Close ends the connection at once. It may be called twice.
func (c *Client) Close() {
	c.once.Do(func() {
		if c.line == nil {
			return
		}
		// The socket first: go-ldap's Close waits for a write that may be stuck.
		_ = c.line.Conn.Close()
		_ = c.ldap.Close()
	})
}

// observe makes one look: it times it, and turns a panic over a server's bytes into the finding that it is.
func observe[T any](c *Client, what string, look func(*probes.Look) T) *probes.Observation[T] {
	start := c.now()
	o := &probes.Observation[T]{Look: probes.Look{Probe: probes.ProbeDirectory, What: what, Source: c.reach.Address}}
	defer func() {
		if p := recover(); p != nil {
			var none T
			o.Value, o.Why, o.Words = none, probes.Bug, ""
		}
		end := c.now()
		o.At, o.TookMS = end.UTC(), end.Sub(start).Milliseconds()
	}()
	o.Value = look(&o.Look)
	return o
}

// shared is an answer that several looks need: they share the question that is under way, and the last good answer.
type shared[T any] struct {
	mu   sync.Mutex
	done chan struct{} // of the question under way
	last *probes.Observation[T]
}

// get gives the last good answer, or the one that is coming, or asks. fresh asks, unless the question is under way.
func (s *shared[T]) get(fresh bool, ask func() *probes.Observation[T]) *probes.Observation[T] {
	s.mu.Lock()
	if s.last.OK() && !fresh && s.done == nil {
		defer s.mu.Unlock()
		return s.last
	}
	if done := s.done; done != nil {
		s.mu.Unlock()
		<-done
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.last
	}
	done := make(chan struct{})
	s.done = done
	s.mu.Unlock()
	got := ask()
	s.mu.Lock()
	s.last, s.done = got, nil
	s.mu.Unlock()
	close(done)
	return got
}
