package kerio

import (
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes"
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
		log := reduce(strings.Split(text, "\n"), 0, names{"jdoe@example.test": true}, time.Hour)
		if log.Lines != log.Strange+log.OthersLines+len(log.Events) {
			t.Errorf("%d lines, %d strange, %d of others, %d kept", log.Lines, log.Strange, log.OthersLines, len(log.Events))
		}
		for _, e := range log.Events {
			if len(e.Words) > maxWords {
				t.Errorf("%d bytes of words", len(e.Words))
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
			if s := (redactor{"planted"}).clean(r.Error.words()); len(s) > maxWords || strings.Contains(s, "planted") {
				t.Errorf("kept %q", s)
			}
		}
		_, _ = readDomainRow(r.Result)
	})
}
