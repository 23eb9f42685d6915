package report

import (
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// A made-up catalogue and made-up facts: a new check of the real catalogue changes nothing here.

var noon = time.Date(2026, 11, 22, 9, 14, 3, 0, time.UTC)

// made is a check that always answers the same.
func made(id string, f checks.Finding, explains ...*checks.Check) *checks.Check {
	if f.Verdict == checks.Problem || f.Verdict == checks.Notice {
		if f.Evidence == nil {
			f.Evidence = []checks.Evidence{{Fact: "fact of " + id, Observed: "seen", Source: "dc1.example.test", At: noon}}
		}
		if f.Confidence == 0 {
			f.Confidence = checks.Certain
		}
	}
	if f.Summary == "" {
		f.Summary = "The summary of " + id + "."
	}
	return &checks.Check{
		ID: id, Group: checks.GroupAccount, Title: "The title of " + id, Owner: checks.OwnerHelpdesk, Scope: checks.ScopeUser,
		Doc:      checks.Doc{Says: "It does not work.", Tells: "By looking.", Mistaken: []string{"Something else."}},
		Source:   []checks.Source{{Title: "A page", URL: "https://vendor.example/page"}, {Title: "observed"}},
		Remedy:   checks.Remedy{Do: "Mend " + id, Steps: []string{"Mend it for {user}."}, Disruption: "none", DoNot: []string{"Do not break it."}},
		Explains: explains,
		Run:      func(*probes.Snapshot) checks.Finding { return f },
	}
}

func problem(id string, explains ...*checks.Check) *checks.Check {
	return made(id, checks.Finding{Verdict: checks.Problem}, explains...)
}

func fine(id string) *checks.Check { return made(id, checks.Finding{Verdict: checks.OK}) }

// login is a symptom that reads the attempts, as the real one does.
func login(f checks.Finding) *checks.Check {
	c := made("login", f)
	c.Group, c.Title, c.Uses = checks.GroupIMAP, "IMAP refuses the login", []*checks.Need{checks.Attempts}
	return c
}

func facts() *probes.Snapshot {
	return &probes.Snapshot{StartedAt: noon, FinishedAt: noon.Add(812 * time.Millisecond), Target: probes.Target{User: "jdoe@example.test", Profile: "acme"}}
}

func ptr[T any](v T) *T { return &v }

// lockedFacts are those of an account that Active Directory locked, with a login withheld and a log that could not be read.
func lockedFacts() *probes.Snapshot {
	s := facts()
	berlin := time.FixedZone("CET", 3600)
	locked := time.Date(2026, 11, 22, 10, 12, 0, 0, berlin)
	set := time.Date(2026, 11, 22, 8, 50, 0, 0, berlin)
	policy := &probes.LockoutPolicy{Threshold: 5, DurationMS: 1800000, WindowMS: 1800000, Origin: probes.PolicyDomain}
	entry := func(server string) probes.DirectoryAccount {
		return probes.DirectoryAccount{Server: server, Entry: &probes.Observation[probes.DirectoryEntry]{
			Look:  probes.Look{Probe: probes.ProbeDirectory, What: "search", Source: server, At: noon},
			Value: probes.DirectoryEntry{Matches: []string{"CN=J Doe"}, AD: &probes.ADAccount{Login: "jdoe", LockoutTime: &locked, PwdLastSet: &set, BadPasswordTime: &locked, BadPwdCount: ptr(5), Lockout: policy}}}}
	}
	s.Account.Directory = []probes.DirectoryAccount{entry("dc1.example.test:636"), entry("dc2.example.test:636")}
	failed := func(minute int) probes.KerioLogEvent {
		return probes.KerioLogEvent{At: time.Date(2026, 11, 22, 9, minute, 0, 0, time.UTC), Kind: probes.LogInvalidPassword, Protocol: "IMAP", Address: "192.0.2.44"}
	}
	s.Account.Kerio = &probes.KerioAccount{
		Log: &probes.Observation[probes.KerioLog]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Logs.get security", Source: "mail.example.test:4040", At: noon},
			Value: probes.KerioLog{Events: []probes.KerioLogEvent{failed(1), failed(4), failed(9)}}},
		Audit: &probes.Observation[probes.KerioLog]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Logs.get audit", Why: probes.NotPermitted, Words: "Access denied.", Source: "mail.example.test:4040", At: noon}},
	}
	s.IMAP = &probes.IMAPServer{Reach: &probes.Reach{Address: "mail.example.test:993", Security: probes.SecurityTLS, Stage: probes.StageTalk, At: noon,
		Certificate: &probes.Certificate{Subject: "CN=mail.example.test", NotBefore: noon.AddDate(0, -2, 0), NotAfter: noon.AddDate(0, 0, 9)}}}
	s.Login = &probes.Login{SecretGiven: true, MaxFailures: 1,
		Budgets: []probes.Budget{{System: "active-directory", Known: true, Threshold: 5, Used: 5, Reserve: 2, WindowMS: 1800000, Locked: true},
			{System: "kerio", Why: probes.NotPermitted, Reserve: 2}},
		Steps: []probes.Step{{Who: probes.AttemptUser, Service: probes.ServiceIMAP, Do: probes.DoHold, Reason: "the account is locked"}},
		Attempts: []probes.Attempt{{At: noon, Who: probes.AttemptUser, Service: probes.ServiceIMAP, Server: "mail.example.test:993", Outcome: probes.Withheld,
			Why: probes.AttemptWithheld, Reason: "the account is locked"}}}
	return s
}

