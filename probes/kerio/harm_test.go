package kerio_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/keriosim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/kerio"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

const (
	adminPassword = "Auditor-Secret-4711"
	userPassword  = "User-Secret-0815"
)

func config() keriosim.Config {
	return keriosim.Config{
		Domains: []keriosim.Domain{{Name: "example.test", Primary: true, Aliases: []string{"alias.test"}}},
		Users: []keriosim.User{{Login: "jdoe", Domain: "example.test", Password: userPassword},
			{Login: "other", Domain: "example.test", Password: "x-other-x"}},
		Admin: "auditor@example.test", AdminPassword: adminPassword,
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

func permit(t *testing.T, user, password string) *ledger.Permit {
	t.Helper()
	r := ledger.Request{Account: ledger.Account{Who: probes.AttemptUser, Names: []string{user}}, Service: probes.ServiceAPI, User: user,
		Secret: secret.New(password), Held: password == "", Allow: func([]ledger.Entry) error { return nil }}
	p, err := ledger.InMemory(time.Now).Mint(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func bounded(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func open(t *testing.T, ctx context.Context, ca *loopback.CA, c keriosim.Config) (*kerio.Client, *keriosim.Server) {
	t.Helper()
	s, err := keriosim.Start(ca, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	client := kerio.Open(ctx, &dial.Dialer{Roots: ca.Pool(), Timeout: 5 * time.Second, Life: context.Background()}, probes.KerioTarget{AdminURL: s.AdminURL(), UserURL: s.UserURL(), Admin: c.Admin})
	t.Cleanup(func() { client.Close(bounded(t, time.Second)) })
	return client, s
}

func signedIn(t *testing.T, ctx context.Context, ca *loopback.CA, c keriosim.Config) (*kerio.Client, *keriosim.Server) {
	t.Helper()
	client, s := open(t, ctx, ca, c)
	if o := client.SignIn(ctx, permit(t, c.Admin, adminPassword)); !o.OK() {
		t.Fatalf("SignIn: %v %s", o.Why, o.Words)
	}
	return client, s
}

// TestDebugLogLeaksNothing: the debug log may hold protocol dialogues: nothing but its lines on two-factor authentication may leave.
func TestDebugLogLeaksNothing(t *testing.T) {
	c := config()
	c.Lines = map[string][]keriosim.Line{"debug": {
		{At: time.Now(), Text: `{imaps} C: a1 LOGIN jdoe@example.test hunter2-cleartext`},
		{At: time.Now(), Text: `{auth} Too many false 2FA attempts for user: 'jdoe@example.test', account is locked`}}}
	client, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	s, a := client.Look(bounded(t, 5*time.Second), "jdoe@example.test")
	text, _ := json.Marshal([]any{s, a})
	if strings.Contains(string(text), "hunter2") {
		t.Errorf("a password out of the debug log stands in the facts")
	}
	if !strings.Contains(string(text), "two-factor-disabled") {
		t.Errorf("the 2FA line is missing")
	}
}

// TestClockUnreadableWestOfUTC: without the server's clock the times of log lines must not be trusted silently.
func TestClockUnreadableWestOfUTC(t *testing.T) {
	c := config()
	c.OffsetMinutes = -300
	c.Faults = map[string]keriosim.Fault{"Server.getServerTime": {Code: 1004, Message: "Access denied."}}
	now := time.Now().UTC().Truncate(time.Second)
	c.Lines = map[string][]keriosim.Line{"security": {{At: now.Add(-time.Minute), Text: "IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.7."}}}
	client, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	s, a := client.Look(bounded(t, 5*time.Second), "jdoe@example.test")
	if len(a.Log.Value.Events) != 1 {
		t.Fatalf("events: %+v", a.Log.Value.Events)
	}
	off := a.Log.Value.Events[0].At.Sub(now.Add(-time.Minute)).Abs()
	if off > time.Minute && !(s.Clock.OK() && s.Clock.Value.Guess) {
		t.Errorf("a failure of one minute ago is dated %v off, clock %q, guess %v: nothing says that the times are uncertain", off, s.Clock.Why, s.Clock.Value.Guess)
	}
}

// TestSecretThatIsNotUTF8: jSON cannot carry a secret that is no UTF-8; another secret must not be submitted in its place.
func TestSecretThatIsNotUTF8(t *testing.T) {
	client, s := open(t, bounded(t, 5*time.Second), authority(t), config())
	out := client.TryUser(bounded(t, 5*time.Second), permit(t, "jdoe@example.test", "caf\xe9-secret"))
	if n := s.Refused("jdoe@example.test"); n != 0 {
		t.Errorf("a mangled secret was submitted and refused %d time(s): %+v", n, out)
	}
}

// TestSecretAtTheCut: half a secret is a secret too, and so are its other forms.
func TestSecretAtTheCut(t *testing.T) {
	for name, password := range map[string]string{"cut": strings.Repeat("User-Secret-0815.", 4), "html": `a<b&c-secret`, "quote": `secret-with-quote"`, "one letter": "e"} {
		t.Run(name, func(t *testing.T) {
			echo := func(body []byte) string {
				switch name {
				case "cut":
					return strings.Repeat("x", 1024-1-40) + password
				case "one letter":
					return "refused: the secret e was wrong"
				}
				return string(body) // a debugging proxy that gives the request back
			}
			client := scriptedFunc(t, func(method string, body []byte) string {
				if method == "Session.login" {
					return "x" + echo(body)
				}
				return ""
			})
			out := client.TryUser(bounded(t, 3*time.Second), permit(t, "jdoe@example.test", password))
			if name == "one letter" && !strings.Contains(out.Words, "refused: the secret [redacted] was wrong") {
				t.Errorf("a short secret was taken out of other words: %q", out.Words)
			}
			for _, part := range map[string][]string{"cut": {"User-Sec"}, "html": {password, `a\u003cb\u0026c-secret`}, "quote": {`secret-with-quote`}, "one letter": {"[r["}}[name] {
				if strings.Contains(out.Words, part) {
					t.Errorf("words hold %q", part)
				}
			}
		})
	}
}

// TestRedirect: no redirect is followed, whether it would carry the body along (307) or not (302).
func TestRedirect(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		ca := authority(t)
		var visits atomic.Int32
		other, err := ca.Listen(loopback.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close() }()
		go func() {
			_ = http.Serve(other, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
		}()
		l, err := ca.Listen(loopback.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		go func() { _ = http.Serve(l, http.RedirectHandler("https://"+other.Address()+"/", status)) }()
		ctx := bounded(t, 5*time.Second)
		client := kerio.Open(ctx, &dial.Dialer{Roots: ca.Pool(), Timeout: 3 * time.Second}, probes.KerioTarget{UserURL: "https://" + l.Address() + "/"})
		out := client.TryUser(ctx, permit(t, "jdoe@example.test", userPassword))
		client.Close(ctx)
		if visits.Load() != 0 || out.Accepted || out.Code != 0 || out.HTTP != status {
			t.Errorf("%d: %d visits, %+v", status, visits.Load(), out)
		}
	}
}

// TestSignInWords: jSON-RPC's own errors do not say that the account was refused.
func TestSignInWords(t *testing.T) {
	for code, want := range map[int]probes.Why{1000: probes.NotPermitted, 1004: probes.NotPermitted, -32001: probes.NotPermitted, -32601: probes.Unclear, -32603: probes.Unclear} {
		c := config()
		c.Faults = map[string]keriosim.Fault{"Session.login": {Code: code, Message: "words"}}
		client, s := open(t, bounded(t, 5*time.Second), authority(t), c)
		if o := client.SignIn(bounded(t, 3*time.Second), permit(t, c.Admin, adminPassword)); o.Why != want {
			t.Errorf("%d: %q, want %q", code, o.Why, want)
		}
		if n := s.Calls()["Session.login"]; n != 1 {
			t.Errorf("%d logins", n)
		}
	}
}

// TestTimeoutOfOneProbe: one probe's time bounds each submission, not only the run's.
func TestTimeoutOfOneProbe(t *testing.T) {
	c := config()
	c.Faults = map[string]keriosim.Fault{"Session.login": {Hang: true}}
	ca := authority(t)
	s, err := keriosim.Start(ca, c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := bounded(t, 6*time.Second)
	client := kerio.Open(ctx, &dial.Dialer{Roots: ca.Pool(), Timeout: 400 * time.Millisecond, Life: ctx}, probes.KerioTarget{AdminURL: s.AdminURL(), UserURL: s.UserURL(), Admin: c.Admin})
	start := time.Now()
	client.TryUser(ctx, permit(t, "jdoe@example.test", userPassword))
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("TryUser took %v with a timeout of 400 ms", took)
	}
}

// TestClose: a frozen logout must not eat the run's rest, and a cancelled run still ends its session.
func TestClose(t *testing.T) {
	t.Run("frozen", func(t *testing.T) {
		c := config()
		c.Faults = map[string]keriosim.Fault{"Session.logout": {Hang: true}}
		client, _ := signedIn(t, bounded(t, 10*time.Second), authority(t), c)
		start := time.Now()
		client.Close(bounded(t, 9*time.Second))
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("Close took %v", took)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		client, s := signedIn(t, bounded(t, 10*time.Second), authority(t), config())
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		client.Close(ctx)
		if s.Calls()["Session.logout"] != 1 {
			t.Errorf("the admin session was left open")
		}
	})
}

// TestWithheldIsSaid: a permit that is used up, or a bind that was never asked for, is withheld: neither unreachable nor unanswered.
func TestWithheldIsSaid(t *testing.T) {
	client, s := open(t, bounded(t, 5*time.Second), authority(t), config())
	p := permit(t, "auditor@example.test", adminPassword)
	if o := client.SignIn(bounded(t, 3*time.Second), p); !o.OK() {
		t.Fatal(o.Words)
	}
	if o := client.SignIn(bounded(t, 3*time.Second), p); o.Why != probes.AttemptWithheld {
		t.Errorf("used permit: %q", o.Why)
	}
	if n := s.Calls()["Session.login"]; n != 1 {
		t.Errorf("%d logins", n)
	}
	if o := client.TestBind(bounded(t, 3*time.Second), permit(t, "svc", "")); o.Why != probes.AttemptWithheld {
		t.Errorf("bind test without a domain: %q", o.Why)
	}
}

// TestBindNamesOneHost: one test is one bind: one host is named.
func TestBindNamesOneHost(t *testing.T) {
	for _, hosts := range [][]string{{"dc1.example.test", "dc2.example.test"}, {"dc1.example.test"}} {
		row := map[string]any{"id": "d1", "name": "example.test", "isPrimary": true, "service": map[string]any{"isEnabled": true, "serviceType": "WindowsActiveDirectory",
			"hostname": "", "backupHostname": "", "authentication": map[string]any{"username": "svc", "password": "", "isSecure": true}, "directoryName": "example.test"}}
		for i, h := range hosts {
			row["service"].(map[string]any)[[]string{"hostname", "backupHostname"}[i]] = h
		}
		list, _ := json.Marshal(map[string]any{"result": map[string]any{"list": []any{row}, "totalItems": 1}})
		var mu sync.Mutex
		var asked string
		client := scriptedFunc(t, func(method string, body []byte) string {
			switch method {
			case "Domains.get":
				return string(list)
			case "Domains.testDomainController":
				mu.Lock()
				asked = string(body)
				mu.Unlock()
				return `{"result":{"errors":[]}}`
			}
			return ""
		})
		client.Look(bounded(t, 3*time.Second), "jdoe@example.test")
		client.TestBind(bounded(t, 3*time.Second), permit(t, "svc", ""))
		mu.Lock()
		var got struct{ Params struct{ Hostnames []string } }
		_ = json.Unmarshal([]byte(asked), &got)
		if len(got.Params.Hostnames) != 1 {
			t.Errorf("hosts %v: sent %v", hosts, got.Params.Hostnames)
		}
		mu.Unlock()
	}
}

// TestIdleConnectionIsNotSpent: a connection that idled away before the secret was sent is no spent attempt.
func TestIdleConnectionIsNotSpent(t *testing.T) {
	ca := authority(t)
	client := serve(t, ca, func(n int, c net.Conn) {
		if n == 1 { // the one opened to look: ended while it idles
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
			return
		}
		answerHTTP(c, func(string, []byte) string { return `{"result":{"token":"0123456789abcdef"}}` })
	}, false)
	time.Sleep(100 * time.Millisecond) // the far end's farewell has to arrive; a slower one only hides the fault
	if out := client.TryUser(bounded(t, 3*time.Second), permit(t, "jdoe@example.test", userPassword)); !out.Accepted {
		t.Errorf("idle connection: %+v", out)
	}
}

// TestNamesInLogsAndFolders: names.
func TestNamesInLogsAndFolders(t *testing.T) {
	c := config()
	c.Domains = append(c.Domains, keriosim.Domain{Name: "second.test"})
	c.Users = append(c.Users, keriosim.User{Login: "o'brien", Domain: "example.test", Password: "p-p-p-p"}, keriosim.User{Login: "amy", Domain: "second.test", Password: "q-q-q-q"})
	c.Folders = []keriosim.Folder{{Name: "~amy@second.test/INBOX", References: 12, Users: []string{"amy"}}}
	c.Lines = map[string][]keriosim.Line{"security": {
		{At: time.Now(), Text: "IMAP: Invalid password for user o'brien@example.test. Attempt from IP address 192.0.2.7."},
		{At: time.Now(), Text: "IMAP: User amy doesn\u2019t exist. Attempt from IP address 192.0.2.7."}}}
	client, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	_, a := client.Look(bounded(t, 5*time.Second), "o'brien@example.test")
	if len(a.Log.Value.Events) != 1 {
		t.Errorf("o'brien: %d events, want 1: an uncounted failure loosens the budget", len(a.Log.Value.Events))
	}
	client2, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
	_, b := client2.Look(bounded(t, 5*time.Second), "amy@second.test")
	if len(b.Log.Value.Events) != 1 {
		t.Errorf("amy: the line of her short name in a domain that is not the primary one is missing")
	}
	if len(b.Folders.Value.Rows) != 1 || !b.Folders.Value.Rows[0].OpenByUser {
		t.Errorf("amy: folders %+v", b.Folders.Value.Rows)
	}
}

// TestNothingSecretLeaves: echo everywhere; nothing secret in any value.
func TestNothingSecretLeaves(t *testing.T) {
	for _, method := range []string{"", "Users.get", "Logs.get", "Domains.get"} {
		c := config()
		c.Echo = true
		if method != "" {
			c.Faults = map[string]keriosim.Fault{method: {Code: 1000, Message: "broken: " + adminPassword}}
		}
		client, _ := signedIn(t, bounded(t, 5*time.Second), authority(t), c)
		s, a := client.Look(bounded(t, 5*time.Second), "jdoe@example.test")
		out := client.TryUser(bounded(t, 5*time.Second), permit(t, "jdoe@example.test", "Wrong-Secret-1"))
		sec, aud := client.Logs(bounded(t, 5*time.Second), "jdoe@example.test")
		text, _ := json.Marshal([]any{s, a, out, sec, aud})
		for _, x := range []string{adminPassword, "Wrong-Secret-1"} {
			if strings.Contains(string(text), x) {
				t.Errorf("%s: %s stands in the values", method, x)
			}
		}
	}
}
