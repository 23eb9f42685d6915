package checks

import (
	"logindoctor.example/probes"
)

// IMAPUnavailable is the server's own word that it cannot tell now.
var IMAPUnavailable = &Check{
	ID: "imap-unavailable", Group: GroupMail, Title: "The mail server says that it cannot check logins now",
	Doc: Doc{
		Says:  "It worked this morning; now nobody in my office can log in.",
		Tells: "The IMAP server greets with BYE, or answers a login with UNAVAILABLE, CONTACTADMIN or BYE: it says that it could not tell, not that the password is wrong. Where Stalwart was asked elsewhere, TRYLATER over ManageSieve or a status of 500 and above over HTTP says the same.",
		Mistaken: []string{
			"A wrong password: with UNAVAILABLE the password was not even checked.",
			"A login that an administrator switched off: there CONTACTADMIN comes with that reason in words.",
		},
	},
	Source: []Source{{"RFC 5530 §3, UNAVAILABLE and CONTACTADMIN", "https://www.rfc-editor.org/rfc/rfc5530#section-3"}, {"RFC 5804 §1.3, TRYLATER", "https://www.rfc-editor.org/rfc/rfc5804#section-1.3"},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/imap-proto/src/protocol/mod.rs and crates/jmap/src/api/mod.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{IMAPGreeted}, Uses: []*Need{Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the mail server's log read for what it could not reach",
		Steps: []string{"Look in the mail server's log at the time of the evidence for its directory, database or storage.",
			"Mend what it names there; logins then work again by themselves."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it was not checked."},
	},
	Letter: Letter{
		Wrong: "The mail server cannot check logins at the moment.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin},
	Run:      imapUnavailable,
}

// IMAPGreeted is how the IMAP server meets a connection. A server that says BYE closes it: then the greeting was seen all the same.
// Where no IMAP server is named, Stalwart is asked elsewhere.
var IMAPGreeted = &Need{Name: "the IMAP greeting", Missing: noIMAP, configured: func(t *probes.Target) bool { return hasIMAP(t) || onStalwart(t) },
	looks: func(s *probes.Snapshot) []*probes.Look {
		all := append(IMAPReach.looks(s), byeGreeting(s))
		if !hasIMAP(&s.Target) {
			all = append(all, StalwartReach.looks(s)...)
		}
		return all
	},
	hand: handAll(IMAPReach, IMAPGreeting)}

// byeGreeting is the look at a greeting that turns the connection away.
func byeGreeting(s *probes.Snapshot) *probes.Look {
	if s.IMAP == nil || !s.IMAP.Greeting.OK() || s.IMAP.Greeting.Value.Status != probes.IMAPBYE {
		return nil
	}
	return &s.IMAP.Greeting.Look
}

func imapUnavailable(s *probes.Snapshot) Finding {
	if byeGreeting(s) != nil {
		g := s.IMAP.Greeting
		return Finding{Verdict: Problem, Confidence: Certain, Scope: ScopeEveryone,
			Summary:  "The IMAP server turns connections away with its greeting.",
			Evidence: []Evidence{{Fact: "greeting", Observed: "* BYE " + g.Value.Words, Expected: "* OK", Source: g.Source, At: g.At}}}
	}
	user, canary := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP), s.Login.Attempt(probes.AttemptCanary, probes.ServiceIMAP)
	if f, ok := couldNotTell(user, canary); ok {
		return withTrouble(s, f)
	}
	if f, ok := stalwartTrouble(s); ok {
		return f
	}
	for _, a := range []*probes.Attempt{user, canary} {
		if a != nil && (a.Outcome == probes.Accepted || a.Outcome == probes.Refused) {
			return Finding{Verdict: OK, Summary: "The IMAP server answers logins with a clear yes or no.", Evidence: []Evidence{saidBy(a)}}
		}
	}
	for _, a := range []*probes.Attempt{user, canary} {
		if a != nil && a.Outcome == probes.Unanswered {
			return undetermined(&probes.Look{What: "IMAP login", Why: a.Why, Words: a.Reason, Source: a.Server, At: a.At}, "the IMAP server greets and gave no answer to a login")
		}
	}
	if !hasIMAP(&s.Target) {
		return Finding{Verdict: NotApplicable, Summary: "The profile names no IMAP server, and no answer of Stalwart's speaks of its own trouble."}
	}
	if s.IMAP.Greeting.OK() {
		return Finding{Verdict: OK, Summary: "The IMAP server greets; no login was tried."}
	}
	return undetermined(greetingLook(s), "the IMAP server gave no greeting")
}

// troubles are this run's logins as the user at ManageSieve or over HTTP that Stalwart did not judge. It says TRYLATER, too,
// where the user has too many connections.
func troubles(s *probes.Snapshot) (out []Evidence) {
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceManageSieve); a != nil && a.Sieve != nil && a.Sieve.Code == tryLater && !containsAny(a.Sieve.Words, limitWords) {
		out = append(out, said(a))
	}
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI); a != nil && a.HTTP != nil && a.HTTP.Refusal == probes.StalwartTrouble {
		out = append(out, said(a))
	}
	return out
}

