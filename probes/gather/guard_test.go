package gather_test

import (
	"fmt"
	"testing"
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/fixtures/sim"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// TestADefectInOneLook: it ends neither the run nor the other looks, and what it would have seen is unknown, because of a bug.
func TestADefectInOneLook(t *testing.T) {
	for _, c := range []struct {
		scenario string
		probe    probes.Probe
		check    string
	}{
		{"healthy--active-directory", probes.ProbeKerio, "kerio-account-disabled"},
		{"healthy--active-directory", probes.ProbeDirectory, "ad-account-locked"},
		{"healthy--active-directory", probes.ProbeIMAP, "imap-login"},
		{"healthy--stalwart-active-directory", probes.ProbeStalwart, "stalwart-login-not-permitted"},
		{"healthy--stalwart-active-directory", probes.ProbeIMAP, "imap-login"},
	} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v late=%v", c.scenario, c.probe, late), func(t *testing.T) {
				s, _ := sim.Find(c.scenario)
				r, err := s.World(time.Now()).Start(0)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				o := s.Options(r)
				o.Progress = func(e gather.Event) {
					if e.Probe == c.probe && e.Done == late {
						panic("before anything was asked, or when all was")
					}
				}
				got := report.New(checks.All, gather.Run(t.Context(), r.Target, o), report.Meta{RunID: "test"})
				if got.Verdict != report.Inconclusive {
					t.Errorf("%v: %s", got.Verdict, got.Headline)
				}
				for _, a := range got.Checks {
					if a.ID == c.check && a.Verdict != checks.Undetermined {
						t.Errorf("%s is %v: %s", a.ID, a.Verdict, a.Summary)
					}
				}
				for _, u := range got.Coverage.CouldNotLook {
					if u.Why == probes.Bug && u.Probe == c.probe {
						return
					}
				}
				t.Errorf("nothing says that it was a bug: %+v", got.Coverage)
			})
		}
	}
}
