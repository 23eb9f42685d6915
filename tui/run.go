package tui

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/probes"
	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// The messages of a run carry its number: what an earlier run still says is not heard.
type (
	beganMsg struct {
		session *Session
		err     error
	}
	progressMsg struct {
		run   int
		event gather.Event
	}
	partialMsg struct {
		run    int
		report *report.Report
	}
	planMsg struct {
		run   int
		login *probes.Login
		reply chan<- bool // takes one answer without waiting
	}
	doneMsg struct {
		run    int
		report *report.Report
	}
	beatMsg  struct{} // the clock goes on
	leaveMsg struct{} // what was waited for has not come
)

// part is how far one of the run's parts is.
type part struct {
	wanted, begun, done int
	since               time.Time
}

// run is one that is under way.
type run struct {
	number  int
	cancel  context.CancelFunc
	started time.Time
	ended   bool // the user has ended it
	parts   map[probes.Probe]*part
	applies map[string]bool // the checks whose servers the profile names
}

// finished says that a part has nothing more to tell.
func (r *run) finished(p probes.Probe) bool {
	x := r.parts[p]
	return x == nil || x.done >= x.wanted
}

// wanted are the parts of a run against a target.
func wanted(t *probes.Target, login bool) map[probes.Probe]*part {
	parts := map[probes.Probe]*part{}
	for _, x := range servers {
		if n := x.count(t); n > 0 {
			parts[x.probe] = &part{wanted: n}
		}
	}
	if login {
		parts[probes.ProbeLogin] = &part{wanted: 1}
	}
	return parts
}

// begin asks for the session that the form describes.
func (m *Model) begin(c Case, secret string) tea.Cmd {
	m.starting = true
	m.form.err = ""
	start, stop := m.cfg.Begin, m.stop
	return func() tea.Msg {
		s, err := start(stop, c, secret)
		return beganMsg{s, err}
	}
}

func (m *Model) began(msg beganMsg) tea.Cmd {
	m.starting = false
	if msg.err != nil {
		m.form = m.newForm()
		m.form.err = msg.err.Error()
		return m.form.huh.Init()
	}
	if m.session != nil {
		m.session.Close()
	}
	m.session = msg.session
	m.report, m.saved = nil, false
	return m.start(m.session.Target, true, nil)
}

// start begins a run. Of one that is cut down to some servers, the rest of the facts are those of the last report.
func (m *Model) start(t probes.Target, login bool, before *probes.Snapshot) tea.Cmd {
	m.runs++
	ctx, cancel := context.WithCancel(m.stop)
	r := &run{number: m.runs, cancel: cancel, started: m.now, parts: wanted(&t, login), applies: map[string]bool{}}
	for id, x := range m.reads {
		r.applies[id] = configured(x.check.Needs, m.session.Target)
	}
	m.run, m.place, m.detail, m.scroll, m.status = r, atCase, false, 0, ""
	m.dialog, m.plan = noDialog, nil
	m.meta = m.cfg.Meta()
	s := seen{t: m.session.Target, before: before, said: m.said()}
	judge := m.judging()
	m.live = judge(s.merge(&probes.Snapshot{FactsVersion: probes.FactsVersion, Target: t, StartedAt: m.now}))
	if m.list.cursor == "" {
		m.list.first(m.rows())
	}
	h := m.hooks(ctx, r.number, func(p *probes.Snapshot) *report.Report { return judge(s.merge(p)) })
	session := m.session
	ask := func() tea.Msg {
		defer cancel()
		if !login {
			return doneMsg{r.number, judge(s.merge(session.Look(ctx, t, h)))}
		}
		return doneMsg{r.number, judge(s.merge(session.Run(ctx, h)))}
	}
	return tea.Batch(ask, m.tick())
}

// hooks carry what a run tells to Update. They run on the run's own goroutines, where a panic would end the process with
// the terminal as it is: they only judge, which cannot panic, and send.
func (m *Model) hooks(ctx context.Context, number int, judge func(*probes.Snapshot) *report.Report) Hooks {
	send := m.send
	return Hooks{
		Progress: func(e gather.Event) { send(progressMsg{number, e}) },
		Partial:  func(p *probes.Snapshot) { send(partialMsg{number, judge(p)}) },
		Announce: func(l *probes.Login) bool {
			if !tries(l) {
				return true // nothing of the user's is submitted: there is nothing to ask
			}
			reply := make(chan bool, 1)
			send(planMsg{number, private(l), reply})
			select {
			case yes := <-reply:
				return yes
			case <-ctx.Done():
				return false
			}
		},
	}
}

// tries says whether a plan would submit the user's secret.
func tries(l *probes.Login) bool {
	return slices.ContainsFunc(l.Steps, func(s probes.Step) bool {
		return s.Who == probes.AttemptUser && (s.Do == probes.DoTry || s.Do == probes.DoIf)
	})
}

// private is a copy of a plan that the run may go on to write to.
func private(l *probes.Login) *probes.Login {
	c := *l
	c.Budgets, c.Steps, c.Attempts = slices.Clone(l.Budgets), slices.Clone(l.Steps), slices.Clone(l.Attempts)
	return &c
}

