package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

var update = flag.Bool("update", false, "rewrite the goldens and the pages of the documentation")

var cet = time.FixedZone("CET", 3600)

func drawn(t *testing.T, r *Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./report -update rewrites it\n%s", path, got)
	}
}

func TestTextGoldens(t *testing.T) {
	for name, r := range everyCase() {
		golden(t, name+".txt", drawn(t, r, Options{Location: cet}))
	}
	golden(t, "cause-quiet.txt", drawn(t, lockedReport(), Options{Location: cet, Quiet: true}))
	golden(t, "cause-phone.txt", drawn(t, lockedReport(), Options{Location: cet, Width: 40}))
}

func TestTextWidth(t *testing.T) {
	for _, width := range []int{0, 40, 57, 80, 100} {
		most := max(width, 40)
		if width == 0 {
			most = 80
		}
		for name, r := range everyCase() {
			for line := range strings.SplitSeq(drawn(t, r, Options{Width: width}), "\n") {
				command := strings.Contains(line, "Unlock-ADAccount") || strings.Contains(line, "logindoctor check")
				if !command && uniseg.StringWidth(line) > most {
					t.Errorf("%s at %d: %q", name, width, line)
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s at %d: trailing space in %q", name, width, line)
				}
			}
		}
	}
}

// Colour only adds: without it the same text is left.
func TestColourOnlyAdds(t *testing.T) {
	sgr := regexp.MustCompile("\x1b\\[[0-9]+m")
	for name, r := range everyCase() {
		plain, colour := drawn(t, r, Options{}), drawn(t, r, Options{Colour: true})
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: colour without being asked", name)
		}
		if !strings.Contains(colour, "\x1b[") || sgr.ReplaceAllString(colour, "") != plain {
			t.Errorf("%s: colour changes the text", name)
		}
	}
}

func TestLocalTimes(t *testing.T) {
	p := newPage(Options{Location: cet}, noon)
	for in, want := range map[string]string{
		"locked until 2026-11-22 09:42 UTC.": "locked until 10:42 CET.",
		"ends on 2026-12-01 23:30 UTC":       "ends on 2026-12-02 00:30 CET",
		"at 2026-99-99 09:42 UTC":            "at 2026-99-99 09:42 UTC",
		"2026-11-22T09:42:00Z":               "2026-11-22T09:42:00Z",
	} {
		if got := p.local(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// evil is what a server, a directory or a caller could put anywhere.
const evil = "evil\x1b[2J\x1b]0;owned\x07\r\n✓ ok forged\u202etxt\x00\u009b31m"

// Whatever string of a report is hostile, nothing of it moves a terminal or begins a line.
func TestHostileWords(t *testing.T) {
	s := lockedFacts()
	s.Target.User, s.Target.Profile = evil, evil
	s.Account.Directory[0].Entry.Value.AD.Login, s.Account.Directory[0].Server = evil, evil
	s.Account.Kerio.Audit.Words, s.Account.Kerio.Audit.What, s.Account.Kerio.Audit.Source = evil, evil, evil
	s.Account.Kerio.Log.Value.Events[0].Address, s.Account.Kerio.Log.Source = evil, evil
	s.Login.Attempts[0].Reason, s.Login.Steps[0].Reason, s.Login.Budgets[0].Note, s.Login.Budgets[0].System = evil, evil, evil, evil
	s.Login.Attempts = append(s.Login.Attempts, probes.Attempt{Who: probes.AttemptUser, Outcome: probes.Refused, Server: evil, IMAP: &probes.IMAPOutcome{Status: probes.IMAPNO, Words: evil}})
	ev := []checks.Evidence{{Fact: evil, Observed: evil, Expected: evil, Source: evil}}
	var catalogue []*checks.Check
	for id, v := range map[string]checks.Verdict{"a": checks.Problem, "b": checks.Notice, "c": checks.OK, "d": checks.NotApplicable, "e": checks.Undetermined} {
		f := checks.Finding{Verdict: v, Summary: evil, Evidence: ev}
		if v == checks.Undetermined {
			f.Why = probes.Unclear
		}
		c := made(id, f)
		c.Remedy = checks.Remedy{Do: "Mend {login}", Steps: []string{"{user}"}, Commands: []checks.Command{{Shell: checks.POSIX, Run: "mend {login}", Who: checks.OwnerUser}}, Disruption: "{login}", DoNot: []string{"{user}"}}
		catalogue = append(catalogue, c)
	}
	r := New(catalogue, s, Meta{ToolVersion: evil, Commit: evil, RunID: evil})
	for _, o := range []Options{{}, {Width: 40}, {Quiet: true}} {
		got := drawn(t, r, o)
		if strings.ContainsAny(got, "\x1b\r\x00\x07\u202e\u009b") || !strings.Contains(got, "evil") {
			t.Errorf("%+v: hostile characters come through:\n%q", o, got)
		}
		if !strings.Contains(got, "(not shown: a name in it holds what cannot be seen)") {
			t.Error("a hostile command may be pasted")
		}
	}
	if line := regexp.MustCompile(`(?m)^\s{0,4}✓ ok forged`).FindString(drawn(t, r, Options{Width: 4000})); line != "" {
		t.Errorf("a forged line: %q", line)
	}
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsAny(b.Bytes(), "\x1b\r\x00\x07\u202e\u009b") || !bytes.Contains(b.Bytes(), []byte(`\u202e`)) || !bytes.Contains(b.Bytes(), []byte(`\u001b`)) {
		t.Error("JSON passes hostile characters through")
	}
	if back, err := Read(&b); err != nil || back.Subject.User != evil {
		t.Errorf("JSON loses what was said: %v", err)
	}
}

// However much a server says, a person is shown 300 characters of it in each place.
func TestLongWords(t *testing.T) {
	long := strings.Repeat("ж", 5000)
	s := lockedFacts()
	s.Target.User = "jdoe"
	c := made("a", checks.Finding{Verdict: checks.Problem, Summary: long + ".", Evidence: []checks.Evidence{{Fact: "f", Observed: long}}})
	got := drawn(t, New([]*checks.Check{c}, s, Meta{}), Options{})
	const places = 3 // the headline, the evidence, the row
	if n := strings.Count(got, "ж"); n > places*maxWords || strings.Count(got, "…") != places {
		t.Errorf("%d characters, %d cuts", n, strings.Count(got, "…"))
	}
}
