package tui

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/report"
)

// saving is the dialog that saves a report, and what it remembers for the way out.
type saving struct {
	format int
	file   textinput.Model
	field  int // which of them has the keys
	typed  bool
	err    string
	then   bool // leave afterwards
}

// The fields of the dialog, in order.
const (
	fieldFormat = iota
	fieldFile
	fieldKeep
	fields
)

type (
	savedMsg struct {
		report *report.Report
		path   string
		err    error
	}
	openedMsg struct {
		report *report.Report
		err    error
	}
)

func (m *Model) newSaving() saving {
	s := saving{file: input(""), field: fieldFile}
	s.file.CharLimit = 500
	return s
}

// suggestion is a file name without personal data: the time of the report.
func (m *Model) suggestion() string {
	at := m.report.StartedAt
	if at.IsZero() {
		at = m.now
	}
	return "logindoctor-" + at.UTC().Format("20060102T150405Z") + m.cfg.Formats[m.save.format].Extension
}

func (m *Model) startSave() tea.Cmd {
	m.dialog, m.scroll = dialogSave, 0
	m.save.field, m.save.err, m.save.typed, m.save.then = fieldFile, "", false, false
	m.save.file.SetValue(m.suggestion())
	m.save.file.CursorEnd()
	return m.save.file.Focus()
}

func (m *Model) pressSave(k tea.KeyMsg) tea.Cmd {
	s := &m.save
	switch {
	case key.Matches(k, m.keys.back):
		m.dialog = noDialog
		return nil
	case key.Matches(k, m.keys.enter):
		return m.write()
	case k.Type == tea.KeyTab, k.Type == tea.KeyDown:
		s.field = (s.field + 1) % fields
	case k.Type == tea.KeyShiftTab, k.Type == tea.KeyUp:
		s.field = (s.field + fields - 1) % fields
	case s.field == fieldFile:
		var cmd tea.Cmd
		before := s.file.Value()
		s.file, cmd = s.file.Update(k)
		s.typed = s.typed || s.file.Value() != before
		return cmd
	case s.field == fieldKeep && (k.String() == " " || k.String() == "x"):
		m.keep = !m.keep
	case s.field == fieldFormat && (k.Type == tea.KeyRight || k.String() == " "):
		m.chooseFormat(1)
	case s.field == fieldFormat && k.Type == tea.KeyLeft:
		m.chooseFormat(-1)
	}
	if s.field == fieldFile {
		return s.file.Focus()
	}
	s.file.Blur()
	return nil
}

func (m *Model) chooseFormat(step int) {
	s := &m.save
	old := m.cfg.Formats[s.format].Extension
	s.format = (s.format + step + len(m.cfg.Formats)) % len(m.cfg.Formats)
	if name, ok := strings.CutSuffix(s.file.Value(), old); ok {
		s.file.SetValue(name + m.cfg.Formats[s.format].Extension)
	}
}

// write saves in the background: a file may lie on a slow network.
func (m *Model) write() tea.Cmd {
	path := strings.TrimSpace(m.save.file.Value())
	if path == "" {
		m.save.err = "Give the file a name."
		return nil
	}
	r, f, save := m.report, m.cfg.Formats[m.save.format], m.cfg.Save
	return func() tea.Msg { return savedMsg{r, path, store(f, save, r, path)} }
}

func store(f Format, save func(string, []byte) error, r *report.Report, path string) error {
	var b bytes.Buffer
	if err := f.Write(&b, r); err != nil {
		return err
	}
	return save(path, b.Bytes())
}

func (m *Model) savedTo(msg savedMsg) tea.Cmd {
	if msg.err != nil {
		m.save.err = msg.err.Error()
		return nil
	}
	if msg.report == m.report {
		m.saved = true
	}
	where := clean(absolute(msg.path))
	m.status = "Saved to " + where
	m.late = append(m.late, "saved to "+where)
	if m.dialog == dialogSave {
		m.dialog = noDialog
		if m.save.then {
			return m.leave()
		}
	}
	return nil
}

// saveNow is on the way out: under the suggested name, in the format that was chosen last. It says what came of it.
func (m *Model) saveNow() string {
	path := m.suggestion()
	if err := store(m.cfg.Formats[m.save.format], m.cfg.Save, m.report, path); err != nil {
		return "the report was not saved: " + clean(err.Error())
	}
	m.saved = true
	return "saved to " + clean(absolute(path))
}

// absolute says where a file is, wherever the reader of the line may be.
func absolute(path string) string {
	if all, err := filepath.Abs(path); err == nil {
		return all
	}
	return path
}

func (m *Model) drawSave() []string {
	s := &m.save
	mark := func(field int, name string) string {
		if s.field == field {
			return m.style.accent.Render("▸ ") + m.style.bold.Render(padded(name, 8))
		}
		return "  " + padded(name, 8)
	}
	var names []string
	for i, f := range m.cfg.Formats {
		if i == s.format {
			names = append(names, m.style.bold.Render("("+f.Name+")"))
		} else {
			names = append(names, " "+f.Name+" ")
		}
	}
	tick := "[ ]"
	if m.keep {
		tick = "[x]"
	}
	s.file.Width = max(m.width-16, 10)
	lines := []string{"", "  " + m.style.bold.Render("Save the report"), "",
		"  " + mark(fieldFormat, "format") + strings.Join(names, " "),
		"  " + mark(fieldFile, "file") + s.file.View(),
		"  " + mark(fieldKeep, "keep") + tick + " save what is not saved before the program ends, ctrl+c included", ""}
	for _, l := range wrap(clean(s.err), m.width-4) {
		lines = append(lines, "  "+m.style.bad.Render(l))
	}
	for _, say := range []string{"It names the caller; other people's names are left out.", "Nothing is written over."} {
		for _, l := range wrap(say, m.width-4) {
			lines = append(lines, "  "+m.style.dim.Render(l))
		}
	}
	return lines
}

func (m *Model) startOpen() {
	m.dialog, m.openErr = dialogOpen, ""
	m.open.SetValue("")
}

func (m *Model) pressOpen(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, m.keys.back):
		m.dialog = noDialog
		return nil
	case key.Matches(k, m.keys.enter):
		path, load := strings.TrimSpace(m.open.Value()), m.cfg.Load
		if path == "" {
			return nil
		}
		return func() tea.Msg {
			r, err := load(path)
			return openedMsg{r, err}
		}
	}
	var cmd tea.Cmd
	m.open, cmd = m.open.Update(k)
	return cmd
}

// opened shows a saved report. It has no session: there is nothing to ask again.
func (m *Model) opened(msg openedMsg) {
	if msg.err != nil {
		m.openErr = msg.err.Error()
		return
	}
	if m.session != nil {
		m.session.Close()
		m.session = nil
	}
	m.report, m.saved, m.place, m.dialog, m.detail, m.scroll = msg.report, true, atCase, noDialog, false, 0
	m.meta = report.Meta{ToolVersion: msg.report.Tool.Version, Commit: msg.report.Tool.Commit, RunID: msg.report.RunID,
		Only: msg.report.Selection.Only, Skip: msg.report.Selection.Skip}
	m.status = "A saved report; nothing was asked."
	m.focus()
}

func (m *Model) drawOpen() []string {
	m.open.Width = max(m.width-12, 10)
	lines := []string{"", "  " + m.style.bold.Render("Open a saved report"), "", "  file  " + m.open.View(), ""}
	for _, l := range strings.Split(m.openErr, "\n") {
		for _, w := range wrap(clean(l), m.width-4) {
			lines = append(lines, "  "+m.style.bad.Render(w))
		}
	}
	return lines
}
