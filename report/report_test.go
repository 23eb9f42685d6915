package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

func document(t *testing.T, r *Report) map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The contract: every count is present, no list is null, every time is UTC.
func TestDocument(t *testing.T) {
	for name, r := range everyCase() {
		doc := document(t, r)
		delete(doc, "facts")
		var visit func(path string, v any)
		visit = func(path string, v any) {
			switch v := v.(type) {
			case nil:
				if path != ".next_question" && !strings.HasSuffix(path, ".left") {
					t.Errorf("%s: %s is null", name, path)
				}
			case string:
				if at, err := time.Parse(time.RFC3339, v); err == nil && at.Location() != time.UTC {
					t.Errorf("%s: %s is %s, not UTC", name, path, v)
				}
			case map[string]any:
				for k, x := range v {
					visit(path+"."+k, x)
				}
			case []any:
				for i, x := range v {
					visit(fmt.Sprintf("%s[%d]", path, i), x)
				}
			}
		}
		visit("", doc)
		for _, count := range []string{"ok", "problem", "notice", "not_applicable", "undetermined"} {
			if _, ok := doc["summary"].(map[string]any)[count]; !ok {
				t.Errorf("%s: summary lacks %s", name, count)
			}
		}
	}
}

func TestNew(t *testing.T) {
	s := lockedFacts()
	r := New(lockedCatalogue(), s, Meta{ToolVersion: "0.1.0", Commit: "abc", RunID: "run1"})
	if r.DurationMS != 812 || r.Subject != (Subject{User: "jdoe@example.test", Profile: "acme"}) || r.Tool != (Tool{"logindoctor", "0.1.0", "abc"}) || r.RunID != "run1" {
		t.Errorf("head: %+v %+v %+v", r.DurationMS, r.Subject, r.Tool)
	}
	if want := (Summary{OK: 1, Problem: 1, Notice: 1, NotApplicable: 2, Undetermined: 1}); r.Summary != want {
		t.Errorf("summary %+v", r.Summary)
	}
	c := r.Diagnosis[0]
	if c.Cause != "lock" || !slices.Equal(c.WouldExplain, []string{"login"}) || c.Remedy.Commands[0].Run != "Unlock-ADAccount -Identity jdoe" || !slices.Equal(c.Links, []string{"https://vendor.example/page"}) {
		t.Errorf("cause %+v", c)
	}
	if a := r.Checks[5]; a.Verdict != checks.Notice || a.Confidence != checks.Likely || a.Remedy == nil || a.Owner != checks.OwnerHelpdesk || a.Scope != checks.ScopeUser {
		t.Errorf("notice %+v", a)
	}
	if a := r.Attempts; a.Allowed != 1 || a.Spent != 0 || len(a.Log) != 1 || a.Log[0].Outcome != probes.Withheld || a.Log[0].Reason != "the account is locked" {
		t.Errorf("attempts %+v", a)
	}
	// A running snapshot changes no report.
	s.Account.Directory[0].Entry.Value.AD.Login, s.Login.Attempts[0].Reason = "other", "other"
	if r.Facts.Account.Directory[0].Entry.Value.AD.Login != "jdoe" || r.Facts.Login.Attempts[0].Reason != "the account is locked" {
		t.Error("the facts are not a copy")
	}
}

func TestTimesAreUTCAndFit(t *testing.T) {
	s := facts()
	s.StartedAt = time.Date(2026, 11, 22, 10, 14, 0, 0, time.FixedZone("CET", 3600))
	s.Account.Directory = []probes.DirectoryAccount{{Entry: &probes.Observation[probes.DirectoryEntry]{Look: probes.Look{At: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)}}}}
	r := New([]*checks.Check{made("a", checks.Finding{Verdict: checks.Problem, Evidence: []checks.Evidence{{Fact: "f", Observed: "o", At: s.StartedAt}}})}, s, Meta{})
	if got := r.Diagnosis[0].Evidence[0].At.Format(time.RFC3339) + r.StartedAt.Format(time.RFC3339); got != "2026-11-22T09:14:00Z2026-11-22T09:14:00Z" {
		t.Errorf("not UTC: %s", got)
	}
	if !r.Facts.Account.Directory[0].Entry.At.IsZero() {
		t.Error("a time that no document can hold stays")
	}
	document(t, r)
}

func TestRejudge(t *testing.T) {
	r := New(lockedCatalogue(), lockedFacts(), Meta{ToolVersion: "0.1.0", RunID: "run1", Skip: []string{"certificate", "gone-since"}})
	r.Facts.Said = []probes.Said{{Question: "since", Say: "this morning"}}
	r.Answers = saidBy(r.Facts)
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	saved, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if again := Rejudge(saved, lockedCatalogue()); !reflect.DeepEqual(document(t, again), document(t, r)) {
		t.Error("the same catalogue judges the saved facts otherwise")
	}
	other := Rejudge(saved, []*checks.Check{fine("new"), fine("certificate")})
	if other.Verdict != Healthy || other.RunID != "run1" || len(other.Checks) != 2 || other.Checks[1].Summary != "Skipped." || len(other.Answers) != 1 {
		t.Errorf("today's catalogue: %s %+v", other.Verdict, other.Checks)
	}
}

func TestNilSnapshot(t *testing.T) {
	if r := New([]*checks.Check{fine("a")}, nil, Meta{}); r.Facts == nil || r.Verdict != Healthy {
		t.Errorf("%+v", r)
	}
}
