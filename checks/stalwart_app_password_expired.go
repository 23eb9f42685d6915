package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// StalwartAppPasswordExpired is an app password past its date. The account's own password past its date is another matter.
var StalwartAppPasswordExpired = &Check{
	ID: "stalwart-app-password-expired", Group: GroupAppPassword, Title: "The app password has expired",
	Doc: Doc{
		Says:  "My phone stopped getting mail, and I changed nothing. The computer still works.",
		Tells: "The form of the secret tells which of the account's app passwords it is, and expiresAt of that one is past: no login is spent on it. Or Stalwart itself says \"Credential expired\". Without a secret, an app password past its date is a notice, and a problem only where the log shows a device that still uses it; Stalwart does not log that by default.",
		Mistaken: []string{
			"A wrong password: Stalwart says that an app password has expired only where it is right.",
			"The account's own password past its date: that one still signs in, and may do nothing but change itself.",
			"A deleted app password (stalwart-app-password-revoked): it is not in the list any more.",
		},
	},
	Source: appPasswordSource,
	Needs:  []*Need{AppPasswords}, Uses: []*Need{StalwartSecret, StalwartUserLog, StalwartLevels},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do:         "Have the caller make a new app password for the device that used this one",
		Steps:      append(makeAnother[:len(makeAnother):len(makeAnother)], "Remove the expired one."),
		Disruption: "none",
		DoNot:      []string{"Do not reset the account's password: no device with an app password uses it."},
	},
	Letter: Letter{
		Wrong: "The app password that one of your devices uses is past its date.",
		Do:    letterAnother,
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAppPasswordExpired,
}

const whetherExpired = "whether an app password has expired"

func stalwartAppPasswordExpired(s *probes.Snapshot) Finding {
	u, unread, read := accountRead(s, whetherExpired)
	used, given := appPasswordGiven(s, u)
	if a := refusedSaying(s, expiredWords); a != nil {
		f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{said(a)}, Summary: "Stalwart says that the app password has expired."}
		if used != nil && !used.ExpiresAt.IsZero() {
			f.Evidence = append(f.Evidence, expirySaid(s, used))
		}
		return f
	}
	switch {
	case !read && u.Found != probes.StalwartNo:
		return byTheChallenge(s, unread)
	case !read:
		return unread
	case given && used == nil && !u.CredsKnown:
		return byTheChallenge(s, unreadCredential(s, "the list of credentials", whetherExpired))
	case given && used == nil:
		return Finding{Verdict: NotApplicable, Summary: "The app password that was given is not among the account's."}
	case !given:
		return anyExpired(s, u, nil)
	}
	switch used.Expired(judgedAt(s)) {
	case probes.StalwartYes:
		return givenExpired(s, used)
	case probes.StalwartUnknown:
		return byTheChallenge(s, unreadCredential(s, "expiresAt of "+credentialName(used), whetherExpired))
	}
	return anyExpired(s, u, used)
}

// noChallenge is this run's 401 without WWW-Authenticate to an app password, which Stalwart gives to an expired one alone (S:
// crates/http/src/api/mod.rs). A proxy that hides the header makes every refusal look so: the date of the app password decides.
func noChallenge(s *probes.Snapshot) *probes.Attempt {
	if !secretOf(s).AppPassword() {
		return nil
	}
	return refusedHTTP(s, probes.StalwartExpired)
}

// byTheChallenge is the answer where the date was not read: what is open stays so, unless the challenge is missing.
func byTheChallenge(s *probes.Snapshot, open Finding) Finding {
	a := noChallenge(s)
	if a == nil {
		return open
	}
	return Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{said(a)},
		Summary: "Stalwart refuses the app password without a challenge, as it does one that has expired; its date could not be read."}
}

func givenExpired(s *probes.Snapshot, used *probes.StalwartCredential) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{expirySaid(s, used)},
		Summary: fmt.Sprintf("The secret is %s, which expired on %s.", credentialName(used), used.ExpiresAt.UTC().Format("2006-01-02"))}
	if a := noChallenge(s); a != nil {
		f.Evidence = append(f.Evidence, said(a))
	}
	if a := acceptedHere(s); a != nil { // by the server's clock, which counts, it has not
		f.Verdict, f.Confidence, f.Evidence = Notice, Likely, append(f.Evidence, said(a))
		f.Summary += " Yet Stalwart accepted it in this run."
	}
	return f
}

// anyExpired looks at the app passwords that the caller's secret is not.
func anyExpired(s *probes.Snapshot, u probes.StalwartUser, used *probes.StalwartCredential) Finding {
	var expired []*probes.StalwartCredential
	unread := used == nil && secretOf(s) == nil && !u.CredsKnown
	for _, c := range appPasswordsOf(u, used) {
		switch c.Expired(judgedAt(s)) {
		case probes.StalwartYes:
			expired = append(expired, c)
		case probes.StalwartUnknown:
			unread = unread || secretOf(s) == nil
		}
	}
	f := Finding{Verdict: Notice, Confidence: Certain}
	for _, c := range expired {
		f.Evidence = append(f.Evidence, expirySaid(s, c))
	}
	for _, c := range expired {
		lines, elsewhere := deviceLines(s, probes.StalwartLogExpired, func(e probes.StalwartLogEvent) bool { return e.CredentialID == c.ID })
		if len(lines) > 0 {
			f.Evidence = append(f.Evidence, stalwartLogged(s.Account.Stalwart.Log, lines)...)
			f.Summary = fmt.Sprintf("A device still uses %s, which expired on %s.", credentialName(c), c.ExpiresAt.UTC().Format("2006-01-02"))
			return device(s, f, elsewhere)
		}
	}
	switch look := stalwartLogLook(s); {
	case len(expired) > 0 && look != nil && secretOf(s) == nil:
		f = undetermined(look, "whether a device still uses an expired app password is not known: the log could not be read")
	case unread:
		f = unreadCredential(s, "the end of an app password", whetherExpired)
	case len(expired) > 0:
		f.Summary = fmt.Sprintf("Expired, and not seen in use: %s.", credentialNames(expired))
		f.Evidence = append(f.Evidence, useLogged(s))
	case used != nil:
		f = Finding{Verdict: OK, Summary: "The app password that was given has not expired.", Evidence: []Evidence{expirySaid(s, used)}}
	default:
		f = Finding{Verdict: OK, Summary: "No app password of the account has expired."}
	}
	return f
}

func expirySaid(s *probes.Snapshot, c *probes.StalwartCredential) Evidence {
	observed := "never"
	if !c.ExpiresAt.IsZero() {
		observed = stamp(c.ExpiresAt)
	}
	return credentialSaid(s, c, "expiresAt", observed, "after "+stamp(judgedAt(s)))
}

// useLogged says what the log's silence is worth: the refusal of an expired app password is not written at the default level.
func useLogged(s *probes.Snapshot) Evidence {
	e := Evidence{Fact: "log", Observed: "no device with an expired app password"}
	if log := s.Account.Stalwart.Log; log.OK() {
		e.Source, e.At = log.Source, log.At
	}
	if s.Stalwart.Writes("auth.credential-expired") != probes.StalwartYes {
		e.Observed += "; by default Stalwart does not write that (auth.credential-expired is debug)"
	}
	return e
}
