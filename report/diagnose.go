package report

import (
	"cmp"
	"slices"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// findings is the diagnosis while it is made: which of the problems explains which, and the causes in order.
type findings struct {
	results  []checks.Result
	place    map[*checks.Check]int   // in the catalogue's order
	explains map[*checks.Check][]int // of each problem: the problems it explains, transitively
	causes   []*checks.Check         // the root cause first
}

// findCauses finds the problems that no other found problem explains. An explanation counts only through problems that
// were really found: a cause does not explain a symptom by way of something that is in order.
func findCauses(results []checks.Result) findings {
	f := findings{results: results, place: map[*checks.Check]int{}, explains: map[*checks.Check][]int{}}
	for i, r := range results {
		f.place[r.Check] = i
	}
	explained := map[int]bool{}
	for _, r := range results {
		if r.Verdict != checks.Problem {
			continue
		}
		seen := map[int]bool{}
		f.follow(r, r.Check, seen)
		for i := range results {
			if seen[i] {
				f.explains[r.Check] = append(f.explains[r.Check], i)
				explained[i] = true
			}
		}
	}
	for i, r := range results {
		if r.Verdict == checks.Problem && !explained[i] {
			f.causes = append(f.causes, r.Check)
		}
	}
	f.order()
	return f
}

func (f *findings) follow(cause checks.Result, c *checks.Check, seen map[int]bool) {
	for _, e := range c.Explains {
		i, known := f.place[e]
		if !known || seen[i] || e == cause.Check || f.results[i].Verdict != checks.Problem || !covers(cause, f.results[i]) {
			continue
		}
		seen[i] = true
		f.follow(cause, e, seen)
	}
}

// covers: what is wrong with one account does not explain that another one, the canary say, is refused as well.
func covers(cause, symptom checks.Result) bool {
	return cause.Scope != checks.ScopeUser || symptom.Scope == checks.ScopeUser
}

// order puts the causes in order: by rank, and a cause before those that it outlasts, since mending them alone would not
// help; a fault that hits everyone stays first all the same.
func (f *findings) order() {
	slices.SortStableFunc(f.causes, func(a, b *checks.Check) int {
		x, y := f.results[f.place[a]], f.results[f.place[b]]
		return cmp.Or(
			cmp.Compare(rank(x), rank(y)),
			cmp.Compare(len(f.explains[b]), len(f.explains[a])),
			cmp.Compare(f.place[a], f.place[b]))
	})
	left, ordered := f.causes, make([]*checks.Check, 0, len(f.causes))
	for len(left) > 0 {
		next := 0 // where all wait for each other, rank decides
		for i, c := range left {
			if !f.waits(c, left) {
				next = i
				break
			}
		}
		ordered = append(ordered, left[next])
		left = slices.Delete(left, next, next+1)
	}
	f.causes = ordered
}

// ranks are how far a cause reaches and how sure it is, what to name first on top. What hits everyone comes before one user's
// own trouble even where it is inferred; what hits fewer has to be certain for that.
var ranks = []struct {
	scope      checks.Scope
	confidence checks.Confidence
}{
	{checks.ScopeEveryone, checks.Certain}, {checks.ScopeDomain, checks.Certain}, {checks.ScopeNetwork, checks.Certain},
	{checks.ScopeEveryone, checks.Likely}, {checks.ScopeUser, checks.Certain},
	{checks.ScopeDomain, checks.Likely}, {checks.ScopeNetwork, checks.Likely}, {checks.ScopeUser, checks.Likely},
}

func rank(r checks.Result) int {
	for i, k := range ranks {
		if r.Scope == k.scope && r.Confidence == k.confidence {
			return i
		}
	}
	return len(ranks)
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// waits says whether c comes after another one that is still to be named.
func (f *findings) waits(c *checks.Check, left []*checks.Check) bool {
	if f.results[f.place[c]].Scope == checks.ScopeEveryone {
		return false
	}
	return slices.ContainsFunc(left, func(other *checks.Check) bool { return slices.Contains(other.Outlasts, c) })
}

// explainedBy gives the causes of the diagnosis that explain a problem.
func (f *findings) explainedBy(c *checks.Check) []string {
	out := []string{}
	for _, cause := range f.causes {
		if slices.Contains(f.explains[cause], f.place[c]) {
			out = append(out, cause.ID)
		}
	}
	return out
}

func (f *findings) diagnosis(s *probes.Snapshot) []Cause {
	out := make([]Cause, len(f.causes))
	for i, c := range f.causes {
		r := f.results[f.place[c]]
		out[i] = Cause{Cause: c.ID, Title: c.Title, Confidence: r.Confidence, Scope: r.Scope, Owner: r.Owner, Explains: []string{},
			WouldExplain: f.wouldExplain(c, s), Summary: r.Summary, Evidence: evidence(r.Evidence), Remedy: *remedy(r.Remedy), Links: links(c)}
		for _, e := range f.explains[c] {
			out[i].Explains = append(out[i].Explains, f.results[e].Check.ID)
		}
	}
	return out
}

// wouldExplain gives the checks that this cause would make a problem, had they been tried.
func (f *findings) wouldExplain(c *checks.Check, s *probes.Snapshot) []string {
	reached := map[*checks.Check]bool{}
	var follow func(*checks.Check)
	follow = func(c *checks.Check) {
		for _, e := range c.Explains {
			if !reached[e] {
				reached[e] = true
				follow(e)
			}
		}
	}
	follow(c)
	out := []string{}
	for _, r := range f.results {
		if reached[r.Check] && untried(r, s) {
			out = append(out, r.Check.ID)
		}
	}
	return out
}

// untried says that a check has no answer because no login was tried. What remains when nothing else explains (Residual)
// would be no problem beside the cause, tried or not.
func untried(r checks.Result, s *probes.Snapshot) bool {
	switch {
	case r.Check.Residual:
		return false
	case r.Verdict == checks.Undetermined:
		return r.Why == probes.AttemptWithheld
	case r.Verdict == checks.NotApplicable:
		reads := slices.Contains(append(slices.Clone(r.Check.Needs), r.Check.Uses...), checks.Attempts)
		return r.Check.Group == checks.GroupIMAP && reads && !tried(s.Login, probes.AttemptUser) && configured(r.Check, s)
	}
	return false
}

// configured says whether the profile names all that a check needs, as Evaluate sees it: it alone knows.
func configured(c *checks.Check, s *probes.Snapshot) bool {
	asked := &checks.Check{ID: c.ID, Needs: c.Needs, Run: func(*probes.Snapshot) checks.Finding {
		return checks.Finding{Verdict: checks.OK, Summary: "All that is needed was seen."}
	}}
	return checks.Evaluate([]*checks.Check{asked}, s)[0].Verdict != checks.NotApplicable
}

// tried says whether a secret of who was submitted anywhere.
func tried(l *probes.Login, who probes.Who) bool {
	return l != nil && slices.ContainsFunc(l.Attempts, func(a probes.Attempt) bool {
		return a.Who == who && a.Outcome != probes.Withheld && a.Outcome != 0
	})
}
