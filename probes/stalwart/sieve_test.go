package stalwart_test

import (
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/stalwart"
)

func openSieve(t *testing.T, c stalwartsim.Config, timeout time.Duration) (*stalwart.Sieve, *stalwartsim.Server) {
	t.Helper()
	c.NoIMAP = true
	ca := authority(t)
	sim := start(t, ca, c)
	s := stalwart.OpenSieve(bounded(t), dialer(ca, timeout), sim.SieveAddress())
	t.Cleanup(s.Close)
	return s, sim
}

// TestSieve: ManageSieve says what IMAP keeps to itself, in one attempt.
func TestSieve(t *testing.T) {
	for name, c := range map[string]struct {
		user, secret string
		status       probes.SieveStatus
		code, words  string
	}{
		"right":            {alice, password, probes.SieveOK, "", "Authentication successful"},
		"wrong":            {alice, "wrong-wrong", probes.SieveNO, "", "Authentication failed"},
		"domain elsewhere": {"alice@elsewhere.test", password, probes.SieveNO, "", "elsewhere.test"},
		"deleted":          {alice, gone, probes.SieveNO, "", "Authentication failed"},
		"expired":          {alice, laptop, probes.SieveNO, "", "Credential expired"},
		"not for sieve":    {alice, phone, probes.SieveNO, "", "sieveAuthenticate"},
		"expired password": {"late@example.test", password, probes.SieveNO, "", "sieveAuthenticate"},
		"switched off":     {"off@example.test", password, probes.SieveNO, "", "authenticate"},
		"not from here":    {"home@example.test", password, probes.SieveNO, "", "Unauthorized IP address"},
		"second factor":    {"otp@example.test", password, probes.SieveNO, "", "This account requires multi-factor authentication. Alternatively, you can use an app password if your account has one."},
		"a long secret":    {alice, strings.Repeat("long-secret-", 200), probes.SieveNO, "", "Authentication failed"},
	} {
		s, sim := openSieve(t, config(), patience)
		caps := s.Server().Capabilities
		if why, reason := s.Ready(); why != probes.Seen || !caps.OK() || !caps.Value.TLS || caps.Value.StartTLS || caps.Value.Implementation != "Stalwart ManageSieve" {
			t.Fatalf("%s: %q %s %+v", name, why, reason, caps)
		}
		out, err := s.Login(bounded(t), permit(t, probes.AttemptUser, c.user, c.secret))
		if err != nil || out.Status != c.status || out.Code != c.code || out.Words != c.words {
			t.Errorf("%s: %v %+v", name, err, out)
		}
		if _, err := s.Login(bounded(t), permit(t, probes.AttemptUser, c.user, c.secret)); err == nil || len(sim.Attempts()) != 1 {
			t.Errorf("%s: a second login, %d attempts", name, len(sim.Attempts()))
		}
	}
	conf := config()
	conf.Directory = &stalwartsim.Directory{}
	s, sim := openSieve(t, conf, patience)
	sim.SetDirectory(stalwartsim.DirectoryDown)
	if out, err := s.Login(bounded(t), permit(t, probes.AttemptUser, alice, password)); err != nil || out.Code != "TRYLATER" || out.Words != "LDAP error" {
		t.Errorf("%v %+v", err, out)
	}
	conf = config()
	conf.SieveTLS = true
	if s, _ := openSieve(t, conf, 2*time.Second); s.Server().Reach.Security != probes.SecurityTLS {
		t.Errorf("TLS from the first byte: %+v", s.Server().Reach)
	} else if out, err := s.Login(bounded(t), permit(t, probes.AttemptUser, alice, password)); err != nil || out.Status != probes.SieveOK {
		t.Errorf("TLS from the first byte: %v %+v", err, out)
	}
}

