package login

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

const (
	// reserve is how many attempts must be left before the lock after a refusal: the caller's own next mistake must not lock.
	reserve = 2
	// unknownWindow is how long a refusal counts where no policy can be known: AD's classic observation window.
	unknownWindow = 30 * time.Minute
	// sameAttempt is how far the time of a server's counter and of our own booking may lie apart and still be one attempt.
	sameAttempt = 2 * time.Second
)

// Budgets is the lockout arithmetic of every system that counts a wrong password of this user, on what was seen and on
// what the ledger holds. Where no policy can be known at all there is one budget, of the system "unknown".
func Budgets(s *probes.Snapshot, recent []ledger.Entry, now time.Time) []probes.Budget {
	var out []probes.Budget
	if s.Target.Kerio != nil {
		out = append(out, kerioBudget(s, recent, now))
	}
	if s.Target.Stalwart != nil {
		out = append(out, stalwartBudget(s, recent, now))
	}
	if s.Target.Directory != nil && !checkedByKerio(s) && !checkedByStalwart(s) {
		if b, ok := directoryBudget(s, recent, now); ok {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		out = append(out, probes.Budget{System: "unknown", Used: since(recent, now.Add(-unknownWindow)), Reserve: reserve,
			WindowMS: unknownWindow.Milliseconds(), Note: "no lockout policy can be known: one attempt"})
	}
	return out
}

// Afford says why one more attempt may not be made; nil if it may: were it refused, the reserve would still be left.
func Afford(budgets []probes.Budget) error {
	for _, b := range budgets {
		left := b.Threshold - b.Used - 1
		switch {
		case b.Locked:
			return fmt.Errorf("%s holds a lock on the account: an attempt would teach nothing", called(b.System))
		case b.System == "unknown" && b.Used > 0:
			return fmt.Errorf("no lockout policy is known, and an attempt of the last %d minutes was refused or not answered", b.WindowMS/60000)
		case b.System == "unknown":
		case !b.Known:
			return fmt.Errorf("how many attempts %s leaves is not known: %s", called(b.System), b.Note)
		case b.Threshold == 0:
		case left < b.Reserve && b.System == "stalwart":
			return fmt.Errorf("a failure could have this computer's address banned: Stalwart bans after %d failures and %d are known on this login name", b.Threshold, b.Used)
		case left < b.Reserve:
			return fmt.Errorf("%s allows %d wrong passwords and %d are used: a refusal would leave %d, and %d must be left", called(b.System), b.Threshold, b.Used, max(left, 0), b.Reserve)
		}
	}
	return nil
}

// called is a system as people call it.
func called(system string) string {
	switch system {
	case "kerio":
		return "Kerio Connect"
	case "stalwart":
		return "Stalwart"
	case probes.ActiveDirectory.String():
		return "Active Directory"
	case probes.OpenDirectory.String():
		return "Open Directory"
	}
	return system
}

// checkedByKerio: Kerio itself checks the password of a local user, so the directory counts nothing.
func checkedByKerio(s *probes.Snapshot) bool {
	k := s.Account.Kerio
	return k != nil && k.User.OK() && k.User.Value.Found && k.User.Value.Source == "DSInternalSource" && k.User.Value.AuthType == "UInternalAuth"
}

// kerioBudget: SecurityPolicy.get and the failures in the security log since the last success. Kerio has no counter to read.
func kerioBudget(s *probes.Snapshot, recent []ledger.Entry, now time.Time) probes.Budget {
	b := probes.Budget{System: "kerio", Reserve: reserve}
	if s.Kerio == nil || !s.Kerio.SecurityPolicy.OK() {
		b.Why, b.Note = probes.Unclear, "its security policy could not be read"
		if s.Kerio != nil && s.Kerio.SecurityPolicy != nil {
			b.Why = s.Kerio.SecurityPolicy.Why
		}
		return b
	}
	p := s.Kerio.SecurityPolicy.Value
	if !p.EnableLockout {
		b.Known, b.Note = true, "account lockout is off"
		return b
	}
	window := time.Duration(p.MinutesToUnlock) * time.Minute
	b.Threshold, b.WindowMS = p.FailedToLock, window.Milliseconds()
	k := s.Account.Kerio
	if k == nil || !k.Log.OK() {
		b.Why, b.Note = probes.Unclear, "the failures in its security log could not be read"
		if k != nil && k.Log != nil {
			b.Why = k.Log.Why
		}
		return b
	}
	start := k.Log.At.Add(-window)
	if !k.Log.Value.WholeLog && k.Log.Value.Since.After(start) {
		b.Why, b.Note = probes.Unclear, "its security log does not reach back far enough"
		return b
	}
	if c := s.Kerio.Clock; c != nil && (!c.OK() || c.Value.Guess) {
		// A wrong zone would hide failures: all that the log holds count.
		start = time.Time{}
		b.Note = "its time zone is a guess, so every failure in the log counts"
	}
	var newest time.Time
	for _, e := range k.Log.Value.Events {
		if e.Kind == probes.LogInvalidPassword && e.At.After(start) && e.At.After(lastSuccess(k)) {
			b.Used++
			if e.At.After(newest) {
				newest = e.At
			}
		}
	}
	b.Known = true
	b.Used += younger(recent, newest, now.Add(-window), kerioSkew(s))
	b.Locked = b.Threshold > 0 && b.Used >= b.Threshold
	return b
}

func lastSuccess(k *probes.KerioAccount) time.Time {
	var last time.Time
	if k.Audit.OK() {
		for _, e := range k.Audit.Value.Events {
			if e.Kind == probes.LogAuthenticated && e.At.After(last) {
				last = e.At
			}
		}
	}
	return last
}

func kerioSkew(s *probes.Snapshot) time.Duration {
	if !s.Kerio.Clock.OK() || s.Kerio.Clock.Value.Time.IsZero() {
		return 0
	}
	return s.Kerio.Clock.Value.Time.Sub(s.Kerio.Clock.At)
}

// directoryBudget is false where the directory holds no such account: then it counts nothing either.
func directoryBudget(s *probes.Snapshot, recent []ledger.Entry, now time.Time) (probes.Budget, bool) {
	return accountBudget(s.Target.Directory.Kind, s.Directory, func(i int) *probes.Observation[probes.DirectoryEntry] {
		if i < len(s.Account.Directory) {
			return s.Account.Directory[i].Entry
		}
		return nil
	}, recent, now)
}

// BindBudget is the arithmetic of the mail server's bind account.
func BindBudget(s *probes.Snapshot, recent []ledger.Entry, now time.Time) (probes.Budget, bool) {
	if s.Target.Directory == nil {
		return probes.Budget{}, false
	}
	return accountBudget(s.Target.Directory.Kind, s.Directory, func(i int) *probes.Observation[probes.DirectoryEntry] {
		return s.Directory[i].BindAccount
	}, recent, now)
}

func accountBudget(kind probes.DirectoryKind, servers []probes.DirectoryServer, entry func(int) *probes.Observation[probes.DirectoryEntry],
	recent []ledger.Entry, now time.Time) (probes.Budget, bool) {
	b := probes.Budget{System: kind.String(), Reserve: reserve}
	var counts []count
	var unread, blank []string
	absent := false
	for i := range servers {
		e := entry(i)
		switch {
		case !e.OK():
			unread = append(unread, servers[i].URL)
			if e != nil && b.Why == probes.Seen {
				b.Why = e.Why
			}
		case len(e.Value.Matches) == 0:
			absent = true
		case len(e.Value.Matches) > 1:
			b.Why, b.Note = probes.Unclear, fmt.Sprintf("%d entries fit this name", len(e.Value.Matches))
			return b, true
		default:
			c, ok := counted(&servers[i], e)
			if !ok && uncounted(e.Value.AD) {
				blank = append(blank, servers[i].URL)
				continue
			}
			if !ok {
				b.Why, b.Note = probes.NotPermitted, "the policy or the counter that applies could not be read"
				return b, true
			}
			counts = append(counts, c)
		}
	}
	if len(counts) == 0 && len(blank) > 0 {
		b.Why, b.Note = probes.NotPermitted, "the counter that applies could not be read"
		return b, true
	}
	unread = append(unread, blank...)
	if len(counts) == 0 {
		if absent && len(unread) == 0 {
			return b, false
		}
		b.Note = "no server could be asked"
		if b.Why == probes.Seen {
			b.Why = probes.Unclear
		}
		return b, true
	}
	if len(unread) > 0 {
		b.Reserve++
		b.Note = "one more is kept in reserve, since the counter at " + strings.Join(unread, ", ") + " is not known"
	}
	b.Why = probes.Seen
	return tally(b, counts, recent, now), true
}

// uncounted says that a domain controller tells the policy and no badPwdCount. It is not replicated (MS-ADA1 2.60), and one that
// never saw a failure of the account holds none (observed on Samba 4.17): where another one shows it, this one decides nothing.
func uncounted(ad *probes.ADAccount) bool {
	return ad != nil && ad.BadPwdCount == nil && ad.Lockout != nil && ad.Lockout.Origin != probes.PolicyHidden
}

// count is what one server says of one account.
type count struct {
	policy probes.LockoutPolicy
	used   int
	newest time.Time // of the failures counted
	locked bool
	skew   time.Duration // the server's clock minus ours
}

// tally takes the strictest policy and the greatest count: badPwdCount is not replicated (MS-ADA1 2.60).
func tally(b probes.Budget, counts []count, recent []ledger.Entry, now time.Time) probes.Budget {
	var newest time.Time
	var window time.Duration
	skew := time.Duration(0)
	for _, c := range counts {
		if c.policy.Threshold > 0 && (b.Threshold == 0 || c.policy.Threshold < b.Threshold) {
			b.Threshold = c.policy.Threshold
		}
		window = max(window, time.Duration(c.policy.WindowMS)*time.Millisecond)
		b.Used = max(b.Used, c.used)
		b.Locked = b.Locked || c.locked
		skew = max(skew, c.skew)
		if c.newest.After(newest) {
			newest = c.newest
		}
	}
	b.Known, b.WindowMS = true, window.Milliseconds()
	from := now.Add(-window)
	if window == 0 {
		from = time.Time{}
	}
	b.Used += younger(recent, newest, from, skew)
	return b
}

// counted reads one server's count of one account; ok is false where the policy or the counter is not to be had.
func counted(server *probes.DirectoryServer, e *probes.Observation[probes.DirectoryEntry]) (c count, ok bool) {
	if server.Root.OK() && !server.Root.Value.Time.IsZero() {
		c.skew = server.Root.Value.Time.Sub(server.Root.At)
	}
	now := e.At.Add(c.skew)
	switch {
	case e.Value.AD != nil:
		return countedAD(c, e.Value.AD, now)
	case e.Value.OD != nil:
		return countedOD(c, e.Value.OD, now)
	}
	return c, false
}

func countedAD(c count, ad *probes.ADAccount, now time.Time) (count, bool) {
	if ad.Lockout == nil || ad.Lockout.Origin == probes.PolicyHidden || ad.BadPwdCount == nil {
		return c, false
	}
	c.policy = *ad.Lockout
	window := time.Duration(c.policy.WindowMS) * time.Millisecond
	if ad.BadPasswordTime != nil {
		c.newest = *ad.BadPasswordTime
		if window == 0 || now.Sub(c.newest) < window {
			c.used = *ad.BadPwdCount
		}
	}
	if ad.ControlComputed != nil {
		c.locked = *ad.ControlComputed&probes.ADLockedOut != 0
	} else if ad.LockoutTime != nil {
		d := time.Duration(c.policy.DurationMS) * time.Millisecond
		c.locked = d == 0 || now.Sub(*ad.LockoutTime) < d
	}
	return c, true
}

func countedOD(c count, od *probes.ODAccount, now time.Time) (count, bool) {
	if od.Apple != nil {
		c.policy = probes.LockoutPolicy{Threshold: od.Apple.MaxFailed, Origin: probes.PolicyDomain}
		c.used, c.locked = od.Apple.Failed, od.Apple.IsDisabled && od.Apple.DisableReason == probes.ODDisabledByFailures
		// Most readers may not see the counter: then only an account that is never locked is known.
		return c, od.Apple.FailedSeen || od.Apple.MaxFailed == 0
	}
	if od.Lockout == nil || !od.PolicySeen {
		return c, false
	}
	c.policy = *od.Lockout
	window := time.Duration(c.policy.WindowMS) * time.Millisecond
	for _, t := range od.FailureTimes {
		if window == 0 || now.Sub(t) < window {
			c.used++
			if t.After(c.newest) {
				c.newest = t
			}
		}
	}
	d := time.Duration(c.policy.DurationMS) * time.Millisecond
	c.locked = od.LockedUntilReset || od.LockedTime != nil && (d == 0 || now.Sub(*od.LockedTime) < d)
	return c, true
}

// younger counts the ledger's entries that a server's counter cannot hold yet: those after its newest failure, its clock
// reckoned with, and not before from.
func younger(recent []ledger.Entry, newest, from time.Time, skew time.Duration) int {
	n := 0
	for _, e := range recent {
		if e.At.After(from) && (newest.IsZero() || e.At.Add(skew).After(newest.Add(sameAttempt))) {
			n++
		}
	}
	return n
}

func since(recent []ledger.Entry, from time.Time) int { return younger(recent, time.Time{}, from, 0) }
