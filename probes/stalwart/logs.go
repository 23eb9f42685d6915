package stalwart

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// logs reads the searches of the log. All of them are kept to this account, but for the directory's errors, which keep nobody's
// name, and the bans of the first of the addresses that matter.
func (l *looker) logs(b *bundle, s *probes.StalwartServer, acc *probes.StalwartAccount) {
	name, lines, cut := b.found(l.c, "log-name", logQuery, logGet, logLines)
	since := reached(lines, cut)
	if _, numbered := numberOfAccount(acc.User); numbered {
		byID, more, cutToo := b.found(l.c, "log-id", logQuery, logGet, logLines)
		if name.Why == probes.Seen {
			name = byID // one search without the other would read as "nothing was logged"
		}
		lines, cut = append(lines, more...), cut || cutToo
		if later := reached(more, cutToo); later.After(since) {
			since = later
		}
	}
	mine := l.reduce(lines, func(m line) bool { return l.mine(m, acc.User) })
	mine.Cut, mine.Since = cut, since
	name.What += ", the account"
	acc.Log = told(name, mine, s.Now(name.At))
	for _, e := range mine.Events {
		if a, err := netip.ParseAddr(e.Address); err == nil && failed(e.Kind) {
			l.consider(a)
		}
	}

	acc.Bans = observe(l.search(b, "log-bans", "bans on this login", logLines, func(m line) bool { return m.event.Kind == probes.StalwartLogBanned && l.mine(m, acc.User) }))
	look, log := l.search(b, "log-directory", "the directory", logLines, func(m line) bool {
		return m.event.Kind == probes.StalwartLogLDAP || m.event.Kind == probes.StalwartLogPool
	})
	s.DirectoryLog = told(look, log, s.Now(look.At))
	for i := range s.DirectoryLog.Value.Events {
		e := &s.DirectoryLog.Value.Events[i]
		e.Address, e.Details, e.CredentialID = "", "", ""
	}
	if len(l.exact) == 0 {
		return
	}
	look, log = l.search(b, "log-address", "the address", logLines, func(m line) bool {
		a, err := netip.ParseAddr(m.event.Address)
		ban := m.event.Kind == probes.StalwartLogBanned || m.event.Kind == probes.StalwartLogBlocked
		return ban && err == nil && a.Unmap() == l.exact[0]
	})
	s.AddressLog = told(look, log, s.Now(look.At))
	for i := range s.AddressLog.Value.Events {
		s.AddressLog.Value.Events[i].Details, s.AddressLog.Value.Events[i].Reason = "", ""
	}
}

// search is one search of the log, of which the lines that keep wants are kept; of says what for.
func (l *looker) search(b *bundle, id, of string, limit int, keep func(line) bool) (probes.Look, probes.StalwartLog) {
	look, rows, cut := b.found(l.c, id, logQuery, logGet, limit)
	log := l.reduce(rows, keep)
	log.Cut, log.Since = cut, reached(rows, cut)
	look.What += ", " + of
	return look, log
}

// logDay is how far back a line speaks of the present trouble: as far as a check looks.
const logDay = 24 * time.Hour

// told is what a log tells. One that was cut short of a day, and in which nothing of a login was found, must not read as "nothing was logged".
func told(look probes.Look, log probes.StalwartLog, now time.Time) *probes.Observation[probes.StalwartLog] {
	of := func(e probes.StalwartLogEvent) bool { return e.Kind != probes.StalwartLogOther }
	if look.Why == probes.Seen && !log.Reaches(now.Add(-logDay)) && !slices.ContainsFunc(log.Events, of) {
		look.Why, look.Words = probes.Unclear, fmt.Sprintf("the newest %d lines that fit do not reach back a day, and tell nothing", log.Lines)
	}
	return observe(look, log)
}

// reached is how far back a search that was cut goes: to the oldest of its lines, since the newest come first (S:
// crates/jmap/src/registry/mapping/log.rs).
func reached(rows []object, cut bool) (since time.Time) {
	if !cut {
		return since
	}
	for _, r := range rows {
		if at := r.when("timestamp"); !at.IsZero() && (since.IsZero() || at.Before(since)) {
			since = at
		}
	}
	return since
}

// failed says that a line reports a login that did not come about.
func failed(k probes.StalwartLogKind) bool {
	switch k {
	case probes.StalwartLogFailed, probes.StalwartLogExpired, probes.StalwartLogIPUnauthorized, probes.StalwartLogUnauthorized, probes.StalwartLogBanned, probes.StalwartLogMFA:
		return true
	}
	return false
}

// line is one row of x:Log.
type line struct {
	id      string
	account string // accountName
	number  string // accountId
	clear   bool   // it can be read in one way only
	event   probes.StalwartLogEvent
}

// mine says that a line is about the account: a search finds longer names and numbers too, and an account's name may stand in
// the line of another.
func (l *looker) mine(m line, user *probes.Observation[probes.StalwartUser]) bool {
	known := user.OK() && user.Value.Found == probes.StalwartYes
	if !m.clear {
		return false
	}
	if number, numbered := numberOfAccount(user); m.number != "" && numbered {
		return m.number == strconv.FormatUint(number, 10)
	}
	names := []string{l.user}
	if known {
		names = append(append(names, user.Value.Email), user.Value.Aliases...)
	}
	return m.account != "" && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, m.account) })
}

