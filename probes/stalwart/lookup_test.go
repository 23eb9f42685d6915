package stalwart_test

import (
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
)

// TestDomainUnread: where the login's domain was not seen, it may be another name of one that was not read, and nobody knows that
// there is no such account.
func TestDomainUnread(t *testing.T) {
	forbidden := config()
	forbidden.Faults = map[string]stalwartsim.Fault{"x:Domain/get": {Type: "forbidden", Description: "You are not authorized to perform this action"}}
	page := config()
	page.Domains = append(page.Domains, stalwartsim.Domain{Name: "third.test", Aliases: []string{"third.example"}})
	page.Accounts = append(page.Accounts, stalwartsim.Account{Name: "carol", Domain: "third.test", Password: password})
	page.MaxObjects = 2
	for user, conf := range map[string]stalwartsim.Config{"alice@example.org": forbidden, "carol@third.example": page} {
		if _, a, _ := look(t, conf, user); !a.User.OK() || a.User.Value.Found != probes.StalwartUnknown {
			t.Errorf("%s: %+v", user, a.User)
		}
	}
	if _, a, _ := look(t, forbidden, alice); !a.User.OK() || a.User.Value.Found != probes.StalwartYes {
		t.Errorf("an address that is an account's own needs no domain: %+v", a.User)
	}
}

// TestMasterLogin: two people stand in a master user's login, and no account has it as its name.
func TestMasterLogin(t *testing.T) {
	for _, user := range []string{"alice@example.test%otp@example.test", "alice@example.test%otp", "alice%otp@elsewhere.test"} {
		s, a, _ := look(t, config(), user)
		for what, l := range map[string]probes.Look{"domain": s.Domain.Look, "account": a.User.Look} {
			if l.Why != probes.Unclear || !strings.Contains(l.Words, "master user") {
				t.Errorf("%s: %s %+v", user, what, l)
			}
		}
	}
	conf := config()
	conf.Faults = map[string]stalwartsim.Fault{"x:Account/query": {Type: "forbidden"}}
	if _, a, _ := look(t, conf, "alice%otp"); a.User.Why != probes.NotPermitted {
		t.Errorf("what could not be read says so: %+v", a.User.Look)
	}
}

// TestShortWords: the search for aliases passes over words of one letter, so that one of such letters alone is never found by it.
func TestShortWords(t *testing.T) {
	conf := config()
	conf.Accounts[1].Aliases = append(conf.Accounts[1].Aliases, "j.d@example.test", "j.doe@example.test", "ö@example.test")
	for user, want := range map[string]probes.StalwartAnswer{"j.d@example.test": probes.StalwartUnknown, "x@example.test": probes.StalwartUnknown, "-@example.test": probes.StalwartUnknown,
		"j.doe@example.test": probes.StalwartYes, "ö@example.test": probes.StalwartYes, "j.do@example.test": probes.StalwartNo, "j.d@elsewhere.test": probes.StalwartNo} {
		if _, a, _ := look(t, conf, user); !a.User.OK() || a.User.Value.Found != want {
			t.Errorf("%s: %v, want %v", user, a.User.Value.Found, want)
		}
	}
	conf.Accounts = append(conf.Accounts, stalwartsim.Account{Name: "x", Domain: "example.test", Password: password})
	if _, a, _ := look(t, conf, "x@example.test"); a.User.Value.Found != probes.StalwartYes {
		t.Errorf("an account of that name is found by its name: %+v", a.User)
	}
}

// TestTenantKey: the key of a tenant's administrator is shown the tenant's rows alone, and whatever is missing there may be another's.
func TestTenantKey(t *testing.T) {
	conf := config()
	conf.Domains[0].Tenant, conf.Accounts[1].Tenant, conf.Key.Tenant = "b", "b", "b"
	for user, want := range map[string]probes.StalwartAnswer{alice: probes.StalwartYes, "alice@second.test": probes.StalwartUnknown, "otp@example.test": probes.StalwartUnknown} {
		s, a, _ := look(t, conf, user)
		if !a.User.OK() || a.User.Value.Found != want {
			t.Errorf("%s: %v, want %v", user, a.User.Value.Found, want)
		}
		if d := s.Domain.Value; user == "alice@second.test" && (d.Found != probes.StalwartUnknown || d.Seen != 1) {
			t.Errorf("%s: %+v", user, d)
		}
	}
	conf.Key.Tenant = ""
	if s, a, _ := look(t, conf, "alice@elsewhere.test"); s.Domain.Value.Found != probes.StalwartNo || a.User.Value.Found != probes.StalwartNo {
		t.Errorf("a key that is no tenant's sees all: %+v", s.Domain)
	}
}
