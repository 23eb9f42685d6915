package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/probes"
	"logindoctor.example/report"
)

// TestPlan: nothing of the user's is submitted before somebody says yes, and who goes on typing says no.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want bool
	}{{[]string{"enter"}, false}, {[]string{"esc"}, false}, {[]string{"l"}, false}, {[]string{"t"}, true}, {[]string{"left", "enter"}, true},
		{[]string{"tab", "tab", "enter"}, false}, {[]string{"ctrl+c"}, false}, {[]string{"j", "k", "q", "enter"}, false}} {
		x := running(t, locked(), 80, 24)
		reply := make(chan bool, 1)
		x.Update(planMsg{x.run.number, plan(), reply})
		x.shows("Active Directory allows 5 wrong passwords", "used so far 2", "Try once", "Look only")
		x.press(c.keys...)
		select {
		case got := <-reply:
			if got != c.want {
				t.Errorf("%v says %v", c.keys, got)
			}
		default:
			t.Errorf("%v says nothing", c.keys)
		}
	}
}

// TestPlanIsAskedForTheUserAlone: the canary's attempt needs no yes; the user's waits for one, or for the end of the run.
func TestPlanIsAskedForTheUserAlone(t *testing.T) {
	x := running(t, locked(), 80, 24)
	sent := make(chan tea.Msg, 1)
	x.send = func(m tea.Msg) { sent <- m }
	ctx, cancel := context.WithCancel(context.Background())
	h := x.hooks(ctx, 1, nil)
	held := plan()
	held.Steps[0].Do = probes.DoHold
	held.Steps = append(held.Steps, probes.Step{Who: probes.AttemptCanary, Service: probes.ServiceIMAP, Do: probes.DoTry})
	if !h.Announce(held) || len(sent) != 0 {
		t.Error("it asks although nothing of the user's is submitted")
	}
	cancel()
	if h.Announce(plan()) {
		t.Error("an ended run is taken for a yes")
	}
	if len(sent) != 1 {
		t.Error("it did not ask")
	}
}

// TestKeysTypedFast: two keys that arrive as one are two keys.
func TestKeysTypedFast(t *testing.T) {
	x := finished(t, locked(), 80, 40)
	first := x.list.cursor
	x.press("jjk")
	if x.list.cursor == first {
		t.Error("jjk is not one down")
	}
	x.press("/lock").shows("filter: lock").press("enter").hides("INBOX").press("esc").shows("INBOX")
}

// TestMoves: the keys that people expect.
func TestMoves(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	at := func() string { return x.list.cursor }
	x.press("G")
	if at() != "certificate" {
		t.Errorf("G goes to %s", at())
	}
	x.press("g")
	if at() != "kerio-lock" {
		t.Errorf("g goes to %s", at())
	}
	x.press("end", "home", "down", "up", "pgdown")
	if at() == "kerio-lock" {
		t.Error("a page down does not move")
	}
	x.press("home", "down", "enter").shows("Evidence", "lockoutTime").press("end").shows("https://vendor.example/lock", "(lock)").press("esc").hides("Evidence")
	x.press("?").shows("Take along").press("?").hides("Take along")
	x.press("t").shows("cause found").press("end").shows("run run1").press("esc").shows("enter detail")
}

// TestInterrupt: the first ctrl-c ends the run and shows what was seen, the second quits.
func TestInterrupt(t *testing.T) {
	x := running(t, locked(), 80, 24)
	number := x.run.number
	x.press("ctrl+c").shows("Ending the run")
	if x.quitting {
		t.Fatal("the first ctrl-c quits")
	}
	x.Update(doneMsg{number, reportOf(locked())})
	x.shows("The run was ended", "is locked until")
	x.press("ctrl+c")
	if !x.quitting || x.ExitCode() != report.ExitCause {
		t.Errorf("quitting %v, exit %d", x.quitting, x.ExitCode())
	}
	if len(x.files) != 0 {
		t.Error("it saved what nobody asked it to")
	}
}

