package checks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What the checks on Stalwart share.

// stalwartFound is the answer where there is no one account to judge; ok is false then. whether is the clause that is not known.
func stalwartFound(s *probes.Snapshot, whether string) (u probes.StalwartUser, f Finding, ok bool) {
	o := s.Account.Stalwart.User
	look := o.Look
	look.Why = probes.Unclear
	switch u = o.Value; {
	case u.Found == probes.StalwartNo:
		look.Words = "no such account"
		return u, undetermined(&look, whether+" is not known: Stalwart has no such account"), false
	case u.Found == probes.StalwartUnknown:
		look.Words = "not found, and not all could be searched"
		return u, undetermined(&look, whether+" is not known: the account was not found, and not all could be searched"), false
	case u.Others > 0:
		look.Words = fmt.Sprintf("%d accounts", u.Others+1)
		return u, undetermined(&look, whether+" is not known: more than one account fits the name"), false
	}
	return u, Finding{}, true
}

// secretOf is what the caller's secret looks like; nil where none was given.
func secretOf(s *probes.Snapshot) *probes.StalwartSecret {
	if s.Account.Stalwart == nil {
		return nil
	}
	return s.Account.Stalwart.Secret
}

// appPasswordGiven is the credential that the caller's app password names; given is false where the secret is none. A nil
// credential is not among the account's app passwords: an id that is the own password's or an API key's is no app password's.
func appPasswordGiven(s *probes.Snapshot, u probes.StalwartUser) (c *probes.StalwartCredential, given bool) {
	secret := secretOf(s)
	if !secret.AppPassword() {
		return nil, false
	}
	c = u.Credential(secret.CredentialID)
	if c != nil && (c.Kind == probes.StalwartPassword || c.Kind == probes.StalwartAPIKey) {
		return nil, true
	}
	return c, true
}

// ownPasswordGiven says that the caller's secret is, as far as its form tells, the account's own password.
func ownPasswordGiven(s *probes.Snapshot) bool {
	secret := secretOf(s)
	return secret != nil && secret.Shape == probes.StalwartShapeOther
}

// origin is the address that counts: the client's, where it was said, or else this computer's, "from here".
type origin struct {
	address netip.Addr
	client  bool       // it is the user's
	hidden  netip.Addr // what is known instead: a private one, which the server does not see
}

// originOf is false where neither is known. A client's private address is translated on the way to a server that has none: the one
// that the server sees is not known then, unless the server names it.
func originOf(s *probes.Snapshot) (o origin, known bool) {
	if a, err := netip.ParseAddr(s.Target.ClientAddress); err == nil {
		if a = a.Unmap(); a.IsPrivate() && !serverNear(s) && !serverSaw(s, a) {
			return origin{hidden: a}, false
		}
		return origin{address: a, client: true}, true
	}
	here := s.Here()
	return origin{address: here}, here.IsValid()
}

// serverSaw says that a log line of the account, or a ban of that one address, shows that the server sees it.
func serverSaw(s *probes.Snapshot, a netip.Addr) bool {
	if w := s.Account.Stalwart; w != nil && w.Log.OK() && slices.ContainsFunc(w.Log.Value.Events, func(e probes.StalwartLogEvent) bool { return sameAddress(e.Address, a.String()) }) {
		return true
	}
	return s.Stalwart != nil && s.Stalwart.Blocked.OK() && slices.ContainsFunc(s.Stalwart.Blocked.Value.Rows, func(r probes.StalwartAddress) bool { return sameAddress(string(r.Mask), a.String()) })
}

// hiddenFrom: only the address that Stalwart sees is in its lists. whether is the clause that is not known.
func hiddenFrom(s *probes.Snapshot, from origin, whether string, evidence []Evidence) Finding {
	whose := "the client's"
	if s.Target.ClientAddress == "" {
		whose = "this computer's"
	}
	return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: evidence,
		Summary: sentence(fmt.Sprintf("%s is not known: %s address, %s, is private, and Stalwart sees another one in its place. Ask for the public one of the client: a page on the web that shows the caller's own address tells it", whether, whose, from.hidden))}
}

