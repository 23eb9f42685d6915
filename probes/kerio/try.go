package kerio

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// TryUser submits the user's secret to Session.login at user_url, once, and ends that session if it was accepted.
// A reply that is no JSON-RPC answer has Code 0: it is no refusal.
func (c *Client) TryUser(ctx context.Context, permit *ledger.Permit) *probes.KerioOutcome {
	a, accepted := c.user.login(ctx, permit)
	out := &probes.KerioOutcome{Accepted: accepted, HTTP: a.http}
	switch {
	case accepted:
		c.user.logout(ctx)
	case a.fault != nil:
		out.Code, out.Words = probes.KerioCode(a.fault.Code), c.user.clean(a.fault.words())
		if out.Code == 0 {
			out.Why = probes.Unclear
		}
	default:
		l := c.user.look(ctx, sessionLogin, time.Now(), c.now, a)
		out.Why, out.Words = l.Why, l.Words
	}
	return out
}

// TestBind is Domains.testDomainController with the password that Kerio has stored: it leaves the password empty and names
// the domain. Kerio binds once; nothing in Kerio changes.
func (c *Client) TestBind(ctx context.Context, permit *ledger.Permit) *probes.Observation[probes.KerioBindTest] {
	c.mu.Lock()
	domain, raw := c.domain, c.test
	c.mu.Unlock()
	start := time.Now()
	held := func(why string) *probes.Observation[probes.KerioBindTest] {
		return &probes.Observation[probes.KerioBindTest]{Look: c.admin.look(ctx, testController, start, c.now, answer{held: why})}
	}
	if domain == nil {
		return held("no domain was found")
	}
	if err := permit.Use(); err != nil {
		return held(err.Error())
	}
	var partial []rpcError
	var list json.RawMessage
	o := get(ctx, c, testController, testParams(domain, raw), "errors", map[string]any{"errors": &list}, func(*probes.KerioBindTest) {})
	o.Value.Errors = []probes.KerioError{}
	if !o.OK() {
		return o
	}
	if list == nil || json.Unmarshal(list, &partial) != nil {
		o.Why, o.Words = probes.Unclear, "Domains.testDomainController without a list of errors"
		return o
	}
	for i := range partial {
		e := probes.KerioError{Code: probes.KerioCode(partial[i].Code), Message: c.admin.clean(partial[i].words())}
		o.Value.Errors = append(o.Value.Errors, e)
		if r := bindFault(e.Message); r != probes.BindFaultUnclear && o.Value.Reason != probes.BindFaultCredentials {
			o.Value.Reason = r
		}
	}
	return o
}

func testParams(d *probes.KerioDomain, raw json.RawMessage) map[string]any {
	var s serviceRow
	_ = json.Unmarshal(raw, &s)
	// One host: each that is named may be one more bind, and one more failure of the bind account.
	hosts := append([]string{}, d.DirectoryHosts...)
	return map[string]any{"hostnames": hosts[:min(1, len(hosts))], "domainId": d.ID, "config": map[string]any{
		"serviceType": d.DirectoryType, "directoryName": string(s.Name), "ldapSuffix": string(s.Suffix),
		"authentication": map[string]any{"username": d.DirectoryUser, "password": "", "isSecure": d.DirectorySecure}}}
}

// The texts of a failed bind test are not documented: what they speak of is read loosely, in lower case.
var (
	credentialWords = []string{"password", "credential", "user name", "username", "logon", "login fail", "(49)", "code 49", "error 49", "data 52e", "data 775", "access denied", "bind fail"}
	reachWords      = []string{"unreachable", "cannot connect", "can't connect", "could not connect", "unable to connect", "connection refused", "connection failed", "connection to", "timed out", "time-out", "timeout", "not respond", "resolve", "unknown host", "server down", "can't contact"}
)

// signingWords: a domain controller that refuses binds without TLS or signing (result 8) has looked at no password.
var signingWords = []string{"strong", "integrity checking", "00002028", "transport encryption"}

func bindFault(text string) probes.KerioBindFault {
	text = strings.ToLower(text)
	for _, w := range signingWords {
		if strings.Contains(text, w) {
			return probes.BindFaultUnclear
		}
	}
	for _, w := range credentialWords {
		if strings.Contains(text, w) {
			return probes.BindFaultCredentials
		}
	}
	for _, w := range reachWords {
		if strings.Contains(text, w) {
			return probes.BindFaultUnreachable
		}
	}
	return probes.BindFaultUnclear
}
