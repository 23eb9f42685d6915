package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

var update = flag.Bool("update", false, "rewrite the drawn screens in testdata")

// states are all that the screen can be, by name.
var states = []struct {
	name string
	make func(t *testing.T, width, height int) *tester
}{
	{"form", func(t *testing.T, w, h int) *tester { return start(t, locked(), w, h) }},
	{"form-refused", func(t *testing.T, w, h int) *tester {
		x := start(t, locked(), w, h)
		x.Update(beganMsg{err: fmt.Errorf("profiles/acme.yaml:3: unknown key \"impa\"\ndid you mean imap?")})
		return x
	}},
	{"running", func(t *testing.T, w, h int) *tester { return running(t, locked(), w, h) }},
	{"plan", func(t *testing.T, w, h int) *tester {
		x := running(t, locked(), w, h)
		x.Update(planMsg{x.run.number, plan(), make(chan bool, 1)})
		return x
	}},
	{"cause", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h) }},
	{"two-causes", func(t *testing.T, w, h int) *tester {
		return finished(t, append(locked(), made("outage", checks.GroupMail, "The mail server turns everyone away", nil,
			checks.Finding{Verdict: checks.Problem, Scope: checks.ScopeEveryone, Summary: "The mail server turns everyone away."})), w, h)
	}},
	{"healthy", func(t *testing.T, w, h int) *tester { return finished(t, fine(), w, h) }},
	{"inconclusive", func(t *testing.T, w, h int) *tester { return openCase(t, w, h) }},
	{"detail", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("enter") }},
	{"help", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("?") }},
	{"filter", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("/", "directory") }},
	{"filter-nothing", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("/", "zzz", "enter") }},
	{"save", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("s") }},
	{"leave", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("q") }},
	{"open", func(t *testing.T, w, h int) *tester {
		return finished(t, locked(), w, h).press("o", "tab", "enter").press("x")
	}},
	{"text", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("t") }},
	{"private", func(t *testing.T, w, h int) *tester { return finished(t, locked(), w, h).press("p") }},
	{"watch", func(t *testing.T, w, h int) *tester { return watching(t, w, h) }},
	{"hostile", func(t *testing.T, w, h int) *tester { return hostile(t, w, h) }},
}

// openCase is an open case with a question to the caller. The questions are the real ones; the report is made up.
func openCase(t *testing.T, w, h int) *tester {
	x := running(t, unclear(), w, h)
	r := reportOf(unclear())
	r.NextQuestion = &report.Question{ID: "webmail", Ask: "Does webmail take the same password?", Options: []report.Option{{Say: "yes"}, {Say: "no"}}}
	r.Remaining = []report.Remaining{{Cause: "imap", Title: "IMAP refuses the login", Why: "It did not answer.", Tells: []string{"Ask it again."}}}
	x.Update(doneMsg{x.run.number, r})
	return x
}

// watching is a watch in which the lock went, and a wrong password came.
func watching(t *testing.T, w, h int) *tester {
	x := finished(t, locked(), w, h)
	x.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("w")})
	x.Update(lookedMsg{x.watch.number, reportOf(locked())})
	later := facts()
	later.FinishedAt = noon.Add(25e9)
	log := &later.Account.Kerio.Log.Value
	log.Events = append(log.Events, probes.KerioLogEvent{At: noon.Add(20e9), Kind: probes.LogInvalidPassword, Protocol: "IMAP", Address: "192.0.2.44",
		Words: "IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.44."})
	c := locked()
	for _, k := range c {
		if k.ID == "lock" {
			k.Run = func(*probes.Snapshot) checks.Finding {
				return checks.Finding{Verdict: checks.OK, Summary: "No domain controller holds a lock on the account."}
			}
		}
	}
	x.Update(lookedMsg{x.watch.number, report.New(c, later, meta)})
	return x
}

// hostile is a report whose words want to be something else: escape sequences, text that turns around, wide characters.
func hostile(t *testing.T, w, h int) *tester {
	words := "\x1b]0;owned\a\x1b[2J\x1b[31m日本語の名前 \u202etxt.exe\u202c 👩‍👩‍👧‍👦 e\u0301\u0301\u0301 " + strings.Repeat("無", 60) + "\r\n‖ ok"
	c := []*checks.Check{made("lock", checks.GroupLocked, "The account is locked", needs{checks.KerioUser}, checks.Finding{Verdict: checks.Problem,
		Summary: "The account of " + words + " is locked.", Evidence: []checks.Evidence{{Fact: "words", Observed: words, Source: words, At: noon}}})}
	c[0].Remedy.Commands = []checks.Command{{Shell: checks.POSIX, Run: "unlock '" + words + "'", Who: checks.OwnerMailAdmin}}
	x := running(t, c, w, h)
	s := facts()
	s.Target.User = words
	x.Update(doneMsg{x.run.number, report.New(c, s, meta)})
	return x
}

func TestScreens(t *testing.T) {
	for _, s := range states {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				got := s.make(t, size[0], size[1]).screen()
				var b strings.Builder
				for l := range strings.SplitSeq(got, "\n") {
					b.WriteString(strings.TrimRight(l, " ") + "\n")
				}
				path := filepath.Join("testdata", name+".txt")
				if *update {
					if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if b.String() != string(want) {
					t.Errorf("the screen has changed (-update rewrites it):\n%s\nit was:\n%s", b.String(), want)
				}
			})
		}
	}
}

// TestEverySizeFits: whatever the size, the screen has as many lines as it has, and none is wider.
func TestEverySizeFits(t *testing.T) {
	for _, s := range states {
		x := s.make(t, 80, 24)
		for w := 40; w <= 220; w += 20 {
			for h := 10; h <= 70; h += 12 {
				x.Update(tea.WindowSizeMsg{Width: w, Height: h})
				lines := strings.Split(x.screen(), "\n")
				if len(lines) != h {
					t.Fatalf("%s at %dx%d has %d lines", s.name, w, h, len(lines))
				}
				for i, l := range lines {
					if cells(l) > w {
						t.Fatalf("%s at %dx%d: line %d is %d cells wide: %q", s.name, w, h, i, cells(l), l)
					}
					if strings.ContainsAny(l, "\x1b\r\a\u202e") {
						t.Fatalf("%s at %dx%d: line %d holds what a terminal obeys: %q", s.name, w, h, i, l)
					}
				}
			}
		}
	}
}

// TestAnsweredOnlyWithAllFacts: one domain controller, or a server of another kind, is not enough.
func TestAnsweredOnlyWithAllFacts(t *testing.T) {
	x := running(t, locked(), 100, 60)
	x.shows("✓ ok              There are too few", "✓ ok              The highest reference", "asking 12 s", "IMAP refuses the login?")
	x.hides("is locked until", "The directory accepts")
	x.Update(progressMsg{x.run.number, gather.Event{Probe: probes.ProbeDirectory, Done: true}})
	x.shows("The directory accepts", "– not applicable  No Open Directory")
	x.hides("No login was tried")
	x.Update(partialMsg{x.run.number, reportOf(locked())})
	x.Update(progressMsg{x.run.number, gather.Event{Probe: probes.ProbeIMAP, Done: true}})
	x.shows("The mail server's certificate", "waiting").hides("No login was tried") // what it uses besides is not there
	x.Update(progressMsg{x.run.number, gather.Event{Probe: probes.ProbeLogin}})
	x.hides("No login was tried")
	x.Update(progressMsg{x.run.number, gather.Event{Probe: probes.ProbeLogin, Done: true}})
	x.shows("No login was tried")
}
