package report

import (
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// The words of the document's vocabularies, as every writer for people says them.

// Mark is how a verdict is drawn: a symbol, always with a word, since no state is told by colour alone.
func Mark(v checks.Verdict, why probes.Why) (symbol, word string) {
	switch v {
	case checks.OK:
		return "✓", "ok"
	case checks.Problem:
		return "✗", "problem"
	case checks.Notice:
		return "!", "notice"
	case checks.NotApplicable:
		return "–", "not applicable"
	case checks.Undetermined:
		if why == probes.AttemptWithheld {
			return "?", "unknown: withheld"
		}
		return "?", "unknown: " + why.String()
	}
	return "?", "unknown"
}

// VerdictWords is a report's verdict in words.
func VerdictWords(v Verdict) string {
	return [...]string{"", "no cause found", "cause found", "inconclusive"}[v]
}

// ScopeWords says whom a problem concerns.
func ScopeWords(s checks.Scope) string {
	return [...]string{"", "this user", "everyone behind one address", "everyone of this domain", "everyone"}[s]
}

// OwnerWords says who has to act.
func OwnerWords(o checks.Owner) string {
	return [...]string{"", "the user", "the helpdesk", "the mail admin", "the directory admin", "the network admin"}[o]
}

// ShellWords is what a command is written for.
func ShellWords(s checks.Shell) string { return [...]string{"", "PowerShell", "shell"}[s] }

// DisruptionWords says whom a remedy disturbs.
func DisruptionWords(d string) string {
	if d == "" || d == "none" {
		return "disturbs nobody"
	}
	return "disruption: " + d
}

// ProbeWords is what a probe looks at.
func ProbeWords(p probes.Probe) string {
	return [...]string{"the run", "Kerio Connect", "the directory", "the IMAP server", "the login", "Stalwart"}[p]
}

// whyClause follows the name of what was looked at.
func whyClause(w probes.Why) string {
	return [...]string{"was seen", "did not answer in time", "could not be reached", "does not let logindoctor's account look",
		"was not asked for a login", "gave no clear answer", "was not waited for: the run was ended", "could not be read because of a defect in logindoctor"}[w]
}

func serviceWords(s probes.Service) string {
	return [...]string{"", "over IMAP", "on the API", "in webmail", "at the directory", "at the administration", "over ManageSieve"}[s]
}

// whoWords says who logs in where.
func whoWords(w probes.Who, s probes.Service) string {
	who := [...]string{"nobody", "the user", "the canary", "the mail server's bind account", "logindoctor's own account"}[w]
	return strings.TrimSpace(who + " " + serviceWords(s))
}

// stalwartSystem is Stalwart among the systems of a plan.
const stalwartSystem = "stalwart"

func systemWords(system string) string {
	switch system {
	case "active-directory":
		return "Active Directory"
	case "open-directory":
		return "Open Directory"
	case "kerio":
		return "Kerio Connect"
	case stalwartSystem:
		return "Stalwart"
	case "unknown", "":
		return "No policy known"
	}
	return system
}

func decisionWords(d probes.Decision) string {
	return [...]string{"", "to be tried", "only if needed", "withheld"}[d]
}
