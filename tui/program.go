package tui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"logindoctor.example/tui/quiet"
)

// By now bubbletea is initialised.
var _ = quiet.Restore()

type terminateMsg struct{}

// Run shows the UI until the user leaves it or the context ends, and gives the exit code: that of the last report. Whatever
// happens, the terminal is put right before anything is said on Err.
func Run(ctx context.Context, cfg Config) int {
	if !cfg.Colour {
		lipgloss.SetColorProfile(termenv.Ascii)
	} else {
		// Now that there is a screen to draw, and before anything else reads from the terminal.
		lipgloss.SetHasDarkBackground(termenv.NewOutput(cfg.Out).HasDarkBackground())
	}
	return New(cfg).show(ctx)
}

func (m *Model) show(ctx context.Context) int {
	cfg := &m.cfg
	p := tea.NewProgram(m, tea.WithAltScreen(), tea.WithMouseCellMotion(), tea.WithoutCatchPanics(), tea.WithoutSignalHandler(),
		tea.WithInput(cfg.In), tea.WithOutput(cfg.Out))
	m.send = p.Send
	ended := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			p.Send(terminateMsg{})
		case <-ended:
		}
	}()
	err := m.program(p)
	close(ended)
	m.cancel()
	if m.session != nil {
		m.session.Close()
	}
	return m.farewell(err)
}

// program runs until it ends. A panic of the library's own must not leave the terminal as it is either.
func (m *Model) program(p *tea.Program) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			c := crashOf(panicked)
			m.crash = &c
			_ = p.ReleaseTerminal()
		}
	}()
	_, err = p.Run()
	return err
}

// farewell says what is to be said once the screen is gone.
func (m *Model) farewell(err error) int {
	if m.crash != nil && m.keep && m.report != nil && !m.saved {
		m.late = append(m.late, m.saveNow())
	}
	for _, l := range m.late {
		fmt.Fprintln(m.cfg.Err, "logindoctor: "+l)
	}
	if m.crash != nil {
		path, err := m.cfg.Crash(m.crash.text())
		if err != nil {
			fmt.Fprintln(m.cfg.Err, "logindoctor: a defect of logindoctor ended it, and the crash report could not be written: "+err.Error())
		} else {
			fmt.Fprintln(m.cfg.Err, "logindoctor: a defect of logindoctor ended it; where it was stands in "+path+" (it holds no secret and no server's words)")
		}
		return exitBug
	}
	if err != nil && !errors.Is(err, tea.ErrProgramKilled) {
		fmt.Fprintln(m.cfg.Err, "logindoctor: the terminal UI ended: "+err.Error())
		return exitBug
	}
	return m.ExitCode()
}
