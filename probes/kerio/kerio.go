// Package kerio asks Kerio Connect over its JSON-RPC API, read only: the admin endpoint as logindoctor's own account, and
// the webmail endpoint for one login of the user under diagnosis. Every call may fail alone; whatever went wrong stands
// in the observation. What is assumed of the wire stands in wire.go, methods.go and loglines.go.
package kerio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

// lanes is how many connections to the admin endpoint are opened side by side, one for each lane of Look: no call waits for
// another's answer that it does not need, and none adds the round trip of a handshake.
const lanes = 8

// farewell bounds Session.logout: nobody waits for it.
const farewell = 2 * time.Second

// Client is one run's connections to one Kerio server.
type Client struct {
	admin, user *endpoint // nil where not configured
	now         func() time.Time

	mu     sync.Mutex
	domain *probes.KerioDomain
	found  *probes.KerioUser
	zone   *probes.KerioClock // what makes the log's times UTC; nil before the first look
	test   json.RawMessage    // the domain's service object, for its own bind test
	signed time.Time          // when our own login was accepted
	own    *probes.Observation[probes.KerioSession]

	denied atomic.Bool // a call was refused to our account
}

// endpoint is one of the two JSON-RPC addresses, with its session.
type endpoint struct {
	url     *url.URL
	http    *http.Client
	pool    *dial.Pool
	reach   *probes.Reach
	source  string        // host:port
	timeout time.Duration // of one call; 0: only the context bounds

	mu     sync.Mutex
	token  string
	hidden secret.Redactor // secrets and tokens, to be taken out of the server's words
	id     int
}

// Open reaches both endpoints. The client is never nil; Reached tells how far it came.
func Open(ctx context.Context, d *dial.Dialer, t probes.KerioTarget) *Client {
	c := &Client{now: d.Now}
	if c.now == nil {
		c.now = time.Now
	}
	var both sync.WaitGroup
	for _, e := range []struct {
		at  **endpoint
		url string
		n   int
	}{{&c.admin, t.AdminURL, lanes}, {&c.user, t.UserURL, 1}} {
		if e.url != "" {
			both.Go(func() { *e.at = open(ctx, d, e.url, e.n) })
		}
	}
	both.Wait()
	return c
}

func open(ctx context.Context, d *dial.Dialer, text string, n int) *endpoint {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		// The profile refuses such an address before; nothing is ever sent to it.
		return &endpoint{reach: &probes.Reach{Address: text, Stage: probes.StageResolve, Failure: probes.FailureName, Words: "not an https address"}, source: text}
	}
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), "443")
	}
	e := &endpoint{url: u, source: address}
	own := *d
	if own.Limit == 0 {
		own.Limit = 16 * maxReply // of a connection; each reply is bounded by itself
	}
	if own.Life == nil {
		own.Life = ctx
	}
	e.timeout = d.Timeout
	e.pool, e.reach = dial.OpenPool(ctx, &own, address, n)
	jar, _ := cookiejar.New(nil) // its only error is about a list that is not given
	e.http = &http.Client{Jar: jar,
		// A redirect is never followed: the next server would get the password in the body.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialTLSContext: e.pool.DialTLS, Proxy: nil, ForceAttemptHTTP2: false,
			MaxConnsPerHost: n, MaxIdleConnsPerHost: n, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10}}
	return e
}

// Reached is the server facts where nothing but the connections is known.
func (c *Client) Reached() *probes.KerioServer {
	s := &probes.KerioServer{}
	if c.admin != nil {
		s.Admin = c.admin.reach
	}
	if c.user != nil {
		s.User = c.user.reach
	}
	return s
}

// MaySignIn says why logindoctor's own password may not be sent to the admin endpoint; Seen where it may.
func (c *Client) MaySignIn() (probes.Why, string) { return c.admin.may() }

// MayTryUser says why the user's secret may not be sent to the webmail endpoint; Seen where it may.
func (c *Client) MayTryUser() (probes.Why, string) { return c.user.may() }

func (e *endpoint) may() (probes.Why, string) {
	switch {
	case e == nil:
		return probes.Unclear, "the profile names no such address"
	case e.reach.OK():
		return probes.Seen, ""
	case e.reach.Failure.Certificate():
		return probes.AttemptWithheld, "the certificate of " + e.source + " cannot be verified"
	}
	return e.reach.Why(), e.source + " cannot be reached: " + e.reach.Failure.String()
}

// answer is what became of one call.
type answer struct {
	result json.RawMessage
	fault  *rpcError // an error that the server reports
	http   int       // 0: no reply
	body   string    // the start of a body that is no JSON-RPC reply
	err    error     // of the connection
	held   string    // why nothing was sent
}

