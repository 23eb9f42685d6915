package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ADLogonHours are the hours of the week at which Active Directory lets the account in.
var ADLogonHours = &Check{
	ID: "ad-logon-hours", Group: GroupAccount, Title: "Active Directory does not let the account in at this hour",
	Doc: Doc{
		Says:  "It only fails at night and at weekends.",
		Tells: "On one of the domain controllers at least, the bit of this hour in logonHours (UTC) is not set; or the sub-code 530 of a bind, which comes only with the right password. All zero is never; no logonHours is always.",
		Mistaken: []string{
			"An outage at night: others would be turned away too.",
			"A wrong password: with one, Active Directory answers 52e at a forbidden hour too.",
		},
	},
	Source: []Source{{"System error codes 1300-1699, ERROR_INVALID_LOGON_HOURS (1328, 0x530)", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1300-1699-"},
		{"530 with the right password, 52e with a wrong one; observed on Samba 4.17", ""}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask whether the account may be used at this hour, then widen its logon hours",
		Steps: []string{"Ask whoever is responsible for the account at which hours it may be used.",
			"In Active Directory Users and Computers open the account > Account > Logon Hours, and permit them.",
			"If there is to be no limit at all, clear the attribute instead."},
		Commands:   []Command{{PowerShell, "Set-ADUser -Identity {login} -Clear logonHours", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it is not at fault."},
	},
	Letter: Letter{
		Wrong: "Your Windows account may not be used at this hour.",
		Do:    askManager,
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Outlasts: []*Check{ADAccountLocked},
	Run:      adLogonHours,
}

func adLogonHours(s *probes.Snapshot) Finding {
	return adQuestion("whether the account may log in at this hour", probes.SubcodeLogonHours, adHours).
		saying(LoginName(s)+" may not log in at this hour, says Active Directory.", "The account may log in at this hour.").judge(s)
}

const hoursOfWeek = 7 * 24

// adHours looks up the hour of the look. logonHours is often absent, which means always; only a reader who does not see
// userAccountControl either is taken for one who may not see it.
func adHours(ad *probes.ADAccount, now time.Time) reading {
	switch {
	case ad.LogonHours == nil && (ad.Control == nil || adUnread(ad, "logonHours")):
		return reading{}
	case ad.LogonHours == nil:
		return reading{holds: no, facts: []Evidence{{Fact: "logonHours", Observed: "not set (always)"}}}
	case len(ad.LogonHours) != hoursOfWeek/8:
		return reading{why: probes.Unclear, facts: []Evidence{{Fact: "logonHours", Observed: fmt.Sprintf("%d bytes", len(ad.LogonHours)), Expected: "21 bytes"}}}
	}
	now = now.UTC()
	hour := int(now.Weekday())*24 + now.Hour()
	e := Evidence{Fact: "logonHours", Observed: fmt.Sprintf("permitted on %s from %02d:00 UTC", now.Weekday(), now.Hour()), Expected: "permitted at the hour of the login"}
	for wait := 0; wait < hoursOfWeek; wait++ {
		if h := (hour + wait) % hoursOfWeek; ad.LogonHours[h/8]&(1<<(h%8)) != 0 {
			if wait == 0 {
				return reading{holds: no, facts: []Evidence{e}}
			}
			next := now.Truncate(time.Hour).Add(time.Duration(wait) * time.Hour)
			e.Observed = fmt.Sprintf("not permitted on %s from %02d:00 UTC; next permitted from %s", now.Weekday(), now.Hour(), clock(next))
			return reading{holds: yes, facts: []Evidence{e}}
		}
	}
	e.Observed = "all zero (never permitted)"
	return reading{holds: yes, facts: []Evidence{e}}
}
