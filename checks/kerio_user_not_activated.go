package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioUserNotActivated is a person of the directory to whom nobody gave a mailbox.
var KerioUserNotActivated = &Check{
	ID: "kerio-user-not-activated", Group: GroupAccount, Title: "The directory user was never activated in Kerio Connect",
	Doc: Doc{
		Says:  "I am new here. The PC takes my password, mail does not.",
		Tells: "Users.getNotActivated, which lists the people of the mail domain's directory who have no mailbox yet, names this user, and Users.get does not.",
		Mistaken: []string{
			"A name that is in neither list (kerio-user-unknown): mistyped, renamed or deleted, or the Kerio extension is missing on that directory server.",
			"A local user of the same name, who has a mailbox: then the directory's user only waits beside it.",
			"A directory that does not answer Kerio (directory-unreachable, directory-bind-stale): the list is short then.",
		},
	},
	Source: []Source{{"Connecting Kerio Connect to directory services (GFI 360015200539)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015200539-Connecting-Kerio-Connect-to-Directory-Services"},
		{"Creating user accounts: activating users of a directory (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/creating-user-accounts-in-kerio-connect-1125.html"}},
	Needs: []*Need{kerioListed}, Uses: []*Need{KerioDomain, KerioBindTest, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Activate the directory user in Kerio Connect",
		Steps: []string{"Ask whether the person is meant to have a mailbox: it uses one licence.",
			"In Kerio's administration open Accounts > Users and select the domain.",
			"Choose Add > Add From a Directory Service, select the user and finish.",
			"If Kerio says that the user cannot be added, mend what it names (in the evidence) in the directory first."},
		Disruption: "none",
		DoNot: []string{"Do not make a local user of the same name instead: its password would be another one than the directory's.",
			"Do not reset the password in the directory: it was not at fault."},
	},
	Letter: Letter{
		Wrong: "You have no mailbox yet: your account was not activated for mail.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{KerioUserUnknown, IMAPLogin, WrongPassword},
	Run:      kerioUserNotActivated,
}

// kerioListed: either list may settle it.
var kerioListed = &Need{Name: "the users of Kerio Connect (Users.get, Users.getNotActivated)", Missing: noKerio, configured: hasKerio,
	looks: func(s *probes.Snapshot) []*probes.Look { return append(KerioUser.looks(s), KerioPending.looks(s)...) },
	hand:  handAll(KerioUser, KerioPending)}

func kerioUserNotActivated(s *probes.Snapshot) Finding {
	user, pending := s.Account.Kerio.User, s.Account.Kerio.Pending
	waits := pending.OK() && pending.Value.Found
	has := user.OK() && user.Value.Found && !user.Value.ByAlias
	a := acceptedHere(s)
	switch {
	case a != nil:
		return Finding{Verdict: OK, Summary: "The mail server accepted a login of this user, who is active therefore.", Evidence: []Evidence{said(a)}}
	case waits && has:
		return Finding{Verdict: OK, Summary: "The user has a mailbox; another one of the same name waits in the directory.", Evidence: []Evidence{waiting(pending)}}
	case waits:
		return notActivated(s)
	case user.OK() && user.Value.Found:
		return Finding{Verdict: OK, Summary: "The user has a mailbox in Kerio Connect.",
			Evidence: []Evidence{{Fact: "loginName", Observed: user.Value.LoginName, Source: user.Source, At: user.At}}}
	case kerioWithout(s):
		return Finding{Verdict: NotApplicable, Summary: "The mail domain takes its users from no directory."}
	case pending == nil:
		return undetermined(&probes.Look{Probe: probes.ProbeKerio, What: "Users.getNotActivated", Why: probes.Unclear, Words: "not looked at"}, "directory users who were never activated were not looked for")
	case !pending.OK():
		return undetermined(&pending.Look, "which directory users were never activated could not be read")
	}
	if test := kerioTest(s); test != nil && len(test.Value.Errors) > 0 {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: []Evidence{waiting(pending), kerioTestSaid(test)},
			Summary: "The user is not among those to be activated, but Kerio Connect gets no good answer from its directory."}
	}
	return Finding{Verdict: OK, Summary: "No user of this name waits in the directory to be activated.", Evidence: []Evidence{waiting(pending)}}
}

// notActivated: without a look at the users who have a mailbox there may be one of the same name.
func notActivated(s *probes.Snapshot) Finding {
	user := s.Account.Kerio.User
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{waiting(s.Account.Kerio.Pending)},
		Summary: fmt.Sprintf("%s is in the directory, and was never activated in Kerio Connect.", s.Target.User)}
	switch {
	case !user.OK():
		f.Confidence = Likely
	case user.Value.Found: // by an alias: the person with that address may well be the one who is meant
		f.Verdict, f.Confidence = Notice, Possible
		f.Evidence = append(f.Evidence, Evidence{Fact: "loginName", Observed: user.Value.LoginName + "; " + s.Target.User + " is an e-mail alias", Source: user.Source, At: user.At})
		f.Summary = fmt.Sprintf("In Kerio Connect %s is an alias of %s, and the directory has a user of that name who was never activated: who is meant?", s.Target.User, user.Value.LoginName)
	default:
		f.Evidence = append(f.Evidence, Evidence{Fact: "Users.get", Observed: "no such login name", Expected: "one user", Source: user.Source, At: user.At})
	}
	return f
}

func waiting(pending *probes.Observation[probes.KerioPending]) Evidence {
	p := pending.Value
	observed := fmt.Sprintf("%d waiting", p.Total)
	switch {
	case p.Found && p.Words != "":
		observed += ", this user among them: " + p.Words
	case p.Found && !p.Importable:
		observed += ", this user among them, who cannot be activated"
	case p.Found:
		observed += ", this user among them"
	default:
		observed += ", none by this name"
	}
	return Evidence{Fact: "Users.getNotActivated", Observed: observed, Expected: "not this user", Source: pending.Source, At: pending.At}
}
