package tui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/cursor"
	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// A made-up catalogue and made-up facts: a new check of the real catalogue changes no golden here.

var noon = time.Date(2026, 11, 22, 9, 14, 3, 0, time.UTC)

func made(id string, g checks.Group, title string, needs []*checks.Need, f checks.Finding) *checks.Check {
	if f.Verdict == checks.Problem || f.Verdict == checks.Notice {
		if f.Evidence == nil {
			f.Evidence = []checks.Evidence{{Fact: "fact of " + id, Observed: "seen", Source: "dc1.example.test:636", At: noon}}
		}
		if f.Confidence == 0 {
			f.Confidence = checks.Certain
		}
	}
	return &checks.Check{ID: id, Group: g, Title: title, Owner: checks.OwnerHelpdesk, Scope: checks.ScopeUser, Needs: needs,
		Source: []checks.Source{{Title: "A page", URL: "https://vendor.example/" + id}},
		Remedy: checks.Remedy{Do: "Mend " + id, Steps: []string{"Mend it for {user}."}, Disruption: "none", DoNot: []string{"Do not break it."}},
		Run:    func(*probes.Snapshot) checks.Finding { return f }}
}

type needs = []*checks.Need

// locked is a catalogue that finds a lock.
func locked() []*checks.Check {
	login := made("login", checks.GroupIMAP, "IMAP refuses the login", needs{checks.IMAPGreeting}, checks.Finding{Verdict: checks.Undetermined,
		Why: probes.AttemptWithheld, Summary: "No login was tried for this user: the account is locked."})
	login.Uses = needs{checks.Attempts}
	lock := made("lock", checks.GroupLocked, "The Active Directory account is locked", needs{checks.DirectoryEntry}, checks.Finding{Verdict: checks.Problem,
		Summary: "jdoe's Active Directory account is locked until 2026-11-22 09:42 UTC.",
		Evidence: []checks.Evidence{{Fact: "lockoutTime", Observed: "2026-11-22T09:12:00Z", Expected: "0", Source: "dc1.example.test:636", At: noon},
			{Fact: "lockout policy (domain)", Observed: "locks after 5 wrong passwords within 30m0s", Source: "dc1.example.test:636", At: noon}}})
	lock.Owner, lock.Explains = checks.OwnerDirectoryAdmin, []*checks.Check{login}
	lock.Remedy = checks.Remedy{Do: "Unlock the account, and find the device that locked it",
		Steps:      []string{"Have the caller switch off mail on every phone and computer that may hold an old password.", "Unlock the account.", "Switch the devices on again one by one, each with the present password."},
		Commands:   []checks.Command{{Shell: checks.PowerShell, Run: "Unlock-ADAccount -Identity {login}", Who: checks.OwnerDirectoryAdmin}},
		Disruption: "none", DoNot: []string{"Do not reset the password: it was not at fault, and devices with the old one lock the account again."}}
	return append(fine(), lock, login)
}

// fine is a catalogue whose checks find nothing.
func fine() []*checks.Check {
	ok := func(s string) checks.Finding { return checks.Finding{Verdict: checks.OK, Summary: s} }
	return []*checks.Check{
		made("kerio-lock", checks.GroupLocked, "Kerio Connect has locked the account", needs{checks.KerioUser}, ok("There are too few failures in Kerio's log for a lock.")),
		made("folders", checks.GroupFolders, "A folder has too many references", needs{checks.KerioFolders}, ok("The highest reference count is 4 (INBOX).")),
		made("bind", checks.GroupBind, "The mail server's directory password is stale", needs{checks.DirectoryBind}, ok("The directory accepts the mail server's bind.")),
		made("od-one", checks.GroupPassword, "Open Directory: the password is too old", needs{checks.ODEntry}, ok("never")),
		made("od-two", checks.GroupPassword, "Open Directory: the password must be changed", needs{checks.ODEntry}, ok("never")),
		made("certificate", checks.GroupNetwork, "The certificate ends soon", needs{checks.IMAPReach}, checks.Finding{Verdict: checks.Notice, Confidence: checks.Likely,
			Summary: "The mail server's certificate ends on 2026-12-01 09:14 UTC."}),
	}
}

// unclear is a catalogue that leaves the case open.
func unclear() []*checks.Check {
	c := fine()
	return append(c, made("imap", checks.GroupIMAP, "IMAP refuses the login", needs{checks.IMAPGreeting}, checks.Finding{Verdict: checks.Undetermined,
		Why: probes.Timeout, Summary: "Whether IMAP takes the login is not known: the server did not answer in time.",
		Evidence: []checks.Evidence{{Fact: "IMAP greeting", Observed: "i/o timeout", Source: "mail.example.test:993", At: noon}}}))
}

