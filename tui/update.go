package tui

import (
	"strconv"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/probes"
	"logindoctor.example/report"
)

// Update takes one message.
func (m *Model) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	defer m.survive(&cmd)
	return m, guarded(m.update(msg))
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		return m.form.resize(m)
	case tea.KeyMsg:
		var cmds []tea.Cmd
		for _, k := range split(msg) {
			cmds = append(cmds, m.press(k))
		}
		return tea.Batch(cmds...)
	case tea.MouseMsg:
		return m.point(msg)
	case beatMsg:
		return m.beat()
	case beganMsg:
		return m.began(msg)
	case progressMsg:
		if m.run != nil && msg.run == m.run.number {
			m.progress(msg.event)
		}
	case partialMsg:
		if m.run != nil && msg.run == m.run.number {
			m.live = msg.report
		}
	case planMsg:
		if m.run == nil || msg.run != m.run.number || m.run.ended {
			msg.reply <- false
			return nil
		}
		m.plan, m.planned = &msg, m.now
		m.dialog, m.choice, m.scroll = dialogPlan, lookOnly, 0
	case doneMsg:
		if m.run != nil && msg.run == m.run.number {
			return m.done(msg.report)
		}
	case leaveMsg:
		if m.quitting && m.run != nil {
			return m.quit()
		}
	case terminateMsg:
		return m.terminated()
	case savedMsg:
		return m.savedTo(msg)
	case openedMsg:
		m.opened(msg)
	case copiedMsg:
		m.status = string(msg)
	case lookedMsg:
		return m.looked(msg)
	case lookAgainMsg:
		return m.lookAgain(int(msg))
	case crashMsg:
		return m.crashed(crash(msg))
	default:
		return m.form.update(m, msg)
	}
	return nil
}

func (m *Model) beat() tea.Cmd {
	m.ticking, m.now = false, m.cfg.Now()
	m.frames++
	if m.run != nil || m.place == atWatch || m.starting {
		return m.tick()
	}
	return nil
}

// press takes one key. What is typed into a field is no command; ctrl-c always is.
func (m *Model) press(k tea.KeyMsg) tea.Cmd {
	if key.Matches(k, m.keys.interrupt) {
		return m.interrupted()
	}
	switch {
	case m.dialog == dialogSave:
		return m.pressSave(k)
	case m.dialog == dialogOpen:
		return m.pressOpen(k)
	case m.dialog == dialogPlan:
		m.pressPlan(k)
		return nil
	case m.dialog == dialogLeave:
		return m.pressLeave(k)
	case m.typing:
		return m.pressFilter(k)
	case m.place == atForm && m.dialog == noDialog:
		return m.pressForm(k)
	}
	m.status = ""
	return m.command(k)
}

// command takes a key where nothing is being typed.
func (m *Model) command(k tea.KeyMsg) tea.Cmd {
	keys := &m.keys
	switch {
	case key.Matches(k, keys.quit):
		return m.ask(toQuit)
	case key.Matches(k, keys.back):
		return m.back()
	case key.Matches(k, keys.help):
		m.toggle(dialogHelp)
	case key.Matches(k, keys.text) && m.shown() != nil:
		m.toggle(dialogText)
	case key.Matches(k, keys.privacy):
		m.private = !m.private
		m.status = map[bool]string{true: "Names and addresses are hidden on the screen.", false: "Names and addresses are shown."}[m.private]
	case key.Matches(k, keys.mouse):
		return m.switchMouse()
	case m.dialog != noDialog:
		m.move(k)
	case key.Matches(k, keys.copy):
		return m.copyCommands()
	case key.Matches(k, keys.note):
		return m.copyNote()
	case m.place == atWatch:
		m.move(k)
	case m.run != nil && key.Matches(k, keys.again, keys.once, keys.watch, keys.save, keys.open, keys.fresh):
		m.status = "The run is still under way; ctrl+c ends it."
	case m.run != nil:
		return m.browse(k)
	default:
		return m.work(k)
	}
	return nil
}

// work takes the keys that need a finished run.
func (m *Model) work(k tea.KeyMsg) tea.Cmd {
	keys := &m.keys
	switch {
	case m.report == nil:
	case key.Matches(k, keys.again):
		return m.again()
	case key.Matches(k, keys.once):
		return m.once()
	case key.Matches(k, keys.watch):
		return m.startWatch()
	case key.Matches(k, keys.save):
		return m.startSave()
	case key.Matches(k, keys.open):
		return m.ask(toOpen)
	case key.Matches(k, keys.fresh):
		return m.ask(toNew)
	case key.Matches(k, keys.undo):
		m.takeBack()
	case key.Matches(k, keys.number):
		n, _ := strconv.Atoi(k.String())
		m.tell(n - 1)
	default:
		return m.browse(k)
	}
	return nil
}

