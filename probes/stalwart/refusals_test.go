package stalwart_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/imap"
	"logindoctor.example/probes/stalwart"
)

// hasty is the time of a probe that is to run out.
const hasty = 400 * time.Millisecond

// TestSignInRefused: each answer that is no session, with what it says of our key; nothing is asked behind it.
func TestSignInRefused(t *testing.T) {
	challenge := map[string]string{"WWW-Authenticate": `Basic realm="Stalwart Server"`}
	for name, c := range map[string]struct {
		fault   stalwartsim.Fault
		why     probes.Why
		refusal probes.StalwartRefusal
	}{
		"401":         {stalwartsim.Fault{Status: 401, Header: challenge}, probes.NotPermitted, probes.StalwartUnauthorized},
		"401 expired": {stalwartsim.Fault{Status: 401}, probes.NotPermitted, probes.StalwartExpired},
		"402":         {stalwartsim.Fault{Status: 402}, probes.NotPermitted, probes.StalwartMFA},
		"403":         {stalwartsim.Fault{Status: 403, Body: `{"title":"Forbidden","detail":"You do not have enough permissions"}`}, probes.NotPermitted, probes.StalwartForbidden},
		"403 blocked": {stalwartsim.Fault{Status: 403, Body: `{"title":"Forbidden","detail":"Forbidden"}`}, probes.Unreachable, probes.StalwartBlocked},
		"429 ban":     {stalwartsim.Fault{Status: 429, Body: `{"title":"Too Many Authentication Attempts"}`}, probes.NotPermitted, probes.StalwartBanned},
		"429":         {stalwartsim.Fault{Status: 429, Body: `{"title":"Too Many Requests"}`}, probes.Unclear, probes.StalwartLimited},
		"400 limit":   {stalwartsim.Fault{Status: 400, Body: `{"type":"urn:ietf:params:jmap:error:limit","limit":"maxConcurrentRequests"}`}, probes.Unclear, probes.StalwartLimited},
		"400":         {stalwartsim.Fault{Status: 400, Body: `{}`}, probes.Unclear, probes.StalwartStrange},
		"500":         {stalwartsim.Fault{Status: 500}, probes.Unreachable, probes.StalwartTrouble},
		"503":         {stalwartsim.Fault{Status: 503, Body: "<html>gateway"}, probes.Unreachable, probes.StalwartTrouble},
		"redirect":    {stalwartsim.Fault{Status: 307, Header: map[string]string{"Location": "https://127.0.0.1:1/"}}, probes.Unclear, probes.StalwartStrange},
		"404":         {stalwartsim.Fault{Status: 404}, probes.Unclear, probes.StalwartStrange},
		"nobody":      {stalwartsim.Fault{Status: 200, Body: `{"capabilities":{},"accounts":{},"username":""}`}, probes.NotPermitted, probes.StalwartNobody},
		"a page":      {stalwartsim.Fault{Status: 200, Body: "<html>welcome"}, probes.Unclear, probes.StalwartStrange},
		"other JSON":  {stalwartsim.Fault{Status: 200, Body: `[1,2]`}, probes.Unclear, probes.StalwartStrange},
		"closed":      {stalwartsim.Fault{Close: true}, probes.Unreachable, probes.StalwartNoRefusal},
		"endless":     {stalwartsim.Fault{Endless: true}, probes.Unclear, probes.StalwartNoRefusal},
	} {
		t.Run(name, func(t *testing.T) {
			conf := config()
			conf.Faults = map[string]stalwartsim.Fault{"/jmap/session": c.fault}
			client, s := open(t, conf)
			o := client.SignIn(bounded(t), own(t, s))
			if o.Why != c.why || o.Value.Refusal != c.refusal {
				t.Errorf("%q %v (%s)", o.Why, o.Value.Refusal, o.Words)
			}
			server, account := client.Look(bounded(t), alice, "")
			for field, l := range seen(server, account) {
				if l.Why != c.why {
					t.Errorf("%s: %q", field, l.Why)
				}
			}
			if n := len(s.Paths()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	t.Run("hung", func(t *testing.T) {
		conf := config()
		conf.Faults = map[string]stalwartsim.Fault{"/jmap/session": {Hang: true}}
		client, s := openIn(t, conf, hasty)
		if o := client.SignIn(bounded(t), own(t, s)); o.Why != probes.Timeout {
			t.Errorf("%q %s", o.Why, o.Words)
		}
	})
	t.Run("no key of this server", func(t *testing.T) {
		client, s := open(t, config())
		for _, key := range []string{stalwartsim.MakeAPIKey(0, 1, "another"), phone} {
			if o := client.SignIn(bounded(t), permit(t, probes.AttemptOwn, "api-key", key)); o.Why != probes.NotPermitted || o.Value.Refusal != probes.StalwartUnauthorized {
				t.Errorf("%q %v", o.Why, o.Value.Refusal)
			}
		}
		if n := len(s.Attempts()); n != 2 {
			t.Errorf("%d attempts", n)
		}
	})
}

// TestUnreached: what lies before HTTP, each with its own reason, and no secret sent.
func TestUnreached(t *testing.T) {
	for name, c := range map[string]struct {
		loop loopback.Options
		why  probes.Why
	}{
		"untrusted": {loopback.Options{Certificate: loopback.Certificate{Untrusted: true}}, probes.AttemptWithheld},
		"hung":      {loopback.Options{Fault: loopback.Fault{Mode: loopback.Hang, BeforeTLS: true}}, probes.Timeout},
		"closed":    {loopback.Options{Fault: loopback.Fault{Mode: loopback.Close, BeforeTLS: true}}, probes.Unreachable},
		"garbage":   {loopback.Options{Fault: loopback.Fault{Mode: loopback.Garbage, BeforeTLS: true}}, probes.Unclear},
	} {
		conf := config()
		conf.Loopback, conf.NoIMAP, conf.NoSieve = c.loop, true, true
		timeout := patience
		if name == "hung" {
			timeout = hasty
		}
		client, s := openIn(t, conf, timeout)
		if why, reason := client.MaySignIn(); why != c.why || reason == "" {
			t.Errorf("%s: %q %s", name, why, reason)
		}
		if o := client.SignIn(bounded(t), own(t, s)); o.Why != probes.AttemptWithheld || len(s.Attempts()) != 0 {
			t.Errorf("%s: %q, %+v", name, o.Why, s.Attempts())
		}
		if out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, password)); out.Why != probes.AttemptWithheld || out.HTTP != 0 || len(s.Attempts()) != 0 {
			t.Errorf("%s: %+v", name, out)
		}
	}
	for _, address := range []string{"http://127.0.0.1:1", "https://", "https://u:p@127.0.0.1:1", "::", "https://127.0.0.1:1/wp-login", "https://127.0.0.1:1/mail.php"} {
		client := stalwart.Open(bounded(t), &dial.Dialer{}, probes.StalwartTarget{URL: address})
		if why, _ := client.MaySignIn(); why != probes.AttemptWithheld || client.Reached().API.OK() {
			t.Errorf("%s: %q", address, why)
		}
		client.Close()
	}
}

// TestTryUser: one attempt, and what each answer says.
func TestTryUser(t *testing.T) {
	for name, c := range map[string]struct {
		user, secret string
		accepted     bool
		refusal      probes.StalwartRefusal
		mail         probes.StalwartAnswer
	}{
		"right":                  {alice, password, true, probes.StalwartNoRefusal, probes.StalwartYes},
		"app password":           {alice, phone, true, probes.StalwartNoRefusal, probes.StalwartNo},
		"wrong":                  {alice, "wrong-wrong", false, probes.StalwartUnauthorized, 0},
		"no such account":        {"nobody@example.test", password, false, probes.StalwartUnauthorized, 0},
		"expired app password":   {alice, laptop, false, probes.StalwartExpired, 0},
		"deleted":                {alice, gone, false, probes.StalwartUnauthorized, 0},
		"second factor":          {"otp@example.test", password, false, probes.StalwartMFA, 0},
		"expired password":       {"late@example.test", password, true, probes.StalwartNoRefusal, probes.StalwartNo},
		"switched off":           {"off@example.test", password, false, probes.StalwartForbidden, 0},
		"not from here":          {"home@example.test", password, false, probes.StalwartForbidden, 0},
		"API key as a password":  {alice, stalwartsim.MakeAPIKey(0, 1, "tool"), false, probes.StalwartUnauthorized, 0},
		"app password in quotes": {alice, `"` + phone + `"`, false, probes.StalwartUnauthorized, 0},
	} {
		client, s := open(t, config())
		out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, c.user, c.secret))
		if out.Accepted != c.accepted || out.Refusal != c.refusal || out.Mail != c.mail || out.Why != probes.Seen || out.HTTP == 0 {
			t.Errorf("%s: %+v", name, out)
		}
		if n := len(s.Attempts()); n != 1 {
			t.Errorf("%s: %d attempts", name, n)
		}
		if !c.accepted && out.Words == "" {
			t.Errorf("%s: without words", name)
		}
	}
	conf := config()
	conf.AuthRate = 1
	client, s := open(t, conf)
	for _, want := range []probes.StalwartRefusal{probes.StalwartUnauthorized, probes.StalwartBanned} {
		if out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, "wrong-wrong")); out.Refusal != want {
			t.Errorf("%+v, want %v", out, want)
		}
	}
	if out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, password)); out.Why != probes.AttemptWithheld || s.Spent(alice) != 2 {
		t.Errorf("banned: %+v", out)
	}
	conf = config()
	conf.Directory = &stalwartsim.Directory{}
	client, s = open(t, conf)
	s.SetDirectory(stalwartsim.DirectoryStale)
	if out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, password)); out.Refusal != probes.StalwartTrouble {
		t.Errorf("stale: %+v", out)
	}
	conf.Faults = map[string]stalwartsim.Fault{"/jmap/session": {Status: 429, Header: map[string]string{"Retry-After": "42"}, Body: `{"title":"Too Many Requests"}`}}
	client, _ = open(t, conf)
	if out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, password)); out.Refusal != probes.StalwartLimited || out.RetryS != 42 {
		t.Errorf("limited: %+v", out)
	}
	client, s = open(t, config())
	for _, bad := range []string{"line\r\nbreak-secret", "nul\x00secret", "caf\xe9-secret"} {
		if out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, bad)); out.Why != probes.AttemptWithheld || len(s.Paths()) != 0 {
			t.Errorf("%q: %+v", bad, out)
		}
	}
}

