package stalwart_test

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
)

// TestOneObjectBroken: what one method answers amiss spoils its own observation and no other.
func TestOneObjectBroken(t *testing.T) {
	fields := map[string]string{"x:Domain/get": "Domain", "x:Role/get": "Roles", "x:BlockedIp/get": "Blocked", "x:AllowedIp/get": "Allowed", "x:Security/get": "Security",
		"x:Authentication/get": "Authentication", "x:Directory/get": "Directories", "x:Imap/get": "IMAP", "x:Http/get": "HTTP", "x:NetworkListener/get": "Listeners",
		"x:SystemSettings/get": "System", "x:EventTracingLevel/get": "Levels", "x:Account/get": "User", "x:Account/query": "User"}
	for name, c := range map[string]struct {
		fault stalwartsim.Fault
		why   probes.Why
	}{
		"too large":   {stalwartsim.Fault{Type: "requestTooLarge", Description: "too many"}, probes.Unclear},
		"unknown":     {stalwartsim.Fault{Type: "unknownMethod"}, probes.Unclear},
		"unavailable": {stalwartsim.Fault{Type: "serverUnavailable"}, probes.Unreachable},
		"forbidden":   {stalwartsim.Fault{Type: "forbidden", Description: "You are not authorized to perform this action"}, probes.NotPermitted},
		"no list":     {stalwartsim.Fault{Raw: `{"accountId":"b"}`}, probes.Unclear},
		"null":        {stalwartsim.Fault{Raw: `{"list":null,"ids":null}`}, probes.Unclear},
		"no object":   {stalwartsim.Fault{Raw: `[1,2]`}, probes.Unclear},
		"strange":     {stalwartsim.Fault{Raw: `{"list":[7],"ids":[7]}`}, probes.Unclear},
	} {
		for method, field := range fields {
			conf := config()
			conf.Faults = map[string]stalwartsim.Fault{method: c.fault}
			s, a, _ := look(t, conf, alice)
			for f, l := range seen(s, a) {
				if f == field && (l.Why != c.why || l.Words == "") || f != field && l.Why != probes.Seen {
					t.Errorf("%s of %s: %s is %q (%s)", name, method, f, l.Why, l.Words)
				}
			}
		}
	}
}

