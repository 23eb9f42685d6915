package login_test

import (
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
)

// TestMuteCloseAsksElsewhere: IMAP closes without a word, and only where a second failure is allowed does ManageSieve, or the
// API where there is none, get to say why. The account's own facts are hidden, or they would have foretold it.
func TestMuteCloseAsksElsewhere(t *testing.T) {
	forbidden := stalwartsim.Fault{Type: "forbidden", Description: "You are not authorized to perform this action"}
	hidden := map[string]stalwartsim.Fault{"x:Account/get": forbidden, "x:Account/query": forbidden}
	for name, c := range map[string]struct {
		failures int
		sieve    bool
		service  probes.Service
		want     probes.Outcome
		spent    int
	}{
		"one failure allowed":                 {1, true, probes.ServiceManageSieve, 0, 1},
		"two, and ManageSieve":                {2, true, probes.ServiceManageSieve, probes.Refused, 2},
		"two, and the API, which lets it in":  {2, false, probes.ServiceAPI, probes.Accepted, 1},
		"one, and no ManageSieve in the file": {1, false, probes.ServiceAPI, 0, 1},
	} {
		r, o := world(t, "stalwart-protocol-not-permitted", func(w *sim.World) {
			w.Stalwart.Faults = hidden
			w.Stalwart.Accounts[0].Permissions.Disabled = []string{"imapAuthenticate", "sieveAuthenticate"}
			w.Stalwart.NoSieve = !c.sieve
		})
		o.MaxFailures = c.failures
		s := gather.Run(t.Context(), r.Target, o)
		if got := outcome(s, probes.AttemptUser, c.service); got != c.want || s.Login.Spent() != c.spent || r.Stalwart.Spent(sim.User) != c.spent {
			t.Errorf("%s: %v, %d spent, %d refused by the server; steps %+v", name, got, s.Login.Spent(), r.Stalwart.Spent(sim.User), s.Login.Steps)
		}
	}
	r, o := world(t, "wrong-password--stalwart", nil)
	o.MaxFailures = 5
	if s := gather.Run(t.Context(), r.Target, o); s.Login.Spent() != 1 || s.Login.Attempt(probes.AttemptUser, probes.ServiceManageSieve) != nil {
		t.Errorf("a refusal in words needs no second one: %+v", s.Login.Attempts)
	}
}

// TestForetoldElsewhere: where it is known that ManageSieve would refuse, it is not asked for what IMAP may keep to itself, however
// much the run may cost.
func TestForetoldElsewhere(t *testing.T) {
	for missing, want := range map[string]probes.Decision{"sieveAuthenticate": probes.DoHold, "emailSend": probes.DoIf} {
		r, o := world(t, "stalwart-protocol-not-permitted", func(w *sim.World) { w.Stalwart.Accounts[0].Permissions.Disabled = []string{missing} })
		o.MaxFailures = 2
		s := gather.Open(t.Context(), r.Target, o)
		s.Look(t.Context())
		s.Plan()
		s.Close(t.Context())
		steps := s.Snapshot().Login.Steps
		if len(steps) < 2 || steps[0].Do != probes.DoTry || steps[1].Service != probes.ServiceManageSieve || steps[1].Do != want ||
			strings.Contains(steps[1].Reason, missing) != (want == probes.DoHold) {
			t.Errorf("%s: %+v", missing, steps)
		}
	}
}

// TestLogAfterARefusal: the log is read again after a refusal, and what this login left there is marked as its own.
func TestLogAfterARefusal(t *testing.T) {
	r, o := world(t, "stalwart-protocol-not-permitted", func(w *sim.World) {
		// Who may what is hidden, so that the login is tried.
		w.Stalwart.Faults = map[string]stalwartsim.Fault{"x:Role/get": {Type: "forbidden"}}
		w.Stalwart.Accounts[0].Permissions = stalwartsim.Permissions{}
		w.Stalwart.Roles = []stalwartsim.Role{{Name: "User", Enabled: []string{"authenticate"}}}
		w.Stalwart.Log = []stalwartsim.LogLine{{At: w.Now.Add(-time.Hour), Level: "info", Event: "security.unauthorized", Details: `remoteIp = 203.0.113.5, accountId = 5, details = "imapAuthenticate"`}}
	})
	s := gather.Run(t.Context(), r.Target, o)
	events := s.Account.Stalwart.Log.Value.Events
	if got := outcome(s, probes.AttemptUser, probes.ServiceIMAP); got != probes.Unanswered || s.Stalwart.Requests != 4 || len(events) != 3 {
		t.Fatalf("%v, %d requests, %+v", got, s.Stalwart.Requests, events)
	}
	for i, ours := range []bool{false, true, true} { // auth.success is written before the permission is asked for
		if events[i].Ours != ours {
			t.Errorf("line %d: %+v", i, events[i])
		}
	}
	if events[2].Details != "imapAuthenticate" || events[2].Address != "127.0.0.1" {
		t.Errorf("%+v", events[2])
	}
}

