package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// certificateNear is how near a certificate's first or last moment must lie to be worth a place in the timeline.
const certificateNear = 30 * 24 * time.Hour

// timeline puts all that has a date in order, oldest first. The same event seen by several servers is one, and failures of
// one kind from one place stand together.
func timeline(s *probes.Snapshot) []Event {
	t := &events{list: []Event{}}
	t.directory(s)
	t.kerio(s)
	t.stalwart(s)
	t.certificates(s)
	if s.Login != nil {
		for _, a := range s.Login.Attempts {
			if a.Outcome != probes.Withheld {
				t.add(EventAttempt, a.At, a.Server, "logindoctor logged in as "+whoWords(a.Who, a.Service)+": "+a.Outcome.String())
			}
		}
	}
	slices.SortStableFunc(t.list, func(a, b Event) int { return a.At.Compare(b.At) })
	return t.list
}

type events struct{ list []Event }

// add takes an event, unless it has no time, or is there already: then it only takes the source.
func (t *events) add(kind EventKind, at time.Time, source, what string) {
	if at.IsZero() {
		return
	}
	for i, e := range t.list {
		if e.Kind == kind && e.At.Equal(at) && e.What == what {
			if source != "" && !slices.Contains(strings.Split(e.Source, ", "), source) {
				t.list[i].Source += ", " + source
			}
			return
		}
	}
	t.list = append(t.list, Event{At: at, Kind: kind, What: what, Count: 1, Source: source})
}

func (t *events) maybe(kind EventKind, at *time.Time, source, what string) {
	if at != nil {
		t.add(kind, *at, source, what)
	}
}

func (t *events) directory(s *probes.Snapshot) {
	for _, d := range s.Account.Directory {
		if d.Entry.OK() {
			t.entry(d.Server, "the user", &d.Entry.Value)
		}
	}
	for _, d := range s.Directory {
		if d.BindAccount.OK() {
			t.entry(d.BindAccount.Source, "the mail server's bind account", &d.BindAccount.Value)
		}
	}
}

func (t *events) entry(server, whose string, e *probes.DirectoryEntry) {
	if ad := e.AD; ad != nil {
		t.maybe(EventPasswordSet, ad.PwdLastSet, server, "Active Directory: password set, "+whose)
		t.maybe(EventPasswordExpires, ad.PasswordExpires, server, "Active Directory: password expires, "+whose)
		t.maybe(EventAccountExpires, ad.AccountExpires, server, "Active Directory: account expires, "+whose)
		t.maybe(EventLogin, ad.LastLogon, server, "Active Directory: last good login, "+whose)
		t.maybe(EventLocked, ad.LockoutTime, server, "Active Directory: account locked, "+whose)
		t.lockEnds(ad.LockoutTime, ad.Lockout, server, "Active Directory: lock ends, "+whose)
		what := "Active Directory: last wrong password, " + whose
		if ad.BadPwdCount != nil {
			what += fmt.Sprintf(" (count %d)", *ad.BadPwdCount)
		}
		t.maybe(EventFailure, ad.BadPasswordTime, server, what)
	}
	if od := e.OD; od != nil {
		t.maybe(EventPasswordSet, od.Changed, server, "Open Directory: password set, "+whose)
		t.maybe(EventAccountExpires, od.EndTime, server, "Open Directory: account expires, "+whose)
		t.maybe(EventLocked, od.LockedTime, server, "Open Directory: account locked, "+whose)
		t.lockEnds(od.LockedTime, od.Lockout, server, "Open Directory: lock ends, "+whose)
		for _, at := range od.FailureTimes {
			t.repeated(EventFailure, at, server, "Open Directory: wrong password, "+whose)
		}
	}
}

func (t *events) lockEnds(at *time.Time, p *probes.LockoutPolicy, server, what string) {
	if at != nil && p != nil && p.Origin != probes.PolicyHidden && p.DurationMS > 0 {
		t.add(EventLockEnds, at.Add(time.Duration(p.DurationMS)*time.Millisecond), server, what)
	}
}

