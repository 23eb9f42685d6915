package login

import (
	"context"
	"errors"
	"sync"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/imap"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/stalwart"
)

// Try does what the plan says, the user, the canary and the mail server's bind side by side, and records every attempt
// that was made and every one that a check wants and the plan withheld.
func (k *Keeper) Try(ctx context.Context, c *Case) {
	l := c.Snapshot.Login
	var all sync.WaitGroup
	var canary, bind []probes.Attempt
	all.Add(2)
	go func() { defer all.Done(); canary = k.tryCanary(ctx, c) }()
	go func() { defer all.Done(); bind = k.tryBind(ctx, c) }()
	k.tryUser(ctx, c)
	all.Wait()
	l.Attempts = append(append(l.Attempts, canary...), bind...)
}

func step(l *probes.Login, who probes.Who, service probes.Service) *probes.Step {
	for i := range l.Steps {
		if l.Steps[i].Who == who && l.Steps[i].Service == service {
			return &l.Steps[i]
		}
	}
	return nil
}

// tryUser makes the user's attempts one after another: the second depends on what the first taught and cost.
func (k *Keeper) tryUser(ctx context.Context, c *Case) {
	l := c.Snapshot.Login
	for _, st := range []struct {
		service probes.Service
		submit  func(context.Context, *Case, *ledger.Permit, *probes.Attempt)
	}{{probes.ServiceIMAP, k.overIMAP}, {probes.ServiceManageSieve, k.overSieve}, {probes.ServiceAPI, k.overAPI}, {probes.ServiceDirectory, k.overLDAP}} {
		s := step(l, probes.AttemptUser, st.service)
		if s == nil {
			continue
		}
		if s.Do == probes.DoIf {
			first := l.Attempt(probes.AttemptUser, probes.ServiceIMAP)
			if mute := closedMute(first); c.Snapshot.Target.Kerio == nil && !mute {
				s.Do, s.Reason = probes.DoHold, "IMAP did not close without a word: there is no need to ask elsewhere"
				continue
			} else if !mute && first != nil && first.Outcome != probes.Accepted && first.Outcome != probes.Refused {
				s.Do, s.Reason = probes.DoHold, "without IMAP's answer it would tell little: "+first.Reason
			} else if !mute && !needAPI(c) {
				s.Do, s.Reason = probes.DoHold, "IMAP's answer settles the matter: there is no need to try the API"
				continue
			}
		}
		a := probes.Attempt{At: k.Now().UTC(), Who: probes.AttemptUser, Service: st.service, Outcome: probes.Withheld, Why: probes.AttemptWithheld, Reason: s.Reason}
		if s.Do != probes.DoHold {
			k.submit(ctx, c, st.service, st.submit, &a)
			if a.Outcome == probes.Withheld {
				s.Do, s.Reason = probes.DoHold, a.Reason
			}
		} else if why, _ := ready(c, st.service); why != probes.Seen {
			a.Why = why
		}
		l.Attempts = append(l.Attempts, a)
	}
}

func (k *Keeper) submit(ctx context.Context, c *Case, service probes.Service,
	send func(context.Context, *Case, *ledger.Permit, *probes.Attempt), a *probes.Attempt) {
	permit, err := k.permitFor(ctx, c, service)
	if err != nil {
		a.Reason = err.Error()
		return
	}
	a.Reason, a.Why = "", probes.Seen
	start := time.Now()
	send(ctx, c, permit, a)
	a.TookMS = time.Since(start).Milliseconds()
	k.settle(permit, a)
}

// settle books the outcome. That the book could not be written now is no harm: the attempt stands in it as spent.
func (k *Keeper) settle(permit *ledger.Permit, a *probes.Attempt) { _ = permit.Settle(a.Outcome) }

func (k *Keeper) overIMAP(ctx context.Context, c *Case, permit *ledger.Permit, a *probes.Attempt) {
	a.Server = c.Snapshot.Target.IMAP.Address
	imapOutcome(ctx, c.Clients.IMAP, permit, a)
}

const wordlessClose = "the server closed the connection without a word"

