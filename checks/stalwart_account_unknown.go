package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// StalwartAccountUnknown is a login name of which Stalwart makes no account.
var StalwartAccountUnknown = &Check{
	ID: "stalwart-account-unknown", Group: GroupAccount, Title: "Stalwart has no such account, or does not serve the domain",
	Doc: Doc{
		Says:  "It says wrong password, and I am sure that it is right. The mail program was set up lately, or my name has changed.",
		Tells: "The login's domain is none of x:Domain, to which the server answers with the bare domain as its words; or no account and no alias that is on has the name; or the name is a group's. Where a directory checks passwords, accounts are made at their first login: there the server's word counts, that its search in the directory found nobody.",
		Mistaken: []string{
			"A wrong password (wrong-password): for an unknown account the words are the same.",
			"A user of the directory who never logged in: Stalwart makes the account at the first login.",
			"An account that was made minutes ago: the server may remember for a while that there was none.",
			"A short name without a domain: the server puts its default domain behind it, so that it may be somebody else's.",
			"A mailing list: it takes mail, and nobody logs in as one.",
		},
	},
	Source: []Source{{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth/authentication.rs and cache/principals.rs; read, not run", "https://github.com/stalwartlabs/stalwart"},
		{"LDAP directories (Stalwart documentation)", "https://stalw.art/docs/auth/backend/ldap"}},
	Needs: []*Need{stalwartNames}, Uses: with(mapping, StalwartSystem, StalwartUserLog),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller read out the user name that the mail program sends, and compare it with the account's address in Stalwart",
		Steps: []string{"Have the caller read out the user name letter by letter, what follows the @ too.",
			"If it is a short name, have the whole e-mail address entered.",
			"Look in Stalwart for the account, its aliases and its domain: an alias that is switched off, and a domain that is not there, both keep logins out.",
			"If something is missing, ask the mail administrator whether it was ever made, renamed or deleted.",
			"Run logindoctor again with the name that was found."},
		Disruption: "none",
		DoNot:      []string{"Do not reset a password: no password helps a name that does not exist.", "Do not make a second account under the mistyped name."},
	},
	Letter: Letter{
		Wrong: "The mail server has no mailbox for the user name with which the login is tried.",
		Do: []string{"Read the user name out to the helpdesk as it stands in your mail program, letter by letter, with what follows the @.",
			"If it is a short name, enter your whole e-mail address instead."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAccountUnknown,
}

var stalwartGroupRemedy = Remedy{
	Do: "Have the caller log in with an account of their own, and share the group's mailbox with it",
	Steps: []string{"Have the caller's own address entered as the user name.",
		"If the caller is not a member of the group, have the mail administrator add the account to it.",
		"Have the caller open the group's folders from there."},
	Disruption: "none",
	DoNot:      []string{"Do not reset a password: a group has none."},
}

var stalwartFilterRemedy = Remedy{
	Do: "Compare the user's entry in the directory with the search that Stalwart makes there",
	Steps: []string{"Look up filterLogin and baseDn of the directory in Stalwart: the login as typed stands in the filter.",
		"Run that search with the address that the caller uses.",
		"If the entry lacks the address, have the directory's administrator add it; if the filter or the base leaves the entry out, have the mail administrator mend those.",
		"If the caller gives a short name, have the whole e-mail address entered."},
	Disruption: "none",
	DoNot:      []string{"Do not reset a password: it was not looked at."},
}

// stalwartCacheRemedy: S: common/src/cache/principals.rs keeps that there was no account.
var stalwartCacheRemedy = Remedy{
	Do: "Ask when the account was made, and have the server's caches invalidated if it was not long before",
	Steps: []string{"Compare the time of the log line with that at which the account or its alias was made.",
		"If the account was there before, have the mail administrator invalidate the caches."},
	Disruption: "none",
	DoNot:      []string{"Do not reset a password: the name was at fault."},
}

// stalwartNames: the lists decide, and the server's word may say it where they could not be read.
var stalwartNames = &Need{Name: "the account's mail domain (x:Domain) and the account (x:Account)", Missing: noStalwart, configured: hasStalwart,
	looks: func(s *probes.Snapshot) []*probes.Look {
		if s.Stalwart == nil || s.Account.Stalwart == nil {
			return nil
		}
		return []*probes.Look{{Probe: probes.ProbeStalwart, What: "x:Account/get"}}
	},
	hand: handAll(StalwartDomain, StalwartUser, Attempts)}

func stalwartAccountUnknown(s *probes.Snapshot) Finding {
	if a := acceptedHere(s); a != nil {
		return Finding{Verdict: OK, Summary: "Stalwart accepted a login under this name, so it knows it.", Evidence: []Evidence{said(a)}}
	}
	domain := s.Stalwart.Domain
	if f, ok := unknownByWords(s); ok {
		return f
	}
	look, read := userRead(s)
	if strings.Contains(s.Target.User, "%") { // S: UsernameParts: account%master, with the master's password
		unclear := *look
		unclear.Why, unclear.Words = probes.Unclear, s.Target.User
		return undetermined(&unclear, "whether Stalwart has this account is not known: with a % in it this is a master user's login, which cannot be looked up")
	}
	if domain.OK() && domain.Value.Found == probes.StalwartNo {
		return Finding{Verdict: Problem, Confidence: Certain, Summary: fmt.Sprintf("Stalwart does not serve the domain %s.", domain.Value.Asked),
			Evidence: []Evidence{{Fact: "x:Domain", Observed: fmt.Sprintf("no %s among %d domains and their aliases", domain.Value.Asked, domain.Value.Seen), Expected: "one", Source: domain.Source, At: domain.At}}}
	}
	lines := nobodyLogged(s)
	notKnown := undetermined(look, "whether Stalwart has this account is not known: it could not be read")
	if !read {
		return nobodyByLog(s, lines, notKnown)
	}
	u := s.Account.Stalwart.User.Value
	switch {
	case u.Found == probes.StalwartUnknown:
		unclear := *look
		unclear.Why, unclear.Words = probes.Unclear, "not found, and not all could be searched"
		return nobodyByLog(s, lines, undetermined(&unclear, "whether Stalwart has this account is not known: not all accounts and aliases could be searched"))
	case u.Found == probes.StalwartNo:
		return notAmongAccounts(s, "no such account, and no alias that is on", fmt.Sprintf("Stalwart has no account %s.", named(s)))
	case u.Kind == probes.StalwartGroup:
		return Finding{Verdict: Problem, Confidence: Certain, Remedy: &stalwartGroupRemedy, Evidence: []Evidence{userSaid(s, "@type", "Group", "User")},
			Summary: fmt.Sprintf("%s is a group, as which nobody can log in.", s.Target.User)}
	case u.Alias == probes.StalwartAliasOff:
		return notAmongAccounts(s, "an alias of "+u.Email+" that is switched off", fmt.Sprintf("%s is an alias that is switched off: to a login it does not exist.", s.Target.User))
	}
	e := userSaid(s, "emailAddress", u.Email, "")
	if named(s) != s.Target.User {
		e.Observed += "; the login names no domain, so that it means " + named(s)
	}
	if len(lines) > 0 {
		return Finding{Verdict: Notice, Confidence: Possible, Remedy: &stalwartCacheRemedy, Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), e),
			Summary: "Stalwart has the account, and its log says within the last day that there is none: was it made since?"}
	}
	return Finding{Verdict: OK, Summary: "Stalwart has the account.", Evidence: []Evidence{e}}
}

