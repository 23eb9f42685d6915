package checks

import (
	"logindoctor.example/probes"
)

// ADUserUnknown is an account that Active Directory does not have.
var ADUserUnknown = &Check{
	ID: "ad-user-unknown", Group: GroupAccount, Title: "Active Directory has no such user",
	Doc: Doc{
		Says:  "It says wrong password since I got my new name.",
		Tells: "A search for the address, the login name and the mail aliases on every domain controller finds no entry, and the reader is shown other entries there; or the sub-code 525 of a bind.",
		Mistaken: []string{
			"A wrong password (wrong-password): many servers say 52e for an unknown user too.",
			"A user of Kerio Connect alone: the directory need not have one.",
			"A user that only some domain controllers have so far (directory-replicas-differ).",
			"A reader that may not see the entry, or a base_dn in the profile that leaves it out: there it is not known.",
		},
	},
	Source: []Source{{"Active Directory error codes, data 525", "https://www.dotcms.com/docs/latest/active-directory-error-codes"},
		{"An unknown user is answered 52e; observed on Samba 4.17", ""}},
	Needs: []*Need{ADAnswer}, Uses: with(mapping, BindAccount, DirectoryPolicy),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy:   unknownRemedy,
	Letter:   unknownLetter,
	Explains: []*Check{StalwartAccountUnknown, IMAPLogin, WrongPassword},
	Run:      adUserUnknown,
}

var unknownRemedy = Remedy{
	Do: "Find out by which name the directory has the user",
	Steps: []string{"Have the caller spell the address or login name, and compare it with the directory's.",
		"Look whether the account was renamed, moved to another place or domain, or deleted.",
		"Have the caller log in by the name that the directory has.",
		"If it was deleted by mistake, have the directory's administrator restore it."},
	Disruption: "none",
	DoNot: []string{"Do not create a second account by the same name: a restored one keeps its rights and its mailbox, a new one has neither.",
		"Do not reset a password: there is none that could be wrong."},
}

func adUserUnknown(s *probes.Snapshot) Finding {
	const product = "Active Directory"
	f := noEntry(s, product)
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory)
	if f.Verdict == OK || a == nil || a.Bind == nil || a.Bind.Subcode != probes.SubcodeUnknownUser {
		return f
	}
	return noUser(s, product, Finding{Verdict: Problem, Confidence: Certain,
		Evidence: append([]Evidence{{Fact: "simple bind as the user", Observed: bindWords(a.Bind), Expected: "0", Source: a.Server, At: a.At}}, f.Evidence...)})
}