func imapOutcome(ctx context.Context, client *imap.Client, permit *ledger.Permit, a *probes.Attempt) {
	out, err := client.Login(ctx, permit)
	a.IMAP = out
	var unsent *imap.NotSent
	switch {
	case errors.As(err, &unsent):
		a.Outcome, a.Why, a.Reason = probes.Withheld, unsent.Why, unsent.Reason
		return
	case out.SecretUnsent && out.Status != probes.IMAPOK:
		a.Outcome, a.Why, a.Reason = probes.Withheld, probes.Unclear, "the server ended the login before the secret was sent: "+out.Said()
		return
	}
	switch out.Status {
	case probes.IMAPOK:
		a.Outcome = probes.Accepted
	case probes.IMAPNO, probes.IMAPBAD, probes.IMAPBYE:
		a.Outcome = probes.Refused
	case probes.IMAPNoAnswer:
		a.Outcome, a.Why, a.Reason = unansweredInTime(ctx)
	case probes.IMAPClosed:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, probes.Unreachable, wordlessClose
	default:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, probes.Unclear, "the reply is not IMAP"
	}
}

// unansweredInTime is an attempt that was given up, by the clock or by whoever runs this.
func unansweredInTime(ctx context.Context) (probes.Outcome, probes.Why, string) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return probes.Unanswered, probes.Canceled, "no answer in time"
	}
	return probes.Unanswered, probes.Timeout, "no answer in time"
}

// closedMute says that the server ended the connection instead of answering the login.
func closedMute(a *probes.Attempt) bool {
	return a != nil && a.Outcome == probes.Unanswered && a.IMAP != nil && a.IMAP.Status == probes.IMAPClosed
}

func (k *Keeper) overSieve(ctx context.Context, c *Case, permit *ledger.Permit, a *probes.Attempt) {
	a.Server = c.Snapshot.Target.Stalwart.ManageSieve
	out, err := c.Clients.Sieve.Login(ctx, permit)
	a.Sieve = out
	var unsent *stalwart.NotSent
	switch {
	case errors.As(err, &unsent):
		a.Outcome, a.Why, a.Reason = probes.Withheld, unsent.Why, unsent.Reason
		return
	case out.SecretUnsent && out.Status != probes.SieveOK:
		a.Outcome, a.Why, a.Reason = probes.Withheld, probes.Unclear, "the server ended the login before the secret was sent: "+out.Words
		return
	}
	switch out.Status {
	case probes.SieveOK:
		a.Outcome = probes.Accepted
	case probes.SieveNO, probes.SieveBYE:
		a.Outcome = probes.Refused
	case probes.SieveNoAnswer:
		a.Outcome, a.Why, a.Reason = unansweredInTime(ctx)
	case probes.SieveClosed:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, probes.Unreachable, wordlessClose
	default:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, probes.Unclear, "the reply is not ManageSieve"
	}
}

// overHTTP is Stalwart's session with the user's name and secret.
func (k *Keeper) overHTTP(ctx context.Context, c *Case, permit *ledger.Permit, a *probes.Attempt) {
	a.Server = c.Snapshot.Target.Stalwart.URL
	a.HTTP = c.Clients.Stalwart.TryUser(ctx, permit)
	switch {
	case a.HTTP.Accepted:
		a.Outcome = probes.Accepted
	case a.HTTP.Why == probes.AttemptWithheld:
		a.Outcome, a.Why, a.Reason = probes.Withheld, a.HTTP.Why, a.HTTP.Words
	case a.HTTP.Refusal.Decides():
		a.Outcome = probes.Refused
	default:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, a.HTTP.Why, "no answer that tells of the secret: "+a.HTTP.Words
		if a.Why == probes.Seen {
			a.Why = probes.Unclear
		}
	}
}

func (k *Keeper) overAPI(ctx context.Context, c *Case, permit *ledger.Permit, a *probes.Attempt) {
	if c.Snapshot.Target.Kerio == nil {
		k.overHTTP(ctx, c, permit, a)
		return
	}
	a.Server = c.Snapshot.Target.Kerio.UserURL
	a.API = c.Clients.Kerio.TryUser(ctx, permit)
	switch {
	case a.API.Accepted:
		a.Outcome = probes.Accepted
	case a.API.Code != 0:
		a.Outcome = probes.Refused
	case a.API.Why == probes.AttemptWithheld:
		a.Outcome, a.Why, a.Reason = probes.Withheld, a.API.Why, a.API.Words
	default:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, a.API.Why, "no answer that could be read"
	}
}

