package tui

import (
	"context"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/probes"
)

// TestForm: what is typed becomes the case; the secret is shown nowhere and kept nowhere.
func TestForm(t *testing.T) {
	x := start(t, locked(), 80, 24)
	var got Case
	var secret string
	begin := x.cfg.Begin
	x.cfg.Begin = func(c2 context.Context, c Case, s string) (*Session, error) {
		got, secret = c, s
		return begin(c2, c, s)
	}
	x.press("down", "enter", "jdoe@example.test").shows("jdoe@example.test").press("enter", "hunter2 word").shows("****").hides("hunter2")
	x.press("enter", "192.0.2.44", "enter").shows(askUsedOn).hides("hunter2")
	x.press("down", "enter")
	if want := (Case{Profile: "demo", User: "jdoe@example.test", UsedOn: probes.ServiceIMAP, ClientAddress: "192.0.2.44"}); got != want || secret != "hunter2 word" {
		t.Errorf("it began %+v with %q", got, secret)
	}
	if x.form.input.secret != "" || strings.Contains(x.screen(), "hunter2") {
		t.Error("the secret is still there")
	}
	x.shows("is locked until 09:42 UTC")
}

// TestFormWithoutSecret: where it is typed is not asked, and an address that is none is refused.
func TestFormWithoutSecret(t *testing.T) {
	x := start(t, locked(), 80, 24)
	x.press("enter", "enter").shows("USER is empty", askUser)
	x.press("jdoe", "enter", "enter", "nonsense", "enter").shows("no IP address")
	x.press("backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "enter").shows("is locked until")
}

// TestFormShowsEveryProfile: wherever the choice is, and wherever it began, none of a few profiles is scrolled out of sight.
func TestFormShowsEveryProfile(t *testing.T) {
	all := []string{"acme", "bee", "cee", "demo"}
	for at := range all {
		x := newTester(t)
		cfg := config(x, locked())
		cfg.Profiles, cfg.Start.Profile = all, all[at]
		x.Model = New(cfg)
		x.Init()
		x.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		for n := range len(all) + 1 {
			x.shows("acme", "bee", "cee", "demo", "▸ "+all[(at+n)%len(all)])
			if got := x.form.input.profile; got != all[(at+n)%len(all)] {
				t.Errorf("the choice is %s", got)
			}
			x.press("down")
		}
	}
}

// TestFormWithoutProfile: where there is none, the form and the line mode say where one belongs.
func TestFormWithoutProfile(t *testing.T) {
	const say = "There is no profile yet: write one in /home/jane/profiles."
	x := newTester(t)
	cfg := config(x, locked())
	cfg.Profiles, cfg.NoProfile = []string{"demo"}, say
	x.Model = New(cfg)
	x.Init()
	x.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	x.shows(say, "▸ demo", "The caller's mail address")
	cfg.In = strings.NewReader("")
	Lines(context.Background(), cfg)
	if out := x.out.String(); !strings.Contains(out, say) {
		t.Errorf("the line mode says\n%s", out)
	}
}
