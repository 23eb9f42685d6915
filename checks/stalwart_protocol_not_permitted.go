package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// StalwartProtocolNotPermitted is an account without the permission for IMAP.
var StalwartProtocolNotPermitted = &Check{
	ID: "stalwart-protocol-not-permitted", Group: GroupAccess, Title: "The account may not use IMAP at Stalwart",
	Doc: Doc{
		Says:  "Webmail works, the mail program just loses the connection.",
		Tells: "The permission imapAuthenticate, put together from the account's own list, its roles and those that they extend; or security.unauthorized with that detail in the log, where nothing but the account can be meant. To the client the server says nothing: it closes the connection.",
		Mistaken: []string{
			"An app password whose own list leaves imapAuthenticate out: only that one fails.",
			"An own password past its end (stalwart-password-expired): it loses this permission too, and the account keeps it.",
			"An account that may not log in at all (stalwart-login-not-permitted): webmail fails as well.",
			"A banned address (stalwart-ip-banned): there is not even a greeting.",
		},
	},
	Source: []Source{{"Permissions (Stalwart documentation)", "https://stalw.art/docs/auth/authorization/permissions"},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/imap/src/op/authenticate.rs and crates/imap/src/core/session.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{StalwartUser}, Uses: with(stalwartRights, StalwartUserLog, Attempts),
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: stalwartProtocolRemedy,
	Letter: Letter{
		Wrong: "Your mailbox may be used in webmail, and not with a mail program.",
		Do:    append([]string{"Use webmail for now."}, askManager...),
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin},
	Run:      stalwartProtocolNotPermitted,
}

var stalwartProtocolRemedy = Remedy{
	Do: "Ask whether mail programs were forbidden to the account on purpose, then give it the permission imapAuthenticate back",
	Steps: []string{"Ask whoever is responsible for the account or its role whether that was meant.",
		"Look which of them takes the permission away: the account's own list, or a role; what is disabled anywhere is off, whatever else enables it.",
		"Take it out of the disabled permissions there, or add it where nothing grants it.",
		"Until then have the caller use webmail."},
	Disruption: "none",
	DoNot:      []string{"Do not reset the password: the connection closes after the right one."},
}

func stalwartProtocolNotPermitted(s *probes.Snapshot) Finding {
	const permission = probes.StalwartMayIMAP
	u, f, ok := personFound(s, "whether the account may use IMAP")
	if !ok {
		return f
	}
	r := s.Stalwart.Right(u, nil, permission)
	e := rightSaid(s, u, r, permission)
	accepted := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	if accepted != nil && accepted.Outcome != probes.Accepted {
		accepted = nil
	}
	lines := lackedByAccount(s, u, permission)
	switch {
	case r.Answer == probes.StalwartNo:
		return imapTaken(s, u, r, e, accepted)
	case accepted != nil:
		return Finding{Verdict: OK, Summary: "IMAP accepted a login of this user.", Evidence: []Evidence{e, said(accepted)}}
	case r.Answer == probes.StalwartUnknown && len(lines) > 0:
		f = Finding{Verdict: Problem, Confidence: Likely, Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), e), Remedy: remedyWith(stalwartProtocolRemedy, seeAccount(s)),
			Summary: fmt.Sprintf("Stalwart's log refuses %s for want of the permission imapAuthenticate.", s.Target.User)}
		if !usedOverMail(s) {
			f.Verdict = Notice
		}
		return f
	case r.Answer == probes.StalwartUnknown:
		return rightUnknown(s, r, e, "whether the account may use IMAP")
	case len(lines) > 0:
		return Finding{Verdict: Notice, Confidence: Likely, Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), e),
			Summary: fmt.Sprintf("Stalwart refused IMAP to %s within the last day for want of the permission imapAuthenticate; the account has it now.", s.Target.User)}
	}
	return Finding{Verdict: OK, Summary: "The account may use IMAP.", Evidence: []Evidence{e}}
}

// imapTaken: the account lacks the permission. It is the cause where it is needed, and where the login comes so far.
func imapTaken(s *probes.Snapshot, u probes.StalwartUser, r probes.StalwartRight, e Evidence, accepted *probes.Attempt) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: append([]Evidence{e}, stalwartLogged(s.Account.Stalwart.Log, lacked(s, probes.StalwartMayIMAP))...), Remedy: remedyWith(stalwartProtocolRemedy, seeAccount(s)),
		Summary: fmt.Sprintf("%s may not use IMAP: the permission imapAuthenticate is missing; %s.", s.Target.User, takenBy(s, r))}
	switch login := s.Stalwart.Right(u, nil, probes.StalwartMayLogin); {
	case accepted != nil:
		f.Verdict, f.Confidence, f.Evidence = Notice, Likely, append(f.Evidence, said(accepted))
		f.Summary += " Yet IMAP accepted a login of this user in this run."
	case !usedOverMail(s):
		f.Verdict = Notice
		f.Summary += " The secret is used at the API or webmail, which do not ask for it."
	case login.Answer == probes.StalwartNo:
		f.Verdict, f.Evidence = Notice, append(f.Evidence, rightSaid(s, u, login, probes.StalwartMayLogin))
		f.Summary += " It may not log in at all."
	default:
		if a := closedMute(s); a != nil {
			f.Evidence = append(f.Evidence, said(a))
		}
	}
	return f
}
