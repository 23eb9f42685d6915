package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// WrongPassword is what remains when a server says so and nothing else explains it.
var WrongPassword = &Check{
	ID: "wrong-password", Group: GroupPassword, Title: "The password is wrong", Residual: true,
	Doc: Doc{
		Says:  "It says wrong password, but I am sure that I typed it right.",
		Tells: "The login is refused, another login (the canary's, or the directory's own word) shows that logins work, and no lock, expiry or disabled account was found. Where Active Directory counts one more wrong password at that moment, it stands in the evidence. The IMAP reply alone never suffices; with Stalwart the account has to be seen as well, and the secret has to look like an own password.",
		Mistaken: []string{
			"A locked, disabled or expired account: IMAP says the same words for all of them.",
			"A right password that has to be changed first (ad-must-change-password): resetting it again does not help.",
			"An old password on a device after a change (password-just-changed).",
			"Stalwart's other refusals with the same code: a second factor, an unknown domain (its words are the domain's name), a filter that finds nobody, an app password that ended or was deleted (without the command's tag), or a connection that is closed without a word.",
		},
	},
	Source: []Source{{"RFC 5530 §3, AUTHENTICATIONFAILED stands for unknown user and wrong password alike", "https://www.rfc-editor.org/rfc/rfc5530#section-3"},
		{"Result 49 with data 52e also hides disabled and expired accounts; observed on Samba 4.17", ""},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth/authentication.rs and crates/directory/src/backend/ldap/lookup.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{loginPlace}, Uses: with(mapping, KerioSecurityLog, StalwartUser, StalwartRoles),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller type the password once where it can be seen, in the place that works, before anything is reset",
		Steps: []string{"Ask whether webmail or the PC login works with the same password.",
			"Check Caps Lock, the keyboard layout, and whether the mail program fills in an old saved password.",
			"If it stays wrong, set a new password the usual way, and enter it on every device."},
		Disruption: "none",
		DoNot:      []string{"Do not try further passwords: each wrong one counts towards a lock, or with Stalwart towards a ban of the address."},
	},
	Letter: Letter{
		Wrong: "The password that reaches the mail server is not the right one.",
		Do: []string{"Look whether Caps Lock is on, and whether the keyboard is set to the right language.",
			"Look whether your mail program fills in an old saved password.",
			"Tell the helpdesk if you know that webmail or your computer takes the same password.",
			"If the password stays wrong, ask the helpdesk for a new one and enter it on every device."},
		Leave: []string{NoFurtherTries},
	},
	Explains: []*Check{IMAPLogin},
	Run:      wrongPassword,
}

// loginPlace is that the profile names a place where a password can be tried. That none was tried is no failure to look.
var loginPlace = &Need{Name: "a login as the user", Missing: "no place in the profile where a user logs in",
	configured: func(t *probes.Target) bool { return hasIMAP(t) || hasKerioUser(t) || hasDirectory(t) || hasStalwart(t) },
	looks:      func(s *probes.Snapshot) []*probes.Look { return []*probes.Look{{What: "login plan"}} },
	hand:       Attempts.hand}

func wrongPassword(s *probes.Snapshot) Finding {
	if s.Login == nil || !s.Login.SecretGiven {
		return Finding{Verdict: NotApplicable, Summary: "No secret was given, so no password was tried."}
	}
	if a := acceptedHere(s); a != nil {
		return Finding{Verdict: OK, Summary: "The mail server accepts the password.", Evidence: []Evidence{said(a)}}
	}
	if f, ok := notOwnPassword(s); ok && onStalwart(&s.Target) {
		return f
	}
	var a *probes.Attempt
	for _, service := range []probes.Service{probes.ServiceDirectory, probes.ServiceAPI, probes.ServiceManageSieve, probes.ServiceIMAP} {
		if t := s.Login.Attempt(probes.AttemptUser, service); t != nil && (a == nil || a.Outcome != probes.Refused || t.Outcome == probes.Refused) {
			a = t
		}
	}
	switch {
	case a == nil:
		return Finding{Verdict: Undetermined, Why: probes.AttemptWithheld, Summary: "Whether the password is right is not known: no login was tried."}
	case a.Bind != nil:
		return wrongByBind(s, a)
	case a.Outcome != probes.Refused:
		return undetermined(&probes.Look{What: "login", Why: a.Why, Words: a.Reason, Source: a.Server, At: a.At}, "whether the password is right is not known: "+a.Reason)
	case !ofThePassword(s, a):
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: []Evidence{said(a)},
			Summary: "The login was refused, but not in words that speak of the password."}
	case onStalwart(&s.Target):
		return wrongAtStalwart(s, a)
	}
	return remaining(s, a)
}

