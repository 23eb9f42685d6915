package login_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/imapsim"
	"logindoctor.example/fixtures/sim/keriosim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/probes/ledger"
	"logindoctor.example/probes/secret"
)

// world starts a scenario after a change, and gives what a run of it needs.
func world(t *testing.T, name string, change func(*sim.World)) (*sim.Running, gather.Options) {
	t.Helper()
	s, ok := sim.Find(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	w := s.World(time.Now())
	if change != nil {
		change(w)
	}
	r, err := w.Start(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	o := s.Options(r)
	o.Timeout, o.Deadline = 10*time.Second, 30*time.Second
	return r, o
}

// tries counts the logins over IMAP that reached the server, of one user.
func tries(r *sim.Running, user string) int {
	n := 0
	for _, l := range r.IMAP.Logins() {
		if l.User == user {
			n++
		}
	}
	return n
}

func outcome(s *probes.Snapshot, who probes.Who, service probes.Service) probes.Outcome {
	if a := s.Login.Attempt(who, service); a != nil {
		return a.Outcome
	}
	return 0
}

func TestOneRefusalAndItStops(t *testing.T) {
	r, o := world(t, "wrong-password", nil)
	s := gather.Run(t.Context(), r.Target, o)
	if s.Login.Spent() != 1 || tries(r, sim.User) != 1 || r.Kerio.Refused(sim.User) != 1 {
		t.Errorf("spent %d, %d over IMAP, %d refused by Kerio; want one of each", s.Login.Spent(), tries(r, sim.User), r.Kerio.Refused(sim.User))
	}
	if got := outcome(s, probes.AttemptUser, probes.ServiceAPI); got != probes.Withheld {
		t.Errorf("the API after a refusal: %v", got)
	}
	// Kerio's three leave one after this refusal: the next run may not try again, with whatever secret.
	o.Secrets.User = secret.New(sim.Password)
	if s = gather.Run(t.Context(), r.Target, o); s.Login.Spent() != 0 || tries(r, sim.User) != 1 {
		t.Errorf("a second run: spent %d, %d over IMAP in all", s.Login.Spent(), tries(r, sim.User))
	}
}

func TestWithoutASecretNothingIsSubmitted(t *testing.T) {
	for _, sc := range sim.Scenarios {
		r, o := world(t, sc.Name, nil)
		o.Secrets.User = secret.Value{}
		gather.Run(t.Context(), r.Target, o)
		if r.IMAP != nil && tries(r, sim.User) != 0 {
			t.Errorf("%s: %d logins over IMAP", sc.Name, tries(r, sim.User))
		}
		if r.Kerio != nil && r.Kerio.Refused(sim.User) != 0 {
			t.Errorf("%s: %d logins refused by Kerio", sc.Name, r.Kerio.Refused(sim.User))
		}
		if r.Stalwart != nil {
			for _, a := range r.Stalwart.Attempts() {
				if a.User == sim.User {
					t.Errorf("%s: a login at Stalwart over %s", sc.Name, a.Protocol)
				}
			}
		}
		for _, d := range r.Directory {
			for _, b := range d.Binds() {
				if strings.Contains(strings.ToLower(b.DN), sim.Login) {
					t.Errorf("%s: a bind as %s", sc.Name, b.DN)
				}
			}
		}
	}
}

func TestTheAPIOnlyWhereThereIsANeedAndABudget(t *testing.T) {
	loose := func(w *sim.World) { w.Kerio.Policy.FailedToLock = 9 }
	refuse := func(w *sim.World) { loose(w); w.Reply = imapsim.Always(imapsim.KerioRefused) }
	for name, c := range map[string]struct {
		change func(*sim.World)
		edit   func(*gather.Options)
		want   probes.Outcome
	}{
		"accepted over IMAP, where it is used":      {loose, func(*gather.Options) {}, probes.Outcome(0)},
		"accepted over IMAP, used on webmail":       {loose, func(o *gather.Options) { o.UsedOn = probes.ServiceWebmail }, probes.Accepted},
		"accepted over IMAP, not said where":        {loose, func(o *gather.Options) { o.UsedOn = 0 }, probes.Accepted},
		"refused over IMAP, one failure allowed":    {refuse, func(*gather.Options) {}, probes.Withheld},
		"refused over IMAP, two failures allowed":   {refuse, func(o *gather.Options) { o.MaxFailures = 2 }, probes.Accepted},
		"no failure allowed":                        {loose, func(o *gather.Options) { o.MaxFailures = 0 }, probes.Withheld},
		"refused over IMAP, two-factor known off":   {func(w *sim.World) { refuse(w); w.Kerio.Domains[0].TwoFactorField = "enable2FA" }, func(o *gather.Options) { o.MaxFailures = 2 }, probes.Outcome(0)},
		"the certificate of the API does not hold":  {func(w *sim.World) { w.Kerio.Loopback.Certificate.Untrusted = true }, func(o *gather.Options) { o.UsedOn = probes.ServiceAPI }, probes.Withheld},
		"IMAP's certificate does not hold":          {func(w *sim.World) { loose(w); w.IMAP.Loopback.Certificate.Untrusted = true }, func(o *gather.Options) { o.UsedOn = probes.ServiceAPI }, probes.Withheld},
		"the counter in Kerio's log is unreadable":  {func(w *sim.World) { w.Kerio.Faults = map[string]keriosim.Fault{"Logs.get": {Code: 1004}} }, func(o *gather.Options) { o.UsedOn = 0 }, probes.Withheld},
		"the policy is unreadable":                  {func(w *sim.World) { w.Kerio.Faults = map[string]keriosim.Fault{"SecurityPolicy.get": {Code: 1004}} }, func(o *gather.Options) { o.UsedOn = 0 }, probes.Withheld},
		"there is less time left than one time-out": {loose, func(o *gather.Options) { o.UsedOn, o.Timeout, o.Deadline = 0, 10*time.Second, 9*time.Second }, probes.Withheld},
	} {
		t.Run(name, func(t *testing.T) {
			r, o := world(t, "healthy", c.change)
			c.edit(&o)
			s := gather.Run(t.Context(), r.Target, o)
			if got := outcome(s, probes.AttemptUser, probes.ServiceAPI); got != c.want {
				t.Errorf("got %v, want %v; steps %+v", got, c.want, s.Login.Steps)
			}
			if c.want == probes.Withheld && r.Kerio.Refused(sim.User) > 1 {
				t.Errorf("%d logins were refused", r.Kerio.Refused(sim.User))
			}
		})
	}
}

func TestTheCanaryStopsToo(t *testing.T) {
	r, o := world(t, "healthy", func(w *sim.World) { w.Kerio.Users[1].Password = "changed" })
	s := gather.Run(t.Context(), r.Target, o)
	if outcome(s, probes.AttemptCanary, probes.ServiceIMAP) != probes.Refused {
		t.Fatalf("the first run: %+v", s.Login.Attempts)
	}
	s = gather.Run(t.Context(), r.Target, o)
	if outcome(s, probes.AttemptCanary, probes.ServiceIMAP) != probes.Withheld || tries(r, r.Target.IMAP.Canary) != 1 {
		t.Errorf("the second run tried the canary again: %d in all", tries(r, r.Target.IMAP.Canary))
	}
}

func TestOwnAccountsStopToo(t *testing.T) {
	r, o := world(t, "healthy--active-directory", nil)
	o.Secrets.Reader, o.Secrets.KerioAdmin = secret.New("not it"), secret.New("not it")
	for range 3 {
		gather.Run(t.Context(), r.Target, o)
	}
	readers := 0
	for _, d := range r.Directory {
		for _, b := range d.Binds() {
			if b.DN == r.Target.Directory.ReaderDN {
				readers++
			}
		}
	}
	if readers != 1 || r.Kerio.Refused(r.Target.Kerio.Admin) != 1 {
		t.Errorf("the reader was refused %d times over two controllers and three runs, Kerio's account %d times; want one each", readers, r.Kerio.Refused(r.Target.Kerio.Admin))
	}
}

func TestOneBindOfTheMailServersAccount(t *testing.T) {
	binds := func(r *sim.Running) int {
		n := 0
		for _, d := range r.Directory {
			for _, b := range d.Binds() {
				if b.DN == r.Target.Directory.MailServerBind {
					n++
				}
			}
		}
		return n
	}
	r, o := world(t, "healthy--active-directory", nil)
	s := gather.Run(t.Context(), r.Target, o)
	if !s.Kerio.BindTest.OK() || binds(r) != 0 {
		t.Errorf("Kerio's own test should do: %+v, and %d binds of ours", s.Kerio.BindTest, binds(r))
	}
	r, o = world(t, "healthy--active-directory", func(w *sim.World) {
		w.Kerio.Faults = map[string]keriosim.Fault{"Domains.testDomainController": {Code: 1004, Message: "Access denied."}}
	})
	if s = gather.Run(t.Context(), r.Target, o); binds(r) != 1 || s.Directory[0].BindTest == nil {
		t.Errorf("Kerio may not test: %d binds of ours, want one; %+v; %+v", binds(r), s.Login.Attempts, s.Kerio.BindTest)
	}
	r, o = world(t, "directory-bind-account", nil)
	if s = gather.Run(t.Context(), r.Target, o); s.Kerio.BindTest != nil || binds(r) != 0 {
		t.Errorf("a locked bind account was bound with: %+v, %d", s.Kerio.BindTest, binds(r))
	}
}

func TestDeclined(t *testing.T) {
	r, o := world(t, "healthy", nil)
	o.Announce = func(*probes.Login) bool { return false }
	s := gather.Run(t.Context(), r.Target, o)
	if len(r.IMAP.Logins()) != 0 || outcome(s, probes.AttemptUser, probes.ServiceIMAP) != probes.Withheld {
		t.Errorf("%d logins after a no; %+v", len(r.IMAP.Logins()), s.Login.Attempts)
	}
}

func TestAnUnwritableLedgerWithholdsEverything(t *testing.T) {
	r, o := world(t, "healthy", nil)
	o.Ledger = ledger.Open(filepath.Join("/dev/null", "ledger.json"), time.Now)
	s := gather.Run(t.Context(), r.Target, o)
	if len(r.IMAP.Logins()) != 0 || r.Kerio.Calls()["Session.login"] != 0 || s.Kerio.Session.OK() {
		t.Errorf("%d logins over IMAP, %d at Kerio", len(r.IMAP.Logins()), r.Kerio.Calls()["Session.login"])
	}
}

func TestDirectoryAlone(t *testing.T) {
	alone := func(w *sim.World) { w.Kerio, w.IMAP, w.Canary = nil, nil, false }
	for name, want := range map[string]struct {
		outcome probes.Outcome
		subcode probes.ADSubcode
	}{
		"wrong-password":            {probes.Refused, probes.SubcodeWrongPassword},
		"healthy--active-directory": {probes.Accepted, 0},
		"ad-must-change-password":   {probes.Refused, probes.SubcodeMustChange},
		"ad-account-locked":         {probes.Withheld, 0},
		"healthy--open-directory":   {probes.Accepted, 0},
	} {
		r, o := world(t, name, alone)
		r.Target.User = sim.Login // a login name, which no simple bind takes
		s := gather.Run(t.Context(), r.Target, o)
		a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory)
		if a == nil || a.Outcome != want.outcome || a.Bind != nil && a.Bind.Subcode != want.subcode {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
