package stalwart_test

import (
	"fmt"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes"
)

// crowd is so many lines of one kind, a minute apart, the last of them now.
func crowd(n int, event, details string) (lines []stalwartsim.LogLine) {
	for i := range n {
		lines = append(lines, stalwartsim.LogLine{At: time.Now().Add(time.Duration(i-n) * time.Minute), Level: "info", Event: event, Details: details})
	}
	return lines
}

func refusedAt(at time.Time) stalwartsim.LogLine {
	return stalwartsim.LogLine{At: at, Level: "info", Event: "security.ip-unauthorized", Details: `listenerId = "imaps", remoteIp = 203.0.113.5, accountId = 6, reason = "IP address not allowed."`}
}

// TestLongerNumbers: on a busy server other accounts' numbers begin with this one's, and their lines crowd out none of its own.
func TestLongerNumbers(t *testing.T) {
	conf := config()
	conf.Log = append([]stalwartsim.LogLine{refusedAt(time.Now().Add(-3 * time.Hour))}, crowd(100, "auth.success", `remoteIp = 203.0.113.6, accountName = "other", accountId = 60, id = 1`)...)
	if _, a, _ := look(t, conf, alice); len(a.Log.Value.Events) != 1 || a.Log.Value.Cut {
		t.Errorf("%+v", a.Log)
	}
}

// TestCutShort: where the lines that were read do not reach back a day, and none is about a login, that says nothing.
func TestCutShort(t *testing.T) {
	mail := crowd(120, "message-ingest.ham", `accountId = 6, details = "mail"`)
	conf := config()
	conf.Log = append([]stalwartsim.LogLine{refusedAt(time.Now().Add(-3 * time.Hour))}, mail...)
	if _, a, _ := look(t, conf, alice); a.Log.Why != probes.Unclear {
		t.Errorf("hidden behind mail: %+v", a.Log)
	}
	conf.Log = append(mail, refusedAt(time.Now()))
	if _, a, _ := look(t, conf, alice); !a.Log.OK() || !a.Log.Value.Cut {
		t.Errorf("cut, and something found: %+v", a.Log.Look)
	}
	old := crowd(120, "message-ingest.ham", `accountId = 6, details = "mail"`)
	for i := range 40 {
		old[i].At = time.Now().Add(-25 * time.Hour)
	}
	conf.Log = old
	if _, a, _ := look(t, conf, alice); !a.Log.OK() || !a.Log.Value.Cut {
		t.Errorf("back to yesterday: %+v", a.Log.Look)
	}
	conf.Log = nil
	for i := range 120 {
		conf.Log = append(conf.Log, crowd(1, "security.authentication-ban", fmt.Sprintf(`remoteIp = 203.0.113.%d, accountName = "other@example.test"`, i))...)
	}
	if _, a, _ := look(t, conf, alice); !a.Bans.OK() || a.Bans.Value.Reaches(time.Now().Add(-time.Hour)) || !a.Log.OK() {
		t.Errorf("hidden behind other people's bans: %+v", a.Bans)
	}
}

// TestStuckDirectory: a directory that takes no connection and refuses none leaves store.pool-error alone; errors of other stores, found
// by the same search, are not the directory's.
func TestStuckDirectory(t *testing.T) {
	conf := config()
	pool := stalwartsim.LogLine{At: time.Now().Add(-2 * time.Hour), Level: "error", Event: "store.pool-error", Details: `listenerId = "imaps", remoteIp = 203.0.113.5, details = "Connection timed out"`}
	conf.Log = append([]stalwartsim.LogLine{pool}, crowd(60, "store.s3-error", `reason = "503"`)...)
	s, _, _ := look(t, conf, alice)
	if e := s.DirectoryLog.Value.Events; len(e) != 1 || e[0].Kind != probes.StalwartLogPool || e[0].Address != "" || s.DirectoryLog.Value.Others != 60 {
		t.Errorf("%+v", s.DirectoryLog)
	}
}