// remaining looks for another witness that logins work: without one, the refusal may as well be the server's fault.
func remaining(s *probes.Snapshot, a *probes.Attempt) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{said(a)},
		Summary: "The password that was tried is refused, logins as such work, and nothing else was found that explains it."}
	if u := s.Account.Kerio; u != nil && u.User.OK() && !u.User.Value.Found {
		unknown, _ := kerioFound(u.User)
		unknown.Evidence = append(f.Evidence, unknown.Evidence...)
		return unknown
	}
	wrong, other := loggedOurs(s, a)
	if len(other) > 0 {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append(f.Evidence, other...),
			Summary: "The login was refused, and the mail server's own log names another reason."}
	}
	if moved, d := counterMoved(s); moved {
		return counted(f, d)
	}
	if len(wrong) == 0 && mayNeedAppPassword(s, a) {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: f.Evidence,
			Summary: "IMAP refuses the password; with two-factor authentication it does so to the right one too, and the API was not asked."}
	}
	if c := s.Login.Attempt(probes.AttemptCanary, probes.ServiceIMAP); c != nil && c.Outcome == probes.Accepted && a.Service == probes.ServiceIMAP {
		f.Evidence = append(f.Evidence, saidBy(c))
		return f
	}
	if len(wrong) > 0 {
		f.Evidence = append(f.Evidence, wrong...)
		f.Summary = "The mail server's own log calls the password that was tried a wrong one."
		return f
	}
	return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: f.Evidence,
		Summary: "The login was refused; without a canary or the directory's own word it cannot be told whether the password is at fault."}
}

// counted is the directory's own word that the password was a wrong one.
func counted(f Finding, d *probes.DirectoryAccount) Finding {
	f.Evidence = append(f.Evidence, Evidence{Fact: "badPasswordTime", Observed: stamp(*d.After.Value.BadPasswordTime),
		Expected: "unmoved by a right password", Source: d.Server, At: d.After.At})
	f.Summary = "Active Directory counted the password that was tried as a wrong one."
	return f
}

// mayNeedAppPassword says that the primary password, right or wrong, is refused in mail programs, and that the API, which
// takes no other, has not answered.
func mayNeedAppPassword(s *probes.Snapshot, a *probes.Attempt) bool {
	api := s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI)
	return a.Service == probes.ServiceIMAP && (api == nil || !answered(api)) &&
		s.Kerio != nil && s.Kerio.Domain.OK() && s.Kerio.Domain.Value.TwoFactor == probes.SettingOn
}

// loggedOurs are the lines that this run's own attempt left in Kerio's security log: those that call the password wrong,
// and those that refuse the login for another reason.
func loggedOurs(s *probes.Snapshot, a *probes.Attempt) (wrong, other []Evidence) {
	log, _ := kerioLogs(s)
	if !log.OK() {
		return nil, nil
	}
	for _, e := range log.Value.Events {
		if !e.Ours || e.Protocol != "" && isWeb(e.Protocol) != (a.Service == probes.ServiceAPI) {
			continue
		}
		switch e.Kind {
		case probes.LogInvalidPassword:
			wrong = append(wrong, logged(log, []probes.KerioLogEvent{e})...)
		case probes.LogUserUnknown, probes.LogPolicyDenied, probes.LogTwoFactorDisabled, probes.LogMethodDisabled:
			other = append(other, logged(log, []probes.KerioLogEvent{e})...)
		}
	}
	return wrong, other
}

func wrongByBind(s *probes.Snapshot, a *probes.Attempt) Finding {
	e := Evidence{Fact: "simple bind as the user", Observed: bindWords(a.Bind), Expected: "0", Source: a.Server, At: a.At}
	switch {
	case a.Outcome == probes.Accepted || a.Bind.Subcode.ProvesPassword():
		return Finding{Verdict: OK, Summary: "The directory takes the password for right.", Evidence: []Evidence{e}}
	case a.Bind.Subcode == probes.SubcodeWrongPassword || a.Bind.Subcode == 0 && a.Bind.Result == probes.LDAPInvalidCredentials:
		for _, d := range s.Account.Directory {
			if d.Entry.OK() && len(d.Entry.Value.Matches) == 1 {
				return Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{e},
					Summary: "The directory refuses the password that was tried, and nothing else was found that explains it."}
			}
		}
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: []Evidence{e},
			Summary: "The directory refuses the bind; without the account's attributes it cannot be told whether the password is at fault."}
	}
	return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: []Evidence{e}, Summary: "The directory's answer does not speak of the password."}
}

// bindWords is a bind's answer as people search for it.
func bindWords(b *probes.BindOutcome) string {
	w := fmt.Sprintf("%d", b.Result)
	if b.Subcode != 0 {
		w += fmt.Sprintf(" data %x", uint16(b.Subcode))
	}
	if b.Words != "" {
		w += " " + b.Words
	}
	return w
}

// speaksOfCredentials is true for AUTHENTICATIONFAILED, and for a NO without any code: many servers send none.
func speaksOfCredentials(o *probes.IMAPOutcome) bool {
	return o.Status == probes.IMAPNO && (o.Code == probes.CodeAuthenticationFailed || o.Code == "" && !tooMany(o) && !wantsTLS(o)) && !wantsAppPassword(o)
}
