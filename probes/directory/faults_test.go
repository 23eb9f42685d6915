package directory_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/ldapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/directory"
	"logindoctor.example/probes/ledger"
)

// hurry is how long the clients here wait for a server that says nothing.
const hurry = 300 * time.Millisecond

// within fails the test where do has not come back long after every deadline.
func within(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(patience):
		buf := make([]byte, 1<<20)
		t.Fatalf("it hangs:\n%s", buf[:runtime.Stack(buf, true)])
	}
}

func TestFaultsEndByTheDeadline(t *testing.T) {
	modes := map[string]struct {
		mode loopback.Mode
		why  probes.Why
	}{"hang": {loopback.Hang, probes.Timeout}, "close": {loopback.Close, probes.Unreachable}, "garbage": {loopback.Garbage, probes.Unclear}, "endless": {loopback.Endless, probes.Unclear}}
	for name, m := range modes {
		t.Run(name+"/handshake", func(t *testing.T) {
			b := adBench(t, domainPolicy)
			b.dialer.Timeout = hurry
			b.start(loopback.Options{Fault: loopback.Fault{Mode: m.mode, BeforeTLS: true}})
			within(t, func() {
				c := b.open()
				p := b.permit(b.target.ReaderDN, readerPassword)
				same(t, "reach", c.Reach().Why(), m.why)
				same(t, "stage", c.Reach().Stage, probes.StageTLS)
				same(t, "bind", c.Bind(b.ctx(), p).Why, m.why)
				same(t, "account", c.Account(b.ctx(), "reader").Why, m.why)
				if _, _, err := p.Reveal(); err != nil {
					t.Error("the permit was used although nothing could be sent")
				}
			})
		})
		t.Run(name+"/bind", func(t *testing.T) {
			b := adBench(t, domainPolicy)
			b.dialer.Timeout = hurry
			b.start(loopback.Options{Fault: loopback.Fault{Mode: m.mode}})
			within(t, func() {
				c := b.open()
				p := b.permit(b.target.ReaderDN, readerPassword)
				same(t, "bind", c.Bind(b.ctx(), p).Why, m.why)
				same(t, "reach, for a server that never spoke", c.Reach().Why(), m.why)
				if _, _, err := p.Reveal(); err == nil {
					t.Error("the secret was sent, and the permit is still good")
				}
				same(t, "afterwards", c.Account(b.ctx(), "reader").Why, m.why)
			})
		})
		t.Run(name+"/search", func(t *testing.T) {
			b := adBench(t, domainPolicy)
			b.dialer.Timeout = hurry
			b.target.MailServerBind = b.target.ReaderDN
			b.start(loopback.Options{Fault: loopback.Fault{Mode: m.mode, Flights: 1}})
			within(t, func() {
				c := b.reader()
				var entry *probes.Observation[probes.DirectoryEntry]
				var all sync.WaitGroup
				all.Go(func() { entry = c.Account(b.ctx(), "reader") })
				root, policy, account := c.Server(b.ctx())
				all.Wait()
				same(t, "account", entry.Why, m.why)
				same(t, "root DSE", root.Why, m.why)
				same(t, "policy", policy.Why, m.why)
				same(t, "bind account", account.Why, m.why)
				same(t, "reach, for a server that spoke before", c.Reach().OK(), true)
			})
		})
	}
}

func TestCancelEndsAtOnce(t *testing.T) {
	b := adBench(t, domainPolicy)
	b.start(loopback.Options{Fault: loopback.Fault{Mode: loopback.Hang, Flights: 1}})
	c := b.reader()
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	within(t, func() { same(t, "why", c.Account(ctx, "reader").Why, probes.Canceled) })
}

