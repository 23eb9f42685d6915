package tui

import tea "github.com/charmbracelet/bubbletea"

// point takes the mouse: the wheel scrolls what is under it, a click selects, and a click on what is selected opens it.
func (m *Model) point(msg tea.MouseMsg) tea.Cmd {
	if m.width == 0 {
		return nil
	}
	f := m.frame()
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		m.wheel(f, msg, -1)
	case tea.MouseButtonWheelDown:
		m.wheel(f, msg, 1)
	case tea.MouseButtonLeft:
		if msg.Action == tea.MouseActionPress {
			return m.click(f, msg)
		}
	}
	return nil
}

func (m *Model) wheel(f *frame, msg tea.MouseMsg, step int) {
	inList := m.dialog == noDialog && m.place == atCase && f.listHeight > 0 && (!m.wide() || msg.X < f.listWidth)
	if inList {
		m.list.move(m.rows(), step)
		return
	}
	m.scroll = max(0, min(m.scroll+3*step, f.pageLines-f.pageHeight))
}

func (m *Model) click(f *frame, msg tea.MouseMsg) tea.Cmd {
	for _, b := range f.buttons {
		if msg.Y != b.y || msg.X < b.from || msg.X >= b.to {
			continue
		}
		if m.dialog == dialogPlan {
			m.answerPlan(b.button == tryOnce)
			return nil
		}
		return m.pressedLeave(b.button)
	}
	if m.dialog != noDialog || m.place != atCase || m.typing {
		return nil
	}
	if m.wide() && msg.X > f.listWidth {
		m.detail = true
		return nil
	}
	rows, at := m.rows(), f.listFrom+msg.Y-f.listTop
	if msg.Y < f.listTop || msg.Y >= f.listTop+f.listHeight || at >= len(rows) || rows[at].id == "" {
		return nil
	}
	if rows[at].id == m.list.cursor {
		m.detail, m.scroll = !m.wide(), 0
		return nil
	}
	m.list.cursor, m.detail, m.scroll = rows[at].id, false, 0
	return nil
}

// switchMouse gives the mouse back to the terminal, so that text can be selected, or takes it again.
func (m *Model) switchMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		return tea.EnableMouseCellMotion
	}
	return tea.DisableMouse
}
