package kerio

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"logindoctor.example/probes"
)

// logNames are the logs that are read: what was refused, what was accepted, connections turned away, and what the
// debugging of user authentication adds where somebody switched it on.
var logNames = []string{"security", "audit", "warning", "debug"}

// rawLog is the tail of a log as it came; whose lines they are is decided once the names and the clock are known.
type rawLog struct {
	name  string
	look  probes.Look
	lines []string
	total int
}

func (r *rawLog) fetch(ctx context.Context, c *Client) {
	var viewport []struct {
		Content words `json:"content"`
	}
	var raw json.RawMessage
	var total number
	// fromLine -1 is the IDL's Unlimited: the last countLines.
	o := get(ctx, c, logsGet, map[string]any{"logName": r.name, "fromLine": -1, "countLines": logLines},
		"viewport", map[string]any{"viewport": &raw, "totalItems": &total}, func(*struct{}) {})
	r.look = o.Look
	r.look.What = logsGet + " " + r.name
	if o.OK() && (raw == nil || json.Unmarshal(raw, &viewport) != nil) {
		r.look.Why, r.look.Words = probes.Unclear, "Logs.get without a readable viewport"
		return
	}
	for _, l := range viewport {
		if text := strings.TrimSpace(string(l.Content)); text != "" {
			r.lines = append(r.lines, text)
		}
	}
	r.total = int(total)
}

// observe reduces the log to the account. The security log also tells how others fare, as far as the audit log does not show
// that they got in since.
func (r *rawLog) observe(c *Client, who names, audit *rawLog) *probes.Observation[probes.KerioLog] {
	o := &probes.Observation[probes.KerioLog]{Look: r.look}
	if !o.OK() {
		return o
	}
	offset, guess := c.offset()
	var refusals []line
	o.Value, refusals = reduce(r.lines, r.total, who, offset)
	o.Value.TimesGuess = guess
	for i := range o.Value.Events {
		e := &o.Value.Events[i]
		e.Words, e.Client = c.admin.clean(e.Words), c.admin.clean(e.Client)
	}
	if r.name == "security" {
		o.Value.Neighbours = neighbours(refusals, who)
		o.Value.OthersRefused = othersRefused(refusals, who, offset, audit.accepted())
	}
	return o
}

// offset is what makes a line's time UTC, and why it is a guess where it is one.
func (c *Client) offset() (time.Duration, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.zone == nil:
		return 0, "the log was read without the server's clock"
	case c.zone.Guess:
		return time.Duration(c.zone.OffsetMinutes) * time.Minute, c.zone.GuessWhy
	}
	return time.Duration(c.zone.OffsetMinutes) * time.Minute, ""
}

// debugOnly keeps the lines on two-factor authentication: the debug log may hold whole dialogues of other protocols, the
// passwords in them included.
func debugOnly(o *probes.Observation[probes.KerioLog]) *probes.Observation[probes.KerioLog] {
	kept := o.Value.Events[:0]
	for _, e := range o.Value.Events {
		if e.Kind == probes.LogTwoFactorDisabled || e.Kind == probes.LogOnlyAppPasswords {
			kept = append(kept, e)
		}
	}
	o.Value.Events = kept
	return o
}

// settle decides the zone of the log's times and remembers it. Where the server does not tell its clock, ours stands in for
// it: a line of our own login still shows the zone, though never for certain.
func (c *Client) settle(clock *probes.Observation[probes.KerioClock], audit *rawLog) {
	c.mu.Lock()
	defer c.mu.Unlock()
	zone := clock
	if !clock.OK() {
		zone = &probes.Observation[probes.KerioClock]{Value: probes.KerioClock{Time: c.now().UTC(), Guess: true, GuessWhy: "the server's clock could not be read"}}
	}
	settleOffset(zone, audit, c.signed)
	c.zone = &zone.Value
}

// Logs reads the security and the audit log again, with the names and the clock of the first look.
func (c *Client) Logs(ctx context.Context, user string) (security, audit *probes.Observation[probes.KerioLog]) {
	sec, aud := &rawLog{name: "security"}, &rawLog{name: "audit"}
	var both sync.WaitGroup
	both.Go(func() { sec.fetch(ctx, c) })
	both.Go(func() { aud.fetch(ctx, c) })
	both.Wait()
	who := c.names(user)
	return sec.observe(c, who, aud), aud.observe(c, who, nil)
}

// readClock is Server.getServerTime. The sign of timezoneOffset is not documented; settleOffset decides it.
func (c *Client) readClock(ctx context.Context) *probes.Observation[probes.KerioClock] {
	var info struct {
		Offset  *number `json:"timezoneOffset"`
		Current number  `json:"currentTime"`
	}
	return get(ctx, c, getServerTime, nil, "info", map[string]any{"info": &info}, func(k *probes.KerioClock) {
		k.Time = unix(info.Current)
		if info.Offset != nil {
			k.OffsetMinutes = int(*info.Offset)
		} else {
			k.Guess, k.GuessWhy = true, "the server names no offset"
		}
	})
}

// near is how far the line of our own login may lie from the server's clock.
const near = 3 * time.Minute

// settleOffset decides how the log's local times become UTC. The newest line of the audit log is about as old as our own
// login, which that log has just recorded: the offset under which it lies beside the server's clock is the right one.
// Without such a line the offset as named is taken, and called a guess.
func settleOffset(clock *probes.Observation[probes.KerioClock], audit *rawLog, signed time.Time) {
	if !clock.OK() {
		return
	}
	k := &clock.Value
	newest, ok := audit.newest()
	if !ok || k.Time.IsZero() || signed.IsZero() {
		if !k.Guess && k.OffsetMinutes != 0 {
			k.Guess, k.GuessWhy = true, "no line of the log shows the sign of the offset"
		}
		return
	}
	apart := func(minutes int) time.Duration {
		return newest.Add(-time.Duration(minutes) * time.Minute).Sub(k.Time).Abs()
	}
	derived := int(newest.Sub(k.Time).Round(15*time.Minute) / time.Minute)
	named := k.OffsetMinutes
	switch {
	case !k.Guess && apart(named) <= near:
	case !k.Guess && apart(-named) <= near:
		k.OffsetMinutes = -named
	case apart(derived) <= near && derived >= -14*60 && derived <= 14*60:
		k.OffsetMinutes, k.Guess, k.GuessWhy = derived, true, "reckoned from the newest line of the audit log"
	default:
		k.Guess, k.GuessWhy = true, "the newest line of the audit log does not fit the offset that the server names"
	}
}

func (r *rawLog) newest() (time.Time, bool) {
	var newest time.Time
	for _, text := range r.lines {
		if l, ok := parseLine(text); ok && l.local.After(newest) {
			newest = l.local
		}
	}
	return newest, !newest.IsZero() && r.look.Why == probes.Seen
}

// accepted is when each name last got in, in the server's local time.
func (r *rawLog) accepted() map[string]time.Time {
	last := map[string]time.Time{}
	if r == nil || r.look.Why != probes.Seen {
		return last
	}
	for _, text := range r.lines {
		if l, ok := parseLine(text); ok && l.event.Kind == probes.LogAuthenticated && l.local.After(last[strings.ToLower(l.user)]) {
			last[strings.ToLower(l.user)] = l.local
		}
	}
	return last
}