// reduce keeps the lines that keep wants, oldest first, and counts the rest.
func (l *looker) reduce(rows []object, keep func(line) bool) probes.StalwartLog {
	out := probes.StalwartLog{Events: []probes.StalwartLogEvent{}}
	seen := map[string]bool{}
	for _, r := range rows {
		m := l.read(r)
		if m.id != "" && seen[m.id] {
			continue
		}
		seen[m.id] = true
		out.Lines++
		if !keep(m) {
			out.Others++
			continue
		}
		out.Events = append(out.Events, m.event)
	}
	slices.SortStableFunc(out.Events, func(a, b probes.StalwartLogEvent) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Event, b.Event))
	})
	return out
}

var logKinds = map[string]probes.StalwartLogKind{"auth.failed": probes.StalwartLogFailed, "auth.success": probes.StalwartLogSuccess,
	"auth.credential-expired": probes.StalwartLogExpired, "auth.mfa-required": probes.StalwartLogMFA, "auth.error": probes.StalwartLogError,
	"auth.too-many-attempts": probes.StalwartLogTooMany, "security.ip-unauthorized": probes.StalwartLogIPUnauthorized,
	"security.unauthorized": probes.StalwartLogUnauthorized, "security.authentication-ban": probes.StalwartLogBanned, "security.ip-blocked": probes.StalwartLogBlocked,
	"store.ldap-error": probes.StalwartLogLDAP, "store.pool-error": probes.StalwartLogPool, "limit.concurrent-request": probes.StalwartLogConcurrent}

// read takes a row apart. Of its details only what is known by name is kept.
func (l *looker) read(r object) line {
	d, clear := details(r.text("details"))
	e := probes.StalwartLogEvent{At: r.when("timestamp"), Level: secret.Kept(r.text("level")), Event: secret.Kept(r.text("event")), Kind: logKinds[r.text("event")],
		Listener: secret.Kept(d["listenerid"].text), Reason: l.c.clean(d["reason"].text), Details: l.c.clean(d["details"].text)}
	if a, err := netip.ParseAddr(d["remoteip"].text); err == nil {
		e.Address = a.Unmap().String()
	}
	// A text is the tag of an IMAP command, which may be a number too.
	if n, err := strconv.ParseUint(d["id"].text, 10, 32); err == nil && !d["id"].quoted {
		e.CredentialID = idOf(n)
	}
	if n, err := strconv.Atoi(d["code"].text); err == nil {
		e.Code = n
	}
	return line{id: r.text("id"), account: d["accountname"].text, number: d["accountid"].text, event: e, clear: clear}
}

// How many pairs of one line are read, and how long a line may be in bytes. A quote is looked at together with all that follows
// it, so that a long line of quotes would cost minutes.
const (
	maxDetails = 64
	maxDetail  = 4 << 10
)

// detail is one value of a line.
type detail struct {
	text   string
	quoted bool // a text, not a number or an address
}

// details reads `key = value, key = "a text", …`; keys in small letters, the first of two equal ones. The form is that of the log
// writer (S: crates/trc/src/serializers/text.rs): it escapes the backslash and line ends in a text, and no quotes. A login name
// may hold what looks like the end of a text and further keys: clear is false where a line can be read in two ways, and such a
// line tells nothing of anybody.
func details(text string) (out map[string]detail, clear bool) {
	out, clear = map[string]detail{}, len(text) <= maxDetail
	text = text[:min(len(text), maxDetail)]
	for len(out) < maxDetails && text != "" {
		key, rest, ok := strings.Cut(text, "=")
		if !ok {
			return out, false
		}
		value, after, ends := token(strings.TrimLeft(rest, " "))
		key = strings.ToLower(strings.TrimSpace(key))
		_, twice := out[key]
		// id stands twice where a failed app password has its number and IMAP its tag (S: imap/src/op/authenticate.rs).
		clear = clear && ends && plainKey(key) && (!twice || key == "id")
		if !twice {
			out[key] = value
		}
		text = strings.TrimLeft(after, ", ")
	}
	return out, clear
}

func plainKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool { return r < 'a' || r > 'z' })
}

// token takes one value off a text: up to the next comma, or up to the quote that ends the line or comes before the next key.
// ends is false where no such quote comes.
func token(text string) (value detail, rest string, ends bool) {
	if !strings.HasPrefix(text, `"`) {
		plain, rest, _ := strings.Cut(text, ",")
		return detail{text: strings.TrimSpace(plain)}, rest, true
	}
	for i := 1; i < len(text); i++ {
		if text[i] == '"' && endsValue(text[i+1:]) {
			return detail{unescape.Replace(text[1:i]), true}, text[i+1:], true
		}
	}
	return detail{unescape.Replace(text[1:]), true}, "", false
}

var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t")

// endsValue says that what follows a quote is the end of the line, or another key.
func endsValue(rest string) bool {
	next, more := strings.CutPrefix(rest, ", ")
	if !more {
		return strings.TrimSpace(rest) == ""
	}
	key, _, assigned := strings.Cut(next, " = ")
	return assigned && plainKey(strings.ToLower(key))
}