// TestOneAttempt: a request whose connection was lost is not sent again, since the server may have counted it.
func TestOneAttempt(t *testing.T) {
	for _, fault := range []stalwartsim.Fault{{Close: true}, {Hang: true}} {
		conf := config()
		client, s := openIn(t, conf, 2*time.Second)
		if o := client.SignIn(bounded(t), own(t, s)); !o.OK() {
			t.Fatal(o.Words)
		}
		conf.Faults = map[string]stalwartsim.Fault{"/jmap/session": fault}
		broken, bs := openIn(t, conf, hasty)
		out := broken.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, password))
		if out.HTTP != 0 || out.Why != map[bool]probes.Why{true: probes.Timeout, false: probes.Unreachable}[fault.Hang] || len(bs.Paths()) != 1 {
			t.Errorf("%+v, %d requests", out, len(bs.Paths()))
		}
		p := permit(t, probes.AttemptUser, alice, password)
		client.TryUser(bounded(t), p)
		if out := client.TryUser(bounded(t), p); out.Why != probes.AttemptWithheld || len(s.Attempts()) != 2 {
			t.Errorf("a used permit: %+v, %d attempts", out, len(s.Attempts()))
		}
	}
}

// TestRedirect: no redirect is followed: the next server would get the header with the key or the secret.
func TestRedirect(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusTemporaryRedirect} {
		ca := authority(t)
		var visits atomic.Int32
		other, err := ca.Listen(loopback.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.Close() })
		go func() {
			_ = http.Serve(other, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
		}()
		conf := config()
		conf.Faults = map[string]stalwartsim.Fault{"/jmap/session": {Status: status, Header: map[string]string{"Location": "https://" + other.Address() + "/"}}}
		s := start(t, ca, conf)
		client := stalwart.Open(bounded(t), dialer(ca, patience), probes.StalwartTarget{URL: s.URL()})
		o := client.SignIn(bounded(t), own(t, s))
		out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, password))
		client.Close()
		if visits.Load() != 0 || o.OK() || out.Accepted || out.HTTP != status {
			t.Errorf("%d: %d visits, %+v, %+v", status, visits.Load(), o, out)
		}
	}
}