// named is the login with its domain: Stalwart puts the default one behind a bare name.
func named(s *probes.Snapshot) string {
	if d := s.Stalwart.Domain; !strings.Contains(s.Target.User, "@") && d.OK() && d.Value.Asked != "" {
		return s.Target.User + "@" + d.Value.Asked
	}
	return s.Target.User
}

// notAmongAccounts: where Stalwart itself checks the secret that settles it. Where a directory does, the directory is asked first.
func notAmongAccounts(s *probes.Snapshot, observed, summary string) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Summary: summary, Evidence: []Evidence{userSaid(s, "x:Account/query", observed, "one account")}}
	id, known := s.Stalwart.Checks()
	switch {
	case secretOf(s).AppPassword(), known && id == "":
		f.Evidence = append(f.Evidence, stalwartLogged(s.Account.Stalwart.Log, nobodyLogged(s))...)
		return f
	case !known:
		look := lookOf(s.Stalwart.Authentication)
		if look == nil || look.Why == probes.Seen {
			look = &probes.Look{Probe: probes.ProbeStalwart, What: "x:Authentication/get", Why: probes.Unclear, Words: "the domain has a directory of its own"}
		}
		u := undetermined(look, "whether the account is missing is not known: with a directory, Stalwart makes accounts at their first login")
		u.Evidence = append(u.Evidence, f.Evidence...)
		return u
	}
	f.Evidence = append(f.Evidence, whoChecks("a directory, from which Stalwart makes accounts at their first login", s))
	if directoryChecks(s) == yes {
		for _, d := range s.Account.Directory {
			if d.Entry.OK() && len(d.Entry.Value.Matches) == 1 {
				f.Verdict, f.Confidence, f.Summary = OK, 0, "The directory has the user, and Stalwart makes the account at the first login."
				f.Evidence = append(f.Evidence, Evidence{Fact: "search for the account", Observed: d.Entry.Value.Matches[0], Source: d.Server, At: d.Entry.At})
				return f
			}
		}
	}
	look := s.Account.Stalwart.User.Look
	look.Why, look.Words = probes.Unclear, "no account yet"
	u := undetermined(&look, "whether the name is at fault is not known: Stalwart has no account yet, and whether its directory has the user was not seen")
	u.Evidence = f.Evidence
	return u
}