// TestKeep: once somebody has said so, whatever way out saves the report, that of a run that is being ended too.
func TestKeep(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	x.press("s", "tab", "space").shows("[x]").press("esc")
	x.press("ctrl+c")
	if len(x.files) != 1 || !x.quitting {
		t.Fatalf("quitting %v with the files %v", x.quitting, len(x.files))
	}

	x = finished(t, locked(), 80, 24)
	x.press("s", "tab", "x", "esc")
	x.start(target(), true, nil)
	x.press("ctrl+c", "ctrl+c")
	if x.quitting && x.run == nil {
		t.Fatal("it does not wait for the run's report")
	}
	x.Update(doneMsg{x.run.number, reportOf(locked())})
	if len(x.files) != 1 {
		t.Error("the report of the ended run is lost")
	}

	x = running(t, locked(), 80, 24)
	x.keep = true
	x.Update(terminateMsg{})
	x.Update(doneMsg{x.run.number, reportOf(locked())})
	if len(x.files) != 1 || !x.quitting {
		t.Error("a signal loses the report")
	}
}

// TestSave: the name tells nobody's, the format goes with it, and what is there is not written over.
func TestSave(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	x.press("s").shows("logindoctor-20261122T091403Z.txt")
	x.press("shift+tab", "right").shows("(json)", "logindoctor-20261122T091403Z.json")
	x.press("enter").shows("Saved to ", "logindoctor-20261122T091403Z.json")
	data := x.files["logindoctor-20261122T091403Z.json"]
	r, err := report.Read(strings.NewReader(data))
	if err != nil || r.Verdict != report.CauseFound {
		t.Errorf("the file is no report: %v", err)
	}
	x.press("s", "enter").shows("exists", "choose another name", "Save the report")
	x.press("2", "enter").shows("Saved to")
	if len(x.files) != 2 {
		t.Errorf("%d files", len(x.files))
	}
	x.press("q")
	if !x.quitting {
		t.Error("a saved report is asked about again")
	}
}

// TestQuit: an unsaved report is asked about once.
func TestQuit(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	x.press("q").shows("not saved").press("esc").hides("not saved")
	x.press("q", "tab", "enter")
	if !x.quitting || len(x.files) != 0 {
		t.Error("leaving without saving does not leave, or saves")
	}
	x = finished(t, locked(), 80, 24)
	x.press("q", "enter", "enter")
	if !x.quitting || len(x.files) != 1 {
		t.Error("saving on the way out does not save, or does not leave")
	}
}

// TestAnswer: what the caller says goes into the facts and the report, marked as said.
func TestAnswer(t *testing.T) {
	x := openCase(t, 80, 24)
	x.shows("ASK   Does webmail take the same password? [1] yes [2] no")
	x.press("9").shows("ASK")
	if len(x.report.Answers) != 0 {
		t.Error("an answer that is none was taken")
	}
	x.press("2").shows("The caller said (webmail): no.")
	if a := x.report.Answers; len(a) != 1 || a[0].Question != "webmail" || a[0].Said != "no" || len(x.report.Facts.Said) != 1 || x.saved {
		t.Errorf("the answers are %+v", a)
	}
	// It outlives another run.
	x.again()
	x.Update(doneMsg{x.run.number, x.live})
	x.shows("The caller said (webmail): no.")
	x.press("u").hides("The caller said")
	if len(x.report.Answers) != 0 {
		t.Error("it was not taken back")
	}
}

