package gather

import (
	"context"
	"sync"

	"logindoctor.example/probes"
	"logindoctor.example/probes/stalwart"
)

// lookStalwart asks Stalwart and, beside it, ManageSieve for its greeting. What the caller's secret looks like is told here, from
// its text alone.
func (s *Session) lookStalwart(ctx context.Context) {
	t := s.snapshot.Target.Stalwart
	s.opts.Progress(Event{Probe: probes.ProbeStalwart, What: t.URL})
	defer s.opts.Progress(Event{Probe: probes.ProbeStalwart, What: t.URL, Done: true})
	var sieve sync.WaitGroup
	defer sieve.Wait() // after a defect too: what it opened is to be closed
	if t.ManageSieve != "" {
		sieve.Go(func() { s.clients.Sieve = stalwart.OpenSieve(ctx, s.dialer, t.ManageSieve) })
	}
	c := stalwart.Open(ctx, s.dialer, *t)
	s.clients.Stalwart = c
	session := s.signInStalwart(ctx, c, t)
	server, account := c.Unasked(session.Look)
	if session.OK() {
		server, account = c.Look(ctx, s.snapshot.Target.User, s.snapshot.Target.ClientAddress)
	}
	sieve.Wait()
	server.Session = session
	if s.clients.Sieve != nil {
		server.ManageSieve = s.clients.Sieve.Server()
	}
	account.Secret = stalwart.Recognise(s.opts.Secrets.User)
	s.snapshot.Stalwart, s.snapshot.Account.Stalwart = server, account
	s.partial.add(func(known *probes.Snapshot) { known.Stalwart, known.Account.Stalwart = server, account })
}

// mostRequests is how many HTTP requests one diagnosis may make to Stalwart.
const mostRequests = 4

// stalwartAgain puts the newer lines of the log in place of the older, and marks those that came since as this run's own. What
// IMAP keeps to itself stands there at the level that is logged by default; so does the code of a refused directory bind.
func (s *Session) stalwartAgain(ctx context.Context, w *probes.StalwartAccount) {
	own, bans, directory := s.clients.Stalwart.Logs(ctx, s.snapshot.Target.User, w.User)
	for _, l := range []struct {
		into, again **probes.Observation[probes.StalwartLog]
	}{{&w.Log, &own}, {&w.Bans, &bans}, {&s.snapshot.Stalwart.DirectoryLog, &directory}} {
		if (*l.into).OK() && (*l.again).OK() {
			markOurs((*l.into).Value.Events, (*l.again).Value.Events, func(e *probes.StalwartLogEvent) { e.Ours = true })
			*l.into = *l.again
		}
	}
}

// Rights asks, after Look, which permissions Stalwart's API key lacks. It costs one more request, and a diagnosis has no use for
// it: what a look may not see stands in that look.
func (s *Session) Rights(ctx context.Context) {
	if s.clients.Stalwart == nil || s.snapshot.Stalwart == nil || !s.snapshot.Stalwart.Session.OK() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	s.snapshot.Stalwart.Missing = s.clients.Stalwart.Missing(ctx)
}

// signInStalwart submits the API key once.
func (s *Session) signInStalwart(ctx context.Context, c *stalwart.Client, t *probes.StalwartTarget) *probes.Observation[probes.StalwartSession] {
	held := func(why probes.Why, words string) *probes.Observation[probes.StalwartSession] {
		return &probes.Observation[probes.StalwartSession]{Look: probes.Look{Probe: probes.ProbeStalwart, What: "session", Why: why, Words: words, Source: t.URL, At: s.opts.Now().UTC()}}
	}
	if why, reason := c.MaySignIn(); why != probes.Seen {
		return held(why, reason)
	}
	// The key names no user: it is booked by the address that it is for.
	permit, err := s.keeper.Own(ctx, probes.ServiceAdmin, "stalwart.api_key", t.URL, s.opts.Secrets.Stalwart)
	if err != nil {
		return held(probes.AttemptWithheld, err.Error())
	}
	session := c.SignIn(ctx, permit)
	_ = permit.Settle(outcomeOf(session.OK(), session.Why))
	return session
}
