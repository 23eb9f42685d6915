package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// KerioAccountLocked is Kerio's own lock after wrong passwords. No field of the API shows it.
var KerioAccountLocked = &Check{
	ID: "kerio-account-locked", Group: GroupLocked, Title: "Kerio Connect has locked the account after wrong passwords",
	Doc: Doc{
		Says:  "I typed it right but it says wrong password. After five minutes it worked again.",
		Tells: "Kerio's API has no field for it. The security policy says after how many failures in a row Kerio locks, and for how long; the security log shows the failures, the audit log a success after them. So the answer is never more than likely.",
		Mistaken: []string{
			"A lock that has run out: the failures in the log are older than the policy's minutes.",
			"A disabled account (kerio-account-disabled): it does not come back by itself.",
			"A blocked address (kerio-ip-blocked): the same password works from another network.",
			"A lock in Active Directory (ad-account-locked): Kerio's log shows failures then too, but unlocking in Kerio does not help.",
		},
	},
	Source: []Source{{"Unlocking accounts for locked out users (GFI 360015198319)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015198319-Unlocking-Accounts-for-Locked-Out-Users-in-Kerio-Connect"},
		{"User cannot login to their email account (MAN-1051)", "https://manuals.gfi.com/en/kerio/connect/content/troubleshooting/kerio-connect-user-cannot-login-to-their-email-account-1051.html"}},
	Needs: []*Need{KerioPolicy}, Uses: with(mapping, KerioSecurityLog, KerioAuditLog, KerioClock),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Stop the devices that send an old password, and wait until the lock has run out",
		Steps: []string{"Have the caller switch off mail on every device that may hold an old password.",
			"Wait for the minutes that the policy names (in the evidence).",
			"Have the caller log in once with the right password, then correct the devices one by one.",
			"If it cannot wait, ask a mail administrator for \"Unlock All Accounts Now\" under Configuration > Security."},
		Disruption: "none while waiting; \"Unlock All Accounts Now\" frees every locked account, those under attack too",
		DoNot:      []string{"Do not reset the password: it was not at fault.", "Do not keep trying while the lock stands: it teaches nothing."},
	},
	Letter: Letter{
		Wrong: "Your mail account was locked after several wrong passwords.",
		Do:    whenLocked,
		Leave: []string{KeepPassword, noTriesWhileLocked},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      kerioAccountLocked,
}

func kerioAccountLocked(s *probes.Snapshot) Finding {
	policy := s.Kerio.SecurityPolicy
	p := policy.Value
	rule := Evidence{Fact: "security policy", Observed: fmt.Sprintf("locks after %d failures, for %d minutes", p.FailedToLock, p.MinutesToUnlock), Source: policy.Source, At: policy.At}
	log, _ := kerioLogs(s)
	switch a := acceptedHere(s); {
	case !p.EnableLockout:
		rule.Observed = "account lockout is off"
		return Finding{Verdict: OK, Summary: "Kerio Connect locks no accounts: its lockout is off.", Evidence: []Evidence{rule}}
	case a != nil:
		return Finding{Verdict: OK, Summary: "The mail server accepted a login of this user in this run, so the account is not locked.", Evidence: []Evidence{said(a)}}
	case p.FailedToLock < 1 || p.MinutesToUnlock < 1:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Summary: "Kerio's security policy does not say when it locks, or for how long.", Evidence: []Evidence{rule}}
	case !log.OK():
		return undetermined(logLook(log, "Logs.get security"), "whether Kerio Connect has locked the account is not known: its security log could not be read")
	}
	return kerioLockReckoned(s, log, rule)
}

