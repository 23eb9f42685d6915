package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// KerioMailboxMoving is a mailbox that is not, or not yet, on the server that the profile names.
var KerioMailboxMoving = &Check{
	ID: "kerio-mailbox-moving", Group: GroupAccount, Title: "The mailbox is being moved, or lives on another server",
	Doc: Doc{
		Says:  "My mailbox was moved to the other office's server, and now I cannot get in.",
		Tells: "In a distributed domain the user's row of Users.get names a migration that is on, or a home server whose id is not that of this server (Domains.getSettings). Where the mailbox lives is certain then. That this is why a login fails is inferred, and without a refusal at this server it is a notice: the user's programs may well go to the right one.",
		Mistaken: []string{
			"A wrong password (wrong-password): the other server takes the same one.",
			"A directory that does not answer (directory-unreachable): it hits all mapped users, on every server.",
		},
	},
	Source: []Source{{"Distributed domains in Kerio Connect (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/domains/distributed-domains-in-kerio-connect-1178.html"},
		{"migration, homeServer and serverId as the comments of Kerio's API word them (igiant/connect, users.go, domains.go)", "https://github.com/igiant/connect"}},
	Needs: []*Need{KerioUser}, Uses: []*Need{KerioSettings, KerioSecurityLog, KerioAuditLog, KerioClock, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Find out which server the mailbox is on, and have the caller's programs go there",
		Steps: []string{"In Kerio's administration open Accounts > Users > {login}, and look at the home server and at the migration's state.",
			"If the mailbox is being moved, wait until that is done; if it ended in an error, mend what it names.",
			"Enter the home server's name in every mail program, and open webmail there."},
		Disruption: "none",
		DoNot:      []string{"Do not cancel a migration that still transfers.", "Do not reset the password: it was not at fault."},
	},
	Letter: Letter{
		Wrong: "Your mailbox is being moved to another mail server, or is there already.",
		Do:    []string{"When the helpdesk has told you which server your mailbox is on, enter its name in every mail program and open webmail there."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword, IMAPMailboxUnavailable},
	Outlasts: []*Check{KerioAccountLocked},
	Run:      kerioMailboxMoving,
}

func kerioMailboxMoving(s *probes.Snapshot) Finding {
	user := s.Account.Kerio.User
	if f, ok := kerioFound(user); !ok {
		return f
	}
	u := user.Value
	evidence := []Evidence{{Fact: "migration", Observed: "none", Expected: "none", Source: user.Source, At: user.At}}
	home, look := livesHere(s)
	if u.HomeServerID != "" {
		evidence = append(evidence, homeSaid(s)...)
	}
	if u.Migrating {
		evidence[0].Observed = strings.TrimSpace("on " + u.Migration)
	}
	in := acceptedHere(s)
	switch {
	case in != nil && refusal(s, probes.AttemptUser) == nil && brokenMailbox(s, probes.AttemptUser) == nil:
		return Finding{Verdict: OK, Summary: "This server accepted a login of the user in this run.", Evidence: append(evidence, said(in))}
	case u.Migrating:
		return Finding{Verdict: Problem, Confidence: Likely, Evidence: evidence,
			Summary: fmt.Sprintf("%s's mailbox is being moved to another server, and logins may fail until that is done.", LoginName(s))}
	case home == no:
		return livesElsewhere(s, evidence)
	case home == unknown:
		return undetermined(look, "whether the mailbox lives on this server is not known")
	}
	return Finding{Verdict: OK, Summary: "The mailbox is not being moved, and no other server is named as its home.", Evidence: evidence}
}

// livesElsewhere: somebody may look at the account from a server that its user never goes to. So it takes a refusal here.
func livesElsewhere(s *probes.Snapshot, evidence []Evidence) Finding {
	where := "another server"
	if name := s.Account.Kerio.User.Value.HomeServer; name != "" {
		where += " (" + name + ")"
	}
	f := Finding{Verdict: Problem, Confidence: Likely,
		Summary: fmt.Sprintf("%s's mailbox lives on %s, and this one refuses the login.", LoginName(s), where)}
	lines, _ := refusedLately(s)
	a, broken := refusal(s, probes.AttemptUser), brokenMailbox(s, probes.AttemptUser)
	switch {
	case a != nil:
		f.Evidence = append(evidence, saidBy(a))
	case broken != nil:
		f.Evidence = append(evidence, mailboxSaid(broken))
		f.Summary = fmt.Sprintf("%s's mailbox lives on %s, and this one cannot open it.", LoginName(s), where)
	case len(lines) > 0:
		f.Evidence = append(evidence, lines...)
	default:
		f.Verdict, f.Confidence, f.Evidence = Notice, Certain, evidence
		f.Summary = fmt.Sprintf("%s's mailbox lives on %s: that is where the mail programs have to go.", LoginName(s), where)
	}
	return f
}

// livesHere says whether the mailbox's home is this server; look is why it is not known. Outside a distributed domain no home is named.
func livesHere(s *probes.Snapshot) (answerOf, *probes.Look) {
	u := s.Account.Kerio.User.Value
	var settings *probes.Observation[probes.KerioSettings]
	if s.Kerio != nil {
		settings = s.Kerio.Settings
	}
	switch {
	case u.HomeServerID == "":
		return yes, nil
	case settings == nil:
		return unknown, &probes.Look{Probe: probes.ProbeKerio, What: "Domains.getSettings", Why: probes.Unclear, Words: "not looked at"}
	case !settings.OK():
		return unknown, &settings.Look
	case u.HomeServerID == settings.Value.ServerID, u.HomeServer != "" && strings.EqualFold(u.HomeServer, settings.Value.HostName):
		return yes, nil
	case settings.Value.ServerID == "":
		look := settings.Look
		look.Why, look.Words = probes.Unclear, "no serverId; the user's home server is "+u.HomeServerID
		return unknown, &look
	}
	return no, nil
}

func homeSaid(s *probes.Snapshot) []Evidence {
	user := s.Account.Kerio.User
	e := Evidence{Fact: "homeServer", Observed: strings.TrimSpace(user.Value.HomeServer + " " + user.Value.HomeServerID), Source: user.Source, At: user.At}
	if s.Kerio == nil || !s.Kerio.Settings.OK() {
		return []Evidence{e}
	}
	here := s.Kerio.Settings
	return []Evidence{e, {Fact: "serverId", Observed: strings.TrimSpace(here.Value.HostName + " " + here.Value.ServerID), Source: here.Source, At: here.At}}
}
