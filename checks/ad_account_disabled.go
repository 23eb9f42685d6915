package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ADAccountDisabled is the switch in Active Directory.
var ADAccountDisabled = &Check{
	ID: "ad-account-disabled", Group: GroupAccount, Title: "The account is disabled in Active Directory",
	Doc: Doc{
		Says:  "From today nothing works any more: no PC login, no mail, on no device.",
		Tells: "Bit 0x2 of userAccountControl on any domain controller, or the sub-code 533 of a bind, which comes only with the right password.",
		Mistaken: []string{
			"A lock after wrong passwords (ad-account-locked): it goes away by itself, bit 0x2 is not set.",
			"An account past its date (ad-account-expired): Kerberos says the same words for both, the attributes do not.",
			"A wrong password: with one, Active Directory answers 52e even for a disabled account.",
		},
	},
	Source: []Source{{"Active Directory error codes, data 533", "https://www.dotcms.com/docs/latest/active-directory-error-codes"},
		{"Simple binds aren't always so simple (Microsoft)", "https://learn.microsoft.com/en-gb/archive/blogs/jpelak/simple-binds-arent-always-so-simple"},
		{"533 with the right password, 52e with a wrong one; observed on Samba 4.17", ""}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask why the account was disabled, then enable it",
		Steps: []string{"Ask whoever is responsible for the account why it was disabled.",
			"Enable the account in Active Directory.",
			"Wait until the other domain controllers have the change, then have the caller log in once."},
		Commands:   []Command{{PowerShell, "Enable-ADAccount -Identity {login}", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot: []string{"Do not reset the password: it is not at fault.",
			"Do not enable the account without asking: it may have been disabled because somebody left."},
	},
	Letter: Letter{
		Wrong: "Your Windows account is switched off.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Outlasts: []*Check{ADAccountLocked, ADAccountExpired, ADLogonHours, ADSmartcardRequired, ADPasswordExpired, ADMustChangePassword},
	Run:      adAccountDisabled,
}

func adAccountDisabled(s *probes.Snapshot) Finding {
	return adQuestion("whether the account is disabled", probes.SubcodeDisabled, adDisabled).
		saying(LoginName(s)+" is disabled in Active Directory.", "The account is enabled in Active Directory.").judge(s)
}

func adDisabled(ad *probes.ADAccount, _ time.Time) reading {
	return controlBit(ad, probes.ADDisabled, "disabled")
}

// controlBit reads one bit of userAccountControl.
func controlBit(ad *probes.ADAccount, bit uint32, means string) reading {
	if ad.Control == nil {
		return reading{}
	}
	e := Evidence{Fact: "userAccountControl", Observed: fmt.Sprintf("%d (%#x)", *ad.Control, *ad.Control), Expected: fmt.Sprintf("bit %#x not set", bit)}
	if *ad.Control&bit == 0 {
		return reading{holds: no, facts: []Evidence{e}}
	}
	e.Observed = fmt.Sprintf("%d (%#x: %s)", *ad.Control, *ad.Control, means)
	return reading{holds: yes, facts: []Evidence{e}}
}
