package report

import (
	"slices"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// mostRemaining is how many causes are named where a case stays open: more would be a list, not a help.
const mostRemaining = 3

// remaining are the causes that are left where the diagnosis is not certain, the likeliest first, each with what would tell.
// What the caller said orders them, and takes out what it rules out.
func remaining(found findings, s *probes.Snapshot) []Remaining {
	out := []Remaining{}
	if !found.open(s) {
		return out
	}
	said := answersOf(s)
	var left []checks.Result
	for _, r := range found.results {
		if found.possible(r) && !said.against(r.Check) {
			left = append(left, r)
		}
	}
	slices.SortStableFunc(left, func(a, b checks.Result) int {
		if c := first(said.speaksFor(a.Check), said.speaksFor(b.Check)); c != 0 {
			return c
		}
		return first(a.Verdict == checks.Notice, b.Verdict == checks.Notice)
	})
	for _, r := range left[:min(len(left), mostRemaining)] {
		out = append(out, Remaining{Cause: r.Check.ID, Title: r.Check.Title, Why: r.Summary, Tells: tells(r, s)})
	}
	return out
}

// open says that the case is not settled: no cause, none that is certain, or only the symptom itself.
func (f *findings) open(s *probes.Snapshot) bool {
	if len(f.causes) == 0 {
		return slices.ContainsFunc(f.results, func(r checks.Result) bool { return r.Verdict == checks.Undetermined })
	}
	c := f.causes[0]
	return c.Residual || c == checks.IMAPLogin || f.results[f.place[c]].Confidence != checks.Certain
}

// possible says that a check may be the cause behind what was found: it is not known, or a question to ask, and it would
// explain the symptom. Where no symptom was found, every one that explains something may be.
func (f *findings) possible(r checks.Result) bool {
	switch {
	case len(r.Check.Explains) == 0, slices.Contains(f.causes, r.Check):
		return false
	case r.Verdict == checks.Notice && r.Confidence != checks.Possible:
		return false
	case r.Verdict != checks.Notice && (r.Verdict != checks.Undetermined || r.Why == probes.Bug):
		return false
	case len(f.causes) == 0:
		return true
	}
	symptom := f.causes[0]
	return f.reachable(r.Check, symptom, map[*checks.Check]bool{}) || slices.ContainsFunc(f.explains[symptom], func(i int) bool {
		return f.reachable(r.Check, f.results[i].Check, map[*checks.Check]bool{})
	})
}

// reachable says that a cause explains a check, directly or by way of others.
func (f *findings) reachable(from, to *checks.Check, seen map[*checks.Check]bool) bool {
	for _, e := range from.Explains {
		if e == to {
			return true
		}
		if !seen[e] {
			seen[e] = true
			if f.reachable(e, to, seen) {
				return true
			}
		}
	}
	return false
}

// tells is what would settle whether a cause is the one: the cheapest look first, then what the caller may know.
func tells(r checks.Result, s *probes.Snapshot) []string {
	out := []string{}
	if r.Verdict == checks.Undetermined && (r.Why != probes.Unclear || kept(r, s) != nil) {
		out = append(out, nextLook(r, s))
	}
	for _, q := range checks.Questions {
		if q.Said(s) == nil && speaksOf(q, r.Check) {
			return append(out, "Ask the caller: "+q.Ask)
		}
	}
	if len(out) == 0 {
		out = append(out, nextLook(r, s))
	}
	return out
}

// kept is the server that our own account did not get into, where that is why this check does not know.
func kept(r checks.Result, s *probes.Snapshot) *unopened {
	if len(r.Evidence) == 0 {
		return nil
	}
	e := r.Evidence[0]
	for _, o := range unopenedServers(s) {
		if o.look.Why == r.Why && o.look.Words != "" && e.Observed == o.look.Words {
			return &o
		}
	}
	return nil
}

// nextLook is the look that is missing, and how to make it possible.
func nextLook(r checks.Result, s *probes.Snapshot) string {
	if o := kept(r, s); o != nil {
		return o.next
	}
	what := "what it reads"
	if len(r.Evidence) > 0 && r.Evidence[0].Fact != "" {
		what = r.Evidence[0].Fact
		if r.Evidence[0].Source != "" {
			what += " at " + r.Evidence[0].Source
		}
	}
	switch r.Why {
	case probes.NotPermitted:
		return "Let logindoctor's own account make this look: " + what + "."
	case probes.Timeout, probes.Unreachable, probes.Canceled:
		return "Run it again once this answers: " + what + "."
	case probes.AttemptWithheld:
		return "Run it again with the secret once more attempts are left, or have the caller try once and look at the server's log."
	}
	return "Look at it by hand: " + what + "."
}

func speaksOf(q *checks.Question, c *checks.Check) bool {
	return slices.ContainsFunc(q.Options, func(o checks.Option) bool { return slices.Contains(o.For, c) || slices.Contains(o.Against, c) })
}
