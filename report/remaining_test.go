package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
	"logindoctor.example/fixtures/cases"
	"logindoctor.example/probes"
)

func judged(t *testing.T, base string, facts map[string]any, said ...probes.Said) *Report {
	t.Helper()
	s, err := cases.Snapshot("../fixtures/checks/base", base, facts)
	if err != nil {
		t.Fatal(err)
	}
	s.Said = said
	return New(checks.All, s, Meta{RunID: "run"})
}

func leftIn(r *Report) (ids []string) {
	for _, m := range r.Remaining {
		ids = append(ids, m.Cause)
	}
	return ids
}

// TestWhatIsLeft: Kerio lets nobody look, and the login was refused in words that tell nothing.
func TestWhatIsLeft(t *testing.T) {
	unread := func(what string) map[string]any { return map[string]any{"why": "not-permitted", "value": nil} }
	facts := map[string]any{"kerio": map[string]any{"security_policy": unread("policy")},
		"account": map[string]any{"kerio": map[string]any{"folders": unread("folders"), "log": unread("log")}}}
	r := judged(t, "kerio+tried-refused", facts)
	ids := leftIn(r)
	if !slices.Contains(ids, "kerio-account-locked") || !slices.Contains(ids, "kerio-opened-folders") || len(ids) > mostRemaining {
		t.Errorf("left: %v", ids)
	}
	if r.NextQuestion == nil {
		t.Fatal("no question")
	}
	for _, m := range r.Remaining {
		if len(m.Tells) == 0 || m.Why == "" {
			t.Errorf("%s: nothing tells: %+v", m.Cause, m)
		}
	}
	// An answer takes out what it rules out, and the same question is not asked again.
	after := judged(t, "kerio+tried-refused", facts, probes.Said{Question: "webmail", Say: "yes"})
	if slices.Contains(leftIn(after), "kerio-account-locked") || after.NextQuestion != nil && after.NextQuestion.ID == "webmail" {
		t.Errorf("left after the answer: %v, asking %+v", leftIn(after), after.NextQuestion)
	}
	if len(after.Answers) != 1 || after.Answers[0].Said != "yes" {
		t.Errorf("answers: %+v", after.Answers)
	}
	var text bytes.Buffer
	if err := Text(&text, after, Options{}); err != nil || !strings.Contains(text.String(), "What is still open") || !strings.Contains(text.String(), "The caller said (webmail): yes.") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestNothingIsLeft(t *testing.T) {
	for name, r := range map[string]*Report{
		"healthy": judged(t, "kerio+tried-accepted", nil),
		"certain": judged(t, "kerio+canary-only", map[string]any{"account": map[string]any{"kerio": map[string]any{"user": map[string]any{"value": map[string]any{"enabled": false}}}}}),
	} {
		if len(r.Remaining) != 0 || r.NextQuestion != nil {
			t.Errorf("%s: %v, %+v", name, r.Remaining, r.NextQuestion)
		}
	}
}

// TestImpact: what a restart would cut off stands before the remedy, with the smaller fix.
func TestImpact(t *testing.T) {
	r := judged(t, "kerio+canary-only", map[string]any{"account": map[string]any{"kerio": map[string]any{"folders": map[string]any{
		"value": map[string]any{"rows": []any{map[string]any{"references": 12}}}}}}})
	words := r.ImpactWords("kerio-opened-folders")
	want := "A restart of Kerio Connect would hit 42 connections, 19 people with a connection. Close this user's programs first: Imaps from 198.51.100.7."
	if len(words) != 1 || words[0] != want {
		t.Errorf("got %q\nwant %q", words, want)
	}
	var text bytes.Buffer
	if err := Text(&text, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if b, d := strings.Index(text.String(), "BLUNT"), strings.Index(text.String(), "DO  "); b < 0 || d < b {
		t.Errorf("the impact does not stand before the remedy:\n%s", text.String())
	}
}
