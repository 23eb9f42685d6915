package directory_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/ldapsim"
	"logindoctor.example/probes"
)

var (
	odPolicy = ldapsim.Policy{Threshold: 3, MaxAge: 90 * 24 * time.Hour, Warn: 7 * 24 * time.Hour}
	timed    = ldapsim.Policy{Name: "timed", Threshold: 3, Duration: 30 * time.Minute, Window: 10 * time.Minute}
	grace    = ldapsim.Policy{Name: "grace", Threshold: 3, MaxAge: 90 * 24 * time.Hour, Grace: 3}
)

func uid(login string) string { return "uid=" + login + ",cn=users,dc=example,dc=test" }

type odRow struct {
	account      ldapsim.Account
	right, wrong probes.LDAPResult
	told         probes.PPolicy // with the right password, beside an empty control with the wrong one
	lock         bool           // with ppolicy_use_lockout the control says locked, whatever the password
}

// odRows are the states that were observed on slapd 2.5.13 with ppolicy.
func odRows(now time.Time) []odRow {
	const ok, no = probes.LDAPSuccess, probes.LDAPInvalidCredentials
	yearAgo := now.Add(-365 * 24 * time.Hour)
	return []odRow{
		{account: ldapsim.Account{Login: "healthy"}, right: ok, wrong: no},
		{account: ldapsim.Account{Login: "locked", LockoutTime: now.Add(-2 * time.Hour)}, right: no, wrong: no, lock: true},
		{account: ldapsim.Account{Login: "adminlock", LockedForGood: true}, right: no, wrong: no, lock: true},
		{account: ldapsim.Account{Login: "timedlock", PSO: "timed", LockoutTime: now.Add(-time.Minute)}, right: no, wrong: no, lock: true},
		{account: ldapsim.Account{Login: "oldlock", PSO: "timed", LockoutTime: now.Add(-2 * time.Hour)}, right: ok, wrong: no},
		{account: ldapsim.Account{Login: "ended", Ends: now.Add(-time.Hour)}, right: no, wrong: no, lock: true},
		{account: ldapsim.Account{Login: "notyet", Starts: now.Add(time.Hour)}, right: no, wrong: no, lock: true},
		{account: ldapsim.Account{Login: "expired", PwdLastSet: yearAgo}, right: no, wrong: no, told: probes.PPolicy{Error: probes.PPolicyExpired}},
		{account: ldapsim.Account{Login: "grace", PSO: "grace", PwdLastSet: yearAgo}, right: ok, wrong: no, told: probes.PPolicy{Grace: ref(2)}},
		{account: ldapsim.Account{Login: "mustreset", MustChange: true}, right: ok, wrong: no, told: probes.PPolicy{Error: probes.PPolicyChangeAfterReset}},
		{account: ldapsim.Account{Login: "oddisabled", DisabledUser: true}, right: ok, wrong: no},
		{account: ldapsim.Account{Login: "nopassword"}, right: no, wrong: no},
	}
}

func odWithRows(t *testing.T) *bench {
	t.Helper()
	b := odBench(t, odPolicy)
	b.dir.AddPolicy(timed, grace)
	for _, row := range odRows(time.Now()) {
		if row.account.Login != "nopassword" {
			row.account.Password = right
		}
		b.dir.Add(row.account)
	}
	return b
}

func TestODBindTellsTheState(t *testing.T) {
	for _, useLockout := range []bool{false, true} {
		for _, password := range []string{right, wrong} {
			b := odWithRows(t)
			b.dir.UseLockout = useLockout
			for _, row := range odRows(time.Now()) {
				o := b.try(uid(row.account.Login), password)
				name := row.account.Login + "/" + password
				result, told := row.right, row.told
				if password == wrong {
					result, told = row.wrong, probes.PPolicy{}
				}
				if row.lock && useLockout {
					told = probes.PPolicy{Error: probes.PPolicyLocked}
				}
				if !o.OK() || o.Value.Result != result || o.Value.Words != "" || o.Value.Subcode != 0 {
					t.Errorf("%s: %+v, want result %d", name, o, result)
				}
				if o.Value.PPolicy == nil || !reflect.DeepEqual(*o.Value.PPolicy, told) {
					t.Errorf("%s: control %+v, want %+v", name, o.Value.PPolicy, told)
				}
			}
		}
	}
}

func TestODExpiryIsAnnounced(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "soon", Password: right, PwdLastSet: time.Now().Add(-87 * 24 * time.Hour)})
	o := b.try(uid("soon"), right)
	if o.Value.PPolicy == nil || o.Value.PPolicy.ExpiresIn == nil || *o.Value.PPolicy.ExpiresIn < 259_000 || *o.Value.PPolicy.ExpiresIn > 259_200 {
		t.Errorf("three days: %+v", o.Value.PPolicy)
	}
}