// nobodyWords are Stalwart's own where its search in a directory found nobody (S: directory/src/backend/ldap/lookup.rs, sql/lookup.rs).
var nobodyWords = []string{"lookup filter yielded no results", "authentication filter yielded no results", "login query did not return an account"}

// unknownByWords is what the server said to this run's login: the bare domain, or that its directory has nobody.
func unknownByWords(s *probes.Snapshot) (Finding, bool) {
	words, e := loudRefusal(s)
	if a := refusal(s, probes.AttemptUser); a != nil {
		words, e = a.IMAP.Words, saidBy(a)
	}
	words = strings.TrimSpace(words)
	domain := named(s)[strings.LastIndexByte(named(s), '@')+1:]
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{e}}
	switch {
	case words == "":
	case strings.EqualFold(words, domain):
		f.Summary = fmt.Sprintf("Stalwart does not serve the domain %s: it answers the login with that name alone.", domain)
		return f, true
	default:
		for _, w := range nobodyWords {
			if strings.Contains(strings.ToLower(words), w) {
				f.Owner, f.Remedy = OwnerMailAdmin, &stalwartFilterRemedy
				f.Summary = fmt.Sprintf("The search that Stalwart makes in its directory finds nobody by the name %s.", s.Target.User)
				return f, true
			}
		}
	}
	return f, false
}

// nobodyReason is what the log says of a name that has no account, at the level debug.
const nobodyReason = "account not found"

func nobodyLogged(s *probes.Snapshot) (out []probes.StalwartLogEvent) {
	for _, e := range stalwartRecent(s, probes.StalwartLogFailed) {
		if strings.Contains(strings.ToLower(e.Reason), nobodyReason) {
			out = append(out, e)
		}
	}
	return out
}

// nobodyByLog: the account was not seen, so only the log can tell. It speaks of the name, whoever tried it.
func nobodyByLog(s *probes.Snapshot, lines []probes.StalwartLogEvent, notKnown Finding) Finding {
	if len(lines) == 0 {
		return notKnown
	}
	return Finding{Verdict: Problem, Confidence: Likely, Evidence: stalwartLogged(s.Account.Stalwart.Log, lines),
		Summary: fmt.Sprintf("Stalwart's log says that there is no account %s.", s.Target.User)}
}