// TestSieveAnswers: whatever comes instead of an answer ends within the probe's time, and is named.
func TestSieveAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		raw    string
		status probes.SieveStatus
		code   string
		words  string
	}{
		"code":           {"NO (QUOTA/MAXSIZE \"x) y\") \"Too much\"\r\n", probes.SieveNO, "QUOTA/MAXSIZE", "Too much"},
		"secret cut":     {"NO (" + strings.Repeat("A", 1014) + password + ") \"No\"\r\n", probes.SieveNO, strings.Repeat("A", 1014) + "[REDACTED]", "No"},
		"small letters":  {"no (trylater) \"Later\"\r\n", probes.SieveNO, "TRYLATER", "Later"},
		"literal":        {"NO {9}\r\nOne\r\ntwo.\r\n", probes.SieveNO, "", "One\r\ntwo."},
		"bye":            {"BYE \"Too many\"\r\n", probes.SieveBYE, "", "Too many"},
		"referral":       {"BYE (REFERRAL \"sieve://other\") \"Elsewhere\"\r\n", probes.SieveBYE, "REFERRAL", "Elsewhere"},
		"no words":       {"OK\r\n", probes.SieveOK, "", ""},
		"escaped":        {"NO \"a \\\"b\\\" \\\\c\"\r\n", probes.SieveNO, "", `a "b" \c`},
		"challenge":      {"\"\"\r\nNO \"Cancelled\"\r\n", probes.SieveNO, "", "Cancelled"},
		"garbage":        {"\x00\xff what\r\n", probes.SieveGarbage, "", "\x00\uFFFD what\r\n"},
		"another tongue": {"HTTP/1.1 400 Bad Request\r\n", probes.SieveGarbage, "", "HTTP/1.1 400 Bad Request\r\n"},
		"half a line":    {"NO \"and then", probes.SieveNoAnswer, "", ""},
		"nothing":        {"", probes.SieveNoAnswer, "", ""},
		"too long":       {"NO \"" + strings.Repeat("A", 300<<10), probes.SieveGarbage, "", strings.Repeat("A", 3)},
		"a huge literal": {"NO {4000000000}\r\n", probes.SieveGarbage, "", "NO {4000000000}\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := config()
			conf.SieveRaw = func(command string) (string, bool) { return c.raw, command == "AUTHENTICATE" }
			timeout := patience
			if c.status == probes.SieveNoAnswer {
				timeout = 2 * time.Second
			}
			s, _ := openSieve(t, conf, timeout)
			out, err := s.Login(bounded(t), permit(t, probes.AttemptUser, alice, password))
			if err != nil || out.Status != c.status || out.Code != c.code || out.Words != c.words && name != "too long" || len(out.Words) > 1024 {
				t.Errorf("%v %+v", err, out)
			}
		})
	}
}

// TestSieveGreeting: no secret goes where no TLS stands, or PLAIN is not offered.
func TestSieveGreeting(t *testing.T) {
	for name, c := range map[string]struct {
		fault loopback.Fault
		cert  loopback.Certificate
		raw   string
		why   probes.Why

		inject, greeting string
		seen             bool
	}{
		"untrusted":      {cert: loopback.Certificate{Untrusted: true}, why: probes.AttemptWithheld},
		"closed":         {fault: loopback.Fault{Mode: loopback.Close}, why: probes.Unreachable},
		"garbage":        {fault: loopback.Fault{Mode: loopback.Garbage}, why: probes.Unclear},
		"endless":        {fault: loopback.Fault{Mode: loopback.Endless}, why: probes.Unclear},
		"hung":           {fault: loopback.Fault{Mode: loopback.Hang}, why: probes.Timeout},
		"hung later":     {fault: loopback.Fault{Mode: loopback.Hang, Flights: 1}, why: probes.Timeout},
		"no TLS":         {raw: "NO \"Not now\"\r\n", why: probes.Unreachable},
		"early":          {inject: "\"SASL\" \"PLAIN\"\r\nOK\r\n", why: probes.Unclear},
		"clear text":     {greeting: "\"SASL\" \"PLAIN\"\r\nOK \"no TLS here\"\r\n", why: probes.AttemptWithheld, seen: true},
		"no PLAIN":       {greeting: "OK \"nothing here\"\r\n", why: probes.AttemptWithheld, seen: true},
		"BYE to it":      {raw: "BYE \"Enough\"\r\n", why: probes.Unreachable},
		"closed instead": {fault: loopback.Fault{Mode: loopback.Close, Flights: 1}, why: probes.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := config()
			conf.SieveOptions = &loopback.Options{Fault: c.fault, Certificate: c.cert}
			conf.SieveInject = c.inject
			conf.SieveRaw = func(command string) (string, bool) {
				if command == "" {
					return c.greeting, c.greeting != ""
				}
				return c.raw, command == "STARTTLS" && c.raw != ""
			}
			timeout := patience
			if c.why == probes.Timeout {
				timeout = 2 * hasty
			}
			s, sim := openSieve(t, conf, timeout)
			why, reason := s.Ready()
			if why != c.why || reason == "" || s.Server().Capabilities.OK() != c.seen {
				t.Errorf("%q %s, %+v", why, reason, s.Server().Capabilities)
			}
			if _, err := s.Login(bounded(t), permit(t, probes.AttemptUser, alice, password)); err == nil || len(sim.Attempts()) != 0 {
				t.Errorf("submitted: %+v", sim.Attempts())
			}
		})
	}
}

// TestSieveEcho: a secret that is given back does not get into the facts.
func TestSieveEcho(t *testing.T) {
	conf := config()
	conf.Echo = true
	s, _ := openSieve(t, conf, patience)
	out, err := s.Login(bounded(t), permit(t, probes.AttemptUser, alice, "Wrong-Secret-4711"))
	if err != nil || strings.Contains(out.Words, "4711") || strings.Contains(out.Words, "V3Jvbm") || !strings.Contains(out.Words, "[redacted]") {
		t.Errorf("%v %+v", err, out)
	}
}
