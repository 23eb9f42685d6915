package tui

import (
	"strings"
	"testing"
)

// TestNothingIsCutAt80: what the smallest screen says of a copy, a saved file and the save dialog stands there to its end.
func TestNothingIsCutAt80(t *testing.T) {
	x := finished(t, locked(), 80, 24)
	x.press("c").shows("Sent 1 command to", "then select the text.")
	x.press("C").shows("Sent the ticket note to", "then select the text.")
	x.status = "Sent 12 commands" + sentTo
	x.shows(x.status)
	x.press("s").shows("It names the caller", "Nothing is written over.").press("esc")
	path := "/srv/" + strings.Repeat("a-long-name/", 9) + "case.txt"
	x.Update(savedMsg{x.report, path, nil})
	x.shows("Unlock-ADAccount") // the list gives way, not the diagnosis
	flat := strings.NewReplacer("─", "", "\n", "", " ", "").Replace(x.screen())
	if !strings.Contains(flat, "Savedto"+path) {
		t.Errorf("the path is cut:\n%s", x.screen())
	}
	if lines := strings.Split(x.screen(), "\n"); len(lines) != 24 || !strings.Contains(lines[23], "q quit") {
		t.Errorf("%d lines:\n%s", len(lines), x.screen())
	}
	x.press("down").hides("Saved to")
}
