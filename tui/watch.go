package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/probes/gather"
	"logindoctor.example/report"
)

// watch repeats the looks and shows what changed between two of them. It submits nothing for the user.
type watch struct {
	number  int // of this watch: what an earlier one still says is not heard
	since   time.Time
	looks   int
	latest  *report.Report
	changes []change // the newest first
	cancel  context.CancelFunc
}

// change is one thing that two looks disagree on.
type change struct {
	at   time.Time // when it was, or else when it was seen
	text string    // as the report words it
	last string    // the server's own words, where there are any
}

type (
	lookedMsg struct {
		watch  int
		report *report.Report
	}
	lookAgainMsg int
)

// mostChanges is how many are kept: a watch may be forgotten over night.
const mostChanges = 500

func (m *Model) startWatch() tea.Cmd {
	if m.session == nil {
		m.status = "A saved report has no servers to watch: n begins a new case."
		return nil
	}
	ctx, cancel := context.WithCancel(m.stop)
	m.place, m.detail, m.scroll = atWatch, false, 0
	m.watch = watch{number: m.watch.number + 1, since: m.now, cancel: cancel}
	return tea.Batch(m.look(ctx), m.tick())
}

// look makes one look and judges it under the same identity as the report.
func (m *Model) look(ctx context.Context) tea.Cmd {
	session, judge, number, said, before := m.session, m.judging(), m.watch.number, m.said(), factsOf(m.report)
	return func() tea.Msg {
		s := session.Look(ctx, session.Target, Hooks{Progress: func(gather.Event) {}})
		s.Said = said
		keepSecret(s, before)
		return lookedMsg{number, judge(s)}
	}
}

func (m *Model) looked(msg lookedMsg) tea.Cmd {
	if m.place != atWatch || msg.watch != m.watch.number {
		return nil
	}
	w := &m.watch
	if w.latest != nil {
		found := changes(w.latest, msg.report)
		w.changes = append(found, w.changes...)
		w.changes = w.changes[:min(len(w.changes), mostChanges)]
	}
	w.latest = msg.report
	w.looks++
	return m.after(m.cfg.WatchEvery, lookAgainMsg(msg.watch))
}

func (m *Model) lookAgain(number int) tea.Cmd {
	if m.place != atWatch || number != m.watch.number || m.session == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(m.stop)
	m.watch.cancel()
	m.watch.cancel = cancel
	return m.look(ctx)
}

func (m *Model) endWatch() {
	m.watch.cancel()
	if len(m.watch.changes) > 0 {
		m.status = "Something changed since this report was made: r runs it again."
	}
	m.place, m.scroll = atCase, 0
	m.watch.latest = nil
	m.list.keep(m.rows())
}

// changes are what a newer report says otherwise than an older one: answers that turned, and events that came.
func changes(old, now *report.Report) []change {
	var out []change
	for _, e := range now.Timeline {
		if !news(old.Timeline, e) {
			continue
		}
		c := change{at: e.At, text: e.What, last: report.LogLine(now.Facts, e)}
		if e.Source != "" {
			c.text += " · " + e.Source
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b change) int { return b.at.Compare(a.at) })
	var turned []change
	for _, a := range now.Checks {
		i := slices.IndexFunc(old.Checks, func(b report.Answer) bool { return b.ID == a.ID })
		if i < 0 || old.Checks[i].Verdict == a.Verdict && old.Checks[i].Why == a.Why {
			continue
		}
		_, was := report.Mark(old.Checks[i].Verdict, old.Checks[i].Why)
		symbol, is := report.Mark(a.Verdict, a.Why)
		turned = append(turned, change{at: now.FinishedAt, text: fmt.Sprintf("%s %s (it was: %s)  %s", symbol, is, was, a.Summary)})
	}
	return append(turned, out...)
}

// news says that an event was not there before, or has come again since.
func news(old []report.Event, e report.Event) bool {
	for _, o := range old {
		if o.Kind == e.Kind && o.What == e.What && (o.Source == e.Source || o.At.Equal(e.At)) {
			return e.At.After(o.At)
		}
	}
	return true
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func (m *Model) drawWatch(f *frame, height int) []string {
	w := &m.watch
	p := &paper{m: m, width: m.width - 4}
	if w.latest == nil {
		p.text("", spinner[m.frames%len(spinner)]+" The first look…", nil)
	} else {
		p.text("", m.say(m.shown().Headline), m.style.bold.Render)
		p.text("", fmt.Sprintf("Looked %s since %s, the last time at %s. Nothing is submitted for the user.", times(w.looks), m.at(w.since), m.at(w.latest.FinishedAt)), m.style.dim.Render)
	}
	p.blank()
	p.lines = append(p.lines, m.style.bold.Render("What changed, the newest first"))
	if len(w.changes) == 0 {
		p.text("  ", "Nothing so far.", m.style.dim.Render)
	}
	for _, c := range w.changes {
		p.text("  "+m.at(c.at)+"  ", m.hide(m.say(c.text)), nil)
		if c.last != "" {
			p.text("      ", m.hide(m.say(c.last)), m.style.dim.Render)
		}
	}
	return m.drawPage(f, p.lines, 2, height)
}
