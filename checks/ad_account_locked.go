package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ADAccountLocked is Active Directory's lock after wrong passwords.
var ADAccountLocked = &Check{
	ID: "ad-account-locked", Group: GroupLocked, Title: "The Active Directory account is locked",
	Doc: Doc{
		Says:  "I typed it right, but it says wrong password. It may have worked again half an hour later.",
		Tells: "On each domain controller: the lock bit of msDS-User-Account-Control-Computed, or a lockoutTime that lies within the lockout duration that applies to this account; or the sub-code 775 of a bind.",
		Mistaken: []string{
			"A lock that has run out: lockoutTime stays on the account, the bit does not.",
			"Kerio's own lock (kerio-account-locked): Active Directory is clean then.",
			"A disabled account (ad-account-disabled): unlocking it does not help.",
		},
	},
	Source: []Source{{"MS-ADTS 3.1.1.4.5.17, msDS-User-Account-Control-Computed", "https://learn.microsoft.com/en-us/windows/win32/adschema/a-msds-user-account-control-computed"},
		{"lockoutTime", "https://learn.microsoft.com/en-us/windows/win32/adschema/a-lockouttime"}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Unlock the account, and find the device that locked it",
		Steps: []string{"Have the caller switch off mail on every phone and computer that may hold an old password.",
			"Unlock the account.", "Switch the devices on again one by one, each with the present password."},
		Commands:   []Command{{PowerShell, "Unlock-ADAccount -Identity {login}", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it was not at fault, and devices with the old one lock the account again."},
	},
	Letter: Letter{
		Wrong: "Your Windows account was locked after several wrong passwords.",
		Do:    whenLocked,
		Leave: []string{KeepPassword, noTriesWhileLocked},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      adAccountLocked,
}

func adAccountLocked(s *probes.Snapshot) Finding {
	var until time.Time
	var forever bool
	for _, d := range s.Account.Directory {
		ad := adEntry(d)
		if ad == nil {
			continue
		}
		if at, locked := adLock(ad, seenAt(s, d.Entry.At)); locked {
			forever = forever || ad.Lockout != nil && ad.Lockout.Origin != probes.PolicyHidden && ad.Lockout.DurationMS == 0
			if at.After(until) {
				until = at
			}
		}
	}
	bad := LoginName(s) + "'s Active Directory account is locked"
	switch {
	case forever:
		bad += " until an administrator unlocks it"
	case !until.IsZero():
		bad += " until " + clock(until)
	}
	return adQuestion("whether the account is locked", probes.SubcodeLocked, adLocked).
		saying(bad+".", "No domain controller holds a lock on the account.").judge(s)
}

func adLocked(ad *probes.ADAccount, now time.Time) reading {
	if _, locked := adLock(ad, now); locked {
		return reading{holds: yes, facts: adLockFacts(ad)}
	}
	if ad.ControlComputed == nil {
		return reading{}
	}
	return reading{holds: no, facts: []Evidence{{Fact: "msDS-User-Account-Control-Computed", Observed: fmt.Sprintf("%#x (not locked)", *ad.ControlComputed)}}}
}

// adLock says whether a lock stands at the time of the look, and until when (zero: until an administrator unlocks it, or not known).
// The computed bit takes the duration and fine-grained policies into account; without it the lockoutTime has to be reckoned with.
func adLock(ad *probes.ADAccount, now time.Time) (until time.Time, locked bool) {
	known := ad.LockoutTime != nil && ad.Lockout != nil && ad.Lockout.Origin != probes.PolicyHidden
	if known && ad.Lockout.DurationMS > 0 {
		until = ad.LockoutTime.Add(time.Duration(ad.Lockout.DurationMS) * time.Millisecond)
	}
	if !until.After(now) {
		until = time.Time{}
	}
	if ad.ControlComputed != nil {
		return until, *ad.ControlComputed&probes.ADLockedOut != 0
	}
	return until, known && (ad.Lockout.DurationMS == 0 || !until.IsZero())
}

func adLockFacts(ad *probes.ADAccount) []Evidence {
	var out []Evidence
	if ad.LockoutTime != nil {
		out = append(out, Evidence{Fact: "lockoutTime", Observed: stamp(*ad.LockoutTime), Expected: "0"})
	}
	if ad.ControlComputed != nil {
		out = append(out, Evidence{Fact: "msDS-User-Account-Control-Computed", Observed: fmt.Sprintf("%#x (locked)", *ad.ControlComputed), Expected: "bit 0x10 not set"})
	}
	if p := ad.Lockout; p != nil && p.Origin != probes.PolicyHidden {
		out = append(out, Evidence{Fact: "lockout policy (" + p.Origin.String() + ")",
			Observed: fmt.Sprintf("locks after %d wrong passwords within %s", p.Threshold, time.Duration(p.WindowMS)*time.Millisecond)})
	}
	return out
}
