// Package gather asks one run's questions, side by side. It has no error: whatever went wrong stands in the Snapshot.
//
// A Session is opened once and then looked through: Open, Look, Plan, Try, Close. Run composes them; watching repeats the looks.
package gather

import (
	"context"
	"crypto/x509"
	"sync"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/directory"
	"logindoctor.example/probes/imap"
	"logindoctor.example/probes/kerio"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/login"
)

// DefaultTimeout is of one probe: a server may hold back even the right password for 15 s after others' failures
// (Dovecot's penalty, observed). DefaultDeadline is of the whole run.
const (
	DefaultTimeout  = 20 * time.Second
	DefaultDeadline = 60 * time.Second
)

// Options are how a run is made. Ledger is needed; the rest has defaults.
type Options struct {
	Secrets     login.Secrets
	UsedOn      probes.Service // where the user types the secret; zero: not said
	MaxFailures int            // the most refusals this run may cost the user
	Timeout     time.Duration  // of one probe
	Deadline    time.Duration  // of the run
	Roots       *x509.CertPool // nil: the system's
	Ledger      *ledger.Ledger
	Now         func() time.Time

	// Progress, if set, is told of every probe that begins and ends. It may be called from several goroutines at once.
	Progress func(Event)
	// Announce, if set, is shown the plan before anything of the user's is submitted; false keeps to looking.
	Announce func(*probes.Login) bool
	// Partial, if set, is given what was seen so far, each time one server's look, the plan or the attempts have ended: a copy
	// that nobody else has. It is called by one goroutine at a time, and before Progress tells that the same step is done.
	Partial func(*probes.Snapshot)
}

// Event is a step of the run.
type Event struct {
	Probe probes.Probe
	What  string // host or step
	Done  bool
}

// Session is one run's open connections and what was seen through them.
type Session struct {
	opts     Options
	dialer   *dial.Dialer
	keeper   *login.Keeper
	snapshot *probes.Snapshot
	clients  login.Clients
	servers  []*directory.Client
	partial  partial
}

// Run asks everything about one account and returns by the deadline, whatever the servers do.
func Run(ctx context.Context, t probes.Target, o Options) *probes.Snapshot {
	o = o.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, o.Deadline)
	defer cancel()
	s := Open(ctx, t, o)
	s.Look(ctx)
	s.Plan()
	s.partial.kept(s.snapshot)
	if o.Announce == nil || o.Announce(s.snapshot.Login) {
		s.Try(ctx)
	} else {
		s.Decline()
	}
	s.Close(ctx)
	s.snapshot.FinishedAt = o.Now().UTC()
	return s.snapshot
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Deadline <= 0 {
		o.Deadline = DefaultDeadline
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	return o
}

// Open prepares a session whose connections end with ctx. Nothing is sent before Look.
func Open(ctx context.Context, t probes.Target, o Options) *Session {
	o = o.withDefaults()
	s := &Session{opts: o,
		dialer:   &dial.Dialer{Roots: o.Roots, Timeout: o.Timeout, Now: o.Now, Life: ctx},
		keeper:   &login.Keeper{Book: o.Ledger, Now: o.Now, Timeout: o.Timeout},
		snapshot: &probes.Snapshot{FactsVersion: probes.FactsVersion, Target: t, StartedAt: o.Now().UTC()}}
	s.partial.tell = o.Partial
	s.partial.begin(s.snapshot)
	return s
}

// Snapshot is what was seen so far. It must not be read while Look or Try runs.
func (s *Session) Snapshot() *probes.Snapshot { return s.snapshot }

// Look asks every server what it may tell without the user's secret, all at once. A slow server holds back no other.
func (s *Session) Look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	var all sync.WaitGroup
	if s.snapshot.Target.Kerio != nil {
		all.Go(s.guarded(ctx, probes.ProbeKerio, func() { s.lookKerio(ctx) }))
	}
	if s.snapshot.Target.Stalwart != nil {
		all.Go(s.guarded(ctx, probes.ProbeStalwart, func() { s.lookStalwart(ctx) }))
	}
	if s.snapshot.Target.Directory != nil {
		all.Go(func() { s.lookDirectory(ctx) })
	}
	if s.snapshot.Target.IMAP != nil {
		all.Go(s.guarded(ctx, probes.ProbeIMAP, func() { s.lookIMAP(ctx) }))
	}
	all.Wait()
}

