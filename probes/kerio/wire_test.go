package kerio

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

func TestLogLines(t *testing.T) {
	for text, want := range map[string]struct {
		kind     probes.KerioLogKind
		protocol string
		user     string
		address  string
	}{
		"HTTP/WebMail: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.1.":                                 {probes.LogInvalidPassword, "HTTP/WebMail", "jdoe@example.test", "192.0.2.1"},
		"IMAP: Invalid password for user jdoe.":                                                                                         {probes.LogInvalidPassword, "IMAP", "jdoe", ""},
		"IMAP: User jdoe@example.test doesn't exist. Attempt from IP address 2001:db8::1.":                                              {probes.LogUserUnknown, "IMAP", "jdoe@example.test", "2001:db8::1"},
		"IMAP: User jdoe@example.test doesn’t exist. Attempt from IP address 192.0.2.1":                                                 {probes.LogUserUnknown, "IMAP", "jdoe@example.test", "192.0.2.1"},
		"IMAP: User jdoe@example.test - login denied: Access Policy rule 'R' used. Attempt from IP address 192.0.2.1.":                  {probes.LogPolicyDenied, "IMAP", "jdoe@example.test", "192.0.2.1"},
		"Failed IMAP login from 192.0.2.1, user jdoe@example.test":                                                                      {probes.LogInvalidPassword, "IMAP", "jdoe@example.test", "192.0.2.1"},
		"Failed SMTP login from 192.0.2.1 with SASL method PLAIN.":                                                                      {probes.LogInvalidPassword, "SMTP", "", "192.0.2.1"},
		"SMTP: AntiHammering - IP address 192.0.2.1 will be blocked for 5 minutes, too many failed logins from this IP address.":        {probes.LogAddressBlocked, "SMTP", "", "192.0.2.1"},
		"SMTP: AntiHammering: connection from IP address 192.0.2.1 is blocked":                                                          {probes.LogAddressBlocked, "SMTP", "", "192.0.2.1"},
		"IMAP: User jdoe@example.test authenticated  from IP address 192.0.2.1; Thunderbird":                                            {probes.LogAuthenticated, "IMAP", "jdoe@example.test", "192.0.2.1"},
		"Connection attempt to service IMAP from IP address 192.0.2.1 rejected: too many connections. Connection limit is 100":          {probes.LogTooManyConnections, "", "", "192.0.2.1"},
		"Too many false 2FA attempts for user: 'jdoe@example.test', account is locked":                                                  {probes.LogTwoFactorDisabled, "", "jdoe@example.test", ""},
		"SMTP: Only application passwords are allowed since 2FA is enabled. User jdoe@example.test. Attempt from IP address 192.0.2.1.": {probes.LogOnlyAppPasswords, "SMTP", "jdoe@example.test", "192.0.2.1"},
		"IMAP: authentication method PLAIN is disabled, user jdoe@example.test":                                                         {probes.LogMethodDisabled, "IMAP", "jdoe@example.test", ""},
		"Something about user jdoe@example.test that nobody has seen yet":                                                               {probes.LogOther, "", "jdoe@example.test", ""},
	} {
		l, ok := parseLine("[22/Nov/2026 09:14:00] " + text)
		if !ok || l.event.Kind != want.kind || l.event.Protocol != want.protocol || l.user != want.user || l.event.Address != want.address ||
			!l.local.Equal(time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)) {
			t.Errorf("%s\n got %v %q user %q address %q at %v", text, l.event.Kind, l.event.Protocol, l.user, l.event.Address, l.local)
		}
	}
	for text, want := range map[string]string{
		"IMAP: User jdoe@example.test authenticated  from IP address 192.0.2.1; Thunderbird 128 ": "Thunderbird 128",
		"IMAP: User jdoe@example.test authenticated  from IP address 2001:db8::1, iPhone; Mail":   "iPhone; Mail",
		"IMAP: User jdoe@example.test authenticated  from IP address 192.0.2.1":                   "",
		"IMAP: User jdoe@example.test authenticated  from IP address 192.0.2.1;":                  "",
		"Failed IMAP login from 192.0.2.1, user jdoe@example.test":                                "",
	} {
		if l, ok := parseLine("[22/Nov/2026 09:14:00] " + text); !ok || l.event.Client != want || strings.TrimRight(l.event.Address, "1") == l.event.Address {
			t.Errorf("%s: client %q, address %q", text, l.event.Client, l.event.Address)
		}
	}
	for _, text := range []string{"", "no time", "[22/Nov/2026] short", "[99/Nov/2026 09:14:00] no such day"} {
		if _, ok := parseLine(text); ok {
			t.Errorf("%q was read as a line", text)
		}
	}
}