// TestOnce: one check is looked at again with the servers that it reads, and nothing else; the other facts stay.
func TestOnce(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	x.press("R")
	if len(x.asked) != 1 || x.asked[0].Directory == nil || x.asked[0].Kerio != nil || x.asked[0].IMAP != nil {
		t.Fatalf("it asked %+v", x.asked)
	}
	if x.report == nil || x.report.Summary.OK != 3 || x.report.Summary.Problem != 1 || x.list.cursor != "lock" {
		t.Errorf("the other answers are gone: %+v, at %s", x.report.Summary, x.list.cursor)
	}

	// An answer that hangs on a login has its plan, with every policy and counter: all is run again.
	ran := 0
	run := x.session.Run
	x.session.Run = func(c context.Context, h Hooks) *probes.Snapshot { ran++; return run(c, h) }
	x.list.cursor = "login"
	x.press("R")
	if ran != 1 || len(x.asked) != 1 {
		t.Error("a check that rests on a login was looked at alone")
	}

	// So it is once a secret of the user's was submitted: what it moved must not be read as if it had been there before.
	s := facts()
	s.Login = &probes.Login{Attempts: []probes.Attempt{{At: noon, Who: probes.AttemptUser, Service: probes.ServiceIMAP, Outcome: probes.Refused}}}
	x.report = report.New(locked(), s, meta)
	x.list.cursor = "lock"
	x.press("R")
	if ran != 2 || len(x.asked) != 1 {
		t.Error("counters that a login moved are read again alone")
	}
}

// TestOpen: a saved report is shown; there is nothing to ask again.
func TestOpen(t *testing.T) {
	x := start(t, locked(), 80, 24)
	x.onDisk = reportOf(fine())
	x.Model.Update(tea.KeyMsg{Type: tea.KeyCtrlO})
	x.press("case.json", "enter").shows("A saved report", "Nothing was found")
	x.press("r").shows("no servers to ask again").press("w").shows("no servers to watch")
	x.onDisk = nil
	x.press("o", "nosuch.json", "enter").shows("nosuch.json: no such file")
}

// TestWatch: what changed is shown, the newest first, and nothing is submitted.
func TestWatch(t *testing.T) {
	x := watching(t, 80, 24)
	x.shows("it was: problem", "No domain controller holds a lock", "wrong password over IMAP from 192.0.2.44", "Invalid password for user")
	x.Update(lookedMsg{x.watch.number - 1, reportOf(fine())})
	if x.watch.looks != 2 {
		t.Error("an earlier watch is heard")
	}
	x.press("esc").shows("Something changed", "is locked until")
}

// TestWatchAtStalwart: a line of Stalwart's log is shown when it comes, with its words; the older one is no news.
func TestWatchAtStalwart(t *testing.T) {
	at := func(events ...probes.StalwartLogEvent) *report.Report {
		s := facts()
		s.Account.Stalwart = &probes.StalwartAccount{Log: &probes.Observation[probes.StalwartLog]{Look: probes.Look{Probe: probes.ProbeStalwart, Source: "mail.example.test:443", At: noon},
			Value: probes.StalwartLog{Events: events}}}
		return report.New(locked(), s, meta)
	}
	old := probes.StalwartLogEvent{At: noon.Add(-time.Minute), Kind: probes.StalwartLogFailed, Event: "auth.failed", Listener: "imaps", Address: "192.0.2.44", Reason: "an old one"}
	banned := probes.StalwartLogEvent{At: noon, Kind: probes.StalwartLogBanned, Event: "security.authentication-ban", Listener: "imaps", Address: "192.0.2.44"}
	missing := probes.StalwartLogEvent{At: noon, Kind: probes.StalwartLogUnauthorized, Event: "security.unauthorized", Listener: "imaps", Address: "192.0.2.45", Details: "imapAuthenticate"}
	x := finished(t, locked(), 140, 30)
	x.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("w")})
	x.Update(lookedMsg{x.watch.number, at(old)})
	x.Update(lookedMsg{x.watch.number, at(old, banned, missing)})
	x.shows("Stalwart: a failure had its address banned at imaps from 192.0.2.44", "security.authentication-ban, listenerId = imaps, remoteIp = 192.0.2.44",
		"Stalwart: a permission was missing (imapAuthenticate)", "security.unauthorized, listenerId = imaps, remoteIp = 192.0.2.45, details = imapAuthenticate").hides("an old one")
}

