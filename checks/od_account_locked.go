package checks

import (
	"time"

	"logindoctor.example/probes"
)

// ODAccountLocked is Open Directory's lock after wrong passwords.
var ODAccountLocked = &Check{
	ID: "od-account-locked", Group: GroupLocked, Title: "The Open Directory account is locked",
	Doc: Doc{
		Says:  "I typed it wrong a few times, and now the right password does not work either.",
		Tells: "On each server: Apple's effective policy says isDisabled with effectiveDisableReason 4; or pwdAccountLockedTime stands until a reset, or lies within the lockout duration of the policy that applies; or a bind's response control says accountLocked. A bind's result alone (49, or 50 on a Mac) tells nothing: it is the same for a wrong password.",
		Mistaken: []string{
			"A lock that has run out: pwdAccountLockedTime stays on the record until the next login.",
			"A wrong password (wrong-password): the answer to a bind is the same.",
			"An administrator's account: Apple exempts those from the policy, so that a test with one proves nothing.",
			"An account outside its first and last day: the response control calls that locked too.",
		},
	},
	Source: []Source{{"pwpolicy(8)", "https://man.cameronkatri.com/pwpolicy.8"},
		{"effectiveDisableReason: Apple's published OpenLDAP source (b8e7dab)", ""},
		{"pwdAccountLockedTime and the response control; observed on slapd 2.5.13 with ppolicy", ""}},
	Needs: []*Need{ODAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Unlock the account, and find the device that locked it",
		Steps: []string{"Have the caller switch off mail on every phone and computer that may hold an old password.",
			"Unlock the account.", "Switch the devices on again one by one, each with the present password."},
		Commands:   []Command{{POSIX, "pwpolicy -u {login} -enableuser", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it was not at fault, and devices with the old one lock the account again."},
	},
	Letter: Letter{
		Wrong: "Your company account was locked after several wrong passwords.",
		Do:    whenLocked,
		Leave: []string{KeepPassword, noTriesWhileLocked},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      odAccountLocked,
}

func odAccountLocked(s *probes.Snapshot) Finding {
	bad := LoginName(s) + "'s Open Directory account is locked"
	dated := false
	for _, d := range s.Account.Directory {
		od := odEntry(d)
		if od == nil {
			continue
		}
		now := seenAt(s, d.Entry.At)
		dated = dated || odDates(od, now).holds == yes
		if p := odPolicy(od); odLocked(od, now).holds == yes && od.LockedTime != nil && !od.LockedUntilReset && p != nil && p.DurationMS > 0 {
			bad += " until " + clock(od.LockedTime.Add(time.Duration(p.DurationMS)*time.Millisecond))
			break
		}
	}
	return odQuestion("whether the account is locked", odLocked, func(c *probes.PPolicy) bool { return c.Error == probes.PPolicyLocked && !dated }).
		saying(bad+".", "No server of Open Directory holds a lock on the account.").judge(s)
}

func odLocked(od *probes.ODAccount, now time.Time) reading {
	if od.Apple != nil {
		if r := appleDisabled(od.Apple, probes.ODDisabledByFailures); r.holds != no || od.LockedTime == nil && !od.LockedUntilReset {
			return r
		}
	}
	switch {
	case od.LockedUntilReset:
		return reading{holds: yes, facts: []Evidence{{Fact: "pwdAccountLockedTime", Observed: "000001010000Z (until an administrator resets it)", Expected: "not set"}}}
	case od.LockedTime == nil && !od.PolicySeen:
		return reading{}
	case od.LockedTime == nil:
		return reading{holds: no, facts: []Evidence{{Fact: "pwdAccountLockedTime", Observed: "not set"}}}
	}
	r := reading{holds: no, facts: []Evidence{{Fact: "pwdAccountLockedTime", Observed: stamp(*od.LockedTime), Expected: "not set"}}}
	p := odPolicy(od)
	if p == nil {
		r.holds = unknown
		return r
	}
	length := time.Duration(p.DurationMS) * time.Millisecond
	r.facts = append(r.facts, Evidence{Fact: "pwdLockoutDuration", Observed: length.String()})
	if length == 0 || od.LockedTime.Add(length).After(now) {
		r.holds = yes
	}
	return r
}
