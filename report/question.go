package report

import (
	"slices"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// answered are the options that the caller chose.
type answered []*checks.Option

func answersOf(s *probes.Snapshot) answered {
	var out answered
	for _, q := range checks.Questions {
		if o := q.Said(s); o != nil {
			out = append(out, o)
		}
	}
	return out
}

func (a answered) speaksFor(c *checks.Check) bool {
	return slices.ContainsFunc(a, func(o *checks.Option) bool { return slices.Contains(o.For, c) })
}

func (a answered) against(c *checks.Check) bool {
	return slices.ContainsFunc(a, func(o *checks.Option) bool { return slices.Contains(o.Against, c) })
}

// nextQuestion is the question whose answers tell most of the causes apart; nil where none does. Of equals, the cheapest.
func nextQuestion(found findings, s *probes.Snapshot) *Question {
	if !found.open(s) {
		return nil
	}
	said := answersOf(s)
	var left []*checks.Check
	for _, r := range found.results {
		if found.possible(r) && !said.against(r.Check) {
			left = append(left, r.Check)
		}
	}
	var best *checks.Question
	most := 0
	for _, q := range checks.Questions {
		if n := splits(q, left); q.Said(s) == nil && n > most {
			best, most = q, n
		}
	}
	if best == nil {
		return nil
	}
	out := &Question{ID: best.ID, Ask: best.Ask, Options: []Option{}}
	for _, o := range best.Options {
		ids := []string{}
		for _, c := range o.For {
			if slices.Contains(left, c) {
				ids = append(ids, c.ID)
			}
		}
		out.Options = append(out.Options, Option{Say: o.Say, Causes: ids})
	}
	return out
}

// splits is how many times an answer to the question would put one of the causes forward or rule it out.
func splits(q *checks.Question, left []*checks.Check) int {
	total := 0
	for _, o := range q.Options {
		for _, c := range left {
			if slices.Contains(o.For, c) || slices.Contains(o.Against, c) {
				total++
			}
		}
	}
	return total
}

// saidBy is what the caller answered, as the document holds it.
func saidBy(s *probes.Snapshot) []Said {
	out := []Said{}
	for _, a := range s.Said {
		out = append(out, Said{Question: a.Question, Said: a.Say, At: utc(a.At)})
	}
	return out
}
