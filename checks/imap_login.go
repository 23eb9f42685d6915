package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// IMAPLogin is the symptom that other causes explain.
var IMAPLogin = &Check{
	ID: "imap-login", Group: GroupIMAP, Title: "IMAP refuses the login",
	Doc: Doc{
		Says:  "My mail program says that it cannot log in, or asks for the password again and again.",
		Tells: "One login over IMAP with the caller's secret, if one was given and the lockout rules afford it, and one with the canary mailbox of the profile. The server's reply is kept word for word. Stalwart closes the connection without a word for an address, a missing permission, an expired own password or a ban; what ManageSieve or HTTP say to the same secret is in the evidence then.",
		Mistaken: []string{
			"A mailbox that cannot be opened: there the login is accepted and opening INBOX fails.",
			"A server that is down: there nothing answers at all.",
		},
	},
	Source: []Source{{"RFC 9051 §6.2.3, LOGIN", "https://www.rfc-editor.org/rfc/rfc9051#section-6.2.3"},
		{"RFC 5530, response codes of a refused login", "https://www.rfc-editor.org/rfc/rfc5530"}},
	Needs: []*Need{IMAPReach}, Uses: []*Need{Attempts, StalwartUserLog},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the mail server's own log read for this login",
		Steps: []string{"Note the time, the address and the server's words from the evidence.",
			"Look them up in the mail server's log: it says why, where IMAP does not.",
			"Run logindoctor again with what was missing (the secret, or rights for its accounts)."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password on the strength of an IMAP refusal alone: the same words stand for many causes."},
	},
	Letter: Letter{
		Wrong: "The mail server does not accept the login, and the reason is not known yet.",
		Do:    []string{NoteWords},
		Leave: []string{KeepPassword, NoFurtherTries},
	},
	Run: imapLogin,
}

func imapLogin(s *probes.Snapshot) Finding {
	user := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	canary := s.Login.Attempt(probes.AttemptCanary, probes.ServiceIMAP)
	switch {
	case user != nil && user.Outcome == probes.Refused && rightElsewhere(s, user):
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: []Evidence{saidBy(user), said(s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI))},
			Summary: "IMAP refuses the secret, which is right where the user types it: at the API or webmail."}
	case user != nil && user.Outcome == probes.Refused:
		return imapRefused(user, canary)
	case onStalwart(&s.Target) && closedMute(s) != nil:
		return muteAtStalwart(s, user)
	case user != nil && user.Outcome == probes.Unanswered:
		return undetermined(&probes.Look{What: "IMAP login", Why: user.Why, Words: user.Reason, Source: user.Server, At: user.At},
			"the IMAP server gave no answer to the login")
	case user != nil && byeAfterOK(user) && !storeTrouble(user):
		return Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{saidBy(user)},
			Remedy:  &byeRemedy,
			Summary: fmt.Sprintf("The IMAP server accepts the password and then ends the connection: %s.", byeSaid(user))}
	case user != nil && user.Outcome == probes.Accepted && canary != nil && canary.Outcome == probes.Refused:
		return Finding{Verdict: Notice, Confidence: Likely, Evidence: []Evidence{saidBy(user), saidBy(canary)},
			Summary: "IMAP accepts this user and refuses the canary: the canary's password in the profile may be out of date."}
	case user != nil && user.Outcome == probes.Accepted:
		return Finding{Verdict: OK, Summary: "The IMAP server accepts the user's secret.", Evidence: []Evidence{saidBy(user)}}
	case canary != nil && canary.Outcome == probes.Refused:
		return canaryRefused(canary)
	case user != nil:
		return undetermined(&probes.Look{What: "IMAP login", Why: user.Why, Words: user.Reason, Source: user.Server, At: user.At},
			"no login was tried for this user: "+user.Reason)
	case canary != nil && canary.Outcome == probes.Accepted:
		return Finding{Verdict: OK, Evidence: []Evidence{saidBy(canary)},
			Summary: "IMAP logins work for the canary; this user was not tried."}
	case canary != nil:
		return undetermined(&probes.Look{What: "IMAP login of the canary", Why: canary.Why, Words: canary.Reason, Source: canary.Server, At: canary.At},
			"the canary's login was not answered or not tried: "+canary.Reason)
	}
	return Finding{Verdict: NotApplicable, Summary: "No login was tried: no secret was given, and the profile names no canary."}
}