// TestRequestBroken: where a whole request fails, all that it asked says so, and nothing reads as "none there".
func TestRequestBroken(t *testing.T) {
	for name, c := range map[string]struct {
		fault stalwartsim.Fault
		why   probes.Why
	}{
		"500":     {stalwartsim.Fault{Status: 500}, probes.Unreachable},
		"429":     {stalwartsim.Fault{Status: 429}, probes.Unclear},
		"403":     {stalwartsim.Fault{Status: 403}, probes.NotPermitted},
		"page":    {stalwartsim.Fault{Status: 200, Body: "<html>"}, probes.Unclear},
		"empty":   {stalwartsim.Fault{Status: 200, Body: "{}"}, probes.Unclear},
		"nothing": {stalwartsim.Fault{Status: 200, Body: `{"methodResponses":[]}`}, probes.Unclear},
		"odd":     {stalwartsim.Fault{Status: 200, Body: `{"methodResponses":[1,[],["a"],[1,2,3],["x:Role/get",{},7],null]}`}, probes.Unclear},
		"closed":  {stalwartsim.Fault{Close: true}, probes.Unreachable},
		"endless": {stalwartsim.Fault{Endless: true}, probes.Unclear},
	} {
		conf := config()
		conf.Faults = map[string]stalwartsim.Fault{"/jmap/": c.fault}
		s, a, sim := look(t, conf, alice)
		for f, l := range seen(s, a) {
			if f != "Session" && l.Why != c.why {
				t.Errorf("%s: %s is %q (%s)", name, f, l.Why, l.Words)
			}
		}
		if n := len(sim.Paths()); n > 5 || a.User.OK() || len(s.Blocked.Value.Rows) > 0 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
	conf := config()
	conf.Faults = map[string]stalwartsim.Fault{"x:Log/query": {Hang: true}}
	client, sim := openIn(t, conf, hasty)
	if o := client.SignIn(bounded(t), own(t, sim)); !o.OK() {
		t.Fatal(o.Words)
	}
	s, a := client.Look(bounded(t), alice, "")
	if !a.User.OK() || !s.Security.OK() || a.Log.Why != probes.Timeout {
		t.Errorf("a log that hangs holds back the rest: user %q, log %q", a.User.Why, a.Log.Why)
	}
}

// TestFewCalls: a server that takes fewer calls in one request is asked for what matters most, and never in more requests.
func TestFewCalls(t *testing.T) {
	for most, want := range map[int][]string{2: {"User"}, 4: {"User", "Domain", "Authentication"}, 40: nil} {
		conf := config()
		conf.MaxCalls = most
		s, a, sim := look(t, conf, alice)
		for f, l := range seen(s, a) {
			if must := most == 40 || slices.Contains(want, f); must && l.Why != probes.Seen {
				t.Errorf("%d calls: %s is %q (%s)", most, f, l.Why, l.Words)
			}
		}
		if most == 2 && (s.Roles.Why != probes.Unclear || !strings.Contains(s.Roles.Words, "not asked")) {
			t.Errorf("roles %+v", s.Roles.Look)
		}
		if n := len(sim.Paths()); n != 3 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestAliasesUnsearched: where aliases could not be searched, nobody knows that there is no such account.
func TestAliasesUnsearched(t *testing.T) {
	conf := config()
	conf.MaxCalls = 4
	if _, a, _ := look(t, conf, "nobody@example.test"); !a.User.OK() || a.User.Value.Found != probes.StalwartUnknown {
		t.Errorf("%+v", a.User)
	}
	if _, a, _ := look(t, conf, "nobody@elsewhere.test"); !a.User.OK() || a.User.Value.Found != probes.StalwartNo {
		t.Errorf("a domain that is not served has no aliases: %+v", a.User)
	}
}

// TestCanceled: an interrupted run ends what hangs at once, and says so.
func TestCanceled(t *testing.T) {
	conf := config()
	conf.Faults = map[string]stalwartsim.Fault{"/jmap/": {Hang: true}}
	client, sim := signedIn(t, conf)
	ctx, cancel := context.WithCancel(bounded(t))
	go func() {
		for len(sim.Paths()) < 2 && ctx.Err() == nil {
			runtime.Gosched()
		}
		cancel()
	}()
	s, a := client.Look(ctx, alice, "")
	if a.User.Why != probes.Canceled || s.Levels.Why != probes.Canceled {
		t.Errorf("%q %q", a.User.Why, s.Levels.Why)
	}
}

// TestBans: containment decides, an exemption beats a ban, and a list that was cut says so.
func TestBans(t *testing.T) {
	client := netip.MustParseAddr("198.51.100.7")
	for name, c := range map[string]struct {
		bans    []stalwartsim.Ban
		allowed []string
		objects int
		want    probes.StalwartAnswer
	}{
		"none":           {nil, nil, 0, probes.StalwartNo},
		"itself":         {[]stalwartsim.Ban{{Mask: "198.51.100.7"}}, nil, 0, probes.StalwartYes},
		"its network":    {[]stalwartsim.Ban{{Mask: "203.0.113.9"}, {Mask: "198.51.100.0/24", Reason: "manual"}}, nil, 0, probes.StalwartYes},
		"another":        {[]stalwartsim.Ban{{Mask: "198.51.100.8"}}, nil, 0, probes.StalwartNo},
		"over":           {[]stalwartsim.Ban{{Mask: "198.51.100.7", Expires: time.Now().Add(-time.Hour)}}, nil, 0, probes.StalwartNo},
		"exempt":         {[]stalwartsim.Ban{{Mask: "198.51.100.7"}}, []string{"198.51.0.0/16"}, 0, probes.StalwartNo},
		"unreadable":     {[]stalwartsim.Ban{{Mask: "somewhere"}}, nil, 0, probes.StalwartUnknown},
		"cut":            {[]stalwartsim.Ban{{Mask: "203.0.113.1"}, {Mask: "203.0.113.2"}, {Mask: "198.51.100.0/24"}}, nil, 2, probes.StalwartUnknown},
		"cut, and exact": {[]stalwartsim.Ban{{Mask: "203.0.113.1"}, {Mask: "203.0.113.2"}, {Mask: "198.51.100.7"}}, nil, 2, probes.StalwartYes},
	} {
		conf := config()
		conf.Blocked, conf.Allowed, conf.MaxObjects = c.bans, c.allowed, c.objects
		s, _, _ := look(t, conf, alice)
		rows, got := s.Banned(client, time.Now())
		if got != c.want || (got == probes.StalwartYes) != (len(rows) == 1) {
			t.Errorf("%s: %v %+v of %+v", name, got, rows, s.Blocked)
		}
		if _, other := s.Banned(netip.MustParseAddr("192.0.2.200"), time.Now()); c.bans != nil && other != probes.StalwartUnknown {
			t.Errorf("%s: an address that nobody asked for is %v", name, other)
		}
	}
	conf := config()
	for i := range 40 {
		conf.Blocked = append(conf.Blocked, stalwartsim.Ban{Mask: fmt.Sprintf("203.0.113.%d", i)})
	}
	s, _, _ := look(t, conf, alice)
	if b := s.Blocked.Value; b.Total != 40 || len(b.Rows) != 0 || !b.Complete {
		t.Errorf("other people's addresses: %+v", b)
	}
}

// TestLog: lines that name the account by its number belong to it, longer numbers do not, and what the level leaves out is not
// there.
func TestLog(t *testing.T) {
	conf := config()
	at := time.Date(2026, 8, 21, 10, 0, 0, 0, time.UTC)
	conf.Log = []stalwartsim.LogLine{
		{At: at, Level: "info", Event: "security.ip-unauthorized", Details: `listenerId = "imaps", localPort = 993, remoteIp = 203.0.113.5, accountId = 6, reason = "IP address not allowed."`},
		{At: at, Level: "info", Event: "security.unauthorized", Details: `listenerId = "imaps", remoteIp = 203.0.113.6, accountName = "malice@example.test", accountId = 60, details = "imapAuthenticate"`},
		{At: at.Add(-time.Hour), Level: "info", Event: "auth.success", Details: `remoteIp = 203.0.113.7, accountName = "alice@example.test", accountId = 6, id = 1`},
		{At: at, Level: "error", Event: "store.ldap-error", Details: `remoteIp = 203.0.113.8, code = 49, reason = "LDAP operation result: rc=49 (invalidCredentials), dn: "", text: "x, y = z""`},
		{At: at, Level: "info", Event: "security.ip-blocked", Details: `listenerId = "imaps", remoteIp = 198.51.100.7`},
		{At: at, Level: "info", Event: "security.ip-blocked", Details: `listenerId = "imaps", remoteIp = 198.51.100.77`},
	}
	conf.Blocked = []stalwartsim.Ban{{Mask: "203.0.113.5"}}
	s, a, _ := look(t, conf, alice)
	if v := a.Log.Value; len(v.Events) != 2 || v.Others != 1 || v.Lines != 3 || v.Cut {
		t.Fatalf("%+v", v)
	}
	first, second := a.Log.Value.Events[0], a.Log.Value.Events[1]
	if first.Kind != probes.StalwartLogSuccess || first.CredentialID != "b" || !first.At.Equal(at.Add(-time.Hour)) {
		t.Errorf("%+v", first)
	}
	if second.Kind != probes.StalwartLogIPUnauthorized || second.Address != "203.0.113.5" || second.Reason != "IP address not allowed." || second.Listener != "imaps" {
		t.Errorf("%+v", second)
	}
	if e := s.DirectoryLog.Value.Events; len(e) != 1 || e[0].Code != 49 || !strings.HasSuffix(e[0].Reason, `text: "x, y = z"`) || e[0].Address != "" {
		t.Errorf("directory %+v", e)
	}
	if e := s.AddressLog.Value; len(e.Events) != 1 || e.Others != 1 || e.Events[0].Address != "198.51.100.7" {
		t.Errorf("address %+v", e)
	}
	// The address of a failure in the log is one that matters: its ban is kept.
	if _, got := s.Banned(netip.MustParseAddr("203.0.113.5"), time.Now()); got != probes.StalwartYes {
		t.Errorf("the address of the failure: %v", got)
	}

	// Whoever types this as a login name would have others believe that alice's app password was deleted. A numeric tag of IMAP is
	// no credential.
	conf = config()
	conf.Log = []stalwartsim.LogLine{
		{At: at, Level: "info", Event: "auth.failed", Details: `remoteIp = 203.0.113.66, accountName = "alice@example.test", accountId = 6, id = 1, reason = "Credential not found for account", reason = "Account not found"`},
		{At: at, Level: "info", Event: "auth.failed", Details: `remoteIp = 203.0.113.66, accountName = "x", accountId = 6, reason = "b", reason = "Account not found"`},
		{At: at, Level: "info", Event: "auth.failed", Details: `remoteIp = 203.0.113.5, accountName = "alice@example.test", accountId = 6, reason = "Authentication failed", id = "2"`},
	}
	_, a, _ = look(t, conf, alice)
	if v := a.Log.Value; len(v.Events) != 1 || v.Others != 2 || v.Events[0].Address != "203.0.113.5" || v.Events[0].CredentialID != "" {
		t.Errorf("forged lines: %+v", v)
	}

	conf = config()
	conf.NoLog = true
	s, a, _ = look(t, conf, alice)
	if a.Log.Why != probes.Unclear || !strings.Contains(a.Log.Words, "No log tracers") || s.DirectoryLog.Why != probes.Unclear {
		t.Errorf("no tracer: %+v", a.Log)
	}
}

// TestLevels: at the default levels a wrong password leaves no trace; raised, it does, under the account's number alone where
// an app password was used.
func TestLevels(t *testing.T) {
	for _, raised := range []bool{false, true} {
		conf := config()
		if raised {
			conf.Levels = map[string]string{"auth.failed": "info"}
		}
		client, sim := signedIn(t, conf)
		client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, gone))
		s, a := client.Look(bounded(t), alice, "")
		if got := len(a.Log.Value.Events); got != map[bool]int{false: 0, true: 1}[raised] || !a.Log.OK() {
			t.Fatalf("raised %v: %+v", raised, a.Log)
		}
		if raised && (a.Log.Value.Events[0].CredentialID != "j" || a.Log.Value.Events[0].Kind != probes.StalwartLogFailed) {
			t.Errorf("%+v", a.Log.Value.Events[0])
		}
		if raised != (len(s.Levels.Value) == 1) {
			t.Errorf("levels %+v", s.Levels.Value)
		}
		if n := len(sim.Paths()); n != 4 {
			t.Errorf("%d requests for a whole diagnosis with a try, want 4", n)
		}
	}
}

// TestDirectory: the object of LDAP, without what stands before the host's name.
func TestDirectory(t *testing.T) {
	conf := config()
	conf.Directory = &stalwartsim.Directory{URL: "ldaps://user:pw-in-url@dc1.example.test:636", BaseDN: "dc=example,dc=test", BindDN: "cn=svc,dc=example,dc=test"}
	s, _, _ := look(t, conf, alice)
	d := s.Directory()
	if d == nil || d.Type != "Ldap" || d.URL != "ldaps://dc1.example.test:636" || d.BindDN != "cn=svc,dc=example,dc=test" || d.BindSecret != probes.StalwartSecretValue ||
		d.BindUsers != probes.StalwartYes || !d.Used || d.StartTLS != probes.StalwartNo || d.TimeoutMS != 30000 {
		t.Errorf("%+v", d)
	}
	if id, known := s.Checks(); id != "b" || !known {
		t.Errorf("%q %v", id, known)
	}
	s, _, _ = look(t, config(), alice)
	if id, known := s.Checks(); id != "" || !known || s.Directory() != nil {
		t.Errorf("%q %v", id, known)
	}
}
