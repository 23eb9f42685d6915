package login

import (
	"context"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// tryBind tests the mail server's bind, once: by Kerio itself, or, where Kerio would not say, by a bind of ours.
func (k *Keeper) tryBind(ctx context.Context, c *Case) []probes.Attempt {
	s := c.Snapshot
	st := step(s.Login, probes.AttemptMailServer, probes.ServiceAdmin)
	if st == nil {
		st = step(s.Login, probes.AttemptMailServer, probes.ServiceDirectory)
	}
	if st == nil {
		return nil
	}
	a := probes.Attempt{At: k.Now().UTC(), Who: probes.AttemptMailServer, Service: st.Service, Outcome: probes.Withheld, Why: probes.AttemptWithheld, Reason: st.Reason}
	if st.Do == probes.DoHold {
		return []probes.Attempt{a}
	}
	if st.Service == probes.ServiceAdmin {
		k.kerioBind(ctx, c, &a)
		if a.Outcome != probes.Withheld || a.Why == probes.AttemptWithheld || !c.Secrets.MailServerBind.Given() {
			return []probes.Attempt{a}
		}
		// Kerio made no bind: the one of this run is still to be had.
		b := probes.Attempt{At: k.Now().UTC(), Who: probes.AttemptMailServer, Service: probes.ServiceDirectory, Outcome: probes.Withheld, Why: probes.AttemptWithheld}
		k.ownBind(ctx, c, &b)
		return []probes.Attempt{a, b}
	}
	k.ownBind(ctx, c, &a)
	return []probes.Attempt{a}
}

func (k *Keeper) bindPermit(ctx context.Context, c *Case, r ledger.Request) (*ledger.Permit, error) {
	if err := k.inTime(ctx); err != nil {
		return nil, err
	}
	r.Account = mailServer(c.Snapshot)
	r.Allow = func(recent []ledger.Entry) error { return k.bindAffordable(c.Snapshot, recent) }
	return k.mint(ctx, r)
}

func (k *Keeper) kerioBind(ctx context.Context, c *Case, a *probes.Attempt) {
	s := c.Snapshot
	permit, err := k.bindPermit(ctx, c, ledger.Request{Service: probes.ServiceAdmin, User: nonEmpty(s.Kerio.Domain.Value.DirectoryUser, "Kerio's own"), Held: true})
	if err != nil {
		a.Reason = err.Error()
		return
	}
	start := time.Now()
	s.Kerio.BindTest = c.Clients.Kerio.TestBind(ctx, permit)
	o := s.Kerio.BindTest
	a.Server, a.TookMS, a.Reason, a.Why = o.Source, time.Since(start).Milliseconds(), "", probes.Seen
	switch {
	case o.OK() && len(o.Value.Errors) == 0:
		a.Outcome = probes.Accepted
	case o.OK():
		a.Outcome, a.Reason = probes.Refused, o.Value.Errors[0].Message
	case o.Why == probes.NotPermitted, o.Why == probes.AttemptWithheld:
		// Refused before it was run, or not sent: no bind was made.
		a.Outcome, a.Why, a.Reason = probes.Withheld, o.Why, o.Words
	default:
		a.Outcome, a.Why, a.Reason = probes.Unanswered, o.Why, o.Words
	}
	k.settle(permit, a)
}

func (k *Keeper) ownBind(ctx context.Context, c *Case, a *probes.Attempt) {
	s := c.Snapshot
	client, i := c.Clients.Bind(ctx)
	if client == nil {
		a.Why, a.Reason = probes.Unreachable, "no directory server can be reached"
		return
	}
	defer client.Close()
	a.Server = client.Reach().Address
	if why, reason := client.MayBind(); why != probes.Seen {
		a.Why, a.Reason = why, reason
		return
	}
	permit, err := k.bindPermit(ctx, c, ledger.Request{Service: probes.ServiceDirectory, User: s.Target.Directory.MailServerBind, Secret: c.Secrets.MailServerBind})
	if err != nil {
		a.Reason = err.Error()
		return
	}
	ctx, cancel := context.WithTimeout(ctx, k.Timeout)
	defer cancel()
	start := time.Now()
	a.Why, a.Reason = probes.Seen, ""
	o := client.Bind(ctx, permit)
	s.Directory[i].BindTest = o
	a.TookMS = time.Since(start).Milliseconds()
	bindOutcome(o, a)
	k.settle(permit, a)
}

func nonEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
