package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ADMustChangePassword is a new password that is right and not yet of use.
var ADMustChangePassword = &Check{
	ID: "ad-must-change-password", Group: GroupPassword, Title: "The password must be changed before Active Directory takes it",
	Doc: Doc{
		Says:  "The helpdesk gave me a new password, and mail refuses the new one too.",
		Tells: "pwdLastSet is 0 on any domain controller and the computed bits do not excuse the account; or the sub-code 773 of a bind, which comes only with the right password.",
		Mistaken: []string{
			"A wrong password (wrong-password): here the new password is right, it only has to be changed first.",
			"An expired password (ad-password-expired): there pwdLastSet is a date.",
			"An account whose password never expires: pwdLastSet may be 0 there without any harm.",
		},
	},
	Source: []Source{{"ERROR_PASSWORD_MUST_CHANGE", "https://ldapwiki.com/wiki/ERROR_PASSWORD_MUST_CHANGE"},
		{"System error codes 1700-3999, ERROR_PASSWORD_MUST_CHANGE (1907, 0x773)", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1700-3999-"}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller change the password where that is possible, before mail",
		Steps: []string{"Have the caller log in to a PC in the domain, or to the password portal, with the new password, and choose one there.",
			"If the caller can reach neither, untick \"User must change password at next logon\" for the account.",
			"Have the password entered on every phone and computer."},
		Commands:   []Command{{PowerShell, "Set-ADUser -Identity {login} -ChangePasswordAtLogon $false", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password again: the new one is right, and would have to be changed again."},
	},
	Letter: Letter{
		Wrong: "Your password has to be changed once before mail takes it.",
		Do: []string{"Log in to a company computer or to the password portal with it, and choose a new password there.",
			"If you can reach neither, tell the helpdesk.",
			newEverywhere},
		Leave: []string{noOtherNew},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      adMustChangePassword,
}

func adMustChangePassword(s *probes.Snapshot) Finding {
	return adQuestion("whether the password must be changed first", probes.SubcodeMustChange, adMustChange).
		saying(LoginName(s)+" has to choose a new password before Active Directory lets the account in.", "The password need not be changed before it works.").judge(s)
}

// adMustChange: an account whose password never expires need not change it, even where pwdLastSet is 0; the computed bit
// knows (MS-ADTS 3.1.1.4.5.17).
func adMustChange(ad *probes.ADAccount, _ time.Time) reading {
	switch {
	case !ad.MustChange && ad.PwdLastSet == nil:
		return reading{}
	case !ad.MustChange:
		return reading{holds: no, facts: []Evidence{{Fact: "pwdLastSet", Observed: stamp(*ad.PwdLastSet)}}}
	}
	facts := []Evidence{{Fact: "pwdLastSet", Observed: "0", Expected: "the time of a change"}}
	switch {
	case ad.ControlComputed != nil:
		facts = append(facts, Evidence{Fact: "msDS-User-Account-Control-Computed", Observed: fmt.Sprintf("%#x", *ad.ControlComputed), Expected: "bit 0x800000 not set"})
		if *ad.ControlComputed&probes.ADPasswordExpired == 0 {
			return reading{holds: no, facts: facts}
		}
	case ad.Control != nil && *ad.Control&probes.ADPasswordNoExpiry != 0:
		return reading{holds: no, facts: append(facts, Evidence{Fact: "userAccountControl", Observed: fmt.Sprintf("%#x (password never expires)", *ad.Control)})}
	}
	return reading{holds: yes, facts: facts}
}