func TestGraceLoginsAreUsedUp(t *testing.T) {
	b := odWithRows(t)
	for left := 2; left >= 0; left-- {
		o := b.try(uid("grace"), right)
		if o.Value.Result != 0 || o.Value.PPolicy == nil || o.Value.PPolicy.Grace == nil || *o.Value.PPolicy.Grace != left {
			t.Errorf("want %d left: %+v %+v", left, o.Value, o.Value.PPolicy)
		}
		same(t, "values of pwdGraceUseTime", b.od("grace").GraceUsed, 3-left)
	}
	o := b.try(uid("grace"), right)
	if o.Value.Result != probes.LDAPInvalidCredentials || o.Value.PPolicy == nil || o.Value.PPolicy.Error != probes.PPolicyExpired {
		t.Errorf("none left: %+v", o.Value)
	}
}

func TestODOtherRefusals(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	unknown := b.try(uid("nobody"), right)
	if unknown.Value.Result != probes.LDAPInvalidCredentials || unknown.Value.PPolicy != nil {
		t.Errorf("an unknown name has no control: %+v", unknown.Value)
	}
	malformed := b.try("jdoe@example.test", right)
	if malformed.Value.Result != probes.LDAPInvalidDNSyntax || malformed.Value.Words != "invalid DN" {
		t.Errorf("no DN: %+v", malformed.Value)
	}
}

func TestMustResetMaySearchNothing(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "reset", Password: readerPassword, MustChange: true})
	o := b.boundAs(uid("reset")).Account(b.ctx(), "reader")
	same(t, "why", o.Why, probes.NotPermitted)
	if !strings.Contains(o.Words, "Operations are restricted") {
		t.Errorf("words: %q", o.Words)
	}
}

func TestODAttributes(t *testing.T) {
	b := odWithRows(t)
	now := time.Now()
	b.dir.Change("healthy", func(a *ldapsim.Account) {
		a.Failures, a.Mail = []time.Time{now.Add(-time.Minute), now}, []string{"healthy@example.test"}
	})
	standard := probes.LockoutPolicy{Threshold: 3, MaxAgeMS: 90 * 24 * 3600_000, Origin: probes.PolicyDomain, DN: "cn=default,cn=policies,dc=example,dc=test"}
	other := probes.LockoutPolicy{Threshold: 3, DurationMS: 1800_000, WindowMS: 600_000, Origin: probes.PolicyFineGrained, DN: "cn=timed,cn=policies,dc=example,dc=test"}
	for _, row := range odRows(now) {
		a, w := b.od(row.account.Login), row.account
		same(t, w.Login+": uid", a.UID, w.Login)
		at(t, w.Login+": locked", a.LockedTime, w.LockoutTime)
		same(t, w.Login+": until reset", a.LockedUntilReset, w.LockedForGood)
		at(t, w.Login+": start", a.StartTime, w.Starts)
		at(t, w.Login+": end", a.EndTime, w.Ends)
		same(t, w.Login+": reset", a.Reset, w.MustChange)
		same(t, w.Login+": DisabledUser", a.DisabledUser, w.DisabledUser)
		if w.Login == "nopassword" {
			same(t, "nothing of a policy in the entry", a.PolicySeen, false)
			continue
		}
		same(t, w.Login+": policy seen", a.PolicySeen, true)
		if a.Changed == nil || !w.PwdLastSet.IsZero() && a.Changed.Sub(w.PwdLastSet).Abs() > time.Minute {
			t.Errorf("%s: changed %v", w.Login, a.Changed)
		}
		want := standard
		switch w.PSO {
		case "timed":
			want = other
		case "grace":
			want.Grace, want.Origin, want.DN = 3, probes.PolicyFineGrained, strings.Replace(want.DN, "default", "grace", 1)
		}
		if a.Lockout == nil || *a.Lockout != want {
			t.Errorf("%s: policy %+v, want %+v", w.Login, a.Lockout, want)
		}
	}
	a := b.od("healthy")
	if len(a.FailureTimes) != 2 || a.FailureTimes[1].Sub(now).Abs() > time.Millisecond || len(a.Mail) != 1 {
		t.Errorf("failures %v, mail %v", a.FailureTimes, a.Mail)
	}
}

func TestODPolicyThatCannotBeRead(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "jdoe", Password: right}, ldapsim.Account{Login: "pointed", Password: right, PSO: "timed"})
	b.dir.AddPolicy(timed)
	b.dir.NoPolicy = true
	c := b.reader()
	_, policy, _ := c.Server(b.ctx())
	same(t, "of the server", policy.Why, probes.NotPermitted)
	if p := c.Account(b.ctx(), "jdoe").Value.OD.Lockout; p != nil {
		t.Errorf("a policy nobody showed: %+v", p)
	}
	if p := c.Account(b.ctx(), "pointed").Value.OD.Lockout; p == nil || p.Origin != probes.PolicyHidden {
		t.Errorf("a policy that is pointed to, and not shown: %+v", p)
	}
}

func TestODServer(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "svc", Password: right})
	b.target.MailServerBind, b.target.BaseDN = uid("svc"), "" // the root DSE says where
	root, policy, account := b.reader().Server(b.ctx())
	if !root.OK() || root.Value.IsAD || root.Value.DefaultBase != "dc=example,dc=test" {
		t.Errorf("root DSE: %+v", root)
	}
	if !policy.OK() || policy.Value.Threshold != 3 || policy.Value.Origin != probes.PolicyDomain {
		t.Errorf("policy: %+v", policy)
	}
	if !account.OK() || account.Value.OD == nil || account.Value.OD.UID != "svc" {
		t.Errorf("bind account: %+v", account)
	}
}

