package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

// headings explains words with the real catalogue; the entries of checks are left out.
func headings(words string) []string {
	var out []string
	for _, e := range Explain(words, checks.All) {
		if e.Says == "" {
			out = append(out, e.Heading)
		}
	}
	return out
}

func TestExplainWords(t *testing.T) {
	diag := "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 775, v1db1"
	for words, want := range map[string]string{
		"data 775":    "Active Directory: data 775 (account locked)",
		"775":         "Active Directory: data 775 (account locked)",
		"0x775":       "Active Directory: data 775 (account locked)",
		"1909":        "Active Directory: data 775 (account locked)",
		"52e":         "Active Directory: data 52e (wrong password, or hidden)",
		"52E":         "Active Directory: data 52e (wrong password, or hidden)",
		diag:          "Active Directory: data 775 (account locked)",
		diag + "\x00": "Active Directory: data 775 (account locked)",
		"ldap_bind: Invalid credentials (49)\n\tadditional info: " + strings.Replace(diag, "775", "52e", 1): "Active Directory: data 52e (wrong password, or hidden)",
		"LDAP: error code 49 - " + strings.Replace(diag, "775", "773", 1):                                   "Active Directory: data 773 (password must be changed first)",
		"data 57, v1db1":           "Active Directory: data 57",
		"49":                       "LDAP result 49 (invalidCredentials)",
		"Invalid credentials (49)": "LDAP result 49 (invalidCredentials)",
		"strongerAuthRequired":     "LDAP result 8 (strongerAuthRequired)",
		"result 8":                 "LDAP result 8 (strongerAuthRequired)",
		"8 BindSimple: Transport encryption required.":        "LDAP result 8 (strongerAuthRequired)",
		"19 5 New password required":                          "LDAP result 19 (constraintViolation)",
		"insufficientAccessRights":                            "LDAP result 50 (insufficientAccessRights)",
		"[UNAVAILABLE]":                                       "IMAP [UNAVAILABLE]",
		"AUTHENTICATIONFAILED":                                "IMAP [AUTHENTICATIONFAILED]",
		"a2 NO [AUTHENTICATIONFAILED] Authentication failed.": "IMAP [AUTHENTICATIONFAILED]",
		"a2 NO [UNAVAILABLE] Temporary authentication failure. [vm:2026-11-22 04:36:33]":              "IMAP [UNAVAILABLE]",
		"a2 NO [CONTACTADMIN] Account_suspended_by_admin":                                             "IMAP [CONTACTADMIN]",
		"a2 NO [REFERRAL imap://proxyref;AUTH=PLAIN@127.0.0.99/] Use_another_server":                  "IMAP [REFERRAL]",
		"[LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=3)": "IMAP [LIMIT]",
		"* BAD [ALERT] Plaintext authentication not allowed without SSL/TLS":                          "IMAP [PRIVACYREQUIRED]",
		"a3 NO [SERVERBUG] Internal error occurred. Refer to server log for more information.":        "IMAP [SERVERBUG]",
		"* BYE Auth process broken":                                    "Dovecot: the login process waits",
		"a2 NO Login failed: authentication failure":                   "IMAP: the login is refused without a code",
		"a2 NO Login failed.":                                          "IMAP: the login is refused without a code",
		"a2 NO Login failed: authorization failure":                    "Cyrus: authorization failure",
		"a2 NO Login only available under a layer":                     "Cyrus, Courier: TLS is needed first",
		"a2 NO Too many open connections (3 of 3 for healthy)":         "IMAP: too many connections",
		"* BYE IMAP access disabled for this account.":                 "Courier: IMAP is switched off for the account",
		"Username or password is not correct":                          "Kerio Connect: user name or password is not correct (1000)",
		"1000":                                                         "Kerio Connect: user name or password is not correct (1000)",
		`{"jsonrpc":"2.0","id":1,"error":{"code":1000,"message":"…"}}`: "Kerio Connect: user name or password is not correct (1000)",
		"-32001": "Kerio Connect: session expired, or no rights (-32001)",
		"Only application passwords are allowed since 2FA is enabled":                                                   "Kerio Connect: only application passwords are allowed",
		"[22/Nov/2026 09:12:00] IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.44.": "Kerio's security log: invalid password for user",
		"SMTP: AntiHammering - IP address 192.0.2.44 will be blocked for 5 minutes":                                     "Kerio's security log: AntiHammering",
		"AntiHammering": "Kerio's security log: AntiHammering",
		"Connection attempt to service IMAP from IP address 192.0.2.44 rejected: too many connections.": "Kerio's warning log: too many connections",
		"too many connections": "Kerio's warning log: too many connections",
		"HTTP/WebMail: User jdoe@example.test doesn’t exist. Attempt from IP address 192.0.2.44.": "Kerio's security log: user doesn't exist",
		"Too many false 2FA attempts for user: 'jdoe', account is locked":                         "Kerio's debug log: too many wrong two-factor codes",
		"User Anonymous does not have administrator rights":                                       "Kerio Connect: session expired, or no rights (-32001)",
		"x509: certificate signed by unknown authority":                                           "The certificate is refused",
		"kinit: Client's credentials have been revoked while getting initial credentials":         "Kerberos: credentials have been revoked",
	} {
		if got := headings(words); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
	// A bare word may be either protocol's.
	if got := headings("unavailable"); len(got) != 2 {
		t.Errorf("unavailable: got %q", got)
	}
	for _, words := range []string{"", "   ", "result 80", "data", "7750", "frobnicate", "xdata 775", "data 775x", "\x1b[31m"} {
		if got := headings(words); len(got) != 0 {
			t.Errorf("%q: got %q", words, got)
		}
	}
}

func TestExplainIDs(t *testing.T) {
	lock := lockedCatalogue()[0]
	lock.Doc = checks.Doc{Says: "It says wrong password.", Tells: "The lock bit of {login}.", Mistaken: []string{"A lock that has run out."}}
	lock.Remedy.Verify = "logindoctor check {user}"
	catalogue := []*checks.Check{lock, fine("other-check")}
	for words, note := range map[string]bool{"lock": false, " LOCK ": false, "other-chek": true, "other check": true} {
		got := Explain(words, catalogue)
		if len(got) != 1 || (got[0].Note != "") != note {
			t.Errorf("%q: %+v", words, got)
		}
	}
	if got := Explain("lock other-check", catalogue); len(got) != 2 || got[1].Heading != "The title of other-check (other-check)" {
		t.Errorf("two ids: %+v", got)
	}
	e := Explain("lock", catalogue)[0]
	if e.Says != lock.Doc.Says || e.Tells[0] != "The lock bit of LOGIN." || e.Tells[1] != lock.Doc.Mistaken[0] || e.Do[0] != lock.Remedy.Do ||
		e.Do[4] != "The directory admin runs (PowerShell): Unlock-ADAccount -Identity LOGIN" || e.DoNot[0] != lock.Remedy.DoNot[0] || e.Causes[0].ID != "login" || e.Sources[0].URL != "https://vendor.example/page" {
		t.Errorf("%+v", e)
	}
	if lock.Remedy.Commands[0].Run != "Unlock-ADAccount -Identity {login}" || lock.Doc.Tells != "The lock bit of {login}." {
		t.Error("explaining changes the catalogue")
	}
}

// Words that stand for one cause alone bring all that is known about it; others how each is told.
func TestExplainCauses(t *testing.T) {
	got := Explain("775", checks.All)
	if len(got) != 2 || got[1].Heading != checks.ADAccountLocked.Title+" (ad-account-locked)" {
		t.Errorf("775: %+v", got)
	}
	if got := Explain("52e", checks.All); len(got) != 1 || len(got[0].Causes) < 3 || got[0].Causes[0].Tells == "" {
		t.Errorf("52e: %+v", got)
	}
}

func TestNearest(t *testing.T) {
	for words, want := range map[string]string{"locked": "ad-account-locked", "AUTHENTICATIONFAIL": "IMAP [AUTHENTICATIONFAILED]", "my account is disabled": "ad-account-disabled"} {
		if got := Nearest(words, checks.All); !slices.ContainsFunc(got, func(s string) bool { return s == want }) || len(got) > suggestions {
			t.Errorf("%q: got %q, want %q among them", words, got, want)
		}
	}
	if got := Nearest("zzzz qqqq", checks.All); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ä", "a", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d", c.a, c.b, got)
		}
	}
}

