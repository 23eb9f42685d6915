// Package stalwart asks Stalwart 0.16, read only: its JMAP objects with an API key, and one login of the user under diagnosis
// over HTTP or ManageSieve. One diagnosis makes at most four HTTP requests: the session, two that bundle all that is asked
// (RFC 8620 §3.7), and the user's try.
//
// Each object may be refused alone; whatever went wrong stands in its observation. What is assumed of the wire stands in
// wire.go, methods.go, values.go and logs.go. A secret is recognised by its text in Recognise, which sends nothing.
package stalwart

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// Client is one run's connection to one Stalwart.
type Client struct {
	url     *url.URL // nil: an address that nothing is sent to
	dialer  *dial.Dialer
	now     func() time.Time
	http    *http.Client
	first   *connection
	reach   *probes.Reach
	source  string // host:port
	refused string // why nothing is sent to the address

	requests atomic.Int32

	mu      sync.Mutex
	key     string
	hidden  redactor
	session *probes.Observation[probes.StalwartSession]
}

// Open reaches the server. The client is never nil; Reached tells how far it came.
func Open(ctx context.Context, d *dial.Dialer, t probes.StalwartTarget) *Client {
	own := *d
	if own.Limit == 0 {
		own.Limit = 4 * maxReply // of a connection; each reply is bounded by itself
	}
	if own.Life == nil {
		own.Life = ctx
	}
	c := &Client{dialer: &own, now: d.Now, source: t.URL}
	if c.now == nil {
		c.now = time.Now
	}
	u, err := url.Parse(t.URL)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil:
		// The profile refuses such an address before; nothing is ever sent to it.
		c.refused = "not an https address"
	case bans(u.Path + sessionPath):
		c.refused = "a request for this path would have our address banned (scanBanPaths)"
	}
	if c.refused != "" {
		c.reach = &probes.Reach{Address: t.URL, Stage: probes.StageResolve, Failure: probes.FailureName, Words: c.refused}
		return c
	}
	c.url, c.source = u, u.Host
	if u.Port() == "" {
		c.source = net.JoinHostPort(u.Hostname(), "443")
	}
	conn, reach := own.Dial(ctx, c.source, probes.SecurityTLS)
	c.reach, c.first = reach, &connection{client: c, ready: conn}
	if conn != nil {
		conn.Rest()
		c.first.all = []*dial.Conn{conn}
	}
	c.http = c.transport(c.first.dial)
	return c
}

// transport is HTTP over what dial gives. A redirect is never followed: the next server would get the header with the secret.
func (c *Client) transport(dialTLS func(context.Context, string, string) (net.Conn, error)) *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialTLSContext: dialTLS, Proxy: nil, ForceAttemptHTTP2: false, MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1,
			DisableCompression: true, MaxResponseHeaderBytes: 64 << 10}}
}

// connection hands out the one that Open made, and dials anew where it has ended.
type connection struct {
	client *Client

	mu     sync.Mutex
	ready  *dial.Conn
	all    []*dial.Conn
	closed bool
}

func (p *connection) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	ready := p.ready
	p.ready = nil
	p.mu.Unlock()
	if ready != nil && alive(ready) {
		return ready, nil
	}
	conn, reach := p.client.dialer.Dial(ctx, p.client.source, probes.SecurityTLS)
	if conn == nil {
		return nil, &unreached{reach}
	}
	conn.Rest()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	p.all = append(p.all, conn)
	return conn, nil
}

func (p *connection) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.all {
		_ = c.Close()
	}
}

// unreached is a connection that could not be made when a request needed it.
type unreached struct{ reach *probes.Reach }

func (u *unreached) Error() string { return "connect " + u.reach.Address + ": " + u.reach.Words }

// alive says that a connection that was opened ahead is still open: net/http watches only those that it has used. No honest
// HTTP server speaks first.
func alive(c *dial.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	var t net.Error
	open := errors.As(err, &t) && t.Timeout()
	c.Rest()
	return open
}

// Reached is the server facts where nothing but the connection is known.
func (c *Client) Reached() *probes.StalwartServer {
	return &probes.StalwartServer{API: c.reach, Requests: c.Requests()}
}

// Requests is how many HTTP requests were made.
func (c *Client) Requests() int { return int(c.requests.Load()) }

// MaySignIn says why the API key may not be sent; Seen where it may.
func (c *Client) MaySignIn() (probes.Why, string) {
	switch {
	case c == nil:
		return probes.Unclear, "the profile names no such address"
	case c.refused != "":
		return probes.AttemptWithheld, c.refused
	case c.reach.OK():
		return probes.Seen, ""
	case c.reach.Failure.Certificate():
		return probes.AttemptWithheld, "the certificate of " + c.source + " cannot be verified"
	}
	return c.reach.Why(), c.source + " cannot be reached: " + c.reach.Failure.String()
}

