package kerio_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/keriosim"
	"logindoctor.example/probes"
)

// asking makes a run ask what only some accounts need: a user with a home server and no policy, who is called by an alias in a
// domain with a directory, and a service with a group.
func asking() keriosim.Config {
	c := config()
	c.Domains[0].DirectoryType = "WindowsActiveDirectory"
	c.Users[0].HomeServer, c.Users[0].NoPolicy, c.Users[0].Aliases = "keriodb://server/2", true, []string{"john"}
	c.Services = []keriosim.Service{{Name: "Secure IMAP", Port: 993, Group: "Office"}}
	return c
}

const asked = "john@example.test"

// furtherReads are the reads beyond the five questions, each with its Look.
var furtherReads = map[string]func(*probes.KerioServer, *probes.KerioAccount) probes.Look{
	"Server.getAlertList":               func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Alerts.Look },
	"Server.getConnections":             func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Connections.Look },
	"ProductRegistration.getFullStatus": func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.License.Look },
	"Users.getMailboxCount":             func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Mailboxes.Look },
	"Domains.getSettings":               func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.Settings.Look },
	"IpAddressGroups.get":               func(s *probes.KerioServer, _ *probes.KerioAccount) probes.Look { return s.AddressGroups.Look },
	"AccessPolicy.get":                  func(_ *probes.KerioServer, a *probes.KerioAccount) probes.Look { return a.Access.Look },
	"AccessPolicy.getGroupList":         func(_ *probes.KerioServer, a *probes.KerioAccount) probes.Look { return a.Access.Look },
	"Users.getNotActivated":             func(_ *probes.KerioServer, a *probes.KerioAccount) probes.Look { return a.Pending.Look },
}

func TestFurtherReadsSeen(t *testing.T) {
	c := asking()
	c.Alerts = []keriosim.Alert{{Name: "LicenseTooManyUsers", Level: "Warning", Current: "51", Critical: "50"}}
	c.License = keriosim.License{Users: 50, Expirations: []keriosim.Expiration{{Type: "License", Unlimited: true}, {Type: "Subscription", Days: -4}}}
	c.Mailboxes = keriosim.Mailboxes{Active: 31, Total: 36}
	c.Connections = []keriosim.Connection{{Protocol: "protocolImaps", From: "192.0.2.1", User: "JDOE@example.test"}, {Protocol: "protocolHttps", Extension: "ActiveSync", From: "192.0.2.2", User: "jdoe"},
		{Protocol: "protocolImaps", From: "192.0.2.3", User: "other@example.test"}, {Protocol: "protocolSmtp", From: "192.0.2.4"}}
	c.Policies = []keriosim.AccessPolicy{{ID: "p1", Name: "Default", Default: true, Rules: []keriosim.AccessRule{{Service: "ServiceIMAP", Type: "ServiceIpAllowed", Group: "Office"}, {Service: "ServicePOP3", Type: "Sideways"}}},
		{ID: "p2", Name: "Other", Rules: []keriosim.AccessRule{{Service: "ServiceWebMail", Type: "ServiceDenied"}}}}
	c.NotActivated = []keriosim.NotActivated{{Login: "asmith", Domain: "example.test"}, {Login: "JOHN", Domain: "example.test", NotImportable: true, Message: "A duplicate."}}
	client, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	s, a := client.Look(bounded(t, 5*time.Second), asked)
	for method, look := range furtherReads {
		if l := look(s, a); l.Why != probes.Seen || method != "AccessPolicy.getGroupList" && l.What != method {
			t.Errorf("%s: %s %q %s", method, l.What, l.Why, l.Words)
		}
	}
	l := s.License.Value
	if len(l.Expirations) == 2 && !l.Expirations[1].Date.IsZero() {
		l.Expirations[1].Date = time.Time{}
	} else {
		t.Errorf("the date is missing: %+v", l)
	}
	for what, pair := range map[string][2]any{
		"alerts":      {s.Alerts.Value, []probes.KerioAlert{{Name: "LicenseTooManyUsers", Level: "Warning", Current: "51", Critical: "50"}}},
		"licence":     {l, probes.KerioLicense{Registration: "rsProductRegistered", Users: 50, Expirations: []probes.KerioLifetime{{Type: "License", Unlimited: true}, {Type: "Subscription", Days: -4}}}},
		"mailboxes":   {s.Mailboxes.Value, probes.KerioMailboxes{Active: 31, Total: 36}},
		"settings":    {s.Settings.Value, probes.KerioSettings{ServerID: "keriodb://server/1", HostName: "mail.example.test"}},
		"groups":      {s.AddressGroups.Value, []probes.KerioAddressGroup{{ID: "keriodb://ipgroup/office", Name: "Office", Members: []probes.KerioAddressRange{{From: "192.0.2.0", To: "192.0.2.255"}}}}},
		"pending":     {a.Pending.Value, probes.KerioPending{Found: true, Words: "A duplicate.", Total: 2}},
		"access":      {a.Access.Value, probes.KerioAccess{Policy: "Default", Rules: []probes.KerioAccessRule{{Service: "ServiceIMAP", Rule: probes.AccessIPAllowed, GroupID: "keriodb://ipgroup/office"}, {Service: "ServicePOP3", Rule: probes.AccessUnknown}}}},
		"connections": {s.Connections.Value, probes.KerioConnections{Total: 4, Users: 3, ByProtocol: []probes.KerioProtocolCount{{Protocol: "protocolHttps", Count: 1}, {Protocol: "protocolImaps", Count: 2}, {Protocol: "protocolSmtp", Count: 1}}, Own: []probes.KerioConnection{{Protocol: "protocolImaps", From: "192.0.2.1", Since: "00:12:07"}, {Protocol: "protocolHttps", Extension: "ActiveSync", From: "192.0.2.2", Since: "00:12:07"}}}},
	} {
		got, _ := json.Marshal(pair[0])
		want, _ := json.Marshal(pair[1])
		if string(got) != string(want) {
			t.Errorf("%s\n got %s\nwant %s", what, got, want)
		}
	}
	if v := s.Services.Value[0]; v.AddressGroup != "Office" || v.AddressGroupID != "keriodb://ipgroup/office" || v.ConnectionLimit != 1000 {
		t.Errorf("service %+v", v)
	}
}

