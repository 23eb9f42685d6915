package imap_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/imapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/imap"
	"logindoctor.example/probes/ledger"
)

// told is an outcome as text, in the server's words: how it ended | untagged lines | how EXAMINE ended.
func told(o *probes.IMAPOutcome) string {
	line := func(s probes.IMAPStatus, c probes.IMAPCode, words string) string {
		if c != "" {
			words = "[" + string(c) + "] " + words
		}
		return strings.TrimSpace(s.String() + " " + words)
	}
	var untagged []string
	for _, u := range o.Untagged {
		untagged = append(untagged, line(u.Status, u.Code, u.Words))
	}
	text := line(o.Status, o.Code, o.Words) + " | " + strings.Join(untagged, "; ")
	if o.Select != nil {
		text += " | " + line(o.Select.Status, o.Select.Code, o.Select.Words)
	}
	return text
}

func TestLoginReplies(t *testing.T) {
	const examined = " |  | OK [READ-ONLY] Examine completed (0.001 + 0.000 secs)."
	raw := func(s string) imapsim.Reply { return imapsim.Reply{Raw: s, Then: imapsim.Close} }
	for _, tt := range []struct {
		name  string
		reply imapsim.Reply
		want  string
	}{
		{"DovecotAccepted", imapsim.DovecotAccepted, "OK [CAPABILITY] Logged in" + examined},
		{"DovecotRefused", imapsim.DovecotRefused, "NO [AUTHENTICATIONFAILED] Authentication failed. | "},
		{"DovecotUnavailable", imapsim.DovecotUnavailable, "NO [UNAVAILABLE] Temporary authentication failure. [mail:2026-11-22 04:36:33] | "},
		{"DovecotExpired", imapsim.DovecotExpired, "NO [EXPIRED] Password expired | "},
		{"DovecotNoLogin", imapsim.DovecotNoLogin, "NO [CONTACTADMIN] Login disabled for this user | "},
		{"DovecotSuspended", imapsim.DovecotSuspended, "NO [CONTACTADMIN] Account_suspended_by_admin | "},
		{"DovecotReferral", imapsim.DovecotReferral, "NO [REFERRAL] Use_another_server | "},
		{"DovecotProxyDown", imapsim.DovecotProxyDown, "NO [UNAVAILABLE] Account is temporarily unavailable. | "},
		{"DovecotLimit", imapsim.DovecotLimit, "NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=3) | "},
		{"DovecotProcessLimit", imapsim.DovecotProcessLimit, "closed | "},
		{"DovecotAuthBroken", imapsim.DovecotAuthBroken, "BYE Auth process broken | BYE Auth process broken"},
		{"StoreBroken", imapsim.StoreBroken, "OK Logged in |  | NO [SERVERBUG] Internal error occurred. Refer to server log for more information. [2026-11-22 04:50:23]"},
		{"PlaintextRefused", imapsim.PlaintextRefused, "NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections." +
			" | BAD [ALERT] Plaintext authentication not allowed without SSL/TLS, but your client did it anyway. If anyone was listening, the password was exposed."},
		{"CyrusAccepted", imapsim.CyrusAccepted, "OK [CAPABILITY] User logged in SESSIONID=<cyrus-1795324336-1>" + examined},
		{"CyrusRefused", imapsim.CyrusRefused, "NO Login failed: authentication failure | "},
		{"CyrusDenied", imapsim.CyrusDenied, "NO Login failed: authorization failure | "},
		{"CyrusNoMailbox", imapsim.CyrusNoMailbox, "OK [CAPABILITY] User logged in SESSIONID=<cyrus-1795324336-1> |  | NO Mailbox does not exist"},
		{"CyrusTooMany", imapsim.CyrusTooMany, "NO Too many open connections (3 of 3 for healthy) | "},
		{"CyrusPlaintext", imapsim.CyrusPlaintext, "NO Login only available under a layer | "},
		{"CourierAccepted", imapsim.CourierAccepted, "OK LOGIN Ok." + examined},
		{"CourierRefused", imapsim.CourierRefused, "NO Login failed. | "},
		{"CourierDisabled", imapsim.CourierDisabled, "OK LOGIN Ok. | BYE IMAP access disabled for this account. | BYE IMAP access disabled for this account."},
		{"CourierStoreMissing", imapsim.CourierStoreMissing, "BYE Temporary problem, please try again later | BYE Temporary problem, please try again later"},
		{"CourierPlaintext", imapsim.CourierPlaintext, "NO STARTTLS required | "},
		{"KerioAccepted", imapsim.KerioAccepted, "OK LOGIN completed" + examined},
		{"KerioRefused", imapsim.KerioRefused, "NO LOGIN failed | "},
		{"lower case", imapsim.Reply{Tagged: "no [unavailable] try later"}, "NO [UNAVAILABLE] try later | "},
		{"lower case ok", imapsim.Reply{Tagged: "ok"}, "OK" + examined},
		{"NO without words", imapsim.Reply{Tagged: "NO"}, "NO | "},
		{"NO with a code alone", imapsim.Reply{Tagged: "NO [LIMIT]"}, "NO [LIMIT] | "},
		{"BAD", imapsim.Reply{Tagged: "BAD Error in IMAP command"}, "BAD Error in IMAP command | "},
		{"brackets that are no code", imapsim.Reply{Tagged: "NO [is: it?] no"}, "NO [is: it?] no | "},
		{"a bracket left open", imapsim.Reply{Tagged: "NO [LIMIT no"}, "NO [LIMIT no | "},
		{"words before NO", imapsim.Reply{Untagged: []string{"OK still there", "NO [ALERT] quota", "5 EXISTS", "CAPABILITY IMAP4rev1"}, Tagged: "NO no"}, "NO no | OK still there; NO [ALERT] quota"},
		{"BYE and then NO", imapsim.Reply{Untagged: []string{"BYE too many failures"}, Tagged: "NO no", Then: imapsim.Close}, "NO no | BYE too many failures"},
		{"BYE and the connection left open", imapsim.Reply{Untagged: []string{"BYE go away"}, Then: imapsim.Hang}, "BYE go away | BYE go away"},
		{"OK and then closed", imapsim.Reply{Tagged: "OK in", Then: imapsim.Close}, "OK in |  | closed"},
		{"OK, then EXAMINE closes", imapsim.Reply{Tagged: "OK in", Inbox: &imapsim.Reply{Then: imapsim.Close}}, "OK in |  | closed"},
		{"OK, then EXAMINE says BYE", imapsim.Reply{Tagged: "OK in", Inbox: &imapsim.Reply{Untagged: []string{"BYE [UNAVAILABLE] store"}, Then: imapsim.Close}}, "OK in | BYE [UNAVAILABLE] store | BYE [UNAVAILABLE] store"},
		{"OK, then an alert", imapsim.Reply{Tagged: "OK in", Inbox: &imapsim.Reply{Untagged: []string{"OK [ALERT] read only today"}, Tagged: "OK"}}, "OK in | OK [ALERT] read only today | OK"},
		{"another protocol", raw("HTTP/1.1 400 Bad Request\r\n"), "garbage HTTP/1.1 400 Bad Request | "},
		{"another's tag", raw("x9 OK Logged in\r\n"), "garbage x9 OK Logged in | "},
		{"a NUL", raw("* OK \x00\r\n"), "garbage * OK \x00 | "},
		{"a line without end", raw("* OK " + strings.Repeat("A", 20000)), "garbage * OK " + strings.Repeat("A", 1019) + " | "},
		{"a long line", raw("* OK " + strings.Repeat("A", 20000) + "\r\n"), "garbage * OK " + strings.Repeat("A", 1019) + " | "},
		{"a literal of gigabytes", raw("* LIST () \"/\" {4000000000}\r\nabc"), "garbage * LIST () \"/\" {4000000000} | "},
		{"a literal of more than anything", raw("* LIST () \"/\" {99999999999999999999999}\r\nabc"), "garbage * LIST () \"/\" {99999999999999999999999} | "},
		{"a literal that is well", imapsim.Reply{Raw: "* LIST () \"/\" {7}\r\na2 OK\r\n\r\n", Tagged: "NO no"}, "NO no | "},
		{"what makes go-imap panic", imapsim.Reply{Raw: "* 1 FETCH\r\n* 2 EXPUNGE\r\n* EXPUNGE\r\n* FETCH\r\n", Tagged: "NO no"}, "NO no | "},
		{"continuations nobody asked for", imapsim.Reply{Raw: "+ go on\r\n+\r\n", Tagged: "NO no"}, "NO no | "},
		{"bare LF", imapsim.Reply{Raw: "* NO one\n* NO two\n", Tagged: "NO no"}, "NO no | NO one; NO two"},
		{"the secret for a code", imapsim.Reply{Tagged: "NO [" + password + "] no"}, "NO [[redacted]] no | "},
		{"the secret across the end of what is kept", raw("* OK " + strings.Repeat("A", 1014) + password + strings.Repeat("A", 20000)), "garbage * OK " + strings.Repeat("A", 1014) + "[reda | "},
		{"invalid UTF-8", imapsim.Reply{Tagged: "NO Anmeldung ung\xfcltig"}, "NO Anmeldung ung\uFFFDltig | "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, imapsim.Config{Login: imapsim.Always(tt.reply)})
			c, _ := open(t, patient(), s, probes.SecurityTLS)
			o := login(t, c, user, password)
			if got := told(o); got != tt.want {
				t.Errorf("told %q\nwant %q", got, tt.want)
			}
			if o.TookMS > 15000 {
				t.Errorf("took %d ms: it waited for what could not come", o.TookMS)
			}
			if o.Mechanism != "LOGIN" || o.SecretUnsent || len(s.Logins()) != 1 {
				t.Errorf("outcome %+v, logins %v", o, s.Logins())
			}
			if _, err := json.Marshal(o); err != nil {
				t.Errorf("does not marshal: %v", err)
			}
		})
	}
}

