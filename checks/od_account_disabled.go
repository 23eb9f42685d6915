package checks

import (
	"time"

	"logindoctor.example/probes"
)

// ODAccountDisabled is an account that somebody, or a date, switched off in Open Directory.
var ODAccountDisabled = &Check{
	ID: "od-account-disabled", Group: GroupAccount, Title: "The Open Directory account is disabled",
	Doc: Doc{
		Says:  "From today nothing works any more, on no device.",
		Tells: "On each server: Apple's effective policy says isDisabled with effectiveDisableReason 1 (an administrator) or 3 (not used for too long); the record is outside pwdStartTime and pwdEndTime; or authAuthority holds ;DisabledUser;, which is likely only, for a plain OpenLDAP ignores it.",
		Mistaken: []string{
			"A lock after wrong passwords (od-account-locked): reason 4, and it may run out by itself.",
			"An expired password (od-password-expired): reason 2.",
			"A demanded new password (od-must-change-password): Apple says isDisabled for that as well, with reason 5.",
		},
	},
	Source: []Source{{"pwpolicy(8)", "https://man.cameronkatri.com/pwpolicy.8"},
		{"effectiveDisableReason: Apple's published OpenLDAP source (b8e7dab)", ""}},
	Needs: []*Need{ODEntry}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do:         "Ask why the account was disabled, then enable it",
		Steps:      []string{"Ask whoever is responsible for the account why it was disabled.", "Enable it, or extend its dates."},
		Commands:   []Command{{POSIX, "pwpolicy -u {login} -enableuser", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it was not at fault."},
	},
	Letter: Letter{
		Wrong: "Your company account is switched off, or may not be used on this day.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Outlasts: []*Check{ODAccountLocked, ODPasswordExpired, ODMustChangePassword},
	Run:      odAccountDisabled,
}

func odAccountDisabled(s *probes.Snapshot) Finding {
	f := odQuestion("whether the account is disabled", odDisabled, func(*probes.PPolicy) bool { return false }).
		saying(LoginName(s)+"'s Open Directory account is disabled.", "No server of Open Directory holds the account disabled.").judge(s)
	if f.Verdict != Problem || f.Confidence != Certain {
		return f
	}
	for _, d := range s.Account.Directory {
		if od := odEntry(d); od != nil && (od.Apple != nil || odDates(od, seenAt(s, d.Entry.At)).holds == yes) {
			return f
		}
	}
	f.Confidence = Likely
	return f
}

func odDisabled(od *probes.ODAccount, now time.Time) reading {
	if od.Apple != nil {
		r := appleDisabled(od.Apple, probes.ODDisabledByAdmin)
		if r.holds == no {
			r = appleDisabled(od.Apple, probes.ODDisabledInactive)
		}
		if r.holds != no {
			return r
		}
	}
	if dates := odDates(od, now); dates.holds == yes {
		return dates
	}
	if od.DisabledUser && od.Apple == nil {
		return reading{holds: yes, facts: []Evidence{{Fact: "authAuthority", Observed: ";DisabledUser;", Expected: "without it"}}}
	}
	if od.Apple == nil && !od.PolicySeen {
		return reading{}
	}
	return reading{holds: no, facts: []Evidence{{Fact: "account", Observed: "not disabled, within its dates"}}}
}
