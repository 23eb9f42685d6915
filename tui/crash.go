package tui

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"
)

// crash is what is kept of a panic: its type and where it was. Its value may hold what a server said or a person typed, and
// so may the words in a stack's arguments.
type crash struct{ kind, stack string }

type crashMsg crash

// arguments are the hexadecimal words that a Go stack shows behind each function's name.
var arguments = regexp.MustCompile(`\((?:0x[0-9a-f]+|\{|\}|\.\.\.|_|\?|, |,)+\)`)

func crashOf(panicked any) crash {
	return crash{kind: fmt.Sprintf("%T", panicked), stack: arguments.ReplaceAllString(string(debug.Stack()), "(…)")}
}

// text is the crash report.
func (c crash) text() string {
	return "logindoctor: the terminal UI panicked with a value of type " + c.kind + ".\nThe value itself is left out: it may hold what a server said.\n\n" + c.stack
}

// survive ends the program in order when Update or View panics, so that the terminal is put right.
func (m *Model) survive(cmd *tea.Cmd) {
	if p := recover(); p != nil {
		c := crashOf(p)
		if cmd != nil {
			*cmd = m.crashed(c)
			return
		}
		m.crash = &c
		go m.send(crashMsg(c)) // View cannot end the program by itself
	}
}

func (m *Model) crashed(c crash) tea.Cmd {
	if m.crash == nil {
		m.crash = &c
	}
	return tea.Quit
}

// guarded makes a command that tells of its panic instead of ending the process.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if p := recover(); p != nil {
				msg = crashMsg(crashOf(p))
			}
		}()
		msg = cmd()
		if inner, ok := commandsIn(msg); ok {
			for i := range inner {
				inner[i] = guarded(inner[i])
			}
		}
		return msg
	}
}

// commandsIn gives the commands of a batch or a sequence, to be read or written. The sequence's type is not exported.
func commandsIn(msg tea.Msg) ([]tea.Cmd, bool) {
	v := reflect.ValueOf(msg)
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return nil, false
	}
	return v.Convert(reflect.TypeFor[[]tea.Cmd]()).Interface().([]tea.Cmd), true
}
