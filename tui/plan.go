package tui

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/report"
)

// drawPlan shows what would be tried before anything of the user's is submitted. The words are report's.
func (m *Model) drawPlan(f *frame, height int) []string {
	var b strings.Builder
	_ = report.PlanText(&b, m.plan.login, report.Options{Location: m.cfg.Location, Width: m.width - 4})
	text := strings.Split(m.hide(strings.Trim(b.String(), "\n")), "\n")
	left := m.cfg.Deadline - m.cfg.Timeout - m.now.Sub(m.run.started)
	say := fmt.Sprintf("If nobody answers within %s, nothing is tried.", seconds(left))
	if left <= time.Second {
		say = "There is no time left for an attempt: nothing is tried."
	}
	below := []string{"", "  " + m.style.warn.Render(say), "", ""}
	lines := m.drawPage(f, text, 2, max(min(len(text), height-len(below)-1), 1))
	lines = append(append([]string{""}, lines...), below...)
	f.pageTop++
	lines[len(lines)-1] = m.buttons(f, 1+len(lines), []string{"Try once", "Look only"})
	return lines
}

// buttons draws a line of them at a line of the screen, and notes where they are.
func (m *Model) buttons(f *frame, y int, names []string) string {
	line := "  "
	for i, n := range names {
		text := "  " + n + "  "
		if i == m.choice {
			text = m.style.selected.Reverse(m.cfg.Colour).Render("[ " + n + " ]")
		}
		f.buttons = append(f.buttons, hit{y: y, from: cells(line), to: cells(line) + len(n) + 4, button: i})
		line += text + "   "
	}
	return strings.TrimRight(line, " ")
}

func (m *Model) drawLeave(f *frame) []string {
	what := map[leaving]string{toQuit: "quit", toOpen: "open another report", toNew: "begin a new case"}[m.leaving]
	lines := []string{"", "  " + m.style.bold.Render("This report is not saved."), "  Save it before you " + what + "?", ""}
	return append(lines, m.buttons(f, 2+len(lines), leaveButtons))
}
