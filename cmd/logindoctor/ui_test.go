package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/stalwartsim"
)

// TestLinesAskTheProfileThatWasNamed: with another profile installed, neither a question nor the secret goes to its server.
func TestLinesAskTheProfileThatWasNamed(t *testing.T) {
	other := stalwartBed(func(*stalwartsim.Config) {})(t)
	b := stalwartBed(func(*stalwartsim.Config) {})(t)
	installed := filepath.Join(b.dir, "config", "logindoctor", "profiles")
	if err := os.MkdirAll(installed, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(installed, "ca.pem"), string(other.world.CA))
	write(t, filepath.Join(installed, "other.yaml"), other.yaml())
	var out, errw bytes.Buffer
	// The servers, the user, the secret, where it is typed, the address, once, quit, unsaved.
	code := run([]string{"--plain", "--profile", b.profile}, strings.NewReader("\n"+sim.User+"\n"+appPassword+"\n2\n\n1\n0\n2\n"), &out, &errw)
	if code >= exitUsage || !strings.Contains(out.String(), b.profile) {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), errw.String())
	}
	if asked := other.world.Stalwart.Paths(); len(asked) != 0 || len(other.world.Stalwart.Attempts()) != 0 {
		t.Errorf("the installed profile's server was asked: %v", asked)
	}
	if len(b.world.Stalwart.Paths()) == 0 || !strings.Contains(strings.Join(strings.Fields(out.String()), " "), "over IMAP") {
		t.Errorf("the named profile's server was not asked:\n%s", out.String())
	}
}

// TestAProfileThatIsNotThere is said before anything is typed, and nothing else takes its place.
func TestAProfileThatIsNotThere(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for name, want := range map[string]string{"nosuch.yaml": "nosuch.yaml: no such file", "nosuch": "no profile is named nosuch"} {
		var out, errw bytes.Buffer
		code := run([]string{"--plain", "--profile", name}, strings.NewReader("1\n"+sim.User+"\n\n\n0\n2\n"), &out, &errw)
		lines := strings.Split(strings.TrimSpace(errw.String()), "\n")
		if code != exitConfig || out.Len() != 0 || len(lines) != 2 || !strings.Contains(lines[0], want) {
			t.Errorf("%s: exit %d\n%s\n%s", name, code, out.String(), errw.String())
		}
	}
}

// TestWithoutAProfile: the UI says where one is looked for; once there is one, it does not.
func TestWithoutAProfile(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", base)
	dir := filepath.Join(base, "logindoctor", "profiles")
	begin := func() string {
		var out, errw bytes.Buffer
		if code := run([]string{"--plain"}, strings.NewReader(""), &out, &errw); code != 0 {
			t.Errorf("exit %d\n%s", code, errw.String())
		}
		return out.String()
	}
	if out := begin(); !strings.Contains(out, dir) || !strings.Contains(out, "README shows how") {
		t.Errorf("it does not say where a profile goes:\n%s", out)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "acme.yaml"), "imap: {address: '127.0.0.1:1'}\n")
	if out := begin(); strings.Contains(out, dir) {
		t.Errorf("it says that there is none:\n%s", out)
	}
}

// TestACommandMistyped is no user: one line names the command that may be meant, and a second what to do if it was a name.
func TestACommandMistyped(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	begin := func(arg string) (int, string, string) {
		var out, errw bytes.Buffer
		code := run([]string{"--plain", arg}, strings.NewReader(""), &out, &errw)
		return code, out.String(), errw.String()
	}
	for arg, meant := range map[string]string{"chek": "check", "Checks": "check", "demos": "demo", "prof": "profile", "repot": "report"} {
		code, out, errs := begin(arg)
		lines := strings.Split(strings.TrimSpace(errs), "\n")
		if code != exitUsage || out != "" || len(lines) != 2 || !strings.Contains(lines[0], "no command "+arg+"; did you mean "+meant+"?") || !strings.Contains(lines[1], "logindoctor check "+arg) {
			t.Errorf("%s: exit %d\n%s%s", arg, code, out, errs)
		}
	}
	for _, user := range []string{"jdoe", "chek@example.test", "dean", "c", "re", "jane.roe"} {
		if code, out, errs := begin(user); code != 0 || !strings.Contains(out, "Which servers?") {
			t.Errorf("%s: exit %d\n%s%s", user, code, out, errs)
		}
	}
}