func target() probes.Target {
	return probes.Target{User: "jdoe@example.test", Profile: "acme",
		Kerio:     &probes.KerioTarget{AdminURL: "https://mail.example.test:4040/admin/api/jsonrpc/", UserURL: "https://mail.example.test/webmail/api/jsonrpc/", Admin: "auditor@example.test"},
		IMAP:      &probes.IMAPTarget{Address: "mail.example.test:993", Security: probes.SecurityTLS},
		Directory: &probes.DirectoryTarget{Kind: probes.ActiveDirectory, Servers: []string{"ldaps://dc1.example.test", "ldaps://dc2.example.test"}, Security: probes.SecurityTLS}}
}

func look(p probes.Probe, what string) probes.Look {
	return probes.Look{Probe: p, What: what, Source: "server.example.test:1", At: noon}
}

// facts are those of a run that saw everything.
func facts() *probes.Snapshot {
	s := &probes.Snapshot{FactsVersion: probes.FactsVersion, Target: target(), StartedAt: noon, FinishedAt: noon.Add(812 * time.Millisecond)}
	s.Kerio = &probes.KerioServer{Session: &probes.Observation[probes.KerioSession]{Look: look(probes.ProbeKerio, "Session.login")}}
	s.Account.Kerio = &probes.KerioAccount{
		User:    &probes.Observation[probes.KerioUser]{Look: look(probes.ProbeKerio, "Users.get"), Value: probes.KerioUser{Found: true, LoginName: "jdoe", FullName: "J Doe"}},
		Folders: &probes.Observation[probes.KerioFolders]{Look: look(probes.ProbeKerio, "Server.getOpenedFoldersInfo")},
		Log: &probes.Observation[probes.KerioLog]{Look: look(probes.ProbeKerio, "Logs.get security"), Value: probes.KerioLog{Events: []probes.KerioLogEvent{
			{At: noon.Add(-time.Hour), Kind: probes.LogInvalidPassword, Protocol: "IMAP", Address: "192.0.2.44", Words: "IMAP: Invalid password for user jdoe@example.test. Attempt from IP address 192.0.2.44."}}}},
	}
	for _, url := range s.Target.Directory.Servers {
		s.Directory = append(s.Directory, probes.DirectoryServer{URL: url, Bind: &probes.Observation[probes.BindOutcome]{Look: look(probes.ProbeDirectory, "bind")}})
		s.Account.Directory = append(s.Account.Directory, probes.DirectoryAccount{Server: url, Entry: &probes.Observation[probes.DirectoryEntry]{
			Look: look(probes.ProbeDirectory, "search"), Value: probes.DirectoryEntry{Matches: []string{"CN=J Doe"}, AD: &probes.ADAccount{Login: "jdoe"}}}})
	}
	s.IMAP = &probes.IMAPServer{Reach: &probes.Reach{Address: "mail.example.test:993", Stage: probes.StageTalk, At: noon},
		Greeting: &probes.Observation[probes.IMAPGreeting]{Look: look(probes.ProbeIMAP, "greeting")}}
	return s
}

func plan() *probes.Login {
	return &probes.Login{SecretGiven: true, MaxFailures: 1, UsedOn: probes.ServiceIMAP,
		Budgets: []probes.Budget{{System: "active-directory", Known: true, Threshold: 5, Used: 2, Reserve: 2, WindowMS: 1800000},
			{System: "kerio", Known: true, Threshold: 3, Reserve: 2, WindowMS: 300000}},
		Steps: []probes.Step{{Who: probes.AttemptUser, Service: probes.ServiceIMAP, Do: probes.DoTry, Reason: "IMAP takes the primary password and app passwords alike"}}}
}

var meta = report.Meta{ToolVersion: "0.1.0", Commit: "abc1234", RunID: "run1"}

func reportOf(c []*checks.Check) *report.Report { return report.New(c, facts(), meta) }

// tester is a model with a world that does nothing by itself.
type tester struct {
	*Model
	t      *testing.T
	files  map[string]string
	out    strings.Builder
	err    strings.Builder
	asked  []probes.Target // of looks
	now    time.Time
	onDisk *report.Report
}

func config(x *tester, c []*checks.Check) Config {
	return Config{Catalogue: c, Meta: func() report.Meta { return meta }, Profiles: []string{"acme", "demo"},
		ValidUser: func(s string) error {
			if s == "" {
				return errors.New("USER is empty")
			}
			return nil
		},
		Begin: func(_ context.Context, c Case, secret string) (*Session, error) { return x.caseOf(c, secret), nil },
		Formats: []Format{{"text", ".txt", func(w io.Writer, r *report.Report) error { return report.Text(w, r, report.Options{}) }},
			{"json", ".json", report.JSON}},
		Save: func(path string, data []byte) error {
			if _, there := x.files[path]; there {
				return errors.New(path + " exists\nchoose another name")
			}
			x.files[path] = string(data)
			return nil
		},
		Load: func(path string) (*report.Report, error) {
			if x.onDisk == nil {
				return nil, errors.New(path + ": no such file")
			}
			return x.onDisk, nil
		},
		Crash:    func(text string) (string, error) { x.files["crash"] = text; return "crash", nil },
		Deadline: time.Minute, Timeout: 20 * time.Second, WatchEvery: time.Hour, Now: func() time.Time { return x.now }, Location: time.UTC,
		In: strings.NewReader(""), Out: &x.out, Err: &x.err}
}