func TestDecode(t *testing.T) {
	r, ok := decode([]byte(`{"error":{"code":"1000","message":"User %1 of %2","data":{"messageParameters":{"positionalParameters":["jdoe",7]}}}}`))
	if !ok || r.Error == nil || r.Error.Code != 1000 || r.Error.words() != "User jdoe of 7" {
		t.Errorf("got %+v, %v", r.Error, ok)
	}
	if r, ok := decode([]byte(`{"error":{"code":-32001,"message":"Session expired."}}`)); !ok || r.Error.words() != "Session expired." {
		t.Errorf("without data: %+v", r.Error)
	}
	for _, text := range []string{"", "<html>", `{}`, `[]`, `{"jsonrpc":"2.0","id":1}`} {
		if _, ok := decode([]byte(text)); ok {
			t.Errorf("%q was taken for a reply", text)
		}
	}
}

func TestTwoFactorFields(t *testing.T) {
	for row, want := range map[string][2]probes.KerioSetting{
		`{"name":"d"}`:                             {probes.SettingUnknown, probes.SettingUnknown},
		`{"enable2FA":true}`:                       {probes.SettingOn, probes.SettingUnknown},
		`{"twoFactorAuth":{"isEnabled":false}}`:    {probes.SettingOff, probes.SettingUnknown},
		`{"is2faEnabled":"1","force2fa":"false"}`:  {probes.SettingOn, probes.SettingOff},
		`{"totp":{"enabled":false,"forced":true}}`: {probes.SettingOn, probes.SettingOn},
		`{"mfaExpiryDays":30}`:                     {probes.SettingUnknown, probes.SettingUnknown},
	} {
		if on, forced, _ := twoFactor([]byte(row)); on != want[0] || forced != want[1] {
			t.Errorf("%s: %v, forced %v", row, on, forced)
		}
	}
}