// MayTryUser says why the user's secret may not be sent over HTTP; Seen where it may.
func (c *Client) MayTryUser() (probes.Why, string) { return c.MaySignIn() }

// answer is what became of one HTTP request.
type answer struct {
	status int // 0: no reply
	header http.Header
	body   []byte
	err    error  // of the connection
	held   string // why nothing was sent
	ctx    context.Context
}

// send makes one HTTP request with an Authorization header. It is the only way to the wire. A POST holds method calls, and
// those that methods.go does not name are not sent.
func (c *Client) send(ctx context.Context, client *http.Client, path, authorization string, calls []ask) answer {
	a := answer{ctx: ctx}
	for _, call := range calls {
		if allowed[call.method] == "" {
			a.held = "stalwart: " + call.method + " is not a method that this client may call"
			return a
		}
	}
	if c.dialer.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.dialer.Timeout)
		defer cancel()
	}
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if calls != nil {
		text, err := json.Marshal(request{Using: using, Calls: calls})
		if err != nil {
			a.err = err
			return a
		}
		method, body = http.MethodPost, bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.url.Scheme+"://"+c.url.Host+c.url.EscapedPath(), "/")+path, body)
	if err != nil {
		a.err = err
		return a
	}
	if calls != nil {
		req.Header.Set("Content-Type", contentType)
		req.Header["Idempotency-Key"] = nil // not sent; it lets net/http repeat a read on which an idle connection ended
	}
	req.Header.Set("Accept", contentType)
	req.Header.Set("Authorization", authorization)
	c.requests.Add(1)
	resp, err := client.Do(req)
	if err != nil {
		a.err = err
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, a.err = io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if a.err == nil && len(a.body) > maxReply {
		a.err = dial.ErrTooLong
	}
	return a
}

// look makes the Look of a request, its failure included.
func (c *Client) look(what string, start time.Time, a answer) probes.Look {
	l := probes.Look{Probe: probes.ProbeStalwart, What: what, Source: c.source, At: c.now().UTC(), TookMS: time.Since(start).Milliseconds()}
	switch {
	case a.held != "":
		l.Why, l.Words = probes.AttemptWithheld, a.held
	case a.err != nil:
		l.Why, l.Words = whyBroken(a.ctx, a.err), c.clean(bare(a.err).Error())
	case a.status != http.StatusOK:
		l.Why, l.Words = whyOf(refusal(a.status, a.header, problemOf(a.body))), c.said(a)
	}
	return l
}

// said is the server's words about a request: title and detail of a problem, or the start of a body that is none.
func (c *Client) said(a answer) string {
	p := problemOf(a.body)
	text := strings.TrimSpace(p.Title + ": " + p.Detail)
	switch {
	case p.Title == "" && p.Detail == "":
		text = string(a.body[:min(len(a.body), keptBody)])
		if p.Type != "" {
			text = p.Type
		}
	case p.Detail == "" || p.Title == "":
		text = p.Title + p.Detail
	}
	if p.Limit != "" {
		text += " (" + p.Limit + ")"
	}
	return c.clean("HTTP " + strconv.Itoa(a.status) + ": " + text)
}

func (c *Client) clean(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hidden.clean(text)
}

func (c *Client) hide(secret string, carriers ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hidden = c.hidden.hide(secret, carriers...)
}

// bare takes off the method and the address that net/http puts around an error.
func bare(err error) error {
	var around *url.Error
	if errors.As(err, &around) {
		return around.Err
	}
	return err
}

// whyBroken tells bytes that are no HTTP from a connection that broke.
func whyBroken(ctx context.Context, err error) probes.Why {
	var dialed *unreached
	if errors.As(err, &dialed) {
		return dialed.reach.Why()
	}
	f := dial.Classify(ctx, err)
	var alert tls.AlertError
	// net/http does not export this one: the server ended a connection while it idled.
	closed := strings.Contains(err.Error(), "server closed idle connection")
	if f == probes.FailureTLS && !closed && !errors.As(err, &alert) {
		f = probes.FailureGarbage
	}
	return (&probes.Reach{Failure: f}).Why()
}

// Close ends the connections.
func (c *Client) Close() {
	if c == nil || c.http == nil {
		return
	}
	c.http.CloseIdleConnections()
	c.first.close()
}