// later are ids of the catalogue that may have no check yet: explaining leaves them out until they join.
var later = []string{"ad-user-unknown", "ad-workstation", "kerio-user-unknown", "failing-device", "kerio-connection-limit", "kerio-access-policy", "kerio-disabled-by-2fa",
	"kerio-license-users", "kerio-license-expired", "kerio-mailbox-moving", "kerio-password-expiry", "mailbox-full", "od-account-disabled", "od-user-unknown", "clock-skew", "dns-name", "kerio-service-stopped"}

// Every id that a term names is known, and every term can be found by each of its words.
func TestTerms(t *testing.T) {
	seen := map[string]bool{}
	for _, term := range terms() {
		if seen[term.heading] || term.means == "" || len(term.alone)+len(term.within) == 0 {
			t.Errorf("%q: twice, or without meaning or words", term.heading)
		}
		seen[term.heading] = true
		for _, id := range term.causes {
			if checks.Find(id) == nil && !slices.Contains(later, id) {
				t.Errorf("%q names %s, which is in no catalogue", term.heading, id)
			}
		}
		for _, w := range slices.Concat(term.alone, term.within) {
			if w != fold(w) {
				t.Errorf("%q: %q is not folded", term.heading, w)
			}
			if !slices.Contains(headings(w), term.heading) && !term.vague {
				t.Errorf("%q is not found by %q but %q", term.heading, w, headings(w))
			}
		}
	}
}

