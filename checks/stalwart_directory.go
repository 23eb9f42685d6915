package checks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What Stalwart itself says of its directory. Its log tells what it tells no client: S: directory/src/lib.rs and
// directory/src/backend/ldap/pool.rs at d72608f3 (0.16.19-dev); read, not run.
//
//   - A wrong password of a user never leaves a store.ldap-error: with code 49 the server's own bind was refused.
//   - The bind is made once for each connection of the pool, and never again while it stands. So after a change of the password
//     failures come and go at first: one refusal counts, though others get in.

// ldapLooks are what a check of Stalwart's directory declares (Uses) beside mapping.
var ldapLooks = []*Need{StalwartDirectoryLog, StalwartLevels, StalwartUserLog, Attempts}

// ldapLog is the log of the directory's errors, not older than a day, oldest first.
type ldapLog struct {
	events []probes.StalwartLogEvent
	unread *probes.Look // why it says nothing; nil: it was read
	seen   *probes.Observation[probes.StalwartLog]
	now    time.Time // when it was read, by the server's clock
}

func ldapLogOf(s *probes.Snapshot) (l ldapLog) {
	if l.seen = stalwartOf(s).DirectoryLog; !l.seen.OK() {
		l.unread = lookAt(l.seen, probes.ProbeStalwart, "x:Log/query")
		return l
	}
	l.now = s.Stalwart.Now(l.seen.At)
	for _, e := range l.seen.Value.Events {
		if l.now.Sub(e.At) <= lineRecent {
			l.events = append(l.events, e)
		}
	}
	if s.Stalwart.Levels.OK() && len(l.events) == 0 {
		for _, v := range s.Stalwart.Levels.Value {
			if v.Event == "store.ldap-error" && v.Level != "error" && v.Level != "warn" && v.Level != "info" {
				look := s.Stalwart.Levels.Look
				look.Why, look.Words = probes.Unclear, v.Event+" has the level "+v.Level+" and is not logged"
				l.unread = &look
			}
		}
	}
	return l
}

// newest is the last line; nil where there is none.
func (l ldapLog) newest() *probes.StalwartLogEvent {
	if len(l.events) == 0 {
		return nil
	}
	return &l.events[len(l.events)-1]
}

// within says that a line is that young.
func (l ldapLog) within(e probes.StalwartLogEvent, d time.Duration) bool {
	return l.now.Sub(e.At) <= d
}

// refusals are the lines that say that the server's own bind was refused.
func (l ldapLog) refusals() (all []probes.StalwartLogEvent) {
	for _, e := range l.events {
		if e.Kind == probes.StalwartLogLDAP && e.Code == int(probes.LDAPInvalidCredentials) {
			all = append(all, e)
		}
	}
	return all
}

// unreachedWords are those of a connection that did not come about, as the system words them; from rustls or the pool come others.
var unreachedWords = []string{"connection refused", "timed out", "timeout", "no route to host", "unreachable", "lookup address", "name or service not known", "host is down"}

// unreachedBy says that a line reports that no connection came about.
func unreachedBy(e probes.StalwartLogEvent) bool {
	return e.Code == 0 && (e.Kind == probes.StalwartLogPool || containsAny(e.Reason, unreachedWords))
}

// clean is what an empty log shows.
func (l ldapLog) clean(what string) Evidence {
	return Evidence{Fact: "log", Observed: what, Source: l.seen.Source, At: l.seen.At}
}

// ldapInUse says whether Stalwart asks an LDAP directory for own passwords; d is that directory, where it was seen.
func ldapInUse(s *probes.Snapshot) (d *probes.StalwartDirectory, inUse answerOf) {
	id, known := s.Stalwart.Checks()
	d = s.Stalwart.Directory()
	switch {
	case known && id == "", d != nil && d.Type != "Ldap":
		return d, no
	case d != nil:
		return d, yes
	}
	return nil, unknown
}

// noLDAP is the answer where Stalwart asks no LDAP directory.
func noLDAP(d *probes.StalwartDirectory) Finding {
	if d != nil {
		return Finding{Verdict: NotApplicable, Summary: "Stalwart's directory is of the type " + d.Type + ", and no LDAP."}
	}
	return Finding{Verdict: NotApplicable, Summary: "Stalwart asks no directory: it checks passwords itself."}
}

// byStalwart makes a finding about Stalwart's own directory what it is for this login: whether the profile names the same
// directory does not matter here. The log does not say which of several directories a line is about.
func byStalwart(s *probes.Snapshot, f Finding) Finding {
	_, inUse := ldapInUse(s)
	several := s.Stalwart != nil && s.Stalwart.Directories.OK() && 1 < len(slices.DeleteFunc(slices.Clone(s.Stalwart.Directories.Value),
		func(d probes.StalwartDirectory) bool { return d.Type != "Ldap" }))
	switch {
	case f.Verdict != Problem:
	case secretOf(s).AppPassword(), inUse == no:
		f.Verdict = Notice
		f.Evidence = append(f.Evidence, whoChecks(checkedBy(s)+", so this is not why the mail login fails", s))
	case inUse == unknown || several:
		f.Confidence = min(f.Confidence, Likely)
		f.Evidence = append(f.Evidence, whoChecks("not known to be this directory", s))
	}
	return f
}