func TestODCounters(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "jdoe", Password: right}, ldapsim.Account{Login: "fixed", Password: right, LockedForGood: true})
	c := b.reader()
	for range 3 {
		b.try(uid("jdoe"), wrong)
	}
	o := c.Counters(b.ctx(), uid("jdoe"))
	if !o.OK() || o.Value.BadPwdCount == nil || *o.Value.BadPwdCount != 3 || o.Value.LockoutTime == nil || o.Value.BadPasswordTime == nil || o.Value.LockedForGood {
		t.Errorf("after three: %+v", o)
	}
	if o := c.Counters(b.ctx(), uid("fixed")); !o.Value.LockedForGood || o.Value.LockoutTime != nil {
		t.Errorf("until a reset: %+v", o.Value)
	}
}

const slot = "0123456789abcdef0123456789abcdef"

func TestApple(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "healthy", Password: right, Slot: slot}, ldapsim.Account{Login: "disabled", Password: right, DisabledUser: true, Slot: slot[1:] + "0"},
		ldapsim.Account{Login: "mustchange", Password: right, MustChange: true, Slot: slot[2:] + "00"})
	b.dir.Apple = true
	for _, name := range []string{"disabled", "mustchange"} {
		o := b.try(uid(name), right)
		if !o.OK() || o.Value.Result != probes.LDAPInsufficientAccess || o.Value.Words != "" || o.Value.PPolicy != nil {
			t.Errorf("%s: %+v", name, o)
		}
	}
	same(t, "unknown", b.try(uid("nobody"), right).Value.Result, probes.LDAPInvalidCredentials)
	same(t, "wrong", b.try(uid("healthy"), wrong).Value.Result, probes.LDAPInsufficientAccess)

	admin := b.boundAs(uid("admin"))
	policy := func(user string) probes.ApplePolicy {
		a := admin.Account(b.ctx(), user).Value.OD
		if a == nil || a.Apple == nil || !a.PolicySeen {
			t.Fatalf("%s: no policy in %+v", user, a)
		}
		return *a.Apple
	}
	same(t, "healthy", policy("healthy"), probes.ApplePolicy{MaxFailed: 3, Failed: 1, FailedSeen: true})
	same(t, "disabled", policy("disabled"), probes.ApplePolicy{IsDisabled: true, MaxFailed: 3, FailedSeen: true, DisableReason: probes.ODDisabledByAdmin})
	same(t, "must change", policy("mustchange"), probes.ApplePolicy{IsDisabled: true, NewPasswordRequired: true, MaxFailed: 3, FailedSeen: true, DisableReason: probes.ODNewPasswordRequired})
	// A base below cn=users makes Apple's server look at the first attribute of the search itself.
	b.target.BaseDN = "cn=users,dc=example,dc=test"
	if a := b.boundAs(uid("admin")).Account(b.ctx(), "healthy").Value.OD; a == nil || a.UID != "healthy" || a.Apple == nil {
		t.Errorf("below cn=users: %+v", a)
	}
	same(t, "count", *admin.Counters(b.ctx(), uid("healthy")).Value.BadPwdCount, 1)
	b.try(uid("healthy"), wrong)
	b.try(uid("healthy"), wrong)
	same(t, "locked", policy("healthy"), probes.ApplePolicy{IsDisabled: true, MaxFailed: 3, Failed: 3, FailedSeen: true, DisableReason: probes.ODDisabledByFailures})

	ordinary := b.reader()
	if a := ordinary.Account(b.ctx(), "healthy").Value.OD; a.Apple == nil || a.Apple.FailedSeen || a.Apple.Failed != 0 {
		t.Errorf("an ordinary reader is not shown the counter: %+v", a.Apple)
	}
	root, lockout, _ := ordinary.Server(b.ctx())
	same(t, "vendor", root.Value.Vendor, "Apple")
	if !lockout.OK() || lockout.Value.Threshold != 3 || lockout.Value.MaxAgeMS != odPolicy.MaxAge.Milliseconds() {
		t.Errorf("policy for everyone: %+v", lockout)
	}
}

func TestStoredPlist(t *testing.T) {
	b := odBench(t, odPolicy, ldapsim.Account{Login: "jdoe", Password: right, DisabledUser: true,
		StoredPlist: `<plist version="1.0"><dict><key>isDisabled</key><true/><key>maxFailedLoginAttempts</key><string>5</string><key>effectiveDisableReason</key><integer>1</integer></dict></plist>`})
	a := b.od("jdoe")
	if a.Apple == nil || *a.Apple != (probes.ApplePolicy{IsDisabled: true, MaxFailed: 5, DisableReason: probes.ODDisabledByAdmin}) || !a.DisabledUser {
		t.Errorf("%+v %+v", a, a.Apple)
	}
}
