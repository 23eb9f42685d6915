package checks

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What Stalwart's bans look like from its lists, its log and our own connections.

var reloadBans = Command{POSIX, "stalwart-cli create Action/ReloadBlockedIps", OwnerMailAdmin}

func seeBans() Command {
	return Command{POSIX, "stalwart-cli query BlockedIp --fields id,address,reason,createdAt,expiresAt", OwnerMailAdmin}
}

// banned is the finding of rows that cover an address.
func banned(s *probes.Snapshot, rows []probes.StalwartAddress, summary string, confidence Confidence) Finding {
	f := Finding{Verdict: Problem, Confidence: confidence, Summary: summary, Impact: unbanAll(s)}
	var ids []string
	for _, r := range rows {
		e := Evidence{Fact: "x:BlockedIp " + string(r.Mask), Observed: r.Reason.String(), Expected: "none that covers the address", Source: s.Stalwart.Blocked.Source, At: s.Stalwart.Blocked.At}
		if !r.CreatedAt.IsZero() {
			e.Observed += ", since " + stamp(r.CreatedAt)
		}
		if r.ExpiresAt.IsZero() {
			e.Observed += ", without an end"
		} else {
			e.Observed += ", until " + stamp(r.ExpiresAt)
		}
		f.Evidence = append(f.Evidence, e)
		ids = append(ids, r.ID)
	}
	commands := []Command{seeBans(), reloadBans}
	if len(ids) > 0 {
		commands[0].Run = "stalwart-cli delete BlockedIp --ids " + quote(POSIX, strings.Join(ids, ","))
	}
	f.Remedy = remedyWith(stalwartBanRemedy, commands...)
	return f
}

// unbanAll is whom it would let in again to clear the whole list, those who guess passwords among them.
func unbanAll(s *probes.Snapshot) []BluntFix {
	b := BluntFix{Do: "Clearing the whole list of bans", Scope: ScopeEveryone, Of: "banned addresses", Instead: "Delete the one entry"}
	if l := s.Stalwart.Blocked; l.OK() && l.Value.Complete {
		if l.Value.Total < 2 {
			return nil
		}
		b.Counted, b.Count, b.Source, b.At = true, l.Value.Total, l.Source, l.At
	}
	return []BluntFix{b}
}

// bannedAt is the moment by which bans are judged: that at which their list was read, by the server's clock.
func bannedAt(s *probes.Snapshot) time.Time {
	if s.Stalwart.Blocked == nil {
		return s.FinishedAt
	}
	return s.Stalwart.Now(seenAt(s, s.Stalwart.Blocked.At))
}

// blockedLook is why the list of bans says nothing.
func blockedLook(s *probes.Snapshot) *probes.Look {
	return lookAt(s.Stalwart.Blocked, probes.ProbeStalwart, "x:BlockedIp/get")
}

// banUnseen is the look that is missing for an answer: that at the exemptions, where a ban covers the address.
func banUnseen(s *probes.Snapshot, rows []probes.StalwartAddress) *probes.Look {
	if len(rows) > 0 && s.Stalwart.Allowed != nil && !s.Stalwart.Allowed.OK() {
		return &s.Stalwart.Allowed.Look
	}
	look := *blockedLook(s)
	if look.Why == probes.Seen {
		look.Words = "the list was not seen whole"
	}
	return &look
}

// hereUnseen is why a list without a ban does not settle why we are shut out: a ban that was deleted by hand goes on blocking,
// which the log alone shows, and both may know us by another address.
func hereUnseen(s *probes.Snapshot) *probes.Look {
	if s.HereSeen() {
		return lookAt(s.Stalwart.AddressLog, probes.ProbeStalwart, "x:Log/query")
	}
	look := *blockedLook(s)
	look.Why, look.Words = probes.Unclear, "the server sees another address than this computer's own"
	return &look
}

func blockedSaid(s *probes.Snapshot) Evidence {
	l := s.Stalwart.Blocked
	return Evidence{Fact: "x:BlockedIp", Observed: fmt.Sprintf("none of %d bans covers it, or it is exempt", l.Value.Total), Source: l.Source, At: l.At}
}

