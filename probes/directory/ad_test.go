package directory_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/ldapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
)

const right, wrong = "the right one", "a wrong one"

var (
	domainPolicy = ldapsim.Policy{Threshold: 3, Duration: 30 * time.Minute, Window: 30 * time.Minute, MaxAge: 42 * 24 * time.Hour}
	strict       = ldapsim.Policy{Name: "strict", Threshold: 2, Duration: 24 * time.Hour, Window: time.Hour, MaxAge: 7 * 24 * time.Hour}
)

func cn(login string) string { return "CN=" + login + ",CN=Users," + ldapsim.Base }

// adRows are the account states that were observed on Samba 4.17, with the sub-codes of a bind with the right and with a
// wrong password, and what the attributes then say.
func adRows(now time.Time) []struct {
	account           ldapsim.Account
	right, wrong      probes.ADSubcode
	control, computed uint32
} {
	lock, yearAgo := now.Add(-time.Minute), now.Add(-365*24*time.Hour)
	const ok = 0
	const w, l = probes.SubcodeWrongPassword, probes.SubcodeLocked
	return []struct {
		account           ldapsim.Account
		right, wrong      probes.ADSubcode
		control, computed uint32
	}{
		{ldapsim.Account{Login: "healthy"}, ok, w, 512, 0},
		{ldapsim.Account{Login: "oldlock", LockoutTime: now.Add(-2 * time.Hour), BadPwdCount: 3, BadPwdTime: now.Add(-2 * time.Hour)}, ok, w, 512, 0},
		{ldapsim.Account{Login: "neverexp", NeverExpires: true, PwdLastSet: yearAgo}, ok, w, 0x10200, 0},
		{ldapsim.Account{Login: "psouser", PSO: "strict"}, ok, w, 512, 0},
		{ldapsim.Account{Login: "locked", LockoutTime: lock, BadPwdCount: 3, BadPwdTime: lock}, l, l, 512, 16},
		{ldapsim.Account{Login: "psolocked", PSO: "strict", LockoutTime: now.Add(-2 * time.Hour), BadPwdCount: 2}, l, l, 512, 16},
		{ldapsim.Account{Login: "disabled", Disabled: true}, probes.SubcodeDisabled, w, 514, 0},
		{ldapsim.Account{Login: "pwexpired", PwdLastSet: yearAgo}, probes.SubcodePasswordExpired, w, 512, 0x800000},
		{ldapsim.Account{Login: "mustchange", MustChange: true}, probes.SubcodeMustChange, w, 512, 0x800000},
		{ldapsim.Account{Login: "acctexpired", AccountExpires: now.Add(-24 * time.Hour)}, probes.SubcodeAccountExpired, w, 512, 0},
		{ldapsim.Account{Login: "hours", LogonHours: make([]byte, 21)}, probes.SubcodeLogonHours, w, 512, 0},
		{ldapsim.Account{Login: "wkstn", Workstations: "OTHERPC"}, probes.SubcodeWorkstation, w, 512, 0},
		{ldapsim.Account{Login: "smartcard", Smartcard: true}, w, w, 0x40200, 0},
		{ldapsim.Account{Login: "lockedexp", LockoutTime: lock, PwdLastSet: yearAgo}, l, l, 512, 0x800010},
		{ldapsim.Account{Login: "disexp", Disabled: true, PwdLastSet: yearAgo}, probes.SubcodeDisabled, w, 514, 0x800000},
		{ldapsim.Account{Login: "dislocked", Disabled: true, LockoutTime: lock}, l, l, 514, 16},
	}
}

func adWithRows(t *testing.T) *bench {
	t.Helper()
	b := adBench(t, domainPolicy)
	b.dir.AddPolicy(strict)
	for _, row := range adRows(time.Now()) {
		row.account.Password = right
		b.dir.Add(row.account)
	}
	return b
}

func TestADBindTellsTheState(t *testing.T) {
	for _, password := range []string{right, wrong} {
		b := adWithRows(t) // anew: a success resets counters, and failures count
		for _, row := range adRows(time.Now()) {
			want := row.right
			if password == wrong {
				want = row.wrong
			}
			t.Run(row.account.Login+"/"+password, func(t *testing.T) {
				o := b.try(cn(row.account.Login), password)
				if !o.OK() {
					t.Fatalf("not seen: %v %s", o.Why, o.Words)
				}
				same(t, "sub-code", o.Value.Subcode, want)
				result, words := probes.LDAPInvalidCredentials, fmt.Sprintf("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data %x, v1db1", uint16(want))
				if want == 0 {
					result, words = probes.LDAPSuccess, ""
				}
				same(t, "result", o.Value.Result, result)
				same(t, "words", o.Value.Words, words)
				if o.Value.PPolicy != nil {
					t.Error("AD sends no response control")
				}
			})
		}
	}
}

