package report

import (
	"strings"
	"testing"

	"logindoctor.example/probes"
)

// TestProfileTextRefusedReader: a bind that was answered with a refusal was looked at, and is nothing to tick off.
func TestProfileTextRefusedReader(t *testing.T) {
	for result, want := range map[probes.LDAPResult]string{probes.LDAPSuccess: "✓ seen", probes.LDAPInvalidCredentials: "✗ refused"} {
		s := refusedReader(result)
		s.Directory[0].Bind.What, s.Directory[0].Bind.Source, s.Directory[0].Bind.Value.Words = "bind", "dc1:636", "data 52e"
		var out strings.Builder
		all, refused, err := ProfileText(&out, s, Options{})
		if err != nil || all != (result == probes.LDAPSuccess) || refused == all || !strings.Contains(out.String(), want) {
			t.Errorf("result %d: all %t, refused %t, %v\n%s", result, all, refused, err, out.String())
		}
		if !all && !strings.Contains(out.String(), "49 data 52e") {
			t.Errorf("the server's words are missing:\n%s", out.String())
		}
	}
}