// serverNear says that logindoctor reaches the server at a private address, or on this very computer.
func serverNear(s *probes.Snapshot) bool {
	var reaches []*probes.Reach
	if s.IMAP != nil {
		reaches = append(reaches, s.IMAP.Reach)
	}
	if s.Stalwart != nil {
		reaches = append(reaches, s.Stalwart.API)
	}
	return slices.ContainsFunc(reaches, func(r *probes.Reach) bool {
		if r == nil {
			return false
		}
		a, err := netip.ParseAddr(r.Remote)
		return err == nil && (a.Unmap().IsPrivate() || a.Unmap().IsLoopback())
	})
}

func (o origin) String() string {
	if o.client {
		return "the client's address, " + o.address.String()
	}
	return "this computer's address, " + o.address.String() + ", here"
}

// credentialName is a credential as its owner knows it.
func credentialName(c *probes.StalwartCredential) string {
	if c.Kind == probes.StalwartPassword {
		return "the account's own password"
	}
	if c.Description != "" {
		return fmt.Sprintf("the app password %q", c.Description)
	}
	return "the app password " + c.ID
}

// credentialSaid is one field of a credential, as x:Account shows it.
func credentialSaid(s *probes.Snapshot, c *probes.StalwartCredential, field, observed, expected string) Evidence {
	o := s.Account.Stalwart.User
	return Evidence{Fact: field + " of credential " + c.ID, Observed: observed, Expected: expected, Source: o.Source, At: o.At}
}

// userSaid is one field of the account.
func userSaid(s *probes.Snapshot, field, observed, expected string) Evidence {
	o := s.Account.Stalwart.User
	return Evidence{Fact: field, Observed: observed, Expected: expected, Source: o.Source, At: o.At}
}

func masksWords(masks []probes.StalwartMask) string {
	words := make([]string, len(masks))
	for i, m := range masks {
		words[i] = string(m)
	}
	return strings.Join(words, ", ")
}

// stalwartRecent are the lines of the log about the account of one kind, not older than a day, oldest first, that no accepted
// login from the same address and listener has followed. A success before another such line is none: auth.success is written before
// address and permission are looked at (S: crates/common/src/auth/authentication.rs).
func stalwartRecent(s *probes.Snapshot, kind probes.StalwartLogKind) []probes.StalwartLogEvent {
	log := s.Account.Stalwart.Log
	if !log.OK() {
		return nil
	}
	var out []probes.StalwartLogEvent
	now := s.Stalwart.Now(log.At)
	for i, e := range log.Value.Events {
		if e.Kind == kind && now.Sub(e.At) <= lineRecent && !mended(log.Value.Events, i, now) {
			out = append(out, e)
		}
	}
	return out
}

// mended says that an accepted login followed line i, and no such line that one.
func mended(events []probes.StalwartLogEvent, i int, now time.Time) (is bool) {
	e := events[i]
	for _, later := range events[i+1:] {
		switch {
		case later.Ours || !sameDoor(later, e) || !later.At.After(e.At):
		case later.Kind == probes.StalwartLogSuccess:
			is = is || !anotherCredential(e, later) || insteadOf(events, e, later, now)
		case later.Kind == e.Kind && later.CredentialID == e.CredentialID:
			is = false
		}
	}
	return is
}

// sameDoor says that two lines are of one address and listener.
func sameDoor(a, b probes.StalwartLogEvent) bool {
	return a.Address == b.Address && a.Listener == b.Listener
}

// anotherCredential says that a success names another app password than the line of a failure does. auth.failed names none where
// an own password was tried; the lines of an address or a permission name none whatever was.
func anotherCredential(e, success probes.StalwartLogEvent) bool {
	named := e.CredentialID != "" || e.Kind == probes.StalwartLogFailed
	return named && success.CredentialID != "" && success.CredentialID != e.CredentialID
}

