package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/report"
)

// flat runs a command and gives all that it says without its line breaks.
func flat(args ...string) (int, string) {
	var out bytes.Buffer
	code := run(args, strings.NewReader("hunter2\n"), &out, &out)
	return code, strings.Join(strings.Fields(out.String()), " ")
}

func says(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if n := strings.Count(text, w); n == 0 {
			t.Errorf("%q is missing in\n%s", w, text)
		}
	}
}

func never(t *testing.T, text string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(text, w) {
			t.Errorf("%q stands in\n%s", w, text)
		}
	}
}

// TestARefusedKeyIsSaidOnce: whose secret it is, where it stands, and that it rests then.
func TestARefusedKeyIsSaidOnce(t *testing.T) {
	b := stalwartBed(func(*stalwartsim.Config) {})(t)
	t.Setenv("LD_TEST_STALWART", wrongKey)
	check := []string{"check", "jdoe@example.test", "--profile", b.profile, "--quiet"}
	_, text := flat(check...)
	says(t, text, "Stalwart refused the API key (stalwart.api_key): HTTP 401", "Correct what stalwart.api_key of the profile names")
	never(t, text, "does not let logindoctor's account look", "make this look", wrongKey)
	// The second run does not ask again: what rests is our own key, and no attempt of the caller's helps.
	_, text = flat(check...)
	says(t, text, "logindoctor's own account (stalwart.api_key) rests, even if its secret was corrected since", "the next attempt is allowed after")
	never(t, text, "have the caller try once", "a login was withheld")
	if err := os.RemoveAll(filepath.Join(b.dir, "state")); err != nil {
		t.Fatal(err)
	}
	code, text := flat("profile", "test", b.profile)
	says(t, text, "✗ refused Stalwart: session", "Not asked for this reason: 16 further looks.")
	if n := strings.Count(text, "HTTP 401"); n != 1 || code != report.ExitOwnRefused {
		t.Errorf("said %d times, exit %d\n%s", n, code, text)
	}
}

// TestALedgerThatCannotBeWritten is said once, with the next step, however many secrets it holds back.
func TestALedgerThatCannotBeWritten(t *testing.T) {
	b := stalwartBed(func(*stalwartsim.Config) {})(t)
	write(t, filepath.Join(b.dir, "file"), "")
	t.Setenv("XDG_STATE_HOME", filepath.Join(b.dir, "file"))
	_, text := flat("check", "jdoe@example.test", "--profile", b.profile, "--quiet", "--secret-stdin")
	headline, _, _ := strings.Cut(text, "inconclusive")
	says(t, headline, "nothing is submitted while the ledger of attempts cannot be used", "not a directory (XDG_STATE_HOME names another place).")
	if n := strings.Count(headline, "the ledger"); n != 1 {
		t.Errorf("said %d times: %s", n, headline)
	}
	never(t, text, "once more attempts are left")
	_, text = flat("profile", "test", b.profile)
	if n := strings.Count(text, "the ledger"); n != 1 {
		t.Errorf("said %d times: %s", n, text)
	}
}

// TestNoStalwartAtTheURL: another service, or another web server, answers there.
func TestNoStalwartAtTheURL(t *testing.T) {
	b := stalwartBed(func(*stalwartsim.Config) {})(t)
	url := b.world.Target.Stalwart.URL
	imap := "https://" + b.world.Target.IMAP.Address
	write(t, b.profile, strings.ReplaceAll(b.yaml(), url, imap))
	_, text := flat("check", "jdoe@example.test", "--profile", b.profile, "--quiet")
	says(t, text, "no JMAP at "+imap+": check stalwart.url", "Check stalwart.url of the profile")
	b = stalwartBed(func(c *stalwartsim.Config) {
		c.Faults = map[string]stalwartsim.Fault{"/jmap/session": {Status: 404, Body: "<h1>Not here</h1>"}}
	})(t)
	_, text = flat("profile", "test", b.profile)
	says(t, text, "no JMAP at "+b.world.Target.Stalwart.URL+" (HTTP 404", "check stalwart.url", "16 further looks")
	if n := strings.Count(text, "HTTP 404"); n != 1 {
		t.Errorf("said %d times\n%s", n, text)
	}
}
