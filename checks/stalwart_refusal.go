package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// What a refusal of Stalwart's says of the password. S: common/src/auth/authentication.rs, directory/src/backend/ldap/lookup.rs,
// directory/src/backend/sql, at d72608f3 (0.16.19-dev); read, not run.

// notThePassword are words behind AUTHENTICATIONFAILED where the password is right, was not looked at, or is not the account's
// own: a second factor, a filter that finds nobody, a group, an app password past its end, a directory that was not built.
var notThePassword = []string{"multi-factor authentication", "filter yielded no results", "authentication error", "credential expired",
	"$app$", "does not have a secret", "did not return an account", "too many authentication attempts", "mechanism not supported"}

// thePassword are those where a password was looked at and is not right: the first by Stalwart itself, the others by a directory.
var (
	byItself  = []string{"authentication failed"}
	byBind    = []string{"secret rejected during auth bind"} // the directory refused a bind as the user, for whatever reason
	byCompare = []string{"invalid credentials"}              // Stalwart compared with what the directory, or a database, holds
)

// fallbackWords is the mark that stands for the secret of a directory's user: Stalwart compares with it where the directory that
// is set was not built, and says it aloud.
const fallbackWords = "$app$"

// ofThePassword says that a refused login was refused in words that speak of the user or the password.
func ofThePassword(s *probes.Snapshot, a *probes.Attempt) bool {
	switch {
	case a.IMAP != nil && onStalwart(&s.Target):
		// Without its tag comes what Stalwart says of an app password (stalwartlabs/stalwart issue 3241).
		return speaksOfCredentials(a.IMAP) && !a.IMAP.NoTag && !says(a.IMAP, notThePassword) && !bareDomain(a.IMAP.Words)
	case a.IMAP != nil:
		return speaksOfCredentials(a.IMAP)
	case a.Sieve != nil:
		return a.Sieve.Status == probes.SieveNO && a.Sieve.Code == "" && (containsAny(a.Sieve.Words, byItself) || containsAny(a.Sieve.Words, byBind) || containsAny(a.Sieve.Words, byCompare))
	case a.HTTP != nil:
		return a.HTTP.Refusal == probes.StalwartUnauthorized
	case a.API != nil:
		return a.API.Code == probes.KerioOperationFailed
	}
	return false
}

// bareDomain says that the words are a domain and nothing else: Stalwart names the login's, where it does not serve it.
func bareDomain(words string) bool {
	return strings.Contains(strings.Trim(words, "."), ".") && !strings.ContainsAny(words, " \t") && !strings.HasSuffix(words, ".")
}

// refusalWords are a refused login's words, wherever they stand; empty over HTTP, where they are the same for all.
func refusalWords(a *probes.Attempt) string {
	switch {
	case a.IMAP != nil:
		return a.IMAP.Words
	case a.Sieve != nil:
		return a.Sieve.Words
	}
	return ""
}

// fellBack is this run's refusal that shows that Stalwart compared with the mark of a directory's user; nil where none does.
func fellBack(s *probes.Snapshot) *probes.Attempt {
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceManageSieve} {
		if a := s.Login.Attempt(probes.AttemptUser, service); a != nil && a.Outcome == probes.Refused && strings.Contains(refusalWords(a), fallbackWords) {
			return a
		}
	}
	return nil
}

// notOwnPassword is the answer where what the caller gave is no own password, as far as its form tells; ok is false where it is one.
func notOwnPassword(s *probes.Snapshot) (f Finding, ok bool) {
	secret := secretOf(s)
	switch {
	case secret.AppPassword():
		return Finding{Verdict: NotApplicable, Summary: "The secret that was given is an app password; the account's own password was not tried."}, true
	case secret != nil && secret.Shape == probes.StalwartShapeAPIKey:
		return Finding{Verdict: NotApplicable, Summary: "The secret that was given is an API key; the account's own password was not tried."}, true
	case secret != nil && secret.Shape == probes.StalwartShapeMangled:
		return Finding{Verdict: Undetermined, Why: probes.Unclear,
			Summary: "Whether the password is right is not known: the secret that was given looks like an app password that was cut short or changed."}, true
	case secret == nil:
		return Finding{Verdict: Undetermined, Why: probes.Unclear,
			Summary: "Whether the password is right is not known: it was not told whether the secret that was given is the account's own password."}, true
	}
	return Finding{}, false
}

