package checks

import (
	"logindoctor.example/probes"
)

// ODUserUnknown is an account that Open Directory does not have.
var ODUserUnknown = &Check{
	ID: "od-user-unknown", Group: GroupAccount, Title: "Open Directory has no such user",
	Doc: Doc{
		Says:  "It says wrong password since I got my new name.",
		Tells: "A search for the address and the short name on every server of Open Directory finds no record, and the reader is shown other records there.",
		Mistaken: []string{
			"A wrong password (wrong-password): the answer to a bind is the same.",
			"A user of Kerio Connect alone: the directory need not have one.",
			"A user that only some servers have so far (directory-replicas-differ).",
			"A reader that may not see the record, or a base_dn in the profile that leaves it out: there it is not known.",
		},
	},
	Source: []Source{{"An unknown name is answered 49 like a wrong password, without a response control; observed on slapd 2.5", ""}},
	Needs:  []*Need{ODAnswer}, Uses: with(mapping, BindAccount, DirectoryPolicy),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy:   unknownRemedy,
	Letter:   unknownLetter,
	Explains: []*Check{StalwartAccountUnknown, IMAPLogin, WrongPassword},
	Run:      func(s *probes.Snapshot) Finding { return noEntry(s, "Open Directory") },
}
