package imap_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/imapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/imap"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

var ca *loopback.CA

// TestMain fails if any test left a goroutine of the client behind.
func TestMain(m *testing.M) {
	var err error
	if ca, err = loopback.NewCA(); err != nil {
		panic(err)
	}
	code := m.Run()
	if left := leftovers(); left != "" && code == 0 {
		fmt.Fprintln(os.Stderr, "goroutines left behind:\n"+left)
		code = 1
	}
	os.Exit(code)
}

func leftovers() string {
	var left string
	for range 200 {
		buf := make([]byte, 1<<20)
		left = ""
		for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "go-imap") || strings.Contains(g, "probes/imap.") {
				left += g + "\n\n"
			}
		}
		if left == "" {
			return ""
		}
		time.Sleep(10 * time.Millisecond)
	}
	return left
}

const (
	user     = "jdoe@example.test"
	password = "correct horse"
)

func start(t *testing.T, c imapsim.Config) *imapsim.Server {
	t.Helper()
	s, err := imapsim.Start(ca, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// patient is a dialer for servers that answer; the deadline only keeps a broken test from standing still.
func patient() *dial.Dialer { return &dial.Dialer{Roots: ca.Pool(), Timeout: 20 * time.Second} }

// hasty is a dialer for servers that never will.
func hasty() *dial.Dialer { return &dial.Dialer{Roots: ca.Pool(), Timeout: 400 * time.Millisecond} }

func open(t *testing.T, d *dial.Dialer, s *imapsim.Server, security probes.Security) (*imap.Client, *probes.IMAPServer) {
	t.Helper()
	c, seen := imap.Open(t.Context(), d, probes.IMAPTarget{Address: s.Address(), Security: security})
	t.Cleanup(func() { c.Close(context.Background()) })
	if c == nil || seen == nil || seen.Reach == nil || seen.Greeting == nil || seen.Capabilities == nil {
		t.Fatalf("Open left something nil: %+v", seen)
	}
	return c, seen
}

func permit(t *testing.T, user, password string) *ledger.Permit {
	t.Helper()
	p, err := ledger.InMemory(time.Now).Mint(ledger.Request{Account: ledger.Account{Who: probes.AttemptUser, Names: []string{user}},
		Service: probes.ServiceIMAP, User: user, Secret: secret.New(password), Allow: func([]ledger.Entry) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func login(t *testing.T, c *imap.Client, user, password string) *probes.IMAPOutcome {
	t.Helper()
	if why, reason := c.Ready(); why != probes.Seen {
		t.Fatalf("not ready: %s, %s", why, reason)
	}
	o, err := c.Login(t.Context(), permit(t, user, password))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOpenOverTLS(t *testing.T) {
	for _, tt := range []struct {
		name    string
		conf    imapsim.Config
		words   string
		code    probes.IMAPCode
		asked   string
		offered string
	}{
		{"dovecot", imapsim.Dovecot(), "Dovecot (Debian) ready.", "CAPABILITY", "", "SASL-IR"},
		{"cyrus", imapsim.Cyrus(), "cyrus.example.test Cyrus IMAP 3.6.1-Debian-3.6.1-4+deb12u5 server ready", "CAPABILITY", "", "AUTH=PLAIN"},
		{"courier", imapsim.Courier(), "Courier-IMAP ready. Copyright 1998-2019 Double Precision, Inc.  See COPYING for distribution information.", "CAPABILITY", "", "ACL2=UNION"},
		{"kerio", imapsim.Kerio(), "Kerio Connect 10.0.8 IMAP4rev1 server ready", "", "CAPABILITY", "UIDPLUS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.conf)
			c, seen := open(t, patient(), s, probes.SecurityTLS)
			if why, reason := c.Ready(); why != probes.Seen {
				t.Errorf("not ready: %s, %s", why, reason)
			}
			if g := seen.Greeting; !g.OK() || g.Value.Status != probes.IMAPOK || g.Value.Words != tt.words || g.Value.Code != tt.code {
				t.Errorf("greeting %+v", g)
			}
			if !seen.Capabilities.OK() || !strings.Contains(strings.Join(seen.Capabilities.Value, " "), tt.offered) {
				t.Errorf("capabilities %+v", seen.Capabilities)
			}
			if got := strings.Join(s.Commands(), " "); got != tt.asked {
				t.Errorf("asked %q, want %q: no more flights than needed", got, tt.asked)
			}
			if seen.PlainCapabilities != nil {
				t.Error("nothing was said in clear text, and yet it was seen")
			}
			if !seen.Reach.OK() || seen.Reach.Certificate == nil {
				t.Errorf("reach %+v", seen.Reach)
			}
		})
	}
}

func TestLoginAsksNoMoreThanNeeded(t *testing.T) {
	s := start(t, imapsim.Dovecot())
	c, seen := open(t, patient(), s, probes.SecurityTLS)
	o := login(t, c, user, password)
	c.Close(t.Context())
	if !o.Accepted() || o.Select == nil || o.Select.Status != probes.IMAPOK || o.Select.Code != "READ-ONLY" || len(o.Untagged) != 0 {
		t.Errorf("outcome %+v, select %+v", o, o.Select)
	}
	for range 2000 {
		if len(s.Commands()) >= 3 {
			break
		}
		time.Sleep(5 * time.Millisecond) // the server reads LOGOUT when it gets to it
	}
	if got := strings.Join(s.Commands(), " "); got != "LOGIN EXAMINE LOGOUT" {
		t.Errorf("commands %q", got)
	}
	// The handshake, the greeting, LOGIN, EXAMINE.
	if n := seen.Reach.RoundTrips; n > 4 {
		t.Errorf("%d flights", n)
	}
}

func TestNotReady(t *testing.T) {
	starttls := imapsim.Config{StartTLS: true}
	for _, tt := range []struct {
		name     string
		conf     imapsim.Config
		security probes.Security
		dialer   *dial.Dialer
		why      probes.Why
		reason   string
		greeting probes.Why
		caps     probes.Why
		failure  probes.Failure
	}{
		{name: "security none", conf: imapsim.Config{Loopback: loopback.Options{Plain: true}, Capabilities: []string{"IMAP4rev1"}, PreTLSCapabilities: []string{"IMAP4rev1", "AUTH=PLAIN"}},
			security: probes.SecurityNone, why: probes.AttemptWithheld, reason: "clear text"},
		{name: "untrusted certificate", conf: imapsim.Config{}, dialer: &dial.Dialer{Roots: x509.NewCertPool(), Timeout: 20 * time.Second},
			why: probes.AttemptWithheld, reason: "certificate", greeting: probes.Unreachable, caps: probes.Unreachable, failure: probes.FailureCertUntrust},
		{name: "certificate of another name", conf: imapsim.Config{Loopback: loopback.Options{Certificate: loopback.Certificate{Names: []string{"other.example.test"}}}},
			why: probes.AttemptWithheld, reason: "certificate-name", greeting: probes.Unreachable, caps: probes.Unreachable, failure: probes.FailureCertName},
		{name: "untrusted certificate after STARTTLS", conf: starttls, security: probes.SecurityStartTLS, dialer: &dial.Dialer{Roots: x509.NewCertPool(), Timeout: 20 * time.Second},
			why: probes.AttemptWithheld, reason: "certificate", caps: probes.Unreachable, failure: probes.FailureCertUntrust},
		{name: "login disabled, no PLAIN", conf: imapsim.Config{Capabilities: []string{"IMAP4rev1", "LOGINDISABLED", "AUTH=GSSAPI"}}, why: probes.AttemptWithheld, reason: "neither LOGIN nor"},
		{name: "greeting BYE", conf: imapsim.Config{Greeting: imapsim.DovecotQueueFull}, why: probes.Unreachable, reason: "BYE Connection queue full", caps: probes.Unreachable, failure: probes.FailureClosed},
		{name: "greeting PREAUTH", conf: imapsim.Config{Greeting: "PREAUTH {caps} welcome"}, why: probes.AttemptWithheld, reason: "PREAUTH"},
		{name: "no greeting, closed", conf: imapsim.Config{NoGreeting: imapsim.Close}, why: probes.Unreachable, reason: "closed", greeting: probes.Unreachable, caps: probes.Unreachable, failure: probes.FailureClosed},
		{name: "no greeting, hung", conf: imapsim.Config{NoGreeting: imapsim.Hang}, dialer: hasty(), why: probes.Timeout, reason: "timeout", greeting: probes.Timeout, caps: probes.Timeout, failure: probes.FailureTimeout},
		{name: "a greeting of another protocol", conf: imapsim.Config{Greeting: "220 mail.example.test ESMTP"}, why: probes.Unclear, reason: "garbage", greeting: probes.Unclear, caps: probes.Unclear, failure: probes.FailureGarbage},
		{name: "greeting NO", conf: imapsim.Config{Greeting: "NO not today"}, why: probes.Unclear, reason: "garbage", greeting: probes.Unclear, caps: probes.Unclear, failure: probes.FailureGarbage},
		{name: "a greeting too long", conf: imapsim.Config{Greeting: "OK " + strings.Repeat("A", 256<<10)}, why: probes.Unclear, reason: "too-long", greeting: probes.Unclear, caps: probes.Unclear, failure: probes.FailureTooLong},
		{name: "dovecot stalls, then BYE", conf: imapsim.Config{Greeting: imapsim.DovecotLateGreeting, Capability: &imapsim.DovecotAuthBroken},
			why: probes.Unreachable, reason: "BYE Auth process broken", caps: probes.Unreachable, failure: probes.FailureClosed},
		{name: "dovecot stalls for good", conf: imapsim.Config{Greeting: imapsim.DovecotLateGreeting, Capability: &imapsim.Reply{Then: imapsim.Hang}}, dialer: hasty(),
			why: probes.Timeout, reason: "timeout", caps: probes.Timeout, failure: probes.FailureTimeout},
		{name: "capabilities refused", conf: imapsim.Config{Greeting: "OK hi", Capability: &imapsim.Reply{Tagged: "NO not yet"}}, why: probes.Unclear, reason: "NO not yet", caps: probes.Unclear},
		{name: "closed on CAPABILITY", conf: imapsim.Config{Greeting: "OK hi", Capability: &imapsim.Reply{Then: imapsim.Close}}, why: probes.Unreachable, reason: "closed", caps: probes.Unreachable, failure: probes.FailureClosed},
		{name: "a literal of gigabytes", conf: imapsim.Config{Greeting: "OK hi", Capability: &imapsim.Reply{Raw: "* LIST () \"/\" {4000000000}\r\n"}}, why: probes.Unclear, reason: "too-long", caps: probes.Unclear, failure: probes.FailureTooLong},
		{name: "STARTTLS not offered", conf: imapsim.Config{Loopback: loopback.Options{Plain: true}}, security: probes.SecurityStartTLS, why: probes.AttemptWithheld, reason: "does not offer STARTTLS", caps: probes.AttemptWithheld},
		{name: "STARTTLS refused", conf: imapsim.Config{StartTLS: true, StartTLSReply: &imapsim.Reply{Tagged: "NO [UNAVAILABLE] no certificate"}}, security: probes.SecurityStartTLS,
			why: probes.AttemptWithheld, reason: "NO [UNAVAILABLE] no certificate", caps: probes.AttemptWithheld},
		{name: "Courier cannot read its certificate", conf: imapsim.Config{StartTLS: true, StartTLSReply: &imapsim.Reply{Tagged: "OK Begin SSL/TLS negotiation now.", Then: imapsim.Close}},
			security: probes.SecurityStartTLS, why: probes.Unreachable, reason: "tls, closed", caps: probes.Unreachable, failure: probes.FailureClosed},
		{name: "STARTTLS unanswered", conf: imapsim.Config{StartTLS: true, StartTLSReply: &imapsim.Reply{Then: imapsim.Hang}}, dialer: hasty(), security: probes.SecurityStartTLS,
			why: probes.Timeout, reason: "timeout", caps: probes.Timeout, failure: probes.FailureTimeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.conf)
			if tt.dialer == nil {
				tt.dialer = patient()
			}
			if tt.security == 0 {
				tt.security = probes.SecurityTLS
			}
			c, seen := open(t, tt.dialer, s, tt.security)
			why, reason := c.Ready()
			if why != tt.why || !strings.Contains(reason, tt.reason) {
				t.Errorf("ready: %s, %q; want %s, %q", why, reason, tt.why, tt.reason)
			}
			if seen.Greeting.Why != tt.greeting || seen.Capabilities.Why != tt.caps || seen.Reach.Failure != tt.failure {
				t.Errorf("greeting %q, capabilities %q, reach %q; want %q, %q, %q", seen.Greeting.Why, seen.Capabilities.Why, seen.Reach.Failure, tt.greeting, tt.caps, tt.failure)
			}
			p := permit(t, user, password)
			o, err := c.Login(t.Context(), p)
			var unsent *imap.NotSent
			if o != nil || !errors.As(err, &unsent) || unsent.Why != tt.why {
				t.Errorf("login gave %+v, %v", o, err)
			}
			if _, _, err := p.Reveal(); err != nil {
				t.Error("the secret was revealed where it must not be sent")
			}
			c.Close(t.Context())
			_ = s.Close()
			if len(s.Logins()) != 0 || strings.Contains(strings.Join(s.Commands(), " "), "LOGIN") {
				t.Errorf("a secret was sent: %v %v", s.Logins(), s.Commands())
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	s := start(t, imapsim.Config{})
	address := s.Address()
	_ = s.Close()
	c, seen := imap.Open(t.Context(), patient(), probes.IMAPTarget{Address: address, Security: probes.SecurityStartTLS})
	defer c.Close(t.Context())
	if why, _ := c.Ready(); why != probes.Unreachable || seen.Reach.Failure != probes.FailureRefused || seen.Greeting.Why != probes.Unreachable || seen.PlainCapabilities.OK() {
		t.Errorf("why %s, seen %+v", why, seen)
	}
	if _, err := c.Login(t.Context(), permit(t, user, password)); err == nil {
		t.Error("a login without a connection")
	}
}

func TestGarbageGreetingIsShown(t *testing.T) {
	s := start(t, imapsim.Config{Greeting: "220 mail.example.test ESMTP"})
	_, seen := open(t, patient(), s, probes.SecurityTLS)
	if !strings.Contains(seen.Greeting.Words, "220 mail.example.test ESMTP") {
		t.Errorf("words %q do not tell what talks there", seen.Greeting.Words)
	}
}

func TestStartTLS(t *testing.T) {
	s := start(t, imapsim.Config{StartTLS: true})
	c, seen := open(t, patient(), s, probes.SecurityStartTLS)
	if !seen.PlainCapabilities.OK() || !contains(seen.PlainCapabilities.Value, "LOGINDISABLED") || contains(seen.Capabilities.Value, "LOGINDISABLED") {
		t.Errorf("plain %v, over TLS %v", seen.PlainCapabilities, seen.Capabilities)
	}
	if o := login(t, c, user, password); !o.Accepted() || o.Select.Status != probes.IMAPOK {
		t.Errorf("outcome %+v", o)
	}
	if l := s.Logins(); len(l) != 1 || !l[0].TLS {
		t.Errorf("logins %+v", l)
	}
}

// What comes between STARTTLS's OK and the handshake is a stranger's (RFC 9051 §6.2.1, CVE-2011-0411 and its kin).
func TestStartTLSInjection(t *testing.T) {
	s := start(t, imapsim.Config{StartTLS: true, StartTLSReply: &imapsim.Reply{Tagged: "OK Begin TLS negotiation now.",
		Raw: "* CAPABILITY IMAP4rev1 AUTH=PLAIN INJECTED\r\n* NO injected\r\n* BYE injected\r\n"}})
	c, seen := open(t, patient(), s, probes.SecurityStartTLS)
	if contains(seen.Capabilities.Value, "INJECTED") || !contains(seen.Capabilities.Value, "AUTH=PLAIN") {
		t.Errorf("capabilities %+v", seen.Capabilities)
	}
	if o := login(t, c, user, password); !o.Accepted() || len(o.Untagged) != 0 {
		t.Errorf("outcome %+v", o)
	}
}

// go-imap logs to stderr unless it is told not to, and it can be told only after it has begun to talk.
func TestNothingOnStderr(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = f
	for _, r := range []imapsim.Reply{{Then: imapsim.Hang}, {Then: imapsim.Close}, {Raw: "what\r\n"}, {Raw: "* OK [\r\n", Tagged: "OK"}} {
		s := start(t, imapsim.Config{Greeting: "OK hi", Capability: &r})
		c, _ := open(t, hasty(), s, probes.SecurityTLS)
		c.Close(t.Context())
	}
	if text, err := os.ReadFile(f.Name()); err != nil || len(text) > 0 {
		t.Errorf("stderr: %q, %v", text, err)
	}
}

// The connection's life may be longer than that of the look.
func TestCanceledOpen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := start(t, imapsim.Config{Greeting: "OK hi", Capability: &imapsim.Reply{Then: imapsim.Hang}})
	go func() {
		for len(s.Commands()) == 0 {
			runtime.Gosched()
		}
		cancel()
	}()
	d := patient()
	d.Life = t.Context()
	begun := time.Now()
	c, seen := imap.Open(ctx, d, probes.IMAPTarget{Address: s.Address(), Security: probes.SecurityTLS})
	defer c.Close(ctx)
	if why, _ := c.Ready(); why != probes.Canceled || seen.Capabilities.Why != probes.Canceled {
		t.Errorf("why %s, capabilities %s", why, seen.Capabilities.Why)
	}
	if time.Since(begun) > 15*time.Second {
		t.Error("it waited for its deadline")
	}
}

// go-imap leaves a goroutine behind for a continuation request that no command waits for; TestMain looks for it.
func TestStrayContinuations(t *testing.T) {
	stray := imapsim.Reply{Raw: "+ go on\r\n+\r\n", Tagged: "OK"}
	s := start(t, imapsim.Config{Greeting: "OK hi", Capability: &imapsim.Reply{Raw: stray.Raw, Untagged: []string{"CAPABILITY IMAP4rev1"}, Tagged: "OK"},
		Login: imapsim.Always(imapsim.Reply{Tagged: "OK", Inbox: &stray})})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	if o := login(t, c, user, password); !o.Accepted() || o.Select.Status != probes.IMAPOK {
		t.Errorf("outcome %+v", o)
	}
}

// A connection that was only looked at says goodbye too, however late.
func TestLateLogout(t *testing.T) {
	s := start(t, imapsim.Config{})
	c, _ := open(t, hasty(), s, probes.SecurityTLS)
	time.Sleep(500 * time.Millisecond) // past hasty's Timeout
	c.Close(t.Context())
	c.Close(t.Context())
	for i := 0; len(s.Commands()) == 0 && i < 2000; i++ {
		time.Sleep(5 * time.Millisecond)
	}
	if got := strings.Join(s.Commands(), " "); got != "LOGOUT" {
		t.Errorf("commands %q", got)
	}
}

func contains(list []string, name string) bool {
	for _, n := range list {
		if n == name {
			return true
		}
	}
	return false
}
