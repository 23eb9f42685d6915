package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

// headings explains words with the real catalogue; the entries of checks are left out.
func headings(words string) []string {
	var out []string
	for _, e := range Explain(words, checks.All) {
		if e.Says == "" {
			out = append(out, e.Heading)
		}
	}
	return out
}

func TestExplainIDs(t *testing.T) {
	lock := lockedCatalogue()[0]
	lock.Doc = checks.Doc{Says: "It says wrong password.", Tells: "The lock bit of {login}.", Mistaken: []string{"A lock that has run out."}}
	lock.Remedy.Verify = "logindoctor check {user}"
	catalogue := []*checks.Check{lock, fine("other-check")}
	for words, note := range map[string]bool{"lock": false, " LOCK ": false, "other-chek": true, "other check": true} {
		got := Explain(words, catalogue)
		if len(got) != 1 || (got[0].Note != "") != note {
			t.Errorf("%q: %+v", words, got)
		}
	}
	if got := Explain("lock other-check", catalogue); len(got) != 2 || got[1].Heading != "The title of other-check (other-check)" {
		t.Errorf("two ids: %+v", got)
	}
	if got := Explain("see other-check, then (lock) or [other-check]", catalogue); len(got) != 2 || got[1].Heading != lock.Title+" (lock)" {
		t.Errorf("ids among words: %+v", got)
	}
	e := Explain("lock", catalogue)[0]
	if e.Says != lock.Doc.Says || e.Tells[0] != "The lock bit of LOGIN." || e.Tells[1] != lock.Doc.Mistaken[0] || e.Do[0] != lock.Remedy.Do ||
		e.Do[4] != "The directory admin runs (PowerShell): Unlock-ADAccount -Identity LOGIN" || e.DoNot[0] != lock.Remedy.DoNot[0] || e.Causes[0].ID != "login" || e.Sources[0].URL != "https://vendor.example/page" {
		t.Errorf("%+v", e)
	}
	if lock.Remedy.Commands[0].Run != "Unlock-ADAccount -Identity {login}" || lock.Doc.Tells != "The lock bit of {login}." {
		t.Error("explaining changes the catalogue")
	}
}

// Words that stand for one cause alone bring all that is known about it; others how each is told.
func TestExplainCauses(t *testing.T) {
	got := Explain("775", checks.All)
	if len(got) != 2 || got[1].Heading != checks.ADAccountLocked.Title+" (ad-account-locked)" {
		t.Errorf("775: %+v", got)
	}
	for _, e := range Explain("530 775", checks.All) {
		if len(e.Tells) == 0 || len(e.Do) == 0 || len(e.DoNot) == 0 {
			t.Errorf("beside another: %+v", e)
		}
	}
	if got := Explain("52e", checks.All); len(got) != 1 || len(got[0].Causes) < 3 || got[0].Causes[0].Tells == "" {
		t.Errorf("52e: %+v", got)
	}
}

func TestNearest(t *testing.T) {
	for words, want := range map[string]string{"locked": "ad-account-locked", "AUTHENTICATIONFAIL": "IMAP [AUTHENTICATIONFAILED]", "my account is disabled": "ad-account-disabled",
		"Usrname or pasword is nott corect": "Kerio Connect: user name or password is not correct (1000)", "security.ip-block from somewhere": "Stalwart: the address is banned",
		"AntiHammer happened": "Kerio's security log: AntiHammering"} {
		if got := Nearest(words, checks.All); !slices.ContainsFunc(got, func(s string) bool { return s == want }) || len(got) > suggestions {
			t.Errorf("%q: got %q, want %q among them", words, got, want)
		}
	}
	if got := Nearest("zzzz qqqq", checks.All); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ä", "a", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d", c.a, c.b, got)
		}
	}
}

func TestExplainText(t *testing.T) {
	draw := func(words string, catalogue []*checks.Check) string {
		var b bytes.Buffer
		if err := ExplainText(&b, words, Explain(words, catalogue), Nearest(words, catalogue), Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	golden(t, "explain-id.txt", draw("lock", lockedCatalogue()))
	lock := lockedCatalogue()
	lock[0].ID, lock[1].ID = "ad-account-locked", "wrong-password"
	golden(t, "explain-775.txt", draw("data 775", lock[:2]))
	lock[1].ID = "directory-bind-stale"
	golden(t, "explain-49.txt", draw("49", lock[:2]))
	if got := draw("zz\x1b[2Jzz\nqqqq", lockedCatalogue()); got != "Nothing is known about \"zzzz qqqq\".\nGive the id of a check (logindoctor catalogue), a code, or a line from a server\nor its log.\n" {
		t.Errorf("unknown: %q", got)
	}
	secret := "app_aaaaaajxsu3llwdgaw2tml0ktyistavj7nhq"
	if got := excerpt("frobnicated " + secret + strings.Repeat(" for somebody@example.test", 9)); strings.Contains(got, "ajxsu3llwdg") || len([]rune(got)) > maxExcerpt || !strings.HasPrefix(got, "frobnicated app_aaaaaajx… for …@… for …@… ") {
		t.Errorf("excerpt: %q", got)
	}
	if got := draw("lo", []*checks.Check{fine("look")}); !strings.Contains(got, "The nearest: ") && !strings.Contains(got, "Give the id") {
		t.Errorf("near: %q", got)
	}
}

func FuzzExplain(f *testing.F) {
	for _, s := range []string{"data 775", "a2 NO [UNAVAILABLE] x", "\x1b[31m775", "data ffffffffff", "ad-account-locked", "’",
		"[22/Nov/2026 09:12:00] HTTP/WebMail: User j doesn’t exist.", "* OK [CAPABILITY IMAP4rev1] Logged in", "-32001 0x00052e", "data 57, v1db1"} {
		f.Add(s)
	}
	catalogue := lockedCatalogue()
	f.Fuzz(func(t *testing.T, words string) {
		if got := excerpt(words); len([]rune(got)) > maxExcerpt {
			t.Fatalf("shows %q", got)
		}
		var b bytes.Buffer
		if err := ExplainText(&b, words, Explain(words, catalogue), Nearest(words, catalogue), Options{}); err != nil {
			t.Fatal(err)
		}
		if b.Len() == 0 || strings.ContainsAny(b.String(), "\x1b\r\x00\u202e") {
			t.Fatalf("%q", b.String())
		}
	})
}
