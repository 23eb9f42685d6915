package stalwart

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// logs reads the searches of the log. All of them are kept to this account, but for the directory's errors, which keep nobody's
// name, and the bans of the first of the addresses that matter.
func (l *looker) logs(b *bundle, s *probes.StalwartServer, acc *probes.StalwartAccount) {
	name, lines, cut := b.found(l.c, "log-name", logQuery, logGet, logLines)
	if acc.User.OK() && acc.User.Value.Found == probes.StalwartYes {
		byID, more, cutToo := b.found(l.c, "log-id", logQuery, logGet, logLines)
		if name.Why == probes.Seen {
			name = byID // one search without the other would read as "nothing was logged"
		}
		lines, cut = append(lines, more...), cut || cutToo
	}
	mine := l.reduce(lines, func(m line) bool { return l.mine(m, acc.User) })
	mine.Cut = cut
	acc.Log = observe(name, mine)
	for _, e := range mine.Events {
		if a, err := netip.ParseAddr(e.Address); err == nil && failed(e.Kind) {
			l.consider(a)
		}
	}

	acc.Bans = l.search(b, "log-bans", logLines/4, func(m line) bool { return m.event.Kind == probes.StalwartLogBanned && l.mine(m, acc.User) })
	s.DirectoryLog = l.search(b, "log-directory", logLines/4, func(m line) bool {
		return m.event.Kind == probes.StalwartLogLDAP || m.event.Kind == probes.StalwartLogPool
	})
	for i := range s.DirectoryLog.Value.Events {
		e := &s.DirectoryLog.Value.Events[i]
		e.Address, e.Details, e.CredentialID = "", "", ""
	}
	if len(l.exact) == 0 {
		return
	}
	s.AddressLog = l.search(b, "log-address", logLines, func(m line) bool {
		a, err := netip.ParseAddr(m.event.Address)
		ban := m.event.Kind == probes.StalwartLogBanned || m.event.Kind == probes.StalwartLogBlocked
		return ban && err == nil && a.Unmap() == l.exact[0]
	})
	for i := range s.AddressLog.Value.Events {
		s.AddressLog.Value.Events[i].Details, s.AddressLog.Value.Events[i].Reason = "", ""
	}
}

// search is one search of the log, of which the lines that keep wants are kept.
func (l *looker) search(b *bundle, id string, limit int, keep func(line) bool) *probes.Observation[probes.StalwartLog] {
	look, rows, cut := b.found(l.c, id, logQuery, logGet, limit)
	log := l.reduce(rows, keep)
	log.Cut = cut
	return observe(look, log)
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
	event   probes.StalwartLogEvent
}

// mine says that a line is about the account: a search finds longer names and numbers too, and an account's name may stand in
// the line of another.
func (l *looker) mine(m line, user *probes.Observation[probes.StalwartUser]) bool {
	known := user.OK() && user.Value.Found == probes.StalwartYes
	if m.number != "" && known {
		return m.number == strconv.FormatUint(user.Value.Number, 10)
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
	d := details(r.text("details"))
	e := probes.StalwartLogEvent{At: r.when("timestamp"), Level: secret.Kept(r.text("level")), Event: secret.Kept(r.text("event")), Kind: logKinds[r.text("event")],
		Listener: secret.Kept(d["listenerid"]), Reason: l.c.clean(d["reason"]), Details: l.c.clean(d["details"])}
	if a, err := netip.ParseAddr(d["remoteip"]); err == nil {
		e.Address = a.Unmap().String()
	}
	if n, err := strconv.ParseUint(d["id"], 10, 32); err == nil {
		e.CredentialID = idOf(n)
	}
	if n, err := strconv.Atoi(d["code"]); err == nil {
		e.Code = n
	}
	return line{id: r.text("id"), account: d["accountname"], number: d["accountid"], event: e}
}

// maxDetails is how many pairs of one line are read.
const maxDetails = 64

// details reads `key = value, key = "a \"quoted\" value", …`; keys in small letters. The form is that of the lines in the
// documentation (W: ref/events.md) and of the log writer (S: crates/trc/src/serializers/text.rs). The first of two equal keys
// counts: what follows may be text that somebody sent.
func details(text string) map[string]string {
	out := map[string]string{}
	for len(out) < maxDetails && text != "" {
		key, rest, ok := strings.Cut(text, "=")
		if !ok {
			return out
		}
		value, after := token(strings.TrimLeft(rest, " "))
		key = strings.ToLower(strings.TrimSpace(key))
		if _, twice := out[key]; !twice && key != "" {
			out[key] = value
		}
		text = strings.TrimLeft(after, ", ")
	}
	return out
}

// token takes one value off a text: quoted, or up to the next comma.
func token(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ",")
		return strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '"':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), ""
}
