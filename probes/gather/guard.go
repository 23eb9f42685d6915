package gather

import (
	"context"

	"logindoctor.example/probes"
	"logindoctor.example/probes/imap"
)

// guarded runs one server's look. A defect in it must not end the run, nor leave a terminal in the state that the UI puts it in:
// what it would have seen was not seen, because of a bug. The panic's value is not kept: it may hold a server's words. A panic in a
// goroutine that the look or a library starts is out of reach.
func (s *Session) guarded(ctx context.Context, probe probes.Probe, look func()) func() {
	return func() {
		defer func() {
			if recover() != nil {
				s.broke(ctx, probe)
			}
		}()
		look()
	}
}

// broke ends what a look has opened and takes back what it has half written.
func (s *Session) broke(ctx context.Context, probe probes.Probe) {
	look := probes.Look{Probe: probe, What: "look", Why: probes.Bug, Words: "a defect of logindoctor", At: s.opts.Now().UTC()}
	switch probe {
	case probes.ProbeKerio:
		if s.clients.Kerio != nil {
			s.clients.Kerio.Close(ctx)
		}
		s.clients.Kerio = nil
		s.snapshot.Kerio = &probes.KerioServer{Session: unseen[probes.KerioSession](look)}
		s.snapshot.Account.Kerio = &probes.KerioAccount{User: unseen[probes.KerioUser](look)}
	case probes.ProbeStalwart:
		if s.clients.Stalwart != nil {
			s.clients.Stalwart.Close()
		}
		if s.clients.Sieve != nil {
			s.clients.Sieve.Close()
		}
		s.clients.Stalwart, s.clients.Sieve = nil, nil
		s.snapshot.Stalwart = &probes.StalwartServer{Session: unseen[probes.StalwartSession](look)}
		s.snapshot.Account.Stalwart = &probes.StalwartAccount{User: unseen[probes.StalwartUser](look)}
	case probes.ProbeIMAP:
		for _, c := range []*imap.Client{s.clients.IMAP, s.clients.CanaryIMAP} {
			if c != nil {
				c.Close(ctx)
			}
		}
		s.clients.IMAP, s.clients.CanaryIMAP = nil, nil
		s.snapshot.IMAP = &probes.IMAPServer{Greeting: unseen[probes.IMAPGreeting](look), Capabilities: unseen[[]string](look)}
	}
}

func unseen[T any](look probes.Look) *probes.Observation[T] {
	return &probes.Observation[T]{Look: look}
}

// guardedServer does the same for one server of the directory.
func (s *Session) guardedServer(i int, look func()) func() {
	return func() {
		defer func() {
			if recover() != nil {
				source := s.snapshot.Target.Directory.Servers[i]
				if s.servers[i] != nil {
					s.servers[i].Close()
				}
				s.servers[i] = nil
				s.snapshot.Directory[i] = probes.DirectoryServer{URL: source}
				s.snapshot.Account.Directory[i] = probes.DirectoryAccount{Server: source}
				s.unbound(i, probes.Look{Probe: probes.ProbeDirectory, What: "look", Why: probes.Bug, Words: "a defect of logindoctor", Source: source, At: s.opts.Now().UTC()})
			}
		}()
		look()
	}
}