// openScripted reaches a server that does what the script says with its first connection.
func openScripted(t *testing.T, scheme string, security probes.Security, script func(net.Conn)) *directory.Client {
	t.Helper()
	b := adBench(t, domainPolicy)
	b.target.Security = security
	l, err := b.ca.Listen(loopback.Options{Plain: scheme == "ldap"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		if conn, err := l.Accept(); err == nil {
			script(conn)
		}
	}()
	c := directory.Open(b.ctx(), b.dialer, b.target, scheme+"://"+l.Address())
	t.Cleanup(c.Close)
	return c
}

func TestNoBindWithoutVerifiedTLS(t *testing.T) {
	for name, o := range map[string]loopback.Options{"plain": {Plain: true}, "untrusted": {Certificate: loopback.Certificate{Untrusted: true}},
		"expired": {Certificate: loopback.Certificate{NotAfter: time.Now().Add(-time.Hour)}}, "other name": {Certificate: loopback.Certificate{Names: []string{"dc.example.test"}}}} {
		b := adBench(t, domainPolicy)
		s := b.start(o)
		c := b.open()
		p := b.permit(b.target.ReaderDN, readerPassword)
		got := c.Bind(b.ctx(), p)
		if got.Why != probes.AttemptWithheld || got.Words == "" {
			t.Errorf("%s: %+v", name, got)
		}
		if why, words := c.MayBind(); why != probes.AttemptWithheld || words == "" {
			t.Errorf("%s: MayBind %v %q", name, why, words)
		}
		if _, _, err := p.Reveal(); err != nil || len(s.Binds()) > 0 {
			t.Errorf("%s: a secret went out", name)
		}
	}
}

func TestOnePermitOneBind(t *testing.T) {
	b := adBench(t, domainPolicy)
	c := b.open()
	p := b.permit(b.target.ReaderDN, readerPassword)
	same(t, "first", c.Bind(b.ctx(), p).Why, probes.Seen)
	second := c.Bind(b.ctx(), p)
	same(t, "second", second.Why, probes.AttemptWithheld)
	same(t, "none at all", c.Bind(b.ctx(), nil).Why, probes.AttemptWithheld)
	binds := b.servers[0].Binds()
	if len(binds) != 1 || !binds[0].Policy || binds[0].DN != b.target.ReaderDN {
		t.Errorf("on the wire: %+v", binds)
	}
}

// TestUnansweredBindHasNoOutcome: the answer to an earlier bind on the connection must not pass for this one's.
func TestUnansweredBindHasNoOutcome(t *testing.T) {
	b := adBench(t, domainPolicy)
	b.start(loopback.Options{Fault: loopback.Fault{Mode: loopback.Close, Flights: 1}})
	o := b.reader().Bind(b.ctx(), b.permit(b.target.ReaderDN, readerPassword))
	if o.OK() || o.Value != (probes.BindOutcome{}) {
		t.Errorf("%+v", o)
	}
}

func TestNoSecretIsNeverSubmitted(t *testing.T) {
	b := adBench(t, domainPolicy)
	c := b.open()
	p, err := b.book.Mint(ledger.Request{User: b.target.ReaderDN, Held: true, Allow: func([]ledger.Entry) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "why", c.Bind(b.ctx(), p).Why, probes.AttemptWithheld)
	same(t, "binds", len(b.servers[0].Binds()), 0)
}

// TestRestingConnectionIsKept: between a look and an attempt more time may pass than one question may take.
func TestRestingConnectionIsKept(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	b.start(loopback.Options{})
	for b.dialer.Timeout = 200 * time.Millisecond; ; b.dialer.Timeout *= 2 { // a slow machine needs longer for the first steps
		c := b.open()
		pause := b.dialer.Timeout * 3 / 2
		time.Sleep(pause)
		bound := c.Bind(b.ctx(), b.permit(b.target.ReaderDN, readerPassword))
		time.Sleep(pause)
		o := c.Account(b.ctx(), "jdoe")
		if bound.OK() && o.OK() {
			return
		}
		if b.dialer.Timeout > 2*time.Second {
			t.Fatalf("after %v: bind %+v, account %+v", pause, bound, o)
		}
	}
}

func TestEchoedSecretIsTakenOut(t *testing.T) {
	for _, password := range []string{"geheim 52e", "ü\xff\x00x", "data 775"} {
		b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
		b.dir.Echo = true
		o := b.try(cn("jdoe"), password)
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{password, base64.StdEncoding.EncodeToString([]byte(password))} {
			if strings.Contains(o.Value.Words, form) || bytes.Contains(text, []byte(form)) {
				t.Errorf("%q stands in %s", form, text)
			}
		}
		if strings.Count(o.Value.Words, "[redacted]") < 2 || o.Value.Subcode != probes.SubcodeWrongPassword {
			t.Errorf("words %q, sub-code %x", o.Value.Words, o.Value.Subcode)
		}
	}
}

func TestLongWordsAreCut(t *testing.T) {
	long := "x" + strings.Repeat("ü", 4000) // the cut falls inside a letter
	c := openScripted(t, "ldaps", probes.SecurityTLS, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 512))
		op := "\x0a\x01\x31\x04\x00\x04\x82" + string([]byte{byte(len(long) >> 8), byte(len(long))}) + long
		op = "\x61\x82" + string([]byte{byte(len(op) >> 8), byte(len(op))}) + op
		_, _ = conn.Write([]byte("\x30\x82" + string([]byte{byte((len(op) + 3) >> 8), byte(len(op) + 3)}) + "\x02\x01\x01" + op))
	})
	b := adBench(t, domainPolicy)
	o := c.Bind(b.ctx(), b.permit("x", right))
	if !o.OK() || o.Value.Words != long[:1023] {
		t.Errorf("%v, %d bytes", o.Why, len(o.Value.Words))
	}
}