// TestNothingSecretLeaves: a server that gives everything back does not get it into the facts.
func TestNothingSecretLeaves(t *testing.T) {
	conf := config()
	conf.Echo = true
	conf.Faults = map[string]stalwartsim.Fault{"/jmap/": {Status: 500, Body: "<pre>" + stalwartsim.MakeAPIKey(0, 1, "tool") + " " + strings.ToUpper(password)}}
	client, s := open(t, conf)
	o := client.SignIn(bounded(t), own(t, s))
	if !o.OK() {
		t.Fatal(o.Words)
	}
	out := client.TryUser(bounded(t), permit(t, probes.AttemptUser, alice, "Wrong-Secret-4711"))
	server, account := client.Look(bounded(t), alice, "")
	text, err := json.Marshal([]any{o, out, server, account})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Wrong-Secret-4711", s.APIKey(), "QVBJ", "V3Jvbmct", "d3Jvbmct"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s stands in the facts: %s", secret, text)
		}
	}
	if !strings.Contains(string(text), "[redacted]") {
		t.Error("nothing was given back: this test tests nothing")
	}
}

// TestIMAP: the IMAP client tells Stalwart's refusals apart, each within its time, and none reads as another.
func TestIMAP(t *testing.T) {
	for name, c := range map[string]struct {
		user, secret string
		status       probes.IMAPStatus
		code         probes.IMAPCode
		words        string
		untagged     string
	}{
		"wrong":            {alice, "wrong-wrong", probes.IMAPNO, probes.CodeAuthenticationFailed, "Authentication failed", ""},
		"domain elsewhere": {"alice@elsewhere.test", password, probes.IMAPNO, probes.CodeAuthenticationFailed, "elsewhere.test", ""},
		"second factor":    {"otp@example.test", password, probes.IMAPNO, probes.CodeAuthenticationFailed, "This account requires multi-factor authentication. Alternatively, you can use an app password if your account has one.", ""},
		"group":            {"team@example.test", password, probes.IMAPNO, probes.CodeAuthenticationFailed, "Authentication error", ""},
		"deleted":          {alice, gone, probes.IMAPNO, probes.CodeAuthenticationFailed, "Authentication failed", "Authentication failed"},
		"expired":          {alice, laptop, probes.IMAPNO, probes.CodeAuthenticationFailed, "Credential expired", "Credential expired"},
		"expired password": {"late@example.test", password, probes.IMAPClosed, "", "", ""},
		"switched off":     {"off@example.test", password, probes.IMAPClosed, "", "", ""},
		"no IMAP":          {"noimap@example.test", password, probes.IMAPClosed, "", "", ""},
		"not from here":    {"home@example.test", password, probes.IMAPClosed, "", "", ""},
		"right":            {alice, phone, probes.IMAPOK, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ca := authority(t)
			s := start(t, ca, config())
			timeout := patience
			if c.untagged != "" {
				timeout = hasty
			}
			client, _ := imap.Open(bounded(t), dialer(ca, timeout), probes.IMAPTarget{Address: s.IMAPAddress(), Security: probes.SecurityTLS})
			defer client.Close(bounded(t))
			out, err := client.Login(bounded(t), permit(t, probes.AttemptUser, c.user, c.secret))
			if err != nil {
				t.Fatal(err)
			}
			if out.Status != c.status || c.status == probes.IMAPNO && (out.Code != c.code || out.Words != c.words) {
				t.Errorf("%s %+v", out.Said(), out)
			}
			if out.NoTag != (c.untagged != "") {
				t.Errorf("without a tag: %v", out.NoTag)
			}
			got := ""
			for _, l := range out.Untagged {
				got += l.Words
			}
			if got != c.untagged || c.untagged != "" && (out.Untagged[0].Status != probes.IMAPNO || out.Untagged[0].Code != probes.CodeAuthenticationFailed) {
				t.Errorf("untagged %+v", out.Untagged)
			}
			if n := len(s.Attempts()); n != 1 {
				t.Errorf("%d attempts", n)
			}
		})
	}
}

