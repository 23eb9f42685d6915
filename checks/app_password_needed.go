package checks

import (
	"time"

	"logindoctor.example/probes"
)

// AppPasswordNeeded is the primary password in a mail program where two-factor authentication demands an app password, with Kerio
// Connect or with Stalwart.
var AppPasswordNeeded = &Check{
	ID: "app-password-needed", Group: GroupAppPassword, Title: "The mail program needs an app password",
	Doc: Doc{
		Says:  "Webmail works with my password, Outlook and the phone do not, since the day two-factor authentication came.",
		Tells: "Kerio Connect: the security log says for this user that only application passwords are allowed; or one secret is refused over IMAP and accepted at Session.login, with two-factor authentication on or not knowable. Stalwart: it says in words that the account needs a second factor, which it says to the right password alone; or the account's own password has a second factor (otpAuth), Stalwart itself checks it, and the caller's secret is no app password.",
		Mistaken: []string{
			"A wrong password: Kerio's API accepts it here, and Stalwart asks only the right one for a second factor.",
			"An access policy or a blocked address, which let webmail through as well.",
			"An app password that is refused: with Stalwart that one needs no second factor, and something else is wrong with it.",
		},
	},
	Source: []Source{{"Enabling two-factor authentication (GFI 360015195279)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015195279-Enabling-Two-Factor-Authentication-in-Kerio-Connect"},
		{"Only application passwords are allowed since 2FA is enabled (GFI 130064)", "https://support.kerioconnect.gfi.com/article/130064-fixing-smtp-ntlm-authentication-failures-for-service-accounts-in-kerio-connect"},
		{"Stalwart's documentation, two-factor authentication", "https://stalw.art/docs/auth/authentication/2fa"}, {stalwartAtAuth, ""}},
	Needs: []*Need{appPasswordFacts}, Uses: with(mapping, KerioSecurityLog, KerioAuditLog, KerioClock, KerioReach, IMAPReach, StalwartUser, StalwartUserLog),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: appPasswordRemedy("Have the caller open Settings > App Passwords in Kerio Connect's webmail."),
	Letter: Letter{
		Wrong: "Your mail program needs an app password, which is made for it alone, in place of the password that you use in webmail.",
		Do: []string{"Log in to webmail or to the page of your mail account, open App Passwords and make one for each device or mail program.",
			"Enter it in the mail program in place of your password."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      appPasswordNeeded,
}

// appPasswordFacts: Kerio's log or a comparison decides, or Stalwart's words or the account; any may be missing.
var appPasswordFacts = &Need{Name: "Kerio's security log, or one secret at IMAP and at the API; or the account at Stalwart, or its words", Missing: "neither Kerio Connect nor Stalwart in the profile",
	configured: func(t *probes.Target) bool { return hasKerio(t) || hasKerioUser(t) || hasStalwart(t) },
	looks:      func(s *probes.Snapshot) []*probes.Look { return []*probes.Look{{What: "login plan"}} },
	hand:       Attempts.hand}

// appPasswordRemedy differs in where they are made.
func appPasswordRemedy(where string) Remedy {
	return Remedy{
		Do: "Have the caller make an app password and enter it in the mail program",
		Steps: []string{where,
			"Make one for each device or program: an administrator cannot make them for the caller.",
			"Enter it in the mail program in place of the password."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: the mail program would be refused with a new one too.", "Do not switch two-factor authentication off for one mail program."},
	}
}

var appPasswordAtStalwart = appPasswordRemedy(makeAnother[0])

func appPasswordNeeded(s *probes.Snapshot) Finding {
	if s.Target.Kerio == nil {
		f := stalwartAppPasswordNeeded(s)
		if f.Verdict == Problem || f.Verdict == Notice {
			f.Remedy = &appPasswordAtStalwart
		}
		return f
	}
	c := compare(s)
	if c.imap != nil && !accepted(c.imap) && c.imap.IMAP != nil && wantsAppPassword(c.imap.IMAP) {
		return Finding{Verdict: Problem, Confidence: Certain, Evidence: c.evidence, Summary: "The mail server says that it takes only app passwords from mail programs."}
	}
	if f, ok := appPasswordLogged(s, c); ok {
		f.Evidence = append(f.Evidence, c.evidence...)
		return f
	}
	switch {
	case s.Login == nil || !s.Login.SecretGiven:
		return appPasswordUntried(s, c)
	case c.imap != nil && accepted(c.imap):
		return Finding{Verdict: OK, Summary: "IMAP accepts the secret.", Evidence: c.evidence}
	case c.settled && accepted(c.api):
		return refusedAtIMAP(s, c)
	case c.settled:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: c.evidence, Summary: "IMAP and the API both refuse the secret, so this is not about the kind of password."}
	case c.twoFactor == probes.SettingOff:
		return Finding{Verdict: OK, Summary: "Two-factor authentication is off, so no app password is needed.", Evidence: c.evidence}
	}
	return notCompared(c)
}

// refusedAtIMAP: the API accepted the secret, so it is the primary password, and IMAP refused it.
func refusedAtIMAP(s *probes.Snapshot, c compared) Finding {
	unclear := Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: c.evidence}
	other, read := otherRefusal(s, func(protocol string) bool { return !isWeb(protocol) })
	unclear.Evidence = append(unclear.Evidence, other...)
	switch {
	case elsewhere(s):
		return Finding{Verdict: OK, Summary: "The secret is right where it is used, at the API or webmail.", Evidence: c.evidence}
	case c.imap.IMAP == nil || !speaksOfCredentials(c.imap.IMAP):
		unclear.Summary = "The API accepts the secret, and IMAP refuses it in words that do not speak of the password."
		return unclear
	case len(other) > 0:
		unclear.Summary = "The API accepts the secret and IMAP refuses it, but Kerio's log names another reason."
		return unclear
	case c.twoFactor == probes.SettingOff:
		unclear.Summary = "The API accepts the secret and IMAP refuses it, but two-factor authentication is off: an access policy or a blocked address may be the reason."
		return unclear
	}
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: c.evidence, Summary: "The API accepts this password and IMAP refuses it: the mail program needs an app password."}
	switch {
	case !read:
		f.Evidence = append(f.Evidence, Evidence{Fact: "security log", Observed: "not read, so that another reason cannot be ruled out"})
	case overIMAP(s) && c.twoFactor == probes.SettingOn:
		f.Confidence = Certain
	}
	return f
}

