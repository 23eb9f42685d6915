package login

import (
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

var now = time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)

func ago(d time.Duration) *time.Time { t := now.Add(-d); return &t }

func ptr[T any](v T) *T { return &v }

func at(why probes.Why) probes.Look { return probes.Look{Why: why, At: now} }

// dc is one domain controller's view of an account under a policy of threshold 5 within 30 minutes.
func dc(bad int, last *time.Time, change ...func(*probes.ADAccount)) *probes.Observation[probes.DirectoryEntry] {
	ad := &probes.ADAccount{DN: "CN=j", BadPwdCount: &bad, BadPasswordTime: last, ControlComputed: ptr(uint32(0)),
		Lockout: &probes.LockoutPolicy{Threshold: 5, DurationMS: 1800000, WindowMS: 1800000, Origin: probes.PolicyDomain}}
	for _, c := range change {
		c(ad)
	}
	return &probes.Observation[probes.DirectoryEntry]{Look: at(probes.Seen), Value: probes.DirectoryEntry{Matches: []string{"CN=j"}, AD: ad}}
}

func blind(why probes.Why) *probes.Observation[probes.DirectoryEntry] {
	return &probes.Observation[probes.DirectoryEntry]{Look: at(why)}
}

func inAD(entries ...*probes.Observation[probes.DirectoryEntry]) *probes.Snapshot {
	s := &probes.Snapshot{Target: probes.Target{User: "jdoe@example.test", IMAP: &probes.IMAPTarget{}, Directory: &probes.DirectoryTarget{Kind: probes.ActiveDirectory}}}
	for _, e := range entries {
		s.Directory = append(s.Directory, probes.DirectoryServer{URL: "ldaps://dc"})
		s.Account.Directory = append(s.Account.Directory, probes.DirectoryAccount{Entry: e})
	}
	return s
}

// inKerio is a Kerio server whose policy locks after threshold failures in 5 minutes, with failures so long ago.
func inKerio(threshold int, failures ...time.Duration) *probes.Snapshot {
	s := &probes.Snapshot{Target: probes.Target{User: "jdoe@example.test", Kerio: &probes.KerioTarget{}, IMAP: &probes.IMAPTarget{}}}
	s.Kerio = &probes.KerioServer{SecurityPolicy: &probes.Observation[probes.KerioSecurityPolicy]{Look: at(probes.Seen),
		Value: probes.KerioSecurityPolicy{EnableLockout: true, FailedToLock: threshold, MinutesToUnlock: 5}}}
	log := probes.KerioLog{WholeLog: true}
	for _, f := range failures {
		log.Events = append(log.Events, probes.KerioLogEvent{At: now.Add(-f), Kind: probes.LogInvalidPassword})
	}
	s.Account.Kerio = &probes.KerioAccount{Log: &probes.Observation[probes.KerioLog]{Look: at(probes.Seen), Value: log}}
	return s
}

func earlier(ages ...time.Duration) []ledger.Entry {
	var out []ledger.Entry
	for _, a := range ages {
		out = append(out, ledger.Entry{At: now.Add(-a)})
	}
	return out
}