// TestIMAPBanned: a banned address gets no greeting and no TLS; nothing is submitted.
func TestIMAPBanned(t *testing.T) {
	conf := config()
	conf.Blocked, conf.APIFrom = []stalwartsim.Ban{{Mask: "192.0.2.0/24"}}, "10.1.1.1"
	ca := authority(t)
	s := start(t, ca, conf)
	client, server := imap.Open(bounded(t), dialer(ca, patience), probes.IMAPTarget{Address: s.IMAPAddress(), Security: probes.SecurityTLS})
	defer client.Close(bounded(t))
	r := server.Reach
	if r.Failure != probes.FailureClosed || r.Stage != probes.StageTLS {
		t.Errorf("%+v", r)
	}
	if _, err := client.Login(bounded(t), permit(t, probes.AttemptUser, alice, password)); err == nil || len(s.Attempts()) != 0 {
		t.Errorf("%v, %+v", err, s.Attempts())
	}
	sieve := stalwart.OpenSieve(bounded(t), dialer(ca, patience), s.SieveAddress())
	defer sieve.Close()
	if why, _ := sieve.Ready(); why != probes.Unreachable {
		t.Errorf("%q %+v", why, sieve.Server().Capabilities)
	}
	api := stalwart.Open(bounded(t), dialer(ca, patience), probes.StalwartTarget{URL: s.URL()})
	defer api.Close()
	if o := api.SignIn(bounded(t), own(t, s)); !o.OK() {
		t.Error(o.Words)
	}
	facts, _ := api.Look(bounded(t), alice, "192.0.2.10")
	if l := facts.AddressLog; !l.OK() || len(l.Value.Events) < 2 || l.Value.Events[0].Kind != probes.StalwartLogBlocked {
		t.Errorf("%+v", l)
	}
}