// lockedCatalogue answers about lockedFacts.
func lockedCatalogue() []*checks.Check {
	symptom := login(checks.Finding{Verdict: checks.Undetermined, Why: probes.AttemptWithheld, Summary: "No login was tried for this user: the account is locked."})
	lock := made("lock", checks.Finding{Verdict: checks.Problem, Summary: "jdoe's Active Directory account is locked until 2026-11-22 09:42 UTC.",
		Evidence: []checks.Evidence{{Fact: "lockoutTime", Observed: "2026-11-22T09:12:00Z", Expected: "0", Source: "dc1.example.test:636", At: noon},
			{Fact: "lockout policy (domain)", Observed: "locks after 5 wrong passwords within 30m0s", Source: "dc1.example.test:636", At: noon}}}, symptom)
	lock.Group, lock.Title, lock.Owner = checks.GroupLocked, "The Active Directory account is locked", checks.OwnerDirectoryAdmin
	lock.Remedy = checks.Remedy{Do: "Unlock the account, and find the device that locked it",
		Steps:      []string{"Have the caller switch off mail on every phone and computer that may hold an old password.", "Unlock the account.", "Switch the devices on again one by one, each with the present password."},
		Commands:   []checks.Command{{Shell: checks.PowerShell, Run: "Unlock-ADAccount -Identity {login}", Who: checks.OwnerDirectoryAdmin}},
		Disruption: "none", DoNot: []string{"Do not reset the password: it was not at fault, and devices with the old one lock the account again."}}
	kerio := made("kerio-lock", checks.Finding{Verdict: checks.OK, Summary: "No lock in the last 5 minutes.",
		Evidence: []checks.Evidence{{Fact: "security log", Observed: "3 failures", Expected: "fewer than 5", Source: "mail.example.test:4040", At: noon}}})
	kerio.Group = checks.GroupLocked
	folders := made("folders", checks.Finding{Verdict: checks.NotApplicable, Summary: "No Kerio Connect in the profile."})
	folders.Group = checks.GroupFolders
	more := made("more-folders", checks.Finding{Verdict: checks.NotApplicable, Summary: "No Kerio Connect in the profile."})
	more.Group = checks.GroupFolders
	certificate := made("certificate", checks.Finding{Verdict: checks.Notice, Confidence: checks.Likely, Summary: "The mail server's certificate ends on 2026-12-01 09:14 UTC."})
	certificate.Group = checks.GroupNetwork
	return []*checks.Check{lock, kerio, folders, more, symptom, certificate}
}

func lockedReport() *Report {
	return New(lockedCatalogue(), lockedFacts(), Meta{ToolVersion: "0.1.0", Commit: "abc1234", RunID: "run1"})
}

// everyCase are reports of every kind, by name.
func everyCase() map[string]*Report {
	accepted := facts()
	accepted.Login = &probes.Login{SecretGiven: true, MaxFailures: 1, Attempts: []probes.Attempt{{At: noon, Who: probes.AttemptUser, Service: probes.ServiceIMAP,
		Server: "mail.example.test:993", Outcome: probes.Accepted, IMAP: &probes.IMAPOutcome{Status: probes.IMAPOK, Words: "Logged in"}}}}
	down := facts()
	down.Target.Kerio = &probes.KerioTarget{AdminURL: "https://mail.example.test:4040/admin/api/jsonrpc/"}
	down.Kerio = &probes.KerioServer{Admin: &probes.Reach{Address: "mail.example.test:4040", Security: probes.SecurityTLS, Stage: probes.StageConnect, Failure: probes.FailureTimeout, Words: "dial: i/o timeout", At: noon},
		Session: &probes.Observation[probes.KerioSession]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Session.login", Why: probes.Timeout, Source: "mail.example.test:4040", At: noon}}}
	needs := fine("kerio-user")
	needs.Needs = []*checks.Need{checks.KerioUser}
	session := fine("kerio-session")
	session.Needs = []*checks.Need{checks.KerioSession}
	broken := fine("broken")
	broken.Run = func(*probes.Snapshot) checks.Finding { panic("a defect") }
	meta := Meta{ToolVersion: "0.1.0", RunID: "run2"}
	outage := made("outage", checks.Finding{Verdict: checks.Problem, Scope: checks.ScopeEveryone, Summary: "The mail server turns everyone away."})
	outage.Remedy.Disruption = "everyone for a minute"
	return map[string]*Report{
		"cause":        lockedReport(),
		"two-causes":   New(append(lockedCatalogue(), outage), lockedFacts(), meta),
		"healthy":      New([]*checks.Check{fine("account"), fine("password")}, accepted, meta),
		"inconclusive": New([]*checks.Check{fine("password"), needs, session}, down, meta),
		"bug":          New([]*checks.Check{fine("password"), broken}, facts(), meta),
		"skipped":      New([]*checks.Check{fine("account"), fine("password")}, facts(), Meta{Skip: []string{"account"}}),
	}
}