func TestAfford(t *testing.T) {
	minute := time.Minute
	hidden := func(ad *probes.ADAccount) {
		ad.Lockout = &probes.LockoutPolicy{Origin: probes.PolicyHidden}
	}
	never := func(ad *probes.ADAccount) { ad.Lockout.Threshold = 0 }
	locked := func(ad *probes.ADAccount) { ad.ControlComputed = ptr(probes.ADLockedOut) }
	unread := func(ad *probes.ADAccount) { ad.BadPwdCount = nil }
	strict := func(ad *probes.ADAccount) { ad.Lockout.Threshold, ad.Lockout.Origin = 3, probes.PolicyFineGrained }
	absent := &probes.Observation[probes.DirectoryEntry]{Look: at(probes.Seen)}
	two := &probes.Observation[probes.DirectoryEntry]{Look: at(probes.Seen), Value: probes.DirectoryEntry{Matches: []string{"a", "b"}}}
	local := inKerio(3)
	local.Target.Directory = &probes.DirectoryTarget{Kind: probes.ActiveDirectory}
	local.Directory = []probes.DirectoryServer{{}}
	local.Account.Directory = []probes.DirectoryAccount{{Entry: blind(probes.Timeout)}}
	mapped := inKerio(3)
	*mapped.Account.Kerio = *local.Account.Kerio
	mapped.Target.Directory, mapped.Directory, mapped.Account.Directory = local.Target.Directory, local.Directory, local.Account.Directory
	local.Account.Kerio.User = &probes.Observation[probes.KerioUser]{Value: probes.KerioUser{Found: true, Source: "DSInternalSource", AuthType: "UInternalAuth"}}
	mapped.Account.Kerio.User = &probes.Observation[probes.KerioUser]{Value: probes.KerioUser{Found: true, Source: "DSLDAPSource"}}
	short := inKerio(5)
	short.Account.Kerio.Log.Value.WholeLog, short.Account.Kerio.Log.Value.Since = false, now.Add(-minute)
	unreadLog := inKerio(5)
	unreadLog.Account.Kerio.Log = &probes.Observation[probes.KerioLog]{Look: at(probes.NotPermitted)}
	noPolicy := inKerio(5)
	noPolicy.Kerio.SecurityPolicy = &probes.Observation[probes.KerioSecurityPolicy]{Look: at(probes.NotPermitted)}
	off := inKerio(1, minute, minute)
	off.Kerio.SecurityPolicy.Value.EnableLockout = false
	success := inKerio(3, 3*minute, 2*minute)
	success.Account.Kerio.Audit = &probes.Observation[probes.KerioLog]{Value: probes.KerioLog{Events: []probes.KerioLogEvent{{At: now.Add(-minute), Kind: probes.LogAuthenticated}}}}
	guess := inKerio(3, 3*time.Hour)
	guess.Kerio.Clock = &probes.Observation[probes.KerioClock]{Look: at(probes.Seen), Value: probes.KerioClock{Guess: true}}
	plain := &probes.Snapshot{Target: probes.Target{User: "jdoe@example.test", IMAP: &probes.IMAPTarget{}}}

	for name, c := range map[string]struct {
		s      *probes.Snapshot
		ledger []ledger.Entry
		want   string // empty: affordable; else a part of the reason
	}{
		"AD: nothing used":                        {inAD(dc(0, nil)), nil, ""},
		"AD: two used, two would be left":         {inAD(dc(2, ago(minute))), nil, ""},
		"AD: three used, one would be left":       {inAD(dc(3, ago(minute))), nil, "a refusal would leave 1"},
		"AD: the count is old":                    {inAD(dc(4, ago(31*minute))), nil, ""},
		"AD: the greatest of several controllers": {inAD(dc(0, nil), dc(3, ago(minute))), nil, "3 are used"},
		"AD: one controller blind, two used":      {inAD(dc(2, ago(minute)), blind(probes.Timeout)), nil, "3 must be left"},
		"AD: one controller blind, one used":      {inAD(dc(1, ago(minute)), blind(probes.Timeout)), nil, ""},
		"AD: all controllers blind":               {inAD(blind(probes.Timeout)), nil, "not known"},
		"AD: counter unreadable":                  {inAD(dc(0, nil, unread)), nil, "not known"},
		"AD: a policy that cannot be read":        {inAD(dc(0, nil, hidden)), nil, "not known"},
		"AD: never locks":                         {inAD(dc(90, ago(minute), never)), nil, ""},
		"AD: locked":                              {inAD(dc(5, ago(minute), locked)), nil, "holds a lock"},
		"AD: fine-grained policy of three":        {inAD(dc(1, ago(minute), strict)), nil, "allows 3 wrong passwords and 1 are used"},
		"AD: the ledger's younger attempt":        {inAD(dc(2, ago(10*minute))), earlier(5 * minute), "3 are used"},
		"AD: the counter holds the attempt":       {inAD(dc(2, ago(5*minute))), earlier(5*minute + time.Second), ""},
		"AD: the ledger's attempt is too old":     {inAD(dc(0, nil)), earlier(31*minute, 40*minute, 50*minute), ""},
		"AD: two entries fit":                     {inAD(two), nil, "2 entries fit"},
		"AD: no such account, first attempt":      {inAD(absent), nil, ""},
		"AD: no such account, second attempt":     {inAD(absent), earlier(minute), "no lockout policy is known"},
		"plain IMAP: first attempt":               {plain, nil, ""},
		"plain IMAP: second attempt":              {plain, earlier(29 * minute), "no lockout policy is known"},
		"plain IMAP: much later":                  {plain, earlier(31 * minute), ""},
		"Kerio: nothing used":                     {inKerio(3), nil, ""},
		"Kerio: one used of three":                {inKerio(3, minute), nil, "would leave 1"},
		"Kerio: one used, long ago":               {inKerio(3, 6*minute), nil, ""},
		"Kerio: used, then a success":             {success, nil, ""},
		"Kerio: lockout off":                      {off, nil, ""},
		"Kerio: policy unreadable":                {noPolicy, nil, "security policy could not be read"},
		"Kerio: log unreadable":                   {unreadLog, nil, "could not be read"},
		"Kerio: log too short":                    {short, nil, "does not reach back"},
		"Kerio: zone is a guess":                  {guess, nil, "would leave 1"},
		"Kerio: the ledger's attempt":             {inKerio(3), earlier(minute), "would leave 1"},
		"Kerio: local user, directory blind":      {local, nil, ""},
		"Kerio: mapped user, directory blind":     {mapped, nil, "Active Directory leaves is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Afford(Budgets(c.s, c.ledger, now))
			switch {
			case c.want == "" && err != nil:
				t.Errorf("withheld: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want a reason with %q", err, c.want)
			}
		})
	}
}

