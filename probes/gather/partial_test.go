package gather_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
)

// TestPartial: what is told while a run is under way grows step by step, is nobody else's, and comes before the news that
// the step is done.
func TestPartial(t *testing.T) {
	s, _ := sim.Find("healthy--active-directory")
	r, err := s.World(time.Now()).Start(0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var inside, calls atomic.Int32
	var latest atomic.Pointer[probes.Snapshot]
	o := s.Options(r)
	o.Partial = func(p *probes.Snapshot) {
		if inside.Add(1) != 1 {
			t.Error("two calls at once")
		}
		calls.Add(1)
		latest.Store(p)
		inside.Add(-1)
	}
	o.Progress = func(e gather.Event) {
		if !e.Done {
			return
		}
		p := latest.Load()
		switch {
		case p == nil:
			t.Errorf("%v is done before anything was told", e.Probe)
		case e.Probe == probes.ProbeKerio && (p.Kerio == nil || p.Account.Kerio == nil),
			e.Probe == probes.ProbeIMAP && p.IMAP == nil,
			e.Probe == probes.ProbeDirectory && p.Directory[server(p, e.What)].Bind == nil,
			e.Probe == probes.ProbeLogin && len(p.Login.Attempts) == 0:
			t.Errorf("%v is done, and what was told does not hold it", e.Probe)
		}
	}
	final := gather.Run(context.Background(), r.Target, o)
	// Kerio, two servers of the directory, IMAP, the plan, the attempts.
	if n := calls.Load(); n != 6 {
		t.Errorf("told %d times, want 6", n)
	}
	last := latest.Load()
	if want, got := text(t, final), text(t, last); want == got {
		t.Error("the last partial has the run's end already: it was not made before it")
	}
	last.FinishedAt = final.FinishedAt
	// A connection counts its flights when it is closed.
	for _, s := range []*probes.Snapshot{last, final} {
		for _, r := range []*probes.Reach{s.Kerio.Admin, s.Kerio.User, s.Directory[0].Reach, s.Directory[1].Reach, s.IMAP.Reach} {
			r.RoundTrips = 0
		}
	}
	want := text(t, final)
	if text(t, last) != want {
		t.Error("the last partial is not what was seen")
	}
	last.Account.Directory[0].Entry.Value.Matches[0] = "changed"
	last.Kerio.Session.Words = "changed"
	if text(t, final) != want {
		t.Error("a partial shares memory with the run")
	}
}

func server(p *probes.Snapshot, url string) int {
	for i, d := range p.Directory {
		if d.URL == url {
			return i
		}
	}
	return -1
}

func text(t *testing.T, s *probes.Snapshot) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPartialOfADirectory: a server that is not finished stands there by its address alone.
func TestPartialOfADirectory(t *testing.T) {
	s, _ := sim.Find("ad-account-locked--two-controllers")
	r, err := s.World(time.Now()).Start(0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o := s.Options(r)
	first := true
	o.Partial = func(p *probes.Snapshot) {
		if !first {
			return
		}
		first = false
		if len(p.Directory) != 2 || len(p.Account.Directory) != 2 || p.Directory[0].URL == "" || p.Directory[1].URL == "" {
			t.Errorf("the rows of the directory: %+v", p.Directory)
		}
		if p.Target.User == "" || p.StartedAt.IsZero() {
			t.Error("it does not say what was asked, and when")
		}
	}
	gather.Run(context.Background(), r.Target, o)
	if first {
		t.Error("nothing was told")
	}
}