// TestFurtherReadsFailAlone: a call that is refused or hangs is not seen, and leaves the rest.
func TestFurtherReadsFailAlone(t *testing.T) {
	for method, look := range furtherReads {
		for name, f := range map[string]struct {
			fault keriosim.Fault
			want  probes.Why
		}{
			"refused": {keriosim.Fault{Code: 1004, Message: "Access denied."}, probes.NotPermitted},
			"garbage": {keriosim.Fault{Garbage: true}, probes.Unclear},
			"hung":    {keriosim.Fault{Hang: true}, probes.Timeout},
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				c := asking()
				c.Faults = map[string]keriosim.Fault{method: f.fault}
				timeout := 20 * time.Second
				if f.fault.Hang {
					timeout = 2 * time.Second
				}
				client, server := signedIn(t, bounded(t, 20*time.Second), authority(t), c)
				s, a := client.Look(bounded(t, timeout), asked)
				if l := look(s, a); l.Why != f.want {
					t.Errorf("%q (%s), want %q", l.Why, l.Words, f.want)
				}
				for other, look := range furtherReads {
					// The groups are asked for once the rules are known.
					behind := f.fault.Hang && other == "IpAddressGroups.get" && strings.HasPrefix(method, "AccessPolicy")
					if l := look(s, a); l.Why != probes.Seen && other != method && !(strings.HasPrefix(method, "AccessPolicy") && strings.HasPrefix(other, "AccessPolicy")) && !behind {
						t.Errorf("%s failed with it: %q %s", other, l.Why, l.Words)
					}
				}
				role := ""
				if name == "refused" {
					role = "Auditor" // what is refused makes the role worth asking for
				}
				if s.Session.Value.Role != role || server.Calls()["Session.whoAmI"] != len(role)/len("Auditor") {
					t.Errorf("role %q, asked %d times", s.Session.Value.Role, server.Calls()["Session.whoAmI"])
				}
			})
		}
	}
}

// TestCountIsNotWaitedFor: a count of mailboxes that hangs does not use up the time of the run.
func TestCountIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	c := config()
	c.Faults = map[string]keriosim.Fault{"Users.getMailboxCount": {Hang: true}}
	client, _ := signedIn(t, bounded(t, 40*time.Second), authority(t), c)
	ctx := bounded(t, 40*time.Second)
	if s, _ := client.Look(ctx, "jdoe@example.test"); ctx.Err() != nil || s.Mailboxes.Why != probes.Timeout || !s.Alerts.OK() {
		t.Errorf("%v, %q %s", ctx.Err(), s.Mailboxes.Why, s.Mailboxes.Words)
	}
}

