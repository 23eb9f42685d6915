package checks

import (
	"slices"
	"strings"

	"logindoctor.example/probes"
)

// What the checks on Stalwart's app passwords share.

// AppPasswords is the account's list of credentials, or Stalwart's own words to one of them: either may be missing.
var AppPasswords = &Need{Name: "the account's credentials (x:Account), or Stalwart's words to one", Missing: noStalwart, configured: hasStalwart,
	looks: func(s *probes.Snapshot) []*probes.Look { return []*probes.Look{{What: "login plan"}} },
	hand:  handAll(StalwartUser, Attempts)}

const (
	appPasswordPage = "https://stalw.art/docs/auth/authentication/app-password"
	appPasswordDocs = "Stalwart's documentation, app passwords"
	stalwartAtAuth  = "Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth/authentication.rs, credential.rs and access_token.rs; read, not run"
)

var appPasswordSource = []Source{{stalwartAtAuth, ""}, {appPasswordDocs, appPasswordPage}}

// makeAnother is how an app password is replaced. The documentation has only the user make one, not an administrator.
var makeAnother = []string{"Have the caller sign in at /account on the mail server's web address, and open App Passwords.",
	"Make a new one for this device.", "Enter it on the device in place of the old one."}

// What the letters of these checks share.
var letterAnother = []string{"Sign in to the page of your mail account, open the app passwords and make a new one for this device.",
	"Enter it on the device in place of the old one."}

// accountRead is the account, or the answer where there is none to judge. whether is the clause that is not known.
func accountRead(s *probes.Snapshot, whether string) (u probes.StalwartUser, f Finding, ok bool) {
	if look, ok := userRead(s); !ok {
		return u, undetermined(look, whether+" is not known: the account could not be read"), false
	}
	return stalwartFound(s, whether)
}

// unreadCredential is the undetermined answer where a field of a credential, or the list itself, did not come whole.
func unreadCredential(s *probes.Snapshot, what, whether string) Finding {
	look := s.Account.Stalwart.User.Look
	look.Why, look.Words = probes.Unclear, what+" could not be read"
	return undetermined(&look, whether+" is not known")
}

// appPasswordsOf are the account's app passwords but one.
func appPasswordsOf(u probes.StalwartUser, but *probes.StalwartCredential) (all []*probes.StalwartCredential) {
	for i := range u.Credentials {
		if c := &u.Credentials[i]; c.Kind == probes.StalwartAppPassword && (but == nil || c.ID != but.ID) {
			all = append(all, c)
		}
	}
	return all
}

// deviceLines are the recent lines of one kind that wants holds for, the client's own where its address was said. elsewhere
// says that the address was said and none of them comes from there.
func deviceLines(s *probes.Snapshot, kind probes.StalwartLogKind, wants func(probes.StalwartLogEvent) bool) (lines []probes.StalwartLogEvent, elsewhere bool) {
	all := slices.DeleteFunc(stalwartRecent(s, kind), func(e probes.StalwartLogEvent) bool { return e.Ours || !wants(e) })
	from, _ := originOf(s)
	if !from.client {
		return all, false
	}
	for _, e := range all {
		if sameAddress(e.Address, from.address.String()) {
			lines = append(lines, e)
		}
	}
	if len(lines) == 0 {
		return all, len(all) > 0
	}
	return lines, false
}

// device makes what the log tells of a device a finding: a problem, or a notice where the caller's secret is another one, or
// the client is known to be elsewhere.
func device(s *probes.Snapshot, f Finding, elsewhere bool) Finding {
	f.Verdict, f.Confidence = Problem, Likely
	if elsewhere || secretOf(s) != nil {
		f.Verdict = Notice
	}
	return f
}

// refusedSaying is this run's login as the user that Stalwart refused in one of these words; nil where there was none.
func refusedSaying(s *probes.Snapshot, words []string) *probes.Attempt {
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceManageSieve} {
		a := s.Login.Attempt(probes.AttemptUser, service)
		if a == nil || a.Outcome != probes.Refused {
			continue
		}
		if a.IMAP != nil && says(a.IMAP, words) || a.Sieve != nil && containsAny(a.Sieve.Words, words) {
			return a
		}
	}
	return nil
}

// refusedHTTP is this run's login as the user that Stalwart refused so over HTTP; nil where there was none.
func refusedHTTP(s *probes.Snapshot, how probes.StalwartRefusal) *probes.Attempt {
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceAPI)
	if a == nil || a.Outcome != probes.Refused || a.HTTP == nil || a.HTTP.Refusal != how {
		return nil
	}
	return a
}

// either is the first attempt that there is.
func either(attempts ...*probes.Attempt) *probes.Attempt {
	for _, a := range attempts {
		if a != nil {
			return a
		}
	}
	return nil
}

// credentialNames joins the names of several.
func credentialNames(list []*probes.StalwartCredential) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = credentialName(c)
	}
	return strings.Join(names, ", ")
}
