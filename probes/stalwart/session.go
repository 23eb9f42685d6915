package stalwart

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/ledger"
)

// SignIn asks for the session with logindoctor's own API key, once; the key is kept for Look. A refused key counts towards the
// ban of our own address: after a refusal nothing more is asked.
func (c *Client) SignIn(ctx context.Context, permit *ledger.Permit) *probes.Observation[probes.StalwartSession] {
	start := time.Now()
	a, key := c.signIn(ctx, permit)
	o := &probes.Observation[probes.StalwartSession]{Look: c.look("session", start, a)}
	if a.status != 0 && a.status != http.StatusOK && a.err == nil {
		o.Value.Refusal = refusal(a.status, a.header, problemOf(a.body))
	}
	if o.OK() {
		s, refused := sessionOf(a.body)
		o.Value = probes.StalwartSession{User: c.clean(s.user), AccountID: c.clean(s.account), MaxCalls: s.calls, MaxObjects: s.objects, Refusal: refused}
		if refused != probes.StalwartNoRefusal {
			o.Why, o.Words = whyOf(refused), "a session that is nobody's"
			if refused == probes.StalwartStrange {
				o.Words = c.clean("no session: " + string(a.body[:min(len(a.body), keptBody)]))
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil {
		c.clock = &probes.StalwartClock{Time: date.UTC(), At: o.At}
	}
	if c.session = o; o.OK() {
		c.key = key
	}
	return o
}

func (c *Client) signIn(ctx context.Context, permit *ledger.Permit) (answer, string) {
	if why, reason := c.MaySignIn(); why != probes.Seen {
		return answer{held: reason}, ""
	}
	_, key, err := permit.Reveal()
	if err != nil {
		return answer{held: err.Error()}, ""
	}
	if !fits(key) {
		return answer{held: "the API key holds a character that an HTTP header does not carry"}, ""
	}
	c.hide(key, "Bearer "+key)
	return c.send(ctx, c.http, sessionPath, "Bearer "+key, nil), key
}

// fits says that a text may stand in a header (RFC 9110 §5.5). The error of net/http would tell the text.
func fits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// session is what the JMAP session tells (RFC 8620 §2).
type session struct {
	user, account  string
	calls, objects int
	mail           probes.StalwartAnswer
}

// sessionOf reads it. Without Authorization, or where a proxy took that away, it is 200 and nobody's: the status proves nothing
// (S: http/src/api/mod.rs).
func sessionOf(body []byte) (session, probes.StalwartRefusal) {
	var o object
	if json.Unmarshal(body, &o) != nil || o.object("capabilities") == nil && !o.has("username") {
		return session{}, probes.StalwartStrange
	}
	core := o.object("capabilities").object("urn:ietf:params:jmap:core")
	s := session{user: o.text("username"), account: o.object("primaryAccounts").text("urn:stalwart:jmap"),
		calls: int(core.number("maxCallsInRequest")), objects: int(core.number("maxObjectsInGet"))}
	accounts := o.object("accounts")
	if s.user == "" && len(accounts) == 0 {
		return s, probes.StalwartNobody
	}
	if len(accounts) > 0 {
		s.mail = probes.StalwartNo
	}
	for id := range accounts {
		if accounts.object(id).object("accountCapabilities").has(mailCapability) {
			s.mail = probes.StalwartYes
		}
	}
	return s, probes.StalwartNoRefusal
}

// TryUser submits the user's name and secret once, over a connection of its own: net/http repeats a request that a used
// connection lost, and each is an attempt.
func (c *Client) TryUser(ctx context.Context, permit *ledger.Permit) *probes.StalwartOutcome {
	start := time.Now()
	out := &probes.StalwartOutcome{}
	a := c.try(ctx, permit)
	out.HTTP, out.TookMS = a.status, time.Since(start).Milliseconds()
	if a.status == 0 || a.err != nil {
		l := c.look("session", start, a)
		out.Why, out.Words = l.Why, l.Words
		return out
	}
	if a.status != http.StatusOK {
		out.Refusal, out.Words = refusal(a.status, a.header, problemOf(a.body)), c.said(a)
		if n, err := strconv.Atoi(a.header.Get("Retry-After")); err == nil && n > 0 {
			out.RetryS = n
		}
		return out
	}
	s, refused := sessionOf(a.body)
	out.Refusal, out.Accepted = refused, refused == probes.StalwartNoRefusal
	out.User, out.Mail = c.clean(s.user), s.mail
	if refused == probes.StalwartStrange {
		out.Words = c.said(a)
	}
	return out
}

func (c *Client) try(ctx context.Context, permit *ledger.Permit) answer {
	if why, reason := c.MayTryUser(); why != probes.Seen {
		return answer{ctx: ctx, held: reason}
	}
	own := c.dialer
	conn, reach := own.Dial(ctx, c.source, probes.SecurityTLS)
	if conn == nil {
		return answer{ctx: ctx, held: c.source + " cannot be reached any more: " + reach.Failure.String()}
	}
	defer func() { _ = conn.Close() }()
	user, password, err := permit.Reveal()
	switch {
	case err != nil:
		return answer{ctx: ctx, held: err.Error()}
	case strings.Contains(user, ":") || !utf8.ValidString(user+password) || strings.ContainsFunc(user+password, func(r rune) bool { return r < ' ' || r == 0x7f }):
		// RFC 7617 §2: the name holds no colon, neither holds a control character, and the server reads UTF-8.
		return answer{ctx: ctx, held: "the user name or the secret holds a character that HTTP Basic does not carry: nothing was sent"}
	}
	token := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	c.hide(password, user+":"+password, "Basic "+token)
	given := make(chan *dial.Conn, 1)
	given <- conn
	client := c.transport(func(context.Context, string, string) (net.Conn, error) {
		select {
		case conn := <-given:
			return conn, nil
		default:
			return nil, net.ErrClosed // never a second one
		}
	})
	conn.Rest()
	a := c.send(ctx, client, sessionPath, "Basic "+token, nil)
	client.CloseIdleConnections()
	return a
}

// Missing asks which of the permissions that Look wants our key does not have. It is for testing a profile: a diagnosis sees
// what is refused.
func (c *Client) Missing(ctx context.Context) *probes.Observation[[]string] {
	start := time.Now()
	c.mu.Lock()
	key := c.key
	c.mu.Unlock()
	a := answer{ctx: ctx, held: "the API key was not accepted"}
	if key != "" {
		a = c.send(ctx, c.http, rightsPath, "Bearer "+key, nil)
	}
	o := &probes.Observation[[]string]{Look: c.look("GET "+rightsPath, start, a)}
	if !o.OK() {
		return o
	}
	var rights object
	if json.Unmarshal(a.body, &rights) != nil || !rights.has("permissions") {
		o.Why, o.Words = probes.Unclear, "no permissions in "+rightsPath
		return o
	}
	have, ok := rights.set("permissions")
	if !ok {
		o.Why, o.Words = probes.Unclear, "permissions of another form in "+rightsPath
		return o
	}
	o.Value = []string{}
	for _, p := range Permissions() {
		if !slices.Contains(have, p) {
			o.Value = append(o.Value, p)
		}
	}
	return o
}

// Permissions are what an API key of least privilege has, in order.
func Permissions() []string {
	all := []string{probes.StalwartMayLogin}
	for _, p := range allowed {
		all = append(all, p)
	}
	slices.Sort(all)
	return all
}