// TestFurtherReadsShapes: a reply without its key, of another shape, with a row that lacks what it is read for, or cut short is
// no answer; an empty list is one.
func TestFurtherReadsShapes(t *testing.T) {
	whole := map[string]string{
		"Domains.get":  `{"result":{"list":[{"id":"d1","name":"example.test","isPrimary":true,"service":{"isEnabled":true}}]}}`,
		"Users.get":    `{"result":{"list":[{"id":"u1","loginName":"jdoe","isEnabled":true,"emailAddresses":["john"],"homeServer":{"id":"s2"}}],"totalItems":1}}`,
		"Services.get": `{"result":{"services":[{"name":"IMAP","isRunning":true,"group":{"isUsed":true,"ipGroup":{"id":"g1"}}}]}}`,
	}
	for method, c := range map[string]struct {
		key  string
		good []string
		bad  []string
	}{
		"Server.getAlertList": {"alerts", []string{`[]`, `[{"alertName":"LicenseExpired"}]`}, []string{`[{}]`, `["LicenseExpired"]`, `{}`}},
		"Server.getConnections": {"list", []string{`[]`, `[{"proto":"protocolImaps"}],"totalItems":1`}, []string{`[{}]`, `[7]`, `{}`, `[],"totalItems":1`,
			`[{"proto":"protocolImaps"}],"totalItems":2`}},
		"ProductRegistration.getFullStatus": {"status", []string{`{"users":-2,"expirations":[]}`, `{"users":"50","expirations":[{"type":"License","isUnlimited":true}]}`},
			[]string{`{}`, `[]`, `{"users":50}`, `{"expirations":[]}`, `{"users":50,"expirations":[{"type":"License"}]}`}},
		"Users.getMailboxCount": {"count", []string{`{"active":0}`}, []string{`{}`, `7`, `{"total":7}`}},
		"Domains.getSettings":   {"setting", []string{`{"serverId":"s1"}`, `{}`}, []string{`[]`, `"s1"`}},
		"IpAddressGroups.get":   {"list", []string{`[]`, `[{"groupId":"g1","type":"Host","host":"192.0.2.1"}]`}, []string{`[{}]`, `{}`, `[],"totalItems":3`}},
		"AccessPolicy.get": {"list", []string{`[]`, `[{"groupId":"p1","service":"ServiceIMAP","rule":{}}]`}, []string{`[{}]`, `[{"groupId":"p1"}]`, `"none"`,
			`[{"groupId":"p1","service":"ServiceIMAP","rule":{}}],"totalItems":9`}},
		"AccessPolicy.getGroupList": {"groups", []string{`[{"id":"p1","isDefault":true}]`}, []string{`[]`, `[{"id":"p1"}]`, `{}`}},
		"Users.getNotActivated":     {"newUsers", []string{`[]`, `[{"userItem":{"loginName":"john"}}]`}, []string{`[{}]`, `{}`, `[3]`}},
	} {
		try := func(body string, want bool) {
			t.Helper()
			replies := map[string]string{method: body}
			for m, r := range whole {
				replies[m] = r
			}
			s, a := scripted(t, replies).Look(bounded(t, 5*time.Second), asked)
			if l := furtherReads[method](s, a); (l.Why == probes.Seen) != want || !want && l.Why != probes.Unclear {
				t.Errorf("%s answered %s: %q %s", method, body, l.Why, l.Words)
			}
		}
		for _, value := range c.good {
			try(fmt.Sprintf(`{"result":{%q:%s}}`, c.key, value), true)
		}
		for _, value := range append(c.bad, `null`) {
			try(fmt.Sprintf(`{"result":{%q:%s}}`, c.key, value), false)
		}
		try(`{"result":{}}`, false)
	}
}

// TestNotAsked: what an account does not need is not asked, and another call's answer stands for it.
func TestNotAsked(t *testing.T) {
	c := config()
	client, server := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	s, a := client.Look(bounded(t, 5*time.Second), "jdoe@example.test")
	calls := server.Calls()
	for method, o := range map[string]probes.Look{"Users.getNotActivated": a.Pending.Look, "Domains.getSettings": s.Settings.Look, "IpAddressGroups.get": s.AddressGroups.Look} {
		if calls[method] != 0 || o.Why != probes.Seen || o.What == method {
			t.Errorf("%s: %d calls, %q from %s", method, calls[method], o.Why, o.What)
		}
	}
	if calls["AccessPolicy.getGroupList"] != 0 || !a.Access.OK() || a.Access.Value.Policy != "Default" || a.Pending.Value.Found {
		t.Errorf("calls %v, access %+v, pending %+v", calls, a.Access, a.Pending)
	}
	// Nobody of that name: a domain without a directory has nobody to be activated, and no policy applies.
	_, a = client.Look(bounded(t, 5*time.Second), "nobody@example.test")
	if !a.Pending.OK() || a.Pending.What != "Domains.get" || a.Pending.Value.Found || a.Access.Why != probes.Unclear {
		t.Errorf("nobody: pending %+v, access %+v", a.Pending, a.Access)
	}
	_, a = client.Look(bounded(t, 5*time.Second), "jdoe@nowhere.test")
	if a.Pending.Why != probes.Unclear || a.Access.Why != probes.Unclear {
		t.Errorf("no such domain: pending %+v, access %+v", a.Pending, a.Access)
	}
}