func withTrouble(s *probes.Snapshot, f Finding) Finding {
	f.Evidence = append(f.Evidence, troubles(s)...)
	return f
}

func stalwartTrouble(s *probes.Snapshot) (f Finding, found bool) {
	f = Finding{Verdict: Problem, Confidence: Likely, Evidence: troubles(s)}
	if len(f.Evidence) > 0 {
		f.Summary = "Stalwart could not check the login: " + f.Evidence[0].Fact + " " + f.Evidence[0].Observed + "."
	}
	return f, len(f.Evidence) > 0
}

// couldNotTell finds a login that the server did not judge. Only UNAVAILABLE says just that: CONTACTADMIN may also be about
// this one account, and BYE about this one connection.
func couldNotTell(user, canary *probes.Attempt) (f Finding, found bool) {
	f = Finding{Verdict: Problem, Confidence: Likely}
	for _, a := range []*probes.Attempt{user, canary} {
		if a == nil || a.IMAP == nil || !unavailable(a.IMAP) {
			continue
		}
		f.Evidence = append(f.Evidence, saidBy(a))
		if a.IMAP.Code == probes.CodeUnavailable {
			f.Confidence = Certain
		}
		if a == canary {
			f.Scope = ScopeEveryone
		}
		if f.Summary == "" {
			f.Summary = "The IMAP server could not check the login: " + quoted(a.IMAP) + "."
		}
	}
	if f.Scope == ScopeEveryone && user != nil && user.Outcome == probes.Accepted {
		f.Verdict, f.Confidence, f.Scope = Notice, Likely, ScopeUser
		f.Summary = "The IMAP server could not check the canary's login, and it accepts this user's."
	}
	if user != nil && user.IMAP != nil && unavailable(user.IMAP) && says(user.IMAP, offWords) {
		f.Verdict, f.Confidence = Notice, Likely
		f.Summary = "The IMAP server sends the user to an administrator, for a login that is switched off: " + quoted(user.IMAP) + "."
	}
	return f, f.Summary != ""
}

func greetingLook(s *probes.Snapshot) *probes.Look {
	if l := lookOf(s.IMAP.Greeting); l != nil {
		return l
	}
	return reachLook(probes.ProbeIMAP, s.IMAP.Reach)
}

// unavailableCode: the server speaks of itself or of an administrator, not of the password.
func unavailableCode(c probes.IMAPCode) bool {
	return c == probes.CodeUnavailable || c == probes.CodeContactAdmin
}

func unavailable(o *probes.IMAPOutcome) bool {
	bye := o.Status == probes.IMAPBYE && o.Code != probes.CodeAuthenticationFailed && !tooMany(o) && !wantsTLS(o)
	return !o.Accepted() && (unavailableCode(o.Code) || bye)
}