// answeredSince is what shows that Stalwart got a right answer from its directory after a moment: this user's own password was
// taken, by the log or in this run. HTTP is left out: it may be an answer that the server kept. unread: the log does not tell.
func answeredSince(s *probes.Snapshot, moment time.Time) (facts []Evidence, unread *probes.Look) {
	if facts = tookOwnPassword(s); len(facts) > 0 {
		return facts, nil
	}
	w := stalwartAccountOf(s)
	if !w.Log.OK() {
		return nil, lookAt(w.Log, probes.ProbeStalwart, "x:Log/query")
	}
	for _, e := range w.Log.Value.Events {
		if e.Kind == probes.StalwartLogSuccess && e.CredentialID == "" && e.At.After(moment) {
			facts = stalwartLogged(w.Log, []probes.StalwartLogEvent{e})
		}
	}
	return facts, nil
}

// anybodySince is answeredSince, and the canary's login of this run. It is the weaker word: a canary with an app password is let in
// without the directory, and which it has is not known.
func anybodySince(s *probes.Snapshot, moment time.Time) (facts []Evidence, unread *probes.Look) {
	if facts, unread = answeredSince(s, moment); len(facts) > 0 {
		return facts, nil
	}
	a := s.Login.Attempt(probes.AttemptCanary, probes.ServiceIMAP)
	if a == nil || !accepted(a) || !s.Stalwart.Now(a.At).After(moment) {
		return nil, unread
	}
	return []Evidence{saidBy(a)}, nil
}

// tookOwnPassword are this run's logins with the account's own password that Stalwart took, and had to ask for.
func tookOwnPassword(s *probes.Snapshot) (facts []Evidence) {
	if !ownPasswordGiven(s) {
		return nil
	}
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceManageSieve} {
		if a := s.Login.Attempt(probes.AttemptUser, service); a != nil && accepted(a) {
			facts = append(facts, said(a))
		}
	}
	return facts
}

// ldapWords are Stalwart's words to a client where its directory, and not another store, is in trouble (S: trc/src/event/enums_impl.rs).
var ldapWords = []string{"ldap error", "connection timed out"}

// stalwartUnavailable are this run's logins that Stalwart could not check because of its directory.
func stalwartUnavailable(s *probes.Snapshot) (out []Evidence) {
	for _, who := range []probes.Who{probes.AttemptUser, probes.AttemptCanary} {
		if a := s.Login.Attempt(who, probes.ServiceIMAP); a != nil && a.IMAP != nil && !a.IMAP.Accepted() && unavailableCode(a.IMAP.Code) && containsAny(a.IMAP.Words, ldapWords) {
			out = append(out, saidBy(a))
		}
	}
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceManageSieve); a != nil && a.Sieve != nil && a.Sieve.Code == tryLater && containsAny(a.Sieve.Words, ldapWords) {
		out = append(out, said(a))
	}
	return out
}

// tryLater is ManageSieve's code for what is no answer to the password (RFC 5804 §1.3).
const tryLater = "TRYLATER"

// sameBindAccount says whether the account that Stalwart binds as is the one that the profile names for the mail server.
func sameBindAccount(s *probes.Snapshot) answerOf {
	d := s.Stalwart.Directory()
	if d == nil || d.BindDN == "" || s.Target.Directory == nil || s.Target.Directory.MailServerBind == "" {
		return unknown
	}
	if sameDN(d.BindDN, s.Target.Directory.MailServerBind) {
		return yes
	}
	for _, server := range s.Directory {
		if server.BindAccount.OK() && server.BindAccount.Value.AD != nil {
			ad := server.BindAccount.Value.AD
			_, short, _ := strings.Cut(d.BindDN, `\`) // EXAMPLE\svc-mail, which Active Directory takes too
			if sameDN(d.BindDN, ad.DN) || strings.EqualFold(d.BindDN, ad.UPN) || short != "" && strings.EqualFold(short, ad.Login) {
				return yes
			}
		}
	}
	if strings.Contains(d.BindDN, "=") && strings.Contains(s.Target.Directory.MailServerBind, "=") {
		return no
	}
	return unknown
}

// sameDN compares two names but for case and the spaces beside their signs (RFC 4514).
func sameDN(a, b string) bool {
	plain := func(dn string) string {
		for _, sign := range []string{",", "="} {
			parts := strings.Split(dn, sign)
			for i := range parts {
				parts[i] = strings.TrimSpace(parts[i])
			}
			dn = strings.Join(parts, sign)
		}
		return dn
	}
	return strings.EqualFold(plain(a), plain(b))
}

// toldBy is what Active Directory's sub-code in Stalwart's log says of the account that Stalwart binds as; nil: nothing, or that
// the password is wrong.
func toldBy(e probes.StalwartLogEvent) *adState {
	for i := range adStates {
		if k := &adStates[i]; k.code != 0 && strings.Contains(e.Reason, fmt.Sprintf("data %x", uint16(k.code))) {
			return k
		}
	}
	return nil
}

// saidWrong says that the sub-code is that of a wrong password, which a locked account does not get.
func saidWrong(e probes.StalwartLogEvent) bool {
	return strings.Contains(e.Reason, fmt.Sprintf("data %x", uint16(probes.SubcodeWrongPassword)))
}

// directorySaid names Stalwart's directory and whom it binds as.
func directorySaid(s *probes.Snapshot, d *probes.StalwartDirectory) Evidence {
	o := s.Stalwart.Directories
	e := Evidence{Fact: "x:Directory " + d.ID, Observed: d.URL, Source: o.Source, At: o.At}
	if d.BindDN != "" {
		e.Observed += ", bindDn " + d.BindDN
	}
	return e
}
