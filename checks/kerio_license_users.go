package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioLicenseUsers is more users than the licence allows.
var KerioLicenseUsers = &Check{
	ID: "kerio-license-users", Group: GroupMail, Title: "More users than the licence allows",
	Doc: Doc{
		Says:  "The new colleague cannot log in and everyone else can. Or: yesterday it worked, now I am out and another one is in.",
		Tells: "Kerio's own alert LicenseTooManyUsers, and no login of this user that was accepted since. As many active mailboxes as licensed users, without the alert, is a question only.",
		Mistaken: []string{
			"Opened folders (kerio-opened-folders): by the old manual Kerio counts who came since its last start, so a restart makes this one vanish for a while too.",
			"A wrong password: the others work here.",
			"An expired licence (kerio-license-expired): that hits everyone.",
		},
	},
	Source: []Source{{"Licenses in Kerio Connect (GFI 360015191920)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015191920-Licenses-in-Kerio-Connect"},
		{"Licenses in Kerio Connect: above the number no other users may connect (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/registration-and-licenses/licenses-in-kerio-connect-1148.html"}},
	Needs: []*Need{usersFacts}, Uses: []*Need{KerioUser, KerioLicense, KerioMailboxes, KerioSecurityLog, KerioAuditLog, KerioClock, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeUser, // whoever came in time is not concerned
	Remedy: Remedy{
		Do: "Disable or delete accounts that nobody uses, or buy users",
		Steps: []string{"In Kerio's administration open Accounts > Users and sort by last login.",
			"Ask about those who have not logged in for long, and disable their accounts.",
			"If all are needed, have the licence extended."},
		Disruption: "none for those who are in; a disabled account loses access",
		DoNot:      []string{"Do not restart Kerio Connect: it hides the lack for a while and cuts everyone off.", "Do not reset the password: it was not at fault."},
	},
	Letter: Letter{
		Wrong: "There are more mailboxes than the mail server's licence allows.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      kerioLicenseUsers,
}

// usersFacts: whoever got in is not left out.
var usersFacts = &Need{Name: KerioAlerts.Name + ", or a login of this run that was accepted", Missing: noKerio, configured: hasKerio,
	looks: func(s *probes.Snapshot) []*probes.Look { return append(KerioAlerts.looks(s), letInLook(s)) },
	hand:  KerioAlerts.hand}

func kerioLicenseUsers(s *probes.Snapshot) Finding {
	counts, full := licenceCounts(s)
	if alert := alerted(s, "LicenseTooManyUsers"); alert != nil {
		return tooManyUsers(s, append(alert, counts...))
	}
	in, _ := lastIn(s)
	if full && len(in) == 0 {
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: counts, Summary: "As many mailboxes are active as the licence has users: is this user a new one, who never got in?"}
	}
	alerts := kerioServer(s).Alerts
	if !alerts.OK() {
		return Finding{Verdict: OK, Summary: "A login of this user was accepted, so that the licence leaves room for it.", Evidence: append(counts, in...)}
	}
	return Finding{Verdict: OK, Summary: "Kerio Connect does not report more users than its licence allows.",
		Evidence: append(counts, Evidence{Fact: "alerts", Observed: fmt.Sprintf("%d, LicenseTooManyUsers not among them", len(alerts.Value)), Source: alerts.Source, At: alerts.At})}
}

// tooManyUsers: the alert does not say who is left out. Whoever got in and was not refused since is not.
func tooManyUsers(s *probes.Snapshot, evidence []Evidence) Finding {
	in, unread := lastIn(s)
	switch {
	case len(in) > 0:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: append(evidence, in...), Summary: fmt.Sprintf("Kerio Connect has more users than its licence allows; %s got in all the same.", LoginName(s))}
	case unread != nil && !(s.Login != nil && refusedSomewhere(s.Login)):
		f := undetermined(unread, "Kerio Connect has more users than its licence allows; whether this user is left out is not known: a log could not be read")
		f.Evidence = append(f.Evidence, evidence...)
		return f
	}
	return Finding{Verdict: Problem, Confidence: Likely, Evidence: evidence, Summary: "Kerio Connect has more users than its licence allows: whoever comes late is left out, and this user has not got in lately."}
}

// lastIn is a login of this user that was accepted, in this run or within a day, with no refusal after it. unread is why that
// cannot be told.
func lastIn(s *probes.Snapshot) (in []Evidence, unread *probes.Look) {
	if a := acceptedHere(s); a != nil {
		return []Evidence{said(a)}, nil
	}
	if s.Login != nil && refusedSomewhere(s.Login) {
		return nil, nil
	}
	log, audit := kerioLogs(s)
	if !audit.OK() {
		return nil, logLook(audit, "Logs.get audit")
	}
	if !log.OK() {
		return nil, logLook(log, "Logs.get security")
	}
	var newest *probes.KerioLogEvent
	for i, e := range audit.Value.Events {
		if e.Kind == probes.LogAuthenticated && recentLine(s, e) {
			newest = &audit.Value.Events[i]
		}
	}
	if newest == nil {
		return nil, nil
	}
	for _, e := range log.Value.Events {
		if e.Kind != probes.LogAddressBlocked && e.Kind != probes.LogTooManyConnections && e.At.After(newest.At) && e.Protocol == newest.Protocol {
			return nil, nil
		}
	}
	return logged(audit, []probes.KerioLogEvent{*newest}), nil
}

// licenceCounts are the mailboxes against the licence, as far as both were read.
func licenceCounts(s *probes.Snapshot) (evidence []Evidence, full bool) {
	l, m := kerioServer(s).License, kerioServer(s).Mailboxes
	if l.OK() {
		e := Evidence{Fact: "licensed users", Observed: fmt.Sprintf("%d", l.Value.Users), Source: l.Source, At: l.At}
		if l.Value.Users == probes.KerioUnlimitedUsers {
			e.Observed = "unlimited"
		}
		evidence = append(evidence, e)
	}
	if m.OK() {
		evidence = append(evidence, Evidence{Fact: "active mailboxes", Observed: fmt.Sprintf("%d", m.Value.Active), Source: m.Source, At: m.At})
	}
	return evidence, l.OK() && m.OK() && l.Value.Users > 0 && m.Value.Active >= l.Value.Users
}