// TestOverItsRate: a login name that has had addresses banned is tried from nowhere where the next ban may fall, and on a container's
// host or at a tunnel's end it falls on the gateway: its loopback address is not what the server sees.
func TestOverItsRate(t *testing.T) {
	for name, c := range map[string]struct{ local, seen string }{
		"from an address like any other": {"198.51.100.20", "198.51.100.20"},
		"from the host of a container":   {"127.0.0.1", "172.17.0.1"},
	} {
		r, o := world(t, "wrong-password--stalwart", func(w *sim.World) {
			w.Stalwart.From = c.seen
			w.Stalwart.Log = append(w.Stalwart.Log, stalwartsim.LogLine{At: w.Now.Add(-time.Minute), Level: "info", Event: "security.authentication-ban",
				Details: `listenerId = "imaps", remoteIp = 203.0.113.9, accountName = "` + sim.User + `"`})
		})
		r.Stalwart.SetFailures(sim.User, 100)
		s := gather.Open(t.Context(), r.Target, o)
		s.Look(t.Context())
		s.Snapshot().IMAP.Reach.Local = c.local
		s.Plan()
		s.Try(t.Context())
		s.Close(t.Context())
		if got := outcome(s.Snapshot(), probes.AttemptUser, probes.ServiceIMAP); got != probes.Withheld || r.Stalwart.Spent(sim.User) != 0 || len(r.Stalwart.Bans()) != 0 {
			t.Errorf("%s: %v, %d reached the server, banned %q; %+v", name, got, r.Stalwart.Spent(sim.User), r.Stalwart.Bans(), s.Snapshot().Login.Budgets)
		}
	}
}

// TestBansOfOthers: the ban that a failure on this login brought three hours ago stands behind younger ones of others, more than
// are read; who has no ban, and whose own lines were read to their end, is tried all the same.
func TestBansOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		own  bool
		want probes.Outcome
	}{"a ban of this login among them": {true, probes.Withheld}, "none": {false, probes.Refused}} {
		r, o := world(t, "wrong-password--stalwart", func(w *sim.World) {
			ban := func(age time.Duration, who string) {
				w.Stalwart.Log = append(w.Stalwart.Log, stalwartsim.LogLine{At: w.Now.Add(-age), Level: "info", Event: "security.authentication-ban",
					Details: `listenerId = "imaps", remoteIp = 203.0.113.9, accountName = "` + who + `"`})
			}
			if c.own {
				ban(3*time.Hour, sim.User)
			}
			for i := range 110 {
				ban(time.Duration(110-i)*time.Minute, "info@example.test")
			}
		})
		s := gather.Run(t.Context(), r.Target, o)
		bans := s.Account.Stalwart.Bans.Value
		if got := outcome(s, probes.AttemptUser, probes.ServiceIMAP); got != c.want || !bans.Cut || time.Since(bans.Since) < time.Hour || time.Since(bans.Since) > 2*time.Hour {
			t.Errorf("%s: %v, read back to %s; %+v", name, got, bans.Since, s.Login.Budgets)
		}
	}
}

// TestRequestsOfADiagnosis: at most four, and none for a path that has an address banned.
func TestRequestsOfADiagnosis(t *testing.T) {
	want := []string{"GET /jmap/session", "POST /jmap/", "POST /jmap/"}
	for _, sc := range sim.Scenarios {
		if sc.World(time.Now()).Stalwart == nil || sc.Name == "mail-server-unreachable--stalwart" || sc.Name == "mail-certificate--stalwart" {
			continue
		}
		r, o := world(t, sc.Name, nil)
		o.MaxFailures = 3
		s := gather.Run(t.Context(), r.Target, o)
		paths := r.Stalwart.Paths()
		if len(paths) > 4 || s.Stalwart.Requests != len(paths) {
			t.Errorf("%s: %q, %d requests said", sc.Name, paths, s.Stalwart.Requests)
		}
		for i, p := range paths {
			if i < 3 && p != want[i] || i == 3 && p != want[0] && p != want[1] { // the user's login, or the log again
				t.Errorf("%s: request %d is %s", sc.Name, i, p)
			}
		}
		if n := len(r.Stalwart.Bans()); n != len(sc.World(time.Now()).Stalwart.Blocked) {
			t.Errorf("%s: %d addresses are banned afterwards", sc.Name, n)
		}
	}
}