// kerioLockReckoned reckons with the failures in the log: from when on Kerio counts them is not documented.
func kerioLockReckoned(s *probes.Snapshot, log *probes.Observation[probes.KerioLog], rule Evidence) Finding {
	p, t := s.Kerio.SecurityPolicy.Value, timeOf(s, log)
	duration := time.Duration(p.MinutesToUnlock) * time.Minute
	start := t.now.Add(-duration)
	all, recent := kerioFailures(s, start)
	evidence := append([]Evidence{rule}, logged(log, all)...)
	switch {
	case t.slack > 0 && len(all) >= p.FailedToLock:
		return undetermined(t.guessed(log), "there are enough failures for a lock, but the time zone of the log is a guess, so it is not known how long ago they were")
	case len(recent) >= p.FailedToLock && successSeen(s, recent[len(recent)-p.FailedToLock].At):
		until := recent[len(recent)-1].At.Add(duration).Add(log.At.Sub(t.now)) // by our clock
		return kerioLocked(s, evidence, until)
	case len(recent) >= p.FailedToLock:
		_, audit := kerioLogs(s)
		return maybeLocked(logLook(audit, "Logs.get audit"), evidence, "there are enough failures, but whether a login succeeded in between could not be read")
	case len(recent) > 0 && len(all) >= p.FailedToLock:
		return maybeLocked(&log.Look, evidence, "it may be, if Kerio counts failures that lie further back than a lock lasts, which is not documented")
	}
	if look, ok := t.reaches(log, start); !ok {
		return undetermined(look, "the part of the security log that was read does not reach back as far as a lock would")
	}
	f := Finding{Verdict: OK, Evidence: []Evidence{rule, {Fact: "failures since the last success", Observed: fmt.Sprintf("%d in the last %d minutes", len(recent), p.MinutesToUnlock), Source: log.Source, At: log.At}},
		Summary: "There are too few failures in Kerio's log for a lock."}
	if len(all) >= p.FailedToLock {
		f.Summary = "A lock of Kerio Connect, if there was one, has run out."
	}
	return f
}

// maybeLocked is the answer where the failures are there and the rest is not: an account that may be locked is not in order.
func maybeLocked(look *probes.Look, evidence []Evidence, why string) Finding {
	f := undetermined(look, "whether Kerio Connect has locked the account is not known: "+why)
	f.Evidence = append(evidence, f.Evidence...)
	return f
}

// successSeen says that the audit log was read as far back as t, so that a success since then would stand in it.
func successSeen(s *probes.Snapshot, t time.Time) bool {
	_, audit := kerioLogs(s)
	if !audit.OK() {
		return false
	}
	_, ok := logTime{}.reaches(audit, t)
	return ok
}

// kerioLocked: where a directory checks the password, the refusals in Kerio's log may be the directory's own: where it
// holds a lock itself, or could not be asked, a lock of Kerio is no more than a question.
func kerioLocked(s *probes.Snapshot, evidence []Evidence, until time.Time) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: evidence, Impact: kerioUnlockAll(s, until),
		Summary: fmt.Sprintf("Kerio Connect has most likely locked %s, until about %s.", LoginName(s), clock(until))}
	if directoryChecks(s) == no {
		return f
	}
	directory := Finding{}
	switch {
	case hasAD(&s.Target):
		directory = adAccountLocked(s)
	case hasOD(&s.Target):
		directory = odAccountLocked(s)
	}
	switch directory.Verdict {
	case OK:
		return f
	case Problem:
		f.Summary = fmt.Sprintf("Kerio's log has enough failures for a lock of %s; the directory holds a lock of its own, which may have made them.", LoginName(s))
	default:
		f.Summary = fmt.Sprintf("Kerio Connect may have locked %s; the directory that may check the password could not be asked.", LoginName(s))
	}
	f.Verdict, f.Confidence = Notice, Possible
	return f
}

// kerioFailures are the user's wrong passwords since the last success, and those of them after start, oldest first.
func kerioFailures(s *probes.Snapshot, start time.Time) (all, recent []probes.KerioLogEvent) {
	log, audit := kerioLogs(s)
	var success time.Time
	if audit.OK() {
		for _, e := range audit.Value.Events {
			if e.Kind == probes.LogAuthenticated && e.At.After(success) {
				success = e.At
			}
		}
	}
	for _, e := range log.Value.Events {
		if e.Kind != probes.LogInvalidPassword || !e.At.After(success) {
			continue
		}
		all = append(all, e)
		if e.At.After(start) {
			recent = append(recent, e)
		}
	}
	return all, recent
}
