package checks

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What the checks on Kerio Connect share.

// KerioWarningLog holds the connections that Kerio turned away before any login.
var KerioWarningLog = kerioAccountNeed("the warning log (Logs.get warning)",
	func(a *probes.KerioAccount) **probes.Observation[probes.KerioLog] { return &a.Warning })

// kerioFound is the undetermined answer where Kerio has no such user, or several; ok is false then.
func kerioFound(user *probes.Observation[probes.KerioUser]) (f Finding, ok bool) {
	look := user.Look
	look.Why = probes.Unclear
	switch {
	case !user.Value.Found:
		look.Words = "no such user"
		return undetermined(&look, "Kerio Connect knows no user by this name"), false
	case user.Value.Others > 0:
		look.Words = "more than one user"
		return undetermined(&look, "more than one user of Kerio Connect fits this name"), false
	}
	return Finding{}, true
}

// kerioLogs are the security log and the audit log; nil where one was not looked at.
func kerioLogs(s *probes.Snapshot) (log, audit *probes.Observation[probes.KerioLog]) {
	if s.Account.Kerio == nil {
		return nil, nil
	}
	return s.Account.Kerio.Log, s.Account.Kerio.Audit
}

// logLook is why a log was not read.
func logLook(log *probes.Observation[probes.KerioLog], what string) *probes.Look {
	if log == nil {
		return &probes.Look{Probe: probes.ProbeKerio, What: what, Why: probes.Unclear, Words: "not looked at"}
	}
	return &log.Look
}

// logTime is how the times in Kerio's logs are to be read.
type logTime struct {
	now   time.Time     // by the server's clock, when the log was read
	slack time.Duration // how far the times may be wrong; zero: they are right
	why   string        // they may be wrong
}

// zones is how far two time zones can lie apart.
const zones = 26 * time.Hour

// timeOf reckons with a server whose clock is wrong, and with logs whose time zone is not known.
func timeOf(s *probes.Snapshot, log *probes.Observation[probes.KerioLog]) logTime {
	t := logTime{now: log.At}
	if s.Kerio == nil || !s.Kerio.Clock.OK() {
		return logTime{now: log.At, slack: zones, why: "the server's clock could not be read, so the time zone of its log is not known"}
	}
	c := s.Kerio.Clock
	if !c.At.IsZero() && !c.Value.Time.IsZero() {
		t.now = log.At.Add(c.Value.Time.Sub(c.At))
	}
	if c.Value.Guess {
		t.slack, t.why = zones, c.Value.GuessWhy
	}
	return t
}

// guessed is the look behind an answer that hangs on the times of a log.
func (t logTime) guessed(log *probes.Observation[probes.KerioLog]) *probes.Look {
	return &probes.Look{Probe: probes.ProbeKerio, What: "Server.getServerTime", Why: probes.Unclear, Words: t.why, Source: log.Source, At: log.At}
}

// reaches says whether what was read of the log covers the time since start; if not, the look says why.
func (t logTime) reaches(log *probes.Observation[probes.KerioLog], start time.Time) (*probes.Look, bool) {
	v := log.Value
	look := &probes.Look{Probe: probes.ProbeKerio, What: log.What, Why: probes.Unclear, Words: "oldest line " + stamp(v.Since), Source: log.Source, At: log.At}
	if v.Since.IsZero() {
		look.Words = "no line with a time that can be read"
	}
	readable := v.Lines == 0 || v.Strange < v.Lines
	return look, readable && (v.WholeLog || !v.Since.IsZero() && !v.Since.After(start.Add(-t.slack)))
}

// lineRecent is how old a log line may be and still speak of the present trouble.
const lineRecent = 24 * time.Hour

func recentLine(s *probes.Snapshot, e probes.KerioLogEvent) bool {
	log, _ := kerioLogs(s)
	return timeOf(s, log).now.Sub(e.At) <= lineRecent
}

// gotInSince says that the same protocol let the user in after the line; where the line names none, any mail program.
func gotInSince(k *probes.KerioAccount, line probes.KerioLogEvent) bool {
	if !k.Audit.OK() {
		return false
	}
	for _, e := range k.Audit.Value.Events {
		same := e.Protocol == line.Protocol || line.Protocol == "" && mailProtocol(e.Protocol)
		if e.Kind == probes.LogAuthenticated && same && e.At.After(line.At) {
			return true
		}
	}
	return false
}

