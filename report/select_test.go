package report

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

func TestSelect(t *testing.T) {
	symptom := fine("imap-login")
	symptom.Group = checks.GroupMail // in another group than its namesake
	beside := fine("beside")
	beside.Group = checks.GroupIMAP
	catalogue := []*checks.Check{fine("first"), fine("second"), symptom, beside}
	for name, c := range map[string]struct{ only, skip, want string }{
		"all":               {"", "", "beside first imap-login second"},
		"one":               {"second", "", "second"},
		"without one":       {"", "second", "beside first imap-login"},
		"a group":           {"account-state", "", "first second"},
		"group before id":   {"imap-login", "", "beside"},
		"skip before only":  {"account-state", "first", "second"},
		"an empty group":    {"opened-folders", "", ""},
		"several":           {"first mail-service", "beside", "first imap-login"},
		"skip a group":      {"", "imap-login", "first imap-login second"},
		"only all, skipped": {"first", "account-state", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run, err := Select(catalogue, strings.Fields(c.only), strings.Fields(c.skip))
			if got := strings.Join(slices.Sorted(maps.Keys(run)), " "); err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
	if _, err := Select(catalogue, []string{"imap-logn"}, nil); err == nil || !strings.HasSuffix(err.Error(), "the nearest: imap-login") {
		t.Errorf("a group and a check of one name: %v", err)
	}
	for _, words := range [][2][]string{{{"secnd"}, nil}, {nil, {"secnd"}}} {
		if _, err := Select(catalogue, words[0], words[1]); err == nil || err.Error() != `no check or group is named "secnd"; the nearest: second` {
			t.Errorf("unknown word: %v", err)
		}
	}
	if _, err := Select(catalogue, []string{"zzzzzzzz"}, nil); err == nil || err.Error() != `no check or group is named "zzzzzzzz"` {
		t.Errorf("unknown word with nothing near: %v", err)
	}
}

func TestSkippedIsListed(t *testing.T) {
	r := New([]*checks.Check{problem("first"), fine("second")}, facts(), Meta{Skip: []string{"first"}})
	if a := r.Checks[0]; a.ID != "first" || a.Verdict != checks.NotApplicable || a.Summary != "Skipped." {
		t.Errorf("skipped: %+v", a)
	}
	if a := r.Checks[1]; a.ID != "second" || a.Verdict != checks.OK {
		t.Errorf("beside it: %+v", a)
	}
}
