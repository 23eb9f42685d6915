package tui

import (
	"context"
	"slices"
	"time"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/report"
)

// place is what the screen is about.
type place uint8

const (
	atForm place = iota
	atCase       // a run under way, or a report
	atWatch
)

// dialog is what stands over the place and takes the keys. The zero value is none.
type dialog uint8

const (
	noDialog dialog = iota
	dialogPlan
	dialogHelp
	dialogSave
	dialogOpen
	dialogLeave
	dialogText
)

// Model is the whole UI. Update changes it and View draws it; nothing else touches it.
type Model struct {
	cfg    Config
	style  styles
	keys   keyMap
	send   func(tea.Msg) // how other goroutines reach Update
	after  func(time.Duration, tea.Msg) tea.Cmd
	stop   context.Context
	cancel context.CancelFunc

	width, height int
	now           time.Time
	frames        int // of the animation
	place         place
	dialog        dialog
	mouse         bool
	private       bool
	lines         bool // line mode: there are no keys
	mask          masker
	whole         whole
	status        string
	ticking       bool

	form     form
	asked    Case
	starting bool // Begin is under way
	session  *Session
	run      *run
	runs     int
	live     *report.Report // of what the run has seen so far
	report   *report.Report // the last finished one
	meta     report.Meta
	saved    bool
	reads    map[string]reading

	list   list
	scroll int // of the detail, the plan, the help or the text
	detail bool
	filter textinput.Model
	typing bool // the filter has the keys

	plan    *planMsg
	planned time.Time
	choice  int // the button that enter presses
	save    saving
	open    textinput.Model
	openErr string
	leaving leaving
	keep    bool // save before the program exits
	watch   watch

	quitting bool
	late     []string // lines to say after the screen is gone
	crash    *crash
}

// New is a model that waits for its first size.
func New(cfg Config) *Model {
	if cfg.Location == nil {
		cfg.Location = time.Local
	}
	m := &Model{cfg: cfg, style: newStyles(cfg.Colour), keys: newKeys(), now: cfg.Now(), mouse: true,
		reads: readings(cfg.Catalogue), send: func(tea.Msg) {}, after: after}
	m.stop, m.cancel = context.WithCancel(context.Background())
	m.filter, m.open = input("/ "), input("")
	m.save = m.newSaving()
	if p := cfg.Start.Profile; p != "" && !slices.Contains(cfg.Profiles, p) { // a file named on the command line
		m.cfg.Profiles = append([]string{p}, cfg.Profiles...)
	}
	m.asked = cfg.Start
	m.form = m.newForm()
	return m
}

// after gives a message when a time has passed.
func after(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// input is a one-line input. Its cursor does not blink: a screen that changes by itself is a nuisance over a slow line.
func input(prompt string) textinput.Model {
	i := textinput.New()
	i.Prompt = prompt
	i.Cursor.SetMode(cursorStatic)
	return i
}

// Init begins with the case at hand, if there is one.
func (m *Model) Init() tea.Cmd {
	if m.cfg.Ready != nil {
		return guarded(m.began(beganMsg{session: m.cfg.Ready}))
	}
	return guarded(m.form.huh.Init())
}

// shown is the report that the screen is about, as it may be drawn; nil while nothing is known.
func (m *Model) shown() *report.Report { return m.masked(m.current()) }

// current is the same with all that is known.
func (m *Model) current() *report.Report {
	switch {
	case m.run != nil:
		return m.live
	case m.place == atWatch && m.watch.latest != nil:
		return m.watch.latest
	}
	return m.report
}

// answer finds a check's answer in the shown report.
func (m *Model) answer(id string) *report.Answer { return answerIn(m.shown(), id) }

func answerIn(r *report.Report, id string) *report.Answer {
	if r == nil {
		return nil
	}
	for i := range r.Checks {
		if r.Checks[i].ID == id {
			return &r.Checks[i]
		}
	}
	return nil
}

// cause is the shown report's cause by that id; nil where it is none.
func (m *Model) cause(id string) *report.Cause {
	if r := m.shown(); r != nil {
		for i := range r.Diagnosis {
			if r.Diagnosis[i].Cause == id {
				return &r.Diagnosis[i]
			}
		}
	}
	return nil
}

// ExitCode is that of the last report; 0 where there was none.
func (m *Model) ExitCode() int {
	switch {
	case m.crash != nil:
		return exitBug
	case m.report != nil:
		return m.report.ExitCode()
	}
	return exitHealthy
}