// refusedLately are the user's wrong passwords since the last success, not older than a day and from an address of the user's.
// unread is why that cannot be told.
func refusedLately(s *probes.Snapshot) (lines []Evidence, unread *probes.Look) {
	log, audit := kerioLogs(s)
	if !log.OK() {
		return nil, logLook(log, "Logs.get security")
	}
	t := timeOf(s, log)
	_, recent := kerioFailures(s, t.now.Add(-lineRecent-t.slack))
	var own []probes.KerioLogEvent
	for _, e := range recent {
		if !e.Ours && (e.Address == "" || usersAddress(s, e.Address)) {
			own = append(own, e)
		}
	}
	switch {
	case len(recent) > 0 && !audit.OK():
		return nil, logLook(audit, "Logs.get audit")
	case len(own) > 0 && t.slack > 0:
		return nil, t.guessed(log)
	case len(own) > 0:
		return logged(log, own), nil
	}
	if look, ok := t.reaches(log, t.now.Add(-appPasswordSince)); !ok {
		return nil, look
	}
	return nil, nil
}

// ownAddress says that this run came from this address, as far as we know it.
func ownAddress(s *probes.Snapshot, address string) bool {
	for _, r := range []*probes.Reach{imapReachOf(s), kerioReachOf(s, false), kerioReachOf(s, true)} {
		if r != nil && sameAddress(r.Local, address) {
			return true
		}
	}
	return false
}

func sameAddress(a, b string) bool {
	x, err := netip.ParseAddr(strings.TrimSpace(a))
	y, err2 := netip.ParseAddr(strings.TrimSpace(b))
	return err == nil && err2 == nil && x.Unmap() == y.Unmap()
}

// whoseAddress is the undetermined answer where a line would be a problem if it came from the user, and the audit log, which
// knows where the user comes from, could not be read.
func whoseAddress(audit *probes.Observation[probes.KerioLog], line Finding) Finding {
	f := undetermined(logLook(audit, "Logs.get audit"), "whether a refusal in Kerio's log is this user's own is not known: the audit log could not be read")
	f.Evidence = append(f.Evidence, line.Evidence...)
	return f
}

// usersAddress says that the user is known to come from this address: as the client's, or by a login that succeeded.
func usersAddress(s *probes.Snapshot, address string) bool {
	if sameAddress(s.Target.ClientAddress, address) {
		return true
	}
	if _, audit := kerioLogs(s); audit.OK() {
		for _, e := range audit.Value.Events {
			if e.Kind == probes.LogAuthenticated && !e.Ours && sameAddress(e.Address, address) {
				return true
			}
		}
	}
	return false
}

// acceptedHere is this run's own accepted login of the user at the mail server; nil if there was none.
func acceptedHere(s *probes.Snapshot) *probes.Attempt {
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceAPI, probes.ServiceManageSieve} {
		if a := s.Login.Attempt(probes.AttemptUser, service); a != nil && a.Outcome == probes.Accepted {
			return a
		}
	}
	return nil
}

// said is the evidence of one login, wherever it was made.
func said(a *probes.Attempt) Evidence {
	switch {
	case a.HTTP != nil:
		e := Evidence{Fact: "JMAP session", Observed: a.HTTP.Words, Expected: "200", Source: a.Server, At: a.At}
		if a.HTTP.Accepted {
			e.Observed = "200"
		}
		return e
	case a.Sieve != nil:
		return Evidence{Fact: "ManageSieve login", Observed: strings.TrimSpace(a.Sieve.Status.String() + " " + a.Sieve.Words), Expected: "OK", Source: a.Server, At: a.At}
	case a.Service != probes.ServiceAPI:
		return saidBy(a)
	}
	e := Evidence{Fact: "Session.login", Observed: a.Outcome.String(), Expected: "accepted", Source: a.Server, At: a.At}
	if a.API != nil && !a.API.Accepted {
		e.Observed = fmt.Sprintf("%d %s", a.API.Code, a.API.Words)
	}
	return e
}

// logged makes evidence of log lines, the newest three and how many there are.
func logged(log *probes.Observation[probes.KerioLog], events []probes.KerioLogEvent) []Evidence {
	var out []Evidence
	if n := len(events); n > 3 {
		out = append(out, Evidence{Fact: log.What, Observed: fmt.Sprintf("%d such lines since %s; the newest follow", n, stamp(events[0].At)), Source: log.Source, At: log.At})
		events = events[n-3:]
	}
	for _, e := range events {
		out = append(out, Evidence{Fact: log.What, Observed: e.Words, Source: log.Source, At: e.At})
	}
	return out
}
