package checks

import (
	"fmt"
	"net/url"
	"strings"

	"logindoctor.example/probes"
)

// answerOf is yes, no, or not known.
type answerOf uint8

const (
	unknown answerOf = iota
	yes
	no
)

// mapping is what a check declares (Uses) that has to know whether the directory checks this account's password.
var mapping = []*Need{KerioUser, KerioDomain, StalwartAuthentication, StalwartDomain, StalwartDirectories, StalwartSecret, DirectoryEntry, Attempts}

// with joins lists of needs for a check's Uses.
func with(list []*Need, more ...*Need) []*Need { return append(append([]*Need(nil), list...), more...) }

// directoryChecks says whether the profile's directory checks this account's password: Kerio says so by itemSource and
// authType (IDL in igiant/connect, users.go), or the directory itself counted this run's refused login.
func directoryChecks(s *probes.Snapshot) answerOf {
	if onStalwart(&s.Target) && secretOf(s).AppPassword() {
		return no // whatever the directory counted meanwhile, it was not this login
	}
	if k := s.Account.Kerio; k != nil && k.User.OK() && k.User.Value.Found {
		u := k.User.Value
		switch {
		case u.Source == "DSLDAPSource":
			return sameDirectory(s)
		case u.AuthType == "UWindowsNTAuth", u.AuthType == "UKerberosAuth", u.AuthType == "UAppleAuth", u.AuthType == "ULDAPAuth":
			return sameDirectory(s)
		case u.Source == "DSInternalSource" && (u.AuthType == "UInternalAuth" || u.AuthType == ""):
			return no
		}
		return unknown
	}
	if moved, _ := counterMoved(s); moved {
		return yes
	}
	if hasStalwart(&s.Target) {
		return stalwartMaps(s)
	}
	return unknown
}

// stalwartMaps: x:Authentication names the directory, and the profile has to have the same. An app password is Stalwart's own,
// whatever checks the rest (S: common/src/auth/authentication.rs).
func stalwartMaps(s *probes.Snapshot) answerOf {
	id, known := s.Stalwart.Checks()
	if !known {
		return unknown
	}
	d := s.Stalwart.Directory()
	switch {
	case id == "", d != nil && d.Type != "Ldap":
		return no
	case d == nil || s.Target.Directory == nil:
		return unknown
	}
	for _, server := range s.Target.Directory.Servers {
		if ldapHost(server) != "" && strings.EqualFold(ldapHost(server), ldapHost(d.URL)) {
			return yes
		}
	}
	return unknown // it may be the same under another name
}

// ldapHost is the host of an LDAP address.
func ldapHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// checker is the mail server, where it checks passwords itself.
func checker(s *probes.Snapshot) string {
	if s.Target.Kerio == nil && hasStalwart(&s.Target) {
		return "Stalwart"
	}
	return "Kerio Connect"
}

// checkedBy is the clause that says who checks what was given, where it is no directory.
func checkedBy(s *probes.Snapshot) string {
	if onStalwart(&s.Target) && secretOf(s).AppPassword() {
		return "Stalwart itself checks the app password that was given"
	}
	return checker(s) + " itself checks this account's password"
}

// noPart says that what the directory holds does not matter for this login.
func noPart(s *probes.Snapshot) string { return checkedBy(s) + "; the directory has no part in it." }

// sameDirectory doubts a mapping onto another kind of directory than the profile names.
func sameDirectory(s *probes.Snapshot) answerOf {
	if s.Kerio == nil || !s.Kerio.Domain.OK() || s.Target.Directory == nil {
		return yes
	}
	kerio := s.Kerio.Domain.Value.DirectoryType
	switch {
	case kerio == "":
		return yes
	case strings.HasPrefix(kerio, "Windows") && s.Target.Directory.Kind == probes.ActiveDirectory,
		strings.HasPrefix(kerio, "Apple") && s.Target.Directory.Kind == probes.OpenDirectory,
		kerio == "CustomLDAP", kerio == "KerioDirectory":
		return yes
	}
	return unknown
}

