package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/imapsim"
	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/report"
)

// bed is a started world with a profile file that points to it, in directories of its own.
type bed struct {
	dir     string
	world   *sim.Running
	profile string
}

// newBed writes the profile as a person would, its secrets in each kind of place.
func newBed(t *testing.T, scenario string, change func(*sim.World)) *bed {
	t.Helper()
	s, ok := sim.Find(scenario)
	if !ok {
		t.Fatalf("no scenario %s", scenario)
	}
	w := s.World(time.Now())
	if change != nil {
		change(w)
	}
	return newBedOf(t, w)
}

func newBedOf(t *testing.T, w *sim.World) *bed {
	t.Helper()
	r, err := w.Start(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	b := &bed{dir: t.TempDir(), world: r}
	b.profile = filepath.Join(b.dir, "acme.yaml")
	t.Setenv("XDG_STATE_HOME", filepath.Join(b.dir, "state"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(b.dir, "config"))
	t.Setenv("LD_TEST_KERIO", r.Secrets.KerioAdmin)
	t.Setenv("LD_TEST_STALWART", r.Secrets.Stalwart)
	write(t, filepath.Join(b.dir, "ca.pem"), string(r.CA))
	write(t, filepath.Join(b.dir, "reader"), "\ufeff"+r.Secrets.Reader+"\r\n")
	write(t, filepath.Join(b.dir, "bind"), r.Secrets.MailServerBind+"\n")
	write(t, filepath.Join(b.dir, "canary"), "#!/bin/sh\ncat /proc/$$/cmdline /proc/$PPID/cmdline >>'"+b.dir+"/arguments' 2>/dev/null\nprintf %s '"+r.Secrets.Canary+"'\n")
	if err := os.Chmod(filepath.Join(b.dir, "canary"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, b.profile, b.yaml())
	return b
}

func (b *bed) yaml() string {
	t := b.world.Target
	y := "domains: [example.test]\ntls: {ca_file: ca.pem}\n"
	if t.Kerio != nil {
		y += fmt.Sprintf("kerio:\n  admin_url: %s\n  user_url: %s\n  admin: %s\n  admin_password: {env: LD_TEST_KERIO}\n", t.Kerio.AdminURL, t.Kerio.UserURL, t.Kerio.Admin)
	}
	if t.Stalwart != nil {
		y += fmt.Sprintf("stalwart:\n  url: %s\n  api_key: {env: LD_TEST_STALWART}\n", t.Stalwart.URL)
		if t.Stalwart.ManageSieve != "" {
			y += "  managesieve: " + t.Stalwart.ManageSieve + "\n"
		}
	}
	if t.IMAP != nil {
		y += fmt.Sprintf("imap:\n  address: %s\n", t.IMAP.Address)
		if t.IMAP.Canary != "" {
			y += fmt.Sprintf("  canary: {user: %s, password: {command: [%s]}}\n", t.IMAP.Canary, filepath.Join(b.dir, "canary"))
		}
	}
	if d := t.Directory; d != nil {
		y += fmt.Sprintf("directory:\n  kind: %s\n  servers: [%s]\n  base_dn: %q\n  reader: {dn: %q, password: {file: reader}}\n", d.Kind, strings.Join(d.Servers, ", "), d.BaseDN, d.ReaderDN)
		if d.MailServerBind != "" {
			y += fmt.Sprintf("  mail_server_bind: {dn: %q, password: {file: bind}}\n", d.MailServerBind)
		}
	}
	return y
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// check runs the command in this process.
func (b *bed) check(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errw bytes.Buffer
	code = run(append([]string{"check", sim.User, "--profile", b.profile}, args...), strings.NewReader(stdin), &out, &errw)
	return code, out.String(), errw.String()
}

func causes(t *testing.T, document string) (found []string) {
	t.Helper()
	r, err := report.Read(strings.NewReader(document))
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	for _, c := range r.Diagnosis {
		found = append(found, c.Cause)
	}
	return found
}

func TestCheck(t *testing.T) {
	b := newBed(t, "healthy--active-directory", nil)
	if code, out, errw := b.check(t, ""); code != 0 || !strings.Contains(out, "Nothing was found") || !strings.Contains(errw, "asking") {
		t.Errorf("without a secret: exit %d\n%s\n%s", code, out, errw)
	}
	if n := len(b.world.IMAP.Logins()); n != 1 {
		t.Errorf("%d logins over IMAP, want the canary's alone", n)
	}
	code, out, errw := b.check(t, sim.Password+"\n", "--secret-stdin", "--secret-used-on", "imap")
	if code != 0 || !strings.Contains(out, "accepted") || !strings.Contains(errw, "to be tried") {
		t.Errorf("with the right secret: exit %d\n%s\nand the plan on stderr:\n%s", code, out, errw)
	}
	if code, out, errw = b.check(t, "", "--quiet"); code != 0 || errw != "" || strings.Count(out, "\n") > 8 {
		t.Errorf("--quiet: exit %d\n%s\n%s", code, out, errw)
	}
}

func TestTheLedgerSpansRuns(t *testing.T) {
	b := newBed(t, "wrong-password--plain-imap", nil)
	secret := filepath.Join(b.dir, "secret")
	write(t, secret, sim.WrongPassword+"\n")
	code, out, _ := b.check(t, "", "--secret-file", secret, "--format", "json")
	if got := causes(t, out); code != 1 || len(got) != 1 || got[0] != "wrong-password" {
		t.Errorf("the first run: exit %d, %v", code, got)
	}
	code, out, _ = b.check(t, "", "--secret-file", secret, "--format", "json")
	if got := causes(t, out); code != 2 || len(got) != 0 {
		t.Errorf("the second run: exit %d, %v; want its attempt withheld", code, got)
	}
	tried := 0
	for _, l := range b.world.IMAP.Logins() {
		if l.User == sim.User {
			tried++
		}
	}
	if tried != 1 {
		t.Errorf("%d logins as the user in two runs, want 1", tried)
	}
}

func TestProfileTest(t *testing.T) {
	b := newBed(t, "healthy--active-directory", nil)
	var out, errw bytes.Buffer
	if code := run([]string{"profile", "test", b.profile}, strings.NewReader(""), &out, &errw); code != 0 || !strings.Contains(out.String(), "Logs.get security") {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), errw.String())
	}
	if n := len(b.world.IMAP.Logins()); n != 0 {
		t.Errorf("profile test made %d logins", n)
	}
	t.Setenv("LD_TEST_KERIO", "not it")
	out.Reset()
	if code := run([]string{"profile", "test", b.profile}, strings.NewReader(""), &out, &errw); code != report.ExitOwnRefused {
		t.Errorf("an account that is refused: exit %d\n%s", code, out.String())
	}
}

// forms are the ways in which a secret may slip through: plain, base64 in its three alignments, hexadecimal, escaped.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	out := []string{secret, strings.Trim(string(quoted), `"`), hex.EncodeToString([]byte(secret)), url.QueryEscape(secret), url.PathEscape(secret)}
	for pad := range 3 {
		enc := base64.StdEncoding.EncodeToString(append(make([]byte, pad), secret...))
		// What the neighbouring bytes decide is cut off at both ends.
		out = append(out, enc[(pad*8+5)/6:len(enc)-4])
	}
	return out
}

func TestNoSecretLeavesTheRun(t *testing.T) {
	const planted = "pläntéd \"secret\" <&> 0123456789"
	// Every server gives back, in its refusals, whatever it was sent.
	kerio := func(trap func(*sim.World)) func(*testing.T) *bed {
		return func(t *testing.T) *bed {
			return newBed(t, "healthy--active-directory", func(w *sim.World) {
				w.Kerio.Echo, w.Directory.Echo = true, true
				trap(w)
			})
		}
	}
	for name, c := range map[string]struct {
		bed    func(*testing.T) *bed
		secret string
		echo   bool // an echo reaches the output: the trap was sprung
	}{
		"accepted": {kerio(func(*sim.World) {}), planted, false},
		"refused":  {kerio(func(w *sim.World) { w.Reply, w.Canary = imapsim.Echo, false }), planted, true},
		"own accounts refused": {func(t *testing.T) *bed {
			b := kerio(func(w *sim.World) { w.Reply = imapsim.Echo })(t)
			t.Setenv("LD_TEST_KERIO", planted+"admin")
			write(t, filepath.Join(b.dir, "reader"), planted+"reader")
			return b
		}, planted, false},
		"Stalwart accepts":                         {stalwartBed(func(*stalwartsim.Config) {}), appPassword, false},
		"Stalwart refuses":                         {stalwartBed(func(c *stalwartsim.Config) { c.Accounts[0].Apps[0].Secret = stalwartsim.MakeAppPassword(1, "another") }), appPassword, false},
		"a password at Stalwart, over ManageSieve": {stalwartBed(func(c *stalwartsim.Config) { c.NoIMAP = true }), planted, true},
		"a password at Stalwart, over HTTP":        {stalwartBed(func(c *stalwartsim.Config) { c.NoIMAP, c.NoSieve = true, true }), planted, true},
		"Stalwart refuses the key": {func(t *testing.T) *bed {
			b := stalwartBed(func(*stalwartsim.Config) {})(t)
			t.Setenv("LD_TEST_STALWART", wrongKey)
			return b
		}, planted, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.bed(t)
			own := b.world.Secrets
			secrets := []string{c.secret, planted, own.KerioAdmin, own.Stalwart, own.Reader, own.MailServerBind, own.Canary, wrongKey}
			seen := b.everything(t, c.secret)
			for _, s := range secrets {
				if s == "" {
					continue // this world has no such account
				}
				for _, f := range forms(s) {
					if i := strings.Index(seen, f); i >= 0 {
						t.Errorf("%q of a secret stands in the output: …%s…", f, seen[max(0, i-120):min(len(seen), i+120)])
					}
				}
			}
			if c.echo && !strings.Contains(seen, "[redacted]") {
				t.Error("no trap was sprung: the servers' echoes are nowhere in the output")
			}
		})
	}
}