// repeated takes an event of which there may be many: the same thing from the same source is one event with a count.
func (t *events) repeated(kind EventKind, at time.Time, source, what string) {
	for i := range t.list {
		e := &t.list[i]
		if e.Kind != kind || e.What != what || e.Source != source || at.IsZero() {
			continue
		}
		if e.Count == 1 {
			e.Since = e.At
		}
		e.Count++
		if at.Before(e.Since) {
			e.Since = at
		}
		if at.After(e.At) {
			e.At = at
		}
		return
	}
	t.add(kind, at, source, what)
}

func (t *events) kerio(s *probes.Snapshot) {
	k := s.Account.Kerio
	if k == nil {
		return
	}
	if k.User.OK() {
		what := "Kerio Connect: last good login"
		if k.User.Value.LastProto != "" {
			what += " over " + k.User.Value.LastProto
		}
		t.add(EventLogin, k.User.Value.LastLogin, k.User.Source, what)
	}
	for _, log := range kerioLogs(s) {
		for _, e := range log.Value.Events {
			if e.Ours {
				continue // it stands there as this run's attempt
			}
			kind, what := logEvent(e)
			t.repeated(kind, e.At, log.Source, "Kerio Connect: "+what)
		}
	}
}

// kerioLogs are those that could be read.
func kerioLogs(s *probes.Snapshot) (logs []*probes.Observation[probes.KerioLog]) {
	if k := s.Account.Kerio; k != nil {
		for _, log := range []*probes.Observation[probes.KerioLog]{k.Log, k.Audit} {
			if log.OK() {
				logs = append(logs, log)
			}
		}
	}
	return logs
}

// LogLine is the mail server's own line behind an event, in its own words; empty where none is.
func LogLine(s *probes.Snapshot, e Event) string {
	if s == nil {
		return ""
	}
	for _, log := range kerioLogs(s) {
		for _, line := range log.Value.Events {
			if _, what := logEvent(line); line.At.Equal(e.At) && !line.Ours && e.What == "Kerio Connect: "+what {
				return line.Words
			}
		}
	}
	for _, log := range stalwartLogs(s) {
		for _, line := range log.Value.Events {
			if _, what := stalwartHappened(line); line.At.Equal(e.At) && strings.HasPrefix(e.What, "Stalwart: "+what) {
				return line.Said()
			}
		}
	}
	return ""
}

func logEvent(e probes.KerioLogEvent) (EventKind, string) {
	kind, what := EventFailure, ""
	switch e.Kind {
	case probes.LogInvalidPassword:
		what = "wrong password"
	case probes.LogUserUnknown:
		what = "unknown user name"
	case probes.LogPolicyDenied:
		what = "denied by the access policy"
	case probes.LogOnlyAppPasswords:
		what = "only application passwords are allowed"
	case probes.LogTwoFactorDisabled:
		what = "disabled after wrong two-factor codes"
	case probes.LogTooManyConnections:
		what = "too many connections"
	case probes.LogMethodDisabled:
		what = "login method switched off"
	case probes.LogAuthenticated:
		kind, what = EventLogin, "logged in"
	case probes.LogAddressBlocked:
		kind, what = EventBlocked, "address blocked"
	default:
		return EventLog, e.Words
	}
	if e.Protocol != "" {
		what += " over " + e.Protocol
	}
	if e.Address != "" {
		what += " from " + e.Address
	}
	return kind, what
}

func (t *events) certificates(s *probes.Snapshot) {
	near := func(at time.Time) bool { return at.Sub(s.FinishedAt).Abs() <= certificateNear }
	for _, r := range reaches(s) {
		if r.Certificate == nil {
			continue
		}
		if c := r.Certificate; near(c.NotAfter) {
			t.add(EventCertificateEnds, c.NotAfter, r.Address, "the certificate ends")
		}
		if c := r.Certificate; near(c.NotBefore) {
			t.add(EventCertificateStarts, c.NotBefore, r.Address, "the certificate starts")
		}
	}
}
