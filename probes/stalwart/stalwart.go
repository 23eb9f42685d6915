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
	"encoding/json"
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
	"logindoctor.example/probes/secret"
)

// Client is one run's connection to one Stalwart.
type Client struct {
	url     *url.URL // nil: an address that nothing is sent to
	dialer  *dial.Dialer
	now     func() time.Time
	http    *http.Client
	pool    *dial.Pool
	reach   *probes.Reach
	source  string // host:port
	refused string // why nothing is sent to the address

	requests atomic.Int32

	mu      sync.Mutex
	key     string
	hidden  secret.Redactor
	session *probes.Observation[probes.StalwartSession]
	clock   *probes.StalwartClock
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
	c.pool, c.reach = dial.OpenPool(ctx, &own, c.source, 1)
	c.http = c.transport(c.pool.DialTLS)
	return c
}

// transport is HTTP over what dial gives. A redirect is never followed: the next server would get the header with the secret.
func (c *Client) transport(dialTLS func(context.Context, string, string) (net.Conn, error)) *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialTLSContext: dialTLS, Proxy: nil, ForceAttemptHTTP2: false, MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1,
			DisableCompression: true, MaxResponseHeaderBytes: 64 << 10}}
}

// Reached is the server facts where nothing but the connection is known.
func (c *Client) Reached() *probes.StalwartServer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &probes.StalwartServer{API: c.reach, Clock: c.clock, Requests: c.Requests()}
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
	a.body, a.err = dial.ReadJSON(resp.Body, maxReply)
	return a
}

// look makes the Look of a request, its failure included.
func (c *Client) look(what string, start time.Time, a answer) probes.Look {
	l := probes.Look{Probe: probes.ProbeStalwart, What: what, Source: c.source, At: c.now().UTC(), TookMS: time.Since(start).Milliseconds()}
	switch {
	case a.held != "":
		l.Why, l.Words = probes.AttemptWithheld, a.held
	case a.err != nil:
		l.Why, l.Words = dial.WhyHTTP(a.ctx, a.err)
		l.Words = c.clean(l.Words)
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
	return c.hidden.Clean(text)
}

func (c *Client) hide(texts ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hidden = c.hidden.Hide(texts...)
}

// Close ends the connections.
func (c *Client) Close() {
	if c == nil || c.http == nil {
		return
	}
	c.http.CloseIdleConnections()
	c.pool.Close()
}