// byMapping makes a finding about the directory what it may be for this account: a cause where the directory checks the
// password, likely at most where that is not known, and a notice where another place checks it.
func byMapping(s *probes.Snapshot, f Finding) Finding {
	if f.Verdict != Problem {
		return f
	}
	switch directoryChecks(s) {
	case no:
		f.Verdict = Notice
		f.Evidence = append(f.Evidence, whoChecks(checkedBy(s)+", so this is not why the mail login fails", s))
	case unknown:
		if f.Confidence == Certain {
			f.Confidence = Likely
			f.Evidence = append(f.Evidence, whoChecks("not known to be this directory", s))
		}
	}
	return f
}

func whoChecks(who string, s *probes.Snapshot) Evidence {
	e := Evidence{Fact: "who checks this account's password", Observed: who}
	if s.Stalwart != nil && s.Stalwart.Authentication.OK() {
		a := s.Stalwart.Authentication
		e.Source, e.At = a.Source, a.At
		switch d := s.Stalwart.Directory(); {
		case d == nil || secretOf(s).AppPassword():
		case d.Type == "Ldap":
			e.Observed += fmt.Sprintf(" (x:Directory %s, %s)", d.ID, d.URL)
		default:
			e.Observed += fmt.Sprintf(" (x:Directory %s, of the type %s)", d.ID, d.Type)
		}
	}
	if k := s.Account.Kerio; k != nil && k.User.OK() {
		e.Observed += fmt.Sprintf(" (itemSource %s, authType %s)", k.User.Value.Source, k.User.Value.AuthType)
		e.Source, e.At = k.User.Source, k.User.At
	}
	return e
}

// counterMoved says that a directory server counted a wrong password while this run's login was refused, and where.
func counterMoved(s *probes.Snapshot) (bool, *probes.DirectoryAccount) {
	if s.Login == nil || !refusedSomewhere(s.Login) {
		return false, nil
	}
	for i := range s.Account.Directory {
		d := &s.Account.Directory[i]
		if !d.Entry.OK() || d.Entry.Value.AD == nil || !d.After.OK() {
			continue
		}
		before, after := d.Entry.Value.AD, d.After.Value
		if after.BadPasswordTime != nil && (before.BadPasswordTime == nil || after.BadPasswordTime.After(*before.BadPasswordTime)) {
			return true, d
		}
	}
	return false, nil
}

func refusedSomewhere(l *probes.Login) bool {
	for _, a := range l.Attempts {
		if a.Who == probes.AttemptUser && (a.Outcome == probes.Refused || a.Outcome == probes.Unanswered) {
			return true
		}
	}
	return false
}

// refusal is the first refused login of who over IMAP; nil if there was none.
func refusal(s *probes.Snapshot, who probes.Who) *probes.Attempt {
	a := s.Login.Attempt(who, probes.ServiceIMAP)
	if a == nil || a.Outcome != probes.Refused || a.IMAP == nil {
		return nil
	}
	return a
}

// saidBy is the evidence of one login over IMAP, in the server's words.
func saidBy(a *probes.Attempt) Evidence {
	fact := "IMAP login"
	if a.Who == probes.AttemptCanary {
		fact = "IMAP login of the canary"
	}
	observed := a.Outcome.String()
	if a.IMAP != nil {
		observed = a.IMAP.Status.String()
		if a.IMAP.Code != "" {
			observed += " [" + string(a.IMAP.Code) + "]"
		}
		if a.IMAP.Words != "" {
			observed += " " + a.IMAP.Words
		}
		for _, u := range a.IMAP.Untagged {
			observed += "; * " + u.Status.String() + " " + u.Words
		}
	}
	return Evidence{Fact: fact, Observed: observed, Expected: "OK", Source: a.Server, At: a.At}
}