func TestReferralKeepsItsURL(t *testing.T) {
	s := start(t, imapsim.Config{Login: imapsim.Always(imapsim.Reply{Tagged: "NO [REFERRAL imap://jdoe;AUTH=*@[::1]/] elsewhere"})})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	if o := login(t, c, user, password); o.Code != probes.CodeReferral || o.Arguments != "imap://jdoe;AUTH=*@[::1]/" || o.Words != "elsewhere" {
		t.Errorf("outcome %+v", o)
	}
}

func TestNoAnswer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply imapsim.Reply
		want  string
	}{
		{"hung", imapsim.Reply{Then: imapsim.Hang}, "no-answer | "},
		{"dovecot stalled", imapsim.DovecotStalled, "no-answer | OK Waiting for authentication process to respond.."},
		{"hung at EXAMINE", imapsim.Reply{Tagged: "OK in", Inbox: &imapsim.Reply{Then: imapsim.Hang}}, "OK in |  | no-answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, imapsim.Config{Login: imapsim.Always(tt.reply)})
			c, _ := open(t, hasty(), s, probes.SecurityTLS)
			o := login(t, c, user, password)
			if got := told(o); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
			if !o.Accepted() && o.TookMS < 300 {
				t.Errorf("took %d ms: it did not wait", o.TookMS)
			}
		})
	}
}