func (k *Keeper) overLDAP(ctx context.Context, c *Case, permit *ledger.Permit, a *probes.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, k.Timeout)
	defer cancel()
	client, _ := c.Clients.Bind(ctx)
	if client == nil {
		a.Outcome, a.Why, a.Reason = probes.Withheld, probes.Unreachable, "no directory server can be reached"
		return
	}
	defer client.Close()
	a.Server = client.Reach().Address
	if why, reason := client.MayBind(); why != probes.Seen {
		a.Outcome, a.Why, a.Reason = probes.Withheld, why, reason
		return
	}
	bindOutcome(client.Bind(ctx, permit), a)
}

func bindOutcome(o *probes.Observation[probes.BindOutcome], a *probes.Attempt) {
	if !o.OK() {
		a.Outcome, a.Why, a.Reason = probes.Unanswered, o.Why, o.Words
		return
	}
	a.Bind = &o.Value
	a.Outcome = probes.Refused
	if o.Value.Result == probes.LDAPSuccess {
		a.Outcome = probes.Accepted
	}
}

// needAPI says whether the API's answer would tell something that IMAP's did not. See the table of app-password-on-api.
func needAPI(c *Case) bool {
	first := c.Snapshot.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	if first == nil {
		return false
	}
	switch first.Outcome {
	case probes.Accepted:
		return c.UsedOn != probes.ServiceIMAP
	case probes.Refused:
		return twoFactor(c.Snapshot) != probes.SettingOff
	}
	return false
}

func twoFactor(s *probes.Snapshot) probes.KerioSetting {
	if s.Kerio == nil || !s.Kerio.Domain.OK() {
		return probes.SettingUnknown
	}
	return s.Kerio.Domain.Value.TwoFactor
}

func ready(c *Case, service probes.Service) (probes.Why, string) {
	switch service {
	case probes.ServiceIMAP:
		return imapReady(c.Clients.IMAP)
	case probes.ServiceAPI:
		return apiReady(c)
	case probes.ServiceManageSieve:
		return c.Clients.Sieve.Ready()
	}
	return probes.Seen, ""
}

func imapReady(client *imap.Client) (probes.Why, string) {
	if client == nil {
		return probes.Unreachable, "no connection to the IMAP server"
	}
	return client.Ready()
}

func apiReady(c *Case) (probes.Why, string) {
	if c.Snapshot.Target.Kerio == nil && c.Clients.Stalwart != nil {
		return c.Clients.Stalwart.MayTryUser()
	}
	if c.Clients.Kerio == nil {
		return probes.Unreachable, "no connection to the mail server's API"
	}
	return c.Clients.Kerio.MayTryUser()
}

func (k *Keeper) tryCanary(ctx context.Context, c *Case) []probes.Attempt {
	s := step(c.Snapshot.Login, probes.AttemptCanary, probes.ServiceIMAP)
	if s == nil {
		return nil
	}
	a := probes.Attempt{At: k.Now().UTC(), Who: probes.AttemptCanary, Service: probes.ServiceIMAP, Server: c.Snapshot.Target.IMAP.Address,
		Outcome: probes.Withheld, Why: probes.AttemptWithheld, Reason: s.Reason}
	if s.Do == probes.DoHold {
		if why, _ := imapReady(c.Clients.CanaryIMAP); why != probes.Seen {
			a.Why = why
		}
		return []probes.Attempt{a}
	}
	err := k.inTime(ctx)
	var permit *ledger.Permit
	if err == nil {
		permit, err = k.mint(ctx, ledger.Request{Account: canary(c), Service: probes.ServiceIMAP, User: c.Snapshot.Target.IMAP.Canary,
			Secret: c.Secrets.Canary, Allow: k.once})
	}
	if err != nil {
		a.Reason = err.Error()
		return []probes.Attempt{a}
	}
	a.Reason, a.Why = "", probes.Seen
	start := time.Now()
	imapOutcome(ctx, c.Clients.CanaryIMAP, permit, &a)
	a.TookMS = time.Since(start).Milliseconds()
	k.settle(permit, &a)
	return []probes.Attempt{a}
}
