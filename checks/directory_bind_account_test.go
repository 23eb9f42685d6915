package checks

import (
	"strings"
	"testing"
)

// The commands must name the mail server's account, never the caller's.
func TestBindAccountCommands(t *testing.T) {
	s := snapshotOf(t, checkCase{Base: "kerio-ad", Facts: map[string]any{"directory": []any{map[string]any{
		"bind_account": map[string]any{"value": map[string]any{"ad": map[string]any{"login": "svc mail", "control": 514, "control_computed": 16}}}}}}})
	for _, r := range Evaluate([]*Check{DirectoryBindAccount}, s) {
		if r.Remedy == nil {
			t.Fatal("no remedy:", r.Summary)
		}
		var got []string
		for _, c := range r.Remedy.Commands {
			got = append(got, c.Run)
		}
		want := "Enable-ADAccount -Identity 'svc mail'\nUnlock-ADAccount -Identity 'svc mail'"
		if strings.Join(got, "\n") != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(bindAccountRemedy.Commands) != 0 {
		t.Error("one case's commands were left in the check's own remedy")
	}
}
