package checks

import (
	"time"

	"logindoctor.example/probes"
)

// ADSmartcardRequired is an account that no password opens.
var ADSmartcardRequired = &Check{
	ID: "ad-smartcard-required", Group: GroupAccount, Title: "Active Directory lets the account in with a smart card only",
	Doc: Doc{
		Says:  "I log in to my PC with my card every day, but mail says that the password is wrong.",
		Tells: "Bit 0x40000 of userAccountControl on any domain controller. No answer to a bind tells it: the right password reads as a wrong one (52e).",
		Mistaken: []string{
			"A wrong password (wrong-password): the answer of Active Directory is the same, only the attribute tells.",
		},
	},
	Source: []Source{{"Smart card required: 52e with the right and with the wrong password; observed on Samba 4.17", ""},
		{"Active Directory error codes, data 52e", "https://www.dotcms.com/docs/latest/active-directory-error-codes"}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Decide whether the account may use a password for mail",
		Steps: []string{"Ask whoever is responsible for security whether the smart card may be made optional for this account.",
			"If it may, untick \"Smart card is required for interactive logon\" in the account's options.",
			"Set a new password afterwards: the tick may have replaced the old one by a random one.",
			"If it may not, give the caller a way to mail that needs no password."},
		Commands:   []Command{{PowerShell, "Set-ADUser -Identity {login} -SmartcardLogonRequired $false", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not try further passwords: each counts as a wrong one, the right one too."},
	},
	Letter: Letter{
		Wrong: "Your Windows account takes your smart card only, and mail asks for a password.",
		Leave: []string{"Do not try further passwords: each counts as a wrong one, even the right one."},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Outlasts: []*Check{ADAccountLocked},
	Run:      adSmartcardRequired,
}

func adSmartcardRequired(s *probes.Snapshot) Finding {
	return adQuestion("whether the account needs a smart card", 0, adSmartcard).
		saying(LoginName(s)+" can log in with a smart card only, so that no password works.", "The account may log in with a password.").judge(s)
}

func adSmartcard(ad *probes.ADAccount, _ time.Time) reading {
	return controlBit(ad, probes.ADSmartcardRequired, "smart card required")
}
