package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// StalwartAliasLogin is a login with an alias by an account that may not use one for that.
var StalwartAliasLogin = &Check{
	ID: "stalwart-alias-login", Group: GroupAccount, Title: "The login name is an alias, with which the account may not log in",
	Doc: Doc{
		Says:  "I log in with my other address, the one on my card. It worked before the new server.",
		Tells: "The login is one of the account's aliases and the permission authenticateWithAlias is missing; or the log says so in words, which it does at the level debug only. Stalwart answers as to a wrong password, and only to the right one.",
		Mistaken: []string{
			"A wrong password (wrong-password): the words are the same.",
			"The same name in another domain of the server: accounts that Stalwart itself checks may log in so.",
			"An app password: it may be used with an alias.",
			"An alias that is switched off (stalwart-account-unknown): to a login it does not exist.",
		},
	},
	Source: []Source{{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth/authentication.rs; read, not run", "https://github.com/stalwartlabs/stalwart"},
		{"Permissions: authenticateWithAlias (Stalwart documentation)", "https://stalw.art/docs/auth/authorization/permissions"}},
	Needs: []*Need{StalwartUser}, Uses: with(stalwartRights, StalwartDirectories, StalwartUserLog, Attempts),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller log in with the account's own address",
		Steps: []string{"Have the caller read out the user name that the mail program sends.",
			"Have the account's own address entered as the user name; the sender's address may stay as it is.",
			"If logins with aliases are meant to work, have the mail administrator give the account, or its role, the permission authenticateWithAlias."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: no password gets in with this address."},
	},
	Letter: Letter{
		Wrong: "The address with which the login is tried is a second address of your mailbox, and logins need the first one.",
		Do: []string{"Ask the helpdesk for the first address of your mailbox.",
			"Enter it as the user name in your mail program."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAliasLogin,
}

func stalwartAliasLogin(s *probes.Snapshot) Finding {
	u, f, ok := personFound(s, "whether the login may be an alias")
	if !ok {
		return f
	}
	id, known := s.Stalwart.Checks()
	internal := known && id == ""
	alias := userSaid(s, "emailAddress", fmt.Sprintf("%s; the login is %s, %s", u.Email, s.Target.User, aliasWords[u.Alias]), "")
	switch {
	case u.Alias == probes.StalwartNoAlias, u.Alias == probes.StalwartAliasOff:
		return Finding{Verdict: OK, Summary: "The login is no alias that is in use.", Evidence: []Evidence{alias}}
	case secretOf(s).AppPassword():
		return Finding{Verdict: OK, Summary: "The login is an alias, which an app password may be used with.", Evidence: []Evidence{alias}}
	case u.Alias == probes.StalwartAliasDomain && internal:
		return Finding{Verdict: OK, Summary: "The login is the account's name in another domain, which needs no permission.", Evidence: []Evidence{alias}}
	}
	r := s.Stalwart.Right(u, nil, probes.StalwartMayAlias)
	e := rightSaid(s, u, r, probes.StalwartMayAlias)
	lines := aliasRefused(s)
	problem := Finding{Verdict: Problem, Confidence: Likely, Evidence: append([]Evidence{alias, e}, stalwartLogged(s.Account.Stalwart.Log, lines)...),
		Summary: fmt.Sprintf("%s is an alias of %s, and the account may not log in with one.", s.Target.User, u.Email)}
	switch {
	case r.Answer == probes.StalwartYes:
		return Finding{Verdict: OK, Summary: "The login is an alias, and the account may log in with one.", Evidence: []Evidence{alias, e}}
	case r.Answer == probes.StalwartUnknown && len(lines) > 0:
		return problem
	case u.Alias == probes.StalwartAliasDomain && !known:
		return aliasUnknown(s, alias, "the login is the account's name in another domain, and which directory checks it")
	case r.Answer == probes.StalwartUnknown:
		return rightUnknown(s, r, e, "whether the account may log in with an alias")
	case u.Alias == probes.StalwartAliasDomain: // what is compared there is the directory's address, which may be this one
		problem.Evidence = append(problem.Evidence, whoChecks("a directory, whose address for the user is compared with the whole login", s))
	case len(lines) > 0, internal && ownPasswordGiven(s):
		problem.Confidence = Certain
	}
	return problem
}

var aliasWords = map[probes.StalwartAlias]string{probes.StalwartNoAlias: "the same", probes.StalwartAliasLogin: "an alias",
	probes.StalwartAliasDomain: "the same name in another domain", probes.StalwartAliasOff: "an alias that is switched off"}

func aliasUnknown(s *probes.Snapshot, alias Evidence, what string) Finding {
	look := lookOf(s.Stalwart.Authentication)
	if look == nil || look.Why == probes.Seen {
		look = &probes.Look{Probe: probes.ProbeStalwart, What: "x:Authentication/get", Why: probes.Unclear, Words: "the domain has a directory of its own", Source: alias.Source, At: alias.At}
	}
	f := undetermined(look, "whether the login may be an alias is not known: "+what+" could not be seen")
	f.Evidence = append(f.Evidence, alias)
	return f
}

// aliasReason is what the log says of such a login (S: common/src/auth/authentication.rs).
const aliasReason = "using an email alias"

// aliasRefused are the log's lines that say it in words. No app password's login comes so far.
func aliasRefused(s *probes.Snapshot) (out []probes.StalwartLogEvent) {
	for _, e := range stalwartRecent(s, probes.StalwartLogFailed) {
		if strings.Contains(strings.ToLower(e.Reason), aliasReason) {
			out = append(out, e)
		}
	}
	return out
}
