package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheCommandBehindTHENFindsTheSame: run as it is printed, while nothing was mended.
func TestTheCommandBehindTHENFindsTheSame(t *testing.T) {
	b := newBed(t, "stalwart-ip-banned", nil)
	first, bare, again := filepath.Join(b.dir, "a.zip"), filepath.Join(b.dir, "b.zip"), filepath.Join(b.dir, "c.zip")
	code, text := flat("check", "jdoe@example.test", "--profile", b.profile, "--client-address", "192.0.2.44", "--quiet", "--bundle", first)
	printed := regexp.MustCompile(`THEN logindoctor (check jdoe@example\.test --profile \S+ --client-address \S+)`).FindStringSubmatch(text)
	if code != 1 || printed == nil {
		t.Fatalf("exit %d\n%s", code, text)
	}
	if code, text := flat(append(strings.Fields(printed[1]), "--bundle", again)...); code != 1 {
		t.Errorf("the same command: exit %d\n%s", code, text)
	}
	_, text = flat("compare", first, again)
	says(t, text, "the cause is there still")
	// The bare command looks from here, where no ban is.
	flat("check", "jdoe@example.test", "--profile", b.profile, "--bundle", bare)
	_, text = flat("compare", first, bare)
	says(t, text, "not known whether it is mended", "The client's address: 192.0.2.44 before, none given after.", "Unseen stalwart-ip-banned", "To ask the same: logindoctor "+printed[1])
	_, text = flat("compare", first, bare, "--format", "json")
	says(t, text, `"asked_otherwise": [ "The client's address`)
}
