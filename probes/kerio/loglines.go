package kerio

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// The log lines, old forms and new. None is documented as a format: matching is loose. Sources: live lines of
// foksk76/kerio-syslog-anonymizer (10.0.9) and fail2ban's filter with its samples, GFI 130064 and 129010, MAN-266.

// stampForm is the prefix of every line: the server's local time, without a zone.
const stampForm = "02/Jan/2006 15:04:05"

var (
	lineForm = regexp.MustCompile(`^\[(\d{1,2}/[A-Z][a-z]{2}/\d{4} \d{2}:\d{2}:\d{2})\]\s*(.*)$`)
	// prefix is the protocol that most lines begin with: "IMAP: ", "HTTP/WebMail: ".
	prefix  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]*(?:/[A-Za-z0-9]+)?):\s+`)
	failed  = regexp.MustCompile(`(?i)^Failed (\w+) login from `)
	ipAfter = regexp.MustCompile(`(?i)(?:IP address|login from)\s+\[?([0-9A-Fa-f.:]+[0-9A-Fa-f])\]?`)
	// An apostrophe may be part of a name (o'brien@…), unless the name is quoted.
	nameForm = regexp.MustCompile(`(?i)\buser:?\s+(?:'<?([^\s'>]+)|["\[<]([^\s"\]>]+)|([^\s'",;:\[\]<>][^\s",;:\]>]*))`)
)

// kinds are tried in order; the first whose words stand in the line, in lower case, wins. The apostrophe of "doesn't" is
// straight in samples and curly in a filter: only what follows it is matched.
var kinds = []struct {
	has  []string
	kind probes.KerioLogKind
}{
	{[]string{"only application passwords are allowed"}, probes.LogOnlyAppPasswords},
	{[]string{"too many false 2fa attempts"}, probes.LogTwoFactorDisabled},
	{[]string{"account is disabled after"}, probes.LogTwoFactorDisabled},
	{[]string{"antihammering"}, probes.LogAddressBlocked},
	{[]string{"rejected: too many connections"}, probes.LogTooManyConnections},
	{[]string{"login denied", "access policy"}, probes.LogPolicyDenied},
	{[]string{"authentication method", "disabled"}, probes.LogMethodDisabled},
	{[]string{"invalid password for user"}, probes.LogInvalidPassword},
	{[]string{"user ", "t exist"}, probes.LogUserUnknown},
	{[]string{"failed ", " login from", "not found"}, probes.LogUserUnknown},
	{[]string{"failed ", " login from"}, probes.LogInvalidPassword},
	{[]string{" authenticated", "user "}, probes.LogAuthenticated},
}

// line is one log line, read. user is as the line names it, empty where it names none.
type line struct {
	local time.Time // in the server's local time, as if it were UTC
	event probes.KerioLogEvent
	user  string
}

// parseLine reads a line; ok is false where it does not begin with a time.
func parseLine(text string) (l line, ok bool) {
	m := lineForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return line{}, false
	}
	local, err := time.Parse(stampForm, m[1])
	if err != nil {
		return line{}, false
	}
	body := m[2]
	l = line{local: local, event: probes.KerioLogEvent{Words: secret.Kept(body)}}
	if p := prefix.FindStringSubmatch(body); p != nil {
		l.event.Protocol = p[1]
	} else if p := failed.FindStringSubmatch(body); p != nil {
		l.event.Protocol = strings.ToUpper(p[1])
	}
	rest := ""
	if at := ipAfter.FindStringSubmatchIndex(body); at != nil {
		l.event.Address, rest = strings.TrimRight(body[at[2]:at[3]], ".:"), body[at[1]:]
	}
	if u := nameForm.FindStringSubmatch(body); u != nil {
		l.user = strings.TrimRight(u[1]+u[2]+u[3], ".")
	}
	l.event.Kind = kindOf(strings.ToLower(body))
	// Only lines of the audit log name the program there; in an old form of refusal the user's name follows the address.
	if rest = strings.TrimSpace(rest); l.event.Kind == probes.LogAuthenticated && rest != "" && strings.ContainsRune(";,", rune(rest[0])) {
		l.event.Client = secret.Kept(strings.TrimSpace(rest[1:]))
	}
	return l, true
}