func (s *Session) lookIMAP(ctx context.Context) {
	t := s.snapshot.Target.IMAP
	s.opts.Progress(Event{Probe: probes.ProbeIMAP, What: t.Address})
	defer s.opts.Progress(Event{Probe: probes.ProbeIMAP, What: t.Address, Done: true})
	var second sync.WaitGroup
	defer second.Wait()
	if t.Canary != "" && s.opts.Secrets.Canary.Given() && t.Canary != s.snapshot.Target.User {
		second.Go(func() { s.clients.CanaryIMAP, _ = imap.Open(ctx, s.dialer, *t) })
	}
	s.clients.IMAP, s.snapshot.IMAP = imap.Open(ctx, s.dialer, *t)
	s.partial.add(func(known *probes.Snapshot) { known.IMAP = s.snapshot.IMAP })
}

func (s *Session) lookKerio(ctx context.Context) {
	t := s.snapshot.Target.Kerio
	s.opts.Progress(Event{Probe: probes.ProbeKerio, What: t.AdminURL})
	defer s.opts.Progress(Event{Probe: probes.ProbeKerio, What: t.AdminURL, Done: true})
	client := kerio.Open(ctx, s.dialer, *t)
	s.clients.Kerio = client
	session := s.signIn(ctx, client, t)
	switch {
	case session.OK():
		s.snapshot.Kerio, s.snapshot.Account.Kerio = client.Look(ctx, s.snapshot.Target.User)
	case session != nil:
		s.snapshot.Kerio, s.snapshot.Account.Kerio = client.Unasked(session.Look)
	default:
		s.snapshot.Kerio = client.Reached()
	}
	s.snapshot.Kerio.Session = session
	s.partial.add(func(known *probes.Snapshot) {
		known.Kerio, known.Account.Kerio = s.snapshot.Kerio, s.snapshot.Account.Kerio
	})
}

// signIn submits logindoctor's own password once; nil where the profile names no account.
func (s *Session) signIn(ctx context.Context, client *kerio.Client, t *probes.KerioTarget) *probes.Observation[probes.KerioSession] {
	held := func(why probes.Why, words string) *probes.Observation[probes.KerioSession] {
		return &probes.Observation[probes.KerioSession]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Session.login", Why: why, Words: words, Source: t.AdminURL, At: s.opts.Now().UTC()}}
	}
	if t.AdminURL == "" {
		return nil
	}
	if why, reason := client.MaySignIn(); why != probes.Seen {
		return held(why, reason)
	}
	permit, err := s.keeper.Own(ctx, probes.ServiceAdmin, "kerio.admin", t.Admin, s.opts.Secrets.KerioAdmin)
	if err != nil {
		return held(probes.AttemptWithheld, err.Error())
	}
	session := client.SignIn(ctx, permit)
	_ = permit.Settle(outcomeOf(session.OK(), session.Why))
	return session
}

// outcomeOf books what became of an own account's attempt.
func outcomeOf(ok bool, why probes.Why) probes.Outcome {
	switch {
	case ok:
		return probes.Accepted
	case why == probes.NotPermitted:
		return probes.Refused
	}
	return probes.Unanswered
}

// Plan says what Try would do. It submits nothing.
func (s *Session) Plan() *probes.Login { return s.keeper.Plan(s.loginCase()) }

// Try makes the attempts of the plan, and looks again at what a refused one moved.
func (s *Session) Try(ctx context.Context) {
	for _, st := range s.snapshot.Login.Steps {
		if st.Do == probes.DoTry {
			s.opts.Progress(Event{Probe: probes.ProbeLogin, What: st.Who.String() + " over " + st.Service.String()})
		}
	}
	s.keeper.Try(ctx, s.loginCase())
	if s.snapshot.Login.Spent() > 0 {
		s.lookAgain(ctx)
	}
	s.partial.kept(s.snapshot)
	s.opts.Progress(Event{Probe: probes.ProbeLogin, Done: true})
}

