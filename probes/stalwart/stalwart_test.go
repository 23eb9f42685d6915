package stalwart_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
	"logindoctor.example/probes/stalwart"
)

const (
	alice    = "alice@example.test"
	password = "Alices-Secret-0815"
	patience = 20 * time.Second // no test waits for it in good health
)

var (
	phone  = stalwartsim.MakeAppPassword(1, "phone")
	laptop = stalwartsim.MakeAppPassword(2, "laptop")
	gone   = stalwartsim.MakeAppPassword(9, "deleted")
)

func config() stalwartsim.Config {
	made := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	return stalwartsim.Config{
		Domains: []stalwartsim.Domain{{Name: "example.test", Aliases: []string{"example.org"}}, {Name: "second.test"}},
		Accounts: []stalwartsim.Account{
			{Name: "alice", Domain: "second.test", Password: "another-alice"},
			{Name: "alice", Domain: "example.test", Password: password, Aliases: []string{"a.smith@example.test", "alice@second.example", "!old@example.test"}, Used: 10, Quota: 100,
				Apps: []stalwartsim.App{
					{ID: 1, Secret: phone, Description: "Phone", Created: made, Mode: "Replace", Permissions: []string{"authenticate", "imapAuthenticate"}},
					{ID: 2, Secret: laptop, Description: "Laptop", Created: made, Expires: made.Add(24 * time.Hour), AllowedIPs: []string{"10.0.0.0/8"}, Mode: "Disable", Permissions: []string{"imapAuthenticate"}}}},
			{Name: "team", Domain: "example.test", Group: true},
			{Name: "otp", Domain: "example.test", Password: password, OTP: true},
			{Name: "late", Domain: "example.test", Password: password, Expires: made},
			{Name: "off", Domain: "example.test", Password: password, Permissions: stalwartsim.Permissions{Mode: "Merge", Disabled: []string{"authenticate"}}},
			{Name: "noimap", Domain: "example.test", Password: password, Permissions: stalwartsim.Permissions{Mode: "Merge", Disabled: []string{"imapAuthenticate", "sieveAuthenticate"}}},
			{Name: "home", Domain: "example.test", Password: password, AllowedIPs: []string{"10.0.0.0/8"}},
		},
	}
}

