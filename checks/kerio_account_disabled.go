package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioAccountDisabled is the switch in Kerio's own user settings.
var KerioAccountDisabled = &Check{
	ID: "kerio-account-disabled", Group: GroupAccount, Title: "The account is disabled in Kerio Connect",
	Doc: Doc{
		Says:  "From one day to the next nothing works any more, on no device.",
		Tells: "isEnabled is false in the user's row of Users.get.",
		Mistaken: []string{
			"A lock after wrong passwords (kerio-account-locked): it goes away by itself, isEnabled stays true.",
			"Too many wrong two-factor codes: that disables the account too, though older logs call it locked.",
		},
	},
	Source: []Source{{"Disabling and deleting user accounts (GFI 110298)", "https://gfi-supportdesk.kayako.com/article/110298-disabling-and-deleting-user-accounts-in-kerio-connect"}},
	Needs:  []*Need{KerioUser},
	Owner:  OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask why the account was disabled, then enable it",
		Steps: []string{"Ask whoever is responsible for the account why it was disabled.",
			"In Kerio's administration open Accounts > Users > {login} > General.",
			"Tick \"Account is enabled\". This uses one licence."},
		Disruption: "none",
		DoNot:      []string{"Do not use \"Unlock All Accounts Now\": it does not enable an account."},
	},
	Letter: Letter{
		Wrong: "Your mail account is switched off.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Outlasts: []*Check{KerioAccountLocked},
	Run:      kerioAccountDisabled,
}

func kerioAccountDisabled(s *probes.Snapshot) Finding {
	user := s.Account.Kerio.User
	if f, ok := kerioFound(user); !ok {
		return f
	}
	e := Evidence{Fact: "isEnabled", Observed: fmt.Sprint(user.Value.Enabled), Expected: "true", Source: user.Source, At: user.At}
	if user.Value.Enabled {
		return Finding{Verdict: OK, Summary: "The account is enabled in Kerio Connect.", Evidence: []Evidence{e}}
	}
	return Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{e},
		Summary: fmt.Sprintf("%s is disabled in Kerio Connect.", LoginName(s))}
}
