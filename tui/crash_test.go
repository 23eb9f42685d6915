package tui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"logindoctor.example/probes"
	"logindoctor.example/report"
)

const secretOfAServer = "a server said hunter2"

// keyboard gives keys to a program one by one, and then waits: a terminal has no end.
type keyboard struct{ keys chan string }

func (k *keyboard) Read(p []byte) (int, error) {
	s, ok := <-k.keys
	if !ok {
		return 0, io.EOF
	}
	return copy(p, s), nil
}

// TestPanicEndsInOrder: wherever it panics, the terminal is put right, the exit code is 70, and the crash report holds the
// place and not the value.
func TestPanicEndsInOrder(t *testing.T) {
	boom := func() { panic(secretOfAServer) }
	for name, broken := range map[string]func(*Config){
		"in View": func(*Config) {},
		"in a command": func(c *Config) {
			c.Begin = func(context.Context, Case, string) (*Session, error) { boom(); return nil, nil }
			c.Ready = &Session{Target: target(), Close: func() {}, Run: func(context.Context, Hooks) *probes.Snapshot { boom(); return nil }}
		},
		"in Update": func(c *Config) {
			c.Meta = func() report.Meta { boom(); return report.Meta{} }
			c.Ready = &Session{Target: target(), Close: func() {}, Run: func(context.Context, Hooks) *probes.Snapshot { return facts() }}
		},
		"in a key": func(c *Config) {
			c.Ready = &Session{Target: target(), Close: func() {}, Run: func(context.Context, Hooks) *probes.Snapshot { return facts() }}
			c.Formats = nil // the dialog that saves has nothing to choose from
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := &tester{t: t, files: map[string]string{}, now: noon}
			cfg := config(x, locked())
			broken(&cfg)
			var out, errw bytes.Buffer
			keys := &keyboard{make(chan string)}
			cfg.In, cfg.Out, cfg.Err = keys, &out, &errw
			stop := make(chan struct{})
			go func() { // until it has crashed
				for {
					select {
					case <-stop:
						return
					case keys.keys <- "s":
					case <-time.After(10 * time.Second):
						return
					}
				}
			}()
			m := New(cfg)
			if name == "in View" {
				m.width, m.height, m.dialog = 80, 24, dialogPlan // of which there is none
			}
			code := m.show(context.Background())
			close(stop)
			if code != exitBug {
				t.Errorf("exit %d", code)
			}
			if !strings.Contains(errw.String(), "crash") {
				t.Errorf("it says %q", errw.String())
			}
			if c := x.files["crash"]; strings.Contains(c, "hunter2") || !strings.Contains(c, "tui.") || !strings.Contains(c, "panicked with a value of type") {
				t.Errorf("the crash report:\n%s", c)
			}
			if !strings.Contains(out.String(), "\x1b[?1049l") || !strings.Contains(out.String(), "\x1b[?25h") {
				t.Error("the terminal is not put right")
			}
		})
	}
}

// TestNestedCommandsAreGuarded: a panic in a command of a batch, or of a sequence, is told and not left to the process.
func TestNestedCommandsAreGuarded(t *testing.T) {
	boom := func() tea.Msg { panic(secretOfAServer) }
	for name, cmd := range map[string]tea.Cmd{"alone": boom, "batch": tea.Batch(boom, boom), "sequence": tea.Sequence(boom, boom)} {
		found := false
		for _, msg := range all(guarded(cmd)) {
			if c, ok := msg.(crashMsg); ok {
				found = c.kind == "string" && !strings.Contains(c.stack, "hunter2")
			}
		}
		if !found {
			t.Errorf("%s: no crash was told", name)
		}
	}
}

// all runs a command with whatever is in it.
func all(cmd tea.Cmd) []tea.Msg {
	msg := cmd()
	var out []tea.Msg
	inner, ok := commandsIn(msg)
	if !ok {
		return []tea.Msg{msg}
	}
	for _, c := range inner {
		out = append(out, all(c)...)
	}
	return out
}

// TestStackHoldsNoArguments: the words behind a function's name could be a text.
func TestStackHoldsNoArguments(t *testing.T) {
	got := arguments.ReplaceAllString("main.f({0xc000012345, 0x10}, 0x1, ...)\n\t/x/main.go:3 +0x1d\nmain.g(...)\n", "(…)")
	if strings.Contains(got, "0xc000") || !strings.Contains(got, "main.go:3") {
		t.Errorf("%s", got)
	}
}
