package checks

import (
	"logindoctor.example/probes"
)

// AppPasswordOnAPI is an app password in the one place that takes only the primary password.
var AppPasswordOnAPI = &Check{
	ID: "app-password-on-api", Group: GroupAppPassword, Title: "An app password is used on the API or webmail, which take only the primary password",
	Doc: Doc{
		Says:  "The same password works in Outlook, but webmail (or our script) says user name or password is not correct.",
		Tells: "One secret, tried over IMAP and then at Session.login of the webmail address, where the lockout rules afford both: accepted there and refused here, with two-factor authentication on. Kerio's logs alone (failures on the web pages, mail programs that get in) give no more than a question.",
		Mistaken: []string{
			"A wrong password: the API says the same words, but IMAP accepts it here.",
			"An access policy or a blocked address: those refuse the right password too, and Kerio's security log says so.",
			"The reverse (app-password-needed): the primary password in a mail program.",
		},
	},
	Source: []Source{{"Application passwords do not work with the JSON-RPC API (GFI 130018)", ""}},
	Needs:  []*Need{secretTried}, Uses: with(mapping, KerioSecurityLog, KerioAuditLog, KerioClock, KerioReach, IMAPReach),
	Owner: OwnerUser, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Use the primary password for the API and webmail, and the app password in mail programs only",
		Steps: []string{"Have the caller enter the primary password, the one that webmail was set up with, where it failed.",
			"If the caller does not know it, set a new primary password the usual way.",
			"Leave the app password in the mail program: it is right there."},
		Disruption: "none",
		DoNot:      []string{"Do not make another app password: the API takes none."},
	},
	Letter: Letter{
		Wrong: "An app password was used where only your main password works, in webmail for instance.",
		Do: []string{"Use your main password in webmail, the one that webmail was set up with.",
			"If you do not know your main password, ask the helpdesk for a new one."},
		Leave: []string{"Leave the app password in your mail program: it is right there.",
			"Do not make another app password: it would not work in webmail either."},
	},
	Run: appPasswordOnAPI,
}

// secretTried is that the profile has both places where one secret can be compared. That none was tried is no failure to look.
var secretTried = &Need{Name: "one secret at IMAP and at Kerio's API", Missing: "no user_url of Kerio Connect in the profile, or no IMAP server to compare it with",
	configured: func(t *probes.Target) bool { return hasKerioUser(t) && hasIMAP(t) },
	looks:      func(s *probes.Snapshot) []*probes.Look { return []*probes.Look{{What: "login plan"}} },
	hand:       Attempts.hand}

// compared is one secret in two places.
type compared struct {
	imap, api *probes.Attempt
	settled   bool // both answered
	evidence  []Evidence
	twoFactor probes.KerioSetting
}

func compare(s *probes.Snapshot) compared {
	c := compared{imap: s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP), api: s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI)}
	for _, a := range []*probes.Attempt{c.imap, c.api} {
		if a != nil && answered(a) {
			c.evidence = append(c.evidence, said(a))
		}
	}
	c.settled = c.imap != nil && c.api != nil && answered(c.imap) && answered(c.api)
	if s.Kerio != nil && s.Kerio.Domain.OK() {
		d := s.Kerio.Domain
		c.twoFactor = d.Value.TwoFactor
		e := Evidence{Fact: "two-factor authentication of the domain", Observed: c.twoFactor.String(), Source: d.Source, At: d.At}
		if d.Value.TwoFactorField != "" {
			e.Observed += " (" + d.Value.TwoFactorField + ")"
		}
		c.evidence = append(c.evidence, e)
	}
	return c
}

func answered(a *probes.Attempt) bool {
	return a.Outcome == probes.Accepted || a.Outcome == probes.Refused
}

func accepted(a *probes.Attempt) bool { return a.Outcome == probes.Accepted }

// elsewhere says that the caller types the secret at the API or webmail; overIMAP that it is typed in a mail program.
func elsewhere(s *probes.Snapshot) bool {
	return s.Login.UsedOn == probes.ServiceAPI || s.Login.UsedOn == probes.ServiceWebmail
}

func overIMAP(s *probes.Snapshot) bool { return s.Login != nil && s.Login.UsedOn == probes.ServiceIMAP }

func appPasswordOnAPI(s *probes.Snapshot) Finding {
	c := compare(s)
	switch {
	case s.Login == nil || !s.Login.SecretGiven:
		if f, ok := failsOnWebOnly(s, c); ok {
			return f
		}
		return Finding{Verdict: NotApplicable, Summary: "No secret was given to be compared."}
	case c.imap != nil && accepted(c.imap) && overIMAP(s):
		return Finding{Verdict: OK, Summary: "The secret is right where it is used, over IMAP.", Evidence: c.evidence}
	case c.api != nil && accepted(c.api):
		return Finding{Verdict: OK, Summary: "The API accepts the secret, so it is the primary password.", Evidence: c.evidence}
	case !c.settled:
		if f, ok := failsOnWebOnly(s, c); ok {
			return f
		}
		return notCompared(c)
	}
	return refusedAtAPI(s, c)
}