// exemptSaid is what keeps an address from being banned.
func exemptSaid(s *probes.Snapshot, a netip.Addr) Evidence {
	if s.Stalwart.Allowed.OK() {
		l := s.Stalwart.Allowed
		rows, answer := l.Value.Covering(a, bannedAt(s))
		if answer == probes.StalwartYes {
			return Evidence{Fact: "x:AllowedIp", Observed: string(rows[0].Mask) + " " + rows[0].Words, Source: l.Source, At: l.At}
		}
	}
	return Evidence{Fact: "exempt", Observed: a.String() + " is a trusted proxy, or the server itself"}
}

// answersHere is a connection of ours that IMAP or ManageSieve met with its greeting: from a banned address there is none. HTTP
// does not tell, nor does TLS alone: both may be a proxy's.
func answersHere(s *probes.Snapshot) *probes.Reach {
	switch {
	case s.IMAP != nil && s.IMAP.Reach != nil && s.IMAP.Greeting.OK():
		return s.IMAP.Reach
	case sieveReachOf(s) != nil && s.Stalwart.ManageSieve.Capabilities.OK():
		return sieveReachOf(s)
	}
	return nil
}

// shutOut are our connections that were taken and closed before a greeting or TLS.
func shutOut(s *probes.Snapshot) (out []Evidence) {
	for _, r := range []*probes.Reach{imapReachOf(s), sieveReachOf(s), stalwartReachOf(s)} {
		if r != nil && r.Failure == probes.FailureClosed && r.Stage >= probes.StageTLS {
			out = append(out, reachSaid(r))
		}
	}
	if r := sieveReachOf(s); r.OK() {
		if c := s.Stalwart.ManageSieve.Capabilities; c != nil && c.Why == probes.Unreachable {
			e := reachSaid(r)
			e.Observed = "closed without a greeting: " + c.Words
			out = append(out, e)
		}
	}
	return out
}

// turnedAway are the log's lines that ban the address or turn it away, within the time that a ban lasts, newest last.
func turnedAway(s *probes.Snapshot, a netip.Addr) (out []probes.StalwartLogEvent) {
	log := s.Stalwart.AddressLog
	if !log.OK() {
		return nil
	}
	ban := time.Duration(0)
	if sec := s.Stalwart.Security; sec.OK() {
		ban = time.Duration(sec.Value.Auth.BanMS) * time.Millisecond
	}
	for _, e := range log.Value.Events {
		age := s.Stalwart.Now(log.At).Sub(e.At)
		at, err := netip.ParseAddr(e.Address)
		if err != nil || at.Unmap() != a || age > lineRecent || e.Kind == probes.StalwartLogBanned && ban > 0 && age >= ban {
			continue
		}
		if !bannedTill(s, a, e.At) && !stalwartSuccessAfter(s, e) {
			out = append(out, e)
		}
	}
	return out
}

// bannedTill says that a stored ban which has ended since explains a line of the log.
func bannedTill(s *probes.Snapshot, a netip.Addr, line time.Time) bool {
	if !s.Stalwart.Blocked.OK() {
		return false
	}
	for _, r := range s.Stalwart.Blocked.Value.Rows {
		if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(bannedAt(s)) && !line.After(r.ExpiresAt) && r.Mask.Covers(a) == probes.StalwartYes {
			return true
		}
	}
	return false
}

// stalwartSuccessAfter says that the user logged in from the address of the line since.
func stalwartSuccessAfter(s *probes.Snapshot, line probes.StalwartLogEvent) bool {
	log := s.Account.Stalwart.Log
	if !log.OK() {
		return false
	}
	for _, e := range log.Value.Events {
		if e.Kind == probes.StalwartLogSuccess && e.Address == line.Address && e.At.After(line.At) {
			return true
		}
	}
	return false
}

// turnedAwayLately says that the newest of the lines shows what runs now.
func turnedAwayLately(s *probes.Snapshot, lines []probes.StalwartLogEvent) bool {
	return s.Stalwart.Now(s.Stalwart.AddressLog.At).Sub(lines[len(lines)-1].At) <= fresh
}

func stalwartAddressLogged(s *probes.Snapshot, lines []probes.StalwartLogEvent) []Evidence {
	if len(lines) == 0 {
		return nil
	}
	return stalwartLogged(s.Stalwart.AddressLog, lines)
}