// rightElsewhere says that IMAP refuses a secret that the user does not type there, and that is accepted where it is typed.
func rightElsewhere(s *probes.Snapshot, user *probes.Attempt) bool {
	api := s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI)
	return elsewhere(s) && api != nil && accepted(api) && user.IMAP != nil && (speaksOfCredentials(user.IMAP) || wantsAppPassword(user.IMAP))
}

// muteAtStalwart: the connection was closed instead of an answer. A network that breaks looks the same, so by itself it is no
// refusal; the other places of this run may say more.
func muteAtStalwart(s *probes.Snapshot, user *probes.Attempt) Finding {
	f := undetermined(&probes.Look{What: "IMAP login", Why: user.Why, Words: user.Reason, Source: user.Server, At: user.At},
		"the IMAP server closed the connection without a word, as Stalwart does for an address, a missing permission, an expired password or a ban")
	if lines := oursAtStalwart(s); len(lines) > 0 {
		f.Evidence = append(f.Evidence, stalwartLogged(s.Account.Stalwart.Log, lines)...)
		f.Summary = strings.TrimSuffix(f.Summary, ".") + "; its log has what it kept to itself."
	}
	for _, service := range []probes.Service{probes.ServiceManageSieve, probes.ServiceAPI} {
		a := s.Login.Attempt(probes.AttemptUser, service)
		if a == nil || a.Sieve == nil && a.HTTP == nil {
			continue
		}
		f.Evidence = append(f.Evidence, said(a))
		switch {
		case accepted(a) && a.HTTP != nil && a.HTTP.Mail == probes.StalwartYes && elsewhere(s):
			return Finding{Verdict: Notice, Confidence: Certain, Evidence: f.Evidence,
				Summary: "IMAP closes without a word on the secret, which is right where the user types it: at webmail or JMAP."}
		case accepted(a):
			f.Summary = strings.TrimSuffix(f.Summary, ".") + "; elsewhere the same secret is taken."
		case a.Outcome == probes.Refused:
			f.Summary = strings.TrimSuffix(f.Summary, ".") + "; elsewhere it refuses the secret in words, which stand in the evidence."
		}
	}
	return f
}

func imapRefused(user, canary *probes.Attempt) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{saidBy(user)},
		Summary: fmt.Sprintf("The IMAP server refuses the login: %s.", quoted(user.IMAP))}
	if canary == nil {
		return f
	}
	switch canary.Outcome {
	case probes.Refused:
		f.Scope, f.Evidence = ScopeEveryone, append(f.Evidence, saidBy(canary))
		f.Summary = "The IMAP server refuses this user and the canary alike: " + quoted(user.IMAP) + "."
	case probes.Accepted:
		f.Evidence = append(f.Evidence, saidBy(canary))
	}
	return f
}

// canaryRefused: the mailbox known to be healthy is refused, and this user was not tried. A code that speaks of the
// server is certain; a mere refusal may also be a canary password that the profile has wrong.
func canaryRefused(canary *probes.Attempt) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Scope: ScopeEveryone, Evidence: []Evidence{saidBy(canary)},
		Summary: "The IMAP server refuses the canary mailbox, which is known to be healthy: " + quoted(canary.IMAP) + "."}
	switch {
	case tooMany(canary.IMAP):
		f.Verdict, f.Scope = Notice, 0
		f.Summary = "The canary has too many connections open, so it says nothing about logins: " + quoted(canary.IMAP) + "."
	case unavailableCode(canary.IMAP.Code):
		f.Confidence = Certain
	}
	return f
}

// byeRemedy: the server says it to every mail program, right password or not.
var byeRemedy = Remedy{
	Do: "Have the mail administrator undo what the server says of this user, or of its service",
	Steps: []string{"Read the server's words to the mail administrator.",
		"If the service is switched off for the user on purpose, tell the caller what may be used instead.",
		"Otherwise have it switched on, and have the caller try once."},
	Disruption: "none",
	DoNot:      []string{"Do not reset the password: the server accepts it."},
}

func byeAfterOK(a *probes.Attempt) bool { return byeSaid(a) != "" }

// byeSaid is what the server says in ending the connection after an accepted login; empty where it does not end it.
func byeSaid(a *probes.Attempt) string {
	if a.IMAP == nil || a.IMAP.Status != probes.IMAPOK {
		return ""
	}
	for _, u := range a.IMAP.Untagged {
		if u.Status == probes.IMAPBYE {
			return strings.TrimRight(u.Status.String()+" "+u.Words, ". ")
		}
	}
	return ""
}
