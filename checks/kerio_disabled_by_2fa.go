package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioDisabledBy2FA is why an account is disabled that nobody switched off.
var KerioDisabledBy2FA = &Check{
	ID: "kerio-disabled-by-2fa", Group: GroupAccount, Title: "Kerio Connect disabled the account after too many wrong two-factor codes",
	Doc: Doc{
		Says:  "I typed the code wrong a few times, and now nothing works any more. It does not come back either.",
		Tells: "isEnabled is false in the user's row of Users.get, and Kerio's debug or security log says \"Too many false 2FA attempts\" for this user, with no login since. Kerio writes the line only where debugging of user authentication is on, so that without it this stays open.",
		Mistaken: []string{
			"A lock after wrong passwords (kerio-account-locked): before version 10.0.9 the log calls this one \"locked\" too, but it does not run out.",
			"An account that somebody disabled (kerio-account-disabled): there is no such line in the log, or a login succeeded after it.",
			"A line from before: the account was enabled again since.",
		},
	},
	Source: []Source{{"User disabled after too many failed 2FA attempts (GFI 129010)", "https://support.kerioconnect.gfi.com/article/129010-user-disabled-after-too-many-failed-2fa-attempts"},
		{"Enabling two-factor authentication: the server's clock (GFI 360015195279)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015195279-Enabling-Two-Factor-Authentication-in-Kerio-Connect"}},
	Needs: []*Need{KerioUser}, Uses: []*Need{KerioDomain, KerioDebugLog, KerioSecurityLog, KerioAuditLog, KerioClock},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Enable the account again, and find out why the codes were wrong",
		Steps: []string{"Ask the caller whether it was they who typed the codes: whoever did has the password.",
			"If it was not, have the password changed first.",
			"Set the time of the caller's phone to automatic, and compare the mail server's clock: codes depend on both.",
			"In Kerio's administration open Accounts > Users > {login} > General and tick \"Account is enabled\".",
			"If the phone with the codes is lost, choose More Actions > Reset 2FA Configuration there."},
		Disruption: "none",
		DoNot: []string{"Do not wait for it to run out, and do not use \"Unlock All Accounts Now\": neither enables an account.",
			"Do not let further codes be guessed: wrong ones disable the account again."},
	},
	Letter: Letter{
		Wrong: "Your mail account was switched off after too many wrong login codes.",
		Do: []string{"Tell the helpdesk whether it was you who typed the codes.",
			"Let your phone set its time automatically: the codes depend on it.",
			"If you no longer have the phone with the codes, tell the helpdesk."},
		Leave: []string{"Do not enter further codes: wrong ones would switch the account off again."},
	},
	Explains: []*Check{KerioAccountDisabled, IMAPLogin, WrongPassword},
	Outlasts: []*Check{KerioAccountLocked},
	Run:      kerioDisabledBy2FA,
}

func kerioDisabledBy2FA(s *probes.Snapshot) Finding {
	user := s.Account.Kerio.User
	if f, ok := kerioFound(user); !ok {
		return f
	}
	evidence := []Evidence{{Fact: "isEnabled", Observed: fmt.Sprint(user.Value.Enabled), Expected: "true", Source: user.Source, At: user.At}}
	log, line := twoFactorLine(s)
	if line != nil {
		evidence = append(evidence, logged(log, []probes.KerioLogEvent{*line})...)
	}
	switch {
	case user.Value.Enabled && line != nil:
		return Finding{Verdict: OK, Summary: "Wrong two-factor codes disabled the account before; it is enabled again.", Evidence: evidence}
	case user.Value.Enabled:
		return Finding{Verdict: OK, Summary: "The account is enabled, so no wrong two-factor codes disabled it.", Evidence: evidence}
	case line != nil:
		return disabledByCodes(s, log, *line, evidence)
	case s.Kerio != nil && s.Kerio.Domain.OK() && s.Kerio.Domain.Value.TwoFactor == probes.SettingOff:
		return Finding{Verdict: OK, Summary: "The account is disabled, but not by wrong two-factor codes: two-factor authentication is off in its domain.", Evidence: evidence}
	}
	look := *logLook(s.Account.Kerio.Debug, "Logs.get debug")
	if look.Why == probes.Seen {
		look.Words = "no such line for this user since " + stamp(s.Account.Kerio.Debug.Value.Since)
	}
	return undetermined(&look, "whether wrong two-factor codes disabled the account is not known: Kerio's log shows it only where debugging of user authentication is on")
}

// disabledByCodes: the line is Kerio's own word, as long as nobody got in after it.
func disabledByCodes(s *probes.Snapshot, log *probes.Observation[probes.KerioLog], line probes.KerioLogEvent, evidence []Evidence) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: evidence,
		Summary: fmt.Sprintf("Kerio Connect disabled %s after too many wrong two-factor codes.", LoginName(s))}
	switch loggedInAfter(s, log, line) {
	case yes:
		f.Verdict, f.Confidence = OK, 0
		f.Summary = "The account is disabled, but a login succeeded after wrong two-factor codes had last disabled it: somebody disabled it since."
	case unknown:
		f.Confidence = Likely
	}
	return f
}

// twoFactorLine is the newest line that speaks of too many wrong codes, and the log in which it stands; nil if there is none.
func twoFactorLine(s *probes.Snapshot) (log *probes.Observation[probes.KerioLog], line *probes.KerioLogEvent) {
	for _, l := range []*probes.Observation[probes.KerioLog]{s.Account.Kerio.Debug, s.Account.Kerio.Log} {
		if !l.OK() {
			continue
		}
		for i, e := range l.Value.Events {
			if e.Kind == probes.LogTwoFactorDisabled && (line == nil || e.At.After(line.At)) {
				log, line = l, &l.Value.Events[i]
			}
		}
	}
	return log, line
}

// loggedInAfter says whether Kerio let the user in after a line of a log: by the audit log, whose times err as the line's do, or
// by the last login in the user's row, which is UTC.
func loggedInAfter(s *probes.Snapshot, log *probes.Observation[probes.KerioLog], line probes.KerioLogEvent) answerOf {
	_, audit := kerioLogs(s)
	if audit.OK() {
		for _, e := range audit.Value.Events {
			if e.Kind == probes.LogAuthenticated && e.At.After(line.At) {
				return yes
			}
		}
	}
	last, slack := s.Account.Kerio.User.Value.LastLogin, timeOf(s, log).slack
	switch {
	case last.After(line.At.Add(slack)):
		return yes
	case successSeen(s, line.At), !last.IsZero() && last.Before(line.At.Add(-slack)):
		return no
	}
	return unknown
}
