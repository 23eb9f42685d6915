package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// IMAPTooManyConnections is a user with more connections than the server allows.
var IMAPTooManyConnections = &Check{
	ID: "imap-too-many-connections", Group: GroupAccess, Title: "The user has too many connections open",
	Doc: Doc{
		Says:  "It works on some of my devices and not on others; it depends on how many are on.",
		Tells: "The server refuses the login with the code LIMIT, or says in words that there are too many connections. It says so only where the password is right. Stalwart counts IMAP and ManageSieve together, and tells its limit.",
		Mistaken: []string{
			"A wrong password: LIMIT comes after the password was found right.",
			"A whole service, or an address, at its limit (kerio-connection-limit): there the connection is turned away before any login.",
		},
	},
	Source: []Source{{"RFC 5530 §3, LIMIT", "https://www.rfc-editor.org/rfc/rfc5530#section-3"}, {"Dovecot 2.3 and Cyrus 3.6 over their limits; observed", ""},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/imap/src/op/authenticate.rs and crates/managesieve/src/op/authenticate.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{IMAPReach}, Uses: []*Need{Attempts, StalwartIMAP, StalwartUserLog},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Close the mail programs that are not needed, then try again",
		Steps: []string{"Have the caller close mail on every other device; the connections go within some minutes.",
			"Try again on the one device.",
			"If the caller needs that many devices, ask the mail administrator to raise the limit, or set the programs to fewer connections."},
		Disruption: "none for others; the caller's other devices are offline meanwhile",
		DoNot:      []string{"Do not reset the password: it is right."},
	},
	Letter: Letter{
		Wrong: "Too many of your devices and mail programs are connected at the same time.",
		Do: []string{"Close mail on every other device, and wait some minutes.",
			"Then try again on the one device.",
			"If you need that many devices, tell the helpdesk."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      imapTooManyConnections,
}

func imapTooManyConnections(s *probes.Snapshot) Finding {
	for _, who := range []probes.Who{probes.AttemptUser, probes.AttemptCanary} {
		a := s.Login.Attempt(who, probes.ServiceIMAP)
		if a == nil || a.IMAP == nil || a.IMAP.Accepted() && !byeAfterOK(a) || !tooMany(a.IMAP) {
			continue
		}
		f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{saidBy(a)}, Summary: "The server refuses a further connection of this user: " + quoted(a.IMAP) + "."}
		if who == probes.AttemptCanary {
			f.Verdict, f.Confidence = Notice, Likely
			f.Summary = "The canary has too many connections open, so it says nothing about logins now."
		}
		f.Evidence = append(f.Evidence, stalwartLimit(s)...)
		return f
	}
	if f, ok := limitAtStalwart(s); ok {
		return f
	}
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	switch {
	case a == nil:
		return Finding{Verdict: NotApplicable, Summary: "No login of this user was tried."}
	case a.Outcome == probes.Accepted || a.Outcome == probes.Refused:
		return Finding{Verdict: OK, Summary: "The server's answer does not speak of too many connections.", Evidence: []Evidence{saidBy(a)}}
	}
	return undetermined(&probes.Look{What: "IMAP login", Why: a.Why, Words: a.Reason, Source: a.Server, At: a.At}, "whether the user has too many connections is not known: no login was answered")
}

// limitAtStalwart: ManageSieve said it in this run; or the log says that it was so within the hour, which may be over.
func limitAtStalwart(s *probes.Snapshot) (Finding, bool) {
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceManageSieve); a != nil && a.Sieve != nil && a.Sieve.Status == probes.SieveNO && containsAny(a.Sieve.Words, limitWords) {
		return Finding{Verdict: Problem, Confidence: Certain, Evidence: append([]Evidence{said(a)}, stalwartLimit(s)...),
			Summary: "Stalwart refuses a further connection of this user: " + a.Sieve.Words + "."}, true
	}
	if s.Account.Stalwart == nil {
		return Finding{}, false
	}
	var late []probes.StalwartLogEvent
	for _, e := range stalwartRecent(s, probes.StalwartLogConcurrent) {
		if s.Account.Stalwart.Log.At.Sub(e.At) <= fresh {
			late = append(late, e)
		}
	}
	if len(late) == 0 {
		return Finding{}, false
	}
	return Finding{Verdict: Notice, Confidence: Likely, Evidence: append(stalwartLogged(s.Account.Stalwart.Log, late), stalwartLimit(s)...),
		Summary: "Stalwart refused a further connection of this user within the last hour; whether it does now is not known."}, true
}

// stalwartLimit is Stalwart's limit of one user's connections.
func stalwartLimit(s *probes.Snapshot) []Evidence {
	if s.Stalwart == nil || !s.Stalwart.IMAP.OK() {
		return nil
	}
	o := s.Stalwart.IMAP
	e := Evidence{Fact: "maxConcurrent of x:Imap", Observed: fmt.Sprintf("%d connections of one user", o.Value.MaxConcurrent), Source: o.Source, At: o.At}
	if o.Value.MaxConcurrent == 0 {
		e.Observed = "no limit"
	}
	return []Evidence{e}
}
