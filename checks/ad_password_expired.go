package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ADPasswordExpired is a password older than Active Directory permits.
var ADPasswordExpired = &Check{
	ID: "ad-password-expired", Group: GroupPassword, Title: "The password has expired in Active Directory",
	Doc: Doc{
		Says:  "I work from home; since this morning neither VPN nor mail takes my password, but the laptop does.",
		Tells: "Bit 0x800000 of msDS-User-Account-Control-Computed on any domain controller, which knows of fine-grained policies and of passwords that never expire; without it msDS-UserPasswordExpiryTimeComputed; or the sub-code 532 of a bind, which comes only with the right password.",
		Mistaken: []string{
			"A password that has to be changed at the next login (ad-must-change-password): the same bit, but pwdLastSet is 0.",
			"A wrong password: with one, Active Directory answers 52e. The laptop may still take the expired one, from its cache.",
			"Kerio Connect's own password expiry (kerio-password-expiry): it concerns local accounts only.",
		},
	},
	Source: []Source{{"MS-ADTS 3.1.1.4.5.17, msDS-User-Account-Control-Computed", "https://learn.microsoft.com/en-us/windows/win32/adschema/a-msds-user-account-control-computed"},
		{"System error codes 1300-1699, ERROR_PASSWORD_EXPIRED (1330, 0x532)", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1300-1699-"}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller choose a new password, then enter it on every device",
		Steps: []string{"Have the caller change the password on a PC in the domain, over VPN, or in the password portal: mail programs cannot change it.",
			"If the caller can reach none of these, set a new password the usual way.",
			"Have the new password entered on every phone and computer."},
		Commands:   []Command{{PowerShell, "Set-ADAccountPassword -Identity {login} -Reset", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not leave old devices switched on after the change: they lock the account."},
	},
	Letter: Letter{
		Wrong: "Your Windows password has run out.",
		Do: []string{"Choose a new password on a company computer, over your company's VPN, or in the password portal; a mail program cannot change it.",
			"If you can reach none of these, ask the helpdesk for a new password.",
			newEverywhere},
		Leave: []string{noOldDevices},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      adPasswordExpired,
}

func adPasswordExpired(s *probes.Snapshot) Finding {
	return adQuestion("whether the password has expired", probes.SubcodePasswordExpired, adPasswordOld).
		saying(LoginName(s)+"'s password has expired in Active Directory.", "The password is not past its age in Active Directory.").judge(s)
}

// adPasswordOld: the computed bit stands for must-change too, which is another cause.
func adPasswordOld(ad *probes.ADAccount, now time.Time) reading {
	var facts []Evidence
	if ad.PasswordExpires != nil {
		facts = []Evidence{{Fact: "msDS-UserPasswordExpiryTimeComputed", Observed: stamp(*ad.PasswordExpires), Expected: "later than the login"}}
	}
	if ad.MustChange {
		return reading{holds: no, facts: []Evidence{{Fact: "pwdLastSet", Observed: "0"}}}
	}
	holds := unknown
	switch {
	case ad.ControlComputed != nil:
		holds = no
		e := Evidence{Fact: "msDS-User-Account-Control-Computed", Observed: fmt.Sprintf("%#x", *ad.ControlComputed), Expected: "bit 0x800000 not set"}
		if *ad.ControlComputed&probes.ADPasswordExpired != 0 {
			holds, e.Observed = yes, e.Observed+" (password expired)"
		}
		facts = append([]Evidence{e}, facts...)
	case ad.PasswordExpires != nil && ad.PasswordExpires.After(now):
		holds = no
	case ad.PasswordExpires != nil:
		holds = yes
	}
	return reading{holds: holds, facts: facts}
}
