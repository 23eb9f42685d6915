package tui

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/checks"
	"logindoctor.example/report"
)

// sentTo does not say copied: some terminals do not take it, and say nothing. With what was sent it fits the smallest screen.
const sentTo = " to the clipboard. Not there? m, then select the text."

// copiedMsg is what to say of a copy.
type copiedMsg string

// copyCommands copies those of the selected answer; without any, those of the first cause; else the ticket note. Commands are
// copied as they have to be run, whatever the screen hides.
func (m *Model) copyCommands() tea.Cmd {
	r := m.current()
	if r == nil {
		return nil
	}
	var commands []checks.Command
	if a := answerIn(r, m.list.cursor); a != nil && a.Remedy != nil {
		commands = a.Remedy.Commands
	}
	if len(commands) == 0 && len(r.Diagnosis) > 0 && !m.detail {
		commands = r.Diagnosis[0].Remedy.Commands
	}
	var lines []string
	for _, c := range commands {
		if run, ok := report.Pasteable(c.Run); ok {
			lines = append(lines, run)
		}
	}
	if len(lines) == 0 {
		return m.copyNote()
	}
	what := "1 command"
	if len(lines) > 1 {
		what = fmt.Sprintf("%d commands", len(lines))
	}
	return m.copy(strings.Join(lines, "\n"), what)
}

// copyNote copies what belongs into a ticket: the headline and the causes.
func (m *Model) copyNote() tea.Cmd {
	r := m.shown()
	if r == nil {
		return nil
	}
	return m.copy(m.note(r), "the ticket note")
}

func (m *Model) note(r *report.Report) string {
	var b strings.Builder
	if err := report.Text(&b, r, report.Options{Location: m.cfg.Location, Width: 76, Quiet: true}); err != nil {
		return ""
	}
	return b.String()
}

// copy asks the terminal to take a text into its clipboard (OSC 52), which works over SSH. Under tmux the request is made
// twice: as tmux takes it itself (set-clipboard on), and wrapped for the terminal outside (allow-passthrough on).
func (m *Model) copy(text, what string) tea.Cmd {
	out, tmux := m.cfg.Out, m.cfg.Tmux
	return func() tea.Msg {
		request := osc52.New(text).String()
		if tmux {
			request += osc52.New(text).Tmux().String()
		}
		if _, err := io.WriteString(out, request); err != nil {
			return copiedMsg("Not copied: " + clean(err.Error()))
		}
		return copiedMsg("Sent " + what + sentTo)
	}
}