func authority(t *testing.T) *loopback.CA {
	t.Helper()
	ca, err := loopback.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func start(t *testing.T, ca *loopback.CA, c stalwartsim.Config) *stalwartsim.Server {
	t.Helper()
	s, err := stalwartsim.Start(ca, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return ctx
}

func permit(t *testing.T, who probes.Who, user, text string) *ledger.Permit {
	t.Helper()
	p, err := ledger.InMemory(time.Now).Mint(ledger.Request{Account: ledger.Account{Who: who, Names: []string{user}}, Service: probes.ServiceAdmin, User: user,
		Secret: secret.New(text), Allow: func([]ledger.Entry) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func own(t *testing.T, s *stalwartsim.Server) *ledger.Permit {
	t.Helper()
	return permit(t, probes.AttemptOwn, "api-key", s.APIKey())
}

// dialer has a short time where a server is to hang.
func dialer(ca *loopback.CA, timeout time.Duration) *dial.Dialer {
	return &dial.Dialer{Roots: ca.Pool(), Timeout: timeout, Life: context.Background()}
}

func open(t *testing.T, c stalwartsim.Config) (*stalwart.Client, *stalwartsim.Server) {
	t.Helper()
	return openIn(t, c, patience)
}

func openIn(t *testing.T, c stalwartsim.Config, timeout time.Duration) (*stalwart.Client, *stalwartsim.Server) {
	t.Helper()
	ca := authority(t)
	s := start(t, ca, c)
	client := stalwart.Open(bounded(t), dialer(ca, timeout), probes.StalwartTarget{URL: s.URL()})
	t.Cleanup(client.Close)
	return client, s
}

func signedIn(t *testing.T, c stalwartsim.Config) (*stalwart.Client, *stalwartsim.Server) {
	t.Helper()
	client, s := open(t, c)
	if o := client.SignIn(bounded(t), own(t, s)); !o.OK() {
		t.Fatalf("SignIn: %v %s", o.Why, o.Words)
	}
	return client, s
}

func look(t *testing.T, c stalwartsim.Config, user string) (*probes.StalwartServer, *probes.StalwartAccount, *stalwartsim.Server) {
	t.Helper()
	client, s := signedIn(t, c)
	server, account := client.Look(bounded(t), user, "198.51.100.7")
	return server, account, s
}

// seen lists the Looks of all observations, by the name of the field.
func seen(s *probes.StalwartServer, a *probes.StalwartAccount) map[string]probes.Look {
	return map[string]probes.Look{"Session": s.Session.Look, "Domain": s.Domain.Look, "Roles": s.Roles.Look, "Blocked": s.Blocked.Look, "Allowed": s.Allowed.Look,
		"Security": s.Security.Look, "Authentication": s.Authentication.Look, "Directories": s.Directories.Look, "IMAP": s.IMAP.Look, "HTTP": s.HTTP.Look,
		"Listeners": s.Listeners.Look, "System": s.System.Look, "Levels": s.Levels.Look, "DirectoryLog": s.DirectoryLog.Look, "User": a.User.Look, "Log": a.Log.Look}
}

// TestHealthy: all is seen in three requests, to paths that no scan rule bans, and no login is spent.
func TestHealthy(t *testing.T) {
	s, a, sim := look(t, config(), alice)
	for field, l := range seen(s, a) {
		if l.Why != probes.Seen || l.Probe != probes.ProbeStalwart || l.Source == "" || l.What == "" {
			t.Errorf("%s: %+v", field, l)
		}
	}
	want := []string{"GET /jmap/session", "POST /jmap/", "POST /jmap/"}
	if got := sim.Paths(); !slices.Equal(got, want) || s.Requests != 3 {
		t.Errorf("asked %q, %d requests said", got, s.Requests)
	}
	if sim.Spent(alice) != 0 || sim.Failures("192.0.2.10") != 0 {
		t.Errorf("logins were spent: %+v", sim.Attempts())
	}
	for _, m := range sim.Methods() {
		if !strings.HasSuffix(m, "/get") && !strings.HasSuffix(m, "/query") {
			t.Errorf("%s was called", m)
		}
	}
	if v := s.Session.Value; v.User != "logindoctor@example.test" || v.MaxCalls != 16 || v.MaxObjects != 500 {
		t.Errorf("session %+v", v)
	}
	if v := s.Security.Value; v.Auth != (probes.StalwartRate{On: probes.StalwartYes, Count: 100, PeriodMS: 86400000}) || len(v.ScanPaths) != 12 {
		t.Errorf("security %+v", v)
	}
	if v := s.IMAP.Value; v != (probes.StalwartIMAP{PlainText: probes.StalwartNo, MaxFailures: 3, MaxConcurrent: 16}) {
		t.Errorf("imap %+v", v)
	}
	if v := s.Listeners.Value; len(v) != 4 || v[0].Protocol != "imap" || v[0].Implicit != probes.StalwartYes || v[2].Implicit != probes.StalwartNo || v[0].MaxConnections != 8192 {
		t.Errorf("listeners %+v", v)
	}
	if v := s.System.Value; v.DefaultDomainID != "b" {
		t.Errorf("system %+v", v)
	}
	if s.API == nil || !s.API.OK() || s.API.Certificate == nil {
		t.Errorf("reach %+v", s.API)
	}
}

func TestUser(t *testing.T) {
	s, a, _ := look(t, config(), alice)
	u := a.User.Value
	if u.Found != probes.StalwartYes || u.ID != stalwartsim.ID(6) || u.Email != alice || u.Kind != probes.StalwartPerson || u.Others != 0 || u.DiskUsed != 10 || u.DiskLimit != 100 {
		t.Fatalf("%+v", u)
	}
	if !u.CredsKnown || len(u.Credentials) != 3 || u.Password() == nil || u.Password().OTP != probes.StalwartNo || u.Password().ID != "a" {
		t.Fatalf("credentials %+v", u.Credentials)
	}
	l := u.Credential("c")
	if l == nil || l.Kind != probes.StalwartAppPassword || l.Description != "Laptop" || l.CreatedAt.IsZero() || l.Expired(time.Now()) != probes.StalwartYes ||
		!slices.Equal(l.AllowedIPs, []probes.StalwartMask{"10.0.0.0/8"}) || l.Mode != probes.StalwartDisable || !slices.Equal(l.List, []string{"imapAuthenticate"}) || l.Unread != nil {
		t.Errorf("laptop %+v", l)
	}
	if !slices.Equal(u.Aliases, []string{"a.smith@example.test"}) { // one of a domain that is not here, one that is off
		t.Errorf("aliases %q", u.Aliases)
	}
	for name, c := range map[string]struct {
		credential string
		permission string
		want       probes.StalwartRight
	}{
		"own":        {"a", probes.StalwartMayIMAP, probes.StalwartRight{Answer: probes.StalwartYes, By: probes.StalwartByRole, RoleID: stalwartsim.ID(40)}},
		"replaced":   {"b", probes.StalwartMaySieve, probes.StalwartRight{Answer: probes.StalwartNo, By: probes.StalwartByCredential}},
		"disabled":   {"c", probes.StalwartMayIMAP, probes.StalwartRight{Answer: probes.StalwartNo, By: probes.StalwartByCredential}},
		"unheard of": {"a", "makeCoffee", probes.StalwartRight{Answer: probes.StalwartNo}},
	} {
		if got := s.Right(u, u.Credential(c.credential), c.permission); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestWhoIsMeant: the login is matched as the server does it: local part and domain, aliases, the default domain.
func TestWhoIsMeant(t *testing.T) {
	for user, want := range map[string]probes.StalwartUser{
		alice:                   {Found: probes.StalwartYes, ID: stalwartsim.ID(6)},
		" Alice@Example.TEST ":  {Found: probes.StalwartYes, ID: stalwartsim.ID(6)},
		"alice":                 {Found: probes.StalwartYes, ID: stalwartsim.ID(6)},
		"alice@second.test":     {Found: probes.StalwartYes, ID: stalwartsim.ID(5)},
		"alice@example.org":     {Found: probes.StalwartYes, ID: stalwartsim.ID(6), Alias: probes.StalwartAliasDomain},
		"a.smith@example.test":  {Found: probes.StalwartYes, ID: stalwartsim.ID(6), Alias: probes.StalwartAliasLogin},
		"a.smith@example.org":   {Found: probes.StalwartYes, ID: stalwartsim.ID(6), Alias: probes.StalwartAliasLogin},
		"old@example.test":      {Found: probes.StalwartYes, ID: stalwartsim.ID(6), Alias: probes.StalwartAliasOff},
		"team@example.test":     {Found: probes.StalwartYes, ID: stalwartsim.ID(7), Kind: probes.StalwartGroup},
		"nobody@example.test":   {Found: probes.StalwartNo},
		"alice@elsewhere.test":  {Found: probes.StalwartNo},
		"lice@example.test":     {Found: probes.StalwartNo},
		"alice@example.test@no": {Found: probes.StalwartNo},
	} {
		s, a, _ := look(t, config(), user)
		u := a.User.Value
		if !a.User.OK() || u.Found != want.Found || u.ID != want.ID || u.Alias != want.Alias || want.Kind != 0 && u.Kind != want.Kind {
			t.Errorf("%s: %+v", user, u)
		}
		if elsewhere := strings.HasSuffix(user, "elsewhere.test") || strings.HasSuffix(user, "@no"); !s.Domain.OK() || elsewhere != (s.Domain.Value.Found == probes.StalwartNo) {
			t.Errorf("%s: domain %+v", user, s.Domain)
		}
	}
}

// TestClock: what ends is judged by the server's clock.
func TestClock(t *testing.T) {
	c := config()
	c.Now = func() time.Time { return time.Now().Add(-3 * time.Hour) }
	s, _, _ := look(t, c, alice)
	if s.Clock == nil {
		t.Fatal("no clock")
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	if off := s.Now(at).Sub(at) + 3*time.Hour; off.Abs() > time.Minute {
		t.Errorf("off by %v", off)
	}
	if got := (&probes.StalwartServer{}).Now(at); !got.Equal(at) {
		t.Errorf("without a clock: %v", got)
	}
	c.Faults = map[string]stalwartsim.Fault{"/jmap/session": {Status: 401, Header: map[string]string{"Date": "yesterday"}}}
	client, sim := open(t, c)
	client.SignIn(bounded(t), own(t, sim))
	if got := client.Reached().Clock; got != nil {
		t.Errorf("a date that is none: %+v", got)
	}
}

// TestNobodyElse: of other people nothing stays.
func TestNobodyElse(t *testing.T) {
	c := config()
	c.Accounts[0].Apps = []stalwartsim.App{{ID: 1, Secret: "x", Description: "Somebody else's telephone"}}
	c.Log = []stalwartsim.LogLine{{At: time.Now(), Level: "info", Event: "auth.success", Details: `remoteIp = 203.0.113.8, accountName = "malice@example.test", accountId = 99`}}
	s, a, _ := look(t, c, alice)
	text, err := json.Marshal([]any{s, a})
	if err != nil {
		t.Fatal(err)
	}
	for _, others := range []string{"Somebody", "malice", "203.0.113.8", "noimap"} {
		if strings.Contains(string(text), others) {
			t.Errorf("%s stands in the facts", others)
		}
	}
	if v := a.Log.Value; v.Others != 1 || len(v.Events) != 0 {
		t.Errorf("log %+v", v)
	}
}

// TestForbidden: each permission gates its own object, and nothing else; Missing names it.
func TestForbidden(t *testing.T) {
	gates := map[string][]string{"sysAccountGet": {"User"}, "sysAccountQuery": {"User"}, "sysDomainGet": {"Domain"}, "sysRoleGet": {"Roles"}, "sysBlockedIpGet": {"Blocked"},
		"sysAllowedIpGet": {"Allowed"}, "sysSecurityGet": {"Security"}, "sysAuthenticationGet": {"Authentication"}, "sysDirectoryGet": {"Directories"}, "sysImapGet": {"IMAP"},
		"sysHttpGet": {"HTTP"}, "sysSystemSettingsGet": {"System"}, "sysNetworkListenerGet": {"Listeners"}, "sysEventTracingLevelGet": {"Levels"},
		"sysLogGet": {"Log", "DirectoryLog"}, "sysLogQuery": {"Log", "DirectoryLog"}, "sysDomainQuery": {}, "sysBlockedIpQuery": {}}
	for _, p := range stalwart.Permissions() {
		fields, known := gates[p]
		if p == "authenticate" {
			continue
		}
		if !known {
			t.Errorf("%s gates nothing that this test knows", p)
		}
		c := config()
		c.Log = []stalwartsim.LogLine{{At: time.Now(), Level: "info", Event: "auth.success", Details: `accountId = 6, id = 1`}, {At: time.Now(), Level: "error", Event: "store.ldap-error", Details: `code = 49`}}
		c.Key.Permissions = slices.DeleteFunc(slices.Clone(stalwartsim.LeastPrivilege), func(q string) bool { return q == p })
		client, _ := signedIn(t, c)
		s, a := client.Look(bounded(t), alice, "")
		for field, l := range seen(s, a) {
			if want := slices.Contains(fields, field); want != (l.Why == probes.NotPermitted) || !want && l.Why != probes.Seen {
				t.Errorf("without %s: %s is %q (%s)", p, field, l.Why, l.Words)
			}
			if l.Why == probes.NotPermitted && !strings.Contains(l.Words, "not authorized") {
				t.Errorf("%s: the server's words are missing: %q", field, l.Words)
			}
		}
		if o := client.Missing(bounded(t)); !o.OK() || !slices.Equal(o.Value, []string{p}) {
			t.Errorf("without %s: missing %+v", p, o)
		}
	}
}

// TestReadOnly: no method in the source of this package changes anything.
func TestReadOnly(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"set", "copy", "import", "changes"} {
			if !strings.HasSuffix(f, "_test.go") && strings.Contains(strings.ToLower(string(text)), "/"+verb+`"`) {
				t.Errorf("%s names a method /%s", f, verb)
			}
		}
	}
}
