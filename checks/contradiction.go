package checks

import "logindoctor.example/probes"

// contradicted weighs what a server's field says of the account against this run's own login: an account that is locked,
// disabled or out of date, and was let in. Where the field's server is known to check the password both facts stand, and
// which of them is stale is not known; where it is not known to, the login shows that it does not.
func contradicted(results []Result, s *probes.Snapshot) []Result {
	a := letInFully(s)
	if a == nil {
		return results
	}
	for i, r := range results {
		if r.Verdict != Problem || r.Scope != ScopeUser || !aboutAccount(r.Check.Group) || !contains(r.Check.Explains, IMAPLogin) {
			continue
		}
		f := &results[i].Finding
		e := said(a)
		e.Fact, e.Expected = "contradicted by this run's "+e.Fact, "refused"
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], e)
		f.Confidence = min(f.Confidence, Likely)
		f.Summary += " Yet a login of this user was accepted in this run."
		if readsDirectory(r.Check) && directoryChecks(s) != yes {
			f.Verdict = Notice
		}
	}
	return results
}

// letInFully is this run's login that came all the way in: over IMAP, or, where none is named, to Stalwart. A session over HTTP may
// come in with reduced rights: it counts where it may use mail.
func letInFully(s *probes.Snapshot) *probes.Attempt {
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	if a == nil && onStalwart(&s.Target) {
		a = acceptedHere(s)
	}
	if a == nil || a.Outcome != probes.Accepted || a.HTTP != nil && a.HTTP.Mail != probes.StalwartYes {
		return nil
	}
	return a
}

// aboutAccount are the groups whose faults keep an account out whatever the service.
func aboutAccount(g Group) bool {
	return g == GroupLocked || g == GroupAccount || g == GroupPassword
}

// readsDirectory says that a check rests on what the directory holds of the account.
func readsDirectory(c *Check) bool {
	for _, n := range c.Needs {
		if n == ADAnswer || n == ODAnswer || n == ADEntry || n == ODEntry || n == DirectoryEntry {
			return true
		}
	}
	return false
}