// everything runs the check in two ways, and gives all that came out of it: output, files in every format and at every level,
// the ledger, the arguments of a child process.
func (b *bed) everything(t *testing.T, secret string) string {
	t.Helper()
	var seen bytes.Buffer
	for _, args := range [][]string{{"--format", "json"}, {"--format", "text", "--format", "json=" + filepath.Join(b.dir, "out.json"), "--privacy", "full"}} {
		_, out, errw := b.check(t, secret, append(args, "--secret-stdin", "--secret-used-on", "api", "--max-failures", "3")...)
		seen.WriteString(out + errw)
	}
	b.everyForm(t, &seen)
	if b.world.Secrets.Canary != "" {
		arguments, err := os.ReadFile(filepath.Join(b.dir, "arguments"))
		if err != nil || !bytes.Contains(arguments, []byte("canary")) {
			t.Errorf("the child process's arguments were not seen: %v", err)
		}
		seen.Write(arguments)
	}
	for _, dir := range []string{filepath.Join(b.dir, "state"), filepath.Join(b.dir, "out.json")} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			seen.WriteString(path)
			seen.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return seen.String()
}

// everyForm writes the saved report anew in every format, at every level, as a bundle, and as a preview, and adds what came
// out, the names of files included.
func (b *bed) everyForm(t *testing.T, seen *bytes.Buffer) {
	t.Helper()
	saved := filepath.Join(b.dir, "out.json")
	for _, level := range []string{"full", "ticket", "vendor"} {
		dir := filepath.Join(b.dir, level)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		args := []string{"report", saved, "--privacy", level, "--ticket", "4711", "--bundle", filepath.Join(dir, "case.zip")}
		for _, f := range report.Formats {
			args = append(args, "--format", f.Name+"="+dir)
		}
		code := run(args, strings.NewReader(""), seen, seen)
		if entries, err := os.ReadDir(dir); err != nil || code >= exitUsage || len(entries) < len(report.Formats)+1 {
			t.Fatalf("exit %d, %d files, %v", code, len(entries), err)
		}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			seen.WriteString(path + "\n")
			seen.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.OpenReader(filepath.Join(dir, "case.zip"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			member, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(seen, member); err != nil {
				t.Fatal(err)
			}
		}
		_ = z.Close()
	}
	run([]string{"report", saved, "--preview"}, strings.NewReader(""), seen, seen)
}

func TestAPanicSaysNothing(t *testing.T) {
	var errw bytes.Buffer
	if code := run([]string{"version"}, nil, panicking{"hunter2"}, &errw); code != exitBug || strings.Contains(errw.String(), "hunter2") || !strings.Contains(errw.String(), "defect") {
		t.Errorf("exit %d: %s", code, errw.String())
	}
}

// panicking is a writer that panics with a text.
type panicking struct{ text string }

func (p panicking) Write([]byte) (int, error) { panic(p.text) }