// TestUntagged: a refusal without the command's tag is one, whether or not the connection then ends; it is not waited for until the
// time-out. An untagged NO that warns is none, and a tagged reply behind it counts.
func TestUntagged(t *testing.T) {
	const refusal = "NO [AUTHENTICATIONFAILED] Authentication failed"
	for _, tt := range []struct {
		name  string
		reply imapsim.Reply
		want  string
		noTag bool
	}{
		{"and hangs", imapsim.Reply{Untagged: []string{refusal}, Then: imapsim.Hang}, "NO [AUTHENTICATIONFAILED] Authentication failed | NO [AUTHENTICATIONFAILED] Authentication failed", true},
		{"and closes", imapsim.Reply{Untagged: []string{refusal}, Then: imapsim.Close}, "NO [AUTHENTICATIONFAILED] Authentication failed | NO [AUTHENTICATIONFAILED] Authentication failed", true},
		{"and says BYE", imapsim.Reply{Untagged: []string{refusal, "BYE Connection timed out."}, Then: imapsim.Close}, "NO [AUTHENTICATIONFAILED] Authentication failed | NO [AUTHENTICATIONFAILED] Authentication failed; BYE Connection timed out.", true},
		{"and accepts", imapsim.Reply{Untagged: []string{refusal}, Tagged: "OK in"}, "OK in | NO [AUTHENTICATIONFAILED] Authentication failed | OK", false},
		{"a warning", imapsim.Reply{Untagged: []string{"NO The disk is nearly full"}, Then: imapsim.Close}, "closed | NO The disk is nearly full", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, imapsim.Config{Login: imapsim.Always(tt.reply)})
			c, _ := open(t, patient(), s, probes.SecurityTLS)
			o := login(t, c, user, password)
			if got := told(o); !strings.HasPrefix(got, tt.want) || o.NoTag != tt.noTag {
				t.Errorf("told %q, without a tag: %v; want %q", got, o.NoTag, tt.want)
			}
			if o.TookMS > 15000 {
				t.Errorf("took %d ms", o.TookMS)
			}
		})
	}
}