// stalwartBansWithin are the bans within the time over which failures are counted; a day, the default, where that was not read.
func stalwartBansWithin(s *probes.Snapshot, bans *probes.Observation[probes.StalwartLog]) (out []probes.StalwartLogEvent) {
	period := lineRecent
	if sec := s.Stalwart.Security; sec.OK() && sec.Value.Auth.PeriodMS > 0 {
		period = time.Duration(sec.Value.Auth.PeriodMS) * time.Millisecond
	}
	for _, e := range bans.Value.Events {
		if s.Stalwart.Now(bans.At).Sub(e.At) <= period {
			out = append(out, e)
		}
	}
	return out
}

func rateSaid(s *probes.Snapshot) []Evidence {
	sec := s.Stalwart.Security
	if !sec.OK() || sec.Value.Auth.On != probes.StalwartYes {
		return nil
	}
	rate := sec.Value.Auth
	e := Evidence{Fact: "authBanRate", Observed: fmt.Sprintf("%d failures within %s ban", rate.Count, time.Duration(rate.PeriodMS)*time.Millisecond), Source: sec.Source, At: sec.At}
	if rate.BanMS == 0 {
		e.Observed += ", without an end"
	} else {
		e.Observed += fmt.Sprintf(", for %s", time.Duration(rate.BanMS)*time.Millisecond)
	}
	return []Evidence{e}
}

// turnedSummary says what the log shows, and how that goes together with the lists.
func turnedSummary(s *probes.Snapshot, o origin, answer probes.StalwartAnswer) string {
	switch {
	case answer != probes.StalwartNo && o.client:
		return fmt.Sprintf("Stalwart's log turns away %s.", o)
	case answer != probes.StalwartNo:
		return fmt.Sprintf("Stalwart's log turns away %s, and everyone who shares it.", o)
	case s.Stalwart.Exempt(o.address, bannedAt(s)) == probes.StalwartYes:
		return fmt.Sprintf("Stalwart's log turned away %s, within the last hour, though it is exempt: what is changed by hand counts once it is reloaded.", o)
	}
	return fmt.Sprintf("Stalwart's log turned away %s, within the last hour, though no stored ban covers it: an entry that is deleted by hand blocks until the bans are reloaded.", o)
}

// exemptedSince says that the exemption is younger than the newest of the lines, which then say nothing against it.
func exemptedSince(s *probes.Snapshot, a netip.Addr, turned []probes.StalwartLogEvent) bool {
	if !s.Stalwart.Allowed.OK() {
		return false
	}
	rows, _ := s.Stalwart.Allowed.Value.Covering(a, bannedAt(s))
	return len(rows) > 0 && rows[0].CreatedAt.After(turned[len(turned)-1].At)
}

// recentSuccess is the newest login of the user that was accepted within a day, from one address or, where a is none, from any;
// nil where there is none. This run's own are left out.
func recentSuccess(s *probes.Snapshot, a netip.Addr) *probes.StalwartLogEvent {
	log := s.Account.Stalwart.Log
	if !log.OK() {
		return nil
	}
	for i := len(log.Value.Events) - 1; i >= 0; i-- {
		e := &log.Value.Events[i]
		at, err := netip.ParseAddr(e.Address)
		if e.Kind == probes.StalwartLogSuccess && !e.Ours && err == nil && (!a.IsValid() || at.Unmap() == a) {
			if s.Stalwart.Now(log.At).Sub(e.At) > lineRecent {
				return nil
			}
			return e
		}
	}
	return nil
}

func newestSuccess(s *probes.Snapshot) *probes.StalwartLogEvent {
	return recentSuccess(s, netip.Addr{})
}

// successSince is a login from the address that was accepted after every one of the bans was made: they are stored, and do not run.
func successSince(s *probes.Snapshot, a netip.Addr, rows []probes.StalwartAddress) *probes.StalwartLogEvent {
	e := recentSuccess(s, a)
	for _, r := range rows {
		if e == nil || r.CreatedAt.IsZero() || !e.At.After(r.CreatedAt) {
			return nil
		}
	}
	return e
}