// Decline withholds every step of the plan: somebody said no.
func (s *Session) Decline() {
	for i := range s.snapshot.Login.Steps {
		st := &s.snapshot.Login.Steps[i]
		st.Do, st.Reason = probes.DoHold, "it was declined"
		s.snapshot.Login.Attempts = append(s.snapshot.Login.Attempts, probes.Attempt{At: s.opts.Now().UTC(), Who: st.Who, Service: st.Service,
			Outcome: probes.Withheld, Why: probes.AttemptWithheld, Reason: st.Reason})
	}
}

func (s *Session) loginCase() *login.Case {
	s.clients.Bind = s.freshDirectory
	return &login.Case{Snapshot: s.snapshot, Clients: s.clients, Secrets: s.opts.Secrets, UsedOn: s.opts.UsedOn, MaxFailures: s.opts.MaxFailures}
}

// lookAgain reads the counters and the log that a refused attempt moves: what the servers themselves say of it.
func (s *Session) lookAgain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	var all sync.WaitGroup
	for i := range s.snapshot.Account.Directory {
		all.Go(func() { s.countersAgain(ctx, i) })
	}
	if k := s.snapshot.Account.Kerio; k != nil && k.Log.OK() {
		all.Go(func() { s.logsAgain(ctx, k) })
	}
	if w := s.snapshot.Account.Stalwart; w != nil && w.Log.OK() && s.clients.Stalwart.Requests() < mostRequests {
		all.Go(func() { s.stalwartAgain(ctx, w) })
	}
	all.Wait()
}

func (s *Session) countersAgain(ctx context.Context, i int) {
	d := &s.snapshot.Account.Directory[i]
	if i < len(s.servers) && d.Entry.OK() && len(d.Entry.Value.Matches) == 1 {
		d.After = s.servers[i].Counters(ctx, d.Entry.Value.Matches[0])
	}
}

// logsAgain puts the newer tails in place of the older, and marks the lines that came since as this run's own.
func (s *Session) logsAgain(ctx context.Context, k *probes.KerioAccount) {
	security, audit := s.clients.Kerio.Logs(ctx, s.snapshot.Target.User)
	if security.OK() {
		markOurs(k.Log.Value.Events, security.Value.Events, func(e *probes.KerioLogEvent) { e.Ours = true })
		k.Log = security
	}
	if audit.OK() {
		k.Audit = audit
	}
}

// markOurs marks the lines that the second look has beyond the first. Another device may fail in the same second, so what
// rests on the mark is never more than likely.
func markOurs[E comparable](before, after []E, mark func(*E)) {
	old := map[E]int{}
	for _, e := range before {
		old[e]++
	}
	for i, e := range after {
		if old[e] > 0 {
			old[e]--
			continue
		}
		mark(&after[i])
	}
}

// farewell is the most that saying goodbye may take: a server that hangs there has given all its answers.
const farewell = 3 * time.Second

// Close ends the sessions and connections, within the context's time.
func (s *Session) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	var all sync.WaitGroup
	if c := s.clients.Kerio; c != nil {
		all.Go(func() { c.Close(ctx) })
	}
	if c := s.clients.Stalwart; c != nil {
		all.Go(func() {
			c.Close()
			if s.snapshot.Stalwart != nil {
				s.snapshot.Stalwart.Requests = c.Requests()
			}
		})
	}
	if c := s.clients.Sieve; c != nil {
		all.Go(c.Close)
	}
	for _, c := range []*imap.Client{s.clients.IMAP, s.clients.CanaryIMAP} {
		if c != nil {
			all.Go(func() { c.Close(ctx) })
		}
	}
	for _, c := range s.servers {
		if c != nil {
			c.Close()
		}
	}
	all.Wait()
}