// A run that is ended while the server still thinks has spent the secret, and ends at once.
func TestCanceledLogin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := start(t, imapsim.Config{Login: func(string, string) imapsim.Reply { cancel(); return imapsim.Reply{Then: imapsim.Hang} }})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	o, err := c.Login(ctx, permit(t, user, password))
	if err != nil || o.Status != probes.IMAPNoAnswer || o.SecretUnsent || o.TookMS > 15000 {
		t.Errorf("outcome %+v, %v", o, err)
	}
	p := permit(t, user, password)
	c, _ = open(t, patient(), s, probes.SecurityTLS)
	var unsent *imap.NotSent
	if _, err := c.Login(ctx, p); !errors.As(err, &unsent) || unsent.Why != probes.Canceled {
		t.Errorf("a login after the end of the run: %v", err)
	}
}

// The plan may take longer to make than a probe may last: the connection must live through that, and notice if it did not.
func TestLoginLongAfterOpen(t *testing.T) {
	s := start(t, imapsim.Config{})
	c, _ := open(t, hasty(), s, probes.SecurityTLS)
	time.Sleep(500 * time.Millisecond) // past hasty's Timeout
	if o := login(t, c, user, password); !o.Accepted() || o.Select.Status != probes.IMAPOK {
		t.Errorf("outcome %+v", o)
	}
}

func TestConnectionGoneBeforeLogin(t *testing.T) {
	for _, farewell := range []string{"", "* BYE Disconnected for inactivity.\r\n", "what is this\r\n"} {
		t.Run(farewell, func(t *testing.T) {
			s := start(t, imapsim.Config{})
			c, _ := open(t, patient(), s, probes.SecurityTLS)
			s.Kick(farewell)
			p := permit(t, user, password)
			o, err := c.Login(t.Context(), p)
			var unsent *imap.NotSent
			if o != nil || !errors.As(err, &unsent) || unsent.Why != probes.Unreachable {
				t.Fatalf("outcome %+v, %v", o, err)
			}
			if strings.Contains(farewell, "BYE") && !strings.Contains(unsent.Reason, "BYE Disconnected for inactivity.") {
				t.Errorf("reason %q", unsent.Reason)
			}
			if _, _, err := p.Reveal(); err != nil {
				t.Error("the secret was revealed for a dead connection")
			}
		})
	}
}

func TestMechanismAndEncoding(t *testing.T) {
	plus := []string{"IMAP4rev1", "LITERAL+"}
	minus := []string{"IMAP4rev1", "LITERAL-"}
	none := []string{"IMAP4rev1"}
	ir := []string{"IMAP4rev1", "LOGINDISABLED", "AUTH=PLAIN", "SASL-IR"}
	noIR := []string{"IMAP4rev1", "logindisabled", "auth=plain"}
	for _, tt := range []struct {
		name       string
		caps       []string
		user, pass string
		mechanism  string
	}{
		{"quoted", none, user, `a "quoted\ pass`, "LOGIN"},
		{"spaces", none, user, ` x `, "LOGIN"},
		{"braces", none, user, `{5}`, "LOGIN"},
		{"literal", none, user, "pässwörd", "LOGIN"},
		{"a literal each", none, "jürgen@example.test", "pässwörd", "LOGIN"},
		{"user literal", none, "jürgen@example.test", "plain", "LOGIN"},
		{"LITERAL+", plus, "jürgen@example.test", "pässwörd", "LOGIN"},
		{"LITERAL-", minus, user, "pässwörd", "LOGIN"},
		{"LITERAL- too long", minus, user, strings.Repeat("ä", 3000), "LOGIN"},
		{"long LITERAL+", plus, user, strings.Repeat("ä", 6000), "LOGIN"},
		{"long quoted", none, user, strings.Repeat("a", 9000), "LOGIN"},
		{"tab", none, user, "a\tb", "LOGIN"},
		{"latin-1", none, user, "p\xe4ss", "LOGIN"},
		{"PLAIN", ir, user, "pässwörd", "AUTHENTICATE PLAIN"},
		{"PLAIN without initial response", noIR, user, "pässwörd", "AUTHENTICATE PLAIN"},
		{"LOGIN before PLAIN", []string{"IMAP4rev1", "AUTH=PLAIN"}, user, "secret", "LOGIN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, imapsim.Config{Capabilities: tt.caps,
				Login: imapsim.Passwords(map[string]string{tt.user: tt.pass}, imapsim.DovecotAccepted, imapsim.DovecotRefused)})
			c, _ := open(t, patient(), s, probes.SecurityTLS)
			o := login(t, c, tt.user, tt.pass)
			if !o.Accepted() || o.Mechanism != tt.mechanism || o.SecretUnsent || o.Select.Status != probes.IMAPOK {
				t.Errorf("outcome %+v", o)
			}
			want := []imapsim.LoginRecord{{User: tt.user, Mechanism: tt.mechanism, TLS: true, Accepted: true}}
			if got := s.Logins(); !reflect.DeepEqual(got, want) {
				t.Errorf("the server got %+v", got)
			}
		})
	}
}

