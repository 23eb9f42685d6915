package tui

import (
	"context"
	"strings"
	"testing"

	"logindoctor.example/probes"
	"logindoctor.example/report"
)

// typing runs the line mode on what is typed.
func typing(t *testing.T, x *tester, lines ...string) (out string, code int) {
	t.Helper()
	cfg := config(x, locked())
	cfg.In, cfg.Out = strings.NewReader(strings.Join(lines, "\n")+"\n"), &x.out
	cfg.WatchEvery = 1
	code = Lines(context.Background(), cfg)
	return x.out.String(), code
}

func newTester(t *testing.T) *tester { return &tester{t: t, files: map[string]string{}, now: noon} }

// TestLines: a whole case in lines: form, plan, diagnosis, a detail, saving, leaving. Nothing is drawn over or as a box.
func TestLines(t *testing.T) {
	x := newTester(t)
	out, code := typing(t, x, "1", "", "jdoe@example.test", "hunter2", "2", "nonsense", "192.0.2.44",
		"1", "2", "2", "0", "3", "2", "case.json", "0", "0")
	for _, want := range []string{askProfile, "USER is empty", saySecret, "no IP address", "is locked until 09:42 UTC", "Unlock-ADAccount -Identity jdoe", "Do not reset",
		"What was asked", "Is the account locked?", "lockoutTime: 2026-11-22T09:12:00Z", "Saved to "} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.ContainsAny(out, "\x1b\r\b─│┃▰▸⠋") {
		t.Errorf("it draws:\n%s", out)
	}
	if strings.Contains(out, "hunter2") || code != report.ExitCause {
		t.Errorf("it shows the secret, or exits with %d", code)
	}
	if _, err := report.Read(strings.NewReader(x.files["case.json"])); err != nil {
		t.Errorf("the file: %v", err)
	}
}

// TestLinesPlan: the plan is shown and asked about; the usual answer is no, and so is the end of the input.
func TestLinesPlan(t *testing.T) {
	for typed, want := range map[string]bool{"1": true, "2": false, "": false, "9\n1": true} {
		x := newTester(t)
		var got bool
		cfg := config(x, locked())
		cfg.Ready = &Session{Target: target(), Close: func() {}, Run: func(_ context.Context, h Hooks) *probes.Snapshot {
			got = h.Announce(plan())
			return facts()
		}}
		cfg.In = strings.NewReader(typed + "\n")
		Lines(context.Background(), cfg)
		if out := x.out.String(); got != want || !strings.Contains(out, "Active Directory allows 5 wrong passwords") {
			t.Errorf("%q says %v:\n%s", typed, got, out)
		}
	}
}

// TestLinesMenu: what the keys reach, the numbers reach too.
func TestLinesMenu(t *testing.T) {
	x := newTester(t)
	x.onDisk = reportOf(fine())
	out, _ := typing(t, x, "1", "jdoe", "", "", // the form
		"6", "6", // hide, show
		"2", "2", "1", // a check, and look again at it
		"7",     // run again
		"8", "", // watch
		"4", "other.json", // open
		"0", "2") // leave without saving
	if len(x.asked) < 2 || x.asked[0].Directory == nil || x.asked[0].Kerio != nil {
		t.Errorf("looked at %d targets", len(x.asked))
	}
	for _, want := range []string{"Watching. Nothing is submitted", "Nothing was found that keeps", "show names and addresses"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// TestLinesProfileNamed: a profile that the command line names is asked about, though it is none of the installed ones, and
// stays a choice when another was taken.
func TestLinesProfileNamed(t *testing.T) {
	x := newTester(t)
	cfg := config(x, locked())
	cfg.Start.Profile = "far/acme.yaml"
	var begun []string
	cfg.Begin = func(_ context.Context, c Case, secret string) (*Session, error) {
		begun = append(begun, c.Profile)
		return x.caseOf(c, secret), nil
	}
	cfg.In, cfg.Out = strings.NewReader("\njdoe\n\n\n5\n2\njdoe\n\n\n5\n1\njdoe\n\n\n"), &x.out
	Lines(context.Background(), cfg)
	if got := strings.Join(begun, " "); got != "far/acme.yaml acme far/acme.yaml" {
		t.Errorf("it began at %s:\n%s", got, x.out.String())
	}
}

// TestLinesEnd: the end of the input ends it, and what was to be kept is.
func TestLinesEnd(t *testing.T) {
	x := newTester(t)
	_, code := typing(t, x, "1", "jdoe", "", "", "3", "1", "a.txt", "1", "7")
	if len(x.files) != 2 || code != report.ExitCause {
		t.Errorf("%d files, exit %d", len(x.files), code)
	}
	x = newTester(t)
	if _, code = typing(t, x); code != 0 {
		t.Errorf("nothing typed: exit %d", code)
	}
}
