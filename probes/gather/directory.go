package gather

import (
	"context"
	"sync"

	"logindoctor.example/probes"
	"logindoctor.example/probes/directory"
)

// lookDirectory asks every server of the directory side by side, but for the first bind: one refusal of the reader must
// not become one on each domain controller. Whichever server is ready first binds first; the others wait for its answer.
func (s *Session) lookDirectory(ctx context.Context) {
	t := s.snapshot.Target.Directory
	n := len(t.Servers)
	s.servers = make([]*directory.Client, n)
	s.snapshot.Directory = make([]probes.DirectoryServer, n)
	s.snapshot.Account.Directory = make([]probes.DirectoryAccount, n)
	first := &firstBind{}
	var all sync.WaitGroup
	for i, url := range t.Servers {
		all.Go(s.guardedServer(i, func() {
			s.opts.Progress(Event{Probe: probes.ProbeDirectory, What: url})
			defer s.opts.Progress(Event{Probe: probes.ProbeDirectory, What: url, Done: true})
			s.lookServer(ctx, i, url, first)
			s.partial.server(s.snapshot, i)
		}))
	}
	all.Wait()
}

func (s *Session) lookServer(ctx context.Context, i int, url string, first *firstBind) {
	server, account := &s.snapshot.Directory[i], &s.snapshot.Account.Directory[i]
	c := directory.Open(ctx, s.dialer, *s.snapshot.Target.Directory, url)
	s.servers[i] = c
	server.URL, server.Reach = url, c.Reach()
	account.Server = c.Reach().Address
	look := probes.Look{Probe: probes.ProbeDirectory, What: "bind as the reader", Source: c.Reach().Address, At: s.opts.Now().UTC()}
	if why, reason := c.MayBind(); why != probes.Seen {
		look.Why, look.Words = why, reason
		s.unbound(i, look)
		return
	}
	server.Bind = first.bind(ctx, look, func() *probes.Observation[probes.BindOutcome] { return s.bindReader(ctx, c, look) })
	if !server.Bind.OK() || server.Bind.Value.Result != probes.LDAPSuccess {
		look = server.Bind.Look
		if look.Why == probes.Seen {
			look.Why, look.Words = probes.NotPermitted, server.Bind.Value.Words
		}
		s.unbound(i, look)
		return
	}
	var all sync.WaitGroup
	all.Go(func() { server.Root, server.Policy, server.BindAccount = c.Server(ctx) })
	all.Go(func() { account.Entry = c.Account(ctx, s.snapshot.Target.User) })
	all.Wait()
}

// unbound records that nothing could be read from this server, for the reason that the bind gives.
func (s *Session) unbound(i int, look probes.Look) {
	server := &s.snapshot.Directory[i]
	if server.Bind == nil {
		server.Bind = &probes.Observation[probes.BindOutcome]{Look: look}
	}
	search := look
	search.What = "search for the account"
	s.snapshot.Account.Directory[i].Entry = &probes.Observation[probes.DirectoryEntry]{Look: search}
	if s.snapshot.Target.Directory.MailServerBind != "" {
		read := look
		read.What = "read the mail server's bind account"
		server.BindAccount = &probes.Observation[probes.DirectoryEntry]{Look: read}
	}
}

func (s *Session) bindReader(ctx context.Context, c *directory.Client, look probes.Look) *probes.Observation[probes.BindOutcome] {
	permit, err := s.keeper.Own(ctx, probes.ServiceDirectory, "directory.reader", s.snapshot.Target.Directory.ReaderDN, s.opts.Secrets.Reader)
	if err != nil {
		look.Why, look.Words = probes.AttemptWithheld, err.Error()
		return &probes.Observation[probes.BindOutcome]{Look: look}
	}
	o := c.Bind(ctx, permit)
	switch {
	case o.OK() && o.Value.Result == probes.LDAPSuccess:
		_ = permit.Settle(probes.Accepted)
	case o.OK():
		_ = permit.Settle(probes.Refused)
	default:
		_ = permit.Settle(probes.Unanswered)
	}
	return o
}

// firstBind lets one bind through, and the others only after it was accepted.
type firstBind struct {
	mu       sync.Mutex
	done     chan struct{} // nil: nobody has begun
	accepted bool
}

func (f *firstBind) bind(ctx context.Context, look probes.Look, do func() *probes.Observation[probes.BindOutcome]) *probes.Observation[probes.BindOutcome] {
	f.mu.Lock()
	lead := f.done == nil
	if lead {
		f.done = make(chan struct{})
	}
	done := f.done
	f.mu.Unlock()
	if lead {
		defer close(done)
		o := do()
		f.accepted = o.OK() && o.Value.Result == probes.LDAPSuccess
		return o
	}
	select {
	case <-done:
	case <-ctx.Done():
		look.Why, look.Words = probes.Timeout, "the first server to be bound to has not answered"
		return &probes.Observation[probes.BindOutcome]{Look: look}
	}
	if !f.accepted {
		look.Why, look.Words = probes.AttemptWithheld, "another server did not accept the reader, and one refusal is enough"
		return &probes.Observation[probes.BindOutcome]{Look: look}
	}
	return do()
}

// freshDirectory opens a new connection to the first server that answered: a bind changes whose connection it is.
func (s *Session) freshDirectory(ctx context.Context) (*directory.Client, int) {
	for i, c := range s.servers {
		if c != nil && c.Reach().OK() {
			fresh := directory.Open(ctx, s.dialer, *s.snapshot.Target.Directory, s.snapshot.Directory[i].URL)
			if fresh.Reach().OK() {
				return fresh, i
			}
			fresh.Close()
		}
	}
	return nil, 0
}