func FuzzLogLine(f *testing.F) {
	f.Add("[22/Nov/2026 09:14:00] IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.1.")
	f.Add("[22/Nov/2026 09:14:00] Failed IMAP login from 192.0.2.1, user x")
	f.Fuzz(func(t *testing.T, text string) {
		who := names{"jdoe@example.test": true}
		log, refusals := reduce(strings.Split(text, "\n"), 0, who, time.Hour)
		if log.Lines != log.Strange+log.OthersLines+len(log.Events) {
			t.Errorf("%d lines, %d strange, %d of others, %d kept", log.Lines, log.Strange, log.OthersLines, len(log.Events))
		}
		others := 0
		for _, n := range neighbours(refusals, who) {
			if others += n.Lines; n.Address == "" || n.Users > n.Lines {
				t.Errorf("%+v", n)
			}
		}
		for _, o := range othersRefused(refusals, who, time.Hour, nil) {
			if len(o.At) == 0 || len(o.At) > maxRefusals || !slices.IsSortedFunc(o.At, time.Time.Compare) {
				t.Errorf("%+v", o)
			}
		}
		if others > log.OthersLines {
			t.Errorf("%d lines of neighbours, %d of others", others, log.OthersLines)
		}
		for _, e := range log.Events {
			if len(e.Words) > secret.MostKept || len(e.Client) > secret.MostKept {
				t.Errorf("%d bytes of words, %d of the client", len(e.Words), len(e.Client))
			}
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"result":{"list":[{"id":1,"loginName":"x","isEnabled":"true"}]}}`))
	f.Add([]byte(`{"error":{"code":1000,"message":"%1","data":{"messageParameters":{"positionalParameters":["%2","%1"]}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, ok := decode(body)
		if !ok {
			return
		}
		if r.Error != nil {
			if s := (secret.Redactor{}).Hide("planted").Clean(r.Error.words()); len(s) > 1<<10 || strings.Contains(s, "planted") {
				t.Errorf("kept %q", s)
			}
		}
		_, _ = readDomainRow(r.Result)
	})
}

// TestOthers: how other people fare, without their names.
func TestOthers(t *testing.T) {
	at := func(minute int, text string) string {
		return time.Date(2026, 11, 22, 9, minute, 0, 0, time.UTC).Format("[02/Jan/2006 15:04:05] ") + text
	}
	wrong := func(user, ip string) string {
		return "IMAP: Invalid password for user " + user + ". Attempt from IP address " + ip + "."
	}
	lines := []string{
		at(0, wrong("jdoe@example.test", "192.0.2.1")),
		at(1, wrong("a@example.test", "192.0.2.1")), at(2, wrong("A@example.test", "192.0.2.1")),
		at(3, "IMAP: User root doesn't exist. Attempt from IP address 192.0.2.1."),
		at(4, "Failed SMTP login from 192.0.2.1 with SASL method PLAIN."),
		at(5, wrong("b@example.test", "192.0.2.2")), at(20, wrong("b@example.test", "192.0.2.2")),
		at(21, "IMAP: User jdoe@example.test doesn't exist. Attempt from IP address 192.0.2.3."),
		at(22, "IMAP: User c@example.test authenticated  from IP address 192.0.2.3"),
		at(23, wrong("got-in@example.test", "192.0.2.2")),
	}
	for i := range 30 {
		lines = append(lines, at(24+i, wrong("many@example.test", "192.0.2.9")))
	}
	who := names{"jdoe@example.test": true}
	_, refusals := reduce(lines, len(lines), who, time.Hour)
	near := neighbours(refusals, who)
	if len(near) != 2 || near[0] != (probes.KerioNeighbour{Address: "192.0.2.1", Users: 2, Lines: 4}) || near[1] != (probes.KerioNeighbour{Address: "192.0.2.3"}) {
		t.Errorf("neighbours %+v", near)
	}
	in := &rawLog{name: "audit", lines: []string{at(10, "IMAP: User b@example.test authenticated  from IP address 192.0.2.2"), at(30, "IMAP: User got-in@example.test authenticated  from IP address 192.0.2.2")}}
	others := othersRefused(refusals, who, time.Hour, in.accepted())
	if len(others) != 3 || len(others[0].At) != 20 || len(others[1].At) != 1 || len(others[2].At) != 2 {
		t.Fatalf("others %+v", others)
	}
	if first, last := others[0].At[0], others[0].At[19]; !first.Equal(time.Date(2026, 11, 22, 8, 34, 0, 0, time.UTC)) || !last.Equal(time.Date(2026, 11, 22, 8, 53, 0, 0, time.UTC)) {
		t.Errorf("from %v to %v", first, last)
	}
	if !others[1].At[0].Equal(time.Date(2026, 11, 22, 8, 20, 0, 0, time.UTC)) {
		t.Errorf("b was refused since at %v", others[1].At)
	}
	var crowd []line
	for i := range maxOthers + 50 {
		crowd = append(crowd, line{user: fmt.Sprintf("u%d", i), local: time.Date(2026, 11, 22, 0, 0, i, 0, time.UTC), event: probes.KerioLogEvent{Kind: probes.LogInvalidPassword}})
	}
	if kept := othersRefused(crowd, who, 0, nil); len(kept) != maxOthers || !kept[0].At[0].Equal(crowd[len(crowd)-1].local) {
		t.Errorf("%d people, the first at %v", len(kept), kept[0].At)
	}
}