// insteadOf says that a success with another credential came in place of what failed. Behind one address there may be several
// devices: it did only if that credential never got in from there while the other failed, and the other has been silent since for
// longer than a mail program waits.
func insteadOf(events []probes.StalwartLogEvent, e, success probes.StalwartLogEvent, now time.Time) bool {
	newest := e.At
	for _, o := range events {
		if !o.Ours && sameDoor(o, e) && o.Kind == e.Kind && o.CredentialID == e.CredentialID && o.At.After(newest) {
			newest = o.At
		}
	}
	return now.Sub(newest) > fresh && !slices.ContainsFunc(events, func(o probes.StalwartLogEvent) bool {
		return !o.Ours && sameDoor(o, e) && o.Kind == probes.StalwartLogSuccess && o.CredentialID == success.CredentialID && !o.At.After(newest)
	})
}

// oursAtStalwart are the lines of the account's log that came while this run tried a login: what is kept to itself over IMAP is
// written there.
func oursAtStalwart(s *probes.Snapshot) (out []probes.StalwartLogEvent) {
	if s.Account.Stalwart == nil || !s.Account.Stalwart.Log.OK() {
		return nil
	}
	for _, e := range s.Account.Stalwart.Log.Value.Events {
		if e.Ours && e.Kind != probes.StalwartLogSuccess {
			out = append(out, e)
		}
	}
	return out
}

// fresh is how young a line is that speaks of now: a mail program that cannot log in tries again within minutes.
const fresh = time.Hour

// stalwartLogged makes evidence of log lines, the newest three and how many there are.
func stalwartLogged(log *probes.Observation[probes.StalwartLog], events []probes.StalwartLogEvent) (out []Evidence) {
	if n := len(events); n > 3 {
		out = append(out, Evidence{Fact: "log", Observed: fmt.Sprintf("%d such lines since %s; the newest follow", n, stamp(events[0].At)), Source: log.Source, At: log.At})
		events = events[n-3:]
	}
	for _, e := range events {
		out = append(out, Evidence{Fact: "log", Observed: e.Said(), Source: log.Source, At: e.At})
	}
	return out
}

// stalwartLogLook is why the log about the account says nothing; nil where it was read.
func stalwartLogLook(s *probes.Snapshot) *probes.Look {
	if log := s.Account.Stalwart.Log; !log.OK() {
		return lookAt(log, probes.ProbeStalwart, "x:Log/query")
	}
	return nil
}

// userRead says that the account was seen; look is why it was not.
func userRead(s *probes.Snapshot) (look *probes.Look, ok bool) {
	var o *probes.Observation[probes.StalwartUser]
	if s.Account.Stalwart != nil {
		o = s.Account.Stalwart.User
	}
	return lookAt(o, probes.ProbeStalwart, "x:Account/get"), o.OK()
}

// loudRefusal is Stalwart's own word to this run's login, from the place that says why: ManageSieve. Empty where there is none.
func loudRefusal(s *probes.Snapshot) (words string, e Evidence) {
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceManageSieve)
	if a == nil || a.Outcome != probes.Refused || a.Sieve == nil {
		return "", Evidence{}
	}
	return a.Sieve.Words, said(a)
}

// closedMute is this run's login over IMAP that Stalwart ended without a word, as it does for all that is of its class security:
// an address, a permission, an expired own password, a ban. Nil where there was none.
func closedMute(s *probes.Snapshot) *probes.Attempt {
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	if a == nil || a.Outcome != probes.Unanswered || a.IMAP == nil || a.IMAP.Status != probes.IMAPClosed {
		return nil
	}
	return a
}

// usedOverMail says that the secret is typed in a mail program, or that nobody said where.
func usedOverMail(s *probes.Snapshot) bool { return s.Login == nil || !elsewhere(s) }

// judgedAt is when the account was seen, by the server's clock: what expires is judged by that moment.
func judgedAt(s *probes.Snapshot) time.Time {
	return s.Stalwart.Now(seenAt(s, s.Account.Stalwart.User.At))
}
