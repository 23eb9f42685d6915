package report

import (
	"fmt"
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// Select says which checks run under --only and --skip, by id. A word is the id of a check or of a group; where it is both,
// the group is meant. An unknown word is an error that names it and what is nearest.
func Select(catalogue []*checks.Check, only, skip []string) (map[string]bool, error) {
	run, unknown := choose(catalogue, only, skip)
	if len(unknown) == 0 {
		return run, nil
	}
	err := fmt.Errorf("no check or group is named %q", unknown[0])
	if near := nearest(unknown[0], names(catalogue)); len(near) > 0 {
		err = fmt.Errorf("%w; the nearest: %s", err, strings.Join(near, ", "))
	}
	return nil, err
}

func choose(catalogue []*checks.Check, only, skip []string) (run map[string]bool, unknown []string) {
	run = map[string]bool{}
	wanted, strange := named(catalogue, only)
	unwanted, stranger := named(catalogue, skip)
	for _, c := range catalogue {
		if (len(only) == 0 || wanted[c]) && !unwanted[c] {
			run[c.ID] = true
		}
	}
	return run, append(strange, stranger...)
}

// named finds the checks that words mean.
func named(catalogue []*checks.Check, words []string) (found map[*checks.Check]bool, unknown []string) {
	found = map[*checks.Check]bool{}
	for _, w := range words {
		g, isGroup := group(w)
		known := isGroup
		for _, c := range catalogue {
			if isGroup && c.Group == g || !isGroup && c.ID == w {
				found[c], known = true, true
			}
		}
		if !known {
			unknown = append(unknown, w)
		}
	}
	return found, unknown
}

func group(word string) (checks.Group, bool) {
	for _, g := range checks.Groups() {
		if g.String() == word {
			return g, true
		}
	}
	return 0, false
}

func names(catalogue []*checks.Check) []string {
	var out []string
	for _, g := range checks.Groups() {
		out = append(out, g.String())
	}
	for _, c := range catalogue {
		if _, both := group(c.ID); !both {
			out = append(out, c.ID)
		}
	}
	return out
}

// skippedSummary is what a check says that --only or --skip left out.
const skippedSummary = "Skipped."

// evaluate judges with the checks that were selected; the others stand in their place as skipped.
func evaluate(catalogue []*checks.Check, run map[string]bool, s *probes.Snapshot) []checks.Result {
	var selected []*checks.Check
	for _, c := range catalogue {
		if run[c.ID] {
			selected = append(selected, c)
		}
	}
	ran := checks.Evaluate(selected, s)
	out := make([]checks.Result, 0, len(catalogue))
	for _, c := range catalogue {
		if !run[c.ID] {
			out = append(out, checks.Result{Check: c, Finding: checks.Finding{Verdict: checks.NotApplicable, Summary: skippedSummary}})
			continue
		}
		out, ran = append(out, ran[0]), ran[1:]
	}
	return out
}
