package kerio

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/keriosim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

const (
	user   = "jdoe@example.test"
	right  = "correct horse battery"
	auditS = "looking only"
)

func config() keriosim.Config {
	return keriosim.Config{Admin: "auditor@example.test", AdminPassword: auditS, OffsetMinutes: 60,
		Domains: []keriosim.Domain{{Name: "other.test"}, {Name: "example.test", Primary: true, Aliases: []string{"alias.test"}}},
		Users: []keriosim.User{{Login: "jdoe", Domain: "example.test", Password: right, Aliases: []string{"john"}},
			{Login: "asmith", Domain: "example.test", Password: "x"}},
		Folders: []keriosim.Folder{{Name: "~jdoe@example.test/INBOX", References: 12, Users: []string{user}},
			{Name: "~asmith@example.test/INBOX", References: 11, Users: []string{"asmith@example.test"}},
			{Name: "~sales@example.test/INBOX", References: 3, Users: []string{"asmith", "JDOE@example.test"}}}}
}

type bed struct {
	sim    *keriosim.Server
	client *Client
	book   *ledger.Ledger
	ctx    context.Context
}

// start runs a simulator and opens a client to it.
func start(t *testing.T, c keriosim.Config, timeout time.Duration) *bed {
	t.Helper()
	ca, err := loopback.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	sim, err := keriosim.Start(ca, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	d := &dial.Dialer{Roots: ca.Pool(), Timeout: timeout}
	client := Open(ctx, d, probes.KerioTarget{AdminURL: sim.AdminURL(), UserURL: sim.UserURL(), Admin: c.Admin})
	t.Cleanup(func() { client.Close(ctx) })
	return &bed{sim, client, ledger.InMemory(time.Now), ctx}
}

func (b *bed) permit(t *testing.T, name, password string, service probes.Service) *ledger.Permit {
	t.Helper()
	p, err := b.book.Mint(ledger.Request{Account: ledger.Account{Who: probes.AttemptOwn, Names: []string{name}}, Service: service, User: name,
		Secret: secret.New(password), Held: password == "", Allow: func([]ledger.Entry) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bed) signIn(t *testing.T) {
	t.Helper()
	if o := b.client.SignIn(b.ctx, b.permit(t, "auditor@example.test", auditS, probes.ServiceAdmin)); !o.OK() {
		t.Fatalf("sign-in: %v %s", o.Why, o.Words)
	}
}

func TestLook(t *testing.T) {
	c := config()
	c.Lines = map[string][]keriosim.Line{"security": {
		{At: time.Now().Add(-time.Hour), Text: "IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.44."},
		{At: time.Now().Add(-time.Minute), Text: "POP3: Invalid password for user asmith@example.test. Attempt from IP address 192.0.2.9."},
		{At: time.Now().Add(-time.Minute), Text: "SMTP: AntiHammering - IP address 192.0.2.9 will be blocked for 5 minutes, too many failed logins from this IP address."},
	}, "warning": {{At: time.Now().Add(-time.Hour), Text: "IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.44."}}}
	b := start(t, c, 20*time.Second)
	b.signIn(t)
	s, a := b.client.Look(b.ctx, user)
	if !s.Session.OK() || b.sim.Calls()[sessionWhoAmI] != 0 || s.Version.Value.Version != "10.0.8.9228" || len(s.Services.Value) == 0 {
		t.Errorf("session %+v, version %+v, %d services", s.Session, s.Version, len(s.Services.Value))
	}
	if p := s.SecurityPolicy; !p.OK() || !p.Value.EnableLockout || p.Value.FailedToLock != 3 || p.Value.MinutesToUnlock != 5 || p.Value.FailedToBlock != 10 {
		t.Errorf("policy %+v", p)
	}
	if d := s.Domain; !d.OK() || d.Value.Name != "example.test" || !d.Value.Primary || d.Value.TwoFactor != probes.SettingUnknown {
		t.Errorf("domain %+v", d)
	}
	if u := a.User; !u.OK() || !u.Value.Found || u.Value.LoginName != "jdoe" || !u.Value.Enabled || u.Value.Source != "DSInternalSource" {
		t.Errorf("user %+v", u)
	}
	f := a.Folders.Value
	if len(f.Rows) != 2 || !f.Rows[0].Own || f.Rows[0].References != 12 || f.Rows[1].Own || !f.Rows[1].OpenByUser || f.OthersAtTen != 1 || f.Total != 3 {
		t.Errorf("folders %+v", f)
	}
	log := a.Log.Value
	if len(log.Events) != 2 || log.Events[0].Kind != probes.LogInvalidPassword || log.Events[0].Address != "192.0.2.44" || log.Events[1].Kind != probes.LogAddressBlocked ||
		log.OthersLines != 1 || log.OthersUsers != 1 || !log.WholeLog {
		t.Errorf("log %+v", log)
	}
	if n := log.Neighbours; len(n) != 1 || n[0].Address != "192.0.2.44" || len(log.OthersRefused) != 1 || len(a.Warning.Value.Events) != 1 || a.Warning.Value.Neighbours != nil {
		t.Errorf("neighbours %+v, others %+v, warning log %+v", n, log.OthersRefused, a.Warning.Value)
	}
	if off := time.Since(log.Events[0].At) - time.Hour; off.Abs() > time.Minute {
		t.Errorf("the line of an hour ago lies %v off", off)
	}
	if s.Clock.Value.Guess || s.Clock.Value.OffsetMinutes != 60 {
		t.Errorf("clock %+v", s.Clock.Value)
	}
}

func TestNames(t *testing.T) {
	for typed, want := range map[string]struct{ found, alias bool }{
		user: {true, false}, "JDOE@Example.Test": {true, false}, "jdoe": {true, false}, "jdoe@alias.test": {true, false},
		"john@example.test": {true, true}, "nobody@example.test": {false, false},
		"j@example.test": {false, false}, // part of other names, which the quick search finds
	} {
		b := start(t, config(), 20*time.Second)
		b.signIn(t)
		_, a := b.client.Look(b.ctx, typed)
		if !a.User.OK() || a.User.Value.Found != want.found || a.User.Value.ByAlias != want.alias {
			t.Errorf("%s: %+v", typed, a.User)
		}
	}
	b := start(t, config(), 20*time.Second)
	b.signIn(t)
	s, a := b.client.Look(b.ctx, "jdoe@nowhere.test")
	if s.Domain.OK() || a.User.OK() || a.User.Why != probes.Unclear {
		t.Errorf("a domain that Kerio does not serve: %+v, %+v", s.Domain, a.User)
	}
}

func TestZones(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(*keriosim.Config)
		offset int
		guess  bool
	}{
		"as named":          {func(c *keriosim.Config) { c.OffsetMinutes = 120 }, 120, false},
		"the other sign":    {func(c *keriosim.Config) { c.OffsetMinutes, c.OffsetSign = -300, -1 }, -300, false},
		"UTC":               {func(c *keriosim.Config) { c.OffsetMinutes = 0 }, 0, false},
		"not told":          {func(c *keriosim.Config) { c.OffsetMinutes, c.HideOffset = 330, true }, 330, true},
		"no audit log":      {func(c *keriosim.Config) { c.Faults = map[string]keriosim.Fault{"Logs.get": {Code: 1004}} }, 60, true},
		"a clock that lags": {func(c *keriosim.Config) { c.Skew = -10 * time.Minute }, 60, false},
	} {
		t.Run(name, func(t *testing.T) {
			conf := config()
			c.edit(&conf)
			b := start(t, conf, 20*time.Second)
			b.signIn(t)
			s, _ := b.client.Look(b.ctx, user)
			if k := s.Clock.Value; k.OffsetMinutes != c.offset || k.Guess != c.guess || k.Guess != (k.GuessWhy != "") {
				t.Errorf("got %+v, want %d, guess %v", k, c.offset, c.guess)
			}
		})
	}
}

func TestEachCallFailsAlone(t *testing.T) {
	for method, read := range map[string]func(*probes.KerioServer, *probes.KerioAccount) probes.Look{
		getVersion:       func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Version.Look },
		getServerTime:    func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Clock.Look },
		securityPolicy:   func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.SecurityPolicy.Look },
		servicesGet:      func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Services.Look },
		domainsGet:       func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Domain.Look },
		usersGet:         func(_ *probes.KerioServer, a *probes.KerioAccount) probes.Look { return a.User.Look },
		getOpenedFolders: func(_ *probes.KerioServer, a *probes.KerioAccount) probes.Look { return a.Folders.Look },
		logsGet:          func(_ *probes.KerioServer, a *probes.KerioAccount) probes.Look { return a.Log.Look },
	} {
		for name, f := range map[string]struct {
			fault keriosim.Fault
			want  probes.Why
		}{
			"not permitted":  {keriosim.Fault{Code: 1004, Message: "Access denied."}, probes.NotPermitted},
			"internal error": {keriosim.Fault{Code: 1000, Message: "internal database error"}, probes.Unclear},
			"session lost":   {keriosim.Fault{Code: -32001, Message: "Session expired."}, probes.NotPermitted},
			"garbage":        {keriosim.Fault{Garbage: true}, probes.Unclear},
			"closed":         {keriosim.Fault{Close: true}, probes.Unreachable},
			"redirected":     {keriosim.Fault{Redirect: "https://127.0.0.1:1/"}, probes.Unclear},
			"hung":           {keriosim.Fault{Hang: true}, probes.Timeout},
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				c := config()
				c.Faults = map[string]keriosim.Fault{method: f.fault}
				timeout := 20 * time.Second
				if f.fault.Hang {
					timeout = 2 * time.Second
				}
				b := start(t, c, timeout)
				b.signIn(t)
				s, a := b.client.Look(b.ctx, user)
				if l := read(s, a); l.Why != f.want {
					t.Errorf("why %v (%s), want %v", l.Why, l.Words, f.want)
				}
				if method != getVersion && !s.Version.OK() || method != getOpenedFolders && !a.Folders.OK() {
					t.Error("the other calls failed with it")
				}
			})
		}
	}
}