// refusedAtAPI: the API refused the secret. Only what IMAP accepts is a password at all.
func refusedAtAPI(s *probes.Snapshot, c compared) Finding {
	unclear := Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: c.evidence}
	other, read := otherRefusal(s, isWeb)
	unclear.Evidence = append(unclear.Evidence, other...)
	switch {
	case !accepted(c.imap):
		unclear.Summary = "IMAP and the API both refuse the secret, so this is not about the kind of password."
		return unclear
	case c.api.API == nil || c.api.API.Code != probes.KerioOperationFailed:
		unclear.Summary = "IMAP accepts the secret, and the API refuses it in words that do not speak of the password."
		return unclear
	case len(other) > 0:
		unclear.Summary = "IMAP accepts the secret and the API refuses it, but Kerio's log names another reason."
		return unclear
	case c.twoFactor == probes.SettingOff:
		unclear.Summary = "IMAP accepts the secret and the API refuses it, but two-factor authentication is off: an access policy, a blocked address or a lock that came in between may be the reason."
		return unclear
	}
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: c.evidence, Summary: "The secret is an app password: IMAP accepts it, and the API and webmail take only the primary password."}
	switch {
	case !read:
		f.Evidence = append(f.Evidence, Evidence{Fact: "security log", Observed: "not read, so that another reason cannot be ruled out"})
	case elsewhere(s) && c.twoFactor == probes.SettingOn:
		f.Confidence = Certain
	}
	return f
}

// otherRefusal is what else in Kerio's log may refuse the right password there: an access policy, which lasts, or a block of
// the address that logindoctor comes from. read is false where the log was not read.
func otherRefusal(s *probes.Snapshot, at func(protocol string) bool) (other []Evidence, read bool) {
	log, _ := kerioLogs(s)
	if !log.OK() {
		return nil, false
	}
	for _, e := range log.Value.Events {
		blocked := e.Kind == probes.LogAddressBlocked && e.Ours && ownAddress(s, e.Address)
		if (e.Kind == probes.LogPolicyDenied && recentLine(s, e) || blocked) && (e.Protocol == "" || at(e.Protocol)) {
			other = append(other, logged(log, []probes.KerioLogEvent{e})...)
		}
	}
	return other, true
}

// failsOnWebOnly is what Kerio's logs alone give: failures on the web pages and none since, and a mail program that gets in.
// Anybody may have typed a wrong password there, so it is no more than a question.
func failsOnWebOnly(s *probes.Snapshot, c compared) (Finding, bool) {
	log, audit := kerioLogs(s)
	if c.twoFactor != probes.SettingOn || !log.OK() || !audit.OK() || overIMAP(s) {
		return Finding{}, false
	}
	var web, mail []probes.KerioLogEvent
	for _, e := range log.Value.Events {
		if e.Kind == probes.LogInvalidPassword && isWeb(e.Protocol) && recentLine(s, e) && usersAddress(s, e.Address) && !gotInSince(s.Account.Kerio, e) {
			web = append(web, e)
		}
	}
	for _, e := range audit.Value.Events {
		if e.Kind == probes.LogAuthenticated && mailProtocol(e.Protocol) && recentLine(s, e) {
			mail = append(mail, e)
		}
	}
	if len(web) == 0 || len(mail) == 0 {
		return Finding{}, false
	}
	return Finding{Verdict: Notice, Confidence: Possible, Evidence: append(append(logged(log, web), logged(audit, mail)...), c.evidence...),
		Summary: "Mail programs get in and webmail or the API refuses this user: an app password may be typed there."}, true
}

// isWeb says that a log line is about the web pages or the API; the others are mail programs, ActiveSync among them.
func isWeb(protocol string) bool { return protocol != "" && !mailProtocol(protocol) }

// notCompared is the answer where the secret was not answered in both places.
func notCompared(c compared) Finding {
	for _, a := range []*probes.Attempt{c.imap, c.api} {
		if a != nil && !answered(a) {
			why := a.Why
			if why == probes.Seen {
				why = probes.Unclear
			}
			return Finding{Verdict: Undetermined, Why: why, Evidence: c.evidence, Summary: sentence("the secret was not compared at IMAP and the API: " + a.Reason)}
		}
	}
	if c.imap != nil && !accepted(c.imap) {
		return Finding{Verdict: Undetermined, Why: probes.AttemptWithheld, Evidence: c.evidence, Summary: "IMAP refuses the secret; the API was not tried."}
	}
	return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: c.evidence, Summary: "The secret was tried in one place only."}
}