// call sends one request and reads one reply. It is the only way to the wire: what methods.go does not allow is not sent.
func (e *endpoint) call(ctx context.Context, method string, params any) answer {
	if !allowed[method] {
		return answer{err: errors.New("kerio: " + method + " is not a method that this client may call")}
	}
	if e == nil || e.http == nil {
		return answer{err: net.ErrClosed}
	}
	if e.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.timeout)
		defer cancel()
	}
	if params == nil {
		params = struct{}{}
	}
	e.mu.Lock()
	e.id++
	body, err := json.Marshal(request{Version: "2.0", ID: e.id, Method: method, Params: params, Token: e.token})
	token := e.token
	e.mu.Unlock()
	if err != nil {
		return answer{err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url.String(), bytes.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", accept)
	if token != "" {
		req.Header.Set("X-Token", token)
	}
	if method == sessionLogin || method == testController {
		req.GetBody = nil // not sent again when the connection broke: it is an attempt
	} else {
		req.Header["Idempotency-Key"] = nil // not sent; it lets net/http repeat a read on which an idle connection ended
	}
	return read(e.http.Do(req))
}

func read(resp *http.Response, err error) answer {
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := dial.ReadJSON(resp.Body, maxReply)
	if err != nil {
		return answer{err: err, http: resp.StatusCode}
	}
	r, ok := decode(body)
	if !ok {
		return answer{http: resp.StatusCode, body: "HTTP " + resp.Status + ": " + string(body[:min(len(body), keptBody)])}
	}
	return answer{result: r.Result, fault: r.Error, http: resp.StatusCode}
}

// look makes the Look of a call, its failure included.
func (e *endpoint) look(ctx context.Context, what string, start time.Time, now func() time.Time, a answer) probes.Look {
	l := probes.Look{Probe: probes.ProbeKerio, What: what, Source: e.source, At: now().UTC(), TookMS: time.Since(start).Milliseconds()}
	switch {
	case a.held != "":
		l.Why, l.Words = probes.AttemptWithheld, a.held
	case a.err != nil:
		l.Why, l.Words = dial.WhyHTTP(ctx, a.err)
		l.Words = e.clean(l.Words)
	case a.fault != nil:
		l.Why, l.Words = whyOf(a.fault), e.clean(a.fault.words())
	case a.body != "":
		l.Why, l.Words = probes.Unclear, e.clean(a.body)
	}
	return l
}

func (e *endpoint) clean(text string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.hidden.Clean(text)
}

func (e *endpoint) hide(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hidden = e.hidden.Hide(text)
}

// login submits what the permit reveals, once. The token is kept; it stands in no value that leaves this package.
func (e *endpoint) login(ctx context.Context, permit *ledger.Permit) (a answer, accepted bool) {
	if why, reason := e.may(); why != probes.Seen {
		return answer{held: reason}, false
	}
	user, password, err := permit.Reveal()
	if err != nil {
		return answer{held: err.Error()}, false
	}
	if !utf8.ValidString(user) || !utf8.ValidString(password) {
		// encoding/json would put U+FFFD in its place, and submit another secret.
		return answer{held: "the secret is not valid UTF-8, and JSON can carry nothing else: nothing was sent"}, false
	}
	e.hide(password)
	a = e.call(ctx, sessionLogin, map[string]any{"userName": user, "password": password,
		// application must be an object: a string gave -32602 (live, zabbix-kerio-connect).
		"application": map[string]string{"name": "logindoctor", "vendor": "logindoctor", "version": "1"}})
	if a.err != nil || a.fault != nil || a.result == nil {
		return a, false
	}
	var token string
	if err := unpack(a.result, map[string]any{"token": &token}); err != nil || token == "" {
		a.body = "a reply to Session.login without a token"
		return a, false
	}
	e.hide(token)
	for _, cookie := range e.http.Jar.Cookies(e.url) {
		e.hide(cookie.Value)
	}
	e.mu.Lock()
	e.token = token
	e.mu.Unlock()
	return a, true
}

// logout ends the endpoint's session, if there is one.
func (e *endpoint) logout(ctx context.Context) {
	e.mu.Lock()
	open := e.token != ""
	e.mu.Unlock()
	if open {
		if ctx.Err() != nil {
			ctx = context.WithoutCancel(ctx) // an interrupted run ends its session too
		}
		ctx, cancel := context.WithTimeout(ctx, farewell)
		defer cancel()
		e.call(ctx, sessionLogout, nil)
		e.mu.Lock()
		e.token = ""
		e.mu.Unlock()
	}
}

// Close ends the sessions, within the context's time, and the connections.
func (c *Client) Close(ctx context.Context) {
	var both sync.WaitGroup
	for _, e := range []*endpoint{c.admin, c.user} {
		if e != nil && e.http != nil {
			both.Go(func() {
				e.logout(ctx)
				e.http.CloseIdleConnections()
				e.pool.Close()
			})
		}
	}
	both.Wait()
}
