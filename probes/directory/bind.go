package directory

import (
	"context"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// Bind submits the permit's secret in one simple bind, and reads the result, the server's words, Active Directory's
// sub-code and the password policy's response control. It is seen wherever the server answered, whatever it answered.
//
// Where MayBind says no, or the connection is gone, or the permit was used before, nothing is sent, the observation says
// why, and the permit is left as it was. An error after that point means that the secret may have been counted.
func (c *Client) Bind(ctx context.Context, permit *ledger.Permit) *probes.Observation[probes.BindOutcome] {
	return observe(c, "bind", func(look *probes.Look) (out probes.BindOutcome) {
		if why, words := c.MayBind(); why != probes.Seen {
			look.Why, look.Words = why, words
			return out
		}
		c.turn.Lock()
		defer c.turn.Unlock()
		if ctx.Err() != nil || c.broken(ctx, look) {
			look.Why = c.lost(ctx, look)
			return out
		}
		user, password, err := permit.Reveal()
		if err != nil || user == "" || password == "" {
			// An empty password would be accepted as nobody's (RFC 4513 §5.1.2), and prove nothing.
			look.Why, look.Words = probes.AttemptWithheld, "there is no secret to submit"
			if err != nil {
				look.Words = err.Error()
			}
			return out
		}
		defer c.line.begin(ctx)()
		c.line.forget()
		_, _ = c.ldap.SimpleBind(ldap.NewSimpleBindRequest(user, password, []ldap.Control{ldap.NewControlString(oidPasswordPolicy, false, "")}))
		out, ok := bindOutcome(c.line.answer(), password)
		if !ok {
			look.Why = c.lost(ctx, look)
			look.Words = redact(look.Words, password)
		}
		return out
	})
}

// bindOutcome reads the answer to a bind; ok is false where there is none. What the server echoes of the secret goes.
func bindOutcome(answer []byte, password string) (out probes.BindOutcome, ok bool) {
	r, ok := parseReply(answer)
	if !ok || r.op != idBindResponse {
		return out, false
	}
	out.Result, out.Subcode = probes.LDAPResult(r.code), 0
	if out.Result == probes.LDAPInvalidCredentials {
		out.Subcode = subcode(r.words)
	}
	out.Words = clean(redact(r.words, password))
	if value, came := r.controls[oidPasswordPolicy]; came {
		out.PPolicy = ppolicy(value)
	}
	return out, true
}