// wrongAtStalwart judges a refusal in words that speak of the password. The same words stand for a login that nobody has, and
// for an alias that may not be used, so the account has to be seen.
func wrongAtStalwart(s *probes.Snapshot, a *probes.Attempt) Finding {
	const whether = "whether the password is right is not known"
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{said(a)}}
	unclear := func(why string) Finding {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: f.Evidence, Summary: sentence(whether + ": " + why)}
	}
	if look, ok := userRead(s); !ok {
		u := undetermined(look, whether+": the login is refused, and Stalwart's account could not be read")
		u.Evidence = append(f.Evidence, u.Evidence...)
		return u
	}
	u, open, found := stalwartFound(s, "whether the password is right")
	words := refusalWords(a)
	switch id, known := s.Stalwart.Checks(); {
	case containsAny(words, byCompare):
		f.Summary = "The password that was tried is not the one that Stalwart's directory holds, and nothing else was found that explains it."
		return f
	case containsAny(words, byBind):
		return wrongAtDirectory(s, f)
	case words == "" && known && id != "":
		return unclear("a directory checks it, and over HTTP other refusals look the same")
	case !found:
		open.Evidence = append(f.Evidence, open.Evidence...)
		return open
	case u.Kind == probes.StalwartGroup:
		return unclear("the account is a group, as which nobody can log in")
	case known && id != "":
		return unclear("a directory is to check it, and Stalwart refuses it in words of its own")
	case u.CredsKnown && u.Password() == nil:
		return unclear("Stalwart holds no own password for the account")
	case u.Alias == probes.StalwartAliasOff, u.Alias == probes.StalwartAliasLogin && s.Stalwart.Right(u, nil, probes.StalwartMayAlias).Answer != probes.StalwartYes:
		return unclear("the login is an alias, and an alias that may not be used is refused in the same words")
	case words == "":
		return unclear("over HTTP other refusals look the same")
	}
	f.Summary = "Stalwart checks the password itself and does not take the one that was tried, and nothing else was found that explains it."
	return f
}

// wrongAtDirectory: Stalwart tried the password at its directory, which refused it. Stalwart does not pass on why: a lock, an
// expired or a disabled account answer alike, so the directory has to show that the account is in order.
func wrongAtDirectory(s *probes.Snapshot, f Finding) Finding {
	if moved, d := counterMoved(s); moved {
		return counted(f, d)
	}
	unclear := Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: f.Evidence}
	switch {
	case s.Target.Directory == nil:
		unclear.Summary = "Stalwart's directory refuses the login, for a wrong password and for a locked or expired account alike; the profile names no directory that could be asked."
		return unclear
	case directoryChecks(s) == no:
		unclear.Summary = "A directory refuses the login, and Stalwart's settings name none that would."
		return unclear
	}
	if clean, unread := inOrder(s); unread != nil {
		unread.Evidence = append(f.Evidence, unread.Evidence...)
		return *unread
	} else if !clean {
		unclear.Summary = "Stalwart's directory refuses the login, and the account's state there explains it."
		return unclear
	}
	f.Summary = "Stalwart's directory refuses the password that was tried, and holds nothing else against the account."
	return f
}

// inOrder says that no directory server holds a state of the account that refuses the right password; unread is the answer where
// one does not tell.
func inOrder(s *probes.Snapshot) (clean bool, unread *Finding) {
	q := question{whether: "whether the password is right", product: "the directory"}
	clean = len(s.Account.Directory) > 0
	for _, d := range s.Account.Directory {
		if f := q.oneEntry(d); f != nil {
			return false, f
		}
		for _, r := range statesOf(s, d) {
			switch r.holds {
			case yes:
				clean = false
			case unknown:
				return false, q.notTold(d, r)
			}
		}
	}
	return clean, nil
}

// statesOf are the answers of one entry to everything that refuses a right password.
func statesOf(s *probes.Snapshot, d probes.DirectoryAccount) (all []reading) {
	now := seenAt(s, d.Entry.At)
	if ad := adEntry(d); ad != nil {
		for _, k := range adStates {
			all = append(all, k.read(ad, now))
		}
	}
	if od := odEntry(d); od != nil {
		all = append(all, odLocked(od, now), odExpired(od, now), odMustChange(od, now), odDates(od, now), odDisabled(od, now))
	}
	if all == nil {
		all = append(all, reading{})
	}
	return all
}
