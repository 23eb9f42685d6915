package tui

import (
	"fmt"
	"strings"
	"testing"
)

// TestBlock: the diagnosis keeps to its room, and shows whole steps or none.
func TestBlock(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	steps := x.report.Diagnosis[0].Remedy.Steps
	for most := 6; most < 25; most++ {
		lines, _ := x.block(76, most)
		if len(lines) > most {
			t.Errorf("%d lines in the room of %d", len(lines), most)
		}
		text := strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
		for i, s := range steps {
			if begun := strings.Contains(text, " "+itoa(i+1)+" "+strings.Fields(s)[0]); begun && !strings.Contains(text, s) {
				t.Errorf("with %d lines half a step is shown: %q", most, s)
			}
		}
		if most >= 9 && !strings.Contains(text, "NOT Do not reset the password") {
			t.Errorf("with %d lines it does not say what not to do", most)
		}
	}
}

// TestStepsBeforeCommands: whatever the room, a command is shown only below all of its steps, for one of them may be what to
// find out before the command deletes the trace; what is missing is said, and that a second run comes after the remedy.
func TestStepsBeforeCommands(t *testing.T) {
	made := map[string]*tester{"made up": finished(t, locked(), 80, 24)}
	for _, name := range []string{"ad-account-locked", "stalwart-ip-banned", "stalwart-app-password-address", "kerio-ip-blocked", "directory-bind-stale"} {
		made[name] = worked(t, name, [2]int{80, 24}, func(*tester) {})
	}
	for name, x := range made {
		t.Run(name, func(t *testing.T) {
			x.t = t
			remedy := x.report.Diagnosis[0].Remedy
			for height := 20; height < 60; height++ {
				x.height = height
				block, _ := x.block(x.width-4, max(height-around-leastList, (height-around)/2))
				text, screen := words(block...), words(x.screen())
				if height >= 24 && !strings.Contains(text, " 1 "+remedy.Steps[0]) {
					t.Errorf("%d lines: not the first step:\n%s", height, x.screen())
				}
				missing := ""
				for i, s := range remedy.Steps {
					if !strings.Contains(text, fmt.Sprintf(" %d %s", i+1, s)) {
						missing = s
					}
				}
				for _, c := range remedy.Commands {
					if strings.Contains(text, words(c.Run)) && missing != "" {
						t.Errorf("%d lines: %q without the step %q", height, c.Run, missing)
					}
				}
				if missing != "" && !strings.Contains(screen, "enter shows") {
					t.Errorf("%d lines: it does not say that a step is missing:\n%s", height, x.screen())
				}
				if !strings.Contains(screen, "THEN ") {
					t.Errorf("%d lines: it does not say what comes after:\n%s", height, x.screen())
				}
			}
			if last, _ := x.block(x.width-4, 60); !strings.Contains(words(last...), "THEN "+remedy.Verify) {
				t.Errorf("with room for all it says %q", last)
			}
		})
	}
}

// words are lines as one text, single spaces between its words.
func words(lines ...string) string {
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
}