func TestSignInRefused(t *testing.T) {
	b := start(t, config(), 20*time.Second)
	p := b.permit(t, "auditor@example.test", "not it", probes.ServiceAdmin)
	o := b.client.SignIn(b.ctx, p)
	if o.Why != probes.NotPermitted || o.Value.Code != probes.KerioOperationFailed || !strings.Contains(o.Words, "not correct") {
		t.Errorf("got %+v", o)
	}
	if b.client.SignIn(b.ctx, p); b.sim.Calls()[sessionLogin] != 1 {
		t.Errorf("%d logins with one permit", b.sim.Calls()[sessionLogin])
	}
	// A plain user is let in nowhere near the administration.
	o = b.client.SignIn(b.ctx, b.permit(t, user, right, probes.ServiceAdmin))
	if o.Why != probes.NotPermitted || o.Value.Code != probes.KerioSessionExpired || !strings.Contains(o.Words, user) {
		t.Errorf("a plain user: %+v", o)
	}
}

func TestTryUser(t *testing.T) {
	c := config()
	c.Users[0].AppPasswords = []string{"app password"}
	b := start(t, c, 20*time.Second)
	if out := b.client.TryUser(b.ctx, b.permit(t, user, right, probes.ServiceAPI)); !out.Accepted || out.HTTP != 200 {
		t.Errorf("the right password: %+v", out)
	}
	if calls := b.sim.Calls(); calls[sessionLogout] != 1 {
		t.Errorf("the user's session was left open: %v", calls)
	}
	p := b.permit(t, user, "app password", probes.ServiceAPI)
	if out := b.client.TryUser(b.ctx, p); out.Accepted || out.Code != probes.KerioOperationFailed {
		t.Errorf("an app password: %+v", out)
	}
	before := b.sim.Calls()[sessionLogin]
	if out := b.client.TryUser(b.ctx, p); out.Accepted || out.Code != 0 || b.sim.Calls()[sessionLogin] != before {
		t.Errorf("a second try with one permit reached the server: %+v", out)
	}
	if b.sim.Refused(user) != 1 {
		t.Errorf("%d refused logins, want 1", b.sim.Refused(user))
	}
}