// browse moves through the list and the detail.
func (m *Model) browse(k tea.KeyMsg) tea.Cmd {
	keys := &m.keys
	switch {
	case key.Matches(k, keys.filter) && !(m.detail && !m.wide()):
		m.typing, m.detail = true, false
		return m.filter.Focus()
	case key.Matches(k, keys.enter), key.Matches(k, keys.tab):
		m.detail, m.scroll = !m.detail, 0
	default:
		m.move(k)
	}
	return nil
}

func (m *Model) toggle(d dialog) {
	m.scroll = 0
	if m.dialog == d {
		m.dialog = noDialog
		return
	}
	m.dialog = d
}

// back leaves what is in front, and nothing else.
func (m *Model) back() tea.Cmd {
	m.scroll = 0
	switch {
	case m.dialog != noDialog:
		m.dialog = noDialog
	case m.detail:
		m.detail = false
	case m.place == atWatch:
		m.endWatch()
	case m.filter.Value() != "":
		m.filter.SetValue("")
		m.list.keep(m.rows())
	}
	return nil
}

// move takes the keys that move: through the text in front, else through the list.
func (m *Model) move(k tea.KeyMsg) {
	if m.dialog != noDialog || m.detail || m.place == atWatch {
		m.scrollBy(k)
		return
	}
	rows, page := m.rows(), max(m.frame().listHeight-1, 1)
	keys := &m.keys
	switch {
	case key.Matches(k, keys.up):
		m.list.move(rows, -1)
	case key.Matches(k, keys.down):
		m.list.move(rows, 1)
	case key.Matches(k, keys.pageUp):
		m.list.move(rows, -page)
	case key.Matches(k, keys.pageDown):
		m.list.move(rows, page)
	case key.Matches(k, keys.top):
		m.list.move(rows, -len(rows))
	case key.Matches(k, keys.bottom):
		m.list.move(rows, len(rows))
	}
}

// scrollBy moves the text in front. Where it ends is known only when it is drawn, which puts the place right.
func (m *Model) scrollBy(k tea.KeyMsg) {
	f := m.frame()
	keys := &m.keys
	switch {
	case key.Matches(k, keys.up):
		m.scroll--
	case key.Matches(k, keys.down):
		m.scroll++
	case key.Matches(k, keys.pageUp):
		m.scroll -= max(f.pageHeight-1, 1)
	case key.Matches(k, keys.pageDown):
		m.scroll += max(f.pageHeight-1, 1)
	case key.Matches(k, keys.top):
		m.scroll = 0
	case key.Matches(k, keys.bottom):
		m.scroll = f.pageLines
	}
	m.scroll = max(0, min(m.scroll, f.pageLines-f.pageHeight))
}

func (m *Model) pressFilter(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, m.keys.enter), key.Matches(k, m.keys.back):
		m.typing = false
		m.filter.Blur()
		if key.Matches(k, m.keys.back) {
			m.filter.SetValue("")
		}
		m.list.keep(m.rows())
		return nil
	case k.Type == tea.KeyUp, k.Type == tea.KeyDown:
		m.move(k)
		return nil
	}
	var cmd tea.Cmd
	m.filter, cmd = m.filter.Update(k)
	m.list.keep(m.rows())
	return cmd
}

// tell takes the caller's answer into the facts, and judges again.
func (m *Model) tell(option int) {
	r := m.report
	if r == nil || r.NextQuestion == nil || option >= len(r.NextQuestion.Options) {
		return
	}
	q := r.NextQuestion
	said := append(m.said(), probes.Said{Question: q.ID, Say: q.Options[option].Say, At: m.cfg.Now().UTC()})
	m.rejudge(said, "Taken down as said by the caller; u takes it back.")
}

func (m *Model) takeBack() {
	if said := m.said(); len(said) > 0 {
		m.rejudge(said[:len(said)-1], "The last answer is taken back.")
	}
}

// rejudge judges the facts again with what the caller said. A report whose names are pseudonyms stays as it is.
func (m *Model) rejudge(said []probes.Said, status string) {
	was, facts := *m.report, *m.report.Facts
	if was.Privacy == report.PrivacyVendor {
		m.status = "This report's names are pseudonyms: it cannot be judged again."
		return
	}
	facts.Said = said
	was.Facts = &facts
	m.report, m.saved, m.status = report.Rejudge(&was, m.cfg.Catalogue), false, status
	m.list.keep(m.rows())
}
