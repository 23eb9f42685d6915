package checks

import "logindoctor.example/probes"

// contradicted lowers what a server's field says of the account where this run's own login shows otherwise: an account that is
// locked, disabled or out of date, and was let in. Both facts stand; which of them is stale is not known.
func contradicted(results []Result, s *probes.Snapshot) []Result {
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	if a == nil || a.Outcome != probes.Accepted {
		return results
	}
	for i, r := range results {
		if r.Verdict != Problem || r.Scope != ScopeUser || !aboutAccount(r.Check.Group) || !contains(r.Check.Explains, IMAPLogin) {
			continue
		}
		f := &results[i].Finding
		f.Confidence = min(f.Confidence, Likely)
		e := saidBy(a)
		e.Fact, e.Expected = "contradicted by this run's "+e.Fact, "refused"
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], e)
		f.Summary += " Yet a login of this user was accepted in this run."
	}
	return results
}

// aboutAccount are the groups whose faults keep an account out whatever the service.
func aboutAccount(g Group) bool {
	return g == GroupLocked || g == GroupAccount || g == GroupPassword
}