func TestExplainText(t *testing.T) {
	draw := func(words string, catalogue []*checks.Check) string {
		var b bytes.Buffer
		if err := ExplainText(&b, words, Explain(words, catalogue), Nearest(words, catalogue), Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	golden(t, "explain-id.txt", draw("lock", lockedCatalogue()))
	lock := lockedCatalogue()
	lock[0].ID, lock[1].ID = "ad-account-locked", "wrong-password"
	golden(t, "explain-775.txt", draw("data 775", lock[:2]))
	lock[1].ID = "directory-bind-stale"
	golden(t, "explain-49.txt", draw("49", lock[:2]))
	if got := draw("zz\x1b[2Jzz\nqqqq", lockedCatalogue()); got != "Nothing is known about \"zzzz qqqq\".\nGive the id of a check (logindoctor catalogue), a code, or a line from a server\nor its log.\n" {
		t.Errorf("unknown: %q", got)
	}
	if got := draw("lo", []*checks.Check{fine("look")}); !strings.Contains(got, "The nearest: ") && !strings.Contains(got, "Give the id") {
		t.Errorf("near: %q", got)
	}
}

func FuzzExplain(f *testing.F) {
	for _, s := range []string{"data 775", "a2 NO [UNAVAILABLE] x", "\x1b[31m775", "data ffffffffff", "ad-account-locked", "’"} {
		f.Add(s)
	}
	catalogue := lockedCatalogue()
	f.Fuzz(func(t *testing.T, words string) {
		var b bytes.Buffer
		if err := ExplainText(&b, words, Explain(words, catalogue), Nearest(words, catalogue), Options{}); err != nil {
			t.Fatal(err)
		}
		if b.Len() == 0 || strings.ContainsAny(b.String(), "\x1b\r\x00\u202e") {
			t.Fatalf("%q", b.String())
		}
	})
}
