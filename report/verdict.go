package report

import (
	"fmt"
	"slices"
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// The exit codes that a report decides.
const (
	ExitHealthy      = 0
	ExitCause        = 1
	ExitInconclusive = 2
	ExitOwnRefused   = 4
)

// verdict is healthy only where something was looked at and nothing stayed unknown.
func verdict(r *Report) Verdict {
	switch {
	case len(r.Diagnosis) > 0:
		return CauseFound
	case r.Summary.Undetermined > 0, r.Summary.OK+r.Summary.Notice == 0:
		return Inconclusive
	}
	return Healthy
}

// ExitCode is the run's exit code, the same for every format.
func (r *Report) ExitCode() int {
	switch {
	case r.Verdict == CauseFound:
		return ExitCause
	case r.Verdict == Healthy:
		return ExitHealthy
	case r.Summary.OK+r.Summary.Problem+r.Summary.Notice == 0 && len(ownRefused(r.Facts)) > 0:
		return ExitOwnRefused
	}
	return ExitInconclusive
}

// ownRefused names the servers that refused logindoctor's own account: Kerio's admin session, Stalwart's with the API key, or
// the directory reader's bind. A banned address is no refused account: Stalwart turns it away before it looks at the key.
func ownRefused(s *probes.Snapshot) []string {
	var by []string
	if s == nil {
		return by
	}
	if s.Kerio != nil && s.Kerio.Session != nil && s.Kerio.Session.Why == probes.NotPermitted {
		by = append(by, "Kerio Connect")
	}
	if s.Stalwart != nil && s.Stalwart.Session != nil && s.Stalwart.Session.Why == probes.NotPermitted {
		by = append(by, "Stalwart")
	}
	for _, d := range s.Directory {
		if d.Bind == nil {
			continue
		}
		if d.Bind.Why == probes.NotPermitted || d.Bind.Why == probes.Seen && refusesAccount(d.Bind.Value.Result) {
			return append(by, "the directory")
		}
	}
	return by
}

// refusesAccount: 49 is everyone's word for it; Open Directory says 50 or 19 (Apple's OpenLDAP, back-bdb/bind.c).
func refusesAccount(r probes.LDAPResult) bool {
	return r == probes.LDAPInvalidCredentials || r == probes.LDAPInsufficientAccess || r == probes.LDAPConstraintViolation
}

// headline is what to say first. It is made here once: the writers only show times in it as local ones.
func headline(r *Report, ran int) string {
	skipped := len(r.Checks) - ran
	switch {
	case r.Verdict == CauseFound:
		return joined(r.Diagnosis[0].Summary, untriedClause(r.Facts.Login))
	case ran == 0:
		return "No check was run, so nothing is known."
	case r.Verdict == Healthy:
		h := fmt.Sprintf("Nothing was found that keeps %s from logging in", r.Subject.User)
		clauses := []string{triedClause(r.Facts.Login)}
		if skipped > 0 {
			clauses = append(clauses, fmt.Sprintf("%s left out", number(skipped, "check was", "checks were")))
		}
		return joined(h, clauses...)
	}
	return inconclusive(r)
}

// joined appends clauses to a sentence.
func joined(sentence string, clauses ...string) string {
	s := strings.TrimSuffix(sentence, ".")
	for _, c := range clauses {
		if c != "" {
			s += "; " + c
		}
	}
	return s + "."
}

// untriedClause is empty where the user's login was tried.
func untriedClause(l *probes.Login) string {
	switch {
	case tried(l, probes.AttemptUser):
		return ""
	case tried(l, probes.AttemptCanary):
		return "this user's login was not tried"
	}
	return "no login was tried"
}

// NextSteps are what is left to do where nothing was found and no login has shown that the user gets in.
func (r *Report) NextSteps() []string {
	switch {
	case r.Verdict != Healthy || r.Facts == nil || gotIn(r.Facts.Login) != nil:
		return nil
	case r.Facts.Login != nil && r.Facts.Login.SecretGiven:
		return []string{"Have the caller try once, and ask for the exact words on the screen and for the address of the device (--client-address)."}
	}
	return []string{"Run it again with the secret that the caller uses (--secret-prompt): only a login shows the rest.",
		"Ask for the exact words on the screen (logindoctor explain), and for the address of the device (--client-address)."}
}

func triedClause(l *probes.Login) string {
	if c := untriedClause(l); c != "" {
		return strings.Replace(c, "no login was", "the login was not", 1)
	}
	if a := gotIn(l); a != nil {
		return "the login was tried " + serviceWords(a.Service) + " and accepted"
	}
	return "the login was tried"
}

// gotIn is the user's login that was accepted; nil where none was.
func gotIn(l *probes.Login) *probes.Attempt {
	if l == nil {
		return nil
	}
	for i, a := range l.Attempts {
		if a.Who == probes.AttemptUser && a.Outcome == probes.Accepted {
			return &l.Attempts[i]
		}
	}
	return nil
}

// inconclusive says in plain words what could not be looked at.
func inconclusive(r *Report) string {
	if r.ExitCode() == ExitOwnRefused {
		var by []string
		for _, u := range unopenedServers(r.Facts) {
			if u.look.Why == probes.NotPermitted {
				by = append(by, u.says)
			}
		}
		return "Nothing could be looked at: " + strings.Join(by, "; ") + "."
	}
	if r.Summary.Undetermined == 0 {
		return "No check applies to what the profile names, so nothing is known."
	}
	parts := reasons(r)
	const most = 3
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], number(more, "further reason", "further reasons"))
	}
	return "No cause was found, but not everything could be looked at: " + strings.Join(parts, "; ") + "."
}

// reasons gives a clause for each reason that an undetermined check has: what withheld a login, that of the server that
// could not be looked at, else the check's own words up to their first detail.
func reasons(r *Report) []string {
	var parts []string
	unopened := unopenedServers(r.Facts)
	add := func(p string) {
		// What keeps from a server may keep from the user's login too: it is said once.
		if !slices.ContainsFunc(parts, func(q string) bool { return strings.Contains(p, q) || strings.Contains(q, p) }) {
			parts = append(parts, p)
		}
	}
	for _, c := range r.Checks {
		if c.Verdict != checks.Undetermined {
			continue
		}
		told := false
		for _, u := range r.Coverage.CouldNotLook {
			// A check for which nothing was looked at says "unclear": what failed before it is the reason.
			nothing := c.Why == probes.Unclear && len(c.Evidence) == 0
			by := behind(unopened, u)
			switch {
			case u.Why != c.Why && !nothing:
			case by != nil:
				add(by.says)
				told = true
			case u.Why == probes.AttemptWithheld && u.Words != "":
				add("a login was withheld (" + strings.TrimSuffix(u.Words, ".") + ")")
				told = true
			case u.Probe != probes.ProbeLogin && u.Why != probes.AttemptWithheld:
				add(ProbeWords(u.Probe) + " " + whyClause(u.Why))
				told = true
			}
		}
		if !told {
			add(brief(c.Summary))
		}
	}
	return parts
}

// brief is a sentence without its full stop, and without what it adds behind a colon.
func brief(s string) string {
	s, _, _ = strings.Cut(s, ": ")
	return strings.TrimSuffix(s, ".")
}

// number is a count with its noun.
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