func TestRedirectGetsNoPassword(t *testing.T) {
	trap := start(t, config(), 20*time.Second)
	c := config()
	c.Faults = map[string]keriosim.Fault{sessionLogin: {Redirect: trap.sim.UserURL()}}
	b := start(t, c, 20*time.Second)
	out := b.client.TryUser(b.ctx, b.permit(t, user, right, probes.ServiceAPI))
	if out.Accepted || out.Code != 0 || out.HTTP != 307 || trap.sim.Calls()[sessionLogin] != 0 {
		t.Errorf("got %+v; the redirect's target saw %d logins", out, trap.sim.Calls()[sessionLogin])
	}
}

func TestTestBind(t *testing.T) {
	for name, c := range map[string]struct {
		errors []keriosim.BindError
		fault  keriosim.Fault
		why    probes.Why
		reason probes.KerioBindFault
	}{
		"good":          {nil, keriosim.Fault{}, probes.Seen, probes.BindFaultUnclear},
		"credentials":   {[]keriosim.BindError{{Code: 1000, Message: "Invalid credentials"}}, keriosim.Fault{}, probes.Seen, probes.BindFaultCredentials},
		"unreachable":   {[]keriosim.BindError{{Code: 1000, Message: "Unable to connect to dc1"}}, keriosim.Fault{}, probes.Seen, probes.BindFaultUnreachable},
		"unclear":       {[]keriosim.BindError{{Code: 1000, Message: "Something went wrong"}}, keriosim.Fault{}, probes.Seen, probes.BindFaultUnclear},
		"not permitted": {nil, keriosim.Fault{Code: 1004, Message: "Access denied."}, probes.NotPermitted, probes.BindFaultUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			conf := config()
			conf.Domains[1].DirectoryType, conf.Domains[1].DirectoryUser = "WindowsActiveDirectory", "svc@example.test"
			conf.BindTest = func() []keriosim.BindError { return c.errors }
			if c.fault.Code != 0 {
				conf.Faults = map[string]keriosim.Fault{testController: c.fault}
			}
			b := start(t, conf, 20*time.Second)
			b.signIn(t)
			b.client.Look(b.ctx, user)
			p := b.permit(t, "svc@example.test", "", probes.ServiceAdmin)
			o := b.client.TestBind(b.ctx, p)
			if o.Why != c.why || len(o.Value.Errors) != len(c.errors) || o.Value.Reason != c.reason {
				t.Errorf("got %+v", o)
			}
			if b.client.TestBind(b.ctx, p); b.sim.Calls()[testController] != 1 {
				t.Error("a second test with one permit reached the server")
			}
		})
	}
}