func TestClocksApart(t *testing.T) {
	// The controller's clock is ten minutes ahead: its newest failure, in its own time, is our attempt of five minutes ago.
	s := inAD(dc(1, ago(-5*time.Minute)))
	s.Directory[0].Root = &probes.Observation[probes.RootDSE]{Look: at(probes.Seen), Value: probes.RootDSE{Time: now.Add(10 * time.Minute)}}
	b := Budgets(s, earlier(5*time.Minute), now)
	if b[0].Used != 1 {
		t.Errorf("used %d, want 1: the counter and the ledger hold the same attempt", b[0].Used)
	}
}

func TestOpenDirectory(t *testing.T) {
	entry := func(od *probes.ODAccount) *probes.Snapshot {
		s := inAD(&probes.Observation[probes.DirectoryEntry]{Look: at(probes.Seen), Value: probes.DirectoryEntry{Matches: []string{"uid=j"}, OD: od}})
		s.Target.Directory.Kind = probes.OpenDirectory
		return s
	}
	policy := &probes.LockoutPolicy{Threshold: 5, Origin: probes.PolicyDomain}
	for name, c := range map[string]struct {
		od   *probes.ODAccount
		want bool
	}{
		"two failures":             {&probes.ODAccount{PolicySeen: true, Lockout: policy, FailureTimes: []time.Time{*ago(time.Hour), *ago(time.Minute)}}, true},
		"three failures":           {&probes.ODAccount{PolicySeen: true, Lockout: policy, FailureTimes: []time.Time{*ago(time.Hour), *ago(time.Hour), *ago(time.Minute)}}, false},
		"no policy readable":       {&probes.ODAccount{PolicySeen: true}, false},
		"locked until reset":       {&probes.ODAccount{PolicySeen: true, Lockout: policy, LockedUntilReset: true}, false},
		"Apple's, one of five":     {&probes.ODAccount{Apple: &probes.ApplePolicy{MaxFailed: 5, Failed: 1, FailedSeen: true}}, true},
		"Apple's, counter hidden":  {&probes.ODAccount{Apple: &probes.ApplePolicy{MaxFailed: 5}}, false},
		"Apple's, three of five":   {&probes.ODAccount{Apple: &probes.ApplePolicy{MaxFailed: 5, Failed: 3, FailedSeen: true}}, false},
		"Apple's, no limit is set": {&probes.ODAccount{Apple: &probes.ApplePolicy{Failed: 30}}, true},
	} {
		if err := Afford(Budgets(entry(c.od), nil, now)); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGrace(t *testing.T) {
	od := &probes.ODAccount{PolicySeen: true, Changed: ago(100 * 24 * time.Hour), GraceUsed: 1,
		Lockout: &probes.LockoutPolicy{Threshold: 5, MaxAgeMS: (90 * 24 * time.Hour).Milliseconds(), Grace: 3, Origin: probes.PolicyDomain}}
	s := inAD(&probes.Observation[probes.DirectoryEntry]{Look: at(probes.Seen), Value: probes.DirectoryEntry{Matches: []string{"uid=j"}, OD: od}})
	if left, in := grace(s); !in || left != 2 {
		t.Errorf("got %d, %v; want 2 last logins", left, in)
	}
	od.Changed = ago(time.Hour)
	if _, in := grace(s); in {
		t.Error("a password that has not expired uses up no last login")
	}
}
