package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// StalwartLoginNotPermitted is an account without the permission authenticate: Stalwart has no other switch that disables one.
var StalwartLoginNotPermitted = &Check{
	ID: "stalwart-login-not-permitted", Group: GroupAccount, Title: "The account may not log in to Stalwart",
	Doc: Doc{
		Says:  "From one day to the next nothing works any more, on no device and not in webmail; the program just loses the connection.",
		Tells: "The permission authenticate, put together from the account's own list, its roles and those that they extend; or ManageSieve's NO \"authenticate\" to a login with the account's own password; or security.unauthorized with that detail in the log, where no app password's list can be meant.",
		Mistaken: []string{
			"A banned address (stalwart-ip-banned): it gets no greeting at all, and other addresses do.",
			"An app password whose own list leaves authenticate out: only that one fails.",
			"An own password past its end (stalwart-password-expired): IMAP closes in the same way, and the session of webmail is given.",
			"A wrong password: that is answered in words.",
		},
	},
	Source: []Source{{"Permissions (Stalwart documentation)", "https://stalw.art/docs/auth/authorization/permissions"},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth/authentication.rs and permissions.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{stalwartWord}, Uses: with(stalwartRights, StalwartUserLog),
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: stalwartDisabledRemedy,
	Letter: Letter{
		Wrong: "Your mail account is switched off.",
		Do:    []string{"Ask whoever is responsible for your account whether that was meant."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin},
	Outlasts: []*Check{StalwartAliasLogin, StalwartPasswordExpired, StalwartProtocolNotPermitted},
	Run:      stalwartLoginNotPermitted,
}

var stalwartDisabledRemedy = Remedy{
	Do: "Ask why the account may not log in, then give it the permission authenticate back",
	Steps: []string{"Ask whoever is responsible for the account whether it was switched off on purpose.",
		"Look which of them takes the permission away: the account's own list, or a role; what is disabled anywhere is off, whatever else enables it.",
		"Take it out of the disabled permissions there, or add it where nothing grants it.",
		"If it is a role's, see who else has that role: all of them are kept out."},
	Disruption: "none",
	DoNot:      []string{"Do not reset the password: a new one does not give the permission back."},
}

func stalwartLoginNotPermitted(s *probes.Snapshot) Finding {
	const permission = probes.StalwartMayLogin
	words, word := loudRefusal(s)
	own := words == permission && !secretOf(s).AppPassword()
	if look, ok := userRead(s); !ok {
		if own {
			return notPermittedByWord(s, word)
		}
		return undetermined(look, "whether the account may log in is not known: it could not be read")
	}
	u, f, ok := personFound(s, "whether the account may log in")
	if !ok {
		return f
	}
	r := s.Stalwart.Right(u, nil, permission)
	e := rightSaid(s, u, r, permission)
	a := acceptedHere(s)
	switch lines := lackedByAccount(s, u, permission); {
	case r.Answer == probes.StalwartNo:
		f = Finding{Verdict: Problem, Confidence: Certain, Evidence: append([]Evidence{e}, stalwartLogged(s.Account.Stalwart.Log, lacked(s, permission))...), Remedy: remedyWith(stalwartDisabledRemedy, seeAccount(s)),
			Summary: fmt.Sprintf("%s may not log in to Stalwart: the permission authenticate is missing; %s.", s.Target.User, takenBy(s, r))}
		if own {
			f.Evidence = append(f.Evidence, word)
		}
		if a != nil && a.Service != probes.ServiceIMAP { // one over IMAP is weighed with those of other checks
			f.Confidence, f.Evidence = Likely, append(f.Evidence, said(a))
		}
		return f
	case a != nil:
		return Finding{Verdict: OK, Summary: "Stalwart accepted a login of this user.", Evidence: []Evidence{e, said(a)}}
	case own:
		f = notPermittedByWord(s, word)
		f.Evidence = append(f.Evidence, e)
		if r.Answer == probes.StalwartYes {
			f.Confidence = Likely
		}
		return f
	case r.Answer == probes.StalwartUnknown && len(lines) > 0:
		return Finding{Verdict: Problem, Confidence: Likely, Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), e), Remedy: remedyWith(stalwartDisabledRemedy, seeAccount(s)),
			Summary: fmt.Sprintf("Stalwart's log refuses %s for want of the permission authenticate.", s.Target.User)}
	case r.Answer == probes.StalwartUnknown && words == probes.StalwartMaySieve: // it is asked after authenticate
		return Finding{Verdict: OK, Summary: "Stalwart took the login, and refused ManageSieve alone.", Evidence: []Evidence{word}}
	case r.Answer == probes.StalwartUnknown:
		return rightUnknown(s, r, e, "whether the account may log in")
	case len(lines) > 0:
		return Finding{Verdict: Notice, Confidence: Likely, Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), e),
			Summary: fmt.Sprintf("Stalwart refused %s within the last day for want of the permission authenticate; the account has it now.", s.Target.User)}
	}
	return Finding{Verdict: OK, Summary: "The account may log in to Stalwart.", Evidence: []Evidence{e}}
}

func notPermittedByWord(s *probes.Snapshot, word Evidence) Finding {
	return Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{word}, Remedy: remedyWith(stalwartDisabledRemedy, seeAccount(s)),
		Summary: fmt.Sprintf("Stalwart refuses %s for want of the permission authenticate.", s.Target.User)}
}
