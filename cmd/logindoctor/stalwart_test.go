package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim"
	"logindoctor.example/fixtures/sim/stalwartsim"
	"logindoctor.example/probes/stalwart"
	"logindoctor.example/report"
)

var (
	appPassword = stalwartsim.MakeAppPassword(1, "phone")
	wrongKey    = stalwartsim.MakeAPIKey(0, 1, "not it")
)

// stalwartBed is a Stalwart with one user who has an app password; it repeats in its refusals what it was sent.
func stalwartBed(change func(*stalwartsim.Config)) func(*testing.T) *bed {
	return func(t *testing.T) *bed {
		c := &stalwartsim.Config{Domains: []stalwartsim.Domain{{Name: "example.test"}}, Echo: true,
			Accounts: []stalwartsim.Account{{Name: sim.Login, Domain: "example.test", Password: sim.Password,
				Apps: []stalwartsim.App{{ID: 1, Secret: appPassword, Description: "Phone", Created: time.Now().Add(-time.Hour)}}}}}
		change(c)
		return newBedOf(t, &sim.World{Now: time.Now(), Stalwart: c})
	}
}

// TestCheckAtStalwart: a diagnosis makes three requests with the key, and the caller's app password is tried once.
func TestCheckAtStalwart(t *testing.T) {
	b := stalwartBed(func(*stalwartsim.Config) {})(t)
	code, out, errw := b.check(t, appPassword+"\n", "--secret-stdin", "--secret-used-on", "imap")
	plain := strings.Join(strings.Fields(out), " ")
	if code >= exitUsage || !strings.Contains(plain, "the user over IMAP accepted") || !strings.Contains(plain, `app password "Phone" made`) {
		t.Errorf("exit %d\n%s\n%s", code, out, errw)
	}
	if !strings.Contains(errw, "asking Stalwart") || !strings.Contains(strings.Join(strings.Fields(errw), " "), "Stalwart locks no account, it bans addresses") {
		t.Errorf("progress and plan:\n%s", errw)
	}
	if paths := b.world.Stalwart.Paths(); len(paths) != 3 {
		t.Errorf("%d requests: %v", len(paths), paths)
	}
	tried := 0
	for _, a := range b.world.Stalwart.Attempts() {
		if a.Protocol != "key" {
			tried++
		}
	}
	if tried != 1 || b.world.Stalwart.Spent(sim.User) != 0 {
		t.Errorf("attempts: %+v", b.world.Stalwart.Attempts())
	}
}

// TestThePermissionsAreDocumented: docs/stalwart.md lists what the key needs, as a list and as a request, and nothing more.
func TestThePermissionsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/stalwart.md")
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(string(text), "## The key")
	key, _, _ = strings.Cut(key, "\n## ")
	got := map[string]int{}
	for _, w := range regexp.MustCompile(`\b(sys\w+|authenticate)\b`).FindAllString(key, -1) {
		got[w]++
	}
	for _, p := range stalwart.Permissions() {
		if got[p] != 2 {
			t.Errorf("%s stands there %d times", p, got[p])
		}
		delete(got, p)
	}
	if len(got) != 0 {
		t.Errorf("surplus: %v", got)
	}
}

// TestProfileTestAtStalwart: which permissions the key lacks is said by name, for one request more.
func TestProfileTestAtStalwart(t *testing.T) {
	test := func(change func(*stalwartsim.Config)) (*bed, int, string) {
		b := stalwartBed(change)(t)
		var out, errw bytes.Buffer
		code := run([]string{"profile", "test", b.profile}, strings.NewReader(""), &out, &errw)
		return b, code, out.String() + errw.String()
	}
	b, code, out := test(func(*stalwartsim.Config) {})
	if code != 0 || !strings.Contains(out, "It has all permissions that it needs.") {
		t.Errorf("a key with all permissions: exit %d\n%s", code, out)
	}
	if paths := b.world.Stalwart.Paths(); len(paths) != 4 || b.world.Stalwart.Spent(sim.User) != 0 {
		t.Errorf("requests: %v", paths)
	}
	_, code, out = test(func(c *stalwartsim.Config) {
		c.Key.Permissions = slices.DeleteFunc(slices.Clone(stalwartsim.LeastPrivilege), func(p string) bool { return p == "sysLogQuery" || p == "sysSecurityGet" })
	})
	if code != report.ExitInconclusive || !strings.Contains(out, "? missing       sysLogQuery") || !strings.Contains(out, "? missing       sysSecurityGet") || strings.Contains(out, "It has all") {
		t.Errorf("a key that lacks two: exit %d\n%s", code, out)
	}
	b = stalwartBed(func(*stalwartsim.Config) {})(t)
	t.Setenv("LD_TEST_STALWART", wrongKey)
	var seen bytes.Buffer
	if code := run([]string{"profile", "test", b.profile}, strings.NewReader(""), &seen, &seen); code != report.ExitOwnRefused || strings.Contains(seen.String(), wrongKey) {
		t.Errorf("a key that is refused: exit %d\n%s", code, seen.String())
	}
}