// appPasswordLogged: Kerio's log says it in so many words for this user, and no mail program got in since. Whoever knows or
// tries the user's name leaves such a line too: it counts from an address of the user's, or beside a refusal of this run's own.
func appPasswordLogged(s *probes.Snapshot, c compared) (Finding, bool) {
	k := s.Account.Kerio
	if k == nil || !k.Log.OK() {
		return Finding{}, false
	}
	for i := len(k.Log.Value.Events) - 1; i >= 0; i-- {
		e := k.Log.Value.Events[i]
		if e.Kind != probes.LogOnlyAppPasswords || !recentLine(s, e) || gotInSince(k, e) {
			continue
		}
		ours := e.Ours && c.imap != nil && c.imap.Outcome == probes.Refused
		if c.twoFactor == probes.SettingOff && !ours || c.imap != nil && accepted(c.imap) && (e.Protocol == "IMAP" || e.Protocol == "") {
			continue
		}
		f := Finding{Verdict: Problem, Confidence: Likely, Evidence: logged(k.Log, []probes.KerioLogEvent{e}),
			Summary: "Kerio refuses a mail program of this user because only app passwords are allowed there."}
		if !ours && e.Address != "" && !usersAddress(s, e.Address) {
			if !k.Audit.OK() {
				return whoseAddress(k.Audit, f), true
			}
			f.Verdict, f.Confidence = Notice, Possible
			f.Summary = "Kerio refuses a mail program in this user's name because only app passwords are allowed there; its address is not known to be the user's."
		}
		return f, true
	}
	return Finding{}, false
}

// appPasswordSince is how far back a log has to reach: a mail program that is refused tries again within minutes.
const appPasswordSince = time.Hour

func appPasswordUntried(s *probes.Snapshot, c compared) Finding {
	k := s.Account.Kerio
	switch {
	case c.twoFactor == probes.SettingOff:
		return Finding{Verdict: OK, Summary: "Two-factor authentication is off, so no app password is needed.", Evidence: c.evidence}
	case !hasKerio(&s.Target):
		return Finding{Verdict: NotApplicable, Summary: "No secret was given, and the profile names no way to read Kerio's log."}
	case k == nil || k.Log == nil:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Summary: "Kerio's security log was not read."}
	case !k.Log.OK():
		return undetermined(&k.Log.Look, "Kerio's security log could not be read")
	}
	t := timeOf(s, k.Log)
	if look, ok := t.reaches(k.Log, t.now.Add(-appPasswordSince)); !ok {
		return undetermined(look, "the part of the security log that was read is short")
	}
	return Finding{Verdict: OK, Summary: "Kerio's log refuses no mail program of this user for want of an app password.",
		Evidence: []Evidence{{Fact: k.Log.What, Observed: "no such line for this user", Source: k.Log.Source, At: k.Log.At}}}
}
