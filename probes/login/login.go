// Package login is the plan: which single attempt teaches most, whether it can be afforded, and nothing beyond it.
//
// It is the only code that may have the user's secret submitted. Before any attempt it reads the policies and counters
// that the run has just learned and the ledger of earlier runs; it never retries; and it makes an attempt only if, were
// it refused, two would still be left before the lock. The canary and logindoctor's own accounts follow the same rules:
// one refusal, and it stops.
package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/directory"
	"logindoctor.example/probes/imap"
	"logindoctor.example/probes/kerio"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
	"logindoctor.example/probes/stalwart"
)

// Keeper decides on attempts. All fields are needed.
type Keeper struct {
	Book    *ledger.Ledger
	Now     func() time.Time
	Timeout time.Duration // of one probe: no attempt starts with less than this left to the run's deadline
}

// Secrets are what may be submitted. Any may be absent.
type Secrets struct {
	User           secret.Value // the caller's failing secret
	Canary         secret.Value
	MailServerBind secret.Value
	KerioAdmin     secret.Value
	Stalwart       secret.Value // the API key
	Reader         secret.Value
}

// Clients are the open connections that attempts go through. Any may be nil.
type Clients struct {
	Kerio      *kerio.Client
	Stalwart   *stalwart.Client
	Sieve      *stalwart.Sieve
	IMAP       *imap.Client                                   // for the user
	CanaryIMAP *imap.Client                                   // a second connection
	Bind       func(context.Context) (*directory.Client, int) // opens a fresh connection to the first directory server that answers; its index
}

// Case is one account, what was seen of it, and what may be tried.
type Case struct {
	Snapshot    *probes.Snapshot
	Clients     Clients
	Secrets     Secrets
	UsedOn      probes.Service
	MaxFailures int
}

// minute is the form of a time that a report shows on its reader's clock.
const minute = "2006-01-02 15:04 UTC"

var errBusy = errors.New("another run is trying this account at this moment")

// Own gives the permit for logindoctor's own account, or says why it is withheld: one refusal in half an hour, and it stops.
// A booking of another run that is still under way is waited for. Key is where the profile names the account.
func (k *Keeper) Own(ctx context.Context, service probes.Service, key, user string, pw secret.Value) (*ledger.Permit, error) {
	allow := func(recent []ledger.Entry) error {
		err := k.once(recent)
		if err == nil || errors.Is(err, errBusy) {
			return err
		}
		// The book holds no secret, so it cannot tell a corrected one from the one that was refused.
		return fmt.Errorf("logindoctor's own account (%s) rests, even if its secret was corrected since: %w", key, err)
	}
	return k.mint(ctx, ledger.Request{Account: ledger.Account{Who: probes.AttemptOwn, Names: []string{user}}, Service: service, User: user, Secret: pw,
		Allow: allow})
}

// once allows an attempt where none was refused, or left without an answer, in the last half hour.
func (k *Keeper) once(recent []ledger.Entry) error {
	for _, e := range recent {
		age := k.Now().Sub(e.At)
		switch {
		case age >= unknownWindow:
		case e.Open && age < 2*k.Timeout:
			return errBusy
		default:
			return fmt.Errorf("it was refused or not answered at %s; the next attempt is allowed after %s",
				e.At.UTC().Format(minute), e.At.Add(unknownWindow).UTC().Format(minute))
		}
	}
	return nil
}

// mint waits for bookings of other runs that are under way, and gives up with the context.
func (k *Keeper) mint(ctx context.Context, r ledger.Request) (*ledger.Permit, error) {
	for {
		p, err := k.Book.Mint(r)
		if !errors.Is(err, errBusy) {
			return p, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// inTime says why there is no time left for an attempt.
func (k *Keeper) inTime(ctx context.Context) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < k.Timeout {
		return fmt.Errorf("less than %s are left to the deadline", k.Timeout)
	}
	return ctx.Err()
}

// user is the account under diagnosis, by every name that was seen of it.
func user(s *probes.Snapshot) ledger.Account {
	a := ledger.Account{Who: probes.AttemptUser, Names: []string{s.Target.User}}
	for _, d := range s.Account.Directory {
		if d.Entry.OK() && len(d.Entry.Value.Matches) == 1 {
			a.Names = append(a.Names, d.Entry.Value.Matches[0])
		}
	}
	if k := s.Account.Kerio; k != nil && k.User.OK() && k.User.Value.ID != "" {
		a.Names = append(a.Names, k.User.Value.ID)
	}
	if w := s.Account.Stalwart; w != nil && w.User.OK() && w.User.Value.Found == probes.StalwartYes {
		a.Names = append(a.Names, w.User.Value.Email)
	}
	return a
}

// permitFor mints the permit for the user's next attempt. The arithmetic runs under the ledger's lock, on what it holds then.
func (k *Keeper) permitFor(ctx context.Context, c *Case, service probes.Service) (*ledger.Permit, error) {
	if err := k.inTime(ctx); err != nil {
		return nil, err
	}
	if c.Snapshot.Login.Spent() >= c.MaxFailures {
		return nil, fmt.Errorf("the user was refused as often as this run may cost (%d)", c.MaxFailures)
	}
	name := c.Snapshot.Target.User
	if service == probes.ServiceDirectory {
		var err error
		if name, err = bindName(c.Snapshot); err != nil {
			return nil, err
		}
	}
	return k.Book.Mint(ledger.Request{Account: user(c.Snapshot), Service: service, User: name, Secret: c.Secrets.User,
		Allow: func(recent []ledger.Entry) error { return Afford(Budgets(c.Snapshot, recent, k.Now())) }})
}

// bindName is the name to bind as: the DN of the entry that was found. A login name or a mail address is refused like a
// wrong password (observed on Samba 4.17 and slapd 2.5), and would be a failure for nothing.
func bindName(s *probes.Snapshot) (string, error) {
	for _, d := range s.Account.Directory {
		if d.Entry.OK() && len(d.Entry.Value.Matches) == 1 {
			return d.Entry.Value.Matches[0], nil
		}
	}
	return "", errors.New("no one entry is known to bind as")
}