// notInForce makes a notice of a ban that the server's own log contradicts.
func notInForce(s *probes.Snapshot, f Finding, o origin, success probes.StalwartLogEvent) Finding {
	f.Verdict, f.Confidence = Notice, Likely
	f.Evidence = append(f.Evidence, stalwartLogged(s.Account.Stalwart.Log, []probes.StalwartLogEvent{success})...)
	f.Summary = fmt.Sprintf("Stalwart's list bans %s, and yet the user logged in from there since, at %s: the ban is stored, and counts once the bans are reloaded.", o, clock(success.At))
	return f
}

// bannedByThisRun is Stalwart's own word that a failure of this run had its address banned: 429 to the API key or to the user's
// secret, or the line that the ban left. A greeting that came before the ban says nothing against it.
func bannedByThisRun(s *probes.Snapshot) *Evidence {
	if o := s.Stalwart.Session; o != nil && o.Value.Refusal == probes.StalwartBanned {
		return &Evidence{Fact: "JMAP session of logindoctor", Observed: o.Words, Expected: "200", Source: o.Source, At: o.At}
	}
	if s.Login != nil {
		for i, a := range s.Login.Attempts {
			if a.HTTP != nil && a.HTTP.Refusal == probes.StalwartBanned {
				e := said(&s.Login.Attempts[i])
				return &e
			}
		}
	}
	for _, e := range oursAtStalwart(s) {
		if e.Kind == probes.StalwartLogBanned {
			return &stalwartLogged(s.Account.Stalwart.Log, []probes.StalwartLogEvent{e})[0]
		}
	}
	return nil
}

func banByThisRun(s *probes.Snapshot, o origin) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Remedy: remedyWith(stalwartBanRemedy, seeBans(), reloadBans), Evidence: append([]Evidence{*bannedByThisRun(s)}, shutOut(s)...),
		Summary: fmt.Sprintf("Stalwart has banned %s for failed logins, one of this run's among them.", o)}
	if session := s.Stalwart.Session; session != nil && session.Value.Refusal == probes.StalwartBanned {
		f.Summary = fmt.Sprintf("Stalwart has banned %s for failed logins, logindoctor's API key among them.", o)
	}
	return f
}

// acceptedByStalwart is this run's login as the user that was accepted; nil where there was none.
func acceptedByStalwart(s *probes.Snapshot) *probes.Attempt {
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceManageSieve, probes.ServiceAPI} {
		if a := s.Login.Attempt(probes.AttemptUser, service); a != nil && accepted(a) {
			return a
		}
	}
	return nil
}

// proxyBanned: an address of a kind that gateways have, which Stalwart saw this account come from and bans. It stands for
// everybody behind it, whatever the client's own address is.
func proxyBanned(s *probes.Snapshot, o origin) (Finding, bool) {
	log := s.Account.Stalwart.Log
	if !log.OK() {
		return Finding{}, false
	}
	for i := len(log.Value.Events) - 1; i >= 0; i-- {
		e := log.Value.Events[i]
		a, err := netip.ParseAddr(e.Address)
		if err != nil || !gatewayLike(a.Unmap()) || o.client && a.Unmap() == o.address {
			continue
		}
		rows, answer := s.Stalwart.Banned(a, bannedAt(s))
		if answer != probes.StalwartYes {
			continue
		}
		f := banned(s, rows, fmt.Sprintf("Stalwart bans %s, which looks like a proxy's, router's or container gateway's: everybody behind it is banned.", e.Address), Likely)
		f.Scope, f.Evidence = ScopeEveryone, append(f.Evidence, stalwartLogged(log, []probes.StalwartLogEvent{e})...)
		f.Remedy.Steps = append([]string{"Have Stalwart see the clients' own addresses: the PROXY protocol, or X-Forwarded-For, with the gateway among the trusted proxies.",
			"Until then add the gateway's address to the allowed addresses."}, f.Remedy.Steps...)
		if r := answersHere(s); r != nil {
			f.Verdict, f.Scope, f.Evidence = Notice, 0, append(f.Evidence, reachSaid(r))
			f.Summary = fmt.Sprintf("Stalwart bans %s, which looks like a proxy's, router's or container gateway's; this computer gets in all the same.", e.Address)
		}
		return f, true
	}
	return Finding{}, false
}

// gatewayLike: the gateway of a private network is by custom its first host, as container engines have it. Any other address may
// be one person's computer.
func gatewayLike(a netip.Addr) bool { return a.Is4() && a.IsPrivate() && a.As4()[3] == 1 }
