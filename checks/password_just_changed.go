package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// PasswordJustChanged is a new password that some device does not know of yet.
var PasswordJustChanged = &Check{
	ID: "password-just-changed", Group: GroupPassword, Title: "The password was changed lately, and something still sends another one",
	Doc: Doc{
		Says:  "I changed my Windows password, and now mail asks for it again and again.",
		Tells: "The directory's date of the last change lies within three days, and an old password is seen: this run's login was refused and Active Directory did not count it, which it does for the two passwords before the present one; or Kerio Connect's log has one address and mail protocol that fails only since the change and never succeeds after it.",
		Mistaken: []string{
			"A lock (ad-account-locked): it often follows, for a device with an older password is counted.",
			"A wrong password (wrong-password): that one is counted.",
			"A change that every device knows of: then nothing fails after it.",
		},
	},
	Source: []Source{{"Kerio Connect user cannot log in to their account (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/troubleshooting/kerio-connect-user-cannot-login-to-their-email-account-1051.html"},
		{"Active Directory bad passwords and account lockout: the two previous passwords are not counted", "https://social.technet.microsoft.com/wiki/contents/articles/32490.active-directory-bad-passwords-and-account-lockout.aspx"}},
	Needs: []*Need{DirectoryChange}, Uses: with(mapping, KerioSecurityLog, KerioAuditLog, KerioPolicy, KerioClock),
	Owner: OwnerUser, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Enter the new password on every device",
		Steps: []string{"Ask which phones, tablets and computers have this mailbox, also those rarely used.",
			"Enter the new password in the mail program of each.",
			"Remove the mailbox from devices that are no longer used."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password again: every device would have to be told once more."},
	},
	Letter: Letter{
		Wrong: "Your password was changed lately, and a phone, tablet or computer still uses another one.",
		Do: []string{"Enter the new password in the mail program of every device, also of those that you rarely use.",
			"Remove mail from devices that you no longer use."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      passwordJustChanged,
}

// DirectoryChange is the account's entry, for the date of its last change of password.
var DirectoryChange = answers(DirectoryEntry, "when the directory last saw the password change")

// lately is how long after a change devices are likely to hold the old password.
const lately = 72 * time.Hour

func passwordJustChanged(s *probes.Snapshot) Finding {
	if directoryChecks(s) == no {
		return Finding{Verdict: NotApplicable, Summary: checkedBy(s) + ", and tells no date of its last change."}
	}
	changed, evidence, other := lastChange(s)
	if other != nil {
		return *other
	}
	bad := fmt.Sprintf("%s's password was changed at %s, and something still sends another one.", LoginName(s), clock(changed))
	if facts := oldPasswordTried(s); facts != nil {
		return Finding{Verdict: Problem, Confidence: Likely, Evidence: append(evidence, facts...),
			Summary: fmt.Sprintf("%s's password was changed at %s, and the password that was tried is probably the one before.", LoginName(s), clock(changed))}
	}
	facts, unsure, many := oldPasswordLogged(s, changed)
	switch {
	case many && unsure != nil:
		f := undetermined(unsure, "the password was changed lately, and one address fails since; whether it failed before or has got in since is not known")
		f.Evidence = append(append(evidence, facts...), f.Evidence...)
		return whereChecked(s, f)
	case many:
		return byMapping(s, Finding{Verdict: Problem, Confidence: Likely, Summary: bad, Evidence: append(evidence, facts...)})
	case facts == nil:
		facts = wrongSince(s, changed)
	}
	if facts != nil {
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: append(evidence, facts...),
			Summary: fmt.Sprintf("%s's password was changed at %s, and a wrong one was sent since: is there a device that holds the old one?", LoginName(s), clock(changed))}
	}
	if hasKerio(&s.Target) {
		if k := s.Account.Kerio; k == nil || !k.Log.OK() {
			look := &probes.Look{What: "Logs.get security", Why: probes.Unclear}
			if k != nil && k.Log != nil {
				look = &k.Log.Look
			}
			return undetermined(look, "the password was changed lately; whether a device still sends the old one is not known")
		}
	}
	return Finding{Verdict: OK, Evidence: evidence, Summary: "The password was changed lately, and nothing is seen to send another one."}
}

// lastChange gives the latest change that any server knows of; other is the answer where there is none within three days.
func lastChange(s *probes.Snapshot) (changed time.Time, evidence []Evidence, other *Finding) {
	dateless := ""
	q := question{whether: "when the password was last changed", product: "the directory", read: func(e *probes.DirectoryEntry, now time.Time) reading {
		fact, at := "pwdLastSet", (*time.Time)(nil)
		switch {
		case e.AD != nil && e.AD.MustChange:
			dateless = "it has to be changed at the next login"
			return reading{holds: no, facts: []Evidence{{Fact: fact, Observed: "0"}}}
		case e.AD != nil:
			at = e.AD.PwdLastSet
		case e.OD != nil:
			fact, at = "pwdChangedTime", e.OD.Changed
			if at == nil && e.OD.PolicySeen { // Apple's own policy keeps none
				dateless = "the directory keeps none"
				return reading{holds: no, facts: []Evidence{{Fact: fact, Observed: "not set"}}}
			}
		}
		if at == nil {
			return reading{}
		}
		r := reading{holds: no, facts: []Evidence{{Fact: fact, Observed: stamp(*at)}}}
		if now.Sub(*at) <= lately {
			r.holds = yes
			if at.After(changed) {
				changed = *at
			}
		}
		return r
	}}
	shows, clean, unread := q.ask(s)
	switch {
	case len(shows) > 0:
		return changed, shows, nil
	case unread != nil:
		return changed, nil, unread
	case dateless != "":
		return changed, nil, &Finding{Verdict: NotApplicable, Summary: "The password has no date of its last change: " + dateless + ".", Evidence: clean}
	}
	return changed, nil, &Finding{Verdict: OK, Summary: "The password was not changed within the last three days.", Evidence: clean}
}

// oldPasswordTried: this run's login reached Active Directory, was refused as a wrong password, and was not counted. That
// says something only where no other state of the account, and nothing of Kerio's, refuses a right one just so.
func oldPasswordTried(s *probes.Snapshot) []Evidence {
	a := refusedPassword(s)
	if a == nil || a.API != nil || directoryChecks(s) != yes || !directoryAskedFor(s, a) {
		return nil
	}
	evidence := []Evidence{said(a)}
	for _, d := range s.Account.Directory {
		ad := adEntry(d)
		if ad == nil || !d.After.OK() || ad.BadPwdCount == nil || d.After.Value.BadPwdCount == nil {
			return nil
		}
		for _, k := range adStates {
			if k.read(ad, seenAt(s, d.Entry.At)).holds != no {
				return nil
			}
		}
		if *ad.BadPwdCount != *d.After.Value.BadPwdCount || !sameTime(ad.BadPasswordTime, d.After.Value.BadPasswordTime) {
			return nil
		}
		evidence = append(evidence, Evidence{Fact: "badPwdCount", Observed: fmt.Sprintf("%d before and after the refused login", *ad.BadPwdCount),
			Expected: "one more after a password that was never this account's", Source: d.Server, At: d.After.At})
	}
	if len(evidence) == 1 {
		return nil
	}
	return evidence
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// directoryAskedFor says that the refused login reached the directory: by Kerio's state, or by Stalwart's words, which name the bind.
func directoryAskedFor(s *probes.Snapshot, a *probes.Attempt) bool {
	if onStalwart(&s.Target) {
		return containsAny(refusalWords(a), byBind)
	}
	return kerioAsked(s, a)
}

// kerioAsked says that nothing is seen of Kerio's own that would have refused the login before the directory was asked.
func kerioAsked(s *probes.Snapshot, a *probes.Attempt) bool {
	k := s.Account.Kerio
	if k == nil || !k.User.OK() || !k.User.Value.Enabled || !k.Log.OK() || s.Kerio == nil || !s.Kerio.SecurityPolicy.OK() {
		return false
	}
	p := s.Kerio.SecurityPolicy.Value
	window := time.Duration(p.MinutesToUnlock) * time.Minute
	failures := 0
	for _, e := range k.Log.Value.Events {
		switch {
		case e.Ours && e.Kind != probes.LogInvalidPassword && e.Kind != probes.LogOther:
			return false
		case !e.Ours && e.Kind == probes.LogInvalidPassword && (guessedClock(s) || a.At.Sub(e.At) < window):
			failures++
		}
	}
	return !p.EnableLockout || failures < p.FailedToLock
}

// guessedClock says that the zone of Kerio's log times is a guess, so that before and after cannot be told by them.
func guessedClock(s *probes.Snapshot) bool {
	return s.Kerio == nil || !s.Kerio.Clock.OK() || s.Kerio.Clock.Value.Guess
}

// oldPasswordLogged finds an address and mail protocol in Kerio's log that fails since the change and did not before; many says
// that it failed more than once. unsure is what could not be read and might show otherwise: the log from before the change,
// the successes, or the clock.
func oldPasswordLogged(s *probes.Snapshot, changed time.Time) (evidence []Evidence, unsure *probes.Look, many bool) {
	k := s.Account.Kerio
	if k == nil || !k.Log.OK() {
		return nil, nil, false
	}
	log := k.Log.Value
	switch {
	case !k.Audit.OK():
		unsure = logLook(k.Audit, "Logs.get audit")
	case guessedClock(s):
		unsure = timeOf(s, k.Log).guessed(k.Log)
	default:
		if look, ok := timeOf(s, k.Log).reaches(k.Log, changed); !ok {
			unsure = look
		}
	}
	for _, e := range log.Events {
		if e.Kind != probes.LogInvalidPassword || e.Ours || !mailProtocol(e.Protocol) || !e.At.After(changed) || !onlySince(k, e, changed) {
			continue
		}
		var facts []Evidence
		for _, f := range log.Events {
			if sameSender(e, f) && f.Kind == probes.LogInvalidPassword && !f.Ours {
				facts = append(facts, Evidence{Fact: "security log", Observed: f.Words, Source: k.Log.Source, At: f.At})
			}
		}
		if len(facts) >= 2 {
			return facts, unsure, true
		}
		if evidence == nil {
			evidence = facts
		}
	}
	return evidence, unsure, false
}

// onlySince says that this address and protocol did not fail before the change, and has not got in after the failure.
func onlySince(k *probes.KerioAccount, failed probes.KerioLogEvent, changed time.Time) bool {
	events := k.Log.Value.Events
	if k.Audit.OK() {
		events = append(append([]probes.KerioLogEvent(nil), events...), k.Audit.Value.Events...)
	}
	for _, e := range events {
		if sameSender(e, failed) && (e.Kind == probes.LogInvalidPassword && !e.Ours && !e.At.After(changed) || e.Kind == probes.LogAuthenticated && e.At.After(failed.At)) {
			return false
		}
	}
	return true
}

func sameSender(a, b probes.KerioLogEvent) bool {
	return a.Address == b.Address && a.Protocol == b.Protocol
}

// mailProtocol leaves out where people type the password: a device does not use the web pages.
func mailProtocol(p string) bool {
	return p != "" && !strings.Contains(p, "WebMail") && !strings.Contains(p, "WebAdmin")
}

// wrongSince is a wrong password that the directory saw after the change; anybody may have typed it.
func wrongSince(s *probes.Snapshot, changed time.Time) []Evidence {
	for _, d := range s.Account.Directory {
		if ad := adEntry(d); ad != nil && ad.BadPwdCount != nil && *ad.BadPwdCount > 0 && ad.BadPasswordTime != nil && ad.BadPasswordTime.After(changed) {
			return []Evidence{{Fact: "badPwdCount, badPasswordTime", Observed: fmt.Sprintf("%d, %s", *ad.BadPwdCount, stamp(*ad.BadPasswordTime)), Expected: "0", Source: d.Server, At: d.Entry.At}}
		}
		if od := odEntry(d); od != nil {
			for _, t := range od.FailureTimes {
				if t.After(changed) {
					return []Evidence{{Fact: "pwdFailureTime", Observed: stamp(t), Source: d.Server, At: d.Entry.At}}
				}
			}
		}
	}
	return nil
}