func TestNothingSecretComesBack(t *testing.T) {
	c := config()
	c.Echo = true
	b := start(t, c, 20*time.Second)
	b.signIn(t)
	s, a := b.client.Look(b.ctx, user)
	out := b.client.TryUser(b.ctx, b.permit(t, user, "planted-secret", probes.ServiceAPI))
	refused := b.client.SignIn(b.ctx, b.permit(t, "auditor@example.test", "planted-secret", probes.ServiceAdmin))
	data, err := json.Marshal([]any{s, a, out, refused})
	if err != nil {
		t.Fatal(err)
	}
	b.client.admin.mu.Lock()
	hidden := b.client.admin.hidden.Hide("planted-secret", auditS) // the session's token among them
	b.client.admin.mu.Unlock()
	if got := hidden.Replace(string(data)); got != string(data) {
		t.Errorf("something came back:\n%s", got)
	}
	if !strings.Contains(out.Words, "[redacted]") {
		t.Errorf("the trap did not strike: %q", out.Words)
	}
}

func TestOnlyReadingMethods(t *testing.T) {
	b := start(t, config(), 20*time.Second)
	for _, m := range []string{"SecurityPolicy.unlockAllAccounts", "SecurityPolicy.set", "Services.stop", "Logs.clear", "Users.set", "Users.activate", ""} {
		if a := b.client.admin.call(b.ctx, m, nil); a.err == nil {
			t.Errorf("%q was sent", m)
		}
	}
	for m := range allowed {
		verb := m[strings.Index(m, ".")+1:]
		if !strings.HasPrefix(verb, "get") && m != sessionLogin && m != sessionLogout && m != sessionWhoAmI && m != testController {
			t.Errorf("%s does not read", m)
		}
	}
	if n := len(b.sim.Calls()); n != 0 {
		t.Errorf("%d methods reached the server", n)
	}
}

func TestUnverifiedGetsNothing(t *testing.T) {
	c := config()
	c.Loopback.Certificate.Untrusted = true
	b := start(t, c, 20*time.Second)
	for _, may := range []func() (probes.Why, string){b.client.MaySignIn, b.client.MayTryUser} {
		if why, reason := may(); why != probes.AttemptWithheld || reason == "" {
			t.Errorf("got %v, %q", why, reason)
		}
	}
	b.client.TryUser(b.ctx, b.permit(t, user, right, probes.ServiceAPI))
	if b.sim.Calls()[sessionLogin] != 0 {
		t.Error("a password went to a server that could not be verified")
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		fault loopback.Fault
		want  probes.Why
	}{
		"hung before TLS":    {loopback.Fault{Mode: loopback.Hang, BeforeTLS: true}, probes.Timeout},
		"closed before TLS":  {loopback.Fault{Mode: loopback.Close, BeforeTLS: true}, probes.Unreachable},
		"garbage before TLS": {loopback.Fault{Mode: loopback.Garbage, BeforeTLS: true}, probes.Unclear},
		"hung at login":      {loopback.Fault{Mode: loopback.Hang}, probes.Timeout},
		"closed at login":    {loopback.Fault{Mode: loopback.Close}, probes.Unreachable},
		"garbage at login":   {loopback.Fault{Mode: loopback.Garbage}, probes.Unclear},
		"endless at login":   {loopback.Fault{Mode: loopback.Endless}, probes.Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := config()
			conf.Loopback.Fault = c.fault
			b := start(t, conf, 2*time.Second)
			why, _ := b.client.MaySignIn()
			if why == probes.Seen {
				why = b.client.SignIn(b.ctx, b.permit(t, "auditor@example.test", auditS, probes.ServiceAdmin)).Why
			}
			if why != c.want {
				t.Errorf("got %v, want %v", why, c.want)
			}
		})
	}
}

func TestSharedAccounts(t *testing.T) {
	// Three failures over IMAP lock the account at the API too: the simulator's traps are only worth something if they hold.
	b := start(t, config(), 20*time.Second)
	for range 3 {
		b.sim.Authenticate("IMAP", user, "wrong", netip.MustParseAddr("192.0.2.1"))
	}
	if out := b.client.TryUser(b.ctx, b.permit(t, user, right, probes.ServiceAPI)); out.Accepted || out.Code != probes.KerioOperationFailed {
		t.Errorf("a locked account: %+v", out)
	}
}