func TestADBindNames(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", UPN: "j.doe@example.test", Mail: []string{"doe@example.test"}, Password: right})
	for name, want := range map[string]probes.ADSubcode{cn("jdoe"): 0, "j.doe@example.test": 0, "jdoe@example.test": 0, `EXAMPLE\jdoe`: 0, "jdoe": probes.SubcodeWrongPassword,
		"doe@example.test": probes.SubcodeWrongPassword, cn("nobody"): probes.SubcodeWrongPassword, "no DN at all": probes.SubcodeWrongPassword} {
		same(t, name, b.try(name, right).Value.Subcode, want)
	}
}

func TestWindowsEndsItsTextInANul(t *testing.T) {
	b := adBench(t, domainPolicy)
	b.dir.Windows = true
	o := b.try(cn("nobody"), right)
	same(t, "sub-code", o.Value.Subcode, probes.SubcodeUnknownUser)
	if bytes.ContainsRune([]byte(o.Value.Words), 0) {
		t.Errorf("a NUL is left in %q", o.Value.Words)
	}
}

func TestADAttributes(t *testing.T) {
	b := adWithRows(t)
	for _, row := range adRows(time.Now()) {
		t.Run(row.account.Login, func(t *testing.T) {
			a, w := b.ad(row.account.Login+"@example.test"), row.account
			same(t, "login", a.Login, w.Login)
			same(t, "DN", a.DN, cn(w.Login))
			same(t, "control", *a.Control, row.control)
			same(t, "computed", *a.ControlComputed, row.computed)
			same(t, "badPwdCount", *a.BadPwdCount, w.BadPwdCount)
			at(t, "lockoutTime", a.LockoutTime, w.LockoutTime)
			at(t, "badPasswordTime", a.BadPasswordTime, w.BadPwdTime)
			at(t, "accountExpires", a.AccountExpires, w.AccountExpires)
			same(t, "must change", a.MustChange, w.MustChange)
			same(t, "workstations", a.Workstations, w.Workstations)
			if !bytes.Equal(a.LogonHours, w.LogonHours) {
				t.Errorf("logonHours: %x", a.LogonHours)
			}
			age, set := domainPolicy.MaxAge, w.PwdLastSet
			if w.PSO != "" {
				age = strict.MaxAge
			}
			if set.IsZero() {
				set = time.Now().Add(-time.Hour)
			}
			switch {
			case w.MustChange, w.NeverExpires, w.Smartcard:
				at(t, "password expires", a.PasswordExpires, time.Time{})
			case a.PwdLastSet == nil || a.PasswordExpires == nil || a.PasswordExpires.Sub(*a.PwdLastSet) != age || a.PwdLastSet.Sub(set).Abs() > time.Minute:
				t.Errorf("pwdLastSet %v, expires %v", a.PwdLastSet, a.PasswordExpires)
			}
			if len(a.Unread) > 0 {
				t.Errorf("unread: %v", a.Unread)
			}
			want := probes.LockoutPolicy{Threshold: 3, DurationMS: 1800_000, WindowMS: 1800_000, MaxAgeMS: 42 * 24 * 3600_000, Origin: probes.PolicyDomain, DN: ldapsim.Base}
			if w.PSO != "" {
				want = probes.LockoutPolicy{Origin: probes.PolicyHidden, DN: "CN=strict,CN=Password Settings Container,CN=System," + ldapsim.Base}
				if a.PasswordExpires != nil {
					want.MaxAgeMS = 7 * 24 * 3600_000
				}
			}
			if a.Lockout == nil || *a.Lockout != want {
				t.Errorf("lockout policy: got %+v, want %+v", a.Lockout, want)
			}
		})
	}
}

func TestUnlockedAccountShowsNoLock(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right, Unlocked: true})
	at(t, "lockoutTime 0", b.ad("jdoe").LockoutTime, time.Time{})
}

func TestFineGrainedPolicy(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right, PSO: "strict"},
		ldapsim.Account{Login: "blind", Password: readerPassword, Blind: []string{"msDS-ResultantPSO"}})
	b.dir.AddPolicy(strict)
	readable := b.boundAs(cn("admin")).Account(b.ctx(), "jdoe").Value.AD.Lockout
	want := probes.LockoutPolicy{Threshold: 2, DurationMS: 24 * 3600_000, WindowMS: 3600_000, MaxAgeMS: 7 * 24 * 3600_000, Origin: probes.PolicyFineGrained,
		DN: "CN=strict,CN=Password Settings Container,CN=System," + ldapsim.Base}
	if readable == nil || *readable != want {
		t.Errorf("as administrator: got %+v, want %+v", readable, want)
	}
	unseen := b.boundAs(cn("blind")).Account(b.ctx(), "jdoe").Value.AD
	if unseen.ResultantPSO != "" || unseen.Lockout == nil || unseen.Lockout.Origin != probes.PolicyHidden {
		t.Errorf("the expiry gives the fine-grained policy away: %q, %+v", unseen.ResultantPSO, unseen.Lockout)
	}
}