func kindOf(lower string) probes.KerioLogKind {
	for _, k := range kinds {
		all := true
		for _, w := range k.has {
			all = all && strings.Contains(lower, w)
		}
		if all {
			return k.kind
		}
	}
	return probes.LogOther
}

// aboutAddress says that a line of this kind names an address and no user.
func aboutAddress(k probes.KerioLogKind) bool {
	return k == probes.LogAddressBlocked || k == probes.LogTooManyConnections
}

// refusal says that a line of this kind reports a login that was turned down.
func refusal(k probes.KerioLogKind) bool {
	switch k {
	case probes.LogInvalidPassword, probes.LogUserUnknown, probes.LogPolicyDenied, probes.LogOnlyAppPasswords, probes.LogMethodDisabled:
		return true
	}
	return false
}

// own says that a line is about the account.
func (l line) own(who names) bool { return who.are(l.user) || l.user == "" && who.in(l.event.Words) }

// reduce keeps this user's lines and those about addresses, counts the others, and makes the times UTC. It gives everybody's
// refusals too, which must not leave this package as they are.
func reduce(lines []string, total int, who names, offset time.Duration) (log probes.KerioLog, refusals []line) {
	log = probes.KerioLog{Events: []probes.KerioLogEvent{}, Lines: len(lines), WholeLog: total > 0 && total <= len(lines) || total == 0 && len(lines) == 0}
	others := map[string]bool{}
	for _, text := range lines {
		l, ok := parseLine(text)
		if !ok {
			log.Strange++
			continue
		}
		if refusal(l.event.Kind) {
			refusals = append(refusals, l)
		}
		l.event.At = l.local.Add(-offset)
		if log.Since.IsZero() || l.event.At.Before(log.Since) {
			log.Since = l.event.At
		}
		switch {
		case l.own(who), l.user == "" && aboutAddress(l.event.Kind):
			log.Events = append(log.Events, l.event)
		default:
			log.OthersLines++
			if l.user != "" {
				others[strings.ToLower(l.user)] = true
			}
		}
	}
	log.OthersUsers = len(others)
	return log, refusals
}

// What is kept of others: addresses, people, and the newest refusals of each.
const maxNeighbours, maxOthers, maxRefusals = 100, 1000, 20

// neighbours counts whom else the addresses of this user's refusals were refused for, names that do not exist included.
func neighbours(refusals []line, who names) []probes.KerioNeighbour {
	var out []probes.KerioNeighbour
	at := map[string]int{}
	for _, l := range refusals {
		if _, known := at[l.event.Address]; l.own(who) && l.event.Address != "" && !known && len(out) < maxNeighbours {
			at[l.event.Address] = len(out)
			out = append(out, probes.KerioNeighbour{Address: l.event.Address})
		}
	}
	people := map[string]bool{}
	for _, l := range refusals {
		i, known := at[l.event.Address]
		if !known || l.own(who) {
			continue
		}
		out[i].Lines++
		if key := l.event.Address + " " + strings.ToLower(l.user); l.user != "" && !people[key] {
			people[key] = true
			out[i].Users++
		}
	}
	return out
}

// othersRefused gives the wrong passwords of each other person since that person got in, of the people whose last one is
// the newest. accepted is by name, in local time.
func othersRefused(refusals []line, who names, offset time.Duration, accepted map[string]time.Time) []probes.KerioOther {
	var out []probes.KerioOther
	at := map[string]int{}
	for _, l := range slices.Backward(refusals) {
		name := strings.ToLower(l.user)
		if l.event.Kind != probes.LogInvalidPassword || name == "" || l.own(who) || !l.local.After(accepted[name]) {
			continue
		}
		i, known := at[name]
		if !known {
			if len(out) == maxOthers {
				continue
			}
			i = len(out)
			at[name], out = i, append(out, probes.KerioOther{})
		}
		if len(out[i].At) < maxRefusals {
			out[i].At = append(out[i].At, l.local.Add(-offset))
		}
	}
	for _, o := range out {
		slices.SortFunc(o.At, time.Time.Compare)
	}
	return out
}
