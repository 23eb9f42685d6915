package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"logindoctor.example/checks"
)

// cause writes one cause: how sure, whom it concerns, who must act, what to do, what not, and what it rests on.
func (p *page) cause(r *Report, i int) {
	c := &r.Diagnosis[i]
	title := c.Title + "."
	if len(r.Diagnosis) > 1 {
		title = fmt.Sprintf("%d. %s", i+1, title)
	}
	p.blank()
	p.painted(bold, "", title)
	p.text("  ", fmt.Sprintf("%s · concerns %s · for %s · %s", c.Confidence, ScopeWords(c.Scope), OwnerWords(c.Owner), Clean(DisruptionWords(c.Remedy.Disruption))))
	if i > 0 {
		p.text("  ", Clean(c.Summary)) // the first one's is the headline
	}
	for _, s := range r.ImpactWords(c.Cause) {
		p.row(2, remedyColumn, bold, "BLUNT", Clean(s))
	}
	p.remedy(&c.Remedy)
	if len(c.Explains) > 0 {
		p.text("  ", "This explains: "+titles(r, c.Explains)+".")
	}
	if len(c.WouldExplain) > 0 {
		p.text("  ", "It would also explain, had it been tried: "+titles(r, c.WouldExplain)+".")
	}
	if p.Quiet {
		return
	}
	p.text("  ", "Evidence:")
	for _, e := range c.Evidence {
		p.evidence("    ", e)
	}
	p.text("  ", "("+c.Cause+")")
	for _, l := range c.Links {
		p.out.WriteString("  " + l + "\n") // whole, however long: it is to be followed
	}
}

const remedyColumn = 8

func (p *page) remedy(m *checks.Remedy) {
	p.row(2, remedyColumn, bold, "DO", Clean(m.Do))
	for i, s := range m.Steps {
		p.row(remedyColumn, remedyColumn+3, "", strconv.Itoa(i+1), Clean(s))
	}
	for _, c := range m.Commands {
		p.text(strings.Repeat(" ", remedyColumn), fmt.Sprintf("For %s, %s:", OwnerWords(c.Who), ShellWords(c.Shell)))
		run, ok := command(c.Run)
		if !ok {
			run = "(not shown: a name in it holds what cannot be seen)"
		}
		// A command is one line however long: broken, it could not be pasted.
		p.out.WriteString(strings.Repeat(" ", remedyColumn+2) + run + "\n")
	}
	for _, s := range m.DoNot {
		p.row(2, remedyColumn, bold, "NOT", Clean(s))
	}
	if run, ok := command(m.Verify); ok && run != "" {
		p.out.WriteString("  " + p.paint(bold, "THEN") + "  " + run + "\n")
	}
}

// evidence writes one fact with its source, in UTC.
func (p *page) evidence(indent string, e checks.Evidence) {
	s := Clean(e.Fact) + ": " + Clean(e.Observed)
	if e.Expected != "" {
		s += " (expected: " + Clean(e.Expected) + ")"
	}
	var from []string
	if e.Source != "" {
		from = append(from, Clean(e.Source))
	}
	if !e.At.IsZero() {
		from = append(from, e.At.UTC().Format(time.RFC3339))
	}
	if len(from) > 0 {
		s += " · " + strings.Join(from, ", ")
	}
	for i, line := range wrap(s, p.Width-len(indent)-2) {
		lead := indent
		if i > 0 {
			lead += "  "
		}
		p.out.WriteString(lead + line + "\n")
	}
}

// titles names checks by what they state, without the full stop.
func titles(r *Report, ids []string) string {
	var out []string
	for _, id := range ids {
		t := id
		for _, a := range r.Checks {
			if a.ID == id {
				t = a.Title
			}
		}
		out = append(out, t)
	}
	return strings.Join(out, "; ")
}