// judging gives what makes reports under the present run's identity, wherever it is called.
func (m *Model) judging() func(*probes.Snapshot) *report.Report {
	catalogue, meta := m.cfg.Catalogue, m.meta
	return func(s *probes.Snapshot) *report.Report { return report.New(catalogue, s, meta) }
}

// said is what the caller answered so far: it outlives a run of the same case.
func (m *Model) said() []probes.Said {
	if m.report == nil || m.report.Facts == nil {
		return nil
	}
	return slices.Clone(m.report.Facts.Said)
}

// seen puts together what a run sees and what is kept from before it.
type seen struct {
	t      probes.Target
	before *probes.Snapshot // of a run that is cut down; nil: the run asks everything
	said   []probes.Said
}

func (s seen) merge(now *probes.Snapshot) *probes.Snapshot {
	out := *now
	out.Said = s.said
	if s.before == nil {
		return &out
	}
	out.Target = s.t
	for _, x := range servers {
		if x.count(&now.Target) == 0 {
			x.keep(&out, s.before)
		}
	}
	out.Login = s.before.Login
	keepSecret(&out, s.before)
	return &out
}

// keepSecret keeps what the caller's secret looks like: a look is not given one.
func keepSecret(to, before *probes.Snapshot) {
	if to.Account.Stalwart == nil || before == nil || before.Account.Stalwart == nil {
		return
	}
	account := *to.Account.Stalwart
	account.Secret = before.Account.Stalwart.Secret
	to.Account.Stalwart = &account
}

// factsOf are a report's; nil where there is none.
func factsOf(r *report.Report) *probes.Snapshot {
	if r == nil {
		return nil
	}
	return r.Facts
}

// progress notes how far the run is.
func (m *Model) progress(e gather.Event) {
	p := m.run.parts[e.Probe]
	switch {
	case p == nil:
	case e.Done:
		p.done++
	default:
		if p.begun == 0 {
			p.since = m.now
		}
		p.begun++
	}
}

// done takes a run's report. Where the user has ended the run, it says so.
func (m *Model) done(r *report.Report) tea.Cmd {
	ended := m.run.ended
	if m.dialog == dialogPlan {
		m.dialog, m.plan = noDialog, nil
	}
	m.run, m.live = nil, nil
	m.report, m.saved = r, false
	m.focus()
	if ended {
		m.status = "The run was ended: this is what was seen until then."
	}
	if m.quitting {
		return m.quit()
	}
	return nil
}

// focus puts the cursor on the root cause; where there is none, on what matters most.
func (m *Model) focus() {
	rows := m.rows()
	m.list.first(rows)
	if r := m.report; r != nil && len(r.Diagnosis) > 0 {
		if l := (list{cursor: r.Diagnosis[0].Cause, offset: len(rows)}); l.index(rows) >= 0 {
			m.list = l
		}
	}
}

// answerPlan says yes or no to the plan that waits.
func (m *Model) answerPlan(yes bool) {
	if m.plan == nil {
		return
	}
	m.plan.reply <- yes
	m.plan, m.dialog, m.scroll = nil, noDialog, 0
}

// again runs everything again, under the same ledger.
func (m *Model) again() tea.Cmd {
	if m.session == nil {
		m.status = "A saved report has no servers to ask again: n begins a new case."
		return nil
	}
	return m.start(m.session.Target, true, nil)
}

// hangsOnLogin is said where one check cannot be asked alone.
const hangsOnLogin = "This answer hangs on a login: everything is asked again."

// once looks again at what the selected check depends on, or runs everything again where that is not clean.
func (m *Model) once() tea.Cmd {
	if m.session == nil || m.report == nil {
		return m.again()
	}
	t, ok := m.cut()
	if !ok {
		cmd := m.again()
		m.status = hangsOnLogin
		return cmd
	}
	cursor := m.list.cursor
	cmd := m.start(t, false, m.report.Facts)
	m.list.cursor = cursor
	return cmd
}

// cut gives the target with nothing but the servers that the selected check depends on. That is only clean without a login:
// its plan needs every policy and counter, and what a refused one moved must not be read again as if it had been there before.
func (m *Model) cut() (probes.Target, bool) {
	t, reads := m.session.Target, m.reads[m.list.cursor].probes
	if has(reads, probes.ProbeLogin) || m.report.Facts == nil || submitted(m.report.Facts.Login) {
		return t, false
	}
	left := 0
	for _, x := range servers {
		if has(reads, x.probe) {
			left += x.count(&t)
		} else {
			x.leave(&t)
		}
	}
	return t, left > 0
}

// submitted says whether a secret of the user's went out.
func submitted(l *probes.Login) bool {
	return l != nil && slices.ContainsFunc(l.Attempts, func(a probes.Attempt) bool {
		return a.Who == probes.AttemptUser && a.Outcome != probes.Withheld
	})
}

// tick keeps the clock going while something runs.
func (m *Model) tick() tea.Cmd {
	if m.ticking {
		return nil
	}
	m.ticking = true
	return m.after(beat, beatMsg{})
}

// beat is how often the screen is drawn while a run is under way: seconds count, and nothing flickers.
const beat = 125 * time.Millisecond
