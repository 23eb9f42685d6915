package tui

import (
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"

	"logindoctor.example/checks"
)

// styles are the ways to draw. They use the sixteen colours that every terminal has, and in each state the words say what
// the colour says.
type styles struct {
	bold, dim, good, bad, warn, accent, selected, key lipgloss.Style
}

func newStyles(colour bool) styles {
	plain := lipgloss.NewStyle()
	if !colour {
		return styles{bold: plain, dim: plain, good: plain, bad: plain, warn: plain, accent: plain, selected: plain, key: plain}
	}
	c := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: light, Dark: dark})
	}
	return styles{bold: plain.Bold(true), dim: plain.Faint(true), good: c("2", "10"), bad: c("1", "9"), warn: c("3", "11"),
		accent: c("4", "14"), selected: plain.Bold(true), key: c("4", "14")}
}

// of is how a verdict is drawn.
func (s *styles) of(v checks.Verdict) lipgloss.Style {
	switch v {
	case checks.OK:
		return s.good
	case checks.Problem:
		return s.bad
	case checks.Notice, checks.Undetermined:
		return s.warn
	}
	return s.dim
}

// form is the form's look: a line beside the field that has the keys, and no state by colour alone.
func (s *styles) form() *huh.Theme {
	t := huh.ThemeBase()
	t.Focused.Base = lipgloss.NewStyle().PaddingLeft(1).BorderStyle(lipgloss.NormalBorder()).BorderLeft(true)
	t.Focused.Card = t.Focused.Base
	t.Focused.Title = s.bold
	t.Focused.Description = s.dim
	t.Focused.ErrorIndicator = s.bad.SetString(" !")
	t.Focused.ErrorMessage = s.bad
	t.Focused.SelectSelector = s.accent.SetString("▸ ")
	t.Focused.SelectedOption = s.bold
	t.Focused.TextInput.Prompt = s.accent
	t.Focused.TextInput.Placeholder = s.dim
	t.Blurred = t.Focused
	t.Blurred.Base = t.Focused.Base.BorderStyle(lipgloss.HiddenBorder())
	t.Blurred.Card = t.Blurred.Base
	t.Blurred.Title = lipgloss.NewStyle()
	t.Blurred.SelectSelector = lipgloss.NewStyle().SetString("▸ ")
	return t
}
