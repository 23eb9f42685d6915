package directory_test

import (
	"context"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/ldapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/directory"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

// patience is a deadline that only a hanging test meets.
const patience = 20 * time.Second

const readerPassword = "reader's own"

// bench is one directory with its servers, and clients to them.
type bench struct {
	t       *testing.T
	dir     *ldapsim.Directory
	ca      *loopback.CA
	servers []*ldapsim.Server
	target  probes.DirectoryTarget
	dialer  *dial.Dialer
	book    *ledger.Ledger
}

func newBench(t *testing.T, d *ldapsim.Directory, kind probes.DirectoryKind) *bench {
	t.Helper()
	ca, err := loopback.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, dir: d, ca: ca, dialer: &dial.Dialer{Roots: ca.Pool(), Timeout: patience}, book: ledger.InMemory(time.Now),
		target: probes.DirectoryTarget{Kind: kind, Security: probes.SecurityTLS, BaseDN: ldapsim.Base}}
}

func adBench(t *testing.T, policy ldapsim.Policy, accounts ...ldapsim.Account) *bench {
	t.Helper()
	d := ldapsim.NewAD(policy).Add(ldapsim.Account{Login: "reader", Password: readerPassword}, ldapsim.Account{Login: "admin", Password: readerPassword, Admin: true})
	b := newBench(t, d.Add(accounts...), probes.ActiveDirectory)
	b.target.ReaderDN = "CN=reader,CN=Users," + ldapsim.Base
	return b
}

func odBench(t *testing.T, policy ldapsim.Policy, accounts ...ldapsim.Account) *bench {
	t.Helper()
	d := ldapsim.NewOD(policy).Add(ldapsim.Account{Login: "reader", Password: readerPassword, NeverExpires: true}, ldapsim.Account{Login: "admin", Password: readerPassword, Admin: true, NeverExpires: true})
	b := newBench(t, d.Add(accounts...), probes.OpenDirectory)
	b.target.ReaderDN = "uid=reader,cn=users,dc=example,dc=test"
	return b
}

func (b *bench) start(o loopback.Options) *ldapsim.Server {
	b.t.Helper()
	s, err := b.dir.Start(b.ca, o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(s.Close)
	b.servers = append(b.servers, s)
	return s
}

func (b *bench) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	b.t.Cleanup(cancel)
	return ctx
}

// open reaches the newest server, and starts one if there is none.
func (b *bench) open() *directory.Client {
	b.t.Helper()
	if len(b.servers) == 0 {
		b.start(loopback.Options{})
	}
	c := directory.Open(b.ctx(), b.dialer, b.target, b.servers[len(b.servers)-1].URL())
	b.t.Cleanup(c.Close)
	return c
}

func (b *bench) permit(user, password string) *ledger.Permit {
	b.t.Helper()
	p, err := b.book.Mint(ledger.Request{Account: ledger.Account{Who: probes.AttemptOwn, Names: []string{user}}, Service: probes.ServiceDirectory, User: user,
		Secret: secret.New(password), Allow: func([]ledger.Entry) error { return nil }})
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// reader is a client that was bound as the reader.
func (b *bench) reader() *directory.Client { return b.boundAs(b.target.ReaderDN) }

func (b *bench) boundAs(dn string) *directory.Client {
	b.t.Helper()
	c := b.open()
	o := c.Bind(b.ctx(), b.permit(dn, readerPassword))
	if !o.OK() || o.Value.Result != probes.LDAPSuccess {
		b.t.Fatalf("bind as %s: %+v", dn, o)
	}
	return c
}

// try binds on a connection of its own.
func (b *bench) try(dn, password string) *probes.Observation[probes.BindOutcome] {
	b.t.Helper()
	c := b.open()
	defer c.Close()
	return c.Bind(b.ctx(), b.permit(dn, password))
}

func (b *bench) entry(user string) probes.DirectoryEntry {
	b.t.Helper()
	o := b.reader().Account(b.ctx(), user)
	if !o.OK() {
		b.t.Fatalf("account %q: %v %s", user, o.Why, o.Words)
	}
	return o.Value
}

func (b *bench) ad(user string) *probes.ADAccount {
	b.t.Helper()
	e := b.entry(user)
	if e.AD == nil {
		b.t.Fatalf("account %q: no AD entry: %+v", user, e)
	}
	return e.AD
}

func (b *bench) od(user string) *probes.ODAccount {
	b.t.Helper()
	e := b.entry(user)
	if e.OD == nil {
		b.t.Fatalf("account %q: no OD entry: %+v", user, e)
	}
	return e.OD
}

func ref[T any](v T) *T { return &v }

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// at compares two moments that may be absent; servers keep 100 ns, or whole seconds.
func at(t *testing.T, what string, got *time.Time, want time.Time) {
	t.Helper()
	switch {
	case want.IsZero() && got != nil:
		t.Errorf("%s: got %v, want none", what, got)
	case !want.IsZero() && (got == nil || got.Sub(want).Abs() >= time.Second):
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
