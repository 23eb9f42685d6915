package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// leaving is what a report that is not saved stands in the way of.
type leaving uint8

const (
	toQuit leaving = iota
	toOpen
	toNew
)

// The buttons of the dialogs; the harmless one is what enter presses at first.
const (
	tryOnce = iota
	lookOnly
)
const (
	saveIt = iota
	leaveIt
	stay
)

var leaveButtons = []string{"Save", "Leave without", "Stay"}

// ask goes, or asks first where that would lose a report.
func (m *Model) ask(to leaving) tea.Cmd {
	m.leaving = to
	if m.report == nil || m.saved || m.keep && to == toQuit {
		return m.leave()
	}
	m.dialog, m.choice, m.scroll = dialogLeave, saveIt, 0
	return nil
}

func (m *Model) leave() tea.Cmd {
	m.dialog = noDialog
	switch m.leaving {
	case toOpen:
		m.startOpen()
		return m.open.Focus()
	case toNew:
		if m.place == atWatch {
			m.endWatch()
		}
		m.place, m.detail = atForm, false
		m.form = m.newForm()
		return m.form.huh.Init()
	}
	return m.quit()
}

// quit ends the program. A report that was to be saved on the way out is.
func (m *Model) quit() tea.Cmd {
	if m.keep && m.report != nil && !m.saved {
		m.keep = false // once: what cannot be written must not keep the program from ending
		if line := m.saveNow(); line != "" {
			m.late = append(m.late, line)
		}
	}
	m.quitting = true
	m.cancel()
	return tea.Quit
}

// patience is how long the end of a run is waited for.
const patience = 4 * time.Second

// interrupted is ctrl-c: the first one ends a run and shows what was seen; the next one quits, and waits for the report of
// the run so that it can be saved.
func (m *Model) interrupted() tea.Cmd {
	switch {
	case m.run == nil:
		return m.quit()
	case !m.run.ended:
		m.run.ended = true
		m.run.cancel()
		if m.plan != nil {
			m.answerPlan(false)
		}
		m.status = "Ending the run. ctrl+c again quits."
		return nil
	case !m.quitting && m.keep:
		m.quitting = true
		return m.after(patience, leaveMsg{})
	}
	return m.quit()
}

// terminated is a signal from outside: what was to be saved is.
func (m *Model) terminated() tea.Cmd {
	if m.run != nil && m.keep && !m.quitting {
		m.run.ended, m.quitting = true, true
		m.run.cancel()
		return m.after(patience, leaveMsg{})
	}
	return m.quit()
}

func (m *Model) pressLeave(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, m.keys.back):
		m.dialog = noDialog
	case k.Type == tea.KeyLeft, k.String() == "h", k.Type == tea.KeyShiftTab:
		m.choice = (m.choice + len(leaveButtons) - 1) % len(leaveButtons)
	case k.Type == tea.KeyRight, k.String() == "l", k.Type == tea.KeyTab:
		m.choice = (m.choice + 1) % len(leaveButtons)
	case k.String() == "s":
		return m.pressedLeave(saveIt)
	case k.String() == "q":
		return m.pressedLeave(leaveIt)
	case key.Matches(k, m.keys.enter):
		return m.pressedLeave(m.choice)
	}
	return nil
}

func (m *Model) pressedLeave(button int) tea.Cmd {
	switch button {
	case saveIt:
		cmd := m.startSave()
		m.save.then = true
		return cmd
	case leaveIt:
		return m.leave()
	}
	m.dialog = noDialog
	return nil
}

// pressPlan takes the keys of the plan's dialog. Whoever goes on typing what they were typing must not say yes.
func (m *Model) pressPlan(k tea.KeyMsg) {
	switch {
	case key.Matches(k, m.keys.back), k.String() == "l":
		m.answerPlan(false)
	case k.String() == "t":
		m.answerPlan(true)
	case k.Type == tea.KeyLeft, k.Type == tea.KeyRight, k.Type == tea.KeyTab, k.Type == tea.KeyShiftTab:
		m.choice = 1 - m.choice
	case key.Matches(k, m.keys.enter):
		m.answerPlan(m.choice == tryOnce)
	default:
		m.scrollBy(k)
	}
}