// TestUnaskedCoversAll: without a session every observation says why it was not made.
func TestUnaskedCoversAll(t *testing.T) {
	client, _ := open(t, bounded(t, 5*time.Second), authority(t), config())
	s, a := client.Unasked(probes.Look{Probe: probes.ProbeKerio, Why: probes.NotPermitted})
	text, err := json.Marshal([]any{s, a})
	if err != nil {
		t.Fatal(err)
	}
	for method := range furtherReads {
		if method != "AccessPolicy.getGroupList" && !strings.Contains(string(text), `"what":"`+method+`","why":"not-permitted"`) {
			t.Errorf("%s is missing", method)
		}
	}
	for _, log := range []string{"security", "audit", "warning", "debug"} {
		if !strings.Contains(string(text), `"what":"Logs.get `+log+`","why":"not-permitted"`) {
			t.Errorf("the %s log is missing", log)
		}
	}
}

// TestUserDetails: what the user's row tells besides.
func TestUserDetails(t *testing.T) {
	c := config()
	u := &c.Users[0]
	u.Migration, u.HomeServer, u.SizeLimit, u.SizeUsed, u.ItemLimit, u.ItemsUsed = "Move", "keriodb://server/2", 3<<30, 5<<20+1, 100, 99
	client, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	_, a := client.Look(bounded(t, 5*time.Second), "jdoe@example.test")
	if v := a.User.Value; !v.Migrating || v.Migration != "Move" || v.HomeServerID != u.HomeServer || v.SizeLimit != 3<<30 || v.SizeUsed != 5<<20+1 || v.ItemLimit != 100 || v.ItemsUsed != 99 {
		t.Errorf("%+v", v)
	}
	_, a = client.Look(bounded(t, 5*time.Second), "other@example.test")
	if v := a.User.Value; v.Migrating || v.Migration+v.HomeServerID != "" || v.SizeLimit+v.SizeUsed+v.ItemLimit+v.ItemsUsed != 0 {
		t.Errorf("%+v", v)
	}
}

// TestLimitsThatAreOff: a limit counts only where it is active.
func TestLimitsThatAreOff(t *testing.T) {
	row := `{"id":"u1","loginName":"jdoe","isEnabled":true,"migration":{"enabled":false,"id":"m1","name":"Old"},"consumedItems":-4,
		"diskSizeLimit":{"isActive":%v,"limit":{"value":2,"units":"KiloBytes"}},"itemLimit":{"isActive":%v,"limit":7}}`
	for active, want := range map[bool][2]int64{true: {2048, 7}, false: {0, 0}} {
		_, a := scripted(t, map[string]string{"Users.get": `{"result":{"list":[` + fmt.Sprintf(row, active, active) + `],"totalItems":1}}`}).Look(bounded(t, 5*time.Second), "jdoe@example.test")
		if v := a.User.Value; !a.User.OK() || v.SizeLimit != want[0] || v.ItemLimit != want[1] || v.ItemsUsed != 0 || v.Migration != "" {
			t.Errorf("active %v: %+v", active, v)
		}
	}
}

// TestUnknownUserIsSure: an account is not there only where every row was read.
func TestUnknownUserIsSure(t *testing.T) {
	for rows, want := range map[string]probes.Why{
		`[{"id":"u2","loginName":"other","isEnabled":true}],"totalItems":1`: probes.Seen,
		`[{"id":"u2","loginName":"other","isEnabled":true}]`:                probes.Seen,
		`[],"totalItems":0`: probes.Seen,
		`[{"id":"u2","loginName":"other","isEnabled":true}],"totalItems":4`: probes.Unclear, // the same rows for every page
		`[],"totalItems":4`:            probes.Unclear,
		`[{"id":"u2"}],"totalItems":1`: probes.Unclear,
		`["other"],"totalItems":1`:     probes.Unclear,
		`{},"totalItems":1`:            probes.Unclear,
	} {
		_, a := scripted(t, map[string]string{"Users.get": `{"result":{"list":` + rows + `}}`}).Look(bounded(t, 5*time.Second), "jdoe@example.test")
		if a.User.Why != want || a.User.Value.Found {
			t.Errorf("%s: %q %s, found %v", rows, a.User.Why, a.User.Words, a.User.Value.Found)
		}
	}
	// A service that does not say whether it runs is not a stopped one.
	s, _ := scripted(t, map[string]string{"Services.get": `{"result":{"services":[{"name":"IMAP"}]}}`}).Look(bounded(t, 5*time.Second), "jdoe@example.test")
	if s.Services.Why != probes.Unclear {
		t.Errorf("services %+v", s.Services)
	}
}
