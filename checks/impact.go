package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// BluntFix is a mend that hits more people than the user, and how many, as far as it could be counted.
type BluntFix struct {
	Do      string
	Scope   Scope
	Counted bool
	Count   int
	Of      string // what is counted
	Instead string // the smallest fix that may do; empty: none is known
	Source  string
	At      time.Time
}

// kerioRestart is what stopping and starting Kerio Connect would cut off now.
func kerioRestart(s *probes.Snapshot, instead string) []BluntFix {
	b := BluntFix{Do: "A restart of Kerio Connect", Scope: ScopeEveryone, Of: "connections", Instead: instead}
	if s.Kerio == nil || !s.Kerio.Connections.OK() {
		return []BluntFix{b}
	}
	c := s.Kerio.Connections
	b.Counted, b.Count, b.Source, b.At = true, c.Value.Total, c.Source, c.At
	people := b
	people.Count, people.Of = c.Value.Users, "people with a connection"
	return []BluntFix{b, people}
}

// closeOwn names the user's own connections, whose end disturbs nobody else.
func closeOwn(s *probes.Snapshot) string {
	const first = "Close this user's programs first"
	if s.Kerio == nil || !s.Kerio.Connections.OK() || len(s.Kerio.Connections.Value.Own) == 0 {
		return first
	}
	var from []string
	for _, c := range s.Kerio.Connections.Value.Own {
		text := fmt.Sprintf("%s from %s", strings.TrimPrefix(c.Protocol, "protocol"), c.From)
		if !containsWord(from, text) {
			from = append(from, text)
		}
	}
	const most = 3
	if more := len(from) - most; more > 0 {
		from = append(from[:most], fmt.Sprintf("%d more", more))
	}
	return first + ": " + strings.Join(from, ", ")
}

func containsWord(list []string, w string) bool {
	for _, x := range list {
		if x == w {
			return true
		}
	}
	return false
}

// kerioUnlockAll is whom "Unlock All Accounts Now" would free besides this user: others with as many failures as lock, within
// the time that a lock lasts. Like the user's own lock that is inferred.
func kerioUnlockAll(s *probes.Snapshot, until time.Time) []BluntFix {
	b := BluntFix{Do: "\"Unlock All Accounts Now\"", Scope: ScopeEveryone, Of: "other accounts that look locked",
		Instead: "Wait until about " + clock(until)}
	log, _ := kerioLogs(s)
	if !log.OK() {
		return []BluntFix{b}
	}
	p, now := s.Kerio.SecurityPolicy.Value, timeOf(s, log).now
	b.Counted, b.Source, b.At = true, log.Source, log.At
	for _, other := range log.Value.OthersRefused {
		recent := 0
		for _, at := range other.At {
			if now.Sub(at) < time.Duration(p.MinutesToUnlock)*time.Minute {
				recent++
			}
		}
		if recent >= p.FailedToLock {
			b.Count++
		}
	}
	return []BluntFix{b}
}