// TestALookKeepsTheSecretsForm: a look has no secret, and what depends on its form must not turn for that.
func TestALookKeepsTheSecretsForm(t *testing.T) {
	with := func(secret *probes.StalwartSecret) *probes.Snapshot {
		s := facts()
		s.Target.Stalwart = &probes.StalwartTarget{URL: "https://mail.example.test"}
		s.Account.Stalwart = &probes.StalwartAccount{Secret: secret}
		return s
	}
	before := with(&probes.StalwartSecret{Shape: probes.StalwartShapeMangled})
	looked := with(nil)
	s := seen{t: before.Target, before: before}.merge(looked)
	if s.Account.Stalwart.Secret == nil || looked.Account.Stalwart.Secret != nil {
		t.Errorf("after one look: %+v; what was seen is %+v", s.Account.Stalwart.Secret, looked.Account.Stalwart.Secret)
	}
	x := finished(t, locked(), 80, 24)
	x.report = report.New(locked(), before, meta)
	x.session = &Session{Target: before.Target, Close: func() {}, Look: func(context.Context, probes.Target, Hooks) *probes.Snapshot { return with(nil) }}
	msg := x.look(context.Background())().(lookedMsg)
	if msg.report.Facts.Account.Stalwart.Secret == nil {
		t.Error("watching has lost it")
	}
}

// TestPrivacy: the screen names nobody, and what is copied as a command still works.
func TestPrivacy(t *testing.T) {
	x := finished(t, locked(), 80, 24).press("p")
	for _, keys := range [][]string{{}, {"enter"}, {"end"}, {"esc"}, {"t"}, {"end"}, {"esc"}, {"w"}} {
		x.press(keys...).hides("jdoe", "J Doe", "192.0.2.44", "dc1.example.test", "acme")
	}
	x.press("esc", "p").shows("jdoe")
}

// TestCopy: the terminal is asked to take the commands of the selected cause, else the ticket note.
func TestCopy(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	x.press("c").shows("Sent 1 command")
	if got := pasted(t, x.out.String()); got != "Unlock-ADAccount -Identity jdoe" {
		t.Errorf("copied %q", got)
	}
	x.out.Reset()
	x.press("C").shows("Sent the ticket note")
	if got := pasted(t, x.out.String()); !strings.Contains(got, "is locked until") || !strings.Contains(got, "Unlock-ADAccount") {
		t.Errorf("the note is %q", got)
	}
	x.out.Reset()
	x.cfg.Tmux = true
	x.press("c")
	if n := strings.Count(x.out.String(), "]52;c;"); n != 2 {
		t.Errorf("under tmux it asks %d times", n)
	}
}

// TestMouse: a click selects, another one opens, the wheel moves; buttons can be clicked.
func TestMouse(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	f := x.frame()
	y := f.listTop
	click := func(x1, y1 int) {
		x.Update(tea.MouseMsg{X: x1, Y: y1, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	click(10, y) // a question: nothing to select
	if x.list.cursor != "lock" {
		t.Error("a click on a question moves the cursor")
	}
	click(10, y+1)
	if x.list.cursor != "kerio-lock" {
		t.Errorf("a click selects %s", x.list.cursor)
	}
	x.Update(tea.MouseMsg{X: 10, Y: y, Button: tea.MouseButtonWheelDown})
	if x.list.cursor != "lock" {
		t.Errorf("the wheel goes to %s", x.list.cursor)
	}
	click(10, y+2)
	x.shows("Evidence").press("esc")

	x = running(t, locked(), 80, 24)
	reply := make(chan bool, 1)
	x.Update(planMsg{x.run.number, plan(), reply})
	for i, l := range strings.Split(x.screen(), "\n") {
		if strings.Contains(l, "Try once") {
			click(strings.Index(l, "Try once")+1, i)
		}
	}
	if len(reply) != 1 || !<-reply {
		t.Error("the button cannot be clicked")
	}
}
