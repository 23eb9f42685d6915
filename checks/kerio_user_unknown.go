package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// KerioUserUnknown is a login name that Kerio Connect does not have.
var KerioUserUnknown = &Check{
	ID: "kerio-user-unknown", Group: GroupAccount, Title: "Kerio Connect has no user by this name",
	Doc: Doc{
		Says:  "It says unknown user, or just that it cannot log in. The mail program was set up lately, or the name has changed.",
		Tells: "Users.get, read to its end, holds no such login name and no such alias in the domain of the address, or the primary one where the address names none; or the security log says \"User … doesn't exist\" of this name, for an address of the user's, within a day and with no login since.",
		Mistaken: []string{
			"A wrong password (wrong-password): the server's reply is often the same; the list of users tells.",
			"Another address of a user who exists: an e-mail alias, or a domain alias, which Kerio does not take for logins everywhere.",
			"A short name of a domain that is not the primary one: there the whole address has to be given.",
			"A directory user whom nobody activated (kerio-user-not-activated).",
			"A directory that does not answer Kerio: its users may be missing from the list then.",
		},
	},
	Source: []Source{{"User … doesn't exist: log lines of Kerio Connect among fail2ban's samples", "https://github.com/fail2ban/fail2ban/blob/master/fail2ban/tests/files/logs/kerio"},
		{"Domains: only the primary one may be left out (Kerio MailServer, administrator's guide)", "http://www.kerio.com/manual/kms/en/chap-domains.html"},
		{"Creating aliases: no login with a domain alias (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/creating-aliases-in-kerio-connect-1123.html"}},
	Needs: []*Need{kerioNames}, Uses: []*Need{KerioDomain, KerioBindTest, KerioAuditLog, KerioClock, Attempts},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller read out the user name that the mail program sends, and compare it with the login name in Kerio",
		Steps: []string{"Have the caller read out the user name letter by letter, what follows the @ too.",
			"If it is a short name, have the whole e-mail address entered: only users of the primary domain may leave the domain out.",
			"Look the person up in Kerio's administration under Accounts > Users, also in the other domains: a login name may differ from the e-mail address.",
			"If the person is not there, ask the mail administrator whether the mailbox was ever made, renamed or deleted.",
			"Run logindoctor again with the login name that was found."},
		Disruption: "none",
		DoNot:      []string{"Do not reset a password: no password helps a name that does not exist.", "Do not make a second mailbox under the mistyped name."},
	},
	Letter: Letter{
		Wrong: "The mail server does not know the user name with which the login is tried.",
		Do: []string{"Read the user name out to the helpdesk as it stands in your mail program, letter by letter, with what follows the @.",
			"If it is a short name, enter your whole e-mail address instead."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      kerioUserUnknown,
}

// kerioNames: the list of users decides, and Kerio's log may say it where the list could not be read.
var kerioNames = &Need{Name: "the user's row (Users.get), or Kerio's security log", Missing: noKerio, configured: hasKerio,
	looks: func(s *probes.Snapshot) []*probes.Look {
		return append(KerioUser.looks(s), KerioSecurityLog.looks(s)...)
	},
	hand: handAll(KerioUser, KerioSecurityLog)}

func kerioUserUnknown(s *probes.Snapshot) Finding {
	user := s.Account.Kerio.User
	a := acceptedHere(s)
	switch {
	case a != nil:
		return Finding{Verdict: OK, Summary: "The mail server accepted a login under this name, so it knows it.", Evidence: []Evidence{said(a)}}
	case user == nil:
		return unknownByLog(s, &probes.Look{Probe: probes.ProbeKerio, What: "Users.get", Why: probes.Unclear, Words: "not looked at"})
	case !user.OK():
		return unknownByLog(s, &user.Look)
	case !user.Value.Found:
		return notListed(s)
	}
	row := Evidence{Fact: "loginName", Observed: user.Value.LoginName, Source: user.Source, At: user.At}
	if other := otherAddress(s); other != "" {
		row.Observed += "; " + s.Target.User + " is " + other
		return anotherAddress(s, row)
	}
	if d := s.Kerio; d != nil && d.Domain.OK() && !d.Domain.Value.Primary {
		row.Observed += "; its domain is not the primary one, so that the whole address is the user name"
	}
	if _, line := unknownLine(s); line != nil && line.Ours {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append(logged(s.Account.Kerio.Log, []probes.KerioLogEvent{*line}), row),
			Summary: "Kerio Connect lists the user, and its log says of this run's login that there is none."}
	}
	return Finding{Verdict: OK, Summary: "Kerio Connect knows the user.", Evidence: []Evidence{row}}
}

// notListed: the list was read to its end. Users of a directory may be missing from it while Kerio gets no answer from there.
func notListed(s *probes.Snapshot) Finding {
	user := s.Account.Kerio.User
	f := Finding{Verdict: Problem, Confidence: Certain, Summary: fmt.Sprintf("Kerio Connect knows no user by the name %s.", s.Target.User),
		Evidence: []Evidence{{Fact: "Users.get", Observed: "no such login name, and no such alias", Expected: "one user", Source: user.Source, At: user.At}}}
	if !strings.Contains(s.Target.User, "@") {
		f.Summary = fmt.Sprintf("Kerio Connect knows no user %s in its primary domain; people of other domains have to give the whole address.", s.Target.User)
	}
	log, line := unknownLine(s)
	if line != nil {
		f.Evidence = append(f.Evidence, logged(log, []probes.KerioLogEvent{*line})...)
	}
	test := kerioTest(s)
	switch {
	case kerioWithout(s), line != nil && line.Ours:
	case test == nil:
		f.Confidence = Likely
	case len(test.Value.Errors) > 0:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append(f.Evidence, kerioTestSaid(test)),
			Summary: "Kerio Connect lists no such user, but it gets no good answer from its directory, whose users may be missing from the list."}
	}
	return f
}