func TestPolicyThatNeverExpiresGivesAFineGrainedOneAway(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right, PSO: "for ever", Hides: []string{"msDS-ResultantPSO"}},
		ldapsim.Account{Login: "flagged", Password: right, NeverExpires: true})
	b.dir.AddPolicy(ldapsim.Policy{Name: "for ever", Threshold: 2})
	same(t, "never, without a flag", b.ad("jdoe").Lockout.Origin, probes.PolicyHidden)
	same(t, "never, by a flag", b.ad("flagged").Lockout.Origin, probes.PolicyDomain)
}

func TestDurationsWithoutEnd(t *testing.T) {
	b := adBench(t, ldapsim.Policy{Threshold: 5}, ldapsim.Account{Login: "jdoe", Password: right})
	got := b.ad("jdoe").Lockout
	want := probes.LockoutPolicy{Threshold: 5, Origin: probes.PolicyDomain, DN: ldapsim.Base}
	if got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReaderWithoutRights(t *testing.T) {
	hidden := []string{"userAccountControl", "msDS-User-Account-Control-Computed", "badPwdCount", "pwdLastSet"}
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right, Hides: hidden})
	a := b.ad("jdoe")
	for _, name := range hidden {
		if !slices.Contains(a.Unread, name) {
			t.Errorf("%s is not among the unread: %v", name, a.Unread)
		}
	}
	if a.Control != nil || a.ControlComputed != nil || a.BadPwdCount != nil || a.PwdLastSet != nil || a.MustChange {
		t.Errorf("invented: %+v", a)
	}
	b.dir.NoPolicy = true
	c := b.reader()
	_, policy, _ := c.Server(b.ctx())
	same(t, "policy of the domain", policy.Why, probes.NotPermitted)
	if got := c.Account(b.ctx(), "jdoe").Value.AD.Lockout; got != nil {
		t.Errorf("a policy nobody showed: %+v", got)
	}
}

func TestServer(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "svc-kerio", Password: right, BadPwdCount: 2})
	for name, bindName := range map[string]string{"by DN": cn("svc-kerio"), "by UPN": "svc-kerio@example.test", "by NetBIOS name": `EXAMPLE\svc-kerio`} {
		b.target.MailServerBind = bindName
		root, policy, account := b.reader().Server(b.ctx())
		if !root.OK() || !root.Value.IsAD || root.Value.DefaultBase != ldapsim.Base || root.Value.HostName != "dc1.example.test" ||
			time.Since(root.Value.Time).Abs() > time.Minute || root.Source != b.servers[0].Address() || root.Probe != probes.ProbeDirectory {
			t.Errorf("root DSE: %+v", root)
		}
		if !policy.OK() || policy.Value.Threshold != 3 || policy.Value.Origin != probes.PolicyDomain {
			t.Errorf("policy: %+v", policy)
		}
		if !account.OK() || account.Value.AD == nil || account.Value.AD.Login != "svc-kerio" || *account.Value.AD.BadPwdCount != 2 || account.Value.AD.Lockout == nil {
			t.Errorf("%s: %+v", name, account)
		}
	}
	b.target.MailServerBind = cn("gone")
	_, _, account := b.reader().Server(b.ctx())
	if !account.OK() || account.Value.Matches == nil || len(account.Value.Matches) != 0 {
		t.Errorf("a bind account that is not there: %+v", account)
	}
	b.target.MailServerBind = ""
	if _, _, account := b.reader().Server(b.ctx()); account != nil {
		t.Errorf("nobody named a bind account: %+v", account)
	}
}

func TestSeveralDomainControllers(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	b.start(loopback.Options{})
	b.try(cn("jdoe"), wrong)
	b.try(cn("jdoe"), wrong)
	first := b.reader()
	b.start(loopback.Options{})
	second := b.reader()
	same(t, "first", *first.Account(b.ctx(), "jdoe").Value.AD.BadPwdCount, 2)
	same(t, "second", *second.Account(b.ctx(), "jdoe").Value.AD.BadPwdCount, 0)
	b.servers[1].Diverge("jdoe", func(a *ldapsim.Account) { a.MustChange = true })
	same(t, "not replicated to the first", first.Account(b.ctx(), "jdoe").Value.AD.MustChange, false)
	same(t, "on the second", second.Account(b.ctx(), "jdoe").Value.AD.MustChange, true)
}

func TestCountersAfterARefusal(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	c := b.reader()
	before := c.Counters(b.ctx(), cn("jdoe"))
	if !before.OK() || *before.Value.BadPwdCount != 0 || before.Value.LockoutTime != nil {
		t.Errorf("before: %+v", before)
	}
	for range 3 {
		b.try(cn("jdoe"), wrong)
	}
	after := c.Counters(b.ctx(), cn("jdoe"))
	if !after.OK() || *after.Value.BadPwdCount != 3 || after.Value.LockoutTime == nil || after.Value.BadPasswordTime == nil {
		t.Errorf("after: %+v", after)
	}
	same(t, "no such entry", c.Counters(b.ctx(), cn("gone")).Why, probes.NotPermitted)
}