func TestClaimedSizesCostNothing(t *testing.T) {
	inner := strings.Repeat("\x05\x00", 100<<10) // 100 Ki empty elements, each a packet of its own
	for name, said := range map[string]string{
		"two gigabytes":       "\x30\x84\x7f\xff\xff\xff\x02\x01\x01",
		"more than an int":    "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
		"within a small one":  "\x30\x0c\x02\x01\x01\x61\x84\x7f\xff\xff\xff\x0a\x01\x00",
		"too many elements":   "\x30\x83" + string([]byte{byte(len(inner) >> 16), byte(len(inner) >> 8), byte(len(inner))}) + inner,
		"no length":           "\x30\x80\x02\x01\x01",
		"a hundred deep":      strings.Repeat("\x30\x70", 100) + strings.Repeat("x", 200),
		"octets of a surplus": "\x3f\xff\xff\xff\xff",
	} {
		t.Run(name, func(t *testing.T) {
			b := adBench(t, domainPolicy)
			c := openScripted(t, "ldaps", probes.SecurityTLS, func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 512))
				_, _ = conn.Write([]byte(said))
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			within(t, func() { same(t, "why", c.Bind(b.ctx(), b.permit("x", right)).Why, probes.Unclear) })
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("it cost %d bytes", grown)
			}
		})
	}
}

func TestFarewellIsKept(t *testing.T) {
	c := openScripted(t, "ldaps", probes.SecurityTLS, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 512))
		_, _ = conn.Write([]byte("\x30\x15\x02\x01\x00\x78\x10\x0a\x01\x34\x04\x00\x04\x09shut down"))
		_ = conn.Close()
	})
	o := c.Account(t.Context(), "x")
	if o.Why != probes.Unreachable || o.Words != "shut down" {
		t.Errorf("%v %q", o.Why, o.Words)
	}
}

func TestFarewellThatEchoes(t *testing.T) {
	b := adBench(t, domainPolicy)
	c := openScripted(t, "ldaps", probes.SecurityTLS, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 512))
		_, _ = conn.Write([]byte("\x30\x15\x02\x01\x00\x78\x10\x0a\x01\x34\x04\x00\x04\x09no hunter"))
		_ = conn.Close()
	})
	o := c.Bind(b.ctx(), b.permit("x", "hunter"))
	if o.Why != probes.Unreachable || o.Words != "no [redacted]" {
		t.Errorf("%v %q", o.Why, o.Words)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	for _, f := range []loopback.Fault{{}, {Mode: loopback.Hang, Flights: 1}, {Mode: loopback.Garbage, Flights: 1}, {Mode: loopback.Close, Flights: 1}} {
		b := adBench(t, domainPolicy)
		b.dialer.Timeout = hurry
		b.start(loopback.Options{Fault: f})
		c := b.reader()
		c.Account(b.ctx(), "reader")
		c.Close()
		c.Close()
		same(t, "after Close", c.Account(b.ctx(), "reader").OK(), false)
	}
	deadline := time.Now().Add(patience)
	for {
		buf := make([]byte, 1<<20)
		stacks := string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(stacks, "go-ldap/ldap") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("go-ldap still runs:\n%s", stacks)
		}
		runtime.Gosched()
	}
}

func TestServerAndAccountSideBySide(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	b.target.MailServerBind = cn("jdoe")
	c := b.reader()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if o := c.Account(b.ctx(), "jdoe"); !o.OK() || o.Value.AD.Lockout == nil {
				t.Errorf("account: %+v", o)
			}
		})
		all.Go(func() {
			if root, policy, account := c.Server(b.ctx()); !root.OK() || !policy.OK() || !account.OK() {
				t.Errorf("server: %+v %+v %+v", root, policy, account)
			}
		})
	}
	all.Go(func() { c.Bind(b.ctx(), b.permit(b.target.ReaderDN, readerPassword)) })
	all.Wait()
}

func TestAddresses(t *testing.T) {
	b := adBench(t, domainPolicy)
	for _, url := range []string{"", "dc1.example.test", "http://127.0.0.1", "ldaps://", "ldaps://%zz"} {
		c := directory.Open(b.ctx(), b.dialer, b.target, url)
		if c.Reach() == nil || c.Reach().OK() || c.Reach().Words == "" {
			t.Errorf("%q: %+v", url, c.Reach())
		}
		same(t, url, c.Bind(b.ctx(), b.permit("x", right)).OK(), false)
		same(t, url, c.Account(b.ctx(), "x").OK(), false)
		c.Close()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // nothing is dialled; the address is known all the same
	for url, want := range map[string]string{"ldaps://dc.example.test": "dc.example.test:636", "LDAP://dc.example.test": "dc.example.test:389", "ldaps://[::1]:3269/": "[::1]:3269"} {
		same(t, url, directory.Open(ctx, b.dialer, b.target, url).Reach().Address, want)
	}
}
