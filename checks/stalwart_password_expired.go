package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// StalwartPasswordExpired is an own password past its end: the login succeeds, and may do nothing but change the password.
var StalwartPasswordExpired = &Check{
	ID: "stalwart-password-expired", Group: GroupPassword, Title: "The account's own password has expired at Stalwart",
	Doc: Doc{
		Says:  "Webmail opens and is empty; the mail program just loses the connection.",
		Tells: "expiresAt of the account's own password is past. Such a login succeeds with the right to change the password alone: IMAP closes without a word, the session over HTTP comes without mail, and the log says that permissions were downgraded (auth.credential-expired, at the level debug). App passwords have their own end and are not touched.",
		Mistaken: []string{
			"A banned address (stalwart-ip-banned): there is not even a greeting.",
			"A permission that is missing (stalwart-protocol-not-permitted, stalwart-login-not-permitted): IMAP closes in the same way.",
			"An app password past its own end: that is refused in words.",
			"A password of the directory that has expired there: Stalwart answers as to a wrong one.",
		},
	},
	Source: []Source{{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth/access_token.rs, assert_is_valid; read, not run", "https://github.com/stalwartlabs/stalwart"},
		{"Authentication: passwordDefaultExpiry (Stalwart documentation)", "https://stalw.art/docs/ref/object/authentication"}},
	Needs: []*Need{StalwartUser}, Uses: []*Need{StalwartAuthentication, StalwartDomain, StalwartDirectories, StalwartSecret, StalwartUserLog, Attempts},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: stalwartExpiredRemedy,
	Letter: Letter{
		Wrong: "The password of your mailbox has run out.",
		Do: []string{"Sign in on the account page of the mail server in a browser and choose a new password; a mail program cannot change it.",
			"If you cannot reach that page, ask the helpdesk for a new password.",
			newEverywhere},
		Leave: []string{noOldDevices},
	},
	Explains: []*Check{IMAPLogin},
	Run:      stalwartPasswordExpired,
}

var stalwartExpiredRemedy = Remedy{
	Do: "Have the caller sign in at the server's /account page with the old password and choose a new one",
	Steps: []string{"Have the caller open /account of the mail server in a browser: the old password opens it, and may do just this.",
		"Have the caller choose a new password there.",
		"If the caller cannot, set a new password the usual way.",
		"Have the new password entered on every device that used the old one; app passwords stay as they are.",
		"If several people ask at once, look at passwordDefaultExpiry: passwords that were set together end together."},
	Disruption: "none",
	DoNot: []string{"Do not look for a ban or a broken mailbox: the login succeeds, and has next to no rights.",
		"Do not leave old devices switched on after the change: each wrong password counts towards a ban of their address."},
}

// stalwartKeptRemedy is for an account whose password a directory checks: the server refuses to change the one that it keeps beside
// it (S: jmap/src/registry/mapping/principal.rs).
var stalwartKeptRemedy = Remedy{
	Do: "Have the mail administrator remove the password that Stalwart keeps for the account beside the directory's",
	Steps: []string{"Look at the account's own password in Stalwart: it has an end, from the time before the directory checked passwords.",
		"Have the mail administrator remove that entry: while a directory is in use, Stalwart refuses to change it.",
		"See whether other accounts have the same: they were given their end together."},
	Disruption: "none",
	DoNot:      []string{"Do not set a new password in the directory: the end stands in Stalwart, and stays there."},
}

func stalwartPasswordExpired(s *probes.Snapshot) Finding {
	u, f, ok := personFound(s, "whether the own password has expired")
	if !ok {
		return f
	}
	p, look := u.Password(), s.Account.Stalwart.User.Look
	look.Why = probes.Unclear
	switch {
	case p == nil && !u.CredsKnown:
		look.Words = "the credentials did not come whole"
		return undetermined(&look, "whether the own password has expired is not known: the account's credentials could not all be read")
	case p == nil:
		return Finding{Verdict: OK, Summary: "Stalwart keeps no own password for the account.", Evidence: []Evidence{userSaid(s, "credentials", "no password", "")}}
	}
	e := credentialSaid(s, p, "expiresAt", "none", "none, or later than the login")
	if !p.ExpiresAt.IsZero() {
		e.Observed = stamp(p.ExpiresAt)
	}
	switch p.Expired(judgedAt(s)) {
	case probes.StalwartUnknown:
		look.Words = "expiresAt has a form that is not known"
		return undetermined(&look, "whether the own password has expired is not known: its end could not be read")
	case probes.StalwartNo:
		return Finding{Verdict: OK, Summary: "The account's own password has not expired.", Evidence: []Evidence{e}}
	}
	return passwordIsOver(s, u, p, e)
}

// passwordIsOver: the field shows it. Whether it is this case's cause hangs on which secret is used.
func passwordIsOver(s *probes.Snapshot, u probes.StalwartUser, p *probes.StalwartCredential, e Evidence) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{e},
		Summary: fmt.Sprintf("%s's own password expired on %s: a login with it may do nothing but change it.", u.Email, p.ExpiresAt.UTC().Format("2 January 2006"))}
	if a := s.Stalwart; a != nil && a.Authentication.OK() && a.Authentication.Value.ExpiryMS > 0 {
		days := time.Duration(a.Authentication.Value.ExpiryMS) * time.Millisecond / (24 * time.Hour)
		f.Evidence = append(f.Evidence, Evidence{Fact: "passwordDefaultExpiry", Observed: fmt.Sprintf("%d days", days), Source: a.Authentication.Source, At: a.Authentication.At})
	}
	reduced := reducedLines(s)
	f.Evidence = append(f.Evidence, stalwartLogged(s.Account.Stalwart.Log, reduced)...)
	session := s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI)
	if session != nil && session.HTTP != nil && session.HTTP.Accepted && session.HTTP.Mail != probes.StalwartUnknown {
		e := said(session)
		e.Fact, e.Observed, e.Expected = "mail in the JMAP session of this login", session.HTTP.Mail.String(), "yes"
		f.Evidence = append(f.Evidence, e)
		if session.HTTP.Mail == probes.StalwartYes {
			f.Confidence = Likely
		}
	} else if a := closedMute(s); a != nil {
		f.Evidence = append(f.Evidence, said(a))
	}
	id, known := s.Stalwart.Checks()
	secret := secretOf(s)
	switch {
	case secret != nil && secret.Shape != probes.StalwartShapeOther:
		f.Verdict = Notice
		f.Summary += " The secret that was given is another one, which this does not touch."
	case !known || id != "":
		f.Confidence = Likely
		if known {
			f.Remedy = &stalwartKeptRemedy
			f.Evidence = append(f.Evidence, whoChecks("a directory; the end of the password that Stalwart keeps beside it counts all the same", s))
		}
	case secret == nil && len(reduced) == 0 && otherPasswords(s, u):
		f.Confidence = Likely
		f.Summary += " App passwords of the account are not touched by it."
	}
	return f
}

// reducedLines are the lines of the log that say so of the own password: they name no credential.
func reducedLines(s *probes.Snapshot) (out []probes.StalwartLogEvent) {
	for _, e := range stalwartRecent(s, probes.StalwartLogExpired) {
		if e.CredentialID == "" && strings.Contains(strings.ToLower(e.Reason), "main credential") {
			out = append(out, e)
		}
	}
	return out
}

// otherPasswords says that the caller may use an app password instead: there is one that is still good, or not all were seen.
func otherPasswords(s *probes.Snapshot, u probes.StalwartUser) bool {
	for i := range u.Credentials {
		if c := &u.Credentials[i]; c.Kind == probes.StalwartAppPassword && c.Expired(judgedAt(s)) != probes.StalwartYes {
			return true
		}
	}
	return !u.CredsKnown
}