func (x *tester) caseOf(Case, string) *Session {
	return &Session{Target: target(), Secret: true, Close: func() {},
		Run: func(_ context.Context, h Hooks) *probes.Snapshot { return facts() },
		Look: func(_ context.Context, t probes.Target, h Hooks) *probes.Snapshot {
			x.asked = append(x.asked, t)
			s := facts()
			s.Target = t
			for _, x := range servers {
				if x.count(&t) == 0 {
					x.keep(s, &probes.Snapshot{})
				}
			}
			return s
		}}
}

// start gives a model of that size, at the form.
func start(t *testing.T, c []*checks.Check, width, height int) *tester {
	x := &tester{t: t, now: noon, files: map[string]string{}}
	x.Model = New(config(x, c))
	x.Model.after = func(time.Duration, tea.Msg) tea.Cmd { return nil } // the tests are the clock
	x.Init()
	x.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return x
}

// running gives one with a run under way: Kerio has answered, dc1 too, the rest is being asked.
func running(t *testing.T, c []*checks.Check, width, height int) *tester {
	x := start(t, c, width, height)
	x.Update(beganMsg{session: x.caseOf(Case{}, "")})
	for _, e := range []gather.Event{{Probe: probes.ProbeKerio}, {Probe: probes.ProbeDirectory, What: "ldaps://dc1.example.test"}, {Probe: probes.ProbeDirectory, What: "ldaps://dc2.example.test"}, {Probe: probes.ProbeIMAP}} {
		x.Update(progressMsg{x.run.number, e})
	}
	part := facts()
	part.FinishedAt, part.IMAP, part.Login = time.Time{}, nil, nil
	part.Directory[1], part.Account.Directory[1] = probes.DirectoryServer{}, probes.DirectoryAccount{}
	x.Update(partialMsg{x.run.number, report.New(c, part, meta)})
	x.Update(progressMsg{x.run.number, gather.Event{Probe: probes.ProbeKerio, Done: true}})
	x.Update(progressMsg{x.run.number, gather.Event{Probe: probes.ProbeDirectory, Done: true}})
	x.now = noon.Add(12 * time.Second)
	x.Update(beatMsg{})
	return x
}

// finished gives one whose run is over.
func finished(t *testing.T, c []*checks.Check, width, height int) *tester {
	x := running(t, c, width, height)
	x.Update(doneMsg{x.run.number, report.New(c, facts(), meta)})
	return x
}

// press sends keys, each by its name or as its rune.
func (x *tester) press(keys ...string) *tester {
	x.t.Helper()
	named := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "ctrl+c": tea.KeyCtrlC, "space": tea.KeySpace, "backspace": tea.KeyBackspace}
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if t, ok := named[k]; ok {
			msg = tea.KeyMsg{Type: t}
			if t == tea.KeySpace {
				msg.Runes = []rune{' '}
			}
		}
		_, cmd := x.Update(msg)
		x.obey(cmd)
	}
	return x
}

// obey runs a command and what comes of it, but for a blinking cursor.
func (x *tester) obey(cmd tea.Cmd) {
	for _, msg := range results(x.t, cmd) {
		switch msg := msg.(type) {
		case nil, cursor.BlinkMsg, tea.QuitMsg:
		default:
			_, next := x.Update(msg)
			x.obey(next)
		}
	}
}

// results runs a command, and those of a batch side by side.
func results(t *testing.T, cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	batch, ok := msg.(tea.BatchMsg)
	if !ok {
		return []tea.Msg{msg}
	}
	all := make([][]tea.Msg, len(batch))
	var wait sync.WaitGroup
	for i, c := range batch {
		wait.Go(func() { all[i] = results(t, c) })
	}
	wait.Wait()
	return slices.Concat(all...)
}

func (x *tester) screen() string { return x.View() }

func (x *tester) shows(words ...string) *tester {
	x.t.Helper()
	for _, w := range words {
		if !strings.Contains(x.screen(), w) {
			x.t.Errorf("the screen does not show %q:\n%s", w, x.screen())
		}
	}
	return x
}

func (x *tester) hides(words ...string) *tester {
	x.t.Helper()
	for _, w := range words {
		if strings.Contains(x.screen(), w) {
			x.t.Errorf("the screen shows %q:\n%s", w, x.screen())
		}
	}
	return x
}
