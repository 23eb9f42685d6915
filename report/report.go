// Package report decides what to say: the causes and what they explain, the verdict, the headline and the exit code. It
// holds one writer per format, which only say what was decided. Like checks it is pure: it asks no server, clock or file system.
//
// Every field carries its privacy class as the struct tag `class`, as in package probes.
package report

import (
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// The identity of the document. Within a major version the schema only grows.
const (
	SchemaID      = "https://logindoctor.example/schema/report-v1.json"
	SchemaVersion = "1.0"
)

// Report is one run as one document: its JSON form is the outside contract. No list in it is nil, no count is left out,
// and every time is UTC.
type Report struct {
	Schema        string           `json:"$schema" class:"public"`
	SchemaVersion string           `json:"schema_version" class:"public"`
	Tool          Tool             `json:"tool" class:"parts"`
	RunID         string           `json:"run_id" class:"public"`
	StartedAt     time.Time        `json:"started_at" class:"public"`
	FinishedAt    time.Time        `json:"finished_at" class:"public"`
	DurationMS    int64            `json:"duration_ms" class:"public"`
	Subject       Subject          `json:"subject" class:"parts"`
	Selection     Selection        `json:"selection" class:"parts"`
	Privacy       Privacy          `json:"privacy,omitempty" class:"public"` // how much of people and machines it tells; absent: everything
	Verdict       Verdict          `json:"verdict" class:"public"`
	Headline      string           `json:"headline" class:"personal"`
	Diagnosis     []Cause          `json:"diagnosis" class:"parts"` // the root cause first
	Checks        []Answer         `json:"checks" class:"parts"`    // in the catalogue's order
	Summary       Summary          `json:"summary" class:"parts"`
	Attempts      Attempts         `json:"attempts" class:"parts"`
	Coverage      Coverage         `json:"coverage" class:"parts"`
	Plan          Plan             `json:"plan" class:"parts"`
	Timeline      []Event          `json:"timeline" class:"parts"` // oldest first
	Impact        Impact           `json:"impact" class:"parts"`
	Remaining     []Remaining      `json:"remaining" class:"parts"`
	NextQuestion  *Question        `json:"next_question" class:"parts"`
	Answers       []Said           `json:"answers" class:"parts"`
	FactsVersion  int              `json:"facts_version" class:"public"`
	Facts         *probes.Snapshot `json:"facts" class:"parts"` // its shape is no part of the promise
}

// Meta is what the facts do not say of a run.
type Meta struct {
	ToolVersion, Commit, RunID string
	Only, Skip                 []string // ids of checks or groups, as Select takes them
}

// New judges what was seen with the catalogue. The report has a copy of the facts, its times in UTC. Words of Only and
// Skip that name nothing are Select's to refuse; here they select nothing.
func New(catalogue []*checks.Check, s *probes.Snapshot, meta Meta) *Report {
	s = copyFacts(s)
	run, _ := choose(catalogue, meta.Only, meta.Skip)
	results := evaluate(catalogue, run, s)
	r := &Report{
		Schema: SchemaID, SchemaVersion: SchemaVersion,
		Tool:  Tool{Name: "logindoctor", Version: meta.ToolVersion, Commit: meta.Commit},
		RunID: meta.RunID, StartedAt: s.StartedAt, FinishedAt: s.FinishedAt, DurationMS: duration(s),
		Subject:   Subject{User: s.Target.User, Profile: s.Target.Profile},
		Selection: Selection{Only: list(meta.Only), Skip: list(meta.Skip)},
		Attempts:  attempts(s.Login), Coverage: Coverage{CouldNotLook: couldNotLook(s)},
		Plan: plan(s.Login), Timeline: timeline(s), Answers: saidBy(s),
		FactsVersion: probes.FactsVersion, Facts: s,
	}
	found := findCauses(results)
	r.Checks = answers(results, found)
	r.Diagnosis = found.diagnosis(s)
	r.askTheSame()
	r.Impact = impact(found)
	r.Remaining, r.NextQuestion = remaining(found, s), nextQuestion(found, s)
	r.Summary = count(results)
	r.Verdict = verdict(r)
	r.Headline = headline(r, len(run))
	return r
}

// Rejudge judges a report's facts again with a catalogue, under the report's own identity and selection; what the caller
// said is among the facts. The tool's version stays that of the run: a caller that wants its own there sets it.
func Rejudge(r *Report, catalogue []*checks.Check) *Report {
	if r.Privacy == PrivacyVendor {
		return r // its addresses are pseudonyms: only what was judged then is true
	}
	again := New(catalogue, r.Facts, Meta{ToolVersion: r.Tool.Version, Commit: r.Tool.Commit, RunID: r.RunID, Only: r.Selection.Only, Skip: r.Selection.Skip})
	again.Privacy = r.Privacy
	return again
}

// list makes nil an empty list: JSON has no null for a list here.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func duration(s *probes.Snapshot) int64 {
	if s.StartedAt.IsZero() || s.FinishedAt.Before(s.StartedAt) {
		return 0
	}
	return s.FinishedAt.Sub(s.StartedAt).Milliseconds()
}

// answers puts every result into the document's form.
func answers(results []checks.Result, found findings) []Answer {
	out := make([]Answer, len(results))
	for i, r := range results {
		a := Answer{ID: r.Check.ID, Group: r.Check.Group, Title: r.Check.Title, Verdict: r.Verdict, Why: r.Why, Summary: r.Summary,
			Evidence: evidence(r.Evidence), ExplainedBy: found.explainedBy(r.Check), Links: links(r.Check)}
		if r.Verdict == checks.Problem || r.Verdict == checks.Notice {
			a.Confidence, a.Scope, a.Owner, a.Remedy = r.Confidence, r.Scope, r.Owner, remedy(r.Remedy)
		}
		out[i] = a
	}
	return out
}

func evidence(from []checks.Evidence) []checks.Evidence {
	out := make([]checks.Evidence, len(from))
	for i, e := range from {
		e.At = utc(e.At)
		out[i] = e
	}
	return out
}

func remedy(from *checks.Remedy) *checks.Remedy {
	if from == nil {
		return nil
	}
	r := *from
	r.Steps, r.Commands, r.DoNot = list(r.Steps), list(r.Commands), list(r.DoNot)
	return &r
}

func links(c *checks.Check) []string {
	out := []string{}
	for _, s := range c.Source {
		if s.URL != "" {
			out = append(out, s.URL)
		}
	}
	return out
}

func count(results []checks.Result) (n Summary) {
	for _, r := range results {
		switch r.Verdict {
		case checks.OK:
			n.OK++
		case checks.Problem:
			n.Problem++
		case checks.Notice:
			n.Notice++
		case checks.NotApplicable:
			n.NotApplicable++
		case checks.Undetermined:
			n.Undetermined++
		}
	}
	return n
}
