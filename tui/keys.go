package tui

import (
	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

const cursorStatic = cursor.CursorStatic

// keyMap is every key with what it does; the footer and the help are drawn from it.
type keyMap struct {
	up, down, top, bottom, pageUp, pageDown  key.Binding
	enter, tab, back, filter                 key.Binding
	again, once, watch, fresh                key.Binding
	save, copy, note, text, open             key.Binding
	privacy, mouse, undo, number, help, quit key.Binding
	interrupt                                key.Binding
}

func bind(help, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
}

func newKeys() keyMap {
	return keyMap{
		up: bind("↑ k", "up", "up", "k"), down: bind("↓ j", "down", "down", "j"),
		top: bind("g home", "the first", "g", "home"), bottom: bind("G end", "the last", "G", "end"),
		pageUp: bind("pgup", "a page up", "pgup", "ctrl+b"), pageDown: bind("pgdn", "a page down", "pgdown", "ctrl+f", " "),
		enter: bind("enter", "detail", "enter"), tab: bind("tab", "list and detail", "tab", "shift+tab"),
		back: bind("esc", "back", "esc"), filter: bind("/", "filter the list", "/"),
		again: bind("r", "run again", "r"), once: bind("R", "only the selected check, with what it depends on", "R"),
		watch: bind("w", "watch", "w"), fresh: bind("n", "new case", "n"),
		save: bind("s", "save", "s"), copy: bind("c", "copy commands", "c"), note: bind("C", "copy the ticket note", "C"),
		text: bind("t", "the whole report as text", "t"), open: bind("o", "open a saved report", "o"),
		privacy: bind("p", "hide names and addresses", "p"), mouse: bind("m", "mouse on and off (off: text can be selected)", "m"),
		undo: bind("u", "take the last answer back", "u"), number: bind("1-9", "the caller's answer", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		help: bind("?", "help", "?"), quit: bind("q", "quit", "q"),
		interrupt: bind("ctrl+c", "end the run; then quit", "ctrl+c"),
	}
}

// sections are the keys as the help shows them.
func (k *keyMap) sections() []section {
	return []section{
		{"Move", []key.Binding{k.up, k.down, k.top, k.bottom, k.pageUp, k.pageDown, k.enter, k.tab, k.back, k.filter}},
		{"Ask", []key.Binding{k.again, k.once, k.watch, k.number, k.undo, k.fresh}},
		{"Take along", []key.Binding{k.save, k.copy, k.note, k.text, k.open}},
		{"Screen", []key.Binding{k.privacy, k.mouse, k.help, k.quit, k.interrupt}},
	}
}

type section struct {
	title string
	keys  []key.Binding
}

// footer are the keys of the moment, the most useful first.
func (m *Model) footer() []key.Binding {
	k := &m.keys
	short := func(b key.Binding, does string) key.Binding {
		b.SetHelp(b.Help().Key, does)
		return b
	}
	move := bind("↑↓", "move", "up")
	switch {
	case m.dialog == dialogPlan:
		return []key.Binding{bind("t", "try once", "t"), bind("l esc", "look only", "l"), bind("←→ enter", "choose", "enter"), bind("↑↓", "scroll", "up"), k.interrupt}
	case m.dialog == dialogSave:
		return []key.Binding{bind("tab", "next", "tab"), bind("←→", "format", "left"), bind("space", "tick", " "), bind("enter", "save", "enter"), short(k.back, "cancel")}
	case m.dialog == dialogOpen:
		return []key.Binding{bind("enter", "open", "enter"), short(k.back, "cancel")}
	case m.dialog == dialogLeave:
		return []key.Binding{bind("←→ enter", "choose", "enter"), short(k.back, "stay")}
	case m.dialog != noDialog, m.detail && !m.wide():
		keys := []key.Binding{bind("↑↓", "scroll", "up"), k.back}
		if m.dialog == noDialog {
			keys = append(keys, k.copy, short(k.once, "look again"))
		}
		return append(keys, k.help, k.quit)
	case m.typing:
		return []key.Binding{bind("enter", "keep the filter", "enter"), short(k.back, "clear it")}
	case m.place == atForm:
		return []key.Binding{bind("enter", "next", "enter"), bind("shift+tab", "back", "shift+tab"), bind("ctrl+o", "open a saved report", "ctrl+o"), bind("ctrl+c", "quit", "ctrl+c")}
	case m.place == atWatch:
		return []key.Binding{bind("↑↓", "scroll", "up"), short(k.back, "end the watch"), k.privacy, k.help, k.quit}
	case m.run != nil:
		return []key.Binding{move, k.enter, bind("ctrl+c", "end the run", "ctrl+c"), short(k.filter, "filter"), k.help}
	}
	return []key.Binding{move, k.enter, k.again, k.watch, k.save, short(k.copy, "copy"), short(k.filter, "filter"), k.help, k.quit}
}

// split makes one message of each key: two that are typed fast arrive as one.
func split(msg tea.KeyMsg) []tea.KeyMsg {
	if msg.Type != tea.KeyRunes || len(msg.Runes) < 2 || msg.Paste {
		return []tea.KeyMsg{msg}
	}
	out := make([]tea.KeyMsg, len(msg.Runes))
	for i, r := range msg.Runes {
		out[i] = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}
	}
	return out
}
