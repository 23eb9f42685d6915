package login

import (
	"testing"
	"time"

	"logindoctor.example/probes"
)

// A clock that could not be read leaves the log's zone unknown: a failure five hours "ago" may be a minute old.
func TestKerioBudgetWithoutClock(t *testing.T) {
	s := inKerio(3, 5*time.Hour)
	s.Kerio.Clock = &probes.Observation[probes.KerioClock]{Look: at(probes.NotPermitted)}
	if b := kerioBudget(s, nil, now); b.Used != 1 {
		t.Errorf("used %d, want 1: every failure in the log counts", b.Used)
	}
}
