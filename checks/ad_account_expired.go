package checks

import (
	"time"

	"logindoctor.example/probes"
)

// ADAccountExpired is an account past its last day.
var ADAccountExpired = &Check{
	ID: "ad-account-expired", Group: GroupAccount, Title: "The Active Directory account is past its expiry date",
	Doc: Doc{
		Says:  "My contract was renewed, and still I am locked out.",
		Tells: "accountExpires lies before the time of the look on any domain controller, or the sub-code 701 of a bind, which comes only with the right password.",
		Mistaken: []string{
			"An expired password (ad-password-expired): there the account has no date, or one to come.",
			"A disabled account (ad-account-disabled): that is a switch, not a date.",
		},
	},
	Source: []Source{{"System error codes 1700-3999, ERROR_ACCOUNT_EXPIRED (1793, 0x701)", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1700-3999-"},
		{"701 with the right password, 52e with a wrong one; observed on Samba 4.17", ""}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask whether the account is to go on, then set a later expiry date",
		Steps: []string{"Ask whoever is responsible for the account until when it is needed.",
			"Set that date as the account's expiry, or none.",
			"Have the caller log in once."},
		Commands: []Command{{PowerShell, "Set-ADAccountExpiration -Identity {login} -DateTime (Get-Date).AddDays(90)", OwnerDirectoryAdmin},
			{PowerShell, "Clear-ADAccountExpiration -Identity {login}", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it is not at fault."},
	},
	Letter: Letter{
		Wrong: "Your Windows account had an end date, and that date has passed.",
		Do:    askManager,
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Outlasts: []*Check{ADAccountLocked, ADPasswordExpired, ADMustChangePassword},
	Run:      adAccountExpired,
}

func adAccountExpired(s *probes.Snapshot) Finding {
	bad := LoginName(s) + "'s Active Directory account has expired."
	for _, d := range s.Account.Directory {
		if ad := adEntry(d); ad != nil && adExpired(ad, seenAt(s, d.Entry.At)).holds == yes {
			bad = LoginName(s) + "'s Active Directory account expired at " + clock(*ad.AccountExpires) + "."
			break
		}
	}
	return adQuestion("whether the account has expired", probes.SubcodeAccountExpired, adExpired).
		saying(bad, "The account has not reached an expiry date.").judge(s)
}

func adExpired(ad *probes.ADAccount, now time.Time) reading {
	switch {
	case ad.AccountExpires == nil && adUnread(ad, "accountExpires"):
		return reading{}
	case ad.AccountExpires == nil:
		return reading{holds: no, facts: []Evidence{{Fact: "accountExpires", Observed: "never"}}}
	}
	e := Evidence{Fact: "accountExpires", Observed: stamp(*ad.AccountExpires), Expected: "never, or later than the login"}
	if ad.AccountExpires.After(now) {
		return reading{holds: no, facts: []Evidence{e}}
	}
	return reading{holds: yes, facts: []Evidence{e}}
}