// unknownByLog: the list of users was not seen, so only Kerio's log can tell.
func unknownByLog(s *probes.Snapshot, list *probes.Look) Finding {
	f, ok := unknownLogged(s, fmt.Sprintf("Kerio Connect's log says that there is no user %s.", s.Target.User))
	switch {
	case ok && f.Verdict != Notice:
		return f
	case s.Kerio != nil && s.Kerio.Domain != nil && s.Kerio.Domain.Why == probes.Unclear:
		return undetermined(list, "whether Kerio Connect knows this user is not known: it shows no mail domain for the address")
	}
	return undetermined(list, "whether Kerio Connect knows this user is not known: its list of users could not be read")
}

// anotherAddress: the user exists, under another name. Whether Kerio takes this one for logins only its log tells.
func anotherAddress(s *probes.Snapshot, row Evidence) Finding {
	login := s.Account.Kerio.User.Value.LoginName
	if f, ok := unknownLogged(s, fmt.Sprintf("Kerio Connect does not take %s for a user name: it is another address of %s.", s.Target.User, login)); ok {
		f.Evidence = append(f.Evidence, row)
		return f
	}
	refused := refusal(s, probes.AttemptUser)
	switch log, _ := kerioLogs(s); {
	case refused != nil && speaksOfCredentials(refused.IMAP):
		if wrong, _ := loggedOurs(s, refused); len(wrong) == 0 { // else Kerio took the name, and minded the password
			return Finding{Verdict: Notice, Confidence: Possible, Evidence: []Evidence{row, saidBy(refused)},
				Summary: fmt.Sprintf("%s is another address of %s: does the mail program use the login name?", s.Target.User, login)}
		}
	case !log.OK():
		return undetermined(logLook(log, "Logs.get security"), "whether Kerio Connect takes this address for a user name is not known: its security log could not be read")
	}
	return Finding{Verdict: OK, Summary: fmt.Sprintf("Kerio Connect knows %s as another address of %s.", s.Target.User, login), Evidence: []Evidence{row}}
}

// otherAddress says what the address as typed is to the user, where it is not the login name in its own domain.
func otherAddress(s *probes.Snapshot) string {
	if s.Account.Kerio.User.Value.ByAlias {
		return "an e-mail alias"
	}
	_, at, _ := strings.Cut(s.Target.User, "@")
	if at == "" || s.Kerio == nil || !s.Kerio.Domain.OK() || strings.EqualFold(at, s.Kerio.Domain.Value.Name) {
		return ""
	}
	for _, alias := range s.Kerio.Domain.Value.Aliases {
		if strings.EqualFold(at, alias) {
			return "at an alias of the domain " + s.Kerio.Domain.Value.Name
		}
	}
	return ""
}

// unknownLine is the newest line, not older than a day, that says of the name as typed that no such user exists; nil if there
// is none, or a login under a name of the user's succeeded since.
func unknownLine(s *probes.Snapshot) (*probes.Observation[probes.KerioLog], *probes.KerioLogEvent) {
	log, _ := kerioLogs(s)
	if !log.OK() {
		return log, nil
	}
	t := timeOf(s, log)
	for i := len(log.Value.Events) - 1; i >= 0; i-- {
		e := &log.Value.Events[i]
		if e.Kind == probes.LogUserUnknown && t.now.Sub(e.At) <= lineRecent+t.slack && namesUser(e.Words, s.Target.User) && !gotInSince(s.Account.Kerio, *e) {
			return log, e
		}
	}
	return log, nil
}

// unknownLogged is what such a line makes. Whoever guesses names leaves one too: it counts from an address of the user's, or of this run's.
func unknownLogged(s *probes.Snapshot, summary string) (Finding, bool) {
	log, line := unknownLine(s)
	if line == nil {
		return Finding{}, false
	}
	f := Finding{Verdict: Problem, Confidence: Likely, Summary: summary, Evidence: logged(log, []probes.KerioLogEvent{*line})}
	t := timeOf(s, log)
	_, audit := kerioLogs(s)
	switch {
	case line.Ours:
		f.Confidence = Certain
	case !audit.OK():
		return whoseAddress(audit, f), true
	case t.slack > 0:
		return undetermined(t.guessed(log), "Kerio's log says that there is no such user, but how long ago is a guess"), true
	case line.Address != "" && !usersAddress(s, line.Address):
		f.Verdict, f.Confidence = Notice, Possible
		f.Summary = fmt.Sprintf("Something tried %s, which Kerio Connect does not take for a user name; its address is not known to be the user's.", s.Target.User)
	}
	return f, true
}

// namesUser says that the name stands in the line as a word of its own, with its domain or without.
func namesUser(line, name string) bool {
	local, _, _ := strings.Cut(name, "@")
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\"<>[](),;:", r) }) {
		if word = strings.Trim(word, "'."); strings.EqualFold(word, name) || strings.EqualFold(word, local) {
			return true
		}
	}
	return false
}