func TestAuthenticateRefused(t *testing.T) {
	for _, caps := range [][]string{{"LOGINDISABLED", "AUTH=PLAIN", "SASL-IR"}, {"LOGINDISABLED", "AUTH=PLAIN"}} {
		s := start(t, imapsim.Config{Capabilities: caps, Login: imapsim.Always(imapsim.CyrusRefused)})
		c, _ := open(t, patient(), s, probes.SecurityTLS)
		if got := told(login(t, c, user, password)); got != "NO authentication failure | " {
			t.Errorf("told %q", got)
		}
		if len(s.Logins()) != 1 {
			t.Errorf("%d logins: one after the other", len(s.Logins()))
		}
	}
}

// A secret whose turn never came was not spent.
func TestLiteralRefused(t *testing.T) {
	for _, tt := range []struct {
		words string
		then  string
		d     *dial.Dialer
	}{
		{"NO literals are not for you", "NO literals are not for you | ", patient()},
		{"BAD literal", "BAD literal | ", patient()},
		{"garbage", "garbage", patient()},
	} {
		s := start(t, imapsim.Config{Capabilities: []string{"IMAP4rev1"}, LiteralRefusal: tt.words})
		c, _ := open(t, tt.d, s, probes.SecurityTLS)
		o := login(t, c, user, "pässwörd")
		if got := told(o); !strings.HasPrefix(got, tt.then) || !o.SecretUnsent || len(s.Logins()) != 0 {
			t.Errorf("told %q, unsent %v, logins %v", got, o.SecretUnsent, s.Logins())
		}
	}
	s := start(t, imapsim.Config{Capabilities: []string{"IMAP4rev1"}, Loopback: loopback.Options{Fault: loopback.Fault{Mode: loopback.Close, Flights: 2}}})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	if o := login(t, c, "jürgen", "pässwörd"); o.Status != probes.IMAPClosed || !o.SecretUnsent {
		t.Errorf("closed instead of the first continuation: %+v", o)
	}
}

func TestUnfitForIMAP(t *testing.T) {
	for _, tt := range [][2]string{{user, "a\r\nb"}, {user, "a\nb"}, {user, "a\rb"}, {user, "a\x00b"}, {"a\r\nx LOGOUT", "geheim"}} {
		s := start(t, imapsim.Config{})
		c, _ := open(t, patient(), s, probes.SecurityTLS)
		o, err := c.Login(t.Context(), permit(t, tt[0], tt[1]))
		var unsent *imap.NotSent
		if o != nil || !errors.As(err, &unsent) || unsent.Why != probes.AttemptWithheld || strings.Contains(err.Error(), tt[1]) {
			t.Errorf("%q: %+v, %v", tt, o, err)
		}
		if len(s.Logins()) != 0 {
			t.Errorf("%q was sent", tt)
		}
	}
}

func TestOneLoginPerPermitAndClient(t *testing.T) {
	s := start(t, imapsim.Config{})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	p := permit(t, user, password)
	if _, err := c.Login(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Login(t.Context(), permit(t, user, password)); err == nil {
		t.Error("a second login on one connection")
	}
	second, _ := open(t, patient(), s, probes.SecurityTLS)
	var unsent *imap.NotSent
	if _, err := second.Login(t.Context(), p); !errors.As(err, &unsent) || !errors.Is(err, ledger.ErrUsed) {
		t.Errorf("a second login on one permit: %v", err)
	}
	if _, err := second.Login(t.Context(), nil); !errors.Is(err, ledger.ErrUsed) {
		t.Errorf("a login without a permit: %v", err)
	}
	if len(s.Logins()) != 1 || strings.Count(strings.Join(s.Commands(), " "), "LOGIN") != 1 {
		t.Errorf("logins %v, commands %v", s.Logins(), s.Commands())
	}
}
